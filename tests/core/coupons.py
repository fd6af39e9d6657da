"""Coupons for tests: making them, and putting them on offer in a shop."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from solvent.core.coupon import Coupon, Duration

if TYPE_CHECKING:
    from tests.core.conftest import Shop


def coupon(code: str = "SAVE", version: int = 1, **terms: Any) -> Coupon:  # noqa: ANN401 -- fields of the value
    """20 % off, once, unless other terms are given."""
    named = {"name": "Spring sale", "duration": Duration.ONCE, **terms}
    if "amount" in named:
        named.setdefault("currency", "USD")
    else:
        named.setdefault("ppm", 200_000)
    return Coupon(id=f"{code}@{version}", code=code, version=version, **named)


def on_offer(shop: Shop, *coupons: Coupon) -> Shop:
    """The same shop with these coupons."""
    shop.catalog = replace(shop.catalog, coupons={c.id: c for c in coupons})
    return shop


def repeating(code: str, periods: int, **terms: Any) -> Coupon:  # noqa: ANN401 -- fields of the value
    return coupon(code, duration=Duration.REPEATING, periods=periods, **terms)


def forever(code: str, **terms: Any) -> Coupon:  # noqa: ANN401 -- fields of the value
    return coupon(code, duration=Duration.FOREVER, **terms)
