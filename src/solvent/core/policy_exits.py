"""Policy exits: the proof that every rung of a ladder is reached, and left again by paying.

Owns the walks: up to each rung with the function that decides in production, and down by paying all, a part of the
invoice, one of two invoices (of one subscription and of two), and what was given up; for the invoice of a subscription,
one of no subscription, and one of usage beyond its threshold. Does not own the other rules of a policy
(`policy_rules`).
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
_METERED = "metered"  # a product of which there is usage


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
    for kind in _kinds(owed, policy):
        for rung in ladder.rungs:
            walk = _Walk(kind, rung, policy, decider)
            for holds, rule in (*walk.reached(), *walk.paid(), *walk.given_up(ladder)):
                yield f"ladders.{ladder.id}.rungs.{rung.id}", holds, rule


def _kinds(owed: Owed, policy: Policy) -> Iterator[Owed]:
    """The invoice of a subscription, one of none, and one of usage beyond its threshold where that suspends."""
    yield owed
    yield replace(owed, subscription_id=None)
    if policy.threshold_suspends:
        yield replace(owed, beyond=(owed.product or _METERED,))


class _Walk:
    """One invoice at the age of a rung, and another one that has just fallen due: of its subscription or another."""

    def __init__(self, owed: Owed, rung: Rung, policy: Policy, decider: Decider) -> None:
        self._owed, self._rung, self._policy, self._decider = owed, rung, policy, decider
        self._now = _START + rung.after
        other = replace(owed, invoice_id=UUID(int=3), due_at=self._now, beyond=())
        self._others = other, replace(other, subscription_id=UUID(int=4))
        self._there = self._decide(owed)

    def _decide(self, *owed: Owed, before: tuple[InEffect, ...] = ()) -> Decision:
        return self._decider(Debts(owed=owed, assessed_at=self._now, in_effect=before), self._policy)

    def reached(self) -> Iterator[Check]:
        there = self._there.rungs == {self._owed.invoice_id: self._rung.id}
        yield there, "must be reached at its age"
        suspended = {m.products for m in self._there.measures if m.measure is Measure.SUSPEND_PRODUCT}
        at_once = {self._owed.beyond} if self._owed.beyond else set()
        yield (
            suspended == at_once,
            "must suspend what usage beyond its threshold is unpaid of, and no other product",
        )

    def paid(self) -> Iterator[Check]:
        """By paying all, a part of the invoice, and it but not another one."""
        there = self._there.measures
        yield self._decide(before=there) == _NOTHING, "must be left again when all is paid"
        part = self._decide(replace(self._owed, debt=_DEBT - 1), before=there)
        yield _keys(part) == _keys(self._there), "must not be left when a part of the invoice is paid"
        for other in self._others:
            yield self._one_paid(self._decide(self._owed, other), other)

    def given_up(self, ladder: Ladder) -> Iterator[Check]:
        """Of a rung that gives up: by paying what was given up, alone or beside another debt."""
        if Measure.GIVE_UP not in self._rung.measures:
            return
        whole = self._there.give_up == {self._owed.invoice_id: ladder.scope}
        yield whole, "must give the invoice up, as its ladder says"
        gone, before = replace(self._owed, given_up=True), self._there.measures
        alone = self._decide(gone, before=before)
        yield _banned(alone), "must ban whoever was given up"
        forgiven = {gone.invoice_id: gone.debt} if self._policy.fate is Fate.FORGIVEN else {}
        yield alone.forgive == forgiven, f"must leave what was given up {self._policy.fate}"
        left = self._decide(before=alone.measures)
        yield left == _NOTHING, "must be left again when what was given up is paid"
        for other in self._others:
            yield from self._gone_paid(self._decide(gone, other, before=before), other)

    def _gone_paid(self, both: Decision, other: Owed) -> Iterator[Check]:
        """What was given up is paid, and the other one still owed."""
        yield _banned(both), "must ban whoever was given up"
        lasting = self._decide(other, before=both.measures)
        rule = "must ban no longer when what was given up is paid, and something else owed"
        yield not _banned(lasting), rule
        yield self._one_paid(both, other)

    def _one_paid(self, both: Decision, other: Owed) -> Check:
        """The other one is still owed: what then lasts is all that touches it, or what that one takes by itself. A ban
        ends either way: it is for what was given up."""
        left = self._decide(other, before=both.measures)
        if self._policy.lift is Lift.ONE:
            own = _keys(self._decide(other))
            return _keys(left) == own, "must be left when its own invoice is paid: one must be"
        touching = tuple(m for m in both.measures if m.subscription_id in (None, other.subscription_id))
        kept = _keys(replace(both, measures=touching))
        return _keys(left) == kept, "must last until all that is due of what it touches is paid: all must be"


def _banned(decision: Decision) -> bool:
    return any(m.measure is Measure.BAN for m in decision.measures)


def _keys(decision: Decision) -> frozenset[tuple[object, ...]]:
    """What is in effect, whenever it began; but bans."""
    return frozenset(m.key for m in decision.measures if m.measure is not Measure.BAN)
