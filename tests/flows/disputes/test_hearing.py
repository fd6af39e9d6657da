"""How disputes are heard of: by notification, by the poll, late, twice, before their payment, or by nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from solvent.core.dispute import DisputeState
from solvent.flows import disputes
from solvent.flows.disputes import ALIEN, NO_PAYMENT, NOT_ANSWERED, NOT_MAPPED, learn
from solvent.flows.notify import TRIES_MAX, process
from solvent.flows.reconcile import sweep
from solvent.providers.sandbox import FaultPlan
from solvent.sim import Customer
from solvent.sim.banks import NO_FAULTS
from tests.flows.acts import CHALLENGED, zone
from tests.flows.disputes.contests import (
    BANK,
    LIMIT,
    Contest,
    agree,
    balance,
    cash,
    hint,
    only,
    reasons,
    report_of,
)
from tests.flows.test_notify import parked
from tests.simulation.fragile import START, FragileWorld


def test_the_poll_hears_what_no_notification_told(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.banks.post.lose(world.now)
    assert sweep(world.platform, BANK, START, world.now) == 2
    assert contest.stored.state == "needs_response"


def test_whatever_is_heard_in_which_order_and_how_often_it_ends_alike(world: FragileWorld) -> None:
    """L5: opened, lost and reversed, of 5.00 of 20.00; each told twice, in every order, or lost, and then polled."""
    orders = [*permutations(range(3)), (0, 0, 1, 1, 2, 2), (2, 1, 0, 1, 2), (1, 0), (1, 1, 0), (0,), ()]
    ends = set()
    for n, order in enumerate(orders):
        ben = world.customer(f"Ben {n}")
        contest = Contest(ben, ben.buy(zone()), amount=500, fee=1_500)
        reports = [report_of(world, contest)]
        for won in (False, True):
            world.clock.move(timedelta(seconds=1))
            contest.bank.close_dispute(contest.ref, won, world.now)
            reports.append(report_of(world, contest))
        for told in order:
            assert learn(world.platform, BANK, reports[told], world.now) is None
        world.banks.post.lose(world.now)
        sweep(world.platform, BANK, START, world.now)
        ends.add((contest.stored.state, only(ben).debt, ben.credit(), *sorted(ben.ledger().items())))
        assert [e.type for e in ben.events("dispute.won")] == ["dispute.won"]
    assert len(ends) == 1
    agree(world)


def test_a_poll_that_is_not_answered_says_so(world: FragileWorld, ada: Customer) -> None:
    Contest(ada, ada.buy(zone()))
    world.banks.lines[BANK].script(disputes="timeout")
    assert sweep(world.platform, BANK, START, world.now) is None
    assert sweep(world.platform, BANK, START, world.now) == 2


@pytest.mark.parametrize("by_poll", [True, False])
def test_a_dispute_that_is_heard_of_before_its_payment(
    world: FragileWorld, ada: Customer, by_poll: bool
) -> None:
    attempt = ada.confirm(ada.open(zone()), CHALLENGED)
    ada.pass_challenge(attempt)
    contest = Contest(ada, attempt)
    world.banks.post.lose(world.now)
    report = world.platform.providers.get(BANK).get_dispute(contest.ref)
    assert report is not None
    assert learn(world.platform, BANK, report, world.now) == NO_PAYMENT
    if by_poll:
        disputes.learn_all(world.platform, BANK, [report], world.now)
    else:
        hint(world, contest.ref, attempt)
    assert process(world.platform, world.buckets[0], world.now, LIMIT) == 1
    assert (contest.stored.state, len(ada.invoices())) == ("needs_response", 1)
    agree(world)


def test_a_notification_that_does_not_say_whose_dispute_it_is(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.banks.post.lose(world.now)
    hint(world, contest.ref, None)
    process(world.platform, world.buckets[0], world.now, LIMIT)
    assert contest.stored.state == "needs_response"


def test_one_that_does_not_say_whose_it_is_is_passed_on_while_the_payment_is_missing(
    world: FragileWorld, ada: Customer
) -> None:
    attempt = ada.confirm(ada.open(zone()), CHALLENGED)
    ada.pass_challenge(attempt)
    contest = Contest(ada, attempt)
    world.banks.post.lose(world.now)
    hint(world, contest.ref, None)
    assert process(world.platform, world.buckets[0], world.now, LIMIT) == 1
    assert process(world.platform, world.buckets[0], world.now, LIMIT) == 1
    assert contest.stored.state == "needs_response"


def test_a_dispute_of_somebody_elses_payment_is_put_aside(world: FragileWorld, ada: Customer) -> None:
    stranger = uuid4().int & ~0xFF | world.buckets[0]
    bank = world.banks.by_name[BANK]
    request = {
        "key": f"{stranger:032x}",
        "customer": ada.id.hex,
        "amount": 100,
        "currency": "USD",
        "setup": False,
        "method": None,
        "expires_at": world.now + timedelta(days=1),
        "description": "another shop's",
        "return_url": None,
    }
    paid = bank.call("open", request, world.now)
    confirm = {"key": request["key"], "ref": paid["id"], "method": "tok_4242424242424242"}
    bank.call("confirm", confirm, world.now)
    bank.open_dispute(paid["id"], world.now)
    world.honest = False
    world.banks.post.lose(world.now)
    sweep(world.platform, BANK, START, world.now)
    sweep(world.platform, BANK, START, world.now)
    process(world.platform, world.buckets[0], world.now, LIMIT)
    assert parked(world).count(ALIEN) == 1


def test_what_the_bank_never_heard_of_or_says_nothing_of_is_asked_again_and_put_aside(
    world: FragileWorld, ada: Customer
) -> None:
    attempt = ada.buy(zone())
    world.work()
    hint(world, "dp_none", attempt)
    for _ in range(TRIES_MAX + 1):
        assert process(world.platform, world.buckets[0], world.now, LIMIT) == 1
        world.clock.move(timedelta(hours=7))
    assert parked(world) == [NOT_MAPPED]


def test_while_the_bank_is_away_the_notification_waits(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.deliver()
    world.banks.lines[BANK].plan(FaultPlan(down=1.0))
    process(world.platform, world.buckets[0], world.now, LIMIT)
    assert set(reasons(world)) == {NOT_ANSWERED}
    world.banks.lines[BANK].plan(NO_FAULTS)
    world.clock.move(timedelta(minutes=2))
    process(world.platform, world.buckets[0], world.now, LIMIT)
    assert contest.stored.state == "needs_response"


def test_a_state_that_nobody_mapped_is_asked_again(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.work()
    odd = report_of(world, contest, state=DisputeState.UNKNOWN)
    assert learn(world.platform, BANK, odd, world.now) == NOT_MAPPED
    keyless = report_of(world, contest, key=None)
    assert learn(world.platform, BANK, keyless, world.now) == NO_PAYMENT
    disputes.learn_all(world.platform, BANK, [keyless], world.now)


def test_one_that_cannot_be_settled_is_named_and_put_off(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.work()
    broken = report_of(world, contest, amount=10**30, changed_at=world.now + timedelta(days=1))
    reason = learn(world.platform, BANK, broken, world.now)
    assert str(reason).startswith("cannot be settled: ")
    assert contest.stored.amount == 2_000


def test_a_store_that_is_away_is_nobodys_fault(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    report = report_of(world, contest)
    away = replace(world.platform, outages=(Exception,))
    broken = report_of(world, contest, amount=10**30)
    with pytest.raises(Exception, match="too big"):
        learn(away, BANK, broken, world.now)
    assert learn(world.platform, BANK, report, world.now) is None


def test_the_amount_and_the_fee_may_change_while_it_is_open(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.work()
    world.honest = False
    less = report_of(world, contest, amount=1_200, fee=700, fee_currency="EUR")
    assert learn(world.platform, BANK, less, world.now) is None
    assert (balance(ada, "disputes"), cash(ada)) == (1_200, 800)
