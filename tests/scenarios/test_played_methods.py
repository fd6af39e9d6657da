"""Every kind of method at Stripe, and PayPal in the page: a purchase with the customer, and its renewal without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

from solvent.core.payment import ActionKind, AttemptState
from solvent.flows.opening import confirm
from solvent.ports.provider import Provider
from solvent.sim import Customer, World
from solvent.sim.played import played
from solvent.sim.stories.goods import PRO, PRO_EUR, zone_plan
from solvent.sim.stories.story import JANUARY
from solvent.wiring import Solvent, real_providers
from tests.peers.paypal import play as paypal_play
from tests.peers.stripe import play as stripe_play
from tests.peers.stripe.server import StripeAccount
from tests.scenarios.test_played_disputes import SETTINGS

_buckets = count(1)


class Told(NamedTuple):
    """A method at Stripe: what the page sends, its kind and label to us, and for how many days money is on its way."""

    sent: str
    kind: str
    label: str
    days: int = 0
    price: str = PRO


METHODS = {
    "card": Told("pm_card_visa", "card", "Visa •••• 4242"),
    "apple pay": Told("pm_apple_pay", "wallet", "Apple Pay · Visa •••• 4242"),
    "google pay": Told("pm_google_pay", "wallet", "Google Pay · Visa •••• 4242"),
    "link": Told("pm_link", "wallet", "Link"),
    "sepa": Told("pm_sepaDebit_success", "bank_debit", "SEPA debit •••• 3000", days=6, price=PRO_EUR),
    "ach": Told("pm_usBankAccount_success", "bank_debit", "STRIPE TEST BANK •••• 6789", days=4),
}


@pytest.fixture(scope="module")
def stripe(scenario_solvent: Solvent) -> Iterator[tuple[World, StripeAccount]]:
    """A world with Stripe in it; what went over the wire was as its document has it, and all laws hold in the end."""
    served = stripe_play.Rooms()
    world = world_of(scenario_solvent, "stripe", served.url)
    account, _ = served.room(str(world.buckets[0]))
    yield world, account
    assert [finding for finding in world.laws() if finding.violations] == []
    served.close()
    assert served.witness.faults == []


def world_of(solvent: Solvent, name: str, url: str) -> World:
    def connect(room: str, clock: Callable[[], datetime]) -> Provider:
        there = SETTINGS[name].model_copy(update={f"{name}_url": room})
        return real_providers(there, clock, solvent.database.payers)[name]

    number = next(_buckets)
    return World(solvent, start=JANUARY, seed=number, buckets=[number], opened=played(name, url, connect))


def bought(world: World, method: Told) -> Customer:
    """A customer who has paid so, and whose money is on the way for a while, if it is."""
    euro = method.price == PRO_EUR
    where = {"currency": "EUR", "country": "DE", "entity": "solvent-eu"} if euro else {}
    customer = world.customer(method.label, **where)  # type: ignore[arg-type]
    opened = customer.open(zone_plan("methods.example", method.price))
    paid = confirm(world.platform, opened.id, method.sent, world.now)
    assert paid is not None
    if method.days:
        assert paid.state is AttemptState.PROCESSING
        assert (customer.subscriptions(), customer.invoices()) == ((), [])  # nothing before the money
        world.wait(days=method.days + 1)
    assert customer.attempt(opened).state is AttemptState.COMMITTED
    return customer


@pytest.mark.parametrize("name", METHODS)
def test_a_purchase_and_its_renewal_by_each_kind_of_method(
    stripe: tuple[World, StripeAccount], name: str
) -> None:
    world, method = stripe[0], METHODS[name]
    customer = bought(world, method)
    (kept,) = customer.snapshot().methods
    assert (kept.kind, kept.label, kept.off_session) == (method.kind, method.label, True)
    first = customer.subscription()
    world.until(first.period.end)
    world.wait(days=method.days + 1)
    renewed = customer.subscription()
    assert (renewed.id, renewed.period.start) == (first.id, first.period.end)
    assert [invoice.state for invoice in customer.invoices()] == ["paid", "paid"]
    amounts = [charge.amount for charge in customer.charges()]
    assert amounts == [invoice.total for invoice in customer.invoices()]


def test_an_ach_debit_that_its_bank_returns_weeks_after_it_was_paid_is_owed_again(
    stripe: tuple[World, StripeAccount],
) -> None:
    """Paid on day 4 and committed then; returned on day 25, for want of funds; another method pays it."""
    world, account = stripe
    ada = bought(world, METHODS["ach"])
    world.wait(days=20)
    account.return_debit(ada.charges()[0].ref, "insufficient_funds")
    world.work()
    (invoice,) = ada.invoices()
    assert (invoice.state, invoice.charged_back, ada.debt()) == ("open", 2_000, 2_000)
    assert (
        ada.subscription().grace_until is not None
    )  # service stands on grace, and no longer on that payment
    ada.pay_debt()
    (invoice,) = ada.invoices()
    assert (invoice.state, ada.debt()) == ("resolved", 0)
    assert sum(row.amount for row in ada.charges()) == 2 * 2_000


def test_paypals_button_in_the_page_pays_the_same_order_without_a_redirect(scenario_solvent: Solvent) -> None:
    """The button knows the order by the token in the address; the payer approves in a window of PayPal's."""
    served = paypal_play.Rooms()
    world = world_of(scenario_solvent, "paypal", served.url)
    ada = world.customer("Ada")
    opened = ada.open(zone_plan("button.example"))
    assert opened.action is not None
    assert opened.action.kind is ActionKind.REDIRECT
    (order,) = parse_qs(urlsplit(str(opened.action.url)).query)["token"]
    peer, _ = served.room(str(world.buckets[0]))
    early = confirm(world.platform, opened.id, None, world.now)  # the window was closed again
    assert early is not None
    assert (early.state, ada.subscriptions()) == (AttemptState.REQUIRES_ACTION, ())
    peer.approve(order)
    paid = confirm(world.platform, opened.id, None, world.now)
    assert paid is not None
    assert (paid.state, [row.amount for row in ada.charges()]) == (AttemptState.COMMITTED, [2_000])
    (kept,) = ada.snapshot().methods
    assert (kept.provider, kept.kind, kept.off_session) == ("paypal", "agreement", True)
    served.close()
    assert served.witness.faults == []
