"""Coupon routes: the part of the table of endpoints that is about coupons.

Owns their public names. Does not own what happens behind them (`handlers.coupons`), nor how they are redeemed: by
changes (`routes`).
"""

from solvent.web import params
from solvent.web.endpoint import Endpoint
from solvent.web.handlers import coupons

COUPONS = (
    Endpoint(
        method="GET",
        path="/v1/coupons",
        name="listCoupons",
        tag="catalog",
        summary="List coupons",
        run=coupons.page,
        query=params.CouponsQuery,
        answers={200: (coupons.CouponPage, "Those that can be redeemed, or all versions.")},
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
        summary="List what an account, or a subscription, has redeemed",
        run=coupons.redemptions,
        query=params.RedemptionsQuery,
        answers={200: (coupons.RedemptionPage, "A page.")},
        problems=("not_found",),
    ),
)
