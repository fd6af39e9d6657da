"""Invoice: the unit of collection, as a document and as a claim.

Owns the invoice, its lines, its transition table and how its debt is lowered. Does not own how lines are computed
(`plan`) nor numbering (given at commit, gapless per series).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
    DISCOUNT = "discount"  # what a coupon takes off the line before, or had taken off what that one credits


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line, in minor units of the document's currency; `explanation` is a sentence that a person can check.

    `amount` is what the price says, without its `tax` or (`inclusive`) with it; `taxes` say how the tax comes about.
    `tax_point` is given where it is not the start of the period: of a credit, when that time was charged (UTC).
    `tax_category` is that of a line without a price, whose product would say it.
    `coupon_id` is the version of the coupon that a discount comes from.
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
    tax_category: str | None = None
    coupon_id: str | None = None

    @property
    def net(self) -> int:
        """What it costs without tax."""
        return self.amount - self.tax if self.inclusive else self.amount

    @property
    def gross(self) -> int:
        """What it costs with tax."""
        return self.amount if self.inclusive else self.amount + self.tax


class InvoiceState(StrEnum):
    """OPEN and UNCOLLECTIBLE are owed. PAID: money and account credit settled all of it. RESOLVED: nothing is owed for
    another reason, wholly or in part: it was credited, or had been given up before it was paid."""

    OPEN = "open"
    PAID = "paid"
    RESOLVED = "resolved"
    UNCOLLECTIBLE = "uncollectible"


OWED = frozenset({InvoiceState.OPEN, InvoiceState.UNCOLLECTIBLE})

# Part payments and credit notes leave a state that is not PAID as it is while something is owed.
TRANSITIONS: Mapping[InvoiceState, frozenset[InvoiceState]] = {
    InvoiceState.OPEN: frozenset({InvoiceState.PAID, InvoiceState.RESOLVED, InvoiceState.UNCOLLECTIBLE}),
    InvoiceState.PAID: frozenset({InvoiceState.RESOLVED}),
    InvoiceState.RESOLVED: frozenset(),
    InvoiceState.UNCOLLECTIBLE: frozenset({InvoiceState.RESOLVED}),
}


class InvoiceRuleBroken(ValueError):
    """A change that no invoice in that state can undergo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An issued invoice. `total` − `credited` − `paid` is the debt (L7); `tax` is part of the total.

    `paid` counts payments and used credit, less what credit notes gave back of them; `credited` sums the credit notes.
    """

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
    credited: int = 0

    @property
    def debt(self) -> int:
        """What is still owed, in minor units."""
        return self.total - self.credited - self.paid

    @property
    def owed(self) -> bool:
        """Whether something is owed, given up or not."""
        return self.state in OWED


def lower(invoice: Invoice, *, paid: int = 0, credited: int = 0, give_up: bool = False) -> Invoice:
    """The next version: so much more `paid` (negative: given back) and `credited`, and then given up if it is owed.

    Raises `InvoiceRuleBroken` for what would leave less than nothing owed, and for a change that `TRANSITIONS` has not.
    """
    figures = replace(
        invoice,
        paid=invoice.paid + paid,
        credited=invoice.credited + credited,
        version=invoice.version + 1,
    )
    state = _state(figures, give_up=give_up)
    moved = state in TRANSITIONS[invoice.state] or (state is invoice.state is not InvoiceState.PAID)
    if min(figures.debt, figures.paid, credited) < 0 or not moved:
        raise InvoiceRuleBroken(
            f"invoice {invoice.number}: {invoice.state} with a debt of {invoice.debt} cannot become {state} "
            f"with {figures.debt}"
        )
    return replace(figures, state=state)


def _state(figures: Invoice, *, give_up: bool) -> InvoiceState:
    """What the figures say; an invoice that was once given up or credited never counts as paid."""
    if figures.debt:
        return InvoiceState.UNCOLLECTIBLE if give_up else figures.state
    clean = figures.credited == 0 and figures.state in (InvoiceState.OPEN, InvoiceState.PAID)
    return InvoiceState.PAID if clean else InvoiceState.RESOLVED


def spell_number(series: str, number: int) -> str:
    """The number as printed, e.g. ``SOL-7F-000042``: gapless within its series."""
    return f"{series}-{number:06d}"
