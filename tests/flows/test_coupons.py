"""Coupons on a real database: redeemed only in the commit, counted by renewals, given back as they were charged."""

from __future__ import annotations

from datetime import timedelta

import pytest

from solvent.core.coupon import Duration
from solvent.core.payment import AttemptState, Outcome, Report
from solvent.core.request import (
    CancelNow,
    NewItem,
    Redeem,
    RemoveCoupon,
    Start,
)
from solvent.flows.settle import settle
from solvent.sim import Customer
from tests.flows.acts import CHALLENGED, GOOD, NO_FUNDS, switch, zone
from tests.flows.coupons import Offer, counts, refused, with_coupons
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

pytestmark = pytest.mark.unmeasured

# ── one customer ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_coupon_is_consumed_in_the_commit_and_no_earlier(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    code = offer(limit=5)
    change = with_coupons(code.lower())
    quoted = ada.quote(change)
    assert (quoted.due, counts(world, code)) == (1600, [(0, 0)])
    attempt = ada.open(change)
    assert (attempt.plan.fingerprint, counts(world, code)) == (quoted.fingerprint, [(0, 1)])
    ada.confirm(attempt, GOOD)
    assert counts(world, code) == [(1, 1)]
    (invoice,) = ada.invoices()
    assert (invoice.total, [x.amount for x in ada.lines(invoice)]) == (1600, [2000, -400])
    assert [x.coupon_id for x in ada.lines(invoice)] == [None, f"{code}@1"]
    assert [e.data["code"] for e in ada.events("coupon.")] == [code]


def test_a_declined_purchase_consumes_nothing(world: FragileWorld, ada: Customer, offer: Offer) -> None:
    code = offer(limit=1)
    failed = ada.buy(with_coupons(code), NO_FUNDS)
    assert (failed.state, counts(world, code)) == (AttemptState.FAILED, [(0, 1)])
    # Its seat is free again for whoever asks next: here, for herself.
    assert ada.buy(with_coupons(code)).state is AttemptState.COMMITTED
    assert counts(world, code) == [(1, 1)]


def test_repeating_coupons_lower_renewals_and_then_the_price_is_full(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    code, other = offer(duration=Duration.REPEATING, periods=3), offer(amount=100, currency="USD")
    ada.buy(with_coupons(code, other))
    for _ in range(3):
        world.until(ada.subscription().period.end)
    assert [i.total for i in ada.invoices()] == [1500, 1600, 1600, 2000]
    assert ada.subscription().coupons == ()
    ended = {e.data["code"]: e.data["used"] for e in ada.events("coupon.ended")}
    assert ended == {code: 3, other: 1}


def test_a_change_gives_back_what_was_paid(world: FragileWorld, ada: Customer, offer: Offer) -> None:
    code = offer(duration=Duration.FOREVER)
    ada.buy(with_coupons(code))
    upgraded = ada.buy(switch(ada, "zone-business"))
    assert sum(i.total for i in ada.invoices()) == 16_000
    assert [x.amount for x in upgraded.plan.lines] == [-2000, 400, 20_000, -4000]
    ada.buy(CancelNow(subscription_id=ada.subscription().id, credit=True))
    assert ada.credit() == 16_000
    assert [e.type for e in ada.events("coupon.")] == ["coupon.redeemed", "coupon.ended"]


def test_coupons_are_added_and_removed_by_changes_of_their_own(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    code = offer(duration=Duration.FOREVER, limit_per_account=None)
    ada.buy(zone())
    subscription = ada.subscription()
    ada.buy(Redeem(subscription_id=subscription.id, coupons=(code,)))
    assert [x.used for x in ada.subscription().coupons] == [0]
    world.until(subscription.period.end)
    ada.buy(RemoveCoupon(subscription_id=subscription.id, coupon=code))
    assert [x.removed for x in ada.subscription().coupons] == [True]
    world.until(ada.subscription().period.end)
    assert [i.total for i in ada.invoices()] == [2000, 1600, 2000]
    assert ada.subscription().coupons == ()


def test_a_redemption_and_its_end_in_one_batch_are_one_row(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    """Two reports of one account settled together: the purchase, and the cancellation that nothing is due for."""
    code = offer(duration=Duration.FOREVER, ppm=1_000_000)
    attempt = ada.open(with_coupons(code))
    assert attempt.state is AttemptState.COMMITTED
    ada.buy(CancelNow(subscription_id=ada.subscription().id))
    ((redeemed, _),) = counts(world, code)
    assert redeemed == 1
    assert [i.total for i in ada.invoices()] == [0]


def test_usage_is_not_lowered(world: FragileWorld, ada: Customer, offer: Offer) -> None:
    code = offer()
    metered = Start(items=(NewItem(price_id=price("requests")),), coupons=(code,))
    assert refused(ada, metered)[1] == "must be for a product that the subscription has, paid in advance"


# ── rules between plan and commit ──────────────────────────────────────────────────────────────────────────────


def test_a_coupon_that_expires_after_the_attempt_was_opened_still_holds(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    code = offer(valid_until=world.now + timedelta(minutes=5))
    attempt = ada.open(with_coupons(code))
    world.clock.move_to(world.now + timedelta(minutes=6))
    assert ada.confirm(attempt, GOOD).state is AttemptState.COMMITTED
    assert [i.total for i in ada.invoices()] == [1600]
    assert refused(world.customer("Ben"), with_coupons(code))[1].startswith(
        "must be a coupon that has not expired"
    )


def test_a_coupon_that_is_withdrawn_or_superseded_meanwhile_still_holds(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    code, gone = offer(), offer(limit_per_account=None)
    attempt = ada.open(with_coupons(code, gone))
    offer(code=code, ppm=100_000)
    offer(code=gone, limit_per_account=None, active=False)
    assert ada.confirm(attempt, GOOD).state is AttemptState.COMMITTED
    assert [i.total for i in ada.invoices()] == [1280]
    ben = world.customer("Ben")
    assert refused(ben, with_coupons(gone))[1] == "must be the code of a coupon that is on offer"
    assert ben.quote(with_coupons(code)).due == 1800


def test_late_money_for_a_coupon_that_others_may_have_had_since_is_stranded(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    code = offer(limit=1)
    attempt = ada.confirm(ada.open(with_coupons(code)), CHALLENGED)
    ada.pass_challenge(attempt, passed=False)
    assert ada.confirm(attempt).state is AttemptState.FAILED
    ben = world.customer("Ben")
    ben.buy(with_coupons(code))
    world.honest = False
    late = Report(outcome=Outcome.SUCCEEDED, key=attempt.id, ref=attempt.ref, amount=1600, currency="USD")
    settled = settle(world.platform, [late], world.now)[attempt.id]
    assert (settled.state, ada.credit()) == (AttemptState.RETURNED, 1600)
    assert counts(world, code) == [(1, 1)]
