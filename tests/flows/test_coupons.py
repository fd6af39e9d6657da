"""Coupons on a real database: redeemed only in the commit, never more often than their limits, whoever is faster."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from solvent.core.attempt import Attempt
from solvent.core.coupon import Duration
from solvent.core.payment import AttemptState, FailureCause, Outcome, Report, StaleMoney
from solvent.core.plan import Plan, Refusal
from solvent.core.request import CancelNow, Change, NewItem, Purchase, Redeem, RemoveCoupon, Start
from solvent.flows.reconcile import resolve
from solvent.flows.seats import exhausted, take_seats
from solvent.flows.settle import settle
from solvent.sim import Customer
from solvent.sim.customer import Refused
from solvent.store import offers
from solvent.store.coupon_offers import CouponDraft
from tests.flows.acts import CHALLENGED, GOOD, NO_FUNDS, switch, zone
from tests.simulation.checks import wrong
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

_numbers = itertools.count(1)

Offer = Callable[..., str]


@pytest.fixture
def offer(world: FragileWorld) -> Offer:
    """Puts a coupon on offer, 20 % off once unless told otherwise; its code."""

    def put(**terms: Any) -> str:  # noqa: ANN401 -- fields of the draft
        code = str(terms.pop("code", f"C{next(_numbers)}"))
        named: dict[str, Any] = {"name": "Sale", "duration": Duration.ONCE, **terms}
        if "amount" not in named:
            named.setdefault("ppm", 200_000)
        offers.apply(world.database, coupons=[CouponDraft(code=code, **named)], now=world.now)
        world.database.shelf._checked_s = 0.0  # others see it within a second
        return code

    return put


def with_coupons(*codes: str, **named: str) -> Start:
    return replace(zone(**named), coupons=codes)


def refused(customer: Customer, change: Change) -> tuple[str, str]:
    answer = customer.ask(change)
    assert isinstance(answer, Refusal), answer
    with pytest.raises(Refused):
        customer.quote(change)
    return answer.field, answer.rule


def counts(world: FragileWorld, *codes: str) -> list[tuple[int, int]]:
    """Of each code how many redemptions there are, and seats taken over all accounts."""
    with world.database.pool.connection() as connection:
        return [
            connection.execute(
                "select (select count(*) from coupon_redemption where code = %s),"
                " coalesce((select taken from coupon_tally where holder = %s), 0)",
                (code, f"*:{code}"),
            ).fetchone()
            or (0, 0)
            for code in codes
        ]


# ── one customer ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_coupon_is_consumed_in_the_commit_and_no_earlier(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    code = offer(limit=5)
    change = with_coupons(code.lower())
    quoted = ada.quote(change)
    assert (quoted.due, counts(world, code)) == (1600, [(0, 0)])
    attempt = ada.open(change)
    assert (attempt.plan.fingerprint, counts(world, code)) == (quoted.fingerprint, [(0, 1)])
    ada.confirm(attempt, GOOD)
    assert counts(world, code) == [(1, 1)]
    (invoice,) = ada.invoices()
    assert (invoice.total, [x.amount for x in ada.lines(invoice)]) == (1600, [2000, -400])
    assert [x.coupon_id for x in ada.lines(invoice)] == [None, f"{code}@1"]
    assert [e.data["code"] for e in ada.events("coupon.")] == [code]


def test_a_declined_purchase_consumes_nothing(world: FragileWorld, ada: Customer, offer: Offer) -> None:
    code = offer(limit=1)
    failed = ada.buy(with_coupons(code), NO_FUNDS)
    assert (failed.state, counts(world, code)) == (AttemptState.FAILED, [(0, 1)])
    # Its seat is free again for whoever asks next: here, for herself.
    assert ada.buy(with_coupons(code)).state is AttemptState.COMMITTED
    assert counts(world, code) == [(1, 1)]


def test_repeating_coupons_lower_renewals_and_then_the_price_is_full(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    code, other = offer(duration=Duration.REPEATING, periods=3), offer(amount=100, currency="USD")
    ada.buy(with_coupons(code, other))
    for _ in range(3):
        world.until(ada.subscription().period.end)
    assert [i.total for i in ada.invoices()] == [1500, 1600, 1600, 2000]
    assert ada.subscription().coupons == ()
    ended = {e.data["code"]: e.data["used"] for e in ada.events("coupon.ended")}
    assert ended == {code: 3, other: 1}


def test_a_change_gives_back_what_was_paid(world: FragileWorld, ada: Customer, offer: Offer) -> None:
    code = offer(duration=Duration.FOREVER)
    ada.buy(with_coupons(code))
    upgraded = ada.buy(switch(ada, "zone-business"))
    assert sum(i.total for i in ada.invoices()) == 16_000
    assert [x.amount for x in upgraded.plan.lines] == [-2000, 400, 20_000, -4000]
    ada.buy(CancelNow(subscription_id=ada.subscription().id, credit=True))
    assert ada.credit() == 16_000
    assert [e.type for e in ada.events("coupon.")] == ["coupon.redeemed", "coupon.ended"]


def test_coupons_are_added_and_removed_by_changes_of_their_own(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    code = offer(duration=Duration.FOREVER, limit_per_account=None)
    ada.buy(zone())
    subscription = ada.subscription()
    ada.buy(Redeem(subscription_id=subscription.id, coupons=(code,)))
    assert [x.used for x in ada.subscription().coupons] == [0]
    world.until(subscription.period.end)
    ada.buy(RemoveCoupon(subscription_id=subscription.id, coupon=code))
    assert [x.removed for x in ada.subscription().coupons] == [True]
    world.until(ada.subscription().period.end)
    assert [i.total for i in ada.invoices()] == [2000, 1600, 2000]
    assert ada.subscription().coupons == ()


def test_a_redemption_and_its_end_in_one_batch_are_one_row(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    """Two reports of one account settled together: the purchase, and the cancellation that nothing is due for."""
    code = offer(duration=Duration.FOREVER, ppm=1_000_000)
    attempt = ada.open(with_coupons(code))
    assert attempt.state is AttemptState.COMMITTED
    ada.buy(CancelNow(subscription_id=ada.subscription().id))
    ((redeemed, _),) = counts(world, code)
    assert redeemed == 1
    assert [i.total for i in ada.invoices()] == [0]


def test_usage_is_not_lowered(world: FragileWorld, ada: Customer, offer: Offer) -> None:
    code = offer()
    metered = Start(items=(NewItem(price_id=price("requests")),), coupons=(code,))
    assert refused(ada, metered)[1] == "must be for a product that the subscription has, paid in advance"


# ── rules between plan and commit ──────────────────────────────────────────────────────────────────────────────


def test_a_coupon_that_expires_after_the_attempt_was_opened_still_holds(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    code = offer(valid_until=world.now + timedelta(minutes=5))
    attempt = ada.open(with_coupons(code))
    world.clock.move_to(world.now + timedelta(minutes=6))
    assert ada.confirm(attempt, GOOD).state is AttemptState.COMMITTED
    assert [i.total for i in ada.invoices()] == [1600]
    assert refused(world.customer("Ben"), with_coupons(code))[1].startswith(
        "must be a coupon that has not expired"
    )


def test_a_coupon_that_is_withdrawn_or_superseded_meanwhile_still_holds(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    code, gone = offer(), offer(limit_per_account=None)
    attempt = ada.open(with_coupons(code, gone))
    offer(code=code, ppm=100_000)
    offer(code=gone, limit_per_account=None, active=False)
    assert ada.confirm(attempt, GOOD).state is AttemptState.COMMITTED
    assert [i.total for i in ada.invoices()] == [1280]
    ben = world.customer("Ben")
    assert refused(ben, with_coupons(gone))[1] == "must be the code of a coupon that is on offer"
    assert ben.quote(with_coupons(code)).due == 1800


def test_late_money_for_a_coupon_that_others_may_have_had_since_is_stranded(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    code = offer(limit=1)
    attempt = ada.confirm(ada.open(with_coupons(code)), CHALLENGED)
    ada.pass_challenge(attempt, passed=False)
    assert ada.confirm(attempt).state is AttemptState.FAILED
    ben = world.customer("Ben")
    ben.buy(with_coupons(code))
    world.honest = False
    late = Report(outcome=Outcome.SUCCEEDED, key=attempt.id, ref=attempt.ref, amount=1600, currency="USD")
    settled = settle(world.platform, [late], world.now)[attempt.id]
    assert (settled.state, ada.credit()) == (AttemptState.RETURNED, 1600)
    assert counts(world, code) == [(1, 1)]


# ── limits ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_used_up_is_refused_when_quoted_and_when_opened(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    code = offer(limit=1)
    ada.buy(with_coupons(code))
    ben = world.customer("Ben")
    assert refused(ben, with_coupons(code)) == (
        "coupons[0]",
        "must have a redemption left: all of 1 are used",
    )
    assert ben.attempts() == []
    # A next version counts on: the limit is of the code.
    offer(code=code, limit=2)
    assert ben.buy(with_coupons(code)).state is AttemptState.COMMITTED
    assert refused(world.customer("Cid"), with_coupons(code))[0] == "coupons[0]"


def test_one_account_redeems_it_so_often(world: FragileWorld, ada: Customer, offer: Offer) -> None:
    once, twice = offer(), offer(limit_per_account=2)
    for name in ("one.example", "two.example"):
        ada.buy(with_coupons(twice, name=name))
    ada.buy(with_coupons(once, name="three.example"))
    field, rule = refused(ada, with_coupons(once, twice, name="four.example"))
    assert (field, rule) == ("coupons[0]", "must not be redeemed more than once by one account")
    assert refused(ada, with_coupons(twice, name="four.example"))[1].startswith(
        "must not be redeemed more than 2"
    )
    assert world.customer("Ben").quote(with_coupons(once, twice)).due == 1280


def test_a_code_that_is_held_by_attempts_in_flight_is_refused_only_when_it_is_taken(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    code = offer(limit=1)
    held = ada.open(with_coupons(code))
    ben = world.customer("Ben")
    assert ben.quote(with_coupons(code)).due == 1600  # it may still become free
    answers = [ben.ask(with_coupons(code), key="k") for _ in range(2)]
    assert (
        answers
        == [Refusal(field="coupons", rule=f"must have a redemption left, others were faster: {code}")] * 2
    )
    assert [t.state for t in ben.attempts()] == ["failed"]
    world.until(held.expires_at + timedelta(hours=1))
    assert ada.attempt(held).state is AttemptState.FAILED
    assert ben.buy(with_coupons(code)).state is AttemptState.COMMITTED
    assert counts(world, code) == [(1, 1)]


def test_two_tabs_share_an_attempt_and_its_seat(world: FragileWorld, ada: Customer, offer: Offer) -> None:
    code = offer(limit=1)
    first, second = (ada.open(with_coupons(code), key=key) for key in ("one", "two"))
    assert first.id == second.id
    other = ada.open(with_coupons(code, product="zone-business"))
    assert (
        ada.confirm(other, GOOD).state is AttemptState.COMMITTED
    )  # another plan took the place, and the seat
    assert counts(world, code) == [(1, 1)]


def test_many_seats_are_sorted_out_a_part_at_a_time(
    world: FragileWorld, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More attempts have ended than are looked at together."""
    monkeypatch.setattr("solvent.flows.seats.HELD_MAX", 2)
    code = offer(limit=4)
    people = [world.customer(f"Cy {n}") for n in range(6)]
    people[0].buy(with_coupons(code))
    for person in people[1:3]:
        person.buy(with_coupons(code), NO_FUNDS)
    people[3].open(with_coupons(code))
    assert exhausted(world.platform, people[4].id, [code, "NOPE"], world.database.catalog()) == {}
    assert people[4].buy(with_coupons(code)).state is AttemptState.COMMITTED
    assert people[5].buy(with_coupons(code)).state is AttemptState.COMMITTED
    assert isinstance(world.customer("Di").ask(with_coupons(code)), Refusal)


def test_a_seat_is_looked_for_a_bounded_number_of_times(
    world: FragileWorld, ada: Customer, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solvent.flows.seats.ROUNDS_MAX", 1)
    code = offer(limit=1, limit_per_account=None)
    ada.buy(with_coupons(code), NO_FUNDS)
    ben = world.customer("Ben")
    assert isinstance(
        ben.ask(with_coupons(code)), Refusal
    )  # ada's seat was sorted out, and nobody asked again
    assert ben.buy(with_coupons(code)).state is AttemptState.COMMITTED


@pytest.mark.parametrize("seats", [1, 3])
def test_the_last_redemptions_are_sold_once_over_all_buckets(
    world: FragileWorld, flows_url: str, offer: Offer, seats: int
) -> None:
    """Eight customers in eight buckets buy at the same moment."""
    code = offer(limit=seats)
    worlds = [
        FragileWorld(flows_url, buckets=(90 + 10 * seats + n,), seed=90 + 10 * seats + n) for n in range(8)
    ]
    people = [w.customer(f"Eve {n}") for n, w in enumerate(worlds)]
    try:
        answers = at_once([partial(person.ask, with_coupons(code)) for person in people])
        opened = [(p, a) for p, a in zip(people, answers, strict=True) if isinstance(a, Attempt)]
        assert len(opened) == seats
        paid = at_once([partial(person.confirm, attempt, GOOD) for person, attempt in opened])
        assert [a.state for a in paid] == [AttemptState.COMMITTED] * seats
        assert counts(world, code) == [(seats, seats)]
        for w in worlds:
            assert wrong(w) == []
    finally:
        for w in worlds:
            w.close()


def test_two_purchases_at_once_with_the_last_redemption_of_an_account(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    code = offer()
    changes = [with_coupons(code, name=f"{n}.example") for n in range(4)]
    answers = at_once([partial(ada.ask, change) for change in changes])
    opened = [a for a in answers if isinstance(a, Attempt)]
    assert len(opened) == 1
    assert ada.confirm(opened[0], GOOD).state is AttemptState.COMMITTED
    assert [i.total for i in ada.invoices()] == [1600]


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    barrier = Barrier(len(acts))

    def start(act: Callable[[], Any]) -> Any:  # noqa: ANN401
        barrier.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(start, acts))


# ── crashes ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("product", ["zone-pro", "onboarding"])
def test_wherever_the_process_dies_a_redemption_is_kept_or_free(
    world: FragileWorld, offer: Offer, product: str
) -> None:
    """At every boundary of a purchase that pays, and of one that a coupon pays for."""
    free = product == "onboarding"
    terms = {"ppm": 1_000_000} if free else {}
    item = NewItem(price_id=price(product, period=None))
    for at in range(1, 40):
        code = offer(limit=1, **terms)
        change = Purchase(items=(item,), coupons=(code,)) if free else with_coupons(code)
        ada, ben = world.customer(f"Ada {at}"), world.customer(f"Ben {at}")
        with world.during(Mishap(Trouble.KILLED, at)) as fate:
            ada.buy(change)
        world.wait(hours=2)
        won = len(ada.invoices())
        answer = ben.ask(change)
        if won:
            assert isinstance(answer, Refusal)
        else:
            assert isinstance(answer, Attempt), answer
            ben.complete(answer)
        assert won + len(ben.invoices()) == 1
        assert counts(world, code) == [(1, 1)]
        if not fate.died:
            break
    assert not fate.died


def test_the_janitor_takes_the_seat_that_a_crash_left_untaken_or_ends_the_attempt(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    code = offer(limit=1, ppm=1_000_000)
    item = NewItem(price_id=price("onboarding", period=None))
    change = Purchase(items=(item,), coupons=(code,))
    boundary = next(
        n
        for n in range(1, 30)
        if died_with_an_attempt_and_no_seat(world, world.customer(f"Di {n}"), change, code, n)
    )
    assert boundary
    world.wait(hours=1)
    assert counts(world, code) == [(1, 1)]


def died_with_an_attempt_and_no_seat(
    world: FragileWorld, customer: Customer, change: Change, code: str, at: int
) -> bool:
    with world.during(Mishap(Trouble.KILLED, at)) as fate:
        customer.open(change)
    assert fate.died
    return bool(customer.attempts()) and counts(world, code) == [(0, 0)]


@pytest.mark.parametrize("free", [True, False])
def test_the_janitor_ends_an_attempt_whose_seat_is_gone(
    world: FragileWorld, offer: Offer, free: bool
) -> None:
    code = offer(limit=1, **({"ppm": 1_000_000, "duration": Duration.FOREVER} if free else {}))
    change = with_coupons(code)
    for at in range(1, 30):
        di = world.customer(f"Di {at}")
        if died_with_an_attempt_and_no_seat(world, di, change, code, at):
            break
    fay = world.customer("Fay")
    assert fay.buy(change).state is AttemptState.COMMITTED
    world.clock.move(timedelta(minutes=2))
    resolve(world.platform, world.buckets[0], world.now, 10)
    (attempt,) = di.attempts()
    assert (attempt.state, attempt.cause) == ("failed", FailureCause.COUPON_USED_UP)
    assert counts(world, code) == [(1, 1)]


# ── money that comes for something else ────────────────────────────────────────────────────────────────────────


def test_stale_money_may_pay_for_the_same_change_with_its_coupons_planned_anew(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    """The attempt is in flight, so its seats are still its own."""
    code = offer(limit=1)
    world.decide(stale_money=StaleMoney.REPLAN)
    ada.buy(zone())
    change = replace(switch(ada, "zone-business"), coupons=(code,))
    attempt = ada.confirm(ada.open(change), CHALLENGED)
    subscription = ada.subscription()
    bump(world, subscription.id)
    ada.pass_challenge(attempt)
    settled = ada.confirm(attempt)
    assert isinstance(settled.plan, Plan)
    assert settled.state is AttemptState.COMMITTED
    assert counts(world, code) == [(1, 1)]


def bump(world: FragileWorld, subscription_id: UUID) -> None:
    """Something else has changed the subscription meanwhile."""
    with world.database.pool.connection() as connection:
        connection.execute("update subscription set version = version + 1 where id = %s", (subscription_id,))


def test_taking_a_seat_twice_is_taking_it_once(world: FragileWorld, ada: Customer, offer: Offer) -> None:
    code = offer(limit=2)
    attempt = ada.open(with_coupons(code))
    assert take_seats(world.platform, attempt, world.now)
    assert counts(world, code) == [(0, 1)]
