"""Worth that was moved: in a cart none goes to another subscription; what an exchange for another interval moved comes
back with its tax, for the time that it was moved to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from solvent.core.change import CancelNow
from solvent.core.invoice import InvoiceState
from solvent.core.period import Period
from tests.core.places import GERMAN, rate, rules
from tests.core.test_cart_plan import cart_of, planned
from tests.core.test_returning import cancel, first, newest, notes, to

if TYPE_CHECKING:
    from solvent.core.plan import Plan
    from tests.core.conftest import Shop


def bought(shop: Shop, *lines: str) -> Plan:
    """A cart of these is committed, with all of its subscriptions."""
    plan = shop.write(planned(shop, cart_of(*lines)))
    shop.subscriptions |= {x.id: x for x in plan.also}
    return plan


def cancelled(shop: Shop, thing: str) -> Plan:
    held = next(s for s in shop.subscriptions.values() if s.items[0].object == thing)
    return shop.commit(CancelNow(subscription_id=held.id, credit=True))


def test_what_another_subscription_costs_is_not_paid_by_unused_time(shop: Shop) -> None:
    """200.00 a month for a; a cart: a for a quarter of 54.00, and b for 20.00. 146.00 go back, and 20.00 are due."""
    shop.zone("business", "zone:a")
    plan = bought(shop, "pro-quarter@zone:a", "pro@zone:b")
    assert [line.gross for line in plan.lines] == [-5_400, 5_400, 2_000]
    assert plan.invoiced == plan.lines
    assert (plan.total, plan.due, plan.credit_granted, notes(plan)) == (2_000, 2_000, 14_600, [(14_600, 0)])
    assert cancelled(shop, "zone:b").credit_granted == 2_000
    assert cancelled(shop, "zone:a").credit_granted == 5_400


def test_whatever_a_cart_charges_comes_back_of_each_of_its_subscriptions(shop: Shop) -> None:
    """254.00 are worth what was paid for them, in whatever order they are cancelled."""
    shop.zone("business", "zone:a")
    plan = bought(shop, "pro-quarter@zone:a", "business@zone:b")
    assert (plan.due, plan.credit_granted) == (20_000, 14_600)
    assert [cancelled(shop, thing).credit_granted for thing in ("zone:b", "zone:a")] == [20_000, 5_400]
    assert newest(shop).left == first(shop).left == 0


def test_two_subscriptions_of_one_invoice_give_back_by_one_credit_note(shop: Shop) -> None:
    """Two months of 200.00 on one invoice, of which 250.00 are owed, for two quarters of 54.00."""
    shop.zone("business", "zone:a")
    shop.zone("business", "zone:b")
    lines = [line for x in shop.charged.values() for line in x.lines]
    shop.charged.clear()
    charged = shop.issue(lines)
    owed = replace(charged.invoice, state=InvoiceState.OPEN, paid=15_000)
    shop.charged[owed.id] = replace(charged, invoice=owed)
    plan = bought(shop, "pro-quarter@zone:a", "pro-quarter@zone:b", "setup")
    assert [line.gross for line in plan.lines] == [-5_400, 5_400, -5_400, 5_400, 5_000]
    assert (plan.due, plan.credit_granted, notes(plan)) == (5_000, 4_200, [(29_200, 25_000)])
    assert [part.amount for note in plan.credit_notes for part in note.parts] == [14_600, 14_600]


@pytest.mark.parametrize("later", [0, 20])
def test_worth_that_was_moved_comes_back_with_the_tax_that_it_had(shops: type[Shop], later: int) -> None:
    """19 %, and 21 % from February. A month of 200.00 for a year of 200.00 and cancelled: no cent of tax is left of
    what was given back."""
    taxes = rules(rate("DE", 19), rate("DE", 21, since=date(2026, 2, 1)))
    shop = shops(taxes=taxes, buyer=GERMAN).at(2026, 1, 20)
    shop.zone("business")
    to(shop, "pro-year")
    shop.now += timedelta(days=later)
    plan = cancel(shop)
    parts = [part for note in plan.credit_notes for part in note.parts]
    assert (sum(part.amount for part in parts), sum(part.tax for part in parts)) == (-plan.total, -plan.tax)


def test_moved_worth_is_for_the_time_that_it_was_moved_to(shop: Shop) -> None:
    """A month of 200.00, after ten days a year of 200.00; cancelled on its first day: the month's own 141.94 and what
    paid with them are nothing together, so all that is credited is for the year."""
    shop.zone("business")
    to(shop.at(2026, 1, 11), "pro-year")
    plan = cancel(shop.at(2026, 1, 12))
    parts = [part for note in plan.credit_notes for part in note.parts]
    assert sum(part.amount for part in parts) == plan.credit_granted == 19_945
    year = Period(start=datetime(2026, 1, 12, tzinfo=UTC), end=datetime(2027, 1, 11, tzinfo=UTC))
    assert {part.period for part in parts} == {year}


def test_a_period_that_a_change_of_tax_divides_keeps_its_parts(shops: type[Shop]) -> None:
    """Each line of it is credited for its own time."""
    taxes = rules(rate("DE", 19), rate("DE", 21, since=date(2026, 2, 1)))
    shop = shops(taxes=taxes, buyer=GERMAN).at(2026, 1, 20)
    shop.zone("business")
    (note,) = cancel(shop.at(2026, 1, 25)).credit_notes
    assert [part.period and part.period.end for part in note.parts] == [
        line.period and line.period.end for line in first(shop).lines
    ]
