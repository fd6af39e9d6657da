"""What an account may use: a pure function of its subscriptions, with time only in the windows."""

from __future__ import annotations

import copy
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.catalog import Catalog, Price, Product, Scheme
from solvent.core.entitlement import active, entitlements, service_end
from solvent.core.period import Interval, Unit
from solvent.core.policy import Policy
from solvent.core.subscription import EndReason, Pending, Subscription, SubscriptionState
from tests.drawing import examples

if TYPE_CHECKING:
    from tests.core.conftest import Shop

POLICY = Policy()
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


def moment(*day: int) -> datetime:
    return datetime(2026, *day, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.fixture
def base(shop: Shop) -> Subscription:
    after = shop.start(("pro", 2, "zone:a"), ("seats", 5, "account")).after
    assert after is not None
    return after


def test_every_item_gives_what_its_product_has(shop: Shop, base: Subscription) -> None:
    zone, seats = entitlements((base,), shop.catalog, POLICY)
    assert (zone.item_id, zone.product_id, zone.object, zone.quantity) == (
        base.items[0].id,
        "pro",
        "zone:a",
        2,
    )
    assert (seats.product_id, seats.object, seats.quantity) == ("seats", "account", 5)
    assert (zone.subscription_id, zone.account_id) == (base.id, shop.account.id)
    assert (zone.starts_at, zone.ends_at) == (START, END + timedelta(days=5))


def test_a_bundle_gives_what_its_components_have(base: Subscription) -> None:
    products = [
        Product(id="media", name="Media", family="media", features={"minutes": 100, "live": False}),
        Product(
            id="all", name="All", family="all", features={"live": True, "tier": "gold"}, includes=("media",)
        ),
    ]
    price = Price(
        id="all-1",
        product_id="all",
        version=1,
        currency="USD",
        interval=Interval(unit=Unit.MONTH),
        scheme=Scheme.FLAT,
    )
    bundle = replace(base, items=(replace(base.items[1], price_id="all-1"),))
    (grant,) = entitlements((bundle,), Catalog.checked(products, [price]), POLICY)
    assert grant.features == {"minutes": 100, "live": True, "tier": "gold"}


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        ({}, moment(2, 6)),  # the period, and the days that collecting the next one may take
        ({"state": SubscriptionState.TRIALING}, moment(2, 6)),
        ({"pending": Pending(cancel=True)}, moment(2, 1)),
        ({"pending": Pending(items=())}, moment(2, 6)),
        ({"grace_until": moment(1, 6)}, moment(1, 6)),
        ({"grace_until": moment(1, 6), "pending": Pending(cancel=True)}, moment(1, 6)),
        ({"grace_until": moment(2, 3), "pending": Pending(cancel=True)}, moment(2, 1)),
        ({"grace_until": moment(2, 3)}, moment(2, 3)),  # a period shorter than its grace
    ],
)
def test_when_service_ends(shop: Shop, base: Subscription, change: dict[str, object], ends: datetime) -> None:
    subscription = replace(base, **change)  # type: ignore[arg-type]
    assert service_end(subscription, POLICY) == ends
    assert {g.ends_at for g in entitlements((subscription,), shop.catalog, POLICY)} == {ends}


def test_what_has_ended_gives_nothing(shop: Shop, base: Subscription) -> None:
    ended = replace(base, state=SubscriptionState.ENDED, ended_at=END, end_reason=EndReason.CANCELED)
    assert entitlements((ended,), shop.catalog, POLICY) == ()


def test_a_window_without_time_is_no_grant(shop: Shop, base: Subscription) -> None:
    """Grace of no length: the renewal failed, and nothing was ever granted."""
    stands = replace(base, grace_until=START)
    assert entitlements((stands,), shop.catalog, Policy(grace=timedelta(0))) == ()


def test_a_window_holds_its_start_and_not_its_end(shop: Shop, base: Subscription) -> None:
    grants = entitlements((base,), shop.catalog, POLICY)
    second = timedelta(seconds=1)
    seen = [len(active(grants, at)) for at in (START - second, START, moment(2, 6) - second, moment(2, 6))]
    assert seen == [0, 2, 2, 0]


@settings(max_examples=examples(60), deadline=None)
@given(data=st.data())
def test_a_pure_function_of_a_set_of_facts(shops: type[Shop], data: st.DataObject) -> None:
    """The order of subscriptions does not matter, each adds its own, and nothing is changed by looking."""
    shop = shops()
    subscriptions = []
    for n in range(data.draw(st.integers(1, 4))):
        after = shop.start(("pro", 1, f"zone:{n}"), ("free", 1, f"zone:{n}-free")).after
        assert after is not None
        change: dict[str, Any] = data.draw(
            st.sampled_from(
                [
                    {},
                    {"pending": Pending(cancel=True)},
                    {"grace_until": moment(1, 6)},
                    {"grace_until": START},
                    {"state": SubscriptionState.ENDED},
                    {"items": after.items[:1]},
                ]
            )
        )
        subscriptions.append(replace(after, **change))
    policy = Policy(grace=timedelta(days=data.draw(st.integers(0, 40))))
    before = copy.deepcopy(subscriptions)
    grants = entitlements(subscriptions, shop.catalog, policy)
    shuffled = data.draw(st.permutations(subscriptions))
    assert {g.item_id: g for g in entitlements(shuffled, shop.catalog, policy)} == {
        g.item_id: g for g in grants
    }
    alone = (entitlements((s,), shop.catalog, policy) for s in subscriptions)
    assert grants == tuple(itertools.chain.from_iterable(alone))
    assert subscriptions == before
    assert all(g.starts_at < g.ends_at for g in grants)
