"""Refunds at Stripe.

Owns that a refund is made once, however late it is asked for again: Stripe forgets idempotency keys after a day, so the
payment's refunds are looked at first, and ours carries its id; and how one stands, which may change for the worse after
it has succeeded. Does not own when money is given back.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import stripe

from solvent.ports.provider import ProviderSilent, RefundOutcome, RefundReport, RefundRequest
from solvent.providers.stripe.calls import Refused, ask, changed, pages
from solvent.providers.stripe.reading import REFUND_KEY, Told, uuid_of
from solvent.providers.stripe.requests import refund

_OUTCOMES = {
    "succeeded": RefundOutcome.SUCCEEDED,
    "pending": RefundOutcome.PROCESSING,
    "requires_action": RefundOutcome.PROCESSING,
    "failed": RefundOutcome.FAILED,
    "canceled": RefundOutcome.FAILED,
}
_CHANGES = ["charge.refund.updated", "refund.created", "refund.failed", "refund.updated"]


class Refunds:
    """The merchant's refunds."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._refunds = client.v1.refunds
        self._events = client.v1.events

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
        return _told(known, request.key)

    def find(self, ref: str) -> RefundReport | None:
        """How a refund stands; None for one that is not ours, or that Stripe never heard of."""
        try:
            known = ask(self._refunds.retrieve, ref)
        except Refused as refusal:
            if refusal.missing:
                return None
            raise ProviderSilent(f"Stripe refused a look-up: {refusal}") from None
        key = _key_of(known)
        return None if key is None else _told(known, key)

    def changed(self, since: datetime) -> Iterator[RefundReport]:
        """Our refunds with an event since then, in the order of their last one, each as it stands now."""
        for thing in changed(self._events.list, since, _CHANGES):
            report = self.find(thing["id"]) if _key_of(thing) is not None else None
            if report is not None:
                yield report

    def _known(self, request: RefundRequest) -> Told | None:
        rows = pages(self._refunds.list, {"payment_intent": request.payment_ref})
        return next((row for row in rows if _key_of(row) == request.key), None)


def _told(refund: Told, key: UUID) -> RefundReport:
    status = refund["status"]
    outcome = _OUTCOMES.get(status, RefundOutcome.UNKNOWN)
    unmapped = None if status in _OUTCOMES else str(status)
    return RefundReport(outcome=outcome, key=key, ref=refund["id"], unmapped=unmapped)


def _key_of(row: Told) -> UUID | None:
    return uuid_of((row.get("metadata") or {}).get(REFUND_KEY))
