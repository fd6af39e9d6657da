"""Coupons: what can be redeemed, and what accounts have redeemed. They are redeemed and removed through `changes`."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.coupon import Coupon, Duration, spelled
from solvent.core.ids import spell
from solvent.core.percent import percent
from solvent.store.redemptions import Redeemed, Redemption
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import AccountId, Currency, Minor, RedemptionId, SubscriptionId, uuid_in
from solvent.web.handlers.accounts import paged
from solvent.web.handlers.catalog import Names, names_view
from solvent.web.handlers.filters import checked
from solvent.web.handlers.paging import page_of
from solvent.web.handlers.shared import existing_account
from solvent.web.params import CouponsQuery, RedemptionsQuery
from solvent.web.problems import not_found


class CouponView(Struct, frozen=True, kw_only=True):
    """One version of a code: `percent` off, or `amount` of `currency`. `products` it is for; none: all. Of several,
    percentages count first, then by `priority`, then by code. `active`: it can be redeemed, within its limits."""

    id: str
    code: str
    version: int
    name: str
    names: Names
    percent: Annotated[str | None, Meta(description="Exact, e.g. `12.5`.")]
    amount: Minor | None
    currency: Currency | None
    duration: Duration
    periods: int | None
    products: list[str]
    limit: int | None
    limit_per_account: int | None
    valid_from: datetime | None
    valid_until: datetime | None
    exclusive: bool
    priority: int
    supersedes: str | None
    active: bool


class RedemptionView(Struct, frozen=True, kw_only=True):
    """A coupon that an account redeemed, for a subscription or by a one-off purchase. It has counted for `periods_used`
    periods; `ended_at` is null while it still counts, or waits to."""

    id: RedemptionId
    account_id: AccountId
    subscription_id: SubscriptionId | None
    coupon_id: str
    code: str
    periods_used: int
    redeemed_at: datetime
    ended_at: datetime | None


class CouponPage(Struct, frozen=True):
    """A page of coupons."""

    data: list[CouponView]
    next: Annotated[str | None, Meta(description="The cursor of the next page, as `after`; null at the end.")]


class RedemptionPage(Struct, frozen=True):
    """A page of redemptions."""

    data: list[RedemptionView]
    next: Annotated[str | None, Meta(description="The cursor of the next page, as `after`; null at the end.")]


def page(call: Call) -> Reply:
    """A page of the coupons on offer, or of all versions."""
    query: CouponsQuery = call.query
    catalog = call.solvent.platform.store.catalog()
    unknown = query.product is not None and query.product not in catalog.products
    checked(
        call,
        currency=query.currency,
        broken=[("product", "must be a product of the catalog")] if unknown else (),
    )
    found = sorted((c for c in catalog.coupons.values() if _wanted(query, c)), key=_place)
    return page_of(found, query.after, query.limit, key=_place, view=coupon_view)


def _wanted(query: CouponsQuery, coupon: Coupon) -> bool:
    return (
        (query.all or coupon.active)
        and (query.code is None or coupon.code == spelled(query.code))
        and (query.product is None or not coupon.products or query.product in coupon.products)
        and (query.currency is None or coupon.currency in (None, query.currency))
    )


def _place(coupon: Coupon) -> str:
    """A coupon's place in the list: its code, then its version."""
    return f"{coupon.code}!{coupon.version:06}"


def read(call: Call) -> Reply:
    """The version of a code that can be redeemed."""
    code = call.path["code"]
    coupon = call.solvent.platform.store.catalog([spelled(code)]).coupon_of(spelled(code))
    if coupon is None:
        raise not_found("coupon", code)
    return Reply(coupon_view(coupon))


def redemptions(call: Call) -> Reply:
    """A page of what accounts have redeemed."""
    query: RedemptionsQuery = call.query
    account, subscription, after = (
        None if x is None else uuid_in(x) for x in (query.account, query.subscription, query.after)
    )
    if account is not None:
        existing_account(call, account)
    wanted = Redeemed(
        account=account,
        subscription=subscription,
        code=None if query.code is None else spelled(query.code),
        ended=query.ended,
    )
    found = call.queries.redemptions.page(wanted, after, query.limit + 1)
    return paged([_redemption_view(r) for r in found], query.limit)


def coupon_view(coupon: Coupon) -> CouponView:
    """One version of a code."""
    return CouponView(
        id=coupon.id,
        code=coupon.code,
        version=coupon.version,
        name=coupon.name,
        names=names_view(coupon.names),
        percent=None if coupon.ppm is None else percent(coupon.ppm).removesuffix(" %"),
        amount=coupon.amount,
        currency=coupon.currency,
        duration=coupon.duration,
        periods=coupon.periods,
        products=list(coupon.products),
        limit=coupon.limit,
        limit_per_account=coupon.limit_per_account,
        valid_from=coupon.valid_from,
        valid_until=coupon.valid_until,
        exclusive=coupon.exclusive,
        priority=coupon.priority,
        supersedes=coupon.supersedes,
        active=coupon.active,
    )


def _redemption_view(redemption: Redemption) -> RedemptionView:
    subscription = redemption.subscription_id
    return RedemptionView(
        id=spell("rdm", redemption.id),
        account_id=spell("acc", redemption.account_id),
        subscription_id=None if subscription is None else spell("sub", subscription),
        coupon_id=redemption.coupon_id,
        code=redemption.code,
        periods_used=redemption.periods_used,
        redeemed_at=redemption.redeemed_at,
        ended_at=redemption.ended_at,
    )
