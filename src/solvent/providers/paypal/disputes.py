"""Disputes: PayPal's cases, as our disputes.

Owns the reading of a case and the two answers to one: evidence, and giving in. PayPal takes the money back once a
case is a claim; before that, in the inquiry, it is only held. Does not own what a dispute leads to (core).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from solvent.core.dispute import DisputeReason, DisputeReport, DisputeState, Evidence, unmapped_word
from solvent.ports.provider import ProviderSilent
from solvent.providers.paypal.amounts import read
from solvent.providers.paypal.line import Line
from solvent.providers.paypal.reading import Thing, moment

PATH = "/v1/customer/disputes"
PAGE_ROWS = 50
PAGES_MAX = 1000
KEPT = timedelta(days=180)
NOTE_MAX = 2000
NAMES = re.compile(r"[A-Za-z0-9-]{1,255}")
FEES = frozenset({"DISPUTE_FEE", "DISPUTE_SETTLEMENT_FEE", "CHARGEBACK_FEE"})

REASONS: Mapping[str, DisputeReason] = {
    "MERCHANDISE_OR_SERVICE_NOT_RECEIVED": DisputeReason.NOT_RECEIVED,
    "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED": DisputeReason.NOT_AS_DESCRIBED,
    "UNAUTHORISED": DisputeReason.FRAUDULENT,
    "CREDIT_NOT_PROCESSED": DisputeReason.CREDIT_NOT_PROCESSED,
    "DUPLICATE_TRANSACTION": DisputeReason.DUPLICATE,
    "INCORRECT_AMOUNT": DisputeReason.INCORRECT_AMOUNT,
    "PAYMENT_BY_OTHER_MEANS": DisputeReason.DUPLICATE,
    "CANCELED_RECURRING_BILLING": DisputeReason.CANCELED,
    "PROBLEM_WITH_REMITTANCE": DisputeReason.NOT_RECEIVED,
    "OTHER": DisputeReason.UNKNOWN,
}
OUTCOMES: Mapping[str, DisputeState] = {
    "RESOLVED_SELLER_FAVOUR": DisputeState.WON,
    "RESOLVED_WITH_PAYOUT": DisputeState.WON,  # PayPal paid both sides
    "DENIED": DisputeState.WON,
    "CANCELED_BY_BUYER": DisputeState.WITHDRAWN,
    "RESOLVED_BUYER_FAVOUR": DisputeState.LOST,
    "ACCEPTED": DisputeState.LOST,
}
CLAIMS: Mapping[str, DisputeState] = {
    "OPEN": DisputeState.NEEDS_RESPONSE,
    "WAITING_FOR_SELLER_RESPONSE": DisputeState.NEEDS_RESPONSE,
    "WAITING_FOR_BUYER_RESPONSE": DisputeState.UNDER_REVIEW,
    "UNDER_REVIEW": DisputeState.UNDER_REVIEW,
}


class Disputes:
    """The merchant's cases, over a line."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def since(self, since: datetime, now: datetime) -> Iterator[DisputeReport]:
        """Cases that changed since then, oldest change first; each is asked about, because a list says too little."""
        query = {"update_time_after": _written(max(since, now - KEPT)), "page_size": str(PAGE_ROWS)}
        rows: list[Thing] = []
        for _ in range(PAGES_MAX):
            answer = self._line.get(PATH, query)
            if answer.issue is not None:
                raise ProviderSilent(f"PayPal lists no disputes: {answer.issue}")
            rows += answer.body.get("items", [])
            following = [link["href"] for link in answer.body.get("links", []) if link["rel"] == "next"]
            if not following:
                break
            query = dict(parse_qsl(urlsplit(following[0]).query))
        for row in sorted(rows, key=lambda each: str(each.get("update_time"))):
            report = self.get(str(row["dispute_id"]))
            if report is not None:
                yield report

    def get(self, ref: str) -> DisputeReport | None:
        """How a case stands; None where there is none of that name."""
        if NAMES.fullmatch(ref) is None:
            return None
        answer = self._line.get(f"{PATH}/{ref}")
        if answer.missing:
            return None
        if answer.issue is not None:
            raise ProviderSilent(f"PayPal does not tell of a dispute: {answer.issue}")
        return _report(answer.body)

    def about(self, payment_ref: str) -> DisputeReport | None:
        """The case about a capture; None while there is none."""
        answer = self._line.get(PATH, {"disputed_transaction_id": payment_ref})
        if answer.issue is not None:
            raise ProviderSilent(f"PayPal lists no disputes: {answer.issue}")
        rows = answer.body.get("items", [])
        return self.get(str(rows[0]["dispute_id"])) if rows else None

    def submit(self, ref: str, evidence: Evidence) -> DisputeReport | None:
        """Send evidence; a case that takes none any more stays as it is."""
        if NAMES.fullmatch(ref) is None:
            return None
        notes = {"evidence_type": "OTHER", "notes": evidence.statement[:NOTE_MAX]}
        self._line.post_form(f"{PATH}/{ref}/provide-evidence", {"evidences": [notes]})
        return self.get(ref)

    def accept(self, ref: str) -> DisputeReport | None:
        """Give in; a case that is decided stays as it is."""
        if NAMES.fullmatch(ref) is None:
            return None
        self._line.post_form(f"{PATH}/{ref}/accept-claim", {"note": "accepted by the merchant"})
        return self.get(ref)


def _report(case: Thing) -> DisputeReport:
    """A case in our words; `ProviderSilent` if it makes no sense."""
    try:
        transaction = case["disputed_transactions"][0]
        amount, currency = read(case["dispute_amount"])
        fee, fee_currency = _fee(case)
        due = case.get("seller_response_due_date")
        (state, word), reason = _state(case), str(case.get("reason", "OTHER"))
        return DisputeReport(
            ref=str(case["dispute_id"]),
            payment_ref=str(transaction["seller_transaction_id"]),
            key=_key(transaction),
            amount=amount,
            currency=currency,
            state=state,
            opened_at=moment(case["create_time"]),
            reason=REASONS.get(reason, DisputeReason.UNKNOWN),
            evidence_due_by=None if due is None else moment(due),
            changed_at=moment(case["update_time"]),
            fee=fee,
            fee_currency=fee_currency,
            unmapped=unmapped_word(state, word, reason, REASONS),
        )
    except (KeyError, TypeError, ValueError, IndexError) as fault:
        raise ProviderSilent(f"PayPal's dispute cannot be read: {type(fault).__name__}") from None


def _state(case: Thing) -> tuple[DisputeState, str]:
    """In our word, and in PayPal's."""
    status = str(case["status"])
    if status == "RESOLVED":
        outcome = str(case.get("dispute_outcome", {}).get("outcome_code"))
        return OUTCOMES.get(outcome, DisputeState.UNKNOWN), outcome
    if case.get("dispute_life_cycle_stage") == "INQUIRY":
        return DisputeState.WARNING, status
    return CLAIMS.get(status, DisputeState.UNKNOWN), status


def _fee(case: Thing) -> tuple[int, str | None]:
    """All that PayPal has charged the seller for the case."""
    fees = [
        read(each["amount"])
        for each in case.get("money_movements", [])
        if each.get("reason") in FEES and each.get("affected_party") == "SELLER"
    ]
    return sum(minor for minor, _ in fees), fees[0][1] if fees else None


def _key(transaction: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(hex=str(transaction.get("custom")))
    except ValueError:
        return None


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
