"""In a cart no subscription's unused time pays for another one: it goes back by credit notes of its own invoices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from solvent.core.change import CancelNow
from solvent.core.invoice import InvoiceState
from tests.core.test_cart_plan import cart_of, planned
from tests.core.test_returning import first, newest, notes

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
