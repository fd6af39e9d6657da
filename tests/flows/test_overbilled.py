"""Usage that comes to less than was billed of it goes back by credit notes, once, whatever happens meanwhile."""

from __future__ import annotations

import pytest

from solvent.core.giving_up import Surrender
from solvent.core.request import CancelNow
from solvent.flows.debts import give_up
from solvent.flows.usage import bill_usage, overlooked
from solvent.sim import Customer
from tests.flows.acts import NO_FUNDS
from tests.flows.test_credit import credit
from tests.flows.test_usage import event, metered, period_over, to_the_end, use
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.fragile import FragileWorld


def lowered(world: FragileWorld, customer: Customer) -> None:
    """A threshold invoice over 120.00, of which a correction leaves 30.00 when the period is over."""
    customer.buy(metered("requests"))
    use(customer, event(customer, 400_000_000, id="wrong"))
    world.wait(minutes=2)
    use(customer, event(customer, 100_000_000, corrects="wrong"))


def papers(customer: Customer) -> list[tuple[int, int, int]]:
    """Of each invoice what it came to, what was credited of it, and what is owed."""
    return [(i.total, i.credited, i.debt) for i in customer.invoices()]


def test_what_a_threshold_billed_too_high_goes_back_at_the_end(world: FragileWorld, ada: Customer) -> None:
    lowered(world, ada)
    world.wait(minutes=5)
    assert papers(ada) == [(12_000, 0, 0)]
    to_the_end(world, ada)
    assert (papers(ada), ada.credit()) == ([(12_000, 9_000, 0)], 9_000)
    assert bill_usage(world.platform, world.buckets[0], world.now, 10) == 0


def test_of_an_unpaid_threshold_invoice_less_is_owed(world: FragileWorld) -> None:
    cora = world.customer("Cora", terms_days=60)
    lowered(world, cora)
    to_the_end(world, cora)
    assert (papers(cora), cora.credit()) == ([(12_000, 9_000, 3_000)], 0)


def test_what_was_credited_meanwhile_is_planned_anew(world: FragileWorld, ada: Customer) -> None:
    lowered(world, ada)
    period_over(world, ada)
    (invoice,) = ada.invoices()

    def other() -> None:
        if not ada.invoices()[0].credited:
            credit(ada, ada.invoices()[0], 5_000)

    with world.meanwhile(2, other):
        bill_usage(world.platform, world.buckets[0], world.now, 10)
    world.rest()
    # 70.00 were left of it, all of which was billed too high; 20.00 of that had gone back already.
    assert papers(ada) == [(12_000, 12_000, 0)]
    assert ada.invoices()[0].id == invoice.id


@pytest.mark.unmeasured
@pytest.mark.parametrize("at", range(1, 14))
def test_wherever_the_process_dies_it_goes_back_once(world: FragileWorld, ada: Customer, at: int) -> None:
    lowered(world, ada)
    use(ada, event(ada, 5_000_000, meter="requests"))
    world.clock.move_to(ada.subscription().period.end + world.platform.policy.usage_delay)
    with world.during(Mishap(Trouble.KILLED, at)):
        world.work()
    world.wait(hours=2)
    world.rest()
    assert (papers(ada), ada.credit()) == ([(12_000, 8_850, 0)], 8_850)


def test_what_goes_back_late_is_not_overlooked(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("requests"))
    use(ada, event(ada, 30_000_000, id="wrong"))
    to_the_end(world, ada)
    ada.open(CancelNow(subscription_id=ada.subscription().id))
    world.wait(hours=2)
    use(ada, event(ada, corrects="wrong"))
    with world.database.pool.connection() as connection:
        connection.execute("delete from usage_mark")
    assert overlooked(world.platform, world.now) == 1
    use(ada, event(ada, 10_000_000, corrects="wrong"))
    world.wait(minutes=5)
    assert overlooked(world.platform, world.now) == 0
    assert (papers(ada), ada.credit()) == ([(900, 600, 0)], 600)


def test_where_all_of_it_was_given_back_by_hand_the_renewal_goes_on(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(metered("zone-pro", "requests"))
    use(ada, event(ada, 400_000_000, id="wrong"))
    world.wait(minutes=2)
    use(ada, event(ada, corrects="wrong"))
    credit(ada, ada.invoices()[-1])
    to_the_end(world, ada)
    assert papers(ada) == [(2_000, 0, 0), (12_000, 12_000, 0), (2_000, 0, 0)]
    assert (ada.credit(), ada.debt()) == (0, 0)
    to_the_end(world, ada)
    assert papers(ada)[3:] == [(2_000, 0, 0)]


def test_a_debt_that_was_given_up_is_lowered_too(world: FragileWorld, ada: Customer) -> None:
    ada.buy(metered("requests"))
    ada.card_becomes(NO_FUNDS)
    use(ada, event(ada, 400_000_000, id="wrong"))
    world.wait(minutes=2)
    give_up(world.platform, ada.invoices()[0].id, Surrender(reason="gone", by="carol"), world.now)
    use(ada, event(ada, 100_000_000, corrects="wrong"))
    world.wait(days=40)
    assert papers(ada) == [(12_000, 9_000, 3_000)]
    assert ada.ledger()["bad_debt", "USD"] == 3_000
