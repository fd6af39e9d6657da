"""What is earned of a subscription that is cancelled at once with credit: all that was used, then nothing more,
whatever it was exchanged for before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from solvent.core.request import CancelNow, ChangeInterval
from tests.flows.acts import zone
from tests.flows.test_money_together import A_DAY, revenue
from tests.simulation.goods import price

pytestmark = pytest.mark.unmeasured

if TYPE_CHECKING:
    from solvent.sim import Customer
    from tests.flows.coupons import Offer
    from tests.simulation.fragile import FragileWorld


def lengthened(customer: Customer, *codes: str) -> None:
    """Pro for a year at 200.00, in the place of a month."""
    held = customer.subscription()
    prices = ((held.items[0].id, price("zone-pro", period="year")),)
    customer.buy(ChangeInterval(subscription_id=held.id, prices=prices, coupons=codes))


def earned_after(customer: Customer, since: datetime) -> set[int]:
    """What the journal shows as earned on days within the year after a moment."""
    days = (0, 1, 4, 8, 13, 14, 20, 21, 40, 100, 200, 300, 340, 362, 400)
    return {revenue(customer, since + n * A_DAY + timedelta(seconds=n)) for n in days}


@pytest.mark.parametrize(
    ("product", "waited", "used", "given"),
    [
        pytest.param("zone-business", 5, 2, 19_890, id="a month as dear as the year"),  # 200.00 × 363 / 365
        pytest.param("zone-pro", 10, 5, 19_726, id="a cheaper month"),  # 200.00 × 360 / 365
        pytest.param("zone-business", 5, 40, 17_808, id="when the month is over"),  # 200.00 × 325 / 365
    ],
)
def test_a_year_in_the_place_of_a_month_is_earned_as_far_as_it_was_used(
    world: FragileWorld, ada: Customer, product: str, waited: int, used: int, given: int
) -> None:
    """The exchange pays the year with what the month is worth; so the year comes back of what charged the month too."""
    ada.buy(zone(product=product))
    world.wait(days=waited)
    lengthened(ada)
    world.wait(days=used)
    ada.buy(CancelNow(subscription_id=ada.subscription().id, credit=True))
    assert ada.credit() == given
    earned = sum(invoice.total - invoice.credited for invoice in ada.invoices())
    seen = earned_after(ada, world.now)
    assert max(seen) - min(seen) <= 2, "a cent of each line: each is rounded by itself"
    assert all(abs(one - earned) <= 2 for one in seen)


def test_a_cheap_year_in_the_place_of_a_dear_month_too(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    """200.00 for a month; at once a year of 200.00 less 75 %: 50.00, and 150.00 go back. After 10 of 365 days 48.63 are
    not used."""
    ada.buy(zone(product="zone-business"))
    lengthened(ada, offer(ppm=750_000))
    assert ada.credit() == 15_000
    world.wait(days=10)
    ada.buy(CancelNow(subscription_id=ada.subscription().id, credit=True))
    assert ada.credit() == 15_000 + 4_863
    seen = earned_after(ada, world.now)
    assert max(seen) - min(seen) <= 2, "a cent of each line: each is rounded by itself"
    assert abs(min(seen) - 137) <= 1


def test_what_an_invoice_of_nothing_charged_goes_back_beside_what_paid_for_it(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    """By a credit note over nothing, which leaves the invoice as it is; the money goes back of the month's invoice."""
    ada.buy(zone(product="zone-business"))
    lengthened(ada, offer(ppm=750_000))
    before = next(invoice for invoice in ada.invoices() if not invoice.total)
    world.wait(days=73)
    ada.buy(CancelNow(subscription_id=ada.subscription().id, credit=True))
    assert ada.credit() == 15_000 + 4_000  # 50.00 × 292 / 365
    assert next(invoice for invoice in ada.invoices() if not invoice.total) == before
    issued = [event.data for event in ada.events("credit_note.issued")]
    notes = [(note["amount"], note["to_credit"], note["debt"]) for note in issued]
    assert notes == [(15_000, 15_000, 0), (0, 0, 0), (4_000, 4_000, 0)]
    with world.database.pool.connection() as connection:
        lines = connection.execute(
            "select position, amount from credit_note_line where invoice_id = %s order by position",
            (before.id,),
        ).fetchall()
    assert lines == [(1, -4_000), (2, 16_000), (3, -12_000)]
