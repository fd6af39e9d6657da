"""Why a payment failed decides what follows: hard and soft declines, backups, 3-D Secure, outages, new cards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from solvent.core.attempt import Attempt
from solvent.core.change import AddMethod
from solvent.core.request import CancelNow
from solvent.core.snapshot import Standing
from solvent.providers.sandbox.faults import FaultPlan
from solvent.sim import Customer
from tests.flows.acts import DECLINED, DECLINED_LATER, EXPIRED, GOOD, NO_FUNDS, zone
from tests.flows.test_dunning import DAY, govern
from tests.simulation.checks import wrong
from tests.simulation.fragile import FragileWorld

pytestmark = pytest.mark.unmeasured

MASTERCARD = "5555555555554444"
AMEX = "378282246310005"
ALWAYS_CHALLENGED = "4000002760003184"
UNREACHED = "4000000000000119"


@pytest.fixture(params=[True, False], ids=["shipped", "built in"])
def world(request: pytest.FixtureRequest, flows_url: str, numbers: Iterator[int]) -> Iterator[FragileWorld]:
    """A world under the shipped policies, or under the one that is built in."""
    number = next(numbers)
    world = FragileWorld(flows_url, buckets=(number,), seed=number)
    world.polls = False
    with world.database.pool.connection() as connection:
        connection.execute("alter table policy_edition disable trigger user")
        connection.execute("delete from policy_edition")
        connection.execute("alter table policy_edition enable trigger user")
    world.database.catalog(["not yet read@1"])
    if request.param:
        govern(world)
    yield world
    found = wrong(world)
    world.close()
    assert found == []


def buyer(world: FragileWorld, *cards: str) -> Customer:
    """A customer with these cards, the first of which paid for a zone; they fail, or not, from then on."""
    ada = world.customer("Ada")
    ada.buy(zone(), GOOD)
    for card in (MASTERCARD, AMEX)[: len(cards) - 1]:
        ada.buy(AddMethod(), card)
    bank = world.banks.played["sandbox"]
    methods = sorted(ada.snapshot().methods, key=lambda m: m.priority)
    for method, card in zip(methods, cards, strict=True):
        bank.set_behaviour(method.token, card)
    return ada


def failed(customer: Customer) -> list[str | None]:
    """The causes of what failed, first to last."""
    return [a.cause for a in customer.attempts() if a.cause is not None]


def test_a_soft_decline_is_tried_again_and_a_hard_one_never(world: FragileWorld) -> None:
    soft, hard = buyer(world, NO_FUNDS), buyer(world, EXPIRED)
    start = soft.subscription().period.end
    world.until(start + 29 * DAY)
    assert failed(soft) == ["insufficient_funds"] * 6
    assert failed(hard) == ["card_expired"]
    assert [m.state for m in hard.snapshot().methods] == ["invalid"]


def test_methods_are_tried_in_sequence_at_once_and_one_is_charged(world: FragileWorld) -> None:
    ada = buyer(world, NO_FUNDS, DECLINED, GOOD)
    start = ada.subscription().period.end
    world.until(start)
    assert failed(ada) == ["insufficient_funds", "declined"]
    assert [charge.amount for charge in ada.charges()] == [2_000, 2_000]  # the purchase, and one renewal
    assert (ada.debt(), ada.standing()) == (0, Standing.GOOD)
    assert ada.events("dunning.notice") == []  # nothing is told of what a backup pays at once


def test_when_all_methods_fail_the_round_counts_once_and_the_schedule_goes_on(world: FragileWorld) -> None:
    ada = buyer(world, NO_FUNDS, DECLINED)
    start = ada.subscription().period.end
    world.until(start + 29 * DAY)
    assert failed(ada)[:2] == ["insufficient_funds", "declined"]
    assert len(failed(ada)) == 2 + 5


def test_what_was_declined_before_another_card_ended_waits_for_its_turn(world: FragileWorld) -> None:
    """Also where the clock stands still, so that all of a round happened at once."""
    ada = buyer(world, DECLINED, EXPIRED)
    start = ada.subscription().period.end
    world.until(start + DAY / 2)
    assert failed(ada) == ["declined", "card_expired"]
    world.until(start + 29 * DAY)
    assert failed(ada) == ["declined", "card_expired"] + ["declined"] * 5


def test_an_unknown_outcome_of_the_first_method_keeps_the_second_one_away(world: FragileWorld) -> None:
    """An ambiguous time-out: the first card was charged after all, so the second one never is."""
    ada = buyer(world, GOOD, GOOD)
    line = world.banks.lines["sandbox"]
    start = ada.subscription().period.end
    line.plan(FaultPlan(scripts={"charge": ("lost_reply",)}))
    line.blind = world.banks.post.held = True
    world.until(start)
    (renewal,) = [a for a in ada.attempts() if a.path == "renewal"]
    assert renewal.state == "unknown"
    line.blind = world.banks.post.held = False
    world.wait(hours=2)
    assert [charge.amount for charge in ada.charges()] == [2_000, 2_000]
    assert (ada.debt(), failed(ada)) == (0, [])


def test_what_needs_the_customer_is_told_with_what_a_link_needs(world: FragileWorld) -> None:
    ada = buyer(world, ALWAYS_CHALLENGED)
    start = ada.subscription().period.end
    world.until(start + 2 * DAY)
    assert failed(ada) == ["authentication_required"]
    assert ada.has("zone-pro")  # service goes on meanwhile
    (invoice,) = ada.open_invoices()
    for told in ada.events("dunning.notice"):
        assert (told.data["cause"], told.data["debt"], told.data["currency"]) == (
            "action_needed",
            2_000,
            "USD",
        )
        assert told.data["invoice_id"] == str(invoice.id)
    page = ada.open_debt(invoice.id)  # where the link leads: the same invoice, on-session
    assert isinstance(page, Attempt)
    ada.complete(page, ALWAYS_CHALLENGED)
    world.work()
    assert (ada.debt(), ada.standing()) == (0, Standing.GOOD)


def test_an_outage_does_not_count_against_the_customer(world: FragileWorld) -> None:
    ada = buyer(world, UNREACHED)
    start = ada.subscription().period.end
    world.until(start + DAY / 4)
    outages = len(failed(ada))
    assert outages > 5
    world.banks.played["sandbox"].set_behaviour(ada.snapshot().methods[0].token, NO_FUNDS)
    world.until(start + 29 * DAY)
    soft = failed(ada)[outages:]
    assert set(soft[-5:]) == {"insufficient_funds"}
    assert soft.count("insufficient_funds") == 6  # the whole schedule is left: one, and five more


@pytest.mark.parametrize("day", [1, 7, 15])
def test_a_new_card_is_charged_at_once(world: FragileWorld, day: int) -> None:
    ada = buyer(world, NO_FUNDS)
    start = ada.subscription().period.end
    world.until(start + day * DAY)
    assert ada.debt() == 2_000
    ada.buy(AddMethod(), MASTERCARD)
    world.work()
    assert (ada.debt(), ada.standing()) == (0, Standing.GOOD)
    assert len(ada.charges()) == 2


def test_a_cancelled_subscription_is_not_dunned_and_its_debt_is(world: FragileWorld) -> None:
    ada, ben = buyer(world, NO_FUNDS), buyer(world, DECLINED_LATER)
    start = ada.subscription().period.end
    ben.buy(CancelNow(subscription_id=ben.subscription().id))
    world.until(start + DAY)
    ada.buy(CancelNow(subscription_id=ada.subscription().id))
    world.until(start + 29 * DAY)
    assert (failed(ben), ben.events("dunning"), ben.debt()) == ([], [], 0)
    assert (failed(ada), ada.debt()) == (["insufficient_funds"] * 6, 2_000)
    assert len(ada.invoices()) == 2  # the period that was owed, and none after it


def test_an_object_that_moves_leaves_the_debt_with_whom_it_is_of(world: FragileWorld) -> None:
    """Ada owes for a zone that Ben takes over: Ben is not dunned for it, and Ada goes on owing it."""
    ada = buyer(world, NO_FUNDS)
    start = ada.subscription().period.end
    world.until(start + 6 * DAY)
    ben = world.customer("Ben")
    ben.buy(zone(), GOOD)
    ada.buy(CancelNow(subscription_id=ada.subscription().id))
    world.until(start + 12 * DAY)
    assert (ben.debt(), ben.standing(), ben.has("zone-pro")) == (0, Standing.GOOD, True)
    assert (ada.debt(), ada.standing() is Standing.GOOD) == (2_000, False)
    page = ada.open_debt()
    assert isinstance(page, Attempt)
    ada.complete(page, MASTERCARD)
    assert ada.debt() == 0
    assert [c.amount for c in ben.charges()] == [2_000]
