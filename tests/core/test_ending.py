"""Cancelling now or at the end of the period, with or without credit, and taking it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from solvent.core.change import (
    CancelAtPeriodEnd,
    CancelNow,
    NewItem,
    RemoveItem,
    Start,
    SwitchPrice,
    Uncancel,
)
from solvent.core.invoice import LineKind
from solvent.core.payment import Path, ProofKind
from solvent.core.plan import Intent
from solvent.core.subscription import EndReason, Pending, SubscriptionState

if TYPE_CHECKING:
    from tests.core.conftest import Shop

ZONE = "zone:example.com"


def cancel_now(shop: Shop, *, credit: bool = False) -> CancelNow:
    return CancelNow(subscription_id=shop.only.id, credit=credit)


def at_period_end(shop: Shop) -> CancelAtPeriodEnd:
    return CancelAtPeriodEnd(subscription_id=shop.only.id)


def uncancel(shop: Shop) -> Uncancel:
    return Uncancel(subscription_id=shop.only.id)


def test_cancel_now_without_credit_costs_nothing(shop: Shop) -> None:
    base = shop.zone().after
    plan = shop.at(2026, 1, 16, 12).commit(cancel_now(shop))
    assert (plan.path, plan.intent, plan.claim) == (Path.CHANGE, Intent.CANCEL, f"sub:{base.id}")
    assert (plan.lines, plan.total, plan.proof) == ((), 0, ProofKind.NOTHING_DUE)
    after = plan.after
    assert (after.state, after.ended_at, after.end_reason) == (
        SubscriptionState.ENDED,
        shop.now,
        EndReason.CANCELED,
    )
    assert (after.version, after.due_at) == (2, None)


def test_cancel_now_with_credit_gives_the_unused_time_back(shop: Shop) -> None:
    shop.start(("pro", 1, ZONE), ("seats", 3, "account"))
    plan = shop.at(2026, 1, 16, 12).commit(cancel_now(shop, credit=True))
    assert [(line.kind, line.amount) for line in plan.lines] == [
        (LineKind.PRORATED_CREDIT, -1000),
        (LineKind.PRORATED_CREDIT, -750),
    ]
    assert (plan.total, plan.due, plan.credit_used, plan.credit_granted) == (-1750, 0, 0, 1750)
    assert plan.proof is ProofKind.NOTHING_DUE
    assert shop.credit == 1750


def test_a_trial_has_nothing_to_give_back(shop: Shop) -> None:
    shop.start("media")
    plan = shop.at(2026, 1, 2).commit(cancel_now(shop, credit=True))
    assert (plan.lines, plan.credit_granted, plan.after.state) == ((), 0, SubscriptionState.ENDED)


def test_a_period_on_grace_was_not_paid_and_gives_no_credit(shop: Shop) -> None:
    base = shop.zone().after
    assert base is not None
    until = datetime(2026, 1, 6, tzinfo=UTC)
    shop.subscriptions[base.id] = replace(base, grace_until=until, grace_invoice=UUID(int=7))
    plan = shop.at(2026, 1, 10).commit(cancel_now(shop, credit=True))
    assert (plan.lines, plan.credit_granted) == ((), 0)
    assert (plan.after.grace_until, plan.after.grace_invoice) == (None, None)


def test_a_period_that_is_over_gives_no_credit(shop: Shop) -> None:
    shop.zone()
    plan = shop.at(2026, 2, 1).plan(cancel_now(shop, credit=True))
    assert (plan.lines, plan.after.ended_at) == ((), shop.now)


def test_cancelling_is_never_refused_for_debt(shop: Shop) -> None:
    shop.zone()
    shop.overdue = True
    assert shop.plan(cancel_now(shop)).intent is Intent.CANCEL
    assert shop.commit(at_period_end(shop)).intent is Intent.SCHEDULE
    assert shop.commit(uncancel(shop)).intent is Intent.SCHEDULE


def test_cancel_at_period_end_and_back(shop: Shop) -> None:
    shop.zone()
    plan = shop.commit(at_period_end(shop))
    assert (plan.intent, plan.lines, plan.after.pending) == (Intent.SCHEDULE, (), Pending(cancel=True))
    assert shop.refusal(at_period_end(shop)) == (
        "subscription_id",
        "is already cancelled at the end of its period",
    )
    back = shop.commit(uncancel(shop))
    assert (back.after.pending, back.after.version) == (None, 3)
    assert shop.refusal(uncancel(shop)) == ("subscription_id", "has no scheduled cancellation")


def test_uncancelling_restores_what_else_was_scheduled(shop: Shop) -> None:
    shop.start(("business", 1, ZONE), "seats")
    zone, seats = shop.only.items
    scheduled = shop.commit(
        SwitchPrice(subscription_id=shop.only.id, item_id=zone.id, price_id="pro")
    ).after.pending
    assert scheduled is not None
    assert shop.refusal(uncancel(shop)) == ("subscription_id", "has no scheduled cancellation")
    assert shop.commit(at_period_end(shop)).after.pending == replace(scheduled, cancel=True)
    shop.commit(RemoveItem(subscription_id=shop.only.id, item_id=seats.id))
    after = shop.commit(uncancel(shop)).after
    assert not after.pending.cancel
    assert [i.price_id for i in after.pending.items] == ["pro"]


def test_after_the_end_only_a_new_subscription_helps(shop: Shop) -> None:
    shop.zone()
    shop.commit(cancel_now(shop))
    ended = ("subscription_id", "has ended; start a new subscription instead")
    for change in (cancel_now(shop), at_period_end(shop), uncancel(shop)):
        assert shop.refusal(change) == ended
    again = shop.plan(Start(items=(NewItem(price_id="pro", object=ZONE),)))
    assert (again.due, again.after.version) == (2000, 1)


@pytest.mark.parametrize("change", [CancelNow, CancelAtPeriodEnd, Uncancel])
def test_a_subscription_must_be_the_accounts_own(
    shop: Shop, change: type[CancelNow | CancelAtPeriodEnd | Uncancel]
) -> None:
    shop.zone()
    assert shop.refusal(change(subscription_id=UUID(int=404))) == (
        "subscription_id",
        "must be a subscription of this account",
    )
