"""Usage in arrears: counted once, billed when its period is over, and never undone."""

from __future__ import annotations

import itertools
from datetime import datetime

from solvent.core.meter import UsageEvent
from solvent.core.request import NewItem, Start
from solvent.flows.usage import Ingested, bill_usage, ingest
from solvent.sim import Customer
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

_ids = itertools.count(1)


def event(
    customer: Customer,
    value: int | None = None,
    *,
    id: str | None = None,  # noqa: A002 -- the field's name
    meter: str = "requests",
    at: datetime | None = None,
    object: str = "account",  # noqa: A002 -- the field's name
    member: str | None = None,
    corrects: str | None = None,
) -> UsageEvent:
    """Something that the customer used now, unless said otherwise."""
    name = id or f"event-{next(_ids)}"
    return UsageEvent(name, customer.id, meter, at or customer.world.now, object, value, member, corrects)


def use(customer: Customer, *events: UsageEvent) -> Ingested:
    """The product services tell of events."""
    done = ingest(customer.world.platform, events, customer.world.now)
    assert isinstance(done, Ingested), done
    return done


def metered(*products: str, currency: str = "USD") -> Start:
    """A subscription of these products."""
    objects = {"zone-pro": "zone:example.com", "stream": "zone:example.com"}
    return Start(
        items=tuple(NewItem(price_id=price(p, currency), object=objects.get(p, "account")) for p in products)
    )


def test_usage_is_billed_when_its_period_is_over(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("zone-pro", "requests"))
    assert [i.total for i in ada.invoices()] == [2_000]
    use(ada, event(ada, 18_233_333))
    end = ada.subscription().period.end
    world.until(end)
    assert [i.total for i in ada.invoices()] == [2_000, 2_000]
    world.wait(hours=1)
    assert [i.total for i in ada.invoices()] == [2_000, 2_000, 547]
    (line,) = ada.lines(ada.invoices()[-1])
    assert line.quantity == 18_233_333
    assert line.explanation == (
        "requests: 18233333 × 0.0000003 USD = 5.47 USD, used from 2027-01-31 to 2027-02-28"
    )
    assert (ada.debt(), len(ada.charges())) == (0, 3)
    assert bill_usage(world.platform, world.buckets[0], world.now, 10) == 0
