"""Requests: our payments as PayPal's orders and setup tokens.

Owns the bodies of requests and the names under which PayPal knows our things: an order bears the attempt's id as
`custom_id` and as `invoice_id` (of which PayPal takes money once), a payer's vault the account's id. Does not own
how they are sent (`line`) nor how answers are read (`reading`).
"""

from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID

from solvent.ports.provider import PaymentRequest, RefundRequest
from solvent.providers.paypal.amounts import written

AGREEMENT_PREFIX = "B-"  # of a billing agreement, as PayPal named them before it had a vault
STORED = "stored"  # an order's reference where a stored method pays, so that nothing is left to the payer
DESCRIPTION_MAX = 127
NOWHERE = "https://example.com/"  # PayPal wants a place to send the payer back to even where there is none


def order(request: PaymentRequest, brand: str) -> dict[str, Any]:
    """An order that the payer approves; with a stored method, one that waits to be captured from it."""
    unit = {
        "reference_id": "default" if request.method is None else STORED,
        "custom_id": request.key.hex,
        "invoice_id": request.key.hex,
        "description": request.description[:DESCRIPTION_MAX],
        "amount": written(request.amount, request.currency),
    }
    body: dict[str, Any] = {"intent": "CAPTURE", "purchase_units": [unit]}
    if request.method is None:
        body["payment_source"] = {
            "paypal": {
                "experience_context": _experience(request, brand) | {"user_action": "PAY_NOW"},
                "attributes": {
                    "customer": {"id": vault_customer(request.customer)},
                    "vault": {"store_in_vault": "ON_SUCCESS", "usage_type": "MERCHANT"},
                },
            }
        }
    return body


def charge(request: PaymentRequest, method: str, brand: str) -> dict[str, Any]:
    """An order that is captured as it is created, from a stored method."""
    return order(request, brand) | {"payment_source": source(method)}


def source(method: str) -> dict[str, Any]:
    """A stored method as an order's payment source: a vault token, or an agreement from before the vault."""
    if method.startswith(AGREEMENT_PREFIX):
        return {"token": {"id": method, "type": "BILLING_AGREEMENT"}}
    return {"paypal": {"vault_id": vault_id(method)}}


def method_token(vault_id: str, customer: str) -> str:
    """A vault token as we keep it, with whose it is: PayPal would charge it for anybody."""
    return f"{vault_id}.{customer}"


def vault_id(method: str) -> str:
    """PayPal's name of a method that we keep."""
    return method.partition(".")[0]


def is_of(method: str, account: UUID) -> bool:
    """Whether a method is the account's; one that does not say so (it was not vaulted by us) may be anybody's."""
    owner = method.partition(".")[2]
    return owner in ("", vault_customer(account))


def setup(request: PaymentRequest, brand: str) -> dict[str, Any]:
    """A setup token, which the payer approves so that later charges need no approval."""
    wallet = {"usage_type": "MERCHANT", "experience_context": _experience(request, brand)}
    return {"customer": {"id": vault_customer(request.customer)}, "payment_source": {"paypal": wallet}}


def token(source_id: str, kind: str, customer: str) -> dict[str, Any]:
    """A payment token in exchange for an approved setup token, or for a billing agreement."""
    return {"customer": {"id": customer}, "payment_source": {"token": {"id": source_id, "type": kind}}}


def refund(request: RefundRequest) -> dict[str, Any]:
    """Money back, under the refund's own id."""
    return {
        "amount": written(request.amount, request.currency),
        "custom_id": request.key.hex,
        "invoice_id": request.key.hex,
    }


def vault_customer(account: UUID) -> str:
    """The account's id in the 22 characters that PayPal has for a customer's."""
    return urlsafe_b64encode(account.bytes).decode().rstrip("=")


def _experience(request: PaymentRequest, brand: str) -> dict[str, Any]:
    back = request.return_url or NOWHERE
    return {
        "brand_name": brand,
        "shipping_preference": "NO_SHIPPING",
        "return_url": back,
        "cancel_url": back,
    }
