"""What measures take away, and which method an unpaid invoice is tried with next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from solvent.core.account import CollectionMethod
from solvent.core.entitlement import UNTIL_LIFTED, entitlements
from solvent.core.health import assess, banned, restricted
from solvent.core.ladder import Fate, Measure, Scope
from solvent.core.owed import InEffect
from solvent.core.payment import CauseClass, FailureCause
from solvent.core.policy import Policy
from solvent.core.snapshot import About, Standing, Tries
from solvent.core.subscription import Pending
from tests.core.ladders import DAY, LADDER, POLICY
from tests.core.test_health import DECLINED, FIRST, ISSUED_AT, LOST, Case, owing
from tests.core.test_metered_items import CATALOG as METERED
from tests.core.test_metered_items import begin

if TYPE_CHECKING:
    from tests.core.conftest import Shop

BACKUPS = replace(POLICY, backups=True)
FIRST_ONLY = replace(POLICY, backups=False)
ONE_TRIED = (UUID(int=1),)
OUT = replace(DECLINED, last_cause=FailureCause.PROVIDER_UNAVAILABLE)
LONGER = replace(
    BACKUPS,
    retries={**BACKUPS.retries, CauseClass.OUTAGE: (timedelta(minutes=10), timedelta(hours=1))},
)


def taken(measure: Measure, subscription: UUID | None = None, products: tuple[str, ...] = ()) -> InEffect:
    return InEffect(
        measure=measure,
        rung="r",
        invoice_id=FIRST,
        since=ISSUED_AT,
        subscription_id=subscription,
        products=products,
    )


def given(shop: Shop, *measures: InEffect) -> list[str]:
    subscriptions = tuple(shop.subscriptions.values())
    return sorted(g.product_id for g in entitlements(subscriptions, shop.catalog, POLICY, measures))


@pytest.fixture
def held(shop: Shop) -> Shop:
    """A plan of a family that has a free one, seats, and metered requests."""
    shop.zone()
    return shop


def test_restricting_takes_nothing_away(held: Shop) -> None:
    assert given(held, taken(Measure.RESTRICT)) == given(held) == ["pro"]


def test_suspending_usage_takes_what_is_metered_and_nothing_else(shop: Shop) -> None:
    shop.catalog = METERED
    begin(shop, "seats", "api-usage")
    assert given(shop, taken(Measure.RESTRICT)) == ["api", "seats"]
    assert given(shop, taken(Measure.SUSPEND_USAGE)) == ["seats"]
    assert given(shop, taken(Measure.SUSPEND_PRODUCT, products=("seats",))) == ["api"]


def test_what_plans_drop_to_is_not_taken_from_who_has_it(shop: Shop) -> None:
    shop.zone("free")
    assert given(shop, taken(Measure.DOWNGRADE, products=("free",))) == ["free"]


def test_a_change_that_waits_is_no_leaving(held: Shop) -> None:
    (subscription,) = held.subscriptions.values()
    down = (taken(Measure.DOWNGRADE, products=("free",)),)
    waits = replace(subscription, pending=Pending(items=()))
    (grant,) = entitlements((waits,), held.catalog, POLICY, down)
    assert grant.ends_at == UNTIL_LIFTED


def test_a_measure_of_another_subscription_takes_nothing(held: Shop) -> None:
    assert given(held, taken(Measure.DOWNGRADE, UUID(int=9), ("free",))) == ["pro"]


def test_paid_plans_drop_to_the_free_one_of_their_family_until_a_fact_ends_that(held: Shop) -> None:
    assert given(held, taken(Measure.DOWNGRADE, products=("free",))) == ["free"]
    assert given(held, taken(Measure.DOWNGRADE, products=("gone",))) == []
    assert given(held, taken(Measure.DOWNGRADE)) == []
    (subscription,) = held.subscriptions.values()
    ended = replace(subscription, grace_until=subscription.period.start + DAY)
    (grant,) = entitlements((ended,), held.catalog, POLICY, (taken(Measure.DOWNGRADE, products=("free",)),))
    assert grant.ends_at == UNTIL_LIFTED, "what costs nothing does not end with a period that nobody paid"
    leaving = replace(ended, pending=Pending(cancel=True))
    (last,) = entitlements((leaving,), held.catalog, POLICY, (taken(Measure.DOWNGRADE, products=("free",)),))
    assert last.ends_at == subscription.period.end
    assert grant.features == held.catalog.features_of("free")


def test_a_suspended_product_gives_nothing(held: Shop) -> None:
    assert given(held, taken(Measure.SUSPEND_PRODUCT, products=("pro",))) == []
    assert given(held, taken(Measure.SUSPEND_PRODUCT, products=("seats",))) == ["pro"]
    assert given(held, taken(Measure.SUSPEND_USAGE)) == ["pro"]  # it is not metered


def test_who_is_restricted_and_who_is_banned(shop: Shop) -> None:
    late = (owing(shop),)
    now = ISSUED_AT + 9 * DAY
    assert restricted((), (taken(Measure.RESTRICT),), POLICY, now)
    assert restricted((), (taken(Measure.BAN),), POLICY, now)
    assert not restricted(late, (taken(Measure.SUSPEND_USAGE),), POLICY, now)
    assert restricted(late, (), Policy(), now)
    assert not restricted(late, (), Policy(), ISSUED_AT)
    assert [banned((taken(m),)) for m in (Measure.BAN, Measure.RESTRICT)] == [True, False]


def card(number: int, kind: str = "card") -> CollectionMethod:
    return CollectionMethod(
        id=UUID(int=number),
        account_id=UUID(int=1),
        provider="sandbox",
        token=f"tok_{number}",
        kind=kind,
        label=kind,
        off_session=True,
        priority=number,
    )


@pytest.mark.parametrize(
    ("tries", "policy", "at", "first"),
    [
        (Tries(), BACKUPS, 0, 1),
        (replace(DECLINED, methods=(UUID(int=1),)), BACKUPS, 0, 2),  # the other one, at once
        (replace(DECLINED, failures=2, methods=(UUID(int=1), UUID(int=2))), BACKUPS, 1, 1),  # the first round
        (replace(DECLINED, failures=6, methods=(UUID(int=1), UUID(int=2))), BACKUPS, 1, 1),  # the fifth
        (replace(DECLINED, failures=7, methods=(UUID(int=1), UUID(int=2))), BACKUPS, None, 1),
        (replace(DECLINED, methods=(UUID(int=1),)), FIRST_ONLY, 1, 1),  # backups are not tried
        (
            replace(DECLINED, methods=(UUID(int=1),), newest_method=ISSUED_AT + DAY),
            FIRST_ONLY,
            1,
            2,
        ),  # new since
        # neither is one that is older than the last try, or as old
        (replace(DECLINED, methods=ONE_TRIED, newest_method=ISSUED_AT - DAY), FIRST_ONLY, 1, 1),
        (replace(DECLINED, methods=ONE_TRIED, newest_method=ISSUED_AT), FIRST_ONLY, 1, 1),
        # without backups each failure is a round
        (replace(DECLINED, failures=6, methods=(UUID(int=1), UUID(int=2))), FIRST_ONLY, None, 1),
        (replace(DECLINED, last_cause=FailureCause.PROVIDER_UNAVAILABLE), BACKUPS, 10 / 1440, 1),
        # an outage is waited for, although another method is left, and each outage is a round
        (replace(OUT, methods=ONE_TRIED), BACKUPS, 10 / 1440, 2),
        (replace(OUT, failures=2, methods=(UUID(int=1), UUID(int=2))), LONGER, 60 / 1440, 1),
        (Tries(), replace(BACKUPS, method_order=("wallet",)), 0, 2),
        # one that is out of use makes room for another at once, but for none that was declined before it
        (replace(LOST, methods=ONE_TRIED), FIRST_ONLY, 0, 2),
        (replace(LOST, failures=2, methods=(UUID(int=1), UUID(int=2))), BACKUPS, 1, 1),
        (replace(LOST, failures=6, methods=(UUID(int=1), UUID(int=2))), FIRST_ONLY, None, 1),
    ],
)
def test_each_method_is_tried_in_turn_then_the_schedule_goes_on(
    shop: Shop, tries: Tries, policy: Policy, at: float | None, first: int
) -> None:
    case = Case(shop, (owing(shop),), {FIRST: tries})
    snapshot = case.snapshot(methods=(card(1), card(2, "wallet")))
    verdict = assess(snapshot, shop.catalog, policy, ISSUED_AT)
    ladder = ISSUED_AT + 5 * DAY
    moments = [ladder if at is None else ISSUED_AT + at * DAY]
    assert verdict.charge_with == {FIRST: UUID(int=first)}
    assert verdict.collect == ((FIRST,) if at == 0 else ())
    if at != 0:
        assert verdict.recheck_at == min(moments)


def test_an_assessment_carries_what_was_decided(shop: Shop) -> None:
    case = Case(shop, (owing(shop),), {FIRST: DECLINED})
    about = {FIRST: About(product="pro", noticed=frozenset({"due"}))}
    verdicts = [
        assess(case.snapshot(about=about), shop.catalog, POLICY, ISSUED_AT + day * DAY)
        for day in (1, 6, 12, 30)
    ]
    assert [v.standing for v in verdicts] == [
        Standing.GRACE,
        Standing.RESTRICTED,
        Standing.SUSPENDED,
        Standing.SUSPENDED,
    ]
    assert [len(v.decision.notices) for v in verdicts] == [0, 1, 1, 1]
    assert verdicts[-1].decision.give_up == {FIRST: Scope.ACCOUNT}
    assert (
        verdicts[1].evidence[-1] == "restrict since 2026-01-06 by rung 'restricted' of the policy 'built in'"
    )
    assert [v.changed for v in verdicts] == [True, True, True, True]
    assert verdicts[1].policy == "built in"


def test_the_scope_and_fate_of_a_policy_reach_the_assessment(shop: Shop) -> None:
    shop.zone()
    (subscription,) = shop.subscriptions.values()
    policy = replace(POLICY, fate=Fate.FORGIVEN, ladders=(replace(LADDER, scope=Scope.SUBSCRIPTION),))
    invoice = owing(shop, subscription_id=subscription.id)
    verdict = assess(Case(shop, (invoice,)).snapshot(), shop.catalog, policy, ISSUED_AT + 21 * DAY)
    assert {m.subscription_id for m in verdict.decision.measures} == {None, subscription.id}
    assert [g.product_id for g in verdict.grants] == ["free"]


def test_nothing_is_told_of_what_is_about_to_be_tried(shop: Shop) -> None:
    case = Case(shop, (owing(shop),), {FIRST: replace(DECLINED, methods=(UUID(int=1),))})
    trying = assess(case.snapshot(methods=(card(1), card(2))), shop.catalog, POLICY, ISSUED_AT)
    assert (trying.collect, trying.decision.notices) == ((FIRST,), ())
    assert trying.decision.next_at == ISSUED_AT + timedelta(hours=1)  # not for ever, if nobody tries
    late = assess(
        case.snapshot(methods=(card(1), card(2))), shop.catalog, POLICY, ISSUED_AT + timedelta(hours=1)
    )
    assert [n.rung for n in late.decision.notices] == ["due"]
    waiting = assess(case.snapshot(methods=(card(1),)), shop.catalog, POLICY, ISSUED_AT)
    assert (waiting.collect, [n.rung for n in waiting.decision.notices]) == ((), ["due"])
