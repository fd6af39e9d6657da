"""Requests: our requests as Stripe wants them.

Owns the parameters of every call that creates something, and what is written into an intent's metadata so that it can
be found, and read, without our database. Does not own the calls (`adapter`) nor how answers are read (`reading`).
"""

from collections.abc import Sequence
from typing import Any

from solvent.core.payment import Authentication
from solvent.ports.provider import PaymentRequest, RefundRequest
from solvent.providers.stripe.currencies import to_stripe
from solvent.providers.stripe.reading import ACCOUNT, EXPIRES, KEY, OFF_SESSION, REFUND_KEY, RETURN_URL

Parameters = dict[str, Any]

EXPANDED = ["latest_charge", "payment_method"]
EXPANDED_SETUP = ["payment_method"]
METADATA_CHARS_MAX = 500
CARD = "card"
SECURED = {CARD: {"request_three_d_secure": "any"}}
DEBITS = {
    "AUD": "au_becs_debit",
    "CAD": "acss_debit",
    "EUR": "sepa_debit",
    "GBP": "bacs_debit",
    "NZD": "nz_bank_account",
    "USD": "us_bank_account",
}


def payment(request: PaymentRequest, customer: str) -> Parameters:
    """A payment intent. On-session its method is kept for later: that is how methods come to us."""
    parameters: Parameters = {
        "amount": to_stripe(request.amount, request.currency),
        "currency": request.currency.lower(),
        "customer": customer,
        "description": request.description,
        "metadata": written(request),
        "expand": EXPANDED,
        **methods(request),
    }
    if not request.off_session:
        parameters["setup_future_usage"] = "off_session"
    if request.method is not None:
        parameters["payment_method"], mandate = token_parts(request.method)
        if request.off_session and mandate:
            parameters["mandate"] = mandate
    if request.off_session:
        parameters |= {"confirm": True, "off_session": True}
    return parameters


def setup(request: PaymentRequest, customer: str) -> Parameters:
    """A setup intent: a method and its mandate, without money."""
    parameters: Parameters = {
        "customer": customer,
        "usage": "off_session",
        "description": request.description,
        "metadata": written(request),
        "expand": EXPANDED_SETUP,
        **methods(request),
    }
    if request.method is not None:
        parameters["payment_method"], _ = token_parts(request.method)
    return parameters


def refund(request: RefundRequest) -> Parameters:
    """Some of a payment, back."""
    return {
        "payment_intent": request.payment_ref,
        "amount": to_stripe(request.amount, request.currency),
        "metadata": {REFUND_KEY: request.key.hex},
    }


def token_parts(token: str) -> tuple[str, str | None]:
    """A token's method and mandate."""
    method, _, mandate = token.partition("/")
    return method, mandate or None


def methods(request: PaymentRequest, otherwise: Sequence[str] = ()) -> Parameters:
    """The types of the kind that was chosen, or those `otherwise`; without them whatever the merchant has switched on
    at Stripe, methods on other pages only where there is a way back. Who must be authenticated pays by card alone: for
    cards 3-D Secure can be asked for."""
    types = types_of(request.kind, request.currency) or list(otherwise)
    if request.authentication is Authentication.REQUIRED:
        types = [CARD]
    asked = request.authentication is not Authentication.AUTOMATIC and (not types or CARD in types)
    options: Parameters = {"payment_method_options": SECURED} if asked else {}
    if types:
        return {"payment_method_types": types, **options}
    redirects = "always" if _way_back(request) else "never"
    return {"automatic_payment_methods": {"enabled": True, "allow_redirects": redirects}, **options}


def types_of(kind: str | None, currency: str) -> list[str]:
    """Stripe's types of a kind of method: Apple Pay and Google Pay are cards there, and a debit follows the currency.
    None where it has none."""
    match kind:
        case "card":
            return [CARD]
        case "wallet":
            return [CARD, "link"]
        case "bank_debit":
            return [DEBITS[currency]] if currency in DEBITS else []
        case _:
            return []


def _way_back(request: PaymentRequest) -> str | None:
    """Where a page of the bank's sends the payer; it has to fit into the metadata until then."""
    url = request.return_url
    return url if url is not None and len(url) <= METADATA_CHARS_MAX and not request.off_session else None


def written(request: PaymentRequest) -> dict[str, str]:
    """What is written into an intent, so that it can be found, and read, without our database."""
    metadata = {
        KEY: request.key.hex,
        ACCOUNT: request.customer.hex,
        EXPIRES: str(int(request.expires_at.timestamp())),
    }
    if request.off_session:
        metadata[OFF_SESSION] = "yes"
    url = _way_back(request)
    if url is not None:
        metadata[RETURN_URL] = url
    return metadata
