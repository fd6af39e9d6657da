"""Metered items: what a change of a subscription does with them, and which usage periods its commit leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from solvent.core import ledger
from solvent.core.booking import Booking
from solvent.core.catalog import Aggregation, Catalog, Meter, Price, Product, Scheme
from solvent.core.change import (
    AddItem,
    CancelAtPeriodEnd,
    CancelNow,
    ChangeInterval,
    NewItem,
    SetQuantity,
    SwitchPrice,
)
from solvent.core.overbilled import plan_overbilled
from solvent.core.payment import Outcome, ProofKind
from solvent.core.period import Interval
from solvent.core.plan import Plan
from solvent.core.proration import Convention
from solvent.core.settlement import Fail, Strand
from solvent.core.usage import Reading, UsagePeriod, plan_usage
from tests.core.conftest import MONTH, PRICES, PRODUCTS, YEAR, Shop
from tests.core.till import Till, accounts, paid, said

METER = Meter(id="m", name="Requests", unit="requests", aggregation=Aggregation.SUM)
API = Product(id="api", name="API", family="api", features={})


def sold(name: str, amount: int, interval: Interval = MONTH, **terms: object) -> Price:
    """A price of the API, per unit."""
    return Price(
        id=name,
        product_id="api",
        version=1,
        currency="USD",
        interval=interval,
        scheme=Scheme.PER_UNIT,
        unit_amount=amount,
        **terms,  # type: ignore[arg-type]
    )


METERED = [
    sold("api-usage", 3, meter="m"),
    sold("api-dear", 5, meter="m"),
    sold("api-year", 2, YEAR, meter="m"),
    sold("api-trial", 3, meter="m", trial_days=14),
    sold("api-flat", 900),
    sold("api-flat-year", 9000, YEAR),
]
CATALOG = Catalog.checked([*PRODUCTS, API], [*PRICES, *METERED], [METER])


@pytest.fixture
def metered() -> Shop:
    """A shop that sells by usage too, on 1 January 2026."""
    shop = Shop()
    shop.catalog = CATALOG
    return shop


def commit(shop: Shop, plan: Plan) -> Booking:
    """The plan's booking, once its money has come."""
    till = Till(shop)
    attempt = till.open(plan)
    return till.settle(paid(attempt) if plan.due else said(attempt, Outcome.SUCCEEDED))


def begin(shop: Shop, *prices: str) -> Booking:
    """A subscription of these prices, and what its commit writes."""
    before = dict(shop.subscriptions)
    plan = shop.start(*prices)
    shop.subscriptions = before
    return commit(shop, plan)


def test_a_metered_item_is_not_paid_in_advance_and_opens_a_usage_period(metered: Shop) -> None:
    booking = begin(metered, "seats", "api-usage")
    assert booking.invoice is not None
    assert [line.price_id for line in booking.invoice.lines] == ["seats"]
    (period,) = booking.periods
    subscription = metered.only
    assert (period.starts_at, period.ends_at) == (subscription.period.start, subscription.period.end)
    assert (period.price_id, period.meter, period.object) == ("api-usage", "m", "account")
    assert period.look_at == subscription.period.end + metered.policy.usage_delay
    assert [g.product_id for g in booking.grants] == ["seats", "api"]
    assert booking.cut is None


def test_a_subscription_of_usage_alone_asks_for_a_mandate(metered: Shop) -> None:
    plan = metered.start("api-usage")
    assert (plan.needs_setup, plan.proof, plan.due) == (True, ProofKind.TRIAL, 0)


def test_a_contract_account_needs_no_mandate(shops: type[Shop]) -> None:
    shop = shops(terms_days=30)
    shop.catalog = CATALOG
    assert not shop.start("api-usage").needs_setup


def test_usage_during_a_trial_is_free(metered: Shop) -> None:
    assert begin(metered, "api-trial").periods == ()
    subscription = metered.only
    metered.now = subscription.period.end + timedelta(days=2)
    plan = metered.due()
    assert plan is not None
    (period,) = commit(metered, plan).periods
    assert period.starts_at == subscription.period.end  # however late the clock ran


def test_an_added_item_is_counted_from_now_on(metered: Shop) -> None:
    begin(metered, "seats")
    metered.at(2026, 1, 11)
    plan = metered.plan(AddItem(subscription_id=metered.only.id, item=NewItem(price_id="api-usage")))
    assert plan.lines == ()
    (period,) = commit(metered, plan).periods
    assert period.starts_at == metered.now
    assert period.ends_at == metered.only.period.end


def test_another_price_of_a_metered_item_counts_from_the_next_period_on(metered: Shop) -> None:
    begin(metered, "api-usage")
    plan = metered.plan(
        SwitchPrice(subscription_id=metered.only.id, item_id=metered.item.id, price_id="api-dear")
    )
    assert plan.after is not None
    assert plan.after.items == metered.only.items
    commit(metered, plan)
    metered.now = metered.only.period.end
    renewal = metered.due()
    assert renewal is not None
    (period,) = commit(metered, renewal).periods
    assert period.price_id == "api-dear"


def test_during_a_trial_another_price_counts_at_once(metered: Shop) -> None:
    begin(metered, "api-trial")
    plan = metered.plan(
        SwitchPrice(subscription_id=metered.only.id, item_id=metered.item.id, price_id="api-dear")
    )
    assert plan.after is not None
    assert plan.after.items[0].price_id == "api-dear"


def test_what_is_refused(metered: Shop) -> None:
    begin(metered, "api-usage")
    subscription, item = metered.only.id, metered.item.id
    switch = SwitchPrice(subscription_id=subscription, item_id=item, price_id="api-flat")
    assert metered.refusal(switch) == ("price_id", "must be metered, like the price it replaces")
    more = SetQuantity(subscription_id=subscription, item_id=item, quantity=2)
    assert metered.refusal(more) == ("item_id", "must not be a metered item: usage says how much")
    interval = ChangeInterval(subscription_id=subscription, prices=((item, "api-flat-year"),))
    assert metered.refusal(interval) == ("prices[0]", "must be metered, like the price it replaces")
    several = metered.refusal(
        AddItem(subscription_id=subscription, item=NewItem(price_id="api-usage", quantity=2))
    )
    assert several == ("item.quantity", "must be 1: a metered price is charged by usage")


def test_an_item_in_advance_is_not_switched_to_usage(metered: Shop) -> None:
    begin(metered, "api-flat")
    switch = SwitchPrice(subscription_id=metered.only.id, item_id=metered.item.id, price_id="api-usage")
    assert metered.refusal(switch) == ("price_id", "must not be metered, like the price it replaces")


def test_a_longer_interval_cuts_the_period_and_opens_another(metered: Shop) -> None:
    begin(metered, "api-usage")
    metered.at(2026, 1, 11)
    change = ChangeInterval(subscription_id=metered.only.id, prices=((metered.item.id, "api-year"),))
    booking = commit(metered, metered.plan(change))
    assert booking.cut is not None
    assert (booking.cut.at, booking.cut.ending) == (metered.now, None)
    (period,) = booking.periods
    assert (period.starts_at, period.price_id) == (metered.now, "api-year")


def test_cancelling_at_once_cuts_the_period(metered: Shop) -> None:
    begin(metered, "seats", "api-usage")
    end = metered.only.period.end
    metered.at(2026, 1, 11)
    plan = metered.plan(CancelNow(subscription_id=metered.only.id, credit=True))
    booking = commit(metered, plan)
    assert booking.cut is not None
    assert (booking.cut.at, booking.cut.ending) == (metered.now, end)
    assert booking.cut.look_at == metered.now + metered.policy.usage_delay
    assert booking.periods == ()
    (note,) = plan.credit_notes
    charged = metered.charged[note.invoice_id]
    assert [charged.lines[part.position - 1].price_id for part in note.parts] == ["seats"]


def test_a_scheduled_end_leaves_the_period_as_it_is(metered: Shop) -> None:
    begin(metered, "api-usage")
    booking = commit(metered, metered.plan(CancelAtPeriodEnd(subscription_id=metered.only.id)))
    assert booking.cut is None
    assert booking.periods[0].ends_at == metered.only.period.end


def owed(shop: Shop, quantity: int, credit: int = 0, **known: object) -> Plan:
    """The plan of a period's usage at its end."""
    begun = begin(shop, "api-usage").periods[0]
    period: UsagePeriod = replace(begun, **known)  # type: ignore[arg-type]
    assert begun.look_at is not None
    shop.now = begun.look_at
    shop.credit = credit
    plan = plan_usage(
        shop.account,
        [Reading(period=period, quantity=quantity)],
        catalog=CATALOG,
        policy=shop.policy,
        convention=Convention(),
        credit_grants=shop.credit_grants,
        now=shop.now,
    )
    assert plan is not None
    return plan


def counting(shop: Shop, plan: Plan) -> Till:
    """A till that has locked the usage periods of the plan."""
    till = Till(shop)
    till.live.usage |= {(x.item_id, x.starts_at): x.base for x in plan.usage}
    return till


def test_usage_is_revenue_at_once_and_moves_its_period_on(metered: Shop) -> None:
    plan = owed(metered, 100)
    till = counting(metered, plan)
    booking = till.settle(paid(till.open(plan)))
    assert accounts(booking) == {ledger.cash("sandbox"): 300, ledger.REVENUE: -300}
    assert booking.usage == plan.usage
    (billed,) = plan.usage
    assert till.live.usage[billed.item_id, billed.starts_at] == billed.base + 1


def test_a_failed_payment_of_usage_is_committed_on_grace(metered: Shop) -> None:
    plan = owed(metered, 100)
    till = counting(metered, plan)
    booking = till.settle(said(till.open(plan), Outcome.FAILED))
    assert booking.proof is not None
    assert (booking.proof.kind, booking.usage) == (ProofKind.GRACE, plan.usage)
    assert booking.invoice is not None
    assert booking.invoice.total - booking.invoice.paid == 300


def test_usage_that_was_billed_meanwhile_is_not_billed_again(metered: Shop) -> None:
    plan = owed(metered, 100)
    till = counting(metered, plan)
    first, second = till.open(plan), till.open(plan)
    till.settle(paid(first))
    assert till.judge(paid(second, "pi_2")) == Strand(reason="stale")
    assert isinstance(till.judge(said(second, Outcome.FAILED)), Fail)


def test_usage_that_was_billed_too_high_goes_back_by_credit_note(metered: Shop) -> None:
    plan = owed(metered, 40)
    till = counting(metered, plan)
    first = till.settle(paid(till.open(plan)))
    assert first.invoice is not None
    (billed,), (line,) = plan.usage, plan.lines
    assert line.period is not None
    state = UsagePeriod(
        item_id=billed.item_id,
        subscription_id=metered.only.id,
        account_id=metered.account.id,
        price_id="api-usage",
        meter="m",
        object="account",
        starts_at=billed.starts_at,
        ends_at=line.period.end,
        look_at=None,
        billed_quantity=40,
        billed_amount=120,
        version=2,
    )
    back = plan_overbilled(
        metered.account,
        [Reading(period=state, quantity=10)],
        tuple(metered.charged.values()),
        catalog=metered.catalog,
        policy=metered.policy,
        convention=Convention(),
        now=metered.now,
    )
    assert back is not None
    till = counting(metered, back)
    booking = till.settle(said(till.open(back), Outcome.SUCCEEDED))
    assert (booking.postings, booking.invoice, booking.usage[0].amount) == ((), None, 30)
    (note,) = till.notes
    assert accounts(note) == {ledger.ALLOWANCES: 90, ledger.CUSTOMER_CREDIT: -90}
    assert note.credit_note is not None
    assert (note.credit_note.reason, note.credit_note.of_usage, note.credit) == ("less was used", True, 90)
