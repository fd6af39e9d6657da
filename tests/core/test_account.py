"""The account's own present, and which methods may be charged in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from solvent.core.account import CollectionMethod, MethodState, usable

if TYPE_CHECKING:
    from tests.core.conftest import Shop

WALL = datetime(2026, 5, 1, tzinfo=UTC)


def test_a_test_clock_is_the_account_s_present(shop: Shop) -> None:
    assert shop.account.moment(WALL) == WALL
    own = datetime(2030, 1, 1, tzinfo=UTC)
    assert replace(shop.account, test_now=own).moment(WALL) == own


def test_active_off_session_methods_are_tried_by_priority(shop: Shop) -> None:
    def method(number: int, **other: object) -> CollectionMethod:
        card = CollectionMethod(
            id=UUID(int=number),
            account_id=shop.account.id,
            provider="sandbox",
            token=f"tok_{number}",
            kind="card",
            label="Visa",
            off_session=True,
            priority=1,
        )
        return replace(card, **other)  # type: ignore[arg-type]

    methods = (
        method(3),
        method(2, priority=2),
        method(1),
        method(4, priority=0),
        method(5, priority=0, state=MethodState.INVALID),
        method(6, priority=0, state=MethodState.DETACHED),
        method(7, priority=0, off_session=False),
    )
    assert [m.id.int for m in usable(methods)] == [4, 1, 3, 2]
