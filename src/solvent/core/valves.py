"""Valves: what keeps a consequence from being applied although policy decided it.

Owns holds that support places, and what is withheld of a decision: while the engine only observes, under a hold,
while a payment is in flight, or above a cap (`caps`) without a permit. What is withheld is named with the reason, and
decided again at every look. Does not own the decision (`dunning`), nor the engine's mode (`engine`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from solvent.core.caps import NO_CAPS, Caps
from solvent.core.consequence import Consequence
from solvent.core.dunning import Decision
from solvent.core.ladder import Measure
from solvent.core.owed import InEffect, Owed, UnderWay
from solvent.core.telling import said

IN_FLIGHT = "a payment is in flight"


OF_MEASURE = {
    Measure.RESTRICT: Consequence.RESTRICT,
    Measure.SUSPEND_USAGE: Consequence.SUSPEND,
    Measure.SUSPEND_PRODUCT: Consequence.SUSPEND,
    Measure.DOWNGRADE: Consequence.DOWNGRADE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Until `expires_at` (UTC) a consequence does not touch the account; what is in effect rests meanwhile."""

    id: UUID
    consequence: Consequence
    reason: str
    author: str
    placed_at: datetime
    expires_at: datetime

    @property
    def why(self) -> str:
        """The hold as evidence."""
        return f"held by {self.author} until {self.expires_at:%Y-%m-%d %H:%M} UTC: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restraint:
    """What keeps consequences from an account now: why nothing is applied at all, the holds not yet expired, the
    `caps`, but for what it has permits for, and payments `under_way` that are no payments of a debt."""

    passive: str | None = None
    holds: tuple[Hold, ...] = ()
    caps: Caps = NO_CAPS
    permits: frozenset[Consequence] = frozenset()
    under_way: tuple[UnderWay, ...] = ()

    @property
    def free(self) -> bool:
        """Whether nothing does: nearly always."""
        return self.passive is None and not self.holds and not self.caps.accounts and not self.under_way

    def flying(self, since: datetime | None = None) -> str | None:
        """Why what would begin at `since` waits for a payment; None: it does not. Without a moment it waits for what
        moves alone."""
        waited = (p.shields(since) if since is not None else not p.waits for p in self.under_way)
        return IN_FLIGHT if any(waited) else None

    def held(self, consequence: Consequence) -> str | None:
        """Why a consequence is held; None: it is not."""
        fitting = (h.why for h in self.holds if h.consequence in (Consequence.ALL, consequence))
        return next(fitting, None)

    def stops(self, consequence: Consequence) -> str | None:
        """Why a consequence does not begin; None: it may."""
        return self.passive or self.held(consequence)

    def above(self, consequence: Consequence) -> str | None:
        """Why a consequence that nothing else stops waits for its turn; None: it is not capped, or has a permit."""
        return None if consequence in self.permits else self.caps.why(consequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A consequence that was decided and is not applied, and why; whether (`capped`) only for want of a permit."""

    consequence: Consequence
    why: str
    capped: bool = False


def restrained(
    decision: Decision, before: Sequence[InEffect], owed: Iterable[Owed], restraint: Restraint
) -> tuple[Decision, tuple[Withheld, ...]]:
    """What of a decision is applied, and what is withheld. Paying lifts in any case: only what begins is withheld, and
    under a hold also what is in effect. Nobody is told of what is withheld."""
    flying = [o for o in owed if o.in_flight or o.paying]
    if not flying and restraint.free:
        return decision, ()
    withheld: dict[Consequence, Withheld] = {}
    measures = tuple(m for m in decision.measures if _applies(m, before, flying, restraint, withheld))
    giving_up = (
        restraint.stops(Consequence.GIVE_UP) or _flies(flying, decision.ends_since) or restraint.flying()
    )
    if giving_up is not None and (decision.give_up or decision.forgive):
        withheld[Consequence.GIVE_UP] = Withheld(consequence=Consequence.GIVE_UP, why=giving_up)
    above = restraint.above(Consequence.GIVE_UP)
    if giving_up is None and above is not None and decision.give_up:
        withheld[Consequence.GIVE_UP] = Withheld(consequence=Consequence.GIVE_UP, why=above, capped=True)
    silent = restraint.stops(Consequence.NOTICE)
    if silent is not None and decision.notices:
        withheld[Consequence.NOTICE] = Withheld(consequence=Consequence.NOTICE, why=silent)
    applied = replace(
        decision,
        measures=measures,
        give_up=decision.give_up if giving_up is None and above is None else {},
        forgive=decision.forgive if giving_up is None else {},
    )
    applied = replace(
        applied, notices=said(applied.tellings, measures, applied.give_up, before) if silent is None else ()
    )
    return applied, tuple(w for _, w in sorted(withheld.items()))


def _flies(flying: Iterable[Owed], since: datetime | None) -> str | None:
    """Why what would begin `since` then waits for a payment of a debt; without a moment, for what moves alone."""
    shielded = (o.in_flight if since is None else o.shielded(since) for o in flying)
    return IN_FLIGHT if any(shielded) else None


def _applies(
    measure: InEffect,
    before: Sequence[InEffect],
    flying: Sequence[Owed],
    restraint: Restraint,
    withheld: dict[Consequence, Withheld],
) -> bool:
    consequence = OF_MEASURE.get(measure.measure)
    if consequence is None:
        return True
    begins = measure not in before
    why = restraint.held(consequence)
    if why is None and begins:
        why = restraint.passive or _flies(flying, measure.since) or restraint.flying(measure.since)
    new = all(m.measure is not measure.measure for m in before)
    above = restraint.above(consequence) if new and why is None else None
    reason = why or above
    if reason is not None:
        withheld[consequence] = Withheld(consequence=consequence, why=reason, capped=above is not None)
    return reason is None
