"""Money that comes for a debt that was given up, and what no invoice can become."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from solvent.core.attempt import Attempt
from solvent.core.collection import plan_debt
from solvent.core.health import assess
from solvent.core.invoice import Invoice, InvoiceRuleBroken, InvoiceState, lower
from solvent.core.payment import AttemptState
from solvent.core.settlement import PayIssued, Strand
from solvent.core.snapshot import Snapshot, Standing, Tries
from tests.core.funds import grants, whole
from tests.core.till import Till, accounts, open_invoice, paid

if TYPE_CHECKING:
    from tests.core.conftest import Shop


def given_up(till: Till, state: AttemptState, credited: int = 500) -> tuple[Attempt, Invoice]:
    """An attempt at $20.00 of debt, which meanwhile was credited in part and given up."""
    shop = till.shop
    invoice = open_invoice(shop)
    plan = plan_debt(
        shop.account, invoice, owed=whole(invoice), credit_grants=(), policy=shop.policy, now=shop.now
    )
    attempt = till.open(plan, state)
    return attempt, till.owes(lower(invoice, credited=credited, give_up=True))


@pytest.mark.parametrize("state", [AttemptState.OPENING, AttemptState.FAILED])
def test_money_on_its_way_recovers_what_was_given_up(shop: Shop, state: AttemptState) -> None:
    till = Till(shop)
    attempt, invoice = given_up(till, state)
    assert till.judge(paid(attempt)) == PayIssued(invoice_id=invoice.id, of_plan=True)
    booking = till.settle(paid(attempt))
    assert accounts(booking) == {"cash:sandbox": 2000, "bad_debt": -1500, "customer_credit": -500}
    assert booking.settled is not None
    assert booking.settled.after.state is InvoiceState.RESOLVED
    assert [e.type for e in booking.events] == ["invoice.resolved", "credit.granted"]


def test_money_that_does_not_recover_it_whole_is_stranded(shop: Shop) -> None:
    till = Till(shop)
    attempt, invoice = given_up(till, AttemptState.FAILED)
    till.owes(replace(invoice, total=9_000))
    assert till.judge(paid(attempt)) == Strand(reason="late")
    till.owes(replace(invoice, currency="EUR"))
    assert till.judge(paid(attempt)) == Strand(reason="late")


def test_money_that_is_just_what_was_given_up_recovers_it(shop: Shop) -> None:
    till = Till(shop)
    attempt, invoice = given_up(till, AttemptState.OPENING, credited=0)
    assert (invoice.debt, attempt.plan.due) == (2000, 2000)
    assert till.judge(paid(attempt)) == PayIssued(invoice_id=invoice.id, of_plan=True)


def test_an_invoice_that_is_not_locked_strands_its_money(shop: Shop) -> None:
    till = Till(shop)
    attempt, invoice = given_up(till, AttemptState.OPENING)
    del till.live.invoices[invoice.id]
    assert till.judge(paid(attempt)) == Strand(reason="stale")


@pytest.mark.parametrize(
    ("state", "change"),
    [
        ("open", {"paid": 2_001}),
        ("open", {"credited": -1}),
        ("open", {"paid": -1}),
        ("paid", {}),
        ("paid", {"paid": -1}),
        ("paid", {"credited": 1}),
        ("resolved", {"give_up": True, "paid": -1}),
    ],
)
def test_what_no_invoice_can_become(shop: Shop, state: str, change: dict[str, int]) -> None:
    settled = {"paid": 2_000} if state != "open" else {}
    invoice = open_invoice(shop, state=InvoiceState(state), **settled)
    with pytest.raises(InvoiceRuleBroken, match="cannot become"):
        lower(invoice, **change)  # type: ignore[arg-type]  # one of them is a flag


def test_an_account_with_a_debt_given_up_is_bad_debt_and_not_collected(shop: Shop) -> None:
    invoice = lower(open_invoice(shop), give_up=True)
    snapshot = Snapshot(
        account=shop.account,
        subscriptions=(),
        methods=(),
        open_invoices=(invoice,),
        tries={},
        grants=(),
        credit_grants=grants(9_000),
        standing=None,
        recheck_at=None,
    )
    verdict = assess(snapshot, shop.catalog, shop.policy, shop.now)
    assert (verdict.standing, verdict.debt) == (Standing.BAD_DEBT, {"USD": 2_000})
    assert (verdict.collect, verdict.recheck_at) == ((), None)
    assert verdict.evidence[0].endswith("it was given up as uncollectible")
    paying = replace(snapshot, tries={invoice.id: Tries(in_flight=True)})
    verdict = assess(paying, shop.catalog, shop.policy, shop.now)
    assert verdict.evidence[0].endswith("a payment is in flight")
