"""The usage of the period that ended and the fee of the one that begins are one invoice, whatever runs beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from solvent.core.request import CancelAtPeriodEnd, NewItem, Start, SwitchPrice
from solvent.core.terms import Together
from solvent.flows.clock import advance
from solvent.flows.renew import renew
from solvent.flows.usage import bill_usage
from solvent.sim import Customer
from tests.flows.acts import DEBIT, NO_FUNDS, put_off, zone
from tests.flows.conftest import AtOnce
from tests.flows.test_usage import event, metered, rename_price, totals, use
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

HOUR = timedelta(hours=1)


@pytest.fixture
def both(ada: Customer) -> Customer:
    """Ada has Pro for a zone, 20.00 a month, and used 5.47 of requests; her period ends now."""
    ada.buy(metered("zone-pro", "requests"))
    use(ada, event(ada, 18_233_333))
    ada.world.clock.move_to(ada.subscription().period.end)
    return ada


def invoiced(customer: Customer) -> list[list[int]]:
    """What each invoice after the purchase says, line by line."""
    return [[line.amount for line in customer.lines(i)] for i in customer.invoices()[1:]]


def test_one_invoice_when_the_last_events_have_come(world: FragileWorld, both: Customer) -> None:
    end = both.subscription().period.end
    world.work()
    assert (invoiced(both), both.subscription().index) == ([], 0), "it waits for the last events"
    assert both.has("zone-pro")
    assert both.has("requests")
    use(both, event(both, 10_000_000, at=end - HOUR))
    world.wait(hours=1)
    assert invoiced(both) == [[2_000, 847]]
    assert [c.amount for c in both.charges()] == [2_000, 2_847]
    after = both.subscription()
    assert (after.index, after.period.start) == (1, end), "the period begins where the last one ended"
    world.wait(days=1)
    assert len(invoiced(both)) == 1


def test_what_is_used_meanwhile_is_of_the_next_period(world: FragileWorld, both: Customer) -> None:
    world.wait(minutes=30)
    use(both, event(both, 20_000_000))
    world.until(both.subscription().period.end + HOUR)
    world.until(both.subscription().period.end + HOUR)
    assert invoiced(both) == [[2_000, 547], [2_000, 600]]


def test_several_that_fall_due_together_are_one_invoice_with_all_usage(
    world: FragileWorld, ada: Customer
) -> None:
    for start in (zone("a.example"), metered("requests"), metered("stream"), zone("b.example", "zone-free")):
        ada.buy(start)
    use(ada, event(ada, 18_233_333))
    use(ada, event(ada, 3_000, meter="stream-minutes", object="zone:example.com"))
    end = ada.subscriptions()[0].period.end
    world.until(end)
    assert [s.index for s in ada.subscriptions()] == [0, 1, 1, 1], "what costs nothing waits for nothing"
    world.wait(hours=1)
    assert sorted(invoiced(ada)[-1]) == [200, 547, 2_000]
    assert len(ada.charges()) == 2


def test_a_worker_that_comes_late_invoices_both_at_once(world: FragileWorld, both: Customer) -> None:
    world.clock.move_to(world.now + timedelta(days=2))
    assert bill_usage(world.platform, world.buckets[0], world.now, 10) == 0, "the renewal comes first"
    world.work()
    assert invoiced(both) == [[2_000, 547]]


def test_of_two_that_are_both_due_one_takes_all_usage(world: FragileWorld, both: Customer) -> None:
    site = NewItem(price_id=price("zone-pro"), object="zone:b.example")
    both.buy(Start(items=(site, NewItem(price_id=price("storage")))))
    use(both, event(both, 5_000_000, meter="storage-mb"))
    world.clock.move_to(both.subscriptions()[1].period.end + HOUR)
    world.work()
    world.wait(hours=2)
    assert len(totals(both)) == 2
    assert len([lines for lines in invoiced(both)[1:] if len(lines) > 1]) == 1


@pytest.mark.parametrize("together", [Together.IN_ADVANCE, Together.NEVER])
def test_terms_keep_them_apart(world: FragileWorld, both: Customer, together: Together) -> None:
    with world.database.pool.connection() as connection:
        connection.execute("update account set together = %s where id = %s", (together, both.id))
    world.work()
    assert invoiced(both) == [[2_000]]
    world.wait(hours=1)
    assert invoiced(both) == [[2_000], [547]]


def test_a_threshold_in_the_cycle_and_one_invoice_at_its_end(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("zone-pro", "requests"))
    use(ada, event(ada, 400_000_000))
    world.wait(minutes=2)
    use(ada, event(ada, 10_000_001))
    world.until(ada.subscription().period.end + HOUR)
    assert invoiced(ada) == [[12_000], [2_000, 300]]


def test_a_threshold_that_is_crossed_while_it_waits_is_on_the_one_invoice(
    world: FragileWorld, both: Customer
) -> None:
    world.work()
    use(both, event(both, 400_000_000, at=world.now - HOUR))
    world.wait(minutes=30)
    assert invoiced(both) == []
    world.wait(minutes=30)
    assert invoiced(both) == [[2_000, 12_547]]


def test_usage_that_is_being_collected_is_not_waited_for(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("zone-pro", "requests"))
    world.clock.move_to(ada.subscription().period.end - HOUR)
    ada.card_becomes(DEBIT)
    use(ada, event(ada, 400_000_000))
    world.wait(minutes=2)
    world.until(ada.subscription().period.end)
    assert len(ada.attempts()) == 3, "the fee is asked for, while the usage still is"
    world.wait(days=10)
    assert sorted(invoiced(ada)) == [[2_000], [12_000]]


def test_while_both_are_being_collected_no_other_bills_usage(world: FragileWorld, both: Customer) -> None:
    both.card_becomes(DEBIT)
    world.wait(hours=1)
    use(both, event(both, 400_000_000, at=world.now - 2 * HOUR))
    world.wait(minutes=5)
    assert bill_usage(world.platform, world.buckets[0], world.now, 10) == 0
    world.wait(days=10)
    assert invoiced(both) == [[2_000, 547]]
    world.until(both.subscription().period.end + HOUR)
    world.wait(days=10)
    assert invoiced(both)[1] == [2_000, 12_000]


def test_two_that_would_bill_the_same_usage_do_not(
    world: FragileWorld, ben: Customer, at_once: AtOnce
) -> None:
    ben.buy(metered("zone-pro", "requests"))
    use(ben, event(ben, 18_233_333))
    world.clock.move_to(ben.subscription().period.end + HOUR)
    bucket = world.buckets[0]
    at_once(
        *[lambda: renew(world.platform, bucket, world.now, 10)] * 2,
        *[lambda: bill_usage(world.platform, bucket, world.now, 10)] * 2,
    )
    world.wait(hours=2)
    assert (totals(ben), sum(c.amount for c in ben.charges())) == ([547], 4_547)


def test_the_database_keeps_to_one_attempt_about_usage(world: FragileWorld, both: Customer) -> None:
    both.card_becomes(DEBIT)
    world.wait(hours=1)
    again = "update attempt set state = 'unknown', bills_usage = true, look_at = now(), finished_at = null"
    with world.database.pool.connection() as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(again + " where account_id = %s and state = 'committed'", (both.id,))


def test_when_it_is_declined_both_are_owed_on_one_invoice(world: FragileWorld, both: Customer) -> None:
    both.card_becomes(NO_FUNDS)
    world.wait(hours=1)
    (invoice,) = both.open_invoices()
    assert (invoice.debt, both.subscription().grace_invoice) == (2_547, invoice.id)
    both.pay_debt()
    assert (both.subscription().grace_invoice, both.debt(), totals(both)) == (None, 0, [547])


def test_a_cancellation_while_it_waits_ends_it_where_the_period_ended(
    world: FragileWorld, both: Customer
) -> None:
    end = both.subscription().period.end
    world.wait(minutes=10)
    both.open(CancelAtPeriodEnd(subscription_id=both.subscription().id))
    world.work()
    (over,) = both.past_subscriptions()
    assert (over.ended_at, both.grants()) == (end, ())
    world.wait(hours=1)
    assert invoiced(both) == [[547]]


def test_a_dearer_plan_waits_for_the_renewal(world: FragileWorld, both: Customer) -> None:
    world.work()
    subscription = both.subscription()
    item = next(i for i in subscription.items if i.object != "account")
    dearer = SwitchPrice(subscription_id=subscription.id, item_id=item.id, price_id=price("zone-business"))
    refused = both.ask(dearer)
    assert getattr(refused, "rule", "") == "is being renewed: try again when its new period has begun"
    world.wait(hours=1)
    both.buy(dearer)
    assert invoiced(both)[0] == [2_000, 547]


def test_what_is_scheduled_for_the_boundary_is_of_the_next_period(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("zone-pro", "requests"))
    use(ada, event(ada, 18_233_333))
    subscription = ada.subscription()
    item = next(i for i in subscription.items if i.object != "account")
    ada.buy(SwitchPrice(subscription_id=subscription.id, item_id=item.id, price_id=price("zone-free")))
    world.until(subscription.period.end)
    assert ada.subscription().index == 1, "the next period costs nothing, so that nothing waits"
    world.wait(hours=1)
    assert invoiced(ada) == [[547]]


def test_what_corrections_give_back_pays_of_the_fee(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("zone-pro", "requests"))
    use(ada, event(ada, 300_000_000, id="wrong"))
    world.until(ada.subscription().period.end + HOUR)
    use(ada, event(ada, corrects="wrong"))
    world.until(ada.subscription().period.end + HOUR)
    world.wait(hours=1)
    assert invoiced(ada) == [[2_000, 9_000], [2_000]]
    assert (ada.credit(), [i.credited for i in ada.invoices()[1:]]) == (7_000, [9_000, 0])


def test_corrections_that_nobody_can_plan_hold_up_no_renewal(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("zone-pro", "requests"))
    use(ada, event(ada, 30_000_000, id="wrong"))
    world.until(ada.subscription().period.end + HOUR)
    use(ada, event(ada, corrects="wrong"))
    with world.database.pool.connection() as connection:
        connection.execute(
            "update usage_period set billed_amount = 10::bigint ^ 16 where account_id = %s and look_at is null",
            (ada.id,),
        )
    world.until(ada.subscription().period.end + HOUR)
    assert invoiced(ada) == [[2_000, 900], [2_000]]
    with world.database.pool.connection() as connection:
        connection.execute(
            "update usage_period set billed_amount = 900 where account_id = %s and billed_amount > 900",
            (ada.id,),
        )
    world.wait(hours=14)
    assert (ada.credit(), put_off(world)) == (900, 0)


def test_corrections_pay_of_the_one_invoice(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("zone-pro", "requests"))
    use(ada, event(ada, 30_000_000, id="wrong"))
    world.until(ada.subscription().period.end + HOUR)
    use(ada, event(ada, corrects="wrong"))
    world.until(ada.subscription().period.end + HOUR)
    assert invoiced(ada) == [[2_000, 900], [2_000]]
    assert (ada.credit(), ada.charges()[-1].amount) == (0, 1_100)


def test_what_waits_for_an_invoice_is_on_it_too(world: FragileWorld, both: Customer) -> None:
    both.receive_item(500)
    world.wait(hours=1)
    assert invoiced(both) == [[2_000, 547, 500]]


def test_net_30(world: FragileWorld) -> None:
    cora = world.customer("Cora", terms_days=30)
    cora.buy(metered("zone-pro", "requests"), None)
    use(cora, event(cora, 18_233_333))
    world.until(cora.subscription().period.end + HOUR)
    invoice = cora.invoices()[-1]
    assert (invoice.debt, invoice.due_at - invoice.issued_at) == (2_547, timedelta(days=30))


Spoil = Callable[[FragileWorld, Customer], None]


def _usage_price(world: FragileWorld, customer: Customer) -> None:
    rename_price(world, customer, "gone@1")


def _usage_stuck(world: FragileWorld, customer: Customer) -> None:
    with world.database.pool.connection() as connection:
        connection.execute(
            "insert into usage_mark (bucket, account_id, look_at, stuck_times, stuck_reason)"
            " values (%s, %s, %s, 1, 'odd')"
            " on conflict (bucket, account_id) where stuck_reason is not null do update"
            " set look_at = excluded.look_at, stuck_times = 1, stuck_reason = 'odd'",
            (world.buckets[0], customer.id, world.now + timedelta(hours=6)),
        )


def _usage_absurd(world: FragileWorld, customer: Customer) -> None:
    with world.database.pool.connection() as connection:
        connection.execute(
            "update usage_period set billed_amount = 10::bigint ^ 16 where account_id = %s", (customer.id,)
        )


@pytest.mark.parametrize("spoil", [_usage_price, _usage_stuck])
def test_usage_that_cannot_be_billed_holds_up_no_renewal(
    world: FragileWorld, both: Customer, spoil: Spoil
) -> None:
    spoil(world, both)
    world.wait(hours=1)
    assert invoiced(both)[0] == [2_000]
    rename_price(world, both, price("requests"))
    world.wait(hours=14)
    assert (totals(both), put_off(world)) == ([547], 0)


def test_usage_that_cannot_be_planned_holds_up_no_renewal(world: FragileWorld, both: Customer) -> None:
    _usage_absurd(world, both)
    world.wait(hours=1)
    assert invoiced(both) == [[2_000]]
    with world.database.pool.connection() as connection:
        connection.execute("update usage_period set billed_amount = 0 where account_id = %s", (both.id,))
    world.wait(hours=14)
    assert (totals(both), put_off(world)) == ([547], 0)


def test_a_renewal_that_cannot_be_planned_holds_up_no_usage(world: FragileWorld, both: Customer) -> None:
    zones = "update item set booked_price = %s where account_id = %s and object <> 'account'"
    with world.database.pool.connection() as connection:
        connection.execute(zones, ("gone@1", both.id))
    world.clock.move_to(world.now + HOUR)
    bucket = world.buckets[0]
    assert bill_usage(world.platform, bucket, world.now, 10) == 0
    assert renew(world.platform, bucket, world.now, 10) == 0
    assert bill_usage(world.platform, bucket, world.now, 10) == 1
    assert (invoiced(both), put_off(world)) == ([[547]], 1)
    with world.database.pool.connection() as connection:
        connection.execute(zones, (price("zone-pro"), both.id))
    world.wait(hours=14)
    assert (invoiced(both), put_off(world)) == ([[547], [2_000]], 0)


@pytest.mark.parametrize("at", range(1, 12, 2))
def test_wherever_the_process_dies_both_are_invoiced_once(
    world: FragileWorld, both: Customer, at: int
) -> None:
    world.clock.move_to(world.now + HOUR)
    with world.during(Mishap(Trouble.KILLED, at)):
        world.work()
    world.wait(hours=2)
    assert (invoiced(both), len(both.charges())) == ([[2_000, 547]], 2)


def test_on_a_clock_of_its_own(world: FragileWorld, both: Customer) -> None:
    end = both.subscription().period.end
    with world.database.pool.connection() as connection:
        connection.execute("update account set test_now = %s where id = %s", (end - HOUR, both.id))
    advance(world.platform, both.id, end, world.now)
    assert invoiced(both) == []
    advance(world.platform, both.id, end + HOUR, world.now)
    assert invoiced(both) == [[2_000, 547]]
