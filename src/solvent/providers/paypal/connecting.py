"""Connecting: the adapter from what a merchant has of PayPal.

Owns how the parts are put together. Does not own the settings (`config`) nor the boundary around the adapter.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from solvent.providers.paypal.adapter import PayPalProvider
from solvent.providers.paypal.certificates import Certificates
from solvent.providers.paypal.line import Line
from solvent.providers.paypal.notifications import ByApi, ByCertificate, Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """What PayPal gave the merchant: an app's credentials, and the id of the webhook that is told of it."""

    url: str
    client_id: str
    secret: str = field(repr=False)
    webhook_id: str
    brand: str
    proof: Literal["certificate", "api"]


def connect(
    merchant: Merchant, clock: Callable[[], datetime], *, connect_timeout_s: float, read_timeout_s: float
) -> PayPalProvider:
    """The adapter for one merchant; nothing is asked of PayPal before the first call."""
    line = Line(
        merchant.url,
        merchant.client_id,
        merchant.secret,
        connect_timeout_s=connect_timeout_s,
        read_timeout_s=read_timeout_s,
    )
    proof: Proof = (
        ByApi(merchant.webhook_id, line)
        if merchant.proof == "api"
        else ByCertificate(merchant.webhook_id, Certificates())
    )
    return PayPalProvider(line, proof, clock=clock, brand=merchant.brand, client_id=merchant.client_id)
