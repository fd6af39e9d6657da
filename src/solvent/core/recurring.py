"""Recurring: a subscription as it is told to whoever keeps a copy of it.

Owns what such a copy shows: what is had, what it costs for a full period, and until when. Does not own any amount that
is charged (the plan's), nor who keeps copies (`ports.copies`).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solvent.core import pricing
from solvent.core.catalog import Catalog
from solvent.core.lines import in_advance
from solvent.core.period import Interval
from solvent.core.plan import Plan
from solvent.core.subscription import Subscription, SubscriptionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A price in some quantity: `amount` minor units for a full period, before discounts and tax."""

    price_id: str
    product_id: str
    name: str
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """A subscription as of one version. Usage is not among its `parts`: what it costs is not known ahead.

    `at` is when it is as told here, `until` the end of its current period, and then it `ends` or goes on.
    """

    subscription_id: UUID
    version: int
    currency: str
    interval: Interval
    parts: tuple[Part, ...]
    trial: bool
    until: datetime
    ends: bool
    at: datetime

    @property
    def amount(self) -> int:
        """Minor units for a full period, before discounts and tax."""
        return sum(part.amount for part in self.parts)


def recurring(subscription: Subscription, catalog: Catalog, at: datetime) -> Recurring:
    """What is told of a subscription."""
    parts = []
    for item in in_advance(catalog, subscription.items):
        price, product = catalog.price(item.price_id), catalog.product_of(item.price_id)
        parts.append(
            Part(
                price_id=price.id,
                product_id=product.id,
                name=product.name,
                quantity=item.quantity,
                amount=pricing.amount(price, item.quantity),
            )
        )
    return Recurring(
        subscription_id=subscription.id,
        version=subscription.version,
        currency=subscription.currency,
        interval=subscription.interval,
        parts=tuple(parts),
        trial=subscription.state is SubscriptionState.TRIALING,
        until=subscription.period.end,
        ends=subscription.pending is not None and subscription.pending.cancel,
        at=at,
    )


def paid_for(plan: Plan, catalog: Catalog) -> Recurring | None:
    """The one subscription that a payment for this plan begins or changes; None: it pays for something else."""
    if plan.due == 0 or len(plan.subscriptions) != 1:
        return None
    return recurring(plan.subscriptions[0], catalog, plan.planned_at)
