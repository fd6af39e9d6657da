"""Coupons for tests of the flows: putting them on offer, asking for them, and counting what became of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from solvent.core.coupon import Duration
from solvent.core.plan import Refusal
from solvent.core.request import (
    Change,
    Start,
)
from solvent.sim import Customer
from solvent.sim.customer import Refused
from solvent.store import offers
from solvent.store.coupon_offers import CouponDraft
from tests.flows.acts import zone
from tests.simulation.fragile import FragileWorld

numbers = itertools.count(1)

Offer = Callable[..., str]


def put_on_offer(world: FragileWorld, terms: dict[str, Any]) -> str:
    """A coupon, 20 % off once unless told otherwise; its code."""
    code = str(terms.pop("code", f"C{next(numbers)}"))
    named: dict[str, Any] = {"name": "Sale", "duration": Duration.ONCE, **terms}
    if "amount" not in named:
        named.setdefault("ppm", 200_000)
    offers.apply(world.database, coupons=[CouponDraft(code=code, **named)], now=world.now)
    world.database.shelf._checked_s = 0.0  # others see it within a second
    return code


def with_coupons(*codes: str, **named: str) -> Start:
    return replace(zone(**named), coupons=codes)


def refused(customer: Customer, change: Change) -> tuple[str, str]:
    answer = customer.ask(change)
    assert isinstance(answer, Refusal), answer
    with pytest.raises(Refused):
        customer.quote(change)
    return answer.field, answer.rule


def counts(world: FragileWorld, *codes: str) -> list[tuple[int, int]]:
    """Of each code how many redemptions there are, and seats taken over all accounts."""
    with world.database.pool.connection() as connection:
        return [
            connection.execute(
                "select (select count(*) from coupon_redemption where code = %s),"
                " coalesce((select taken from coupon_tally where holder = %s), 0)",
                (code, f"*:{code}"),
            ).fetchone()
            or (0, 0)
            for code in codes
        ]


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    barrier = Barrier(len(acts))

    def start(act: Callable[[], Any]) -> Any:  # noqa: ANN401
        barrier.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(start, acts))
