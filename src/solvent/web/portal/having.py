"""Having: what a customer has, in plain words.

Owns how a subscription, its items and what is scheduled for it are described. Does not own any of it (`core`), nor
what can be changed (`offering`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from solvent.core.catalog import Catalog
from solvent.core.ids import spell
from solvent.core.period import Interval
from solvent.core.phrase import named, spoken
from solvent.core.plan import Plan
from solvent.core.pricing import amount
from solvent.core.product import Product, Scheme
from solvent.core.subscription import Item, Subscription, SubscriptionState
from solvent.web.portal.visit import Visit


class Badge(NamedTuple):
    """A word with the kind of colour it has."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemShown:
    """One item: of what, on which object, for how much; `counted`: its quantity can be another."""

    id: str
    name: str
    object: str
    quantity: int
    counted: bool
    price: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A subscription as a customer sees it. `when` says how it goes on, `coming` what else is scheduled."""

    id: str
    name: str
    badge: Badge
    when: str
    items: Sequence[ItemShown]
    coming: Sequence[str]

    @property
    def href(self) -> str:
        """Its page."""
        return f"/portal/subscriptions/{self.id}"


def catalog_of(visit: Visit) -> Catalog:
    """What is sold."""
    return visit.call.solvent.platform.store.catalog()


def shown(visit: Visit, subscription: Subscription) -> Shown:
    """A subscription as a customer sees it."""
    items = [item_shown(visit, item) for item in subscription.items]
    return Shown(
        id=spell("sub", subscription.id),
        name=", ".join(dict.fromkeys(item.name for item in items)),
        badge=_badge(visit, subscription),
        when=_when(visit, subscription),
        items=items,
        coming=_coming(visit, subscription),
    )


def item_shown(visit: Visit, item: Item) -> ItemShown:
    """An item as a customer sees it."""
    catalog = catalog_of(visit)
    product, price = catalog.product_of(item.price_id), catalog.price(item.price_id)
    counted = price.meter is None and price.scheme is not Scheme.FLAT and product.quantity_max != 1
    return ItemShown(
        id=spell("itm", item.id),
        name=product_name(visit, product),
        object="" if item.object == "account" else item.object.partition(":")[2],
        quantity=item.quantity,
        counted=counted,
        price=price_text(visit, item.price_id, item.quantity),
    )


def product_name(visit: Visit, product: Product) -> str:
    """What a product is called in the reader's language."""
    return spoken(named(product.name, product.names), visit.language)


def price_text(visit: Visit, price_id: str, quantity: int) -> str:
    """What so many of something cost for a whole period."""
    words, price = visit.words, catalog_of(visit).price(price_id)
    assert price.interval is not None, f"{price_id} is of a subscription"
    interval = interval_text(visit, price.interval)
    if price.meter is not None:
        return words.by_usage.format(interval=interval)
    costs = amount(price, quantity)
    if costs == 0:
        return words.free
    return words.per.format(amount=visit.tongue.amount(costs, price.currency), interval=interval)


def interval_text(visit: Visit, interval: Interval) -> str:
    """How long a period is, as it stands after "per"."""
    words = visit.words
    if interval.count == 1:
        return words.intervals[interval.unit]
    return words.intervals_many[interval.unit].format(n=interval.count)


def described(visit: Visit, item: Item) -> str:
    """An item in one line."""
    seen = item_shown(visit, item)
    many = "" if item.quantity == 1 else visit.words.quantity_of.format(quantity=item.quantity)
    return " ".join(part for part in (many, seen.name, seen.object and f"({seen.object})") if part)


def intended(visit: Visit, plan: Plan) -> str:
    """What a plan is for, in a few words."""
    what = "" if plan.after is None else ", ".join(described(visit, item) for item in plan.after.items)
    return visit.words.intents[plan.intent].format(what=what)


def for_how_much(visit: Visit, plan: Plan) -> str:
    """The same, with what is charged for it, if anything is."""
    what = intended(visit, plan)
    return f"{what}: {visit.tongue.amount(plan.due, plan.currency)}" if plan.due else what


def _badge(visit: Visit, s: Subscription) -> Badge:
    words = visit.words
    if s.state is SubscriptionState.ENDED:
        return Badge(words.state_ended, "neutral")
    if s.grace_until is not None:
        return Badge(words.state_grace, "bad")
    if s.pending is not None and s.pending.cancel:
        return Badge(words.state_ends, "warn")
    if s.state is SubscriptionState.TRIALING:
        return Badge(words.state_trial, "info")
    return Badge(words.state_active, "good")


def _when(visit: Visit, s: Subscription) -> str:
    words, tongue = visit.words, visit.tongue
    if s.state is SubscriptionState.ENDED:
        return words.ended_on.format(day=tongue.day(s.ended_at or s.period.end))
    day = tongue.day(s.period.end)
    if s.pending is not None and s.pending.cancel:
        return words.ends_on.format(day=day)
    if s.state is SubscriptionState.TRIALING:
        return words.trial_until.format(day=day)
    return words.renews.format(day=day)


def _coming(visit: Visit, s: Subscription) -> Sequence[str]:
    """What is scheduled for the end of the period, other than the end itself."""
    if s.pending is None or s.pending.cancel:
        return ()
    words, day = visit.words, visit.tongue.day(s.period.end)
    lines = []
    if s.pending.interval is not None:
        lines.append(
            words.will_be_interval.format(day=day, interval=interval_text(visit, s.pending.interval))
        )
    later = {item.id: item for item in s.pending.items or s.items}
    for item in s.items:
        new = later.get(item.id)
        if new is None:
            lines.append(words.will_end_item.format(what=described(visit, item), day=day))
        elif (new.price_id, new.quantity) != (item.price_id, item.quantity):
            costs = price_text(visit, new.price_id, new.quantity)
            lines.append(words.will_be.format(day=day, what=f"{described(visit, new)}, {costs}"))
    return lines
