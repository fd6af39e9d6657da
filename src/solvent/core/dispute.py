"""Dispute: a payment that its payer contests, and how far the contest has come.

Owns the closed vocabularies (state, reason), the transition table, which states hold money, and what a report changes
of a dispute. Does not own what follows for the invoice and in the ledger (`disputing`) nor any provider's words
(adapters translate).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class DisputeState(StrEnum):
    """Where a dispute stands. WARNING: the payer asks, and no money has moved. UNKNOWN: a state that nobody mapped;
    nothing follows from it, and it is never recorded."""

    WARNING = "warning"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    WITHDRAWN = "withdrawn"
    LOST = "lost"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"


class DisputeReason(StrEnum):
    """Why the payer contests the payment; what an adapter does not recognise is UNKNOWN. DEBIT_RETURNED: nobody
    contests it, the payer's bank took back a debit that had been paid out (no funds, no such account)."""

    FRAUDULENT = "fraudulent"
    UNRECOGNIZED = "unrecognized"
    DUPLICATE = "duplicate"
    CANCELED = "canceled"
    NOT_RECEIVED = "not_received"
    NOT_AS_DESCRIBED = "not_as_described"
    CREDIT_NOT_PROCESSED = "credit_not_processed"
    INCORRECT_AMOUNT = "incorrect_amount"
    DEBIT_RETURNED = "debit_returned"
    UNKNOWN = "unknown"


OPEN = frozenset({DisputeState.WARNING, DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW})
HELD = frozenset({DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW})
"""The provider has taken the money back until it is decided."""
GONE = frozenset({DisputeState.LOST, DisputeState.ACCEPTED})
"""The money has gone back to the payer."""
KEPT = frozenset({DisputeState.WON, DisputeState.WITHDRAWN})
"""The money is the merchant's, or is so again."""

# What is decided stays so, but for the rare decision that a network reverses: then the money comes back.
TRANSITIONS: Mapping[DisputeState, frozenset[DisputeState]] = {
    DisputeState.WARNING: HELD | KEPT | GONE,
    DisputeState.NEEDS_RESPONSE: frozenset({DisputeState.UNDER_REVIEW}) | KEPT | GONE,
    DisputeState.UNDER_REVIEW: frozenset({DisputeState.NEEDS_RESPONSE}) | KEPT | GONE,
    DisputeState.LOST: KEPT,
    DisputeState.ACCEPTED: KEPT,
    DisputeState.WON: frozenset(),
    DisputeState.WITHDRAWN: frozenset(),
    DisputeState.UNKNOWN: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeReport:
    """What a provider says of one dispute. `ref` is its name for it, `payment_ref` for the payment, `key` the id of our
    attempt; amounts in minor units. `fee` is all that the provider has charged for it so far, in a currency that may
    be another one. `changed_at` orders reports, as far as the provider says when it changed. `unmapped` is the
    provider's word for the state, or else for the reason, if its adapter has no translation for that.

    Raises ValueError for amounts that no dispute has.
    """

    ref: str
    payment_ref: str
    key: UUID | None
    amount: int
    currency: str
    state: DisputeState
    opened_at: datetime
    reason: DisputeReason = DisputeReason.UNKNOWN
    evidence_due_by: datetime | None = None
    changed_at: datetime | None = None
    fee: int = 0
    fee_currency: str | None = None
    unmapped: str | None = None

    def __post_init__(self) -> None:
        if self.amount <= 0 or self.fee < 0:
            raise ValueError(f"dispute {self.ref}: of {self.amount}, for a fee of {self.fee}")


def unmapped_word(
    state: DisputeState, status: str, reason: str, reasons: Mapping[str, DisputeReason]
) -> str | None:
    """Which of a provider's two words nobody translated: its status, where we call that UNKNOWN, else its reason."""
    if state is DisputeState.UNKNOWN:
        return status
    return None if reason in reasons else reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the merchant says against a dispute: `statement`, in plain words."""

    statement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a lost dispute took of a payment, in minor units: `to_debt` of what it had paid on its invoice, which is
    owed again, and `from_credit` of the account's credit."""

    payment_id: UUID
    to_debt: int
    from_credit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What a lost dispute took, in minor units: by payment, where the money had paid several debts; and what is
    `written_off`, because it had been given back or spent before."""

    parts: tuple[Taken, ...]
    written_off: int

    @property
    def to_debt(self) -> int:
        """What is owed again."""
        return sum(part.to_debt for part in self.parts)

    @property
    def from_credit(self) -> int:
        """What went out of account credit."""
        return sum(part.from_credit for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A dispute as it is recorded. `payment_id` is the payment, the first one where the money paid several debts.
    `loss` is what it took when it was lost, whatever was decided later."""

    id: UUID
    payment_id: UUID
    payment_ref: str
    provider: str
    ref: str
    amount: int
    currency: str
    state: DisputeState
    reason: DisputeReason
    opened_at: datetime
    evidence_due_by: datetime | None
    changed_at: datetime | None
    fee: int
    fee_currency: str
    version: int = 1
    loss: Loss | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is not decided yet."""
        return self.state in OPEN

    @property
    def written_off(self) -> int:
        """What of it is a loss of the merchant's now."""
        return self.loss.written_off if self.loss is not None and self.state in GONE else 0

    @property
    def held(self) -> int:
        """What the provider holds of the payment until it is decided."""
        return self.amount if self.state in HELD else 0


def begin(report: DisputeReport, dispute_id: UUID, payment_id: UUID, provider: str) -> Dispute:
    """The dispute as its first report tells it."""
    return Dispute(
        id=dispute_id,
        payment_id=payment_id,
        payment_ref=report.payment_ref,
        provider=provider,
        ref=report.ref,
        amount=report.amount,
        currency=report.currency,
        state=report.state,
        reason=report.reason,
        opened_at=report.opened_at,
        evidence_due_by=report.evidence_due_by,
        changed_at=report.changed_at,
        fee=report.fee,
        fee_currency=report.fee_currency or report.currency,
    )


def follow(before: Dispute, report: DisputeReport) -> Dispute:
    """The dispute as it stands after a report: as before, where that says nothing new or is older than what is known.

    What is decided keeps its amount; only a fee may still change, and the decision as `TRANSITIONS` says.
    """
    moves = report.state in TRANSITIONS[before.state] or report.state is before.state
    if not moves or _older(before, report):
        return before
    fee, fee_currency = _fee(before, report)
    after = replace(
        before,
        state=report.state,
        reason=report.reason,
        evidence_due_by=report.evidence_due_by,
        changed_at=report.changed_at or before.changed_at,
        amount=report.amount if before.is_open else before.amount,
        fee=fee,
        fee_currency=fee_currency,
    )
    return before if after == before else replace(after, version=before.version + 1)


def regain(before: Dispute, part: Taken) -> Dispute:
    """The dispute when so much of what it had written off was to be had from account credit after all."""
    assert before.loss is not None, f"dispute {before.ref}: was never lost"
    assert part.from_credit <= before.written_off, (
        f"dispute {before.ref}: wrote less off than {part.from_credit}"
    )
    loss = Loss(parts=(*before.loss.parts, part), written_off=before.loss.written_off - part.from_credit)
    return replace(before, loss=loss, version=before.version + 1)


def _fee(before: Dispute, report: DisputeReport) -> tuple[int, str]:
    """What is charged now; what was charged in one currency is never read as an amount of another one."""
    told = report.fee_currency or report.currency
    if before.fee and told != before.fee_currency:
        return before.fee, before.fee_currency
    return report.fee, told


def _older(before: Dispute, report: DisputeReport) -> bool:
    known, told = before.changed_at, report.changed_at
    return known is not None and told is not None and told < known
