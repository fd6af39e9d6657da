"""Owed: what dunning decides upon, invoices on which something is owed, measures in effect, payments under
way.

Owns these values. Does not own what follows from them (`dunning`), nor how they are read (the store's).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from solvent.core.ladder import Measure, Trouble
from solvent.core.payment import ProviderView
from solvent.core.standstill import Stretch, aged


@dataclass(frozen=True, slots=True, kw_only=True)
class InEffect:
    """A measure in effect `since` (UTC) because of an invoice's `rung`.

    It touches one subscription, or (None) the whole account; `products` are those that are suspended, or that paid
    plans drop to.
    """

    measure: Measure
    rung: str
    invoice_id: UUID
    since: datetime
    subscription_id: UUID | None = None
    products: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[object, ...]:
        """What it is, and what it touches: of two with one key there is one."""
        suspended = self.products if self.measure is Measure.SUSPEND_PRODUCT else ()
        return self.measure, self.subscription_id, suspended


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A payment of the account that is under way, opened at `opened_at`: a purchase, a change, a renewal, a debt's.
    `waits` says that nothing moves before the customer does something, which they may until `expires_at` (UTC).
    `provider_view` is what its provider last said of it."""

    opened_at: datetime
    expires_at: datetime
    waits: bool = False
    provider_view: ProviderView | None = None

    def going_on(self, now: datetime) -> bool:
        """Whether it may still be paid: nobody keeps one open for ever that waits for them."""
        return not self.waits or now < self.expires_at

    def shields(self, since: datetime) -> bool:
        """Whether what would begin `since` then waits for it: one that waits for the customer must have been there, so
        that no chain of new ones keeps anything away."""
        return not self.waits or self.opened_at <= since


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An invoice on which something is owed, as dunning looks at it.

    `amount` is what was invoiced, less credit notes, in minor units: a payment in part changes no answer. `product` is
    the one that it is mostly for; `beyond` those whose usage crossed a threshold before its period was over. `noticed`
    are the rungs of which the customer was told, `debt` is what is still owed; `trying` says that it is to be charged
    at once: what comes of that is told then. `stood` is when it did not age, as far as policy lets that count.
    `in_flight` says that a payment of it moves by itself, `paying` are those that only wait for the customer.
    """

    invoice_id: UUID
    subscription_id: UUID | None
    due_at: datetime
    amount: int
    currency: str
    trouble: Trouble
    product: str | None = None
    given_up: bool = False
    in_flight: bool = False
    noticed: frozenset[str] = frozenset()
    beyond: tuple[str, ...] = ()
    debt: int = 0
    trying: bool = False
    stood: tuple[Stretch, ...] = ()
    paying: tuple[UnderWay, ...] = ()

    def aged(self, age: timedelta) -> datetime:
        """When it is of that age."""
        return aged(self.due_at, age, self.stood)

    def shielded(self, since: datetime) -> bool:
        """Whether what would begin `since` then waits for a payment of it."""
        return self.in_flight or any(p.shields(since) for p in self.paying)
