"""Caps: what waits for its turn, until when, and what is never capped; and subscriptions whose service has run out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from solvent.core.caps import ACCOUNTS_MAX, CAPPED, NO_CAPS, Caps
from solvent.core.consequence import Consequence
from solvent.core.engine import Engine, Mode, broken_rule
from solvent.core.health import assess
from solvent.core.ladder import Fate, Measure
from solvent.core.lapsing import kept, lapsed, resumed
from solvent.core.period import Anchor, Interval, Period, Unit
from solvent.core.policy import Policy
from solvent.core.subscription import Pending, Subscription, SubscriptionState
from solvent.core.valves import Restraint, restrained
from tests.core.ladders import DAY, DUE, POLICY, measures, on_day, owed
from tests.core.test_health import ASKED, FIRST, ISSUED_AT, Case, owing

if TYPE_CHECKING:
    from tests.core.conftest import Shop

ALL = Caps(accounts=dict.fromkeys(CAPPED, 3))
HOURLY = Caps(accounts={Consequence.RESTRICT: 5}, hours=1)


def test_without_a_permit_nothing_that_is_capped_begins() -> None:
    decided, withheld = restrained(on_day(31, owed()), (), (owed(),), Restraint(caps=ALL))
    assert (decided.measures, decided.give_up) == ((), {})
    assert [(w.consequence, w.capped) for w in withheld] == [
        (Consequence.DOWNGRADE, True),
        (Consequence.GIVE_UP, True),
        (Consequence.RESTRICT, True),
        (Consequence.SUSPEND, True),
    ]
    assert {w.why for w in withheld} == {"above the cap of 3 accounts in 24 hours"}
    told = [notice.rung for notice in restrained(on_day(21, owed()), (), (), Restraint(caps=ALL))[0].notices]
    assert told == ["due"], "what a measure is told with waits with it"


def test_a_permit_lets_one_consequence_begin_and_what_is_in_effect_needs_none() -> None:
    some = Restraint(caps=ALL, permits=frozenset({Consequence.RESTRICT, Consequence.GIVE_UP}))
    decided, withheld = restrained(on_day(31, owed()), (), (owed(),), some)
    assert measures(decided) == ["restrict"]
    assert list(decided.give_up) == [owed().invoice_id]
    assert [w.consequence for w in withheld] == [Consequence.DOWNGRADE, Consequence.SUSPEND]
    before = on_day(11, owed()).measures
    again, waits = restrained(on_day(12, owed(), before=before), before, (owed(),), Restraint(caps=ALL))
    assert (measures(again), waits) == (["restrict", "suspend_usage"], ())


def test_who_is_restricted_still_needs_a_permit_to_be_suspended() -> None:
    before = tuple(m for m in on_day(11, owed()).measures if m.measure is Measure.RESTRICT)
    assert before
    decided, withheld = restrained(on_day(11, owed(), before=before), before, (owed(),), Restraint(caps=ALL))
    assert measures(decided) == ["restrict"]
    assert [(w.consequence, w.capped) for w in withheld] == [(Consequence.SUSPEND, True)]


def test_who_is_restricted_is_restricted_for_another_debt_without_a_permit() -> None:
    debts = (owed(), owed(2))
    before = tuple(m for m in on_day(6, debts[0]).measures if m.measure is Measure.RESTRICT)
    moved = tuple(replace(m, invoice_id=debts[1].invoice_id, rung="another") for m in before)
    decided, withheld = restrained(on_day(6, *debts), moved, debts, Restraint(caps=ALL))
    assert (measures(decided), withheld) == (["restrict"], ())


def test_what_is_held_or_only_observed_waits_for_no_permit() -> None:
    passive = Restraint(passive="the engine only observes the account", caps=ALL)
    _, withheld = restrained(on_day(31, owed()), (), (owed(),), passive)
    assert [w for w in withheld if w.capped] == []


def test_forgiving_is_not_capped() -> None:
    gone = owed(given_up=True)
    forgiving = replace(POLICY, fate=Fate.FORGIVEN)
    decided, _ = restrained(on_day(31, gone, policy=forgiving), (), (gone,), Restraint(caps=ALL))
    assert list(decided.forgive) == [gone.invoice_id]


def test_the_verdict_says_why_not_yet_and_when_it_is_looked_at_again(shop: Shop) -> None:
    late = owing(shop, due_at=ISSUED_AT - 6 * DAY)
    snapshot = Case(shop, (late,), {FIRST: ASKED}).snapshot()
    capped = replace(shop.catalog, engine=Engine(caps=HOURLY))
    waits = assess(snapshot, capped, POLICY, ISSUED_AT)
    assert waits.capped == (Consequence.RESTRICT,)
    assert waits.evidence[-1] == "withheld: restrict, above the cap of 5 accounts in 1 hours"
    assert waits.recheck_at == ISSUED_AT + timedelta(hours=1)
    begins = assess(replace(snapshot, permits=frozenset({Consequence.RESTRICT})), capped, POLICY, ISSUED_AT)
    assert ([m.measure for m in begins.decision.measures], begins.capped) == (["restrict"], ())


def test_windows_follow_each_other() -> None:
    late = DUE + timedelta(hours=5, minutes=59)
    assert (HOURLY.begins_at(late), HOURLY.ends_at(late)) == (
        DUE + timedelta(hours=5),
        DUE + timedelta(hours=6),
    )
    assert NO_CAPS.begins_at(late) == DUE


@pytest.mark.parametrize(
    ("caps", "field"),
    [
        (Caps(accounts={Consequence.NOTICE: 3}), "caps.notice"),
        (Caps(accounts={Consequence.ALL: 3}), "caps.all"),
        (Caps(accounts={Consequence.RESTRICT: -1}), "caps.restrict"),
        (Caps(accounts={Consequence.RESTRICT: ACCOUNTS_MAX + 1}), "caps.restrict"),
        (Caps(hours=0), "cap_hours"),
        (Caps(hours=169), "cap_hours"),
        (replace(ALL, hours=168), None),
    ],
)
def test_which_caps_may_be_set(caps: Caps, field: str | None) -> None:
    broken = broken_rule(Engine(mode=Mode.ON, caps=caps))
    assert (broken[0] if broken else None) == field


def on_grace(**other: object) -> Subscription:
    """A month from `DUE` on that is not paid, with service for 20 days."""
    plain = Subscription(
        id=UUID(int=0x51),
        account_id=UUID(int=1),
        state=SubscriptionState.ACTIVE,
        currency="USD",
        interval=Interval(unit=Unit.MONTH, count=1),
        anchor=Anchor(at=DUE, time_zone="UTC"),
        index=0,
        period=Period(start=DUE, end=DUE + 31 * DAY),
        items=(),
        version=3,
        grace_until=DUE + 20 * DAY,
        grace_invoice=FIRST,
    )
    return replace(plain, **other)  # type: ignore[arg-type]


def test_service_has_run_out_when_period_and_grace_are_over() -> None:
    assert not lapsed(on_grace(), DUE + 30 * DAY)
    assert lapsed(on_grace(), DUE + 31 * DAY)
    longer = on_grace(grace_until=DUE + 90 * DAY)
    assert (lapsed(longer, DUE + 89 * DAY), lapsed(longer, DUE + 90 * DAY)) == (False, True)
    assert not lapsed(on_grace(grace_invoice=None, grace_until=None), DUE + 40 * DAY)
    assert not lapsed(on_grace(pending=Pending(cancel=True)), DUE + 40 * DAY)
    assert not lapsed(on_grace(state=SubscriptionState.ENDED), DUE + 40 * DAY)


def test_under_a_ladder_the_clock_ends_nothing() -> None:
    lapse = kept(POLICY, Restraint())
    assert lapse is not None
    assert (lapse.withheld, lapse.capped) == (None, False)


def test_without_a_ladder_it_ends_unless_that_is_withheld() -> None:
    assert kept(Policy(), Restraint()) is None
    observed, above = kept(Policy(), Restraint(passive="only observed")), kept(Policy(), Restraint(caps=ALL))
    assert observed is not None
    assert above is not None
    assert (observed.withheld, observed.capped) == ("only observed", False)
    assert (above.withheld, above.capped) == ("above the cap of 3 accounts in 24 hours", True)
    assert kept(Policy(), Restraint(caps=ALL, permits=frozenset({Consequence.CANCEL}))) is None


def test_paid_in_time_the_period_is_as_it_was() -> None:
    after = resumed(on_grace(), DUE + 25 * DAY)
    assert (after.grace_until, after.grace_invoice, after.version) == (None, None, 4)
    assert (after.period, after.pending) == (on_grace().period, None)


def test_paid_after_service_ran_out_the_next_period_begins_then() -> None:
    at = DUE + 50 * DAY
    after = resumed(on_grace(), at)
    assert (after.due_at, after.grace_invoice) == (at, None)
    assert after.pending == Pending(interval=Interval(unit=Unit.MONTH, count=1))
    yearly = Pending(interval=Interval(unit=Unit.YEAR, count=1))
    assert resumed(on_grace(pending=yearly), at).pending == yearly


def test_a_verdict_holds_until_service_runs_out_and_says_what_comes_then(shop: Shop) -> None:
    late = owing(shop, due_at=ISSUED_AT)
    lapsing = on_grace(account_id=shop.account.id, period=Period(start=DUE, end=DUE + 31 * DAY))
    snapshot = Case(shop, (late,), {FIRST: ASKED}).snapshot(subscriptions=(lapsing,))
    before = assess(snapshot, shop.catalog, Policy(), DUE + 30 * DAY)
    assert before.recheck_at == DUE + 31 * DAY
    ends = assess(snapshot, shop.catalog, Policy(), DUE + 31 * DAY)
    assert ends.evidence[-1].endswith("no service since 2026-01-21: it is ended by the billing clock")
    capped = replace(shop.catalog, engine=Engine(caps=ALL))
    waits = assess(snapshot, capped, Policy(), DUE + 31 * DAY)
    assert waits.withheld == ("cancel, above the cap of 3 accounts in 24 hours",)
    assert waits.evidence[-2].endswith("no service since 2026-01-21: its end is withheld")
    laddered = assess(snapshot, shop.catalog, POLICY, DUE + 31 * DAY)
    assert any(
        "it ends when its invoice is given up, and goes on when it is paid" in s for s in laddered.evidence
    )
