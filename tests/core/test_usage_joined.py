"""Usage in arrears on the invoice of the renewal: when a renewal waits for it, and what the one plan says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.change import CancelAtPeriodEnd
from solvent.core.invoice import LineKind
from solvent.core.payment import ProofKind
from solvent.core.plan import Plan
from solvent.core.policy import Policy
from solvent.core.renewal import plan_together, waits_for_usage
from solvent.core.terms import Together
from solvent.core.usage import Reading, UsagePeriod, plan_usage
from tests.core.conftest import Shop
from tests.core.funds import grants
from tests.core.test_metered_items import CATALOG
from tests.core.till import Till, accounts, declined, paid
from tests.drawing import examples

HOUR = timedelta(hours=1)


@pytest.fixture
def shop() -> Shop:
    """A shop that sells by usage too; the API with a flat fee of 20.00 is due on 1 February 2026."""
    return opened()


def opened() -> Shop:
    shop = Shop()
    shop.catalog = CATALOG
    shop.start(("api-usage", 1, "account"), ("pro", 1, "zone:a.example"))
    return shop.at(2026, 2, 1, 1)


def period(shop: Shop, **known: object) -> UsagePeriod:
    subscription = shop.only
    item = next(i for i in subscription.items if i.price_id == "api-usage")
    base = UsagePeriod(
        item_id=item.id,
        subscription_id=subscription.id,
        account_id=shop.account.id,
        price_id="api-usage",
        meter="m",
        object="account",
        starts_at=subscription.period.start,
        ends_at=subscription.period.end,
        look_at=subscription.period.end + HOUR,
    )
    return replace(base, **known)  # type: ignore[arg-type] # fields of a period


def joint(shop: Shop, quantity: int, credit: int = 0, **known: object) -> Plan:
    (plan,) = plan_together(
        shop.account,
        [shop.only],
        catalog=shop.catalog,
        policy=shop.policy,
        convention=shop.convention,
        credit_grants=grants(credit),
        now=shop.now,
        readings=[Reading(period=period(shop, **known), quantity=quantity)],
    )
    return plan


def waits(shop: Shop, at: datetime | None = None, policy: Policy | None = None) -> datetime | None:
    """Until when the renewal waits, its usage being due at that moment."""
    when = shop.only.period.end + HOUR if at is None else at
    return waits_for_usage(
        shop.account, shop.only, when, shop.catalog, policy or shop.policy, shop.convention
    )


def test_the_fee_and_then_the_usage(shop: Shop) -> None:
    plan = joint(shop, 100)
    assert [(x.kind, x.amount) for x in plan.lines] == [(LineKind.CHARGE, 2_000), (LineKind.USAGE, 300)]
    assert (plan.total, plan.proof, plan.bills_usage) == (2_300, ProofKind.PAYMENT, True)
    assert plan.after is not None
    assert plan.after.period.start == shop.only.period.end
    (billed,) = plan.usage
    assert (billed.amount, billed.look_at) == (300, None)


def test_a_renewal_waits_until_the_last_events_have_come(shop: Shop) -> None:
    assert waits(shop) == shop.only.period.end + HOUR


def test_what_waits_for_nothing(shop: Shop) -> None:
    end = shop.only.period.end
    assert waits_for_usage(shop.account, shop.only, None, shop.catalog, shop.policy, shop.convention) is None
    short = replace(shop.policy, renewal_window=timedelta(minutes=59))
    assert waits(shop, policy=short) is None
    assert waits(shop, end + timedelta(minutes=59), short) is not None
    for together in (Together.IN_ADVANCE, Together.NEVER):
        shop.account = replace(shop.account, together=together)
        assert waits(shop) is None
    shop.account = replace(shop.account, together=None)
    shop.at(2026, 1, 31).commit(CancelAtPeriodEnd(subscription_id=shop.only.id))
    assert waits(shop) is None


def test_what_costs_nothing_in_advance_waits_for_nothing() -> None:
    shop = Shop()
    shop.catalog = CATALOG
    shop.start("api-usage")
    assert waits(shop) is None
    assert joint(shop.at(2026, 2, 1, 1), 100).usage == ()


def test_corrections_do_not_lower_it(shop: Shop) -> None:
    for billed in (1_500, 2_100):
        plan = joint(shop, 0, billed_quantity=billed // 3, billed_amount=billed, version=2)
        assert [x.amount for x in plan.lines] == [2_000]
        assert [(x.amount, x.charged) for x in plan.usage] == [(billed, 0)]


def test_one_payment_commits_both(shop: Shop) -> None:
    till = Till(shop)
    plan, end = joint(shop, 100), shop.only.period.end
    till.live.usage = {(x.item_id, x.starts_at): x.base for x in plan.usage}
    booking = till.settle(paid(till.open(plan)))
    assert (booking.usage, booking.invoice.total) == (plan.usage, 2_300)
    assert accounts(booking) == {"cash:sandbox": 2_300, "deferred_revenue": -2_000, "revenue": -300}
    (opened_,) = booking.periods
    assert opened_.starts_at == end


def test_one_declined_payment_leaves_both_owed_on_grace(shop: Shop) -> None:
    till = Till(shop)
    plan = joint(shop, 100)
    till.live.usage = {(x.item_id, x.starts_at): x.base for x in plan.usage}
    booking = till.settle(declined(till.open(plan)))
    assert (booking.proof.kind, booking.invoice.total, booking.usage) == (ProofKind.GRACE, 2_300, plan.usage)
    assert booking.subscription.grace_invoice == booking.invoice.id


@settings(max_examples=examples(60))
@given(quantity=st.integers(0, 5_000), before=st.integers(0, 2_000), credit=st.integers(0, 5_000))
def test_together_they_are_what_they_are_apart(quantity: int, before: int, credit: int) -> None:
    shop = opened()
    known = {"billed_quantity": before, "billed_amount": 3 * before, "version": 2}
    plan = joint(shop, quantity, credit, **known)
    fee = joint(shop, 0)
    alone = plan_usage(
        shop.account,
        [Reading(period=period(shop, **known), quantity=quantity)],
        catalog=shop.catalog,
        policy=shop.policy,
        convention=shop.convention,
        credit_grants=(),
        now=shop.now,
    )
    assert alone is not None
    assert plan.total == fee.total + alone.total
    assert plan.usage == alone.usage
    assert plan.due == max(plan.total - credit, 0)
