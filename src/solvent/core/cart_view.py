"""Cart view: what a cart comes to, as its customer reads it before paying and afterwards.

Owns which part of a plan belongs to which line, what is taken off and added, what is charged next, and the fingerprint
by which a payment says which of it was seen. Does not own the plan (`cart_plan`): nothing is computed here that an
invoice would not say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from solvent.core.account import Account
from solvent.core.cart import Cart, CartLine
from solvent.core.cart_offer import CartOffer, offer_for
from solvent.core.catalog import Catalog
from solvent.core.invoice import Line, LineKind
from solvent.core.offer import QUANTITY_MAX
from solvent.core.percent import percent
from solvent.core.period import Interval
from solvent.core.phrase import Text, listed, named
from solvent.core.plan import Intent, Plan
from solvent.core.policy import Policy
from solvent.core.proration import Convention
from solvent.core.renewal import plan_renewal
from solvent.core.subscription import Subscription

HOLDS = timedelta(minutes=10)  # how long a price that was seen is kept for whoever pays
_MS = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTold:
    """A line with what is charged for it now, before what coupons take off; in minor units."""

    line: CartLine
    product: str
    name: Text
    amount: int
    explanation: Text
    interval: Interval | None
    quantity_max: int
    offer: CartOffer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountTold:
    """What a coupon takes off: `percent`, as people write it, or a `fixed` amount."""

    code: str
    name: Text
    percent: str | None
    fixed: int | None
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxTold:
    """One tax on all of it; `included` in the amounts of the lines already, or added to them."""

    name: Text
    jurisdiction: str
    rate: str
    amount: int
    included: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalTold:
    """What is charged at `at` (UTC), in advance for an interval; usage comes on top."""

    interval: Interval
    amount: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CartTold:
    """All that a cart comes to. `subtotal` − `discount` + what tax is added is the `total`."""

    lines: tuple[LineTold, ...]
    discounts: tuple[DiscountTold, ...]
    taxes: tuple[TaxTold, ...]
    subtotal: int
    discount: int
    tax: int
    total: int
    credit_used: int
    due_now: int
    renews: tuple[RenewalTold, ...]
    fingerprint: str


def tell(
    cart: Cart, plan: Plan | None, account: Account, catalog: Catalog, policy: Policy, convention: Convention
) -> CartTold:
    """The cart by a plan of it; without one (it cannot be bought as it is) the lines with no amounts."""
    charged = () if plan is None else plan.lines
    taken = [line for line in charged if line.kind is LineKind.DISCOUNT]
    renews = () if plan is None else _renewals(plan, account, catalog, policy, convention)
    return CartTold(
        lines=tuple(_line(line, charged, catalog) for line in cart.lines),
        discounts=tuple(_discounts(taken, catalog)),
        taxes=tuple(_taxes(charged)),
        subtotal=sum(line.amount for line in charged if line.kind is not LineKind.DISCOUNT),
        discount=-sum(line.amount for line in taken),
        tax=0 if plan is None else plan.tax,
        total=0 if plan is None else plan.total,
        credit_used=0 if plan is None else plan.credit_used,
        due_now=0 if plan is None else plan.due,
        renews=renews,
        fingerprint="" if plan is None else fingerprint(plan, cart),
    )


def fingerprint(plan: Plan, cart: Cart) -> str:
    """When a plan was made, and a digest that is equal when a customer would read the same of another one."""
    lines = [(x.kind.value, x.price_id, x.quantity, x.object, x.amount, x.tax) for x in plan.lines]
    afters = [
        (i.value, str(s.interval), s.items and len(s.items))
        for s, i in zip(plan.subscriptions, plan.intents, strict=True)
    ]
    seen = (
        cart.version,
        plan.currency,
        plan.total,
        plan.credit_used,
        plan.due,
        plan.needs_setup,
        lines,
        afters,
    )
    digest = blake2b(repr(seen).encode(), digest_size=12).hexdigest()
    return f"{(plan.planned_at - _EPOCH) // _MS:x}-{digest}"


def instant(moment: datetime) -> datetime:
    """The moment as a fingerprint can say it."""
    return _EPOCH + (moment - _EPOCH) // _MS * _MS


def seen_at(seen: str, now: datetime, holds: timedelta = HOLDS) -> datetime:
    """At which moment to plan what was seen: when that was, while its price holds; else now."""
    digits = seen.partition("-")[0]
    try:
        moment = _EPOCH + int(digits, 16) * _MS
    except (ValueError, OverflowError):
        return instant(now)
    return moment if now - holds <= moment <= now else instant(now)


def same(seen: str, fresh: str) -> bool:
    """Whether two fingerprints stand for what reads the same, whenever each was made."""
    return seen.partition("-")[2] == fresh.partition("-")[2] != ""


def _line(line: CartLine, charged: Sequence[Line], catalog: Catalog) -> LineTold:
    known = catalog.prices.get(line.price_id)
    if known is None:
        return LineTold(
            line=line,
            product="",
            name=line.price_id,
            amount=0,
            explanation="",
            interval=None,
            quantity_max=QUANTITY_MAX,
            offer=None,
        )
    own = [
        x
        for x in charged
        if x.kind is not LineKind.DISCOUNT
        and _slot(x.price_id, x.object, catalog) == _slot(line.price_id, line.object, catalog)
    ]
    product = catalog.products[known.product_id]
    return LineTold(
        line=line,
        product=product.id,
        name=named(product.name, product.names),
        amount=sum(x.amount for x in own),
        explanation=listed(*(x.explanation for x in own)) if own else "",
        interval=known.interval,
        quantity_max=1 if known.meter else product.quantity_max or QUANTITY_MAX,
        offer=offer_for(line, catalog),
    )


def _slot(price_id: str | None, thing: str | None, catalog: Catalog) -> tuple[str, str | None]:
    """What belongs together: a family on an object; of what is bought once, the price itself."""
    assert price_id is not None
    price = catalog.price(price_id)
    return (price_id if price.interval is None else catalog.product_of(price_id).family), thing


def _discounts(taken: Sequence[Line], catalog: Catalog) -> list[DiscountTold]:
    sums: dict[str, int] = {}
    for line in taken:
        assert line.coupon_id is not None, "a discount is a coupon's"
        sums[line.coupon_id] = sums.get(line.coupon_id, 0) - line.amount
    coupons = [(catalog.coupon(coupon_id), amount) for coupon_id, amount in sums.items()]
    return [
        DiscountTold(
            code=c.code,
            name=named(c.name, c.names),
            percent=None if c.ppm is None else percent(c.ppm),
            fixed=c.amount,
            amount=amount,
        )
        for c, amount in coupons
    ]


def _taxes(charged: Sequence[Line]) -> list[TaxTold]:
    sums: dict[tuple[Text, str, str, bool], int] = {}
    for line in charged:
        for share in line.taxes:
            if share.name:
                key = share.name, share.jurisdiction, percent(share.ppm), line.inclusive
                sums[key] = sums.get(key, 0) + share.amount
    return [
        TaxTold(name=name, jurisdiction=place, rate=rate, amount=n, included=within)
        for (name, place, rate, within), n in sums.items()
    ]


def _renewals(
    plan: Plan, account: Account, catalog: Catalog, policy: Policy, convention: Convention
) -> tuple[RenewalTold, ...]:
    sums: dict[tuple[Interval, datetime], int] = {}
    for after in plan.subscriptions:
        following = _next(after, account, catalog, policy, convention)
        if following is not None and following.after is not None:
            key = following.after.interval, following.planned_at
            sums[key] = sums.get(key, 0) + following.total
    found = [RenewalTold(interval=i, amount=amount, at=at) for (i, at), amount in sums.items()]
    return tuple(sorted(found, key=lambda r: r.at))


def _next(
    after: Subscription, account: Account, catalog: Catalog, policy: Policy, convention: Convention
) -> Plan | None:
    """The renewal that follows, as the billing clock will plan it."""
    assert after.due_at is not None, "a cart ends nothing"
    planned = plan_renewal(
        account,
        after,
        catalog=catalog,
        policy=policy,
        convention=convention,
        credit_grants=(),
        now=after.due_at,
    )
    return planned if planned is not None and planned.intent is Intent.RENEW else None
