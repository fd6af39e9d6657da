"""Entitlement: what an account may use, as one function of committed facts.

Owns the mapping from subscriptions to grants. Its callers are the commit, the recompute and the read API. Does not
own billing: an entitlement never starts one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from solvent.core.catalog import Catalog
from solvent.core.ladder import Measure
from solvent.core.owed import InEffect
from solvent.core.policy import Policy
from solvent.core.subscription import Subscription, SubscriptionState

Feature = bool | int | str

UNTIL_LIFTED = datetime(9999, 12, 31, tzinfo=UTC)  # the end of a grant that only a fact ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one item gives on one billable object, within [`starts_at`, `ends_at`) UTC."""

    item_id: UUID
    account_id: UUID
    subscription_id: UUID
    product_id: str
    object: str
    quantity: int
    features: Mapping[str, Feature]
    starts_at: datetime
    ends_at: datetime


def entitlements(
    subscriptions: Iterable[Subscription],
    catalog: Catalog,
    policy: Policy,
    measures: Sequence[InEffect] = (),
) -> tuple[Grant, ...]:
    """The grants that follow from these subscriptions, less what `measures` in effect take away: a pure function of
    facts, without the time of day.

    Time enters only as each grant's window, so that what is stored stays true until a fact changes.
    """
    return tuple(grant for s in subscriptions for grant in _left(s, catalog, policy, measures))


def service_end(subscription: Subscription, policy: Policy) -> datetime:
    """When service ends if nothing more is paid.

    Granted grace ends as recorded; otherwise service goes on for a while after the period, the time that collecting the
    renewal may take. A scheduled cancellation ends it with the period, if not earlier.
    """
    period_end = subscription.period.end
    end = subscription.grace_until or period_end + policy.collecting
    if subscription.pending is not None and subscription.pending.cancel:
        return min(end, period_end)
    return end


def active(grants: Iterable[Grant], now: datetime) -> tuple[Grant, ...]:
    """The grants whose window contains `now`."""
    return tuple(g for g in grants if g.starts_at <= now < g.ends_at)


def _left(
    subscription: Subscription, catalog: Catalog, policy: Policy, measures: Sequence[InEffect]
) -> Iterable[Grant]:
    """What is left of a subscription's grants: all of them, nearly always."""
    granted = _grants(subscription, catalog, policy)
    own = [m for m in measures if m.subscription_id in (None, subscription.id)]
    if not own:
        return granted
    suspended = {p for m in own if m.measure is Measure.SUSPEND_PRODUCT for p in m.products}
    if any(m.measure is Measure.SUSPEND_USAGE for m in own):
        metered = {
            catalog.price(i.price_id).product_id for i in subscription.items if catalog.meter_of(i.price_id)
        }
        suspended |= metered
    granted = [grant for grant in granted if grant.product_id not in suspended]
    down = [m for m in own if m.measure is Measure.DOWNGRADE]
    return _dropped(subscription, granted, down[0].products, catalog) if down else granted


def _dropped(
    subscription: Subscription, granted: Iterable[Grant], free: Sequence[str], catalog: Catalog
) -> Iterable[Grant]:
    """What paid plans drop to: the free product of their family, on the same object. It costs nothing, so it does not
    end with a period that nobody paid, but with the measure: when the debt is paid, or given up. Who leaves has it to
    the end of the period."""
    leaves = subscription.pending is not None and subscription.pending.cancel
    by_family = {catalog.products[p].family: p for p in free if p in catalog.products}
    for grant in granted:
        product = by_family.get(catalog.products[grant.product_id].family)
        if product is not None:
            yield replace(
                grant,
                product_id=product,
                features=catalog.features_of(product),
                ends_at=max(grant.ends_at, subscription.period.end) if leaves else UNTIL_LIFTED,
            )


def _grants(subscription: Subscription, catalog: Catalog, policy: Policy) -> Iterable[Grant]:
    if subscription.state is SubscriptionState.ENDED:
        return
    starts_at, ends_at = subscription.period.start, service_end(subscription, policy)
    if ends_at <= starts_at:
        return
    for item in subscription.items:
        product = catalog.product_of(item.price_id)
        yield Grant(
            item_id=item.id,
            account_id=subscription.account_id,
            subscription_id=subscription.id,
            product_id=product.id,
            object=item.object,
            quantity=item.quantity,
            features=catalog.features_of(product.id),
            starts_at=starts_at,
            ends_at=ends_at,
        )
