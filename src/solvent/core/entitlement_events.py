"""Entitlement events: what readers of entitlements are told.

Owns the event of stored entitlements that were brought back to the facts, and which types of events say that an
account's entitlements may be others than before: every transaction that writes a grant tells one of them. Does not own
the other events (`events`).
"""

from dataclasses import dataclass
from typing import ClassVar

from solvent.core import events as ev


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementsChanged(ev.Event):
    """Without a change of a subscription the account may use other things: measures came or went, or a product brings
    other features. `products` are those that it has now."""

    type: ClassVar[str] = "entitlements.changed"
    products: tuple[str, ...]


ENTITLING = frozenset(
    kind.type
    for kind in (
        ev.SubscriptionStarted,
        ev.SubscriptionChanged,
        ev.ChangeScheduled,
        ev.SubscriptionRenewed,
        ev.SubscriptionEnded,
        ev.GraceLifted,
        ev.InvoiceReopened,
        ev.DunningChanged,
        EntitlementsChanged,
    )
)
