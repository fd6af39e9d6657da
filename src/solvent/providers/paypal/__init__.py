"""PayPal through its REST API: Orders v2, Payments v2, Vault v3, Disputes v1, Notifications v1.

Owns everything in which PayPal differs: redirect instead of confirmation in the page, an agreement instead of a card,
capture of an approved order as confirmation. Does not own any decision; see docs/paypal.md.
"""

from solvent.providers.paypal.adapter import PayPalProvider
from solvent.providers.paypal.certificates import Certificates
from solvent.providers.paypal.connecting import Merchant, connect
from solvent.providers.paypal.line import Line
from solvent.providers.paypal.notifications import ByApi, ByCertificate

__all__ = ["ByApi", "ByCertificate", "Certificates", "Line", "Merchant", "PayPalProvider", "connect"]
