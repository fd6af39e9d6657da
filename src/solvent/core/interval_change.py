"""Interval change: the whole subscription from one interval to another, month ↔ year.

Owns the planning of it: to a longer interval at once, with the unused time credited and a new anchor; to a shorter
one (or one as long) at the end of the period; at once and free while trialing. Does not own single items (`changing`).
"""

from dataclasses import replace
from uuid import UUID

from solvent.core.lines import exchange, full_charges, rest_of_period
from solvent.core.offer import debt_first, metered_alike, offered
from solvent.core.period import Anchor, Interval, Unit, period
from solvent.core.plan import Intent, Plan, Refusal
from solvent.core.request import ChangeInterval, Context, NewItem
from solvent.core.revision import renewal_first, revised, revision
from solvent.core.subscription import Item, Subscription, SubscriptionState

# Lengths for comparison only, in twelfths of a day: 12 months are as long as a year of 365 days.
_LENGTH = {Unit.DAY: 12, Unit.WEEK: 84, Unit.MONTH: 365, Unit.QUARTER: 1095, Unit.YEAR: 4380}


def change_interval(change: ChangeInterval, base: Subscription, context: Context) -> Plan | Refusal:
    """Every item at a price of the new interval. It replaces whatever was scheduled for the items."""
    named = [item_id for item_id, _ in change.prices]
    if sorted(named) != sorted(item.id for item in base.items):
        return Refusal(field="prices", rule="must name every item of the subscription exactly once")
    chosen = dict(change.prices)
    if all(chosen[item.id] == item.price_id for item in base.items):
        return _kept(base, context)
    items = tuple(replace(item, price_id=chosen[item.id]) for item in base.items)
    interval = _interval_of(named, items, base, context)
    if isinstance(interval, Refusal):
        return interval
    if base.state is SubscriptionState.TRIALING:
        after = replace(revised(base, items, items), interval=interval)
        return revision(after, context, Intent.MODIFY)
    if length(interval) > length(base.interval):
        return _lengthened(base, items, interval, context)
    return revision(revised(base, base.items, items, interval), context, Intent.SCHEDULE)


def _kept(base: Subscription, context: Context) -> Plan | Refusal:
    """The current prices were named: that drops a scheduled interval, or changes nothing."""
    if base.pending is None or base.pending.interval is None:
        return Refusal(field="prices", rule=f"must be of another interval than {base.interval}")
    return revision(revised(base, base.items, base.items), context, Intent.SCHEDULE)


def _lengthened(
    base: Subscription, items: tuple[Item, ...], interval: Interval, context: Context
) -> Plan | Refusal:
    """The new first period begins now; the rest of the old one is credited against it."""
    refusal = debt_first(context, upgrade=True) or renewal_first(base, context)
    if refusal is not None:
        return refusal
    if base.grace_until is not None:
        # The rest of a period that was never paid must not be credited.
        return Refusal(field="subscription_id", rule="has an unpaid invoice for its period: pay that first")
    anchor = Anchor(at=context.now, time_zone=context.account.time_zone)
    first = period(anchor, interval, 0)
    after = replace(revised(base, items, items), interval=interval, anchor=anchor, index=0, period=first)
    rest = rest_of_period(base, context.now, context.convention)
    lines = (
        *exchange(context.catalog, base.items, (), rest),
        *full_charges(context.catalog, items, first, anchor.time_zone),
    )
    return revision(after, context, Intent.MODIFY, lines)


def _interval_of(
    named: list[UUID], items: tuple[Item, ...], base: Subscription, context: Context
) -> Interval | Refusal:
    """The one interval of the new prices, another than the current one."""
    found: Interval | None = None
    for old, new in zip(base.items, items, strict=True):
        field = f"prices[{named.index(new.id)}]"
        asked = NewItem(price_id=new.price_id, quantity=new.quantity, object=new.object)
        offer = offered(asked, context, field)
        if isinstance(offer, Refusal):
            return offer
        family = context.catalog.product_of(old.price_id).family
        if offer.product.family != family:
            return Refusal(field=field, rule=f"must be of the family {family}, got {offer.product.family}")
        found = found or offer.price.interval
        if found is None or offer.price.interval != found or found == base.interval:
            return Refusal(field=field, rule=f"must all be of one interval other than {base.interval}")
        refusal = metered_alike(field, old, offer, context)
        if refusal is not None:
            return refusal
    assert found is not None
    return found


def length(interval: Interval) -> int:
    """For comparison only: how long an interval is, in twelfths of a day."""
    return interval.count * _LENGTH[interval.unit]
