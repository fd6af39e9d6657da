"""Several debts paid together: one movement in parts, credit first, all or none of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from solvent.core import events as ev
from solvent.core.collection import DEBTS_MAX, plan_debt
from solvent.core.invoice import Invoice, InvoiceState
from solvent.core.payment import FailureCause
from solvent.core.plan import Plan, Refusal
from solvent.core.settlement import Commit, Fail, Nothing, Strand
from tests.core.funds import grants, whole
from tests.core.till import CARD, Till, declined, open_invoice, paid

if TYPE_CHECKING:
    from tests.core.conftest import Shop


def together(shop: Shop, *debts: Invoice, credit: int = 0) -> Plan | Refusal:
    return plan_debt(
        shop.account,
        *debts,
        owed=whole(*debts),
        credit_grants=grants(credit),
        policy=shop.policy,
        now=shop.now,
    )


def three_debts(till: Till) -> list[Invoice]:
    """Three invoices of $20.00, $5.00 and $7.50, in this order."""
    amounts = {0xA: 2000, 0xB: 500, 0xC: 750}
    return [till.owes(open_invoice(till.shop, n, id=UUID(int=i))) for i, n in amounts.items()]


@pytest.mark.parametrize(
    ("credit", "used", "moved"),
    [
        (0, [0, 0, 0], [2000, 500, 750]),
        (600, [600, 0, 0], [1400, 500, 750]),
        (2000, [2000, 0, 0], [None, 500, 750]),
        (2200, [2000, 200, 0], [None, 300, 750]),
        (9000, [2000, 500, 750], [None, None, None]),
    ],
)
def test_several_debts_are_paid_by_credit_first_and_one_movement_in_parts(
    shop: Shop, credit: int, used: list[int], moved: list[int | None]
) -> None:
    shop.credit = credit
    till = Till(shop)
    debts = three_debts(till)
    plan = together(shop, *debts, credit=credit)
    assert isinstance(plan, Plan)
    assert (plan.total, plan.credit_used, plan.due) == (3250, sum(used), sum(n or 0 for n in moved))
    attempt = till.open(plan)
    assert till.judge(paid(attempt)) == Commit(proof=plan.proof)
    bookings = till.book_all(paid(attempt, ref="pi_9"))
    assert [-b.credit for b in bookings] == used
    assert [b.payment and b.payment.amount for b in bookings] == moved
    parts = [b.payment for b in bookings if b.payment is not None]
    assert [(p.ref, p.part) for p in parts] == [("pi_9", n) for n in range(1, len(parts) + 1)]
    assert [b.settled.after.debt for b in bookings] == [0, 0, 0]
    assert [b.proof.of_plan for b in bookings] == [True, False, False]
    assert till.judge(paid(attempt, ref="pi_9")) == Nothing()


def test_credit_that_may_pay_only_the_last_debt_leaves_the_money_to_the_others(shop: Shop) -> None:
    shop.credit = 9000
    till = Till(shop)
    debts = three_debts(till)
    barred = [replace(part, barred=part.invoice_id != debts[2].id) for part in whole(*debts)]
    plan = plan_debt(
        shop.account,
        *debts,
        owed=barred,
        credit_grants=shop.credit_grants,
        policy=shop.policy,
        now=shop.now,
    )
    assert isinstance(plan, Plan)
    assert (plan.credit_used, plan.due) == (750, 2500)
    bookings = till.book_all(paid(till.open(plan), ref="pi_9"))
    assert [-b.credit for b in bookings] == [0, 0, 750]
    assert [b.payment and (b.payment.amount, b.payment.part) for b in bookings] == [(2000, 1), (500, 2), None]


def test_several_debts_are_paid_all_or_none(shop: Shop) -> None:
    till = Till(shop)
    debts = three_debts(till)
    plan = together(shop, *debts)
    attempt = till.open(plan)
    till.owes(replace(debts[1], version=2, paid=100))
    assert till.judge(paid(attempt)) == Strand(reason="stale")
    till.owes(replace(debts[1], version=2, state=InvoiceState.UNCOLLECTIBLE))
    assert till.judge(paid(attempt)) == Strand(reason="stale"), "nobody can say which of them it was for"
    assert till.judge(declined(attempt)) == Fail(cause=FailureCause.INSUFFICIENT_FUNDS)


def test_the_method_that_paid_several_debts_is_kept_once(shop: Shop) -> None:
    till = Till(shop)
    plan = together(shop, *three_debts(till))
    attempt = till.open(plan)
    bookings = till.book_all(paid(attempt, method=CARD))
    assert [b.method is not None for b in bookings] == [True, False, False]
    assert sum(isinstance(e, ev.MethodAdded) for b in bookings for e in b.events) == 1


def test_what_cannot_be_paid_together_is_refused(shop: Shop) -> None:
    first, second, _ = three_debts(Till(shop))
    rule = f"must be 1 to {DEBTS_MAX} invoices on which something is owed"
    assert together(shop) == Refusal(field="invoice_ids", rule=rule)
    assert together(shop, *[first] * (DEBTS_MAX + 1)) == Refusal(field="invoice_ids", rule=rule)
    settled = replace(second, paid=second.total, state=InvoiceState.PAID)
    owes = "must be an invoice on which something is owed"
    assert together(shop, first, settled) == Refusal(field="invoice_id", rule=owes)
    euro = replace(second, currency="EUR")
    assert together(shop, first, euro) == Refusal(
        field="invoice_ids", rule="must be invoices of one currency"
    )
