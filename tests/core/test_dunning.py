"""What follows from what is owed: which measures, notices and ends, day by day."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.dunning import GIVEN_UP, THRESHOLD, Decision, ladder_of
from solvent.core.ladder import Fate, Ladder, Lift, Measure, Scope, Trouble
from solvent.core.owed import InEffect, UnderWay
from solvent.core.policy import Policy
from tests.core.ladders import DAY, DUE, LADDER, POLICY, SUBSCRIPTION, measures, on_day, owed, rung
from tests.drawing import examples

BY_SUBSCRIPTION = replace(POLICY, ladders=(replace(LADDER, scope=Scope.SUBSCRIPTION),))
ONE = replace(POLICY, lift=Lift.ONE)
OTHER = UUID(int=0x52)


def test_the_ladder_day_by_day() -> None:
    told = [on_day(day, owed()) for day in (-1, 0, 4, 5, 10, 20, 29, 30)]
    assert [measures(d) for d in told] == [
        [],
        [],
        [],
        ["restrict"],
        ["restrict", "suspend_usage"],
        ["downgrade", "restrict", "suspend_usage"],
        ["downgrade", "restrict", "suspend_usage"],
        ["downgrade", "restrict", "suspend_usage"],
    ]
    assert [[n.rung for n in d.notices] for d in told] == [
        [],
        ["due"],
        ["due"],
        ["restricted"],
        ["restricted"],
        ["downgraded"],
        ["downgraded"],
        ["downgraded"],
    ]
    assert [d.give_up for d in told] == [{}] * 7 + [{UUID(int=1): Scope.ACCOUNT}]
    ahead = [None if d.next_at is None else (d.next_at - DUE).days for d in told]
    assert ahead == [0, 5, 5, 10, 20, 30, 30, None]
    assert [d.rungs.get(UUID(int=1)) for d in told] == [
        None,
        "due",
        "due",
        "restricted",
        "suspended",
        "downgraded",
        "downgraded",
        "given-up",
    ]


def test_what_a_measure_says_of_itself() -> None:
    restricted, suspended, downgraded = on_day(25, owed()).measures
    assert (restricted.rung, restricted.since, restricted.invoice_id) == (
        "restricted",
        DUE + 5 * DAY,
        UUID(int=1),
    )
    assert (suspended.products, downgraded.products) == ((), ("free",))
    assert {x.subscription_id for x in (restricted, suspended, downgraded)} == {None}


def test_a_measure_may_touch_one_subscription_but_restricting_is_for_the_account() -> None:
    found = on_day(25, owed(), policy=BY_SUBSCRIPTION).measures
    assert [x.subscription_id for x in found] == [None, SUBSCRIPTION, SUBSCRIPTION]


def test_nothing_owed_and_no_ladder_decide_nothing() -> None:
    assert on_day(25) == Decision()
    assert on_day(25, owed(), policy=Policy()) == Decision()
    assert ladder_of(owed(), Policy()) is None


def test_a_message_is_sent_once_by_rung() -> None:
    assert on_day(3, owed(noticed=frozenset({"due"}))).notices == ()
    (notice,) = on_day(5, owed(noticed=frozenset({"due"}))).notices
    assert (notice.invoice_id, notice.rung, notice.channels) == (
        UUID(int=1),
        "restricted",
        LADDER.rungs[1].notify,
    )


def test_nothing_new_happens_while_a_payment_is_in_flight() -> None:
    before = on_day(6, owed()).measures
    flying = on_day(35, owed(in_flight=True), before=before)
    assert (flying.measures, flying.give_up) == (before, {})
    assert on_day(35, owed(in_flight=True), before=before, policy=ONE).measures == before
    assert on_day(35, owed(in_flight=True)).measures == ()


def page(opened: float, expires: float = 99) -> UnderWay:
    """A payment of a debt that only waits for its customer."""
    return UnderWay(opened_at=DUE + opened * DAY, expires_at=DUE + expires * DAY, waits=True)


def test_a_page_to_pay_keeps_away_what_would_begin_after_it_was_opened_and_nothing_else() -> None:
    early = owed(paying=(page(5),))
    assert measures(on_day(7, early)) == []  # restricted would begin on day 5, as it was opened
    assert measures(on_day(7, owed(paying=(page(5.1),)))) == ["restrict"]
    some = on_day(21, owed(paying=(page(10),)))
    assert measures(some) == ["restrict"]
    before = on_day(9, owed()).measures
    assert on_day(12, owed(paying=(page(8),)), before=before).measures == before  # what is in effect stays
    assert on_day(9, owed(paying=(page(4),)), before=before, policy=ONE).measures == before


def test_a_page_that_was_opened_too_late_keeps_no_giving_up_away() -> None:
    late, early = owed(paying=(page(30.1),)), owed(paying=(page(30),))
    assert on_day(31, late).give_up == {late.invoice_id: Scope.ACCOUNT}
    assert on_day(31, late).ends_since == DUE + 30 * DAY
    assert (on_day(31, early).give_up, on_day(31, early).ends_since) == ({}, None)
    other = owed(2, due=5, paying=(page(29),))
    assert on_day(31, owed(), other).give_up == {}  # of the account nothing while any waits
    alone = replace(POLICY, ladders=(replace(LADDER, scope=Scope.SUBSCRIPTION),))
    assert set(on_day(31, owed(), other, policy=alone).give_up) == {owed().invoice_id}
    both = on_day(41, owed(), owed(2, due=10), policy=alone)
    assert (len(both.give_up), both.ends_since) == (2, DUE + 40 * DAY)


def test_usage_beyond_a_threshold_waits_for_a_page_that_was_there_when_it_fell_due() -> None:
    for opened, suspends in ((0, False), (0.1, True)):
        found = on_day(1, owed(beyond=("requests",), paying=(page(opened),)))
        assert bool(found.measures) is suspends


def test_what_is_being_paid_is_not_forgiven() -> None:
    policy = replace(POLICY, fate=Fate.FORGIVEN)
    assert on_day(31, owed(given_up=True, debt=5, paying=(page(30.5),)), policy=policy).forgive == {}


def test_paying_lifts_at_once_and_as_a_whole() -> None:
    before = on_day(25, owed()).measures
    assert len(before) == 3
    assert on_day(25, before=before) == Decision()


def test_all_that_is_due_must_be_paid_or_what_brought_it_about() -> None:
    before = on_day(12, owed(1), owed(2, due=9)).measures
    assert on_day(12, owed(2, due=9), before=before).measures == before
    assert on_day(12, owed(2, due=9), before=before, policy=ONE).measures == ()


def test_with_one_what_the_rest_is_old_enough_for_stays_as_it_began() -> None:
    before = on_day(12, owed(1), owed(2, due=6)).measures
    (left,) = on_day(13, owed(2, due=6), before=before, policy=ONE).measures
    assert (left.measure, left.since) == (Measure.RESTRICT, DUE + 5 * DAY)


def test_what_is_not_due_yet_keeps_nothing_in_effect() -> None:
    before = on_day(12, owed(1)).measures
    assert on_day(12, owed(2, due=20), before=before).measures == ()


def test_a_debt_of_another_subscription_keeps_nothing_of_this_one() -> None:
    before = on_day(12, owed(), policy=BY_SUBSCRIPTION).measures
    other = owed(2, due=11, subscription_id=OTHER)
    kept = on_day(12, other, before=before, policy=BY_SUBSCRIPTION).measures
    assert [x.measure for x in kept] == [Measure.RESTRICT]
    own = owed(2, due=11)
    assert on_day(12, own, before=before, policy=BY_SUBSCRIPTION).measures == before


def test_age_counts_anew_from_the_oldest_that_is_left() -> None:
    """The schedule re-anchors: what is 3 days old does not climb because its elder did."""
    before = on_day(12, owed(1), owed(2, due=9)).measures
    later = on_day(15, owed(2, due=9), before=before)
    assert measures(later) == ["restrict", "suspend_usage"]
    assert later.next_at == DUE + 19 * DAY
    assert measures(on_day(29, owed(2, due=9), before=later.measures)) == [
        "downgrade",
        "restrict",
        "suspend_usage",
    ]


def test_what_was_given_up_bans_until_it_is_paid() -> None:
    gone = on_day(31, owed(given_up=True))
    (ban,) = gone.measures
    assert (ban.measure, ban.rung, ban.since) == (Measure.BAN, GIVEN_UP, DUE + 31 * DAY)
    assert (gone.give_up, gone.notices, gone.next_at, gone.forgive) == ({}, (), None, {})
    again = on_day(60, owed(given_up=True), before=gone.measures)
    assert again.measures == gone.measures
    assert on_day(61, before=again.measures).measures == ()
    assert on_day(31, owed(given_up=True), policy=Policy()).measures == ()


def test_a_debt_that_was_given_up_early_bans_before_it_is_due() -> None:
    assert measures(on_day(-5, owed(given_up=True))) == ["ban"]


def test_what_was_given_up_may_be_forgiven() -> None:
    policy = replace(POLICY, fate=Fate.FORGIVEN)
    assert on_day(31, owed(given_up=True, debt=700), policy=policy).forgive == {UUID(int=1): 700}
    assert on_day(31, owed(given_up=True, in_flight=True), policy=policy).forgive == {}
    assert on_day(29, owed(), policy=policy).forgive == {}


def test_unpaid_usage_beyond_its_threshold_suspends_its_product_at_once() -> None:
    (suspended,) = on_day(0, owed(beyond=("requests",))).measures
    assert suspended == InEffect(
        measure=Measure.SUSPEND_PRODUCT,
        rung=THRESHOLD,
        invoice_id=UUID(int=1),
        since=DUE,
        products=("requests",),
    )
    assert on_day(0, owed(beyond=("requests",), in_flight=True)).measures == ()
    assert (
        on_day(0, owed(beyond=("requests",)), policy=replace(POLICY, threshold_suspends=False)).measures == ()
    )
    two = on_day(1, owed(beyond=("requests",)), owed(2, beyond=("stream",)))
    assert [x.products for x in two.measures] == [("requests",), ("stream",)]


SMALL = Ladder(id="small", below={"USD": 1_000}, rungs=(rung("told", 40, Measure.RESTRICT),))
LARGE = Ladder(id="large", at_least={"USD": 1_000}, rungs=(rung("told", 1, Measure.RESTRICT),))
MEDIA = Ladder(
    id="media",
    products=frozenset({"media"}),
    causes=frozenset({Trouble.TRANSIENT}),
    rungs=(rung("told", 2, Measure.RESTRICT),),
)


@pytest.mark.parametrize(
    ("invoice", "ladder"),
    [
        (owed(amount=999), "small"),
        (owed(amount=1_000), "large"),
        (owed(amount=10**9, currency="EUR"), "small"),  # a currency that `at_least` does not name is outside
        (owed(amount=5, product="media"), "media"),
        (owed(amount=5, product="media", trouble=Trouble.OUTAGE), "small"),
        (owed(amount=5, product="zone"), "small"),
    ],
)
def test_amount_cause_and_product_choose_the_ladder(invoice: object, ladder: str) -> None:
    found = ladder_of(invoice, Policy(ladders=(SMALL, LARGE, MEDIA)))  # type: ignore[arg-type]
    assert found is not None
    assert found.id == ladder


debts = st.builds(
    owed,
    st.integers(1, 4),
    st.integers(-40, 10),
    in_flight=st.booleans(),
    given_up=st.booleans(),
    beyond=st.sampled_from([(), ("requests",)]),
    subscription_id=st.sampled_from([SUBSCRIPTION, OTHER, None]),
)
policies = st.builds(
    lambda lift, scope, fate: replace(POLICY, lift=lift, fate=fate, ladders=(replace(LADDER, scope=scope),)),
    st.sampled_from(Lift),
    st.sampled_from(Scope),
    st.sampled_from(Fate),
)


@settings(max_examples=examples(200), deadline=None)
@given(held=st.lists(debts, max_size=4), policy=policies, day=st.integers(0, 40))
def test_deciding_twice_is_deciding_once_and_paying_all_ends_it(
    held: list[object], policy: Policy, day: int
) -> None:
    invoices = tuple(held)
    once = on_day(day, *invoices, policy=policy)  # type: ignore[arg-type]
    twice = on_day(day, *invoices, before=once.measures, policy=policy)  # type: ignore[arg-type]
    assert twice == once
    assert on_day(day, before=once.measures, policy=policy) == Decision()
    assert once.next_at is None or once.next_at > DUE + day * DAY


@settings(max_examples=examples(100), deadline=None)
@given(held=st.lists(debts, max_size=4), policy=policies, day=st.integers(0, 39))
def test_nothing_changes_before_the_moment_at_which_it_is_looked_at_again(
    held: list[object], policy: Policy, day: int
) -> None:
    invoices = tuple(held)
    first = on_day(day, *invoices, policy=policy)  # type: ignore[arg-type]
    last = (first.next_at or DUE + 90 * DAY) - timedelta(microseconds=1)
    then = on_day((last - DUE) / DAY, *invoices, before=first.measures, policy=policy)  # type: ignore[arg-type]
    fell_due = any(i.due_at > DUE + day * DAY for i in invoices)  # type: ignore[attr-defined]
    assert then == first or fell_due
