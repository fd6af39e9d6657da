"""What waits for an account's next invoice, and which invoice takes it along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.collection import plan_invoice
from solvent.core.invoice import Line, LineKind
from solvent.core.invoice_item import (
    ITEMS_MAX,
    TRANSITIONS,
    InvoiceItem,
    ItemState,
    changed,
    removed,
    with_items,
)
from solvent.core.manual import PLAIN, Particulars
from solvent.core.payment import ProofKind
from solvent.core.plan import ItemUse, Plan, Refusal
from solvent.core.renewal import plan_renewal, plan_together
from tests.core import places
from tests.core.funds import grants
from tests.core.till import Till, accounts, declined, paid
from tests.drawing import examples

if TYPE_CHECKING:
    from tests.core.conftest import Shop

NOW = datetime(2026, 2, 1, tzinfo=UTC)
WITH_ITEMS = Particulars(include_items=True)


def line(amount: int, **more: object) -> Line:
    return replace(
        Line(kind=LineKind.MANUAL, description="Migration", amount=amount, explanation="as agreed"),
        **more,  # type: ignore[arg-type] # fields of a line
    )


def item(n: int, amount: int, **more: object) -> InvoiceItem:
    return InvoiceItem(
        id=UUID(int=n),
        account_id=UUID(int=0xACC),
        currency="USD",
        line=line(amount, **more),
        created_at=NOW,
        changed_at=NOW,
        version=n,
    )


def items(*amounts: int) -> tuple[InvoiceItem, ...]:
    return tuple(item(n, amount) for n, amount in enumerate(amounts, start=1))


def renewal(shop: Shop, waiting: Sequence[InvoiceItem], credit: int = 0) -> Plan:
    (subscription,) = shop.subscriptions.values()
    plan = plan_renewal(
        shop.account,
        subscription,
        catalog=shop.catalog,
        policy=shop.policy,
        convention=shop.convention,
        credit_grants=grants(credit),
        now=shop.now,
        waiting=waiting,
    )
    assert isinstance(plan, Plan)
    return plan


def invoice(
    shop: Shop,
    *amounts: int,
    waiting: Sequence[InvoiceItem] = (),
    particulars: Particulars = WITH_ITEMS,
    credit: int = 0,
) -> Plan | Refusal:
    return plan_invoice(
        shop.account,
        tuple(map(line, amounts)),
        invoice_id=UUID(int=9),
        credit_grants=grants(credit),
        catalog=shop.catalog,
        policy=shop.policy,
        convention=shop.convention,
        now=shop.now,
        particulars=particulars,
        waiting=waiting,
    )


@pytest.fixture
def due(shop: Shop) -> Shop:
    """Pro for a zone, 20.00 a month; due."""
    shop.zone("pro", "zone:a.example")
    return shop.at(2026, 2, 1)


def test_transitions() -> None:
    table = {state.value: sorted(after) for state, after in TRANSITIONS.items()}
    assert table == {"waiting": ["invoiced", "removed"], "invoiced": [], "removed": []}


def test_it_is_changed_and_removed_while_it_waits() -> None:
    (held,) = items(500)
    later = NOW + timedelta(hours=1)
    after = changed(held, line(700), later)
    assert isinstance(after, InvoiceItem)
    assert (after.line.amount, after.version, after.changed_at) == (700, 2, later)
    gone = removed(held, later)
    assert isinstance(gone, InvoiceItem)
    assert (gone.state, gone.version) == (ItemState.REMOVED, 2)
    assert removed(gone, later) is gone


@pytest.mark.parametrize(
    ("held", "rule"),
    [
        ({"state": ItemState.INVOICED}, "must be an item that waits: it is invoiced"),
        (
            {"claimed_by": UUID(int=7)},
            "must not be about to be invoiced: its payment is under way",
        ),
    ],
)
def test_afterwards_it_stays(held: dict[str, object], rule: str) -> None:
    stuck = replace(item(1, 500), **held)  # type: ignore[arg-type] # fields of an item
    refused = Refusal(field="invoice_item_id", rule=rule)
    assert (changed(stuck, line(1), NOW), removed(stuck, NOW)) == (refused, refused)


def test_a_renewal_takes_along_what_waits(due: Shop) -> None:
    plan = renewal(due, items(500, -300))
    assert [x.amount for x in plan.lines] == [2_000, 500, -300]
    assert [x.invoice_item_id for x in plan.lines] == [None, UUID(int=1), UUID(int=2)]
    assert (plan.total, plan.items) == (
        2_200,
        (ItemUse(item_id=UUID(int=1), base=1), ItemUse(item_id=UUID(int=2), base=2)),
    )
    assert plan.fingerprint != renewal(due, [replace(i, version=9) for i in items(500, -300)]).fingerprint


def test_what_costs_nothing_and_what_ends_takes_nothing_along(shop: Shop) -> None:
    shop.zone("free", "zone:a.example")
    assert renewal(shop.at(2026, 2, 1), items(500)).items == ()


def test_of_what_is_renewed_together_the_paid_part_takes_it_along(shop: Shop) -> None:
    for price in ("pro", "free"):
        shop.zone(price, f"zone:{price}.example")
    free, paid_part = plan_together(
        shop.account,
        tuple(shop.subscriptions.values()),
        catalog=shop.catalog,
        policy=shop.policy,
        convention=shop.convention,
        credit_grants=(),
        now=shop.at(2026, 2, 1).now,
        waiting=items(500),
    )
    assert ([free.total, len(free.items)], [paid_part.total, len(paid_part.items)]) == ([0, 0], [2_500, 1])


def test_no_invoice_is_negative_a_deduction_that_does_not_fit_waits(due: Shop) -> None:
    plan = renewal(due, items(-1_500, 100, -700, -600))
    assert [x.amount for x in plan.lines[1:]] == [-1_500, 100, -600]
    assert plan.total == 0


def test_one_deduction_that_is_too_large_holds_up_none_after_it(due: Shop) -> None:
    plan = renewal(due, items(-100_000, 100, -500, -100_000, -5))
    assert [x.amount for x in plan.lines[1:]] == [100, -500, -5]
    assert [use.item_id.int for use in plan.items] == [2, 3, 5]


def test_however_many_are_too_large_they_hold_up_none_after_them(due: Shop) -> None:
    """More of them than an invoice takes; and of those that fit, no more than it takes."""
    plan = renewal(due, items(*[-100_000] * ITEMS_MAX, 100, -500, -5))
    assert [x.amount for x in plan.lines[1:]] == [100, -500, -5]
    many = renewal(due, items(-100_000, *[-1] * (ITEMS_MAX + 7)))
    assert [use.item_id.int for use in many.items] == list(range(2, ITEMS_MAX + 2))


def test_a_deduction_that_is_too_large_with_its_tax_waits(shops: type[Shop]) -> None:
    shop = shops(taxes=places.rules(*places.EUROPE), buyer=places.GERMAN)
    plan = invoice(shop, waiting=items(1_000, -1_100, -1_000, -300))
    assert isinstance(plan, Plan)
    assert ([x.amount for x in plan.lines], plan.total) == ([1_000, -1_000], 0)
    tight = replace(
        item(2, -1_150), line=line(-1_150, tax_category="book")
    )  # 1,230.50 with its tax, of 1,190
    other = invoice(shop, waiting=(item(1, 1_000), tight))
    assert isinstance(other, Plan)
    assert [x.amount for x in other.lines] == [1_000]


def test_a_deduction_may_leave_nothing_to_pay(due: Shop) -> None:
    plan = renewal(due, items(-2_000))
    assert (plan.total, plan.due, plan.proof) == (0, 0, ProofKind.NOTHING_DUE)
    till = Till(due)
    till.live.items[UUID(int=1)] = 1
    booking = till.settle(paid(till.open(plan), amount=0))
    assert booking.invoice is not None
    assert (booking.invoice.total, booking.items) == (0, plan.items)


def test_where_dropping_deductions_does_not_help_everything_waits(due: Shop) -> None:
    made: list[int] = []

    def negative(taken: Sequence[InvoiceItem]) -> Plan:
        made.append(len(taken))
        return replace(renewal(due, ()), total=-1)

    assert with_items(items(5, -1), negative).total == -1
    assert made == [2, 1, 0]
    assert with_items((), negative).total == -1


def test_an_invoice_carries_so_many_the_oldest_first(due: Shop) -> None:
    plan = renewal(due, items(*[1] * (ITEMS_MAX + 1)))
    assert len(plan.items) == ITEMS_MAX
    assert plan.items[-1].item_id == UUID(int=ITEMS_MAX)


def test_an_invoice_of_the_merchants_own_takes_it_along_where_that_is_asked_for(shop: Shop) -> None:
    with_it, without = (invoice(shop, 100, waiting=items(500), particulars=p) for p in (WITH_ITEMS, PLAIN))
    assert isinstance(with_it, Plan)
    assert isinstance(without, Plan)
    assert (with_it.total, without.total, without.items) == (600, 100, ())
    alone = invoice(shop, waiting=items(500, -200))
    assert isinstance(alone, Plan)
    assert ([x.amount for x in alone.lines], len(alone.items)) == ([500, -200], 2)


def test_what_cannot_be_invoiced_is_refused(shop: Shop) -> None:
    assert invoice(shop, waiting=()) == Refusal(
        field="include_items", rule="must find an item that waits, where there is no line"
    )
    assert invoice(shop, waiting=items(-5)) == Refusal(
        field="include_items", rule="must leave something: only deductions wait"
    )
    assert invoice(shop, particulars=PLAIN) == Refusal(field="lines", rule="must be at least one line")
    assert invoice(shop, -5, waiting=items(3)) == Refusal(field="lines", rule="must not be negative together")


def test_a_product_says_the_tax_category_and_which_credit_may_pay(shop: Shop) -> None:
    barred = replace(grants(1_000)[0], excludes=("book",))
    book = item(1, 500, product_id="book")
    shop.zone("pro", "zone:a.example")
    (subscription,) = shop.subscriptions.values()
    plan = plan_renewal(
        shop.account,
        subscription,
        catalog=shop.catalog,
        policy=shop.policy,
        convention=shop.convention,
        credit_grants=(replace(barred, amount=9_000, remaining=9_000),),
        now=shop.at(2026, 2, 1).now,
        waiting=(book,),
    )
    assert plan is not None
    assert (plan.total, plan.credit_used, plan.due) == (2_500, 2_000, 500)


def test_a_product_says_the_tax_category_unless_the_line_does(shops: type[Shop]) -> None:
    shop = shops(taxes=places.rules(*places.EUROPE), buyer=places.GERMAN)
    plain, book, named = (
        item(1, 1_000),
        item(2, 1_000, product_id="book"),
        item(3, 1_000, tax_category="book"),
    )
    plan = invoice(shop, waiting=(plain, book, named))
    assert isinstance(plan, Plan)
    assert [x.tax for x in plan.lines] == [190, 70, 70]
    other = invoice(shop, waiting=(item(4, 1_000, product_id="book", tax_category="standard"),))
    assert isinstance(other, Plan)
    assert other.tax == 190


def test_a_product_that_nobody_knows_is_refused_by_its_field(shop: Shop) -> None:
    plan = plan_invoice(
        shop.account,
        (line(1), line(1, product_id="gone")),
        invoice_id=UUID(int=9),
        credit_grants=(),
        catalog=shop.catalog,
        policy=shop.policy,
        convention=shop.convention,
        now=shop.now,
    )
    assert plan == Refusal(field="lines[1].product_id", rule="must be a product of the catalog")


def test_the_commit_uses_it_and_a_later_one_meets_that_it_is_used(due: Shop) -> None:
    till = Till(due)
    till.live.items[UUID(int=1)] = 1
    plan = renewal(due, items(500))
    other = invoice(due, waiting=items(500))
    booking = till.settle(paid(till.open(plan)))
    assert booking.items == plan.items
    assert accounts(booking) == {"cash:sandbox": 2_500, "deferred_revenue": -2_000, "revenue": -500}
    assert till.live.items == {}
    late = till.settle(paid(till.open(other)))
    assert (late.items, late.payment.disposition) == ((), "credited")


def test_a_failed_payment_invoices_it_on_grace(due: Shop) -> None:
    till = Till(due)
    till.live.items[UUID(int=1)] = 1
    booking = till.settle(declined(till.open(renewal(due, items(500)))))
    assert (booking.proof.kind, booking.invoice.total, len(booking.items)) == (ProofKind.GRACE, 2_500, 1)


@settings(max_examples=examples(60))
@given(amounts=st.lists(st.integers(-3_000, 3_000).filter(bool), max_size=8), credit=st.integers(0, 3_000))
def test_what_is_taken_is_on_its_lines_to_the_cent(
    shops: type[Shop], amounts: list[int], credit: int
) -> None:
    due = shops()
    due.zone("pro", "zone:a.example")
    plan = renewal(due.at(2026, 2, 1), items(*amounts), credit)
    taken = {use.item_id for use in plan.items}
    on_lines = {x.invoice_item_id: x.amount for x in plan.lines if x.invoice_item_id is not None}
    assert on_lines == {i.id: i.line.amount for i in items(*amounts) if i.id in taken}
    assert plan.total == 2_000 + sum(on_lines.values()) >= 0
    assert {i.id for i in items(*amounts) if i.line.amount > 0} <= taken
