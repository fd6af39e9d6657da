"""Owed: what dunning decides upon, an invoice on which something is owed, and the measures that are in effect.

Owns these two values. Does not own what follows from them (`dunning`), nor how they are read (the store's).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solvent.core.ladder import Measure, Trouble


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An invoice on which something is owed, as dunning looks at it.

    `amount` is what was invoiced, less credit notes, in minor units: a payment in part changes no answer. `product` is
    the one that it is mostly for; `beyond` those whose usage crossed a threshold before its period was over. `noticed`
    are the rungs of which the customer was told, `debt` is what is still owed; `trying` says that it is to be charged
    at once: what comes of that is told then.
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
