"""The billing clock: one period per call, however late; what was scheduled; and the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from solvent.core.change import CancelAtPeriodEnd, CancelNow, ChangeInterval, RemoveItem, SwitchPrice
from solvent.core.payment import Path, ProofKind
from solvent.core.period import Interval, Unit
from solvent.core.plan import Intent, OnFailure
from solvent.core.policy import Policy
from solvent.core.subscription import EndReason, SubscriptionState

if TYPE_CHECKING:
    from tests.core.conftest import Shop

ZONE = "zone:example.com"


def day(year: int, month: int, of_month: int, hour: int = 0) -> datetime:
    return datetime(year, month, of_month, hour, tzinfo=UTC)


def on_grace(shop: Shop, until: datetime) -> None:
    shop.subscriptions[shop.only.id] = replace(shop.only, grace_until=until, grace_invoice=UUID(int=7))


def test_nothing_is_planned_before_it_is_due(shop: Shop) -> None:
    shop.zone()
    assert shop.at(2026, 1, 31, 23).due() is None


def test_a_renewal_is_paid_in_advance_and_falls_to_grace(shop: Shop) -> None:
    base = shop.start(("pro", 1, ZONE), ("seats", 2, "account")).after
    plan = shop.at(2026, 2, 1).renew()
    assert (plan.path, plan.intent, plan.on_failure) == (Path.RENEWAL, Intent.RENEW, OnFailure.GRACE)
    assert plan.claim == f"sub:{base.id}"
    assert [line.amount for line in plan.lines] == [2000, 1000]
    assert (plan.due, plan.proof, plan.needs_setup) == (3000, ProofKind.PAYMENT, False)
    assert str(plan.lines[0].explanation).endswith("per month, in advance for 2026-02-01 to 2026-03-01")
    after = plan.after
    assert (after.index, after.version, after.period.start, after.period.end) == (
        1,
        2,
        day(2026, 2, 1),
        day(2026, 3, 1),
    )


def test_month_ends_recover(shop: Shop) -> None:
    shop.at(2027, 12, 31).zone()
    ends = []
    for _ in range(4):
        shop.now = shop.only.period.end
        ends.append(shop.renew().after.period.end)
    assert ends == [day(2028, 2, 29), day(2028, 3, 31), day(2028, 4, 30), day(2028, 5, 31)]


def test_a_leap_day_comes_back_after_four_years(shop: Shop) -> None:
    shop.at(2028, 2, 29).zone("pro-year")
    ends = []
    for _ in range(3):
        shop.now = shop.only.period.end
        ends.append(shop.renew().after.period.end)
    assert ends == [day(2030, 2, 28), day(2031, 2, 28), day(2032, 2, 29)]


def test_local_time_is_kept_over_a_clock_change(shops: type[Shop]) -> None:
    shop = shops(time_zone="Europe/Berlin").at(2026, 3, 15, 11)
    shop.zone()
    assert shop.at(2026, 4, 15, 10).renew().after.period.end == day(2026, 5, 15, 10)


def test_a_late_clock_plans_one_period_at_a_time(shop: Shop) -> None:
    shop.zone()
    plan = shop.at(2026, 6, 10).renew()
    assert plan.after.period.end == day(2026, 3, 1)
    assert plan.expires_at == shop.now + Policy().attempt_lifetime
    count = 1
    while shop.due() is not None:
        count += 1
        shop.renew()
    assert (count, shop.only.period.end, shop.only.version) == (5, day(2026, 7, 1), 6)


def test_the_first_paid_period_begins_where_the_trial_ends(shop: Shop) -> None:
    shop.at(2026, 3, 1).start("media")
    plan = shop.at(2026, 3, 15).renew()
    assert (plan.intent, plan.due) == (Intent.RENEW, 1000)
    after = plan.after
    assert (after.state, after.index, after.period.start, after.period.end) == (
        SubscriptionState.ACTIVE,
        0,
        day(2026, 3, 15),
        day(2026, 4, 15),
    )
    assert shop.at(2026, 4, 15).renew().after.index == 1


def test_a_scheduled_downgrade_counts_from_the_next_period(shop: Shop) -> None:
    shop.start(("business", 1, ZONE), "seats")
    zone, seats = shop.only.items
    shop.commit(SwitchPrice(subscription_id=shop.only.id, item_id=zone.id, price_id="pro"))
    shop.commit(RemoveItem(subscription_id=shop.only.id, item_id=seats.id))
    plan = shop.at(2026, 2, 1).renew()
    assert ([line.amount for line in plan.lines], plan.after.pending) == ([2000], None)
    assert plan.after.items == (replace(zone, price_id="pro"),)


def test_a_scheduled_interval_starts_a_new_anchor_at_the_end_of_the_period(shop: Shop) -> None:
    shop.at(2024, 2, 29).zone("pro-year")
    shop.commit(ChangeInterval(subscription_id=shop.only.id, prices=((shop.item.id, "pro"),)))
    plan = shop.at(2025, 2, 28).renew()
    after = plan.after
    assert (after.interval, after.index, after.anchor.at) == (Interval(unit=Unit.MONTH), 0, day(2025, 2, 28))
    assert (plan.due, after.period.end, after.pending) == (2000, day(2025, 3, 28), None)


def test_a_scheduled_cancellation_ends_it_with_the_period(shop: Shop) -> None:
    shop.zone()
    shop.commit(CancelAtPeriodEnd(subscription_id=shop.only.id))
    plan = shop.at(2026, 2, 3).renew()
    assert (plan.intent, plan.lines, plan.due, plan.on_failure) == (Intent.END, (), 0, OnFailure.NOTHING)
    assert plan.proof is ProofKind.NOTHING_DUE
    after = plan.after
    assert (after.state, after.ended_at, after.end_reason, after.version) == (
        SubscriptionState.ENDED,
        day(2026, 2, 1),
        EndReason.CANCELED,
        3,
    )
    assert shop.due(after) is None


def test_a_trial_that_was_cancelled_ends_without_a_charge(shop: Shop) -> None:
    shop.at(2026, 3, 1).start("media")
    shop.commit(CancelAtPeriodEnd(subscription_id=shop.only.id))
    plan = shop.at(2026, 3, 15).renew()
    assert (plan.total, plan.after.end_reason) == (0, EndReason.CANCELED)


@pytest.mark.parametrize(
    ("grace_days", "ends"),
    [(5, day(2026, 2, 1)), (40, day(2026, 2, 10))],  # grace within the period, and beyond it
)
def test_whoever_is_still_unpaid_when_due_gets_no_further_period(
    shop: Shop, grace_days: int, ends: datetime
) -> None:
    shop.zone()
    on_grace(shop, day(2026, 1, 1) + timedelta(days=grace_days))
    shop.now = ends - timedelta(seconds=1)
    assert shop.due() is None
    shop.now = ends + timedelta(hours=2)
    plan = shop.renew()
    assert (plan.intent, plan.lines, plan.after.ended_at, plan.after.end_reason) == (
        Intent.END,
        (),
        ends,
        EndReason.UNPAID,
    )
    assert (plan.after.grace_until, plan.after.grace_invoice) == (None, None)


def test_a_cancellation_comes_before_unpaid(shop: Shop) -> None:
    shop.zone()
    on_grace(shop, day(2026, 1, 6))
    shop.commit(CancelAtPeriodEnd(subscription_id=shop.only.id))
    assert shop.at(2026, 2, 1).renew().after.end_reason is EndReason.CANCELED


def test_an_ended_subscription_is_never_due(shop: Shop) -> None:
    shop.zone()
    shop.commit(CancelNow(subscription_id=shop.only.id))
    assert shop.at(2030, 1, 1).due() is None


def test_credit_terms_and_free_plans_renew_without_a_charge(shops: type[Shop]) -> None:
    credit = shops(credit=5000)
    credit.zone()
    paid = credit.at(2026, 2, 1).renew()
    assert (paid.credit_used, paid.due, paid.proof, credit.credit) == (2000, 0, ProofKind.CREDIT, 1000)
    terms = shops(terms_days=30)
    terms.zone()
    owed = terms.at(2026, 2, 1).renew()
    assert (owed.total, owed.due, owed.terms_days, owed.proof) == (2000, 0, 30, ProofKind.TERMS)
    free = shops()
    free.zone("free")
    assert free.at(2026, 2, 1).renew().lines == ()
