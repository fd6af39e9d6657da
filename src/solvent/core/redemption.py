"""Redemption: which coupons count for a change or a renewal, and what becomes of them.

Owns the rules by which a code may be redeemed, the life of a redeemed coupon on its subscription (it waits, counts for
a number of periods, and is over), and the application of both to the lines of a plan. A coupon lowers periods, not
documents: whatever is charged for a period for which it counts, at its start or by a change within it, is lowered, a
fixed amount as far as it is not used. Does not own the arithmetic (`discount`) nor how a limit is kept (seats, which
the opening flow takes).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from solvent.core.catalog import Catalog
from solvent.core.coupon import Coupon, CouponUse, spelled
from solvent.core.discount import CHARGES, Work, lowered, with_deductions
from solvent.core.invoice import Line, LineKind
from solvent.core.lines import in_advance
from solvent.core.money import Rounding, round_ratio
from solvent.core.plan import Refusal
from solvent.core.proration import Convention, remaining
from solvent.core.subscription import Applied, Item, Subscription, SubscriptionState

COUPONS_MAX = 10  # named by one change, and going on at once on one subscription


def asked(
    codes: Sequence[str],
    held: Sequence[Applied],
    *,
    catalog: Catalog,
    currency: str,
    exhausted: Mapping[str, str],
    now: datetime,
    draw: Callable[[], UUID],
) -> tuple[Applied, ...] | Refusal:
    """The coupons behind the codes that a change names, or the first rule that one of them breaks.

    `held` are those of the subscription already; `exhausted` says of which codes no redemption is left, and why.
    """
    if len(codes) > COUPONS_MAX:
        return Refusal(field="coupons", rule=f"must be at most {COUPONS_MAX} codes, got {len(codes)}")
    going_on = [catalog.coupon(x.coupon_id) for x in held if not x.removed]
    if codes and len(codes) + len(going_on) > COUPONS_MAX:
        return Refusal(
            field="coupons", rule=f"must leave the subscription with at most {COUPONS_MAX} coupons"
        )
    new: list[Applied] = []
    for n, code in enumerate(codes):
        coupon = catalog.coupon_of(spelled(code))
        if coupon is None:
            return Refusal(field=f"coupons[{n}]", rule="must be the code of a coupon that is on offer")
        rule = _rule(coupon, going_on, currency, now) or exhausted.get(coupon.code)
        if rule is not None:
            return Refusal(field=f"coupons[{n}]", rule=rule)
        going_on.append(coupon)
        new.append(Applied(redemption_id=draw(), coupon_id=coupon.id, since=now))
    return tuple(new)


def _rule(coupon: Coupon, others: Sequence[Coupon], currency: str, now: datetime) -> str | None:
    if coupon.valid_from is not None and now < coupon.valid_from:
        return f"must be a coupon that has begun: this one does on {coupon.valid_from.isoformat()}"
    if coupon.valid_until is not None and now >= coupon.valid_until:
        return f"must be a coupon that has not expired: this one did on {coupon.valid_until.isoformat()}"
    if coupon.currency not in (None, currency):
        return f"must be in {currency}, the currency of the account, got {coupon.currency}"
    if any(other.code == coupon.code for other in others):
        return "must not be redeemed twice at once"
    for other in others:
        if coupon.exclusive or other.exclusive:
            return f"cannot be combined with {other.code}"
    return None


def scope_refusal(new: Sequence[Applied], items: Iterable[Item], catalog: Catalog) -> Refusal | None:
    """Each new coupon must be for something that is paid in advance: usage in arrears is not lowered."""
    products = [catalog.product_of(item.price_id).id for item in in_advance(catalog, items)]
    return _uncovered(new, products, catalog, "that the subscription has, paid in advance")


def of_purchase(
    lines: Sequence[Line], new: Sequence[Applied], catalog: Catalog, rounding: Rounding
) -> tuple[tuple[Line, ...], tuple[CouponUse, ...]] | Refusal:
    """The lines of a one-off purchase, lowered once by each coupon, which is over with it."""
    products = [catalog.product_of(line.price_id).id for line in lines if line.price_id is not None]
    refusal = _uncovered(new, products, catalog, "that is bought for a price")
    if refusal is not None:
        return refusal
    works = [_work(x, catalog) for x in new]
    uses = tuple(_use(replace(x, used=1), None, catalog, is_new=True, is_over=True) for x in new)
    return lowered(lines, works, catalog, rounding).lines, uses


def _uncovered(
    new: Sequence[Applied], products: Sequence[str], catalog: Catalog, which: str
) -> Refusal | None:
    for n, applied in enumerate(new):
        if not any(catalog.coupon(applied.coupon_id).covers(product) for product in products):
            return Refusal(field=f"coupons[{n}]", rule=f"must be for a product {which}")
    return None


def of_start(
    after: Subscription, lines: Sequence[Line], new: Sequence[Applied], catalog: Catalog, rounding: Rounding
) -> tuple[Subscription, tuple[Line, ...]]:
    """A new subscription with its coupons. During a trial they wait for the first period that is charged."""
    return _counted(after, lines, new, [_work(x, catalog) for x in new], catalog, rounding)


def of_renewal(
    base: Subscription, after: Subscription, lines: Sequence[Line], catalog: Catalog, rounding: Rounding
) -> tuple[Subscription, tuple[Line, ...]]:
    """The next period, lowered by the coupons that still count for it."""
    if not base.coupons:
        return after, tuple(lines)
    kept = _next(base, after, catalog)
    return _counted(after, lines, kept, [_work(x, catalog) for x in kept], catalog, rounding)


def of_change(
    base: Subscription,
    after: Subscription,
    lines: Sequence[Line],
    new: Sequence[Applied],
    catalog: Catalog,
    convention: Convention,
    now: datetime,
) -> tuple[Subscription, tuple[Line, ...]]:
    """A change of a subscription: credits less what was never charged, charges less what is taken off them.

    Within a period, the coupons that count for it count for what is charged anew, those that are new too. Coupons that
    wait go on waiting, unless the change begins a period.
    """
    if not base.coupons and not new:
        return after, tuple(lines)
    told = with_deductions(lines, base.coupons, catalog)
    if after.state is SubscriptionState.ENDED:
        return replace(after, coupons=()), told
    if after.period != base.period:
        kept = (*_next(base, after, catalog), *new)
        return _counted(after, told, kept, [_work(x, catalog) for x in kept], catalog, convention.rounding)
    exchanged = {x.item_id for x in lines if x.kind in (LineKind.PRORATED_CREDIT, *CHARGES)}
    kept = tuple(
        replace(x, deductions=tuple(d for d in x.deductions if d.item_id not in exchanged))
        for x in after.coupons
    )
    works = [
        replace(_work(x, catalog), available=_available(x, base, catalog, convention, now))
        for x in kept
        if x.used and not x.removed
    ]
    works += [_work(x, catalog) for x in new]
    return _counted(after, told, (*kept, *new), works, catalog, convention.rounding)


def without(base: Subscription, code: str, catalog: Catalog) -> tuple[Applied, ...] | Refusal:
    """The subscription's coupons when that code counts for nothing more; what it took of this period stays."""
    code = spelled(code)
    going_on = {x.redemption_id: catalog.coupon(x.coupon_id).code for x in base.coupons if not x.removed}
    if code not in going_on.values():
        return Refusal(field="coupon", rule="must be the code of a coupon that goes on on the subscription")
    marked = [replace(x, removed=x.removed or going_on.get(x.redemption_id) == code) for x in base.coupons]
    return tuple(x for x in marked if x.deductions or not x.removed)


def uses(
    before: Sequence[Applied], after: Subscription | None, new: Sequence[Applied], catalog: Catalog
) -> tuple[CouponUse, ...]:
    """What a commit changes of redemptions: those that are new, counted once more, or are over."""
    if not before and not new:
        return ()
    assert after is not None, "coupons go on on subscriptions alone"
    old = {x.redemption_id: x for x in before}
    fresh = {x.redemption_id for x in new}
    left = {x.redemption_id: x for x in after.coupons}
    gone = [
        _use(x, after.id, catalog, is_over=True) for i, x in old.items() if i not in left and not x.removed
    ]
    moved = [
        _use(x, after.id, catalog, is_new=i in fresh, is_over=x.removed)
        for i, x in left.items()
        if i in fresh or (x.used, x.removed) != (old[i].used, old[i].removed)
    ]
    return (*gone, *moved)


def _next(base: Subscription, after: Subscription, catalog: Catalog) -> tuple[Applied, ...]:
    """The coupons that may count for a new period, those that have begun to count once more. Periods are counted in the
    interval in which they began: another interval ends a coupon that has begun, unless it is for good."""
    other_interval = after.interval != base.interval
    kept = []
    for applied in base.coupons:
        most = catalog.coupon(applied.coupon_id).periods_max
        over = most is not None and (applied.used >= most or (other_interval and applied.used > 0))
        if not over and not applied.removed:
            kept.append(replace(applied, deductions=(), used=applied.used + 1 if applied.used else 0))
    return tuple(kept)


def _counted(
    after: Subscription,
    lines: Sequence[Line],
    coupons: Sequence[Applied],
    works: Iterable[Work],
    catalog: Catalog,
    rounding: Rounding,
) -> tuple[Subscription, tuple[Line, ...]]:
    """The lines, lowered, and the subscription with what each coupon took. One that has waited begins to count with
    the first charge that it is for."""
    result = lowered(lines, works, catalog, rounding)
    counted = tuple(
        replace(
            x,
            used=1 if not x.used and x.redemption_id in result.touched else x.used,
            deductions=x.deductions + result.deductions.get(x.redemption_id, ()),
        )
        for x in coupons
    )
    return replace(after, coupons=counted), result.lines


def _work(applied: Applied, catalog: Catalog) -> Work:
    coupon = catalog.coupon(applied.coupon_id)
    return Work(
        redemption_id=applied.redemption_id,
        coupon=coupon,
        available=_amount(applied, coupon),
        is_share=applied.share is not None,
    )


def _amount(applied: Applied, coupon: Coupon) -> int:
    """What a fixed one takes off a period at most."""
    return (coupon.amount or 0) if applied.share is None else applied.share


def _available(
    applied: Applied, base: Subscription, catalog: Catalog, convention: Convention, now: datetime
) -> int:
    """What is left of a fixed amount for the rest of the period: its share of the time for which it counts, less what
    it still takes of the items that stay as they are. Of a period that is over, and not renewed yet, nothing is."""
    start = base.period.start
    at = min(max(now, start), base.period.end)

    def rest(amount: int, since: datetime) -> int:
        if since >= at:
            return amount
        left, whole = (
            remaining(base.period, x, base.interval, base.anchor.time_zone, convention).numerator
            for x in (at, since)
        )
        return round_ratio(amount * left, whole, convention.rounding) if whole else 0

    charged = {item.id: max(start, item.changed_at or start) for item in base.items}
    taken = sum(rest(d.taken, charged[d.item_id]) for d in applied.deductions if d.item_id in charged)
    return max(
        rest(_amount(applied, catalog.coupon(applied.coupon_id)), max(start, applied.since)) - taken, 0
    )


def _use(
    applied: Applied,
    subscription_id: UUID | None,
    catalog: Catalog,
    *,
    is_new: bool = False,
    is_over: bool = False,
) -> CouponUse:
    coupon = catalog.coupon(applied.coupon_id)
    return CouponUse(
        redemption_id=applied.redemption_id,
        coupon_id=coupon.id,
        code=coupon.code,
        subscription_id=subscription_id,
        used=applied.used,
        is_new=is_new,
        is_over=is_over,
        limit=coupon.limit if is_new else None,
        limit_per_account=coupon.limit_per_account if is_new else None,
    )
