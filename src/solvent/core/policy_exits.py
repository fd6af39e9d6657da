"""Policy exits: the proof that every rung of a ladder is reached, and left again by paying.

Owns the walks: up to each rung with the function that decides in production, and down by paying all, a part of the
invoice, one of two invoices, and what was given up. Does not own the other rules of a policy (`policy_rules`).
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from solvent.core.dunning import Debts, Decision
from solvent.core.ladder import Fate, Ladder, Lift, Measure, Rung, Trouble
from solvent.core.owed import InEffect, Owed
from solvent.core.policy import Policy

Decider = Callable[[Debts, Policy], Decision]
Check = tuple[bool, str]
"""Whether a rule holds, and the rule."""

_START = datetime(2026, 1, 1, tzinfo=UTC)
_NOTHING = Decision()
_DEBT = 2  # minor units: enough for a part of it to be paid


def exits(
    ladder: Ladder,
    trouble: Trouble,
    product: str | None,
    money: tuple[str, int],
    policy: Policy,
    decider: Decider,
) -> Iterator[tuple[str, bool, str]]:
    """Each rung of the ladder with the rules of its leaving, and whether they hold, for an invoice of that kind;
    `money` is its currency and amount in minor units."""
    owed = Owed(
        invoice_id=UUID(int=1),
        subscription_id=UUID(int=2),
        due_at=_START,
        currency=money[0],
        amount=money[1],
        trouble=trouble,
        product=product,
        debt=_DEBT,
    )
    for rung in ladder.rungs:
        walk = _Walk(owed, rung, policy, decider)
        for holds, rule in (*walk.reached(), *walk.paid(), *walk.given_up(ladder)):
            yield f"ladders.{ladder.id}.rungs.{rung.id}", holds, rule


class _Walk:
    """One invoice at the age of a rung, and another one of its kind that has just fallen due."""

    def __init__(self, owed: Owed, rung: Rung, policy: Policy, decider: Decider) -> None:
        self._owed, self._rung, self._policy, self._decider = owed, rung, policy, decider
        self._now = _START + rung.after
        self._other = replace(owed, invoice_id=UUID(int=3), due_at=self._now)
        self._there = self._decide(owed)

    def _decide(self, *owed: Owed, before: tuple[InEffect, ...] = ()) -> Decision:
        return self._decider(Debts(owed=owed, assessed_at=self._now, in_effect=before), self._policy)

    def reached(self) -> Iterator[Check]:
        there = self._there.rungs == {self._owed.invoice_id: self._rung.id}
        yield there, "must be reached at its age"

    def paid(self) -> Iterator[Check]:
        """By paying all, a part of the invoice, and it but not the other one."""
        there = self._there.measures
        yield self._decide(before=there) == _NOTHING, "must be left again when all is paid"
        part = self._decide(replace(self._owed, debt=_DEBT - 1), before=there)
        yield _keys(part) == _keys(self._there), "must not be left when a part of the invoice is paid"
        both = self._decide(self._owed, self._other)
        yield self._one_paid(both)

    def given_up(self, ladder: Ladder) -> Iterator[Check]:
        """Of a rung that gives up: by paying what was given up, alone or beside another debt."""
        if Measure.GIVE_UP not in self._rung.measures:
            return
        whole = self._there.give_up == {self._owed.invoice_id: ladder.scope}
        yield whole, "must give the invoice up, as its ladder says"
        gone, before = replace(self._owed, given_up=True), self._there.measures
        alone, both = self._decide(gone, before=before), self._decide(gone, self._other, before=before)
        yield all(_banned(x) for x in (alone, both)), "must ban whoever was given up"
        forgiven = {gone.invoice_id: gone.debt} if self._policy.fate is Fate.FORGIVEN else {}
        yield alone.forgive == forgiven, f"must leave what was given up {self._policy.fate}"
        left = self._decide(before=alone.measures)
        yield left == _NOTHING, "must be left again when what was given up is paid"
        lasting = self._decide(self._other, before=both.measures)
        yield (
            not _banned(lasting),
            "must ban no longer when what was given up is paid, and something else owed",
        )
        yield self._one_paid(both)

    def _one_paid(self, both: Decision) -> Check:
        """The other one is still owed: what then lasts is all that was, or what that one takes by itself. A ban ends
        either way: it is for what was given up."""
        left = self._decide(self._other, before=both.measures)
        if self._policy.lift is Lift.ONE:
            own = _keys(self._decide(self._other))
            return _keys(left) == own, "must be left when its own invoice is paid: one must be"
        return _keys(left) == _keys(both), "must last until all that is due is paid: all must be"


def _banned(decision: Decision) -> bool:
    return any(m.measure is Measure.BAN for m in decision.measures)


def _keys(decision: Decision) -> frozenset[tuple[object, ...]]:
    """What is in effect, whenever it began; but bans."""
    return frozenset(m.key for m in decision.measures if m.measure is not Measure.BAN)
