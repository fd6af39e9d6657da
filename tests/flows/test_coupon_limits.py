"""Limits of coupons: never more redemptions than there are, whoever is faster and wherever a process dies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import islice
from uuid import UUID

import pytest

from solvent.core.attempt import Attempt
from solvent.core.coupon import Duration
from solvent.core.payment import AttemptState, FailureCause, StaleMoney
from solvent.core.plan import Plan, Refusal
from solvent.core.request import (
    Change,
    NewItem,
    Purchase,
)
from solvent.flows.reconcile import resolve
from solvent.flows.seats import exhausted, take_seats
from solvent.sim import Customer
from tests.flows.acts import CHALLENGED, GOOD, NO_FUNDS, switch, zone
from tests.flows.coupons import Offer, at_once, counts, refused, with_coupons
from tests.simulation.checks import wrong
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

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


@pytest.mark.unmeasured
@pytest.mark.parametrize("seats", [1, 3])
def test_the_last_redemptions_are_sold_once_over_all_buckets(
    world: FragileWorld, flows_url: str, numbers: Iterator[int], offer: Offer, seats: int
) -> None:
    """Eight customers in eight buckets buy at the same moment."""
    code = offer(limit=seats)
    worlds = [FragileWorld(flows_url, buckets=(n,), seed=n) for n in islice(numbers, 8)]
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
