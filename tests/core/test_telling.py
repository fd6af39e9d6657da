"""Of which rung a customer is told, and when: never of what is withheld."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from solvent.core.caps import Caps
from solvent.core.consequence import Consequence
from solvent.core.ladder import Channel, Measure, Scope
from solvent.core.owed import InEffect, Owed
from solvent.core.policy import Policy
from solvent.core.telling import TRY_FIRST, said, tellings
from solvent.core.valves import Restraint, restrained
from tests.core.ladders import LADDER, POLICY, on_day, owed, rung
from tests.core.test_valves import hold

MAIL = (Channel.EMAIL,)
TOLD = replace(
    LADDER,
    rungs=(
        rung("due", 0, notify=MAIL),
        rung("restricted", 5, Measure.RESTRICT, notify=MAIL),
        rung("suspended", 10, Measure.SUSPEND_USAGE, notify=MAIL),
        rung("last-notice", 25, notify=MAIL),
        rung("given-up", 30, Measure.GIVE_UP, notify=MAIL),
    ),
)
TELLS = replace(POLICY, ladders=(TOLD,), free=None)
FREE = Restraint()
HELD = Restraint(holds=(hold(Consequence.RESTRICT),))
ELSE = UUID(int=0xE)
CAPPED = Restraint(caps=Caps(accounts={Consequence.RESTRICT: 1}))


def told(
    day: float,
    *debts: Owed,
    restraint: Restraint = FREE,
    before: tuple[InEffect, ...] = (),
    policy: Policy = TELLS,
) -> list[str]:
    """Which rungs are told of on a day."""
    decided = on_day(day, *debts, before=before, policy=policy)
    applied, _ = restrained(decided, before, debts, restraint)
    return [notice.rung for notice in applied.notices]


def after(*rungs: str) -> Owed:
    return owed(noticed=frozenset(rungs))


@pytest.mark.parametrize("restraint", [HELD, CAPPED])
def test_a_measure_that_is_withheld_is_told_when_it_begins(restraint: Restraint) -> None:
    assert told(6, after("due"), restraint=restraint) == []
    assert told(11, after("due"), restraint=restraint) == ["suspended"]
    later = after("due", "suspended", "last-notice")
    before = on_day(11, owed(), policy=TELLS).measures[1:]
    assert told(26, later, restraint=restraint, before=before) == []
    assert told(26, later, before=before) == ["restricted"]
    again = on_day(26, later, before=before, policy=TELLS).measures
    assert told(26, later, before=again) == [], "it does not begin twice"
    both = after("due", "restricted", "suspended", "last-notice")
    assert told(26, both, before=before) == [], "nor is it told twice"


def test_whoever_climbed_several_rungs_is_told_of_the_last_that_is_true() -> None:
    assert told(11, owed()) == ["suspended"]
    assert told(6, owed(), restraint=HELD) == ["due"]
    both = Restraint(holds=(hold(Consequence.RESTRICT), hold(Consequence.SUSPEND)))
    rested = after("due", "suspended")
    assert told(12, rested, restraint=both) == []
    assert told(12, rested) == [], "both begin again at once: of the last it was told"


def test_what_tells_only_is_told_whatever_is_withheld() -> None:
    assert told(26, after("due"), restraint=Restraint(holds=(hold(Consequence.SUSPEND),))) == ["last-notice"]
    assert told(26, after("due"), restraint=Restraint(holds=(hold(Consequence.ALL),))) == []


def test_nobody_is_told_that_an_invoice_was_given_up_which_was_not() -> None:
    climbed = after("due", "restricted", "suspended", "last-notice")
    ends = Restraint(holds=(hold(Consequence.GIVE_UP),))
    assert told(31, climbed, restraint=ends) == []
    assert told(31, climbed, restraint=Restraint(caps=Caps(accounts={Consequence.GIVE_UP: 0}))) == []
    assert told(31, climbed) == ["given-up"]
    other = owed(2, due=29, noticed=frozenset({"due"}), in_flight=True)
    assert told(31, climbed, other) == [], "of an account nothing is given up while a payment is in flight"


@pytest.mark.parametrize("flying", [0, 1])
def test_while_a_payment_is_in_flight_nobody_is_told_of_what_does_not_begin(flying: int) -> None:
    debts = [after("due"), owed(2, due=-1, noticed=frozenset({"due", "restricted"}))]
    debts[flying] = replace(debts[flying], in_flight=True)
    assert told(5, *debts) == []
    assert told(0.5, owed(in_flight=True)) == ["due"]


def test_a_measure_of_another_subscription_is_not_this_one() -> None:
    alone = replace(TELLS, ladders=(replace(TOLD, scope=Scope.SUBSCRIPTION),))
    mine = owed(noticed=frozenset({"due", "restricted"}))
    theirs = replace(owed(2), subscription_id=None, noticed=frozenset({"due", "restricted"}))
    (suspended,) = [m for m in on_day(11, mine, policy=alone).measures if m.measure is Measure.SUSPEND_USAGE]
    held = Restraint(holds=(hold(Consequence.SUSPEND),))
    assert told(11, mine, restraint=held, policy=alone) == []
    assert told(11, mine, policy=alone) == ["suspended"]
    assert suspended.since == mine.due_at + timedelta(days=10)
    assert told(11, mine, theirs, policy=alone) == ["suspended", "suspended"]
    climbed = list(tellings(mine, TOLD.rungs[:3], mine.due_at + timedelta(days=11)))
    assert said(climbed, [replace(suspended, subscription_id=ELSE)], (), ()) == ()
    assert [notice.rung for notice in said(climbed, [suspended], (), ())] == ["suspended"]


def test_a_notice_waits_for_a_try_that_is_due_and_not_for_ever() -> None:
    wait = TRY_FIRST / timedelta(days=1)
    trying = owed(trying=True)
    assert told(0, trying) == []
    assert told(wait * 0.99, trying) == []
    assert told(wait, trying) == ["due"]
    assert told(5 + wait / 2, replace(trying, noticed=frozenset({"due"}))) == []
    assert told(0, owed()) == ["due"]


def test_what_was_withheld_does_not_wait_for_a_try() -> None:
    """The last rung was told already: the try is not what this is about."""
    later = replace(after("due", "suspended", "last-notice"), trying=True)
    before = on_day(11, owed(), policy=TELLS).measures[1:]
    assert told(25 + TRY_FIRST / timedelta(days=2), later, before=before) == ["restricted"]


def test_the_first_notice_of_an_invoice_says_that_it_is() -> None:
    for day, debt, first in ((0, owed(), True), (6, after("due"), False), (11, owed(), False)):
        decided = on_day(day, debt, policy=TELLS)
        applied, _ = restrained(decided, (), (debt,), FREE)
        assert [notice.first for notice in applied.notices] == [first]


def test_a_ladder_that_tells_nothing_tells_nothing() -> None:
    silent = replace(TELLS, ladders=(replace(TOLD, rungs=tuple(replace(r, notify=()) for r in TOLD.rungs)),))
    assert told(6, owed(trying=True), policy=silent) == []
