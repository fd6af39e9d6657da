"""What attempts would grant: held while the payment is pending, none when it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from solvent.core.entitlement import entitlements
from solvent.core.payment import AttemptState, FailureCause
from solvent.core.policy import Policy
from solvent.core.unproven import Tried, unproven

if TYPE_CHECKING:
    from tests.core.conftest import Shop

POLICY = Policy()


@pytest.fixture
def wanted(shop: Shop) -> Tried:
    after = shop.start(("pro", 2, "zone:a")).after
    assert after is not None
    return _tried(1, AttemptState.PROCESSING, after)


def _tried(number: int, state: AttemptState, *after: object) -> Tried:
    cause = FailureCause.DECLINED if state is AttemptState.FAILED else None
    return Tried(attempt_id=UUID(int=number), state=state, cause=cause, after=after)  # type: ignore[arg-type]


def test_a_pending_payment_holds_what_it_would_grant(shop: Shop, wanted: Tried) -> None:
    (held,) = unproven([wanted], (), shop.catalog, POLICY)
    assert (held.held, held.grant.product_id, held.grant.object) == (True, "pro", "zone:a")


def test_what_is_granted_already_is_not_held(shop: Shop, wanted: Tried) -> None:
    granted = entitlements(wanted.after, shop.catalog, POLICY)
    assert unproven([wanted], granted, shop.catalog, POLICY) == ()


def test_an_attempt_without_a_subscription_holds_nothing(shop: Shop) -> None:
    assert unproven([_tried(1, AttemptState.UNKNOWN)], (), shop.catalog, POLICY) == ()


def test_of_several_failures_the_last_one_counts(shop: Shop, wanted: Tried) -> None:
    failed = [_tried(n, AttemptState.FAILED, *wanted.after) for n in (7, 3)]
    (none,) = unproven(failed, (), shop.catalog, POLICY)
    assert (none.held, none.tried.attempt_id) == (False, UUID(int=7))


@pytest.mark.parametrize("number", [1, 9])
def test_what_is_held_comes_before_what_failed(shop: Shop, wanted: Tried, number: int) -> None:
    failed = _tried(number, AttemptState.FAILED, *wanted.after)
    held = _tried(5, AttemptState.REQUIRES_ACTION, *wanted.after)
    (answer,) = unproven([failed, held], (), shop.catalog, POLICY)
    assert answer.tried == held
