"""Reading: lists, disputes and movements as the bank answers them, in our words.

Owns that what lacks what it must say cannot be read (`ProviderSilent`). Does not own the tables (`translation`) nor
payments (`adapter`).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from solvent.core.dispute import DisputeReason, DisputeReport, DisputeState, unmapped_word
from solvent.core.expiry import last_day
from solvent.core.movement import Movement, MovementKind
from solvent.core.payment import MethodSeen
from solvent.ports.provider import ProviderSilent, RefundOutcome, RefundReport
from solvent.providers.sandbox.translation import DISPUTE_REASONS, DISPUTE_STATES, MOVEMENTS, Translation
from solvent.providers.sandbox.transport import Answer


def rows_of(answer: Answer) -> list[Mapping[str, Any]]:
    """The rows of a list answer; a refusal of a mere question is an answer that cannot be read."""
    if "data" not in answer:
        raise ProviderSilent(f"the bank answered no list: {answer.get('error')}")
    rows: list[Mapping[str, Any]] = answer["data"]
    return rows


def refund_of(row: Mapping[str, Any], words: Translation) -> RefundReport:
    """A refund in our words; a status without a translation is UNKNOWN. One that cannot be read: `ProviderSilent`."""
    try:
        said = row["status"]
        outcome = words.refunds.get(said, RefundOutcome.UNKNOWN)
        return RefundReport(
            outcome=outcome,
            key=UUID(hex=row["key"]),
            ref=row["id"],
            unmapped=said if outcome is RefundOutcome.UNKNOWN else None,
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise ProviderSilent(f"the bank's answer cannot be read: {type(fault).__name__}") from None


def method_seen(row: Mapping[str, Any]) -> MethodSeen:
    """A vaulted method in our words. One that cannot be read: `ProviderSilent`."""
    try:
        return MethodSeen(label=row["label"], expires_on=last_day_of(row["expires"]))
    except (KeyError, TypeError, ValueError) as fault:
        raise ProviderSilent(f"the bank's answer cannot be read: {type(fault).__name__}") from None


def last_day_of(month: str | None) -> date | None:
    """The bank writes the month as ``2027-03``."""
    return None if month is None else last_day(*(int(part) for part in month.split("-")))


def known_dispute(answer: Answer) -> DisputeReport | None:
    if "error" in answer and answer["error"]["code"] == "not_found":
        return None
    return dispute_of(answer)


def dispute_of(row: Mapping[str, Any]) -> DisputeReport:
    """A dispute in our words; a state without a translation is UNKNOWN. One that cannot be read: `ProviderSilent`."""
    try:
        due_by = row["due_by"]
        state = DISPUTE_STATES.get(row["state"], DisputeState.UNKNOWN)
        return DisputeReport(
            ref=row["id"],
            payment_ref=row["payment"],
            key=UUID(hex=row["key"]),
            amount=row["amount"],
            currency=row["currency"],
            state=state,
            reason=DISPUTE_REASONS.get(row["reason"], DisputeReason.UNKNOWN),
            opened_at=instant(row["opened_at"]),
            changed_at=instant(row["changed_at"]),
            evidence_due_by=None if due_by is None else instant(due_by),
            fee=row["fee"],
            unmapped=unmapped_word(state, row["state"], row["reason"], DISPUTE_REASONS),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise ProviderSilent(f"the bank's answer cannot be read: {type(fault).__name__}") from None


def movement_of(row: Mapping[str, Any]) -> Movement:
    """A row of the statement in our words; what a dispute costs is a fee of it. Unreadable: `ProviderSilent`."""
    try:
        costs = row["kind"] == "dispute_fee"
        fee = -row["amount"] if costs else row["fee"]
        return Movement(
            name=f"{row['id']}:{row['place']}",
            kind=MOVEMENTS.get(row["kind"], MovementKind.OTHER),
            ref=row["id"],
            key=key_in(row["key"]),
            amount=0 if costs else row["amount"],
            currency=row["currency"],
            moved_at=instant(row["at"]),
            fee=fee,
            fee_currency=row["currency"] if fee else None,
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise ProviderSilent(f"the bank's answer cannot be read: {type(fault).__name__}") from None


def instant(value: datetime | str) -> datetime:
    """A time as it comes: in process as such, over HTTP as ISO 8601."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def key_in(text: str) -> UUID | None:
    try:
        return UUID(hex=text)
    except ValueError:
        return None
