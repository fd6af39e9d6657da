"""Coupon routes: the part of the table of endpoints that is about coupons.

Owns their public names. Does not own what happens behind them (`handlers.coupons`), nor how they are redeemed: by
changes (`routes`).
"""

from solvent.web import params
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import coupon_offers, coupons

_COUPON = {
    "code": "SPRING25",
    "name": "Spring",
    "percent": "25",
    "duration": "repeating",
    "periods": 3,
    "products": ["zone-pro"],
}

COUPONS = (
    Endpoint(
        method="GET",
        path="/v1/coupons",
        name="listCoupons",
        tag="catalog",
        summary="List coupons",
        run=coupons.page,
        query=params.CouponsQuery,
        answers={200: (coupons.CouponPage, "A page, by code.")},
        problems=("refused",),
    ),
    Endpoint(
        method="POST",
        path="/v1/coupons",
        name="createCoupon",
        tag="catalog",
        summary="Put a coupon on offer",
        description="The same again changes nothing. Other terms for a code that there is need `supersede`: they are "
        "its next version, and whoever redeemed an earlier one keeps that.",
        run=coupon_offers.create,
        scope=Scope.ADMIN,
        repeat=Repeat.ANSWER,
        body=coupon_offers.CouponBody,
        example=_COUPON,
        answers={201: (coupons.CouponView, "It can be redeemed within a second.")},
        problems=("idempotency_key_reused", "in_flight", "refused"),
    ),
    Endpoint(
        method="POST",
        path="/v1/coupons/{code}/archive",
        name="archiveCoupon",
        tag="catalog",
        summary="Take a coupon off offer",
        description="It stays what it is for whoever has redeemed it.",
        run=coupon_offers.archive,
        scope=Scope.ADMIN,
        repeat=Repeat.ANSWER,
        answers={200: (coupons.CouponView, "It can be redeemed no more, within a second.")},
        problems=("not_found", "idempotency_key_reused", "in_flight", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/coupons/{code}",
        name="getCoupon",
        tag="catalog",
        summary="Read the coupon that a code stands for",
        description="What a customer would get by redeeming it. Whether an account may, a quote says.",
        run=coupons.read,
        answers={200: (coupons.CouponView, "The version that can be redeemed.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/v1/coupon-redemptions",
        name="listCouponRedemptions",
        tag="subscriptions",
        summary="List redemptions, of an account, a subscription or a code, or all",
        run=coupons.redemptions,
        query=params.RedemptionsQuery,
        answers={200: (coupons.RedemptionPage, "A page.")},
        problems=("not_found",),
    ),
)
