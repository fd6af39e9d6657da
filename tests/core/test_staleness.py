"""When a plan no longer applies, what a failure leads to, and what is planned anew before it is judged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from solvent.core.change import NewItem, Start, SwitchPrice
from solvent.core.collection import plan_invoice
from solvent.core.credit import Draw
from solvent.core.invoice import InvoiceState, Line, LineKind
from solvent.core.payment import AttemptState, FailureCause, Outcome, ProofKind
from solvent.core.plan import Billed, CartUse, ItemUse, Plan
from solvent.core.returning import Counted, Returned
from solvent.core.settlement import Commit, Fail, Past, judge_recounted, stale
from solvent.core.unused_time import PlannedNote
from tests.core.funds import GRANT_ID, grants
from tests.core.till import ISSUED, Till, declined, open_invoice, paid, said
from tests.core.verdicts import MONEY, NO_MONEY, debt, free_start, renewal, upgrade, written

if TYPE_CHECKING:
    from tests.core.conftest import Shop


def test_a_failure_without_a_cause_is_a_decline(shop: Shop) -> None:
    plan, _ = upgrade(shop)
    till = Till(shop)
    attempt = till.open(plan)
    assert till.judge(said(attempt, Outcome.FAILED)) == Fail(cause=FailureCause.DECLINED)


def test_grace_is_granted_with_its_cause_and_only_for_what_is_owed(shop: Shop) -> None:
    plan, _ = renewal(shop)
    till = Till(shop)
    lost = declined(till.open(plan), FailureCause.CARD_LOST)
    assert till.judge(lost) == Commit(proof=ProofKind.GRACE, cause=FailureCause.CARD_LOST)
    covered = till.open(replace(plan, due=0, credit_used=plan.total))
    till.has_credit(plan.total)
    assert till.judge(declined(covered)) == Fail(cause=FailureCause.INSUFFICIENT_FUNDS)


def test_what_makes_a_plan_stale(shop: Shop) -> None:
    """A version, an item's place, an invoice, or the credit it counted on."""
    base = shop.zone().after
    assert base is not None
    items = ((base.items[0].id, "business"),)
    plan = shop.plan(SwitchPrice(subscription_id=base.id, item_id=items[0][0], price_id="business"))
    till = Till(shop)
    live, families = till.live, till.families
    assert stale(plan, live, families) is None
    live.versions[base.id] = 2
    assert stale(plan, live, families) == "version"
    del live.versions[base.id]  # it was there when the plan was made
    assert stale(plan, live, families) == "version"

    start = shop.plan(Start(items=(NewItem(price_id="seats"), NewItem(price_id="calls"))))
    assert stale(start, live, families) is None
    live.taken["calls", "account"] = base.id
    assert stale(start, live, families) == "item"

    counting = replace(start, after=None, draws=(Draw(grant_id=GRANT_ID, line=1, amount=60),) * 2)
    assert stale(counting, live, families) == "credit"
    till.has_credit(119)
    assert stale(counting, live, families) == "credit"
    till.has_credit(120)
    assert stale(counting, live, families) is None


def test_usage_and_items_that_were_billed_meanwhile_make_a_plan_stale(shop: Shop) -> None:
    till = Till(shop)
    plan, _ = debt(shop)
    till.owes(open_invoice(shop))
    period = Billed(item_id=ISSUED, starts_at=shop.now, base=3, quantity=1, amount=5, charged=5, look_at=None)
    billing = replace(plan, usage=(period,))
    waiting = replace(plan, items=(ItemUse(item_id=ISSUED, base=2),))
    assert stale(billing, till.live, till.families) == "usage"
    assert stale(waiting, till.live, till.families) == "items"
    till.live.usage[ISSUED, shop.now] = 3
    till.live.items[ISSUED] = 2
    assert stale(billing, till.live, till.families) is None
    assert stale(waiting, till.live, till.families) is None


def test_a_cart_that_is_paid_makes_its_plan_stale_and_no_other(shop: Shop) -> None:
    till = Till(shop)
    plan, _ = debt(shop)
    till.owes(open_invoice(shop))
    ordering = replace(plan, cart=CartUse(cart_id=UUID(int=7), base=1))
    till.live.carts.add(UUID(int=8))
    assert stale(plan, till.live, till.families) is None
    assert stale(ordering, till.live, till.families) is None
    till.live.carts.add(UUID(int=7))
    assert stale(ordering, till.live, till.families) == "cart"
    assert stale(plan, till.live, till.families) is None


def test_the_lines_whose_time_was_counted_must_stand_as_they_did(shop: Shop) -> None:
    """What is credited of somebody else's line of the same invoice is no reason."""
    plan, _ = upgrade(shop)
    till = Till(shop)
    nothing_taken = Returned(counted=(Counted(invoice_id=ISSUED, credited=((1, 0),)),))
    missing = stale(replace(plan, returned=nothing_taken), till.live, till.families)
    assert missing == "invoice", "it is not there, though nothing was taken of it"
    counted = Counted(invoice_id=ISSUED, credited=((1, 0), (3, 5)))
    counting = replace(plan, returned=Returned(counted=(counted,)))
    assert stale(counting, till.live, till.families) == "invoice", "it is not there"
    till.owes(open_invoice(shop))
    assert stale(counting, till.live, till.families) == "invoice", "5 had been taken"
    till.live.credited[ISSUED] = {3: 5}
    assert stale(counting, till.live, till.families) is None
    till.owes(open_invoice(shop, credited=100, version=2))
    till.live.credited[ISSUED] = {2: 95, 3: 5}
    assert stale(counting, till.live, till.families) is None
    till.live.credited[ISSUED] = {1: 1, 3: 5}
    assert stale(counting, till.live, till.families) == "invoice"


@pytest.mark.parametrize(
    ("now", "moved"),
    [
        ({}, False),
        ({"version": 2}, False),
        ({"credited": 1_400, "version": 2}, False),
        ({"credited": 1_401, "version": 2}, True),
        ({"paid": 1_400}, False),
        ({"paid": 1_401}, True),
    ],
)
def test_a_credit_note_must_lower_what_is_owed_as_it_was_planned(
    shop: Shop, now: dict[str, Any], moved: bool
) -> None:
    """600 of 2000, all of it owed: as long as 600 are, it does not matter what else became of the invoice."""
    plan, _ = upgrade(shop)
    till = Till(shop)
    note = PlannedNote(invoice_id=ISSUED, amount=600, to_debt=600, parts=())
    crediting = replace(plan, returned=Returned(notes=(note,)))
    assert stale(crediting, till.live, till.families) == "invoice", "it is not there"
    till.owes(open_invoice(shop, **now))
    assert stale(crediting, till.live, till.families) == ("invoice" if moved else None)


def test_a_credit_note_must_find_room_on_its_invoice(shop: Shop) -> None:
    plan, _ = upgrade(shop)
    till = Till(shop)
    note = PlannedNote(invoice_id=ISSUED, amount=600, to_debt=0, parts=())
    crediting = replace(plan, returned=Returned(notes=(note,)))
    for credited, why in ((1_400, None), (1_401, "invoice")):
        till.owes(open_invoice(shop, credited=credited, paid=2_000 - credited))
        assert stale(crediting, till.live, till.families) == why


@pytest.mark.parametrize("version", [0, 1])
def test_a_new_subscription_is_stale_once_it_exists(shop: Shop, version: int) -> None:
    plan, _ = free_start(shop)
    till = Till(shop)
    assert plan.after is not None
    till.live.versions[plan.after.id] = version
    assert stale(plan, till.live, till.families) == ("version" if version else None)


@pytest.mark.parametrize(
    "now",
    [{"version": 2}, {"state": InvoiceState.PAID, "paid": 2000}, None],
    ids=["another version", "paid", "unknown"],
)
def test_a_debt_is_stale_when_its_invoice_has_moved_on(shop: Shop, now: dict[str, Any] | None) -> None:
    plan, _ = debt(shop)
    till = Till(shop)
    till.owes(open_invoice(shop))
    assert stale(plan, till.live, till.families) is None
    if now is None:
        del till.live.invoices[ISSUED]
    else:
        till.owes(open_invoice(shop, **now))
    assert stale(plan, till.live, till.families) == "invoice"


def test_an_invoice_whose_credit_was_spent_is_judged_by_a_plan_made_anew(shop: Shop) -> None:
    """Only by a word that ends the attempt: until then what was asked for is still what is awaited."""
    lines = (Line(kind=LineKind.MANUAL, description="Advice", amount=2000, explanation="as agreed"),)
    credit = {"covered": 2000, "in part": 500}
    found = {}
    for name, counted_on in credit.items():
        plan = plan_invoice(
            shop.account,
            lines,
            invoice_id=ISSUED,
            credit_grants=grants(counted_on),
            catalog=shop.catalog,
            policy=shop.policy,
            convention=shop.convention,
            now=shop.now,
        )
        assert isinstance(plan, Plan)
        for report, make in (MONEY | NO_MONEY).items():
            till = Till(shop)
            till.has_credit(300)
            attempt = till.open(plan)
            judged_as, verdict = judge_recounted(
                attempt, make(attempt), till.live, Past(), till.families, shop.now
            )
            found[name, report] = f"{judged_as.plan.credit_used} {written(verdict)}"
    assert found == {
        ("covered", "succeeded"): "300 wait, unknown",
        ("covered", "other amount moved"): "300 strand: amount, and commit on grace",
        ("covered", "other currency moved"): "300 strand: amount, and commit on grace",
        ("covered", "nothing moved"): "300 wait, unknown",
        ("covered", "failed"): "300 commit on grace",
        ("covered", "requires action"): "2000 wait, requires_action",
        ("covered", "processing"): "2000 wait, processing",
        ("covered", "unknown"): "2000 wait, unknown",
        ("in part", "succeeded"): "300 strand: stale, and commit on grace",
        ("in part", "other amount moved"): "300 strand: amount, and commit on grace",
        ("in part", "other currency moved"): "300 strand: stale, and commit on grace",
        ("in part", "nothing moved"): "500 wait, unknown",
        ("in part", "failed"): "300 commit on grace",
        ("in part", "requires action"): "500 wait, requires_action",
        ("in part", "processing"): "500 wait, processing",
        ("in part", "unknown"): "500 wait, unknown",
    }
    ended = Till(shop).open(plan, AttemptState.FAILED)
    assert judge_recounted(ended, paid(ended), till.live, Past(), till.families, shop.now)[0] is ended
