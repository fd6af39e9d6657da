"""What stays in effect and what ends, where several invoices, policies and measures meet; what is told first."""

from dataclasses import replace

from solvent.core.dunning import Decision
from solvent.core.ladder import Lift, Measure
from tests.core.ladders import DAY, DUE, LADDER, POLICY, measures, on_day, owed, rung

GENTLE = replace(POLICY, ladders=(replace(LADDER, rungs=(rung("restricted", 50, Measure.RESTRICT),)),))


def test_before_its_first_rung_a_ladder_takes_nothing_and_names_no_rung() -> None:
    decided = on_day(1, owed(), policy=GENTLE)
    assert decided == Decision(next_at=DUE + 50 * DAY)


def test_paid_plans_drop_to_nothing_where_the_policy_names_nothing() -> None:
    *_, downgraded = on_day(25, owed(), policy=replace(POLICY, free=None)).measures
    assert (downgraded.measure, downgraded.products) == (Measure.DOWNGRADE, ())


def test_what_a_gentler_policy_would_not_take_yet_stays_until_all_is_paid_or_ends_at_once() -> None:
    """Under `all` whoever owes keeps what is in effect; under `one` the invoice must still bring it about."""
    before = on_day(6, owed()).measures
    assert measures(on_day(7, owed(), before=before, policy=GENTLE)) == ["restrict"]
    assert measures(on_day(7, owed(), before=before, policy=replace(GENTLE, lift=Lift.ONE))) == []
    flying = on_day(7, owed(in_flight=True), before=before, policy=replace(GENTLE, lift=Lift.ONE))
    assert measures(flying) == ["restrict"]


def test_a_ban_ends_with_what_was_given_up_though_something_else_is_owed() -> None:
    banned = on_day(31, owed(1, given_up=True), owed(2, due=30)).measures
    assert [m.measure for m in banned] == [Measure.BAN]
    assert on_day(32, owed(2, due=30), before=banned).measures == ()


def test_a_measure_stays_one_though_the_policy_names_other_products_by_now() -> None:
    before = on_day(25, owed()).measures
    later = on_day(26, owed(), before=before, policy=replace(POLICY, free=("basic",))).measures
    assert later == before
    assert [m.products for m in later if m.measure is Measure.DOWNGRADE] == [("free",)]


def test_the_first_notice_of_an_invoice_says_that_it_is() -> None:
    assert [on_day(day, owed()).notices[0].first for day in (0, 5, 20)] == [True, False, False]
