"""Arrears: what is invoiced later in a merchant's life, each as one act chosen by numbers: usage, and what waits.

Owns the acts of product services that tell of usage (and correct it), and of the clerk who lets lines wait for an
invoice, removes them, and invoices them. Does not own purchases and payments (`life`), nor the order of acts (a machine
draws it).
"""

from datetime import timedelta

from solvent.core.invoice_item import ItemState
from solvent.core.meter import UsageEvent
from solvent.core.request import NewItem, Start
from solvent.flows.usage import Ingested, ingest
from solvent.flows.waiting import remove_item
from solvent.sim import Customer
from tests.simulation.crashing import Mishap
from tests.simulation.goods import price
from tests.simulation.life import Life, pick

GOOD = "4242424242424242"
PRODUCTS = (None, "zone-pro", "domain-com")
USED = (1_000_000, 40_000_000, 150_000_000, 400_000_000)
AGO = (timedelta(0), timedelta(minutes=50), timedelta(days=3), timedelta(days=32))


def uses(life: Life, customer: Customer, number: int, mishap: Mishap | None) -> None:
    """A service tells what was used, some of it late, and now and then corrects what it told before. Who has nothing
    metered yet buys it, beside a fee in advance or alone."""
    currency = customer.account.currency
    metered = price("requests", currency)
    if not any(i.price_id == metered for s in customer.subscriptions() for i in s.items):
        fee = NewItem(price_id=price("zone-pro", currency), object=f"zone:used{number % 2}.example")
        items = (NewItem(price_id=metered), *([fee] if number % 3 else []))
        life.pay(customer, life.ask(customer, Start(items=items), mishap=mishap), GOOD, None)
        return
    now = life.world.now
    names = [f"{customer.name} {n}" for n in range(4)]
    corrects = names[number % 4] if number % 7 == 0 else None
    value = None if number % 14 == 0 else USED[number % len(USED)]
    name = (
        f"{now.timestamp()} {number}"
        if corrects
        else names[number % 4]
        if number % 5 == 0
        else f"{now} {number}"
    )
    event = UsageEvent(
        name, customer.id, "requests", now - AGO[number // 4 % len(AGO)], "account", value, None, corrects
    )
    if value is None and corrects is None:
        return
    with life.world.during(mishap):
        told = ingest(life.world.platform, [event], lambda: now)
        assert isinstance(told, Ingested), told


def lets_wait(life: Life, customer: Customer, number: int, mishap: Mishap | None) -> None:
    """The clerk lets a charge, or a deduction, wait for the next invoice."""
    amount = (1 + number * 5) * (-1 if number % 3 == 0 else 1)
    with life.world.during(mishap):
        customer.receive_item(amount, product_id=PRODUCTS[number % len(PRODUCTS)])


def removes(life: Life, customer: Customer, number: int, mishap: Mishap | None) -> None:
    """The clerk removes something that waits, or once waited."""
    item = pick(customer.items(), number)
    if item is not None:
        with life.world.during(mishap):
            remove_item(life.world.platform, item.id, life.world.now)


def invoices(life: Life, customer: Customer, number: int, mishap: Mishap | None) -> None:
    """The clerk invoices what waits now."""
    if customer.items(ItemState.WAITING) or number % 2:
        with life.world.during(mishap):
            customer.is_invoiced_what_waits()
