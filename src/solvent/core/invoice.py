"""Invoice: the unit of collection, as a document and as a claim.

Owns the invoice, its lines and its transition table. Does not own how lines are computed (`plan`) nor numbering
(given at commit, gapless per series).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from solvent.core.period import Period
from solvent.core.tax import TaxShare


class LineKind(StrEnum):
    """What a line is for."""

    CHARGE = "charge"
    PRORATED_CHARGE = "prorated_charge"
    PRORATED_CREDIT = "prorated_credit"
    MANUAL = "manual"
    USAGE = "usage"  # in arrears: what was used in its period


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line, in minor units of the document's currency; `explanation` is a sentence that a person can check.

    `amount` is what the price says, without its `tax` or (`inclusive`) with it; `taxes` say how the tax comes about.
    `tax_point` is given where it is not the start of the period: of a credit, when that time was charged (UTC).
    """

    kind: LineKind
    description: str
    amount: int
    explanation: str
    quantity: int = 1
    price_id: str | None = None
    item_id: UUID | None = None
    object: str | None = None
    period: Period | None = None
    inclusive: bool = False
    tax: int = 0
    taxes: tuple[TaxShare, ...] = ()
    tax_point: datetime | None = None

    @property
    def net(self) -> int:
        """What it costs without tax."""
        return self.amount - self.tax if self.inclusive else self.amount

    @property
    def gross(self) -> int:
        """What it costs with tax."""
        return self.amount if self.inclusive else self.amount + self.tax


class InvoiceState(StrEnum):
    """An issued invoice is OPEN until nothing is owed on it."""

    OPEN = "open"
    PAID = "paid"


TRANSITIONS: Mapping[InvoiceState, frozenset[InvoiceState]] = {
    InvoiceState.OPEN: frozenset({InvoiceState.PAID}),
    InvoiceState.PAID: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An issued invoice. `total` − `paid` is the debt; `paid` counts payments and used credit; `tax` is part of it."""

    id: UUID
    account_id: UUID
    subscription_id: UUID | None
    number: str
    state: InvoiceState
    currency: str
    total: int
    paid: int
    issued_at: datetime
    due_at: datetime
    version: int
    tax: int = 0

    @property
    def debt(self) -> int:
        """What is still owed, in minor units."""
        return self.total - self.paid


def spell_number(series: str, number: int) -> str:
    """The number as printed, e.g. ``SOL-7F-000042``: gapless within its series."""
    return f"{series}-{number:06d}"
