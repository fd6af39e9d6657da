"""Stripe, through its official library: payment and setup intents that belong to our own invoices.

Owns all that knows Stripe's words, and nothing that decides. The API version is the one that the library is made for.
"""

from solvent.providers.stripe.adapter import StripeProvider
from solvent.providers.stripe.line import API_VERSION, Line, connect
from solvent.providers.stripe.reading import NAME

__all__ = ["API_VERSION", "NAME", "Line", "StripeProvider", "connect"]
