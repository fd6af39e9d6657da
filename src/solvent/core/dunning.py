"""Dunning: what follows for an account from what it owes, by policy.

Owns `decide`: which measures are in effect, which notices are to be sent, which invoices are given up or forgiven, and
when that would be different by the passing of time alone. Does not own retries (`policy`), standing (`health`), what a
measure takes away (`entitlement`, `offer`), nor how any of it is written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from solvent.core.ladder import Fate, Ladder, Lift, Measure, Rung, Scope, chosen
from solvent.core.owed import InEffect, Owed
from solvent.core.policy import Policy
from solvent.core.telling import TRY_FIRST, Notice, Telling, said, tellings


class Assessed(Protocol):
    """What of an assessment is decided upon."""

    @property
    def owed(self) -> Sequence[Owed]: ...

    @property
    def in_effect(self) -> Sequence[InEffect]: ...

    @property
    def assessed_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Debts:
    """What an account owes at a moment, and the measures in effect before: an assessment, but for its verdicts."""

    owed: Sequence[Owed]
    assessed_at: datetime
    in_effect: Sequence[InEffect] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What follows now: all measures in effect, and what is to be done once. `give_up` says what ends with an invoice,
    `ends_since` since when the last of them was to be given up,
    `next_at` when it would differ; `notices` are those of the `tellings` that are true of all this (`said`)."""

    measures: tuple[InEffect, ...] = ()
    notices: tuple[Notice, ...] = ()
    tellings: tuple[Telling, ...] = ()
    give_up: Mapping[UUID, Scope] = field(default_factory=dict)
    ends_since: datetime | None = None
    forgive: Mapping[UUID, int] = field(default_factory=dict)
    next_at: datetime | None = None
    rungs: Mapping[UUID, str] = field(default_factory=dict)


def decide(assessment: Assessed, policy: Policy) -> Decision:
    """What the policy says about an account that was so assessed. The same question has the same answer, and what is
    decided already is decided again: repeating it changes nothing."""
    if not assessment.owed:
        return Decision()  # nearly everybody; and whoever has paid it all, of whom nothing stays in effect
    now = assessment.assessed_at
    due = [owed for owed in assessment.owed if owed.due_at <= now or owed.given_up]
    climbed = [(owed, ladder, reached(ladder, owed, now)) for owed, ladder in _on_ladders(due, policy)]
    fresh = [x for owed, ladder, rungs in climbed for x in _taken(owed, ladder, rungs, policy)]
    fresh += [x for owed in due for x in _taken_at_once(owed, policy, now)]
    ahead = [
        at
        for owed, ladder in _on_ladders(assessment.owed, policy)
        for rung in ladder.rungs
        for at in (owed.aged(rung.after), owed.aged(rung.after) + TRY_FIRST)[: 1 + owed.trying]
        if at > now
    ]
    measures = _merged([*_kept(assessment.in_effect, due, fresh, policy), *fresh])
    telling = tuple(t for owed, _, rungs in climbed for t in tellings(owed, rungs, now))
    ends = tuple(_ends(climbed))
    give_up = {invoice_id: scope for invoice_id, scope, _ in ends}
    return Decision(
        measures=measures,
        notices=said(telling, measures, give_up, assessment.in_effect),
        tellings=telling,
        give_up=give_up,
        ends_since=max((since for _, _, since in ends), default=None),
        forgive={o.invoice_id: o.debt for o in due if _forgiven(o, policy)},
        next_at=min(ahead, default=None),
        rungs={owed.invoice_id: rungs[-1].id for owed, _, rungs in climbed if rungs},
    )


def reached(ladder: Ladder, owed: Owed, now: datetime) -> tuple[Rung, ...]:
    """The rungs that an invoice is old enough for."""
    return tuple(rung for rung in ladder.rungs if owed.aged(rung.after) <= now)


def scope_of(owed: Owed, policy: Policy) -> Scope:
    """What ends with an invoice that is given up: what its ladder says; without one, its subscription alone."""
    ladder = ladder_of(owed, policy)
    return Scope.SUBSCRIPTION if ladder is None else ladder.scope


def ladder_of(owed: Owed, policy: Policy) -> Ladder | None:
    """The one ladder for an invoice; None: the policy has none at all."""
    return next(iter(chosen(policy.ladders, owed.trouble, owed.product, owed.currency, owed.amount)), None)


def _on_ladders(owed: Iterable[Owed], policy: Policy) -> Iterator[tuple[Owed, Ladder]]:
    for one in owed:
        ladder = None if one.given_up else ladder_of(one, policy)
        if ladder is not None:
            yield one, ladder


def _ends(climbed: Sequence[tuple[Owed, Ladder, Sequence[Rung]]]) -> Iterator[tuple[UUID, Scope, datetime]]:
    """What is given up now, and since when it was to be: nothing that a payment of it keeps away, and of an account
    nothing that one of any of it does."""
    for owed, ladder, rungs in climbed:
        touched = [o for o, _, _ in climbed] if ladder.scope is Scope.ACCOUNT else [owed]
        for since in (owed.aged(rung.after) for rung in rungs if Measure.GIVE_UP in rung.measures):
            if not any(o.shielded(since) for o in touched):
                yield owed.invoice_id, ladder.scope, since


def _taken(owed: Owed, ladder: Ladder, rungs: Iterable[Rung], policy: Policy) -> Iterator[InEffect]:
    """What an invoice's rungs take; nothing new while a payment of it is in flight
    that keeps it away."""
    for rung in rungs:
        since = owed.aged(rung.after)
        for measure in () if owed.shielded(since) else sorted(rung.measures - {Measure.GIVE_UP}):
            whole = ladder.scope is Scope.ACCOUNT or measure is Measure.RESTRICT
            yield InEffect(
                measure=measure,
                rung=rung.id,
                invoice_id=owed.invoice_id,
                since=since,
                subscription_id=None if whole else owed.subscription_id,
                products=policy.free or () if measure is Measure.DOWNGRADE else (),
            )


def _taken_at_once(owed: Owed, policy: Policy, now: datetime) -> Iterator[InEffect]:
    """What needs no age: the ban of whoever was given up, and products whose usage beyond a threshold is unpaid."""
    if owed.given_up and policy.ladders:
        yield InEffect(measure=Measure.BAN, rung=GIVEN_UP, invoice_id=owed.invoice_id, since=now)
    if owed.beyond and policy.threshold_suspends and not owed.shielded(owed.due_at):
        yield InEffect(
            measure=Measure.SUSPEND_PRODUCT,
            rung=THRESHOLD,
            invoice_id=owed.invoice_id,
            since=owed.due_at,
            products=owed.beyond,
        )


GIVEN_UP, THRESHOLD = "given up", "threshold"


def _kept(
    before: Iterable[InEffect], due: Sequence[Owed], fresh: Sequence[InEffect], policy: Policy
) -> list[InEffect]:
    """What was in effect and stays: until all that is due is paid, or what brought it about, as policy says.

    A payment in flight lifts nothing yet. A ban lasts as long as something that was given up is owed, and no longer.
    """
    flying = {owed.invoice_id for owed in due if owed.in_flight or owed.paying}
    again = {x.key for x in fresh}
    lasting = [x for x in before if x.measure is not Measure.BAN or x.key in again]
    return [
        x
        for x in lasting
        if x.key in again
        or x.invoice_id in flying
        or (policy.lift is Lift.ALL and any(x.subscription_id in (None, o.subscription_id) for o in due))
    ]


def _merged(measures: Iterable[InEffect]) -> tuple[InEffect, ...]:
    """Each measure once, as it first came into effect."""
    once: dict[tuple[object, ...], InEffect] = {}
    for measure in measures:
        once.setdefault(measure.key, measure)
    return tuple(once.values())


def _forgiven(owed: Owed, policy: Policy) -> bool:
    return owed.given_up and policy.fate is Fate.FORGIVEN and not (owed.in_flight or owed.paying)
