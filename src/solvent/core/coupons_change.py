"""Coupons change: coupons that a subscription redeems without another change, and one that is taken off it.

Owns the planning of both: forward changes that charge nothing. Does not own which codes may be redeemed nor what they
come to (`redemption`).
"""

from dataclasses import replace

from solvent.core.plan import Intent, Plan, Refusal
from solvent.core.redemption import without
from solvent.core.request import Context, Redeem, RemoveCoupon
from solvent.core.revision import revision
from solvent.core.subscription import Subscription


def redeem(change: Redeem, base: Subscription, context: Context) -> Plan | Refusal:
    """The coupons wait for the next period; the current one stays charged as it is."""
    if not change.coupons:
        return Refusal(field="coupons", rule="must be at least one code")
    return revision(replace(base, version=base.version + 1), context, Intent.MODIFY)


def remove(change: RemoveCoupon, base: Subscription, context: Context) -> Plan | Refusal:
    """The coupon counts for nothing that is charged from now on; the current period stays charged as it is."""
    coupons = without(base, change.coupon, context.catalog)
    if isinstance(coupons, Refusal):
        return coupons
    return revision(replace(base, version=base.version + 1, coupons=coupons), context, Intent.MODIFY)
