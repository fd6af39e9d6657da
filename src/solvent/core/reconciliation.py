"""Reconciliation: our books against a provider's lists and its statement.

Owns what is compared with what, and what a difference is called. Does not own the vocabulary (`difference`), the
reading of either side nor the repair (`flows.reconciliation`).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from solvent.core.difference import About, Difference, DifferenceKind, Repair, Seen
from solvent.core.dispute import GONE, KEPT, Dispute, DisputeReport, DisputeState
from solvent.core.fees import has_fee
from solvent.core.movement import Movement, MovementKind
from solvent.core.payment import IN_FLIGHT, AttemptState, Outcome, Report

DECIDED = frozenset({Outcome.SUCCEEDED, Outcome.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class OurPayment:
    """A payment in the books: all parts of the money under one `ref`, for the attempt `key`."""

    key: UUID
    ref: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OurRefund:
    """A refund in the books."""

    key: UUID
    ref: str | None
    payment_ref: str
    amount: int
    currency: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OurAttempt:
    """An attempt in the journal; `paid` says whether the money under the journal's ref is in the books, `young` that it
    was begun after the time that is compared: what became of it may be on its way."""

    state: AttemptState
    ref: str | None
    paid: bool
    young: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """What our side has of what theirs names. `recent` are the payments, and `given` the refunds that succeeded, of the
    time that is compared, which theirs must name as well. `fees` by the movement's name."""

    attempts: Mapping[UUID, OurAttempt] = field(default_factory=dict)
    payments: Mapping[str, OurPayment] = field(default_factory=dict)
    refunds: Mapping[UUID, OurRefund] = field(default_factory=dict)
    disputes: Mapping[str, Dispute] = field(default_factory=dict)
    fees: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    recent: Sequence[OurPayment] = ()
    given: Sequence[OurRefund] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Theirs:
    """What a provider lists: its statement, and the attempts and disputes that changed."""

    movements: Sequence[Movement] = ()
    reports: Sequence[Report] = ()
    disputes: Sequence[DisputeReport] = ()


def compare(ours: Ours, theirs: Theirs) -> tuple[Difference, ...]:
    """Every difference, in the order of the statement, then of the lists, then of our books."""
    return (
        *_payments(ours, theirs),
        *_refunds(ours, theirs),
        *(d for m in theirs.movements for d in _fee(m, ours)),
        *(d for dispute in theirs.disputes for d in _dispute(dispute, ours)),
        *(d for report in theirs.reports for d in _attempt(report, ours)),
    )


def _payments(ours: Ours, theirs: Theirs) -> Iterator[Difference]:
    told = [m for m in theirs.movements if m.kind is MovementKind.PAYMENT]
    for movement in told:
        mine = ours.payments.get(movement.ref or "")
        if mine is None:
            yield _unrecorded(movement, ours)
        else:
            yield from _unequal(About.PAYMENT, movement, mine.amount, mine.currency)
    refs = {m.ref for m in told}
    for payment in ours.recent:
        if payment.ref not in refs:
            seen = Seen(amount=payment.amount, currency=payment.currency)
            yield _difference(
                DifferenceKind.THEIRS_MISSING, About.PAYMENT, payment.ref, payment.key, ours=seen
            )


def _unrecorded(movement: Movement, ours: Ours) -> Difference:
    """Money of which the books know nothing. Where it bears an attempt of ours, settling decides what it is: what was
    waited for, or a second charge."""
    attempt = None if movement.key is None else ours.attempts.get(movement.key)
    kind = DifferenceKind.TWICE if attempt is not None and attempt.paid else DifferenceKind.OURS_MISSING
    repair = Repair.BY_HAND if attempt is None else Repair.SETTLE
    return _difference(kind, About.PAYMENT, movement.ref, movement.key, theirs=_seen(movement), repair=repair)


def _refunds(ours: Ours, theirs: Theirs) -> Iterator[Difference]:
    """Of a refund that failed after all the statement has two movements: what counts is what they come to."""
    told: dict[tuple[UUID | None, str | None], list[Movement]] = defaultdict(list)
    for movement in theirs.movements:
        if movement.kind is MovementKind.REFUND:
            told[movement.key, movement.ref].append(movement)
    for (key, _), rows in told.items():
        whole = replace(rows[0], amount=sum(row.amount for row in rows))
        yield from _refund(whole, None if key is None else ours.refunds.get(key))
    keys = {key for key, _ in told}
    for refund in ours.given:
        if refund.key not in keys:
            seen = Seen(amount=-refund.amount, currency=refund.currency, state=refund.state)
            repair = Repair.REFUND if refund.ref is not None else Repair.BY_HAND
            yield _difference(
                DifferenceKind.THEIRS_MISSING, About.REFUND, refund.ref, refund.key, ours=seen, repair=repair
            )


def _refund(movement: Movement, mine: OurRefund | None) -> Iterator[Difference]:
    key, ref = movement.key, movement.ref
    if mine is None:
        if movement.amount:
            theirs = _seen(movement)
            yield _difference(DifferenceKind.OURS_MISSING, About.REFUND, ref, key, theirs=theirs)
        return
    ended = "succeeded" if movement.amount else "failed"
    if mine.state == ended or (mine.state == "returned" and not movement.amount):
        if movement.amount:
            yield from _unequal(About.REFUND, movement, -mine.amount, mine.currency)
        return
    told_later = mine.state in ("due", "processing") or (mine.state == "succeeded" and not movement.amount)
    yield _difference(
        DifferenceKind.STATE,
        About.REFUND,
        ref,
        key,
        ours=Seen(amount=-mine.amount, currency=mine.currency, state=mine.state),
        theirs=replace(_seen(movement), state=ended),
        repair=Repair.REFUND if told_later else Repair.BY_HAND,
    )


def _unequal(about: About, movement: Movement, amount: int, currency: str) -> Iterator[Difference]:
    kind: DifferenceKind | None = None
    if movement.currency != currency:
        kind = DifferenceKind.CURRENCY
    elif movement.amount != amount:
        kind = DifferenceKind.AMOUNT
    if kind is not None:
        mine = Seen(amount=amount, currency=currency)
        yield _difference(kind, about, movement.ref, movement.key, ours=mine, theirs=_seen(movement))


def _fee(movement: Movement, ours: Ours) -> Iterator[Difference]:
    """What is not in the books itself has no fee there either: that is told once, as missing."""
    known = movement.ref in ours.payments or movement.key in ours.refunds
    if not has_fee(movement) or not known:
        return
    theirs = Seen(amount=movement.fee, currency=movement.fee_currency, name=movement.name)
    about = About.PAYMENT if movement.kind is MovementKind.PAYMENT else About.REFUND
    booked = ours.fees.get(movement.name)
    if booked is None:
        kind, repair = DifferenceKind.FEE_UNRECORDED, Repair.FEE
        yield _difference(kind, about, movement.ref, movement.key, theirs=theirs, repair=repair)
    elif booked != (movement.fee, movement.fee_currency):
        mine = Seen(amount=booked[0], currency=booked[1], name=movement.name)
        kind = DifferenceKind.FEE_AMOUNT
        yield _difference(kind, about, movement.ref, movement.key, ours=mine, theirs=theirs)


def _dispute(report: DisputeReport, ours: Ours) -> Iterator[Difference]:
    theirs = Seen(amount=report.amount, currency=report.currency, state=report.state)
    mine = ours.disputes.get(report.ref)
    if mine is None:
        repair = Repair.BY_HAND if report.key not in ours.attempts else Repair.DISPUTE
        kind = DifferenceKind.OURS_MISSING
        yield _difference(kind, About.DISPUTE, report.ref, report.key, theirs=theirs, repair=repair)
        return
    seen = Seen(amount=mine.amount, currency=mine.currency, state=mine.state)
    what = _of_dispute(report, mine)
    if what is not None:
        repair = Repair.BY_HAND if what is DifferenceKind.CURRENCY else Repair.DISPUTE
        yield _difference(
            what, About.DISPUTE, report.ref, report.key, ours=seen, theirs=theirs, repair=repair
        )


def _of_dispute(report: DisputeReport, mine: Dispute) -> DifferenceKind | None:
    if report.currency != mine.currency:
        return DifferenceKind.CURRENCY
    if not _alike(report.state, mine.state):
        return DifferenceKind.STATE
    return DifferenceKind.AMOUNT if report.amount != mine.amount else None


def _alike(theirs: DisputeState, ours: DisputeState) -> bool:
    """Whether both say the same about the money; a word that nobody mapped says nothing."""
    if theirs is DisputeState.UNKNOWN:
        return True
    return theirs is ours or any({theirs, ours} <= states for states in (GONE, KEPT))


def _attempt(report: Report, ours: Ours) -> Iterator[Difference]:
    """An attempt that has ended there and goes on here, or whose money is here and not there. Money that is there and
    not here is in the statement."""
    attempt = ours.attempts.get(report.key)
    if attempt is None or attempt.young or report.outcome not in DECIDED:
        return
    repair = None
    if attempt.state in IN_FLIGHT:
        repair = Repair.SETTLE
    elif report.outcome is Outcome.FAILED and report.ref is not None and report.ref in ours.payments:
        repair = Repair.BY_HAND
    if repair is not None:
        mine, theirs = Seen(state=attempt.state), Seen(state=report.outcome)
        kind = DifferenceKind.STATE
        yield _difference(
            kind, About.ATTEMPT, report.ref, report.key, ours=mine, theirs=theirs, repair=repair
        )


def _seen(movement: Movement) -> Seen:
    return Seen(amount=movement.amount, currency=movement.currency, name=movement.name)


def _difference(
    kind: DifferenceKind,
    about: About,
    ref: str | None,
    key: UUID | None,
    *,
    ours: Seen | None = None,
    theirs: Seen | None = None,
    repair: Repair = Repair.BY_HAND,
) -> Difference:
    return Difference(kind=kind, about=about, repair=repair, ref=ref, key=key, ours=ours, theirs=theirs)
