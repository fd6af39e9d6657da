"""Refunds at Stripe.

Owns that a refund is made once, however late it is asked for again: Stripe forgets idempotency keys after a day, so the
payment's refunds are looked at first, and ours carries its id. Does not own when money is given back.
"""

import stripe

from solvent.ports.provider import RefundOutcome, RefundReport, RefundRequest
from solvent.providers.stripe.calls import Refused, ask, pages
from solvent.providers.stripe.reading import REFUND_KEY, Told, uuid_of
from solvent.providers.stripe.requests import refund

_OUTCOMES = {
    "succeeded": RefundOutcome.SUCCEEDED,
    "pending": RefundOutcome.PROCESSING,
    "requires_action": RefundOutcome.PROCESSING,
    "failed": RefundOutcome.FAILED,
    "canceled": RefundOutcome.FAILED,
}


class Refunds:
    """The merchant's refunds."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._refunds = client.v1.refunds

    def refund(self, request: RefundRequest) -> RefundReport:
        """Refund, or say how the refund stands. A refusal is final: no money goes back under this key."""
        try:
            known = self._known(request)
            if known is None:
                known = ask(self._refunds.create, refund(request), {"idempotency_key": request.key.hex})
        except Refused as refusal:
            if refusal.key_reused:
                return RefundReport(outcome=RefundOutcome.UNKNOWN, key=request.key, unmapped=str(refusal))
            return RefundReport(outcome=RefundOutcome.FAILED, key=request.key)
        status = known["status"]
        outcome = _OUTCOMES.get(status, RefundOutcome.UNKNOWN)
        unmapped = None if status in _OUTCOMES else str(status)
        return RefundReport(outcome=outcome, key=request.key, ref=known["id"], unmapped=unmapped)

    def _known(self, request: RefundRequest) -> Told | None:
        rows = pages(self._refunds.list, {"payment_intent": request.payment_ref})
        return next((row for row in rows if _key_of(row) == request.key), None)


def _key_of(row: Told) -> object:
    return uuid_of((row.get("metadata") or {}).get(REFUND_KEY))
