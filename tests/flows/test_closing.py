"""Closing: an account of which everything has ended and been paid; nothing new begins, and late money goes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from solvent.core.account import Account
from solvent.core.attempt import Attempt
from solvent.core.closed_account import CLOSED
from solvent.core.payment import AttemptState
from solvent.core.plan import Refusal
from solvent.core.request import AddMethod, CancelNow, Change, NewItem, Purchase, TopUp
from solvent.core.snapshot import Standing
from solvent.flows.change import open_change
from solvent.flows.closing import close_account, reopen_account
from solvent.flows.invoicing import finalise
from solvent.flows.opening import Asked
from solvent.flows.waiting import keep_item, remove_item
from solvent.sim import Customer
from solvent.sim.customer import Refused
from tests.flows.acts import DECLINED_LATER, manual, zone
from tests.flows.interleaving import interleaved
from tests.flows.test_invoice_items import asked
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

NOBODY = Refusal(field="account_id", rule="must be an existing account")


def close(customer: Customer) -> Account | Refusal:
    world = customer.world
    return close_account(world.platform, customer.id, "carol", "asked for it", world.now)


def reopen(customer: Customer) -> Account | Refusal:
    world = customer.world
    return reopen_account(world.platform, customer.id, "carol", "came back", world.now)


def left(customer: Customer) -> str:
    """The field of what keeps an account from being closed."""
    refusal = close(customer)
    assert isinstance(refusal, Refusal), "it was closed"
    return refusal.field


@pytest.fixture
def gone(world: FragileWorld, ada: Customer) -> Customer:
    """Ada had a zone, and has closed her account."""
    ada.buy(zone())
    ada.buy(CancelNow(subscription_id=ada.subscription().id))
    assert isinstance(close(ada), Account)
    world.work()
    return ada


def test_what_has_ended_and_is_paid_is_closed_and_stands_so(gone: Customer) -> None:
    assert gone.standing() is Standing.CLOSED
    assert [e.data for e in gone.events("account.closed")] == [{"by": "carol", "reason": "asked for it"}]
    assert isinstance(close(gone), Account), "twice is harmless"
    assert len(gone.events("account.closed")) == 1
    assert [invoice.total for invoice in gone.invoices()] == [2_000], "its documents stay"


def test_what_is_left_is_named_until_nothing_is(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), DECLINED_LATER)
    assert left(ada) == "subscriptions"
    world.until(ada.subscription().period.end)
    ada.buy(CancelNow(subscription_id=ada.subscription().id))
    assert left(ada) == "invoices"
    ada.pay_debt()
    item = keep_item(world.platform, ada.account, manual(500)[0], world.now)
    assert not isinstance(item, Refusal)
    assert left(ada) == "invoice_items"
    remove_item(world.platform, item.id, world.now)
    opened = ada.open(zone())
    assert close(ada) == Refusal(field="account_id", rule="has a payment under way: wait for its end")
    world.until(opened.expires_at + timedelta(hours=1))
    assert isinstance(close(ada), Account)


@pytest.mark.parametrize(
    "change",
    [
        zone(),
        Purchase(items=(NewItem(price_id=price("onboarding", "USD", None)),)),
        TopUp(amount=500),
        AddMethod(),
    ],
    ids=lambda change: type(change).__name__,
)
def test_nothing_begins_of_a_closed_account(gone: Customer, change: Change) -> None:
    with pytest.raises(Refused) as refused:
        gone.quote(change)
    assert refused.value.answer == CLOSED
    with pytest.raises(Refused):
        gone.open(change)


def test_nothing_is_invoiced_to_a_closed_account(world: FragileWorld, gone: Customer) -> None:
    account = gone.snapshot().account
    assert keep_item(world.platform, account, manual(500)[0], world.now) == CLOSED
    assert finalise(world.platform, asked(gone), manual(500), world.now) == CLOSED


def test_it_is_opened_again_and_buys(world: FragileWorld, gone: Customer) -> None:
    assert isinstance(reopen(gone), Account)
    assert isinstance(reopen(gone), Account), "twice is harmless"
    assert [e.data for e in gone.events("account.reopened")] == [{"by": "carol", "reason": "came back"}]
    world.work()
    assert gone.standing() is Standing.GOOD
    gone.buy(zone())
    assert gone.has("zone-pro")


def test_whoever_was_overtaken_by_closing_gets_the_money_back(world: FragileWorld, ada: Customer) -> None:
    """Closing saw nothing under way, and then this payment was recorded: what it pays for cannot begin any more."""
    late = Asked(account_id=ada.id, key="late", input_hash=b"")
    opened = open_change(interleaved(world.platform, "add", lambda: close(ada)), late, zone(), world.now)
    assert isinstance(opened, Attempt)
    ada.complete(opened)
    world.work()
    assert ada.attempt(opened).state is AttemptState.RETURNED
    assert (ada.subscriptions(), ada.invoices(), ada.standing()) == ((), [], Standing.CLOSED)
    (stranded,) = ada.events("payment.stranded")
    assert stranded.data["reason"] == "stale"
    assert ada.credit() == 2_000


def test_an_account_that_nobody_knows_is_neither_closed_nor_opened(
    world: FragileWorld, ada: Customer
) -> None:
    nobody = world.platform.ids.account()
    for move in (close_account, reopen_account):
        assert move(world.platform, nobody, "carol", "why", world.now) == NOBODY
