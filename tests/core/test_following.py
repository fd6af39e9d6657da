"""How the locked facts move on as a batch is settled in order: what the next report is judged against."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from solvent.core.change import CancelNow, NewItem, Start
from solvent.core.collection import plan_invoice
from solvent.core.invoice import Line, LineKind, lower
from solvent.core.payment import AttemptState, Outcome
from solvent.core.plan import Plan
from solvent.core.settlement import Fail, Nothing, Past, PayIssued, Strand, judge_recounted
from tests.core.booked import on_grace
from tests.core.funds import grants
from tests.core.till import ISSUED, Till, declined, open_invoice, paid, said
from tests.core.verdicts import debt, purchase, renewal

if TYPE_CHECKING:
    from tests.core.conftest import Shop

ZONE = ("zone", "zone:example.com")


def test_a_debt_that_was_just_paid_is_not_paid_again(shop: Shop) -> None:
    plan, _ = debt(shop)
    till = Till(shop)
    till.owes(open_invoice(shop))
    first, second = till.open(plan), till.open(plan)
    till.settle(paid(first, ref="pi_1"))
    assert till.judge(paid(second, ref="pi_2")) == Strand(reason="stale")


def test_the_place_of_an_item_is_free_again_when_its_subscription_has_ended(shop: Shop) -> None:
    till = Till(shop)
    start = shop.plan(Start(items=(NewItem(price_id="pro", object="zone:example.com"),)))
    started = till.settle(paid(till.open(start))).subscription
    assert started is not None
    assert till.live.taken == {ZONE: started.id}
    till.settle(said(till.open(shop.plan(CancelNow(subscription_id=started.id))), Outcome.SUCCEEDED))
    assert till.live.taken == {}


def test_a_place_that_a_subscription_gives_up_is_free_and_those_of_others_are_not(shop: Shop) -> None:
    one, other = shop.zone(thing="zone:a").after, shop.zone(thing="zone:b").after
    assert one is not None
    assert other is not None
    till = Till(shop)
    moved = replace(one, items=tuple(replace(item, object="zone:c") for item in one.items))
    till.live.advance(moved, till.families)
    assert till.live.taken == {("zone", "zone:b"): other.id, ("zone", "zone:c"): one.id}


def test_the_same_money_twice_in_a_batch_is_one_movement(shop: Shop) -> None:
    till = Till(shop)
    attempt = till.open(shop.plan(Start(items=(NewItem(price_id="pro", object="zone:a"),))))
    till.settle(paid(attempt, ref="pi_1"))
    assert till.judge(paid(attempt, ref="pi_1")) == Nothing()
    assert till.judge(paid(attempt, ref="pi_2")) == Strand(reason="duplicate")


def test_an_attempt_remembers_the_invoice_that_it_left_unpaid_and_no_other(shop: Shop) -> None:
    _, granted = on_grace(shop)
    assert granted.invoice is not None
    left = Past().after(granted)
    assert left == Past(issued=granted.invoice.id)
    assert left.after(replace(granted, invoice=None)) == left
    whole = replace(granted, invoice=replace(granted.invoice, paid=granted.invoice.total))
    assert Past().after(whole) == Past()


def test_only_an_invoice_of_the_merchants_own_is_planned_anew_and_only_for_want_of_credit(shop: Shop) -> None:
    """The billing clock asks for a renewal again; nobody asks for an invoice that was issued by hand."""
    shop.zone()
    shop.credit = 500
    till = Till(shop)
    attempt = till.open(shop.at(2026, 2, 1).due())
    till.live.credit_grants = {}
    judged_as, verdict = judge_recounted(
        attempt, declined(attempt), till.live, Past(), till.families, shop.now
    )
    assert judged_as is attempt
    assert isinstance(verdict, Fail)

    line = Line(kind=LineKind.MANUAL, description="Advice", amount=2000, explanation="as agreed")
    plan = plan_invoice(
        shop.account,
        (line,),
        invoice_id=ISSUED,
        credit_grants=grants(500),
        catalog=shop.catalog,
        policy=shop.policy,
        convention=shop.convention,
        now=shop.now,
    )
    assert isinstance(plan, Plan)
    still = till.open(plan)
    till.has_credit(500)
    assert judge_recounted(still, declined(still), till.live, Past(), till.families, shop.now)[0] is still


def test_money_that_is_stranded_for_its_own_reason_keeps_it(shop: Shop) -> None:
    plan, _ = purchase(shop)
    till = Till(shop)
    ended = till.open(plan, AttemptState.FAILED)
    _, verdict = judge_recounted(ended, paid(ended), till.live, Past(), till.families, shop.now)
    assert verdict == Strand(reason="late")


def test_late_money_recovers_the_invoice_of_its_grace_that_was_given_up_meanwhile(shop: Shop) -> None:
    """$5.00 of it were credited when it was given up; $20.00 pay the $15.00 that are left, and the rest is credit."""
    till = Till(shop)
    plan, _ = renewal(shop)
    attempt = till.open(plan, AttemptState.COMMITTED)
    till.locked.past[attempt.id] = Past(issued=ISSUED)
    till.owes(lower(open_invoice(shop), credited=500, give_up=True))
    assert till.judge(paid(attempt)) == PayIssued(invoice_id=ISSUED)


def test_another_amount_is_a_second_payment_where_one_has_come_before(shop: Shop) -> None:
    till = Till(shop)
    plan, _ = renewal(shop)
    attempt = till.open(plan, AttemptState.COMMITTED)
    till.owes(open_invoice(shop))
    for refs, reason in ((frozenset[str](), "amount"), (frozenset({"pi_0"}), "duplicate")):
        till.locked.past[attempt.id] = Past(issued=ISSUED, refs=refs)
        assert till.judge(paid(attempt, amount=2001)) == Strand(reason=reason)
