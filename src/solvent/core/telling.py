"""Telling: of which rung of a ladder a customer is told.

Owns that each rung is told once, of several the last, and none of which something is withheld: that is told when it
begins. Does not own what follows from debt (`dunning`), what is withheld (`valves`), nor the messages (`messages`).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from solvent.core.ladder import Channel, Measure, Rung, Trouble
from solvent.core.owed import InEffect, Owed

TRY_FIRST = timedelta(hours=1)  # how long a notice waits for a try that is due


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message that is to be sent once: about this rung of this invoice, of which `debt` is owed for that `trouble`,
    and which takes these `measures`; whether it is the `first` of its ladder that tells anything."""

    invoice_id: UUID
    rung: str
    channels: tuple[Channel, ...]
    trouble: Trouble
    debt: int
    currency: str
    measures: frozenset[Measure] = frozenset()
    first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A rung of which something can be told: in which `notice`, and whether the customer was `told` of it already, or
    only of a later one (`passed`)."""

    notice: Notice
    subscription_id: UUID | None
    told: bool
    passed: bool


def tellings(owed: Owed, rungs: Sequence[Rung], now: datetime) -> Iterator[Telling]:
    """The rungs that tell anything. Whoever climbed several at once is told of the last."""
    rungs = [rung for rung in rungs if rung.notify]
    if rungs and rungs[-1].id not in owed.noticed and _waits(owed, rungs[-1], now):
        return
    for n, rung in enumerate(rungs):
        notice = Notice(
            invoice_id=owed.invoice_id,
            rung=rung.id,
            channels=rung.notify,
            trouble=owed.trouble,
            debt=owed.debt,
            currency=owed.currency,
            measures=rung.measures,
            first=n == 0,
        )
        yield Telling(
            notice=notice,
            subscription_id=owed.subscription_id,
            told=rung.id in owed.noticed,
            passed=any(later.id in owed.noticed for later in rungs[n + 1 :]),
        )


def _waits(owed: Owed, rung: Rung, now: datetime) -> bool:
    """Whether a rung is told later, because a payment is about to be tried; not for ever, if nobody tries."""
    return owed.trying and now < owed.aged(rung.after) + TRY_FIRST


def said(
    telling: Iterable[Telling],
    measures: Collection[InEffect],
    give_up: Collection[UUID],
    before: Collection[InEffect],
) -> tuple[Notice, ...]:
    """What is told, each rung once: of each invoice the last rung of which all is in effect, or is done now.

    Nobody is told of what is withheld: that is told when it begins, although a later rung was told meanwhile.
    """
    last: dict[UUID, Telling] = {}
    fresh = [m for m in measures if m not in before]
    for one in telling:
        if _true(one, measures, give_up) and (not (one.told or one.passed) or _begins(one, fresh)):
            last[one.notice.invoice_id] = one
    return tuple(t.notice for t in last.values() if not t.told)


def _true(telling: Telling, measures: Iterable[InEffect], give_up: Collection[UUID]) -> bool:
    """Whether all that a rung takes is taken."""
    taken = {m.measure for m in measures if m.subscription_id in (None, telling.subscription_id)}
    if telling.notice.invoice_id in give_up:
        taken.add(Measure.GIVE_UP)
    return telling.notice.measures <= taken


def _begins(telling: Telling, fresh: Iterable[InEffect]) -> bool:
    """Whether a rung takes something that was not in effect."""
    return any((m.invoice_id, m.rung) == (telling.notice.invoice_id, telling.notice.rung) for m in fresh)
