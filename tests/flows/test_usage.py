"""Usage in arrears: counted once, billed when its period is over, and never undone."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest

from solvent.core.meter import UsageEvent
from solvent.core.request import CancelAtPeriodEnd, CancelNow, NewItem, Start
from solvent.flows.usage import Ingested, bill_usage, ingest
from solvent.sim import Customer
from tests.flows.acts import DEBIT, GOOD, NO_FUNDS, manual, put_off
from tests.simulation.crashing import Mishap, Trouble
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
    done = ingest(customer.world.platform, events, lambda: customer.world.now)
    assert isinstance(done, Ingested), done
    return done


def rename_price(world: FragileWorld, customer: Customer, price_id: str) -> None:
    """Somebody writes another price into the customer's usage periods, by hand."""
    with world.database.pool.connection() as connection:
        connection.execute(
            "update usage_period set price_id = %s where account_id = %s", (price_id, customer.id)
        )


def metered(*products: str, currency: str = "USD") -> Start:
    """A subscription of these products."""
    objects = {"zone-pro": "zone:example.com", "stream": "zone:example.com"}
    return Start(
        items=tuple(NewItem(price_id=price(p, currency), object=objects.get(p, "account")) for p in products)
    )


def test_usage_is_billed_when_its_period_is_over(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("requests"))
    use(ada, event(ada, 18_233_333))
    end = ada.subscription().period.end
    world.until(end)
    assert ada.invoices() == []
    world.wait(hours=1)
    assert [i.total for i in ada.invoices()] == [547]
    (line,) = ada.lines(ada.invoices()[-1])
    assert line.quantity == 18_233_333
    assert str(line.explanation) == (
        "requests: 18233333 × 0.0000003 USD = 5.4699999, rounded half-up to 5.47 USD, "
        "used from 2027-01-31 through 2027-02-28"
    )
    assert (ada.debt(), len(ada.charges())) == (0, 1)
    assert bill_usage(world.platform, world.buckets[0], world.now, 10) == 0


def totals(customer: Customer) -> list[int]:
    """What was invoiced for usage, in order."""
    return [
        line.amount
        for invoice in customer.invoices()
        for line in customer.lines(invoice)
        if line.kind == "usage"
    ]


def period_over(world: FragileWorld, customer: Customer) -> None:
    """The present period has been renewed, and its usage is due but not billed yet."""
    end = customer.subscription().period.end
    world.until(end)
    world.clock.move_to(end + world.platform.policy.usage_delay)


def to_the_end(world: FragileWorld, customer: Customer) -> None:
    """Until the usage of the present period is billed."""
    world.until(customer.subscription().period.end + world.platform.policy.usage_delay)


def test_an_event_counts_once_however_often_it_is_told(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("requests"))
    events = [event(ada, 1_000_000) for _ in range(10)]
    assert use(ada, *events) == Ingested(accepted=10, duplicates=0)
    assert use(ada, *reversed(events), *events) == Ingested(accepted=0, duplicates=20)
    assert use(ada, *events[:3], event(ada, 5_000_000)) == Ingested(accepted=1, duplicates=3)
    to_the_end(world, ada)
    assert totals(ada) == [450]


def test_late_usage_is_a_line_of_the_next_invoice_and_continues_the_tiers(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(metered("stream"))
    site = {"meter": "stream-minutes", "object": "zone:example.com"}
    before = world.now
    use(ada, event(ada, 90_000, **site))  # type: ignore[arg-type]
    to_the_end(world, ada)
    assert totals(ada) == [8_900]  # the first thousand are free, then 0.1 cents each
    use(ada, event(ada, 20_000, at=before, **site), event(ada, 3_000, **site))  # type: ignore[arg-type]
    world.wait(days=1)
    assert totals(ada) == [8_900]
    to_the_end(world, ada)
    # 10,000 more at 0.1 cents, 10,000 at 0.08; the other period starts with its free minutes
    assert totals(ada) == [8_900, 1_000 + 800, 200]
    late, current = ada.lines(ada.invoices()[-1])
    assert str(late.description) == "Later usage of Stream: Minutes streamed, zone:example.com"
    assert str(late.explanation).endswith(
        "= 107.00 USD, used from 2027-01-31 through 2027-02-28, less 89.00 billed before = 18.00 USD"
    )
    assert late.period is not None
    assert current.period is not None
    assert late.period.end == current.period.start


def test_a_corrected_event_lowers_the_invoice_that_billed_it(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("requests"))
    use(ada, event(ada, 30_000_000, id="wrong"))
    to_the_end(world, ada)
    use(ada, event(ada, 10_000_000, corrects="wrong"), event(ada, 40_000_000))
    to_the_end(world, ada)
    assert totals(ada) == [900, 1_200]
    assert [(i.total, i.credited) for i in ada.invoices()] == [(900, 600), (1_200, 0)]
    assert [charge.amount for charge in ada.charges()] == [900, 600], "the credit pays of the next invoice"
    assert (ada.credit(), ada.debt()) == (0, 0)


def test_corrections_that_outweigh_everything_become_credit(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("requests"))
    use(ada, event(ada, 30_000_000, id="wrong"))
    to_the_end(world, ada)
    use(ada, event(ada, corrects="wrong"), event(ada, 10_000_000))
    to_the_end(world, ada)
    assert (totals(ada), ada.credit()) == ([900, 300], 600)
    assert (ada.ledger()["revenue", "USD"], ada.ledger()["allowances", "USD"]) == (-1_200, 900)
    use(ada, event(ada, 10_000_000))
    to_the_end(world, ada)
    assert (totals(ada), ada.credit(), ada.debt()) == ([900, 300, 300], 300, 0)


def test_nothing_used_makes_no_invoice(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("requests", "storage", "access"))
    to_the_end(world, ada)
    to_the_end(world, ada)
    assert (ada.invoices(), ada.charges()) == ([], [])


@pytest.mark.parametrize("at_once", [True, False])
def test_an_ended_subscription_still_bills_its_last_usage(
    world: FragileWorld, ada: Customer, at_once: bool
) -> None:
    ada.buy(metered("requests"))
    used_at = world.now
    use(ada, event(ada, 10_000_000))
    subscription = ada.subscription()
    world.wait(days=3)
    if at_once:
        ada.open(CancelNow(subscription_id=subscription.id))
        use(ada, event(ada, 999_000_000))  # nobody may use it any more
    else:
        ada.open(CancelAtPeriodEnd(subscription_id=subscription.id))
        world.until(subscription.period.end)
    assert ada.subscriptions() == ()
    world.wait(hours=1)
    assert totals(ada) == [300]
    use(ada, event(ada, 1_000_000, at=used_at))
    world.wait(minutes=2)
    assert totals(ada) == [300, 30]  # no invoice is to come: late usage is billed by itself
    assert len(ada.charges()) == 2


def test_a_failed_payment_of_usage_becomes_a_debt_in_full(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("zone-pro", "requests"))
    use(ada, event(ada, 10_000_000))
    ada.card_becomes(NO_FUNDS)
    to_the_end(world, ada)
    assert totals(ada) == [300]
    assert ada.debt() == 2_300
    ada.card_becomes(GOOD)
    world.wait(days=2)
    assert (ada.debt(), totals(ada)) == (0, [300])
    to_the_end(world, ada)
    assert totals(ada) == [300]


def test_without_a_method_usage_is_owed(world: FragileWorld) -> None:
    cora = world.customer("Cora", terms_days=30)
    cora.buy(metered("requests"), None)
    use(cora, event(cora, 10_000_000))
    to_the_end(world, cora)
    (invoice,) = cora.invoices()
    assert (invoice.debt, invoice.due_at - invoice.issued_at) == (300, timedelta(days=30))


def test_a_threshold_is_invoiced_at_once_and_both_invoices_make_up_the_usage(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(metered("requests"))
    use(ada, event(ada, 333_000_000))
    world.wait(minutes=2)
    assert totals(ada) == []
    use(ada, event(ada, 333_333))
    world.wait(minutes=2)
    assert totals(ada) == [10_000]
    use(ada, event(ada, 100_000_000))
    world.wait(days=1)
    to_the_end(world, ada)
    assert totals(ada) == [10_000, 3_000]
    assert "so far" in str(ada.lines(ada.invoices()[0])[0].explanation)


def test_a_crossed_threshold_takes_late_usage_along(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("requests"))
    first = world.now
    to_the_end(world, ada)
    use(ada, event(ada, 10_000_000, at=first), event(ada, 400_000_000))
    world.wait(minutes=2)
    assert totals(ada) == [300, 12_000]


def test_usage_that_comes_between_plan_and_confirmation_waits_for_the_next_invoice(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(metered("requests"))
    ada.card_becomes(DEBIT)
    used_at = world.now
    use(ada, event(ada, 400_000_000))
    world.wait(minutes=2)  # the threshold is crossed, and the payment takes days
    use(ada, event(ada, 400_000_000, at=used_at))
    world.wait(minutes=2)
    assert totals(ada) == []
    world.wait(days=10)
    assert totals(ada) == [12_000, 12_000]
    to_the_end(world, ada)
    world.wait(days=10)
    assert totals(ada) == [12_000, 12_000]


@pytest.mark.unmeasured
@pytest.mark.parametrize("at", range(1, 14))
def test_wherever_the_process_dies_usage_is_billed_once(world: FragileWorld, ada: Customer, at: int) -> None:
    ada.buy(metered("requests"))
    use(ada, event(ada, 10_000_000))
    world.clock.move_to(ada.subscription().period.end + world.platform.policy.usage_delay)
    with world.during(Mishap(Trouble.KILLED, at)):
        world.work()
    world.wait(hours=2)
    world.rest()
    assert totals(ada) == [300]
    assert len(ada.charges()) == 1


def test_a_lost_answer_is_asked_for_before_anything_is_charged_again(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(metered("requests"))
    use(ada, event(ada, 10_000_000))
    period_over(world, ada)
    with world.during(Mishap(Trouble.REPLY_LOST, 1)):
        bill_usage(world.platform, world.buckets[0], world.now, 10)
    assert totals(ada) == []
    world.wait(hours=2)
    assert (totals(ada), len(ada.charges())) == ([300], 1)


def test_two_workers_bill_a_period_once(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("requests"))
    use(ada, event(ada, 10_000_000))
    period_over(world, ada)

    def other() -> None:
        bill_usage(world.process.platform, world.buckets[0], world.now, 10)

    for boundary in range(1, 6):
        with world.meanwhile(boundary, other):
            bill_usage(world.platform, world.buckets[0], world.now, 10)
    world.rest()
    assert totals(ada) == [300]


def test_credit_that_was_spent_meanwhile_is_planned_anew(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("requests"))
    use(ada, event(ada, 30_000_000, id="wrong"))
    to_the_end(world, ada)
    use(ada, event(ada, corrects="wrong"))
    to_the_end(world, ada)
    assert ada.credit() == 900
    use(ada, event(ada, 20_000_000))
    period_over(world, ada)

    def spend() -> None:
        ada.world.platform, platform = world.process.platform, ada.world.platform
        ada.receive_invoice(manual(800))
        ada.world.platform = platform

    with world.meanwhile(3, spend):
        bill_usage(world.platform, world.buckets[0], world.now, 10)
    world.wait(hours=1)
    assert totals(ada) == [900, 600]
    assert (ada.credit(), ada.debt()) == (0, 0)


def test_an_account_that_cannot_be_billed_holds_up_no_other(world: FragileWorld, ada: Customer) -> None:
    ben = world.customer("Ben")
    for customer in (ada, ben):
        customer.buy(metered("requests"))
        use(customer, event(customer, 10_000_000))
    rename_price(world, ada, "gone@1")
    period_over(world, ben)
    assert bill_usage(world.platform, world.buckets[0], world.now, 10) == 1
    assert (totals(ada), totals(ben)) == ([], [300])
    assert put_off(world) == 1
    first = world.now
    world.wait(minutes=15)  # after 1, 2, 4 and 8 minutes it is tried again
    with world.database.pool.connection() as connection:
        mark = (
            "select stuck_times, look_at, stuck_reason from usage_mark"
            " where account_id = %s and stuck_reason is not null"
        )
        (known,) = connection.execute(mark, (ada.id,)).fetchall()
    assert known[:2] == (5, first + timedelta(minutes=1 + 2 + 4 + 8 + 16))
    assert "gone@1" in known[2]
    rename_price(world, ada, price("requests"))
    world.wait(hours=2)
    assert (totals(ada), put_off(world)) == ([300], 0)


def test_usage_that_cannot_be_counted_holds_up_no_other(world: FragileWorld, ada: Customer) -> None:
    ben = world.customer("Ben")
    for customer in (ada, ben):
        customer.buy(metered("requests"))
    rename_price(world, ada, "gone@1")
    use(ada, event(ada, 1))  # nothing is due yet: what is open is looked at for its threshold
    use(ben, event(ben, 400_000_000))
    world.wait(minutes=2)
    assert (totals(ben), put_off(world)) == ([12_000], 1)
    rename_price(world, ada, price("requests"))
    world.wait(minutes=3)
    assert put_off(world) == 0


def test_an_account_that_cannot_be_read_is_put_off_too(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("requests"))
    use(ada, event(ada, 10_000_000))
    period_over(world, ada)
    for address, billed in (("{}", 0), (None, 1)):
        with world.database.pool.connection() as connection:
            connection.execute("update account set address = %s where id = %s", (address, ada.id))
        assert bill_usage(world.platform, world.buckets[0], world.now, 10) == billed
        assert put_off(world) == 1 - billed
        world.clock.move_to(world.now + timedelta(minutes=1))
    world.rest()
    assert totals(ada) == [300]


def test_a_batch_with_events_that_break_rules_is_refused_whole(world: FragileWorld, ada: Customer) -> None:
    stranger = event(ada, 1)._replace(account_id=ada.id.__class__(int=ada.id.int ^ (1 << 20)))
    early = event(ada, 1, at=world.now + timedelta(minutes=6))
    late = event(ada, 1, at=world.now - timedelta(days=91))
    batch = [event(ada, 1), stranger, early, late, event(ada, 1, meter="none"), event(ada, -1)]
    refused = ingest(world.platform, batch, lambda: world.now)
    assert isinstance(refused, tuple)
    assert [r.field for r in refused] == [
        "events[1].account",
        "events[2].at",
        "events[3].at",
        "events[4].meter",
        "events[5].value",
    ]
    many = ingest(world.platform, [event(ada, -1)] * 60, lambda: world.now)
    assert isinstance(many, tuple)
    assert len(many) == 50
    assert ingest(world.platform, batch[:1], lambda: world.now) == Ingested(accepted=1, duplicates=0)
