"""Cart coupons: what of a coupon counts for which part of a cart.

Owns that a code counts for every part for which it is valid, once for all of them, and how its fixed amount is shared
out among them. Does not own the rules of a redemption (`redemption`), nor what a coupon takes of the lines of a part
(`discount`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from solvent.core.cart_parts import Part
from solvent.core.change import plan_change
from solvent.core.coupon import Coupon
from solvent.core.discount import is_covered
from solvent.core.invoice import Line, LineKind
from solvent.core.money import allocate
from solvent.core.plan import Plan, Refusal
from solvent.core.redemption import asked
from solvent.core.renewal import plan_renewal
from solvent.core.request import Context

_NOT_FOR_IT = "must be for a product in the cart, paid in advance"

Planner = Callable[[Sequence[Part], Context], tuple[Plan, ...] | Refusal]


def with_coupons(
    parts: Sequence[Part], codes: Sequence[str], context: Context, planner: Planner
) -> tuple[Part, ...] | Refusal:
    """The parts with the coupons that count for each, in their stated order: a fixed amount is shared out by what the
    coupons before it leave."""
    if not codes:
        return tuple(parts)
    found = asked(
        codes,
        (),
        catalog=context.catalog,
        currency=context.account.currency,
        exhausted=context.exhausted,
        now=context.now,
        draw=context.draw,
    )
    if isinstance(found, Refusal):
        return found
    coupons = [context.catalog.coupon(x.coupon_id) for x in found]
    for n in sorted(range(len(coupons)), key=lambda n: coupons[n].order):
        shares = _shares(parts, n, coupons[n], context, planner)
        if isinstance(shares, Refusal):
            return shares
        parts = [_redeeming(part, coupons[n], shares.get(at)) for at, part in enumerate(parts)]
    return tuple(parts)


def _shares(
    parts: Sequence[Part], n: int, coupon: Coupon, context: Context, planner: Planner
) -> Mapping[int, int] | Refusal:
    """For which parts a coupon counts, and how much of a fixed amount is each one's (of a percentage: 0)."""
    rules = [_rule(part, coupon, context) for part in parts]
    valid = [at for at, rule in enumerate(rules) if rule is None]
    if not valid:
        told = next((rule for rule in rules if rule != _NOT_FOR_IT), None)
        return Refusal(field=f"coupons[{n}]", rule=told or _NOT_FOR_IT)
    if coupon.amount is None or len(valid) == 1:
        return dict.fromkeys(valid, coupon.amount or 0)
    plans = planner(parts, context)
    if isinstance(plans, Refusal):
        return plans
    left = [_left(plans[at], coupon, context) for at in valid]
    shares = allocate(coupon.amount, left if any(left) else [1] * len(valid))
    return {at: share for at, share in zip(valid, shares, strict=True) if share}


def _rule(part: Part, coupon: Coupon, context: Context) -> str | None:
    """Why a coupon does not count for a part, if so: it is for nothing of it that is paid in advance, or its
    subscription has a coupon that forbids it."""
    if not any(w.offer.price.meter is None and coupon.covers(w.offer.product.id) for w in part.wanted):
        return _NOT_FOR_IT
    alone = plan_change(replace(part.change, coupons=(coupon.code,)), context)
    return alone.rule if isinstance(alone, Refusal) and alone.field.startswith("coupons") else None


def _redeeming(part: Part, coupon: Coupon, share: int | None) -> Part:
    if share is None:
        return part
    shared = coupon.amount is not None and share != coupon.amount
    return replace(
        part,
        change=replace(part.change, coupons=(*part.change.coupons, coupon.code)),
        shares={**part.shares, coupon.code: share} if shared else part.shares,
    )


def _left(plan: Plan, coupon: Coupon, context: Context) -> int:
    """What the coupons before it leave of what it is for: of what is charged now, or of the next period, where nothing
    of it is charged before (a trial, a change that waits)."""
    if any(is_covered(line, coupon, context.catalog) for line in plan.lines):
        return _sum(plan.lines, coupon, context)
    after = plan.after
    assert after is not None, "what is bought once is charged now"
    assert after.due_at is not None, "a cart ends nothing"
    following = plan_renewal(
        context.account,
        after,
        catalog=context.catalog,
        policy=context.policy,
        convention=context.convention,
        credit_grants=(),
        now=after.due_at,
    )
    assert following is not None, "due then"
    return _sum(following.lines, coupon, context)


def _sum(lines: Sequence[Line], coupon: Coupon, context: Context) -> int:
    left, covered = 0, False
    for line in lines:
        if line.kind is LineKind.DISCOUNT:
            assert line.coupon_id is not None, "a discount is a coupon's"
            before = context.catalog.coupon(line.coupon_id).order < coupon.order
            left += line.amount if covered and before else 0
        else:
            covered = is_covered(line, coupon, context.catalog)
            left += line.amount if covered else 0
    return left
