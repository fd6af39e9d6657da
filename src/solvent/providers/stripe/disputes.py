"""Disputes at Stripe, in our words.

Owns the tables of states and reasons, and what a dispute costs beside its amount. Does not own what follows from one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import stripe

from solvent.core.dispute import DisputeReason, DisputeReport, DisputeState, Evidence, unmapped_word
from solvent.ports.provider import ProviderSilent
from solvent.providers.stripe.calls import Refused, ask, changed
from solvent.providers.stripe.currencies import from_stripe
from solvent.providers.stripe.reading import Told, key_of
from solvent.providers.stripe.requests import Parameters

_STATES = {
    "warning_needs_response": DisputeState.WARNING,
    "warning_under_review": DisputeState.WARNING,
    "warning_closed": DisputeState.WITHDRAWN,
    "needs_response": DisputeState.NEEDS_RESPONSE,
    "under_review": DisputeState.UNDER_REVIEW,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}
_REASONS = {
    "bank_cannot_process": DisputeReason.DEBIT_RETURNED,
    "check_returned": DisputeReason.DEBIT_RETURNED,
    "credit_not_processed": DisputeReason.CREDIT_NOT_PROCESSED,
    "customer_initiated": DisputeReason.UNKNOWN,
    "debit_not_authorized": DisputeReason.FRAUDULENT,
    "duplicate": DisputeReason.DUPLICATE,
    "fraudulent": DisputeReason.FRAUDULENT,
    "general": DisputeReason.UNKNOWN,
    "incorrect_account_details": DisputeReason.DEBIT_RETURNED,
    "insufficient_funds": DisputeReason.DEBIT_RETURNED,
    "noncompliant": DisputeReason.UNKNOWN,
    "product_not_received": DisputeReason.NOT_RECEIVED,
    "product_unacceptable": DisputeReason.NOT_AS_DESCRIBED,
    "subscription_canceled": DisputeReason.CANCELED,
    "unrecognized": DisputeReason.UNRECOGNIZED,
}
_CHANGES = [
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
]
_EXPANDED = ["payment_intent"]


class Disputes:
    """The merchant's disputes."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._disputes = client.v1.disputes
        self._events = client.v1.events

    def find(self, ref: str) -> DisputeReport | None:
        """How a dispute stands."""
        try:
            return _told(ask(self._disputes.retrieve, ref, {"expand": _EXPANDED}))
        except Refused as refusal:
            if refusal.missing:
                return None
            raise ProviderSilent(f"Stripe refused a look-up: {refusal}") from None

    def answer(self, ref: str, evidence: Evidence) -> DisputeReport | None:
        """Submit a statement; once submitted, or decided, Stripe takes no other."""
        told: Parameters = {
            "evidence": {"uncategorized_text": evidence.statement},
            "submit": True,
            "expand": _EXPANDED,
        }
        try:
            return _told(ask(self._disputes.update, ref, told))
        except Refused:
            return self.find(ref)

    def accept(self, ref: str) -> DisputeReport | None:
        """Close it: then it is lost."""
        try:
            return _told(ask(self._disputes.close, ref, {"expand": _EXPANDED}))
        except Refused:
            return self.find(ref)

    def changed(self, since: datetime) -> Iterator[DisputeReport]:
        """The disputes with an event since then, in the order of their last one, each as it stands now."""
        for thing in changed(self._events.list, since, _CHANGES):
            report = self.find(thing["id"])
            if report is not None:
                yield report


def _told(dispute: Told) -> DisputeReport:
    """A dispute in our words; one that lacks what it must say cannot be read."""
    try:
        return _read(dispute)
    except (KeyError, TypeError, ValueError) as fault:
        raise ProviderSilent(f"Stripe's answer cannot be read: {type(fault).__name__}") from None


def _read(dispute: Told) -> DisputeReport:
    currency, intent, due = (
        dispute["currency"].upper(),
        dispute["payment_intent"],
        dispute["evidence_details"]["due_by"],
    )
    withdrawn = dispute["balance_transactions"]
    fees = {row["currency"].upper() for row in withdrawn if row["fee"]}
    fee_currency = fees.pop() if len(fees) == 1 else None
    fee = sum(row["fee"] for row in withdrawn) if fee_currency else 0
    state, reason = _state(dispute), str(dispute["reason"])
    return DisputeReport(
        ref=dispute["id"],
        payment_ref=intent["id"],
        key=key_of(intent),
        amount=from_stripe(dispute["amount"], currency),
        currency=currency,
        state=state,
        opened_at=datetime.fromtimestamp(dispute["created"], UTC),
        reason=_REASONS.get(reason, DisputeReason.UNKNOWN),
        evidence_due_by=datetime.fromtimestamp(due, UTC) if due else None,
        fee=max(from_stripe(fee, fee_currency), 0) if fee_currency else 0,
        fee_currency=fee_currency,
        unmapped=unmapped_word(state, str(dispute["status"]), reason, _REASONS),
    )


def _state(dispute: Told) -> DisputeState:
    """One that was *prevented* has ended before it began: what the payer got back, if anything, says for whom."""
    if dispute["status"] == "prevented":
        gone = sum(row["amount"] for row in dispute["balance_transactions"]) < 0
        return DisputeState.LOST if gone else DisputeState.WITHDRAWN
    return _STATES.get(dispute["status"], DisputeState.UNKNOWN)
