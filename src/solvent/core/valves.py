"""Valves: what keeps a consequence from being applied although policy decided it.

Owns holds that support places, and what is withheld of a decision: while the engine only observes, under a hold, or
while a payment is in flight. What is withheld is named with the reason, and decided again at every look. Does not own
the decision (`dunning`), nor the engine's mode (`engine`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from solvent.core.dunning import Decision, InEffect, Owed
from solvent.core.ladder import Measure

IN_FLIGHT = "a payment is in flight"


class Consequence(StrEnum):
    """What a hold keeps from happening. A ban is none: it comes with giving up, as one unit."""

    ALL = "all"
    COLLECT = "collect"
    NOTICE = "notice"
    RESTRICT = "restrict"
    SUSPEND = "suspend"
    DOWNGRADE = "downgrade"
    GIVE_UP = "give_up"


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
    """What keeps consequences from an account now: why nothing is applied at all, and the holds not yet expired."""

    passive: str | None = None
    holds: tuple[Hold, ...] = ()

    @property
    def free(self) -> bool:
        """Whether nothing does: nearly always."""
        return self.passive is None and not self.holds

    def held(self, consequence: Consequence) -> str | None:
        """Why a consequence is held; None: it is not."""
        fitting = (h.why for h in self.holds if h.consequence in (Consequence.ALL, consequence))
        return next(fitting, None)

    def stops(self, consequence: Consequence) -> str | None:
        """Why a consequence does not begin; None: it may."""
        return self.passive or self.held(consequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A consequence that was decided and is not applied, and why."""

    consequence: Consequence
    why: str


def restrained(
    decision: Decision, before: Sequence[InEffect], owed: Iterable[Owed], restraint: Restraint
) -> tuple[Decision, tuple[Withheld, ...]]:
    """What of a decision is applied, and what is withheld. Paying lifts in any case: only what begins is withheld, and
    under a hold also what is in effect."""
    flying = IN_FLIGHT if any(o.in_flight for o in owed) else None
    if flying is None and restraint.free:
        return decision, ()
    withheld: dict[Consequence, str] = {}
    measures = tuple(m for m in decision.measures if _applies(m, before, flying, restraint, withheld))
    giving_up = restraint.stops(Consequence.GIVE_UP) or flying
    if giving_up is not None and (decision.give_up or decision.forgive):
        withheld[Consequence.GIVE_UP] = giving_up
    silent = restraint.stops(Consequence.NOTICE)
    if silent is not None and decision.notices:
        withheld[Consequence.NOTICE] = silent
    applied = replace(
        decision,
        measures=measures,
        notices=decision.notices if silent is None else (),
        give_up=decision.give_up if giving_up is None else {},
        forgive=decision.forgive if giving_up is None else {},
    )
    return applied, tuple(Withheld(consequence=c, why=why) for c, why in sorted(withheld.items()))


def _applies(
    measure: InEffect,
    before: Sequence[InEffect],
    flying: str | None,
    restraint: Restraint,
    withheld: dict[Consequence, str],
) -> bool:
    consequence = OF_MEASURE.get(measure.measure)
    if consequence is None:
        return True
    begins = measure not in before
    why = restraint.held(consequence) or ((restraint.passive or flying) if begins else None)
    if why is not None:
        withheld[consequence] = why
    return why is None
