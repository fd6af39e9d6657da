"""What holds for every plan and every proof: the till's `check`, over generated plans, reports and repetitions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from solvent.core import ledger
from solvent.core.attempt import Attempt
from solvent.core.change import CancelNow, NewItem, Purchase, Start, SwitchPrice, plan_change
from solvent.core.collection import plan_debt
from solvent.core.invoice import InvoiceState, Line, LineKind
from solvent.core.ledger import Posting
from solvent.core.payment import AttemptState, FailureCause, Outcome, Path, ProofKind, Report, StaleMoney
from solvent.core.period import Period
from solvent.core.plan import Intent, OnFailure, Plan, Refusal, make_plan
from solvent.core.settlement import Nothing, Past, Strand, Wait
from solvent.core.subscription import Subscription, SubscriptionState
from tests.core.funds import grants, whole
from tests.core.till import ISSUED, Till, accounts, declined, open_invoice, paid, said
from tests.drawing import examples

pytestmark = pytest.mark.unmeasured

if TYPE_CHECKING:
    from tests.core.conftest import Shop

balances = st.integers(0, 15_000)  # account credit
outcomes = st.sampled_from([Outcome.SUCCEEDED] * 4 + [Outcome.FAILED] * 2 + list(Outcome))


@dataclass(frozen=True)
class Ordered:
    """What a plan is made from: lines as (amount, whether it covers a period), and what they are for."""

    lines: list[tuple[int, bool]]
    credit: int
    intent: Intent
    terms_days: int
    needs_setup: bool
    on_failure: OnFailure


lines = st.tuples(st.integers(-5_000, 20_000), st.booleans())
orders = st.builds(
    Ordered,
    lines=st.one_of(st.lists(lines, min_size=1, max_size=4), st.lists(lines, min_size=1), st.just([])),
    credit=balances,
    intent=st.sampled_from([Intent.START, Intent.MODIFY, Intent.RENEW, Intent.PURCHASE, Intent.CANCEL]),
    terms_days=st.sampled_from([0, 0, 30]),
    needs_setup=st.booleans(),
    on_failure=st.sampled_from(OnFailure),
)


def planned(shop: Shop, order: Ordered) -> Plan:
    """A plan of these lines. As planners do, it asks for a mandate only where nothing is to be paid."""
    after = shop.zone().after
    assert after is not None
    if order.intent in {Intent.START, Intent.PURCHASE}:
        del shop.subscriptions[after.id]
    else:
        after = replace(after, version=2)
    period = Period(start=shop.now, end=shop.now + timedelta(days=31))
    return make_plan(
        account_id=shop.account.id,
        path=Path.CHANGE,
        intent=order.intent,
        claim="x",
        currency="USD",
        lines=[line(amount, period if covers else None) for amount, covers in order.lines],
        credit=grants(order.credit),
        planned_at=shop.now,
        lifetime=shop.policy.attempt_lifetime,
        after=None if order.intent is Intent.PURCHASE else after,
        terms_days=order.terms_days,
        needs_setup=order.needs_setup and not order.lines,
        on_failure=order.on_failure,
    )


def line(amount: int, period: Period | None) -> Line:
    return Line(kind=LineKind.CHARGE, description="x", amount=amount, explanation="x", period=period)


@settings(max_examples=examples(250), deadline=None)
@given(order=orders, outcome=outcomes)
def test_every_plan_balances_with_every_outcome(shops: type[Shop], order: Ordered, outcome: Outcome) -> None:
    """What is earned is the total, what is receivable is what the proof leaves open."""
    shop = shops()
    plan = planned(shop, order)
    assume(plan.total >= 0)  # what comes to less goes back by credit notes: see below
    shop.credit = order.credit
    till = Till(shop)
    attempt = till.open(plan)
    report = paid(attempt) if outcome is Outcome.SUCCEEDED else said(attempt, outcome)
    verdict = till.judge(report)
    if isinstance(verdict, Wait):
        assert outcome not in {Outcome.SUCCEEDED, Outcome.FAILED}
        return
    booking = till.book(report, verdict)
    assert till.live.credit == order.credit + booking.credit
    if booking.proof is None:
        assert (outcome, booking.postings, till.live.credit) == (Outcome.FAILED, (), order.credit)
        return
    event(booking.proof.kind)
    assert booking.proof.kind is (plan.proof if outcome is Outcome.SUCCEEDED else ProofKind.GRACE)
    moved = accounts(booking)
    assert moved.get(ledger.REVENUE, 0) + moved.get(ledger.DEFERRED_REVENUE, 0) == -plan.total
    open_part = {ProofKind.TERMS: plan.total, ProofKind.GRACE: plan.due}.get(booking.proof.kind, 0)
    assert moved.get(ledger.RECEIVABLE, 0) == open_part


def test_what_comes_to_less_than_nothing_is_never_booked_without_credit_notes(shops: type[Shop]) -> None:
    shop = shops()
    order = Ordered(
        lines=[(-500, True), (300, False)],
        credit=0,
        intent=Intent.MODIFY,
        terms_days=0,
        needs_setup=False,
        on_failure=OnFailure.NOTHING,
    )
    plan = replace(planned(shop, order), lines=())
    till = Till(shop)
    report = said(till.open(plan), Outcome.SUCCEEDED)
    with pytest.raises(AssertionError, match="goes back by credit notes"):
        till.book(report, till.judge(report))


@settings(max_examples=examples(100), deadline=None)
@given(
    debt=st.integers(1, 9_000),
    credit=st.integers(0, 9_000),
    late=st.booleans(),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_every_debt_is_paid_exactly(
    shops: type[Shop], debt: int, credit: int, late: bool, currency: str
) -> None:
    """By a plan of its own, or by late money for the attempt that left it open."""
    shop = shops(currency=currency, credit=credit)
    till = Till(shop)
    invoice = till.owes(open_invoice(shop, debt))
    plan = plan_debt(
        shop.account,
        invoice,
        owed=whole(invoice),
        credit_grants=shop.credit_grants,
        policy=shop.policy,
        now=shop.now,
    )
    assert isinstance(plan, Plan)
    attempt = till.open(plan, AttemptState.COMMITTED if late else AttemptState.OPENING)
    till.locked.past[attempt.id] = Past(issued=ISSUED if late else None)
    booking = till.settle(paid(attempt, amount=debt if late else plan.due))
    assert accounts(booking)[ledger.RECEIVABLE] == -debt
    assert booking.credit == (0 if late else -min(credit, debt))
    assert (till.live.invoices[ISSUED].debt, till.live.invoices[ISSUED].state) == (0, InvoiceState.PAID)
    assert isinstance(till.judge(paid(attempt, ref="pi_2", amount=debt)), Strand)


deeds = st.one_of(
    st.tuples(st.just("start"), st.sampled_from(["pro", "business", "free"]), st.sampled_from("ab")),
    st.just(("renew", 0)),
    st.tuples(st.sampled_from(["buy", "upgrade", "cancel", "renew", "renew", "pay"]), st.integers(0, 3)),
)
words = st.sampled_from(["paid", "paid", "paid", "declined", "declined", "lost", "unknown"])
told = st.tuples(
    st.integers(1, 4), words, st.integers(1, 2)
)  # of which of the last attempts, what, which ref


@settings(max_examples=examples(250), deadline=None)
@given(
    steps=st.lists(st.one_of(deeds, told), min_size=8, max_size=40),
    credit=st.sampled_from([0, 0, 500, 3_000]),
    policy=st.sampled_from(StaleMoney),
)
def test_no_order_of_reports_loses_money(
    shops: type[Shop], steps: list[tuple[Any, ...]], credit: int, policy: StaleMoney
) -> None:
    """L3: cash is the sum of all that was ever reported, once per reference, in any order, late or overtaken."""
    (shop := shops()).zone()
    shop.credit = credit
    till = Till(shop).stale_money(policy)
    attempts: list[Attempt] = []
    postings: list[Posting] = []
    arrived: dict[str | None, int] = {}
    for step in steps:
        if isinstance(step[0], str):
            plan = plan_of(till, *step)
            attempts += [till.open(plan)] if isinstance(plan, Plan) else []
        elif attempts:
            nth = max(len(attempts) - step[0], 0)
            report = report_of(attempts[nth], step[1], f"pi_{nth}_{step[2]}")
            if report.outcome is Outcome.SUCCEEDED and report.amount:
                arrived[report.ref] = report.amount
            verdict = till.judge(report)
            event(type(verdict).__name__)
            if not isinstance(verdict, Wait | Nothing):
                postings += till.book(report, verdict).postings
    postings += [posting for note in till.notes for posting in note.postings]
    assert ledger.balances(postings).get("cash:sandbox", 0) == sum(arrived.values())
    check_stores_agree(till, credit, postings)


def check_stores_agree(till: Till, credit: int, postings: list[Posting]) -> None:
    """L4, L7, L8: balance, debts and grace as the facts have them are what the ledger and the invoices say."""
    live = till.live
    assert live.credit == credit - ledger.balances(postings).get(ledger.CUSTOMER_CREDIT, 0)
    for invoice in live.invoices.values():
        about = ledger.balances(p for p in postings if p.invoice_id == invoice.id)
        assert about.get(ledger.RECEIVABLE, 0) == invoice.debt
    for subscription in till.shop.subscriptions.values():
        assert live.versions[subscription.id] == subscription.version
        if subscription.grace_invoice is not None:
            assert subscription in live.on_grace[subscription.grace_invoice]
            assert live.invoices[subscription.grace_invoice].state is InvoiceState.OPEN
    places = [(i.object, s.id) for s in running(till.shop) for i in s.items]
    assert sorted(places) == sorted((place, holder) for (_, place), holder in live.taken.items())


def running(shop: Shop) -> list[Subscription]:
    return [s for s in shop.subscriptions.values() if s.state is not SubscriptionState.ENDED]


def plan_of(till: Till, deed: str, which: object, thing: str = "") -> Plan | Refusal | None:
    """The plan for a deed where there is anything to do it to; time moves on to what is renewed."""
    shop, nth = till.shop, which if isinstance(which, int) else 0
    debts = [i for i in till.live.invoices.values() if i.debt]
    if deed == "start":
        return plan_change(Start(items=(NewItem(price_id=str(which), object=f"zone:{thing}"),)), shop.context)
    if deed == "buy":
        return plan_change(Purchase(items=(NewItem(price_id="setup"),)), shop.context)
    if deed == "pay" and debts:
        invoice = debts[nth % len(debts)]
        return plan_debt(
            shop.account,
            invoice,
            owed=whole(invoice),
            credit_grants=shop.credit_grants,
            policy=shop.policy,
            now=shop.now,
        )
    bases = running(shop)
    if deed == "pay" or not bases:
        return None
    return plan_about(shop, deed, bases[nth % len(bases)])


def plan_about(shop: Shop, deed: str, base: Subscription) -> Plan | Refusal | None:
    match deed:
        case "upgrade":
            item_id = base.items[0].id
            upgrade = SwitchPrice(subscription_id=base.id, item_id=item_id, price_id="business")
            return plan_change(upgrade, shop.context)
        case "cancel":
            return plan_change(CancelNow(subscription_id=base.id, credit=True), shop.context)
        case _:
            assert base.due_at is not None
            shop.now = max(shop.now, base.due_at)
            return shop.due(base)


def report_of(attempt: Attempt, word: object, ref: str) -> Report:
    match word:
        case "paid":
            return paid(attempt, ref=ref)
        case "declined":
            return declined(attempt)
        case "lost":
            return declined(attempt, FailureCause.CARD_LOST)
        case _:
            return said(attempt, Outcome.UNKNOWN)
