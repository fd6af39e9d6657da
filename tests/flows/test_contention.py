"""Contention: callers and reports that meet at the worst moment, and one account that must not hold up the others."""

from datetime import timedelta
from threading import Thread

import pytest

from solvent.core.payment import AttemptState, FailureCause, Outcome, Report
from solvent.flows.recompute import recompute
from solvent.flows.renew import renew
from solvent.flows.settle import settle
from solvent.sim import Customer
from tests.blocked import somebody_waits
from tests.flows.acts import DEBIT, NO_FUNDS, zone
from tests.simulation.fragile import FragileWorld

LIMIT = 100


def execute(world: FragileWorld, query: str, *values: object) -> list[tuple[object, ...]]:
    with world.database.pool.connection() as connection:
        return connection.execute(query, values).fetchall()


def queued(world: FragileWorld, customer: Customer) -> list[tuple[object, ...]]:
    return execute(world, "select state from recompute_queue where account_id = %s", customer.id)


def mark(world: FragileWorld, customer: Customer) -> None:
    with world.platform.store.begin() as tx:
        tx.queue.mark([customer.id], "test", world.now)


def test_a_failure_and_its_late_success_in_one_batch_leave_a_paid_invoice(
    world: FragileWorld, ada: Customer
) -> None:
    world.honest = False
    ada.buy(zone())
    ada.card_becomes(DEBIT)
    world.clock.move_to(ada.subscription().period.end)
    renew(world.platform, world.buckets[0], world.now, LIMIT)
    query = "select id from attempt where account_id = %s and path = 'renewal' and state = 'processing'"
    ((key,),) = execute(world, query, ada.id)
    with world.platform.store.begin() as tx:
        attempt = tx.journal.get(key)  # type: ignore[arg-type]
    assert attempt is not None
    failed = Report(outcome=Outcome.FAILED, key=attempt.id, cause=FailureCause.DECLINED)
    paid = Report(outcome=Outcome.SUCCEEDED, key=attempt.id, ref=attempt.ref, amount=2_000, currency="USD")
    settle(world.platform, [failed, paid], world.now)
    assert (ada.debt(), ada.credit(), len(ada.invoices())) == (0, 0, 2)
    assert ada.subscription().grace_invoice is None
    assert ada.attempt(attempt).state is AttemptState.COMMITTED


def test_a_mark_that_meets_an_earlier_one_is_not_lost(world: FragileWorld, ada: Customer) -> None:
    """Somebody recomputes after the mark and before the commit of the facts that it is about."""
    mark(world, ada)
    with world.platform.settlements.begin() as tx:
        tx.queue.mark([ada.id], "settled", world.now)
        assert recompute(world.platform, world.buckets[0], world.now, LIMIT) == 0
    assert queued(world, ada) == [("waiting",)]
    assert recompute(world.platform, world.buckets[0], world.now, LIMIT) == 1


def test_an_account_that_cannot_be_assessed_does_not_stay_first(world: FragileWorld, ada: Customer) -> None:
    mark(world, ada)
    world.clock.move(timedelta(seconds=1))
    bob = world.customer("Bob")
    mark(world, bob)
    segment = "update account set segment = %s where id = %s returning 1"
    execute(world, segment, "odd", ada.id)
    with pytest.raises(ValueError, match="odd"):
        recompute(world.platform, world.buckets[0], world.now, 1)
    assert recompute(world.platform, world.buckets[0], world.now, 1) == 1
    assert (queued(world, ada), queued(world, bob)) == ([("running",)], [])
    execute(world, segment, "standard", ada.id)
    world.clock.move(timedelta(minutes=2))
    assert recompute(world.platform, world.buckets[0], world.now, 1) == 1


def test_nothing_ends_unpaid_while_its_payment_is_under_way(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    ada.card_becomes(NO_FUNDS)
    world.until(ada.subscription().period.end)
    end = ada.subscription().period.end
    world.until(end - timedelta(days=1))
    assert ada.pay_debt(DEBIT).state is AttemptState.PROCESSING
    world.until(end + timedelta(hours=1))
    assert not ada.has("zone-pro")
    assert ada.subscription().period.end == end
    world.wait(days=3)
    paid_at = end + timedelta(days=2)  # three days after it was begun; service had run out at the end
    assert (ada.invoices()[1].debt, ada.subscription().period.start) == (0, paid_at)
    assert ada.has("zone-pro")


def test_removing_a_method_waits_for_a_settlement_of_the_account(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    method = ada.snapshot().methods[0]

    def detach() -> None:
        with world.platform.settlements.begin() as tx:
            tx.books.detach(method, world.now)

    thread = Thread(target=detach)
    with world.database.transaction() as connection:
        bucket = world.buckets[0]
        connection.execute("select from account where id = %s for no key update", (ada.id,))
        connection.execute("select last from event_head where bucket = %s for update", (bucket,))
        thread.start()
        somebody_waits(connection)
        connection.execute(
            "update method set state = 'invalid', invalid_by = 'account_closed', look_at = null where id = %s",
            (method.id,),
        )
    thread.join()
    assert ada.snapshot().methods == ()
