"""Every rung is left again by paying; each rule of that finds the deciding that breaks it, and names the rung."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from solvent.core.dunning import Debts, Decision, decide
from solvent.core.ladder import Ends, Fate, Ladder, Lift, Measure, Scope
from solvent.core.owed import InEffect
from solvent.core.policy import Policy
from solvent.core.policy_exits import Decider
from solvent.core.policy_rules import policy_problems
from tests.core.ladders import LADDER, POLICY, rung

ONE = replace(POLICY, lift=Lift.ONE)
PATIENT = replace(POLICY, threshold_suspends=False)
FORGIVEN = replace(POLICY, fate=Fate.FORGIVEN)
ALONE = replace(POLICY, ladders=(replace(LADDER, scope=Scope.SUBSCRIPTION),))
GENTLE = replace(
    POLICY,
    free=(),
    ladders=(Ladder(id="gentle", rungs=(rung("told", 1, Measure.RESTRICT),), ends=Ends.OPEN),),
)


@pytest.mark.parametrize("fate", Fate)
@pytest.mark.parametrize("lift", Lift)
@pytest.mark.parametrize("policy", [POLICY, ALONE, GENTLE, PATIENT])
def test_what_decides_in_production_lets_every_rung_be_left(policy: Policy, lift: Lift, fate: Fate) -> None:
    assert policy_problems(replace(policy, lift=lift, fate=fate)) == ()


def blind(_: Debts, __: Policy) -> Decision:
    return Decision()


def clinging(debts: Debts, policy: Policy) -> Decision:
    return decide(debts, policy) if debts.owed else Decision(measures=tuple(debts.in_effect))


def lenient(debts: Debts, policy: Policy) -> Decision:
    """What was paid in part is let go."""
    return Decision() if any(o.debt == 1 for o in debts.owed) else decide(debts, policy)


def all_for_one(debts: Debts, policy: Policy) -> Decision:
    return decide(debts, replace(policy, lift=Lift.ALL))


def one_for_all(debts: Debts, policy: Policy) -> Decision:
    return decide(debts, replace(policy, lift=Lift.ONE))


def halved(debts: Debts, policy: Policy) -> Decision:
    """Given up is the subscription alone, whatever the ladder says."""
    decision = decide(debts, policy)
    return replace(decision, give_up=dict.fromkeys(decision.give_up, Scope.SUBSCRIPTION))


def unbanned(debts: Debts, policy: Policy) -> Decision:
    decision = decide(debts, policy)
    return replace(decision, measures=_without_bans(decision))


def _without_bans(decision: Decision) -> tuple[InEffect, ...]:
    return tuple(m for m in decision.measures if m.measure is not Measure.BAN)


def banned_alone(debts: Debts, policy: Policy) -> Decision:
    """Whoever owes something else beside what was given up goes free."""
    return (unbanned if len(debts.owed) > 1 else decide)(debts, policy)


def grudging(debts: Debts, policy: Policy) -> Decision:
    """A ban lasts as long as anything is owed."""
    decision = decide(debts, policy)
    bans = tuple(m for m in debts.in_effect if m.measure is Measure.BAN and debts.owed)
    return replace(decision, measures=(*_without_bans(decision), *bans)) if bans else decision


def unforgiving(debts: Debts, policy: Policy) -> Decision:
    return replace(decide(debts, policy), forgive={})


def generous(debts: Debts, policy: Policy) -> Decision:
    return decide(debts, replace(policy, fate=Fate.FORGIVEN))


def stuck_after(debts: Debts, policy: Policy) -> Decision:
    """Who was banned is never let go."""
    banned = any(m.measure is Measure.BAN for m in debts.in_effect)
    return Decision(measures=tuple(debts.in_effect)) if banned and not debts.owed else decide(debts, policy)


def unmetered(debts: Debts, policy: Policy) -> Decision:
    """Usage beyond a threshold suspends nothing."""
    return decide(debts, replace(policy, threshold_suspends=False))


def suspended_for_good(debts: Debts, policy: Policy) -> Decision:
    """What usage beyond a threshold suspended is never let go."""
    decision = decide(debts, policy)
    stuck = tuple(m for m in debts.in_effect if m.measure is Measure.SUSPEND_PRODUCT and not debts.owed)
    return replace(decision, measures=(*decision.measures, *stuck))


def for_others(debts: Debts, policy: Policy) -> Decision:
    """What was taken of one subscription lasts while another one owes."""
    decision = decide(debts, policy)
    known = {m.key for m in decision.measures}
    more = (m for m in debts.in_effect if m.subscription_id and debts.owed and m.key not in known)
    return replace(decision, measures=(*decision.measures, *more))


def only_subscriptions(debts: Debts, policy: Policy) -> Decision:
    """An invoice of no subscription is none."""
    return decide(replace(debts, owed=tuple(o for o in debts.owed if o.subscription_id)), policy)


BAN_ENDS = "must ban no longer when what was given up is paid, and something else owed"
LASTS = "must last until all that is due of what it touches is paid: all must be"
SUSPENDS = "must suspend what usage beyond its threshold is unpaid of, and no other product"
BROKEN: dict[Callable[..., Decision], tuple[Policy, str]] = {
    blind: (replace(GENTLE, threshold_suspends=False), "must be reached at its age"),
    only_subscriptions: (GENTLE, "must be reached at its age"),
    clinging: (GENTLE, "must be left again when all is paid"),
    lenient: (POLICY, "must not be left when a part of the invoice is paid"),
    all_for_one: (ONE, "must be left when its own invoice is paid: one must be"),
    one_for_all: (POLICY, LASTS),
    halved: (POLICY, "must give the invoice up, as its ladder says"),
    unbanned: (POLICY, "must ban whoever was given up"),
    banned_alone: (POLICY, "must ban whoever was given up"),
    grudging: (POLICY, BAN_ENDS),
    unforgiving: (FORGIVEN, "must leave what was given up forgiven"),
    generous: (POLICY, "must leave what was given up owed"),
    stuck_after: (POLICY, "must be left again when what was given up is paid"),
    unmetered: (POLICY, SUSPENDS),
    suspended_for_good: (GENTLE, "must be left again when all is paid"),
    for_others: (ALONE, LASTS),
}


@pytest.mark.parametrize("decider", BROKEN, ids=lambda d: d.__name__)
def test_the_proof_finds_deciding_that_breaks_a_rule_and_no_other(decider: Decider) -> None:
    policy, rule = BROKEN[decider]
    assert {p.rule for p in policy_problems(policy, None, decider)} == {rule}


def test_what_is_broken_is_named_by_ladder_and_rung() -> None:
    (last,) = [r.id for x in POLICY.ladders for r in x.rungs if Measure.GIVE_UP in r.measures]
    found = {p.field for p in policy_problems(POLICY, None, stuck_after)}
    assert found == {f"ladders.{POLICY.ladders[0].id}.rungs.{last}"}
    taking = [r.id for r in LADDER.rungs if r.measures - {Measure.GIVE_UP}]
    reached = [r.id for r in LADDER.rungs][[r.id for r in LADDER.rungs].index(taking[0]) :]
    found = {p.field for p in policy_problems(PATIENT, None, clinging)}
    assert found == {f"ladders.{LADDER.id}.rungs.{name}" for name in reached}
    found = {p.field for p in policy_problems(POLICY, None, unmetered)}
    assert found == {f"ladders.{x.id}.rungs.{r.id}" for x in POLICY.ladders for r in x.rungs}


def test_usage_is_of_what_a_ladder_is_for_or_of_some_product() -> None:
    seen: set[tuple[str, ...]] = set()

    def watching(debts: Debts, policy: Policy) -> Decision:
        seen.update(owed.beyond for owed in debts.owed)
        return decide(debts, policy)

    special = replace(LADDER, id="special", products=frozenset({"pro"}))
    assert policy_problems(replace(POLICY, ladders=(special, LADDER)), None, watching) == ()
    assert seen == {(), ("pro",), ("metered",)}
