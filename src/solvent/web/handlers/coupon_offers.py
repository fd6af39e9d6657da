"""Coupon offers: putting coupons on offer and taking them off.

Owns how a request becomes a version of a code. Does not own what is done (`store.coupon_desk`), the rules of a coupon
(`core.coupon`), nor reading them (`coupons`).
"""

from typing import Annotated

from msgspec import Meta

from solvent.core.coupon import Duration, spelled
from solvent.core.product import CatalogError
from solvent.store import coupon_desk
from solvent.store.catalog_file import parts_per_million
from solvent.store.coupon_desk import OtherTerms
from solvent.store.coupon_offers import CouponDraft
from solvent.web.change_bodies import Body
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import Currency, Moment
from solvent.web.handlers.coupons import coupon_view
from solvent.web.problems import not_found, refused

Percent = Annotated[str, Meta(max_length=12, description="Exact, above 0 and at most 100, e.g. `12.5`.")]
Count = Annotated[int, Meta(ge=1, le=2_000_000_000)]


class CouponBody(Body):
    """A coupon: `percent` off, or `amount` minor units of `currency`; for `products`, or all of them. `periods` go with
    the duration `repeating`."""

    code: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    duration: Duration = Duration.ONCE
    percent: Percent | None = None
    amount: Annotated[int, Meta(ge=1, le=10**14)] | None = None
    currency: Currency | None = None
    periods: Count | None = None
    products: Annotated[tuple[str, ...], Meta(max_length=200)] = ()
    limit: Count | None = None
    limit_per_account: Count | None = 1
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    exclusive: bool = False
    priority: Annotated[int, Meta(ge=-1000, le=1000)] = 0
    supersede: Annotated[bool, Meta(description="Let other terms be the next version of the code.")] = False


def create(call: Call) -> Reply:
    """Put a coupon on offer."""
    body: CouponBody = call.body
    try:
        made = coupon_desk.put(call.solvent.database, _draft(body), supersede=body.supersede, now=call.now)
    except OtherTerms as taken:
        raise refused("code", f"must be new, or come with supersede: {taken}") from None
    except CatalogError as error:
        raise refused(error.field.rpartition(".")[2] or "code", error.rule) from None
    return Reply(coupon_view(made), 201)


def archive(call: Call) -> Reply:
    """Take a coupon off offer."""
    archived = coupon_desk.archive(call.solvent.database, spelled(call.path["code"]), call.now)
    if archived is None:
        raise not_found("coupon", call.path["code"][:64])
    return Reply(coupon_view(archived))


def _draft(body: CouponBody) -> CouponDraft:
    try:
        ppm = None if body.percent is None else parts_per_million(body.percent, "percent")
    except CatalogError as error:
        raise refused("percent", error.rule) from None
    return CouponDraft(
        code=spelled(body.code),
        name=body.name,
        duration=body.duration,
        ppm=ppm,
        amount=body.amount,
        currency=body.currency,
        periods=body.periods,
        products=body.products,
        limit=body.limit,
        limit_per_account=body.limit_per_account,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        exclusive=body.exclusive,
        priority=body.priority,
    )
