"""Invoice: the unit of collection, as a document and as a claim.

Owns the invoice, its lines, its transition table and how its debt is lowered. Does not own how lines are computed
(`plan`) nor numbering (given at commit, gapless per series).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from solvent.core.language import Language
from solvent.core.period import Period
from solvent.core.phrase import Text
from solvent.core.tax import TaxShare


class LineKind(StrEnum):
    """What a line is for."""

    CHARGE = "charge"
    PRORATED_CHARGE = "prorated_charge"
    PRORATED_CREDIT = "prorated_credit"
    MANUAL = "manual"
    PREPAID = "prepaid"  # account credit that is bought
    USAGE = "usage"  # in arrears: what was used in its period
    DISCOUNT = "discount"  # what a coupon takes off the line before, or had taken off what that one credits


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line, in minor units of the document's currency; `explanation` is what a person can check it by.

    `amount` is what the price says, without its `tax` or (`inclusive`) with it; `taxes` say how the tax comes about.
    `tax_point` is given where it is not the start of the period: of a credit, when that time was charged (UTC).
    `tax_category` is that of a line without a price, whose product would say it; `product_id` what such a line is for.
    `coupon_id` is the version of the coupon that a discount comes from, `invoice_item_id` what waited for the invoice.
    """

    kind: LineKind
    description: Text
    amount: int
    explanation: Text
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
    product_id: str | None = None
    invoice_item_id: UUID | None = None

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
    another reason, wholly or in part: it was credited, or had been given up or charged back before it was paid."""

    OPEN = "open"
    PAID = "paid"
    RESOLVED = "resolved"
    UNCOLLECTIBLE = "uncollectible"


OWED = frozenset({InvoiceState.OPEN, InvoiceState.UNCOLLECTIBLE})

# Part payments and credit notes leave a state that is not PAID as it is while something is owed. What is settled
# becomes owed again by one thing alone: a payment of it was charged back.
TRANSITIONS: Mapping[InvoiceState, frozenset[InvoiceState]] = {
    InvoiceState.OPEN: frozenset({InvoiceState.PAID, InvoiceState.RESOLVED, InvoiceState.UNCOLLECTIBLE}),
    InvoiceState.PAID: frozenset({InvoiceState.OPEN, InvoiceState.RESOLVED}),
    InvoiceState.RESOLVED: frozenset({InvoiceState.OPEN, InvoiceState.UNCOLLECTIBLE}),
    InvoiceState.UNCOLLECTIBLE: frozenset({InvoiceState.RESOLVED}),
}


class InvoiceRuleBroken(ValueError):
    """A change that no invoice in that state can undergo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An issued invoice. `total` − `credited` − `paid` is the debt (L7); `tax` is part of the total.

    `paid` counts payments and used credit, less what credit notes gave back of them and what lost disputes took, which
    `charged_back` sums; `credited` sums the credit notes. `reopened` counts how often it became owed again, `given_up`
    says whether it ever was. `reference` is the customer's own (a purchase order); that and `notes` are
    printed, in the `language` that the account had when it was issued.
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
    charged_back: int = 0
    reopened: int = 0
    given_up: bool = False
    reference: str | None = None
    notes: str | None = None
    language: Language = Language.EN

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
    moved = moved and (invoice.owed or not figures.debt)  # only `reopen` makes owed again what was settled
    if min(figures.debt, figures.paid, credited) < 0 or not moved:
        raise InvoiceRuleBroken(
            f"invoice {invoice.number}: {invoice.state} with a debt of {invoice.debt} cannot become {state} "
            f"with {figures.debt}"
        )
    return replace(figures, state=state, given_up=figures.given_up or state is InvoiceState.UNCOLLECTIBLE)


def reopen(invoice: Invoice, amount: int) -> Invoice:
    """The next version: `amount` of what was paid has been charged back, and is owed again.

    Raises `InvoiceRuleBroken` for an amount that was not paid.
    """
    if not 0 < amount <= invoice.paid:
        raise InvoiceRuleBroken(
            f"invoice {invoice.number}: {amount} of {invoice.paid} cannot be charged back"
        )
    return replace(
        invoice,
        state=InvoiceState.UNCOLLECTIBLE if invoice.given_up else InvoiceState.OPEN,
        paid=invoice.paid - amount,
        charged_back=invoice.charged_back + amount,
        reopened=invoice.reopened + 1,
        version=invoice.version + 1,
    )


def _state(figures: Invoice, *, give_up: bool) -> InvoiceState:
    """What the figures say; an invoice that was once given up, credited or charged back never counts as paid."""
    if figures.debt:
        return InvoiceState.UNCOLLECTIBLE if give_up else figures.state
    spotless = figures.credited == figures.charged_back == 0
    clean = spotless and figures.state in (InvoiceState.OPEN, InvoiceState.PAID)
    return InvoiceState.PAID if clean else InvoiceState.RESOLVED


def spell_number(series: str, number: int) -> str:
    """The number as printed, e.g. ``SOL-7F-000042``: gapless within its series."""
    return f"{series}-{number:06d}"
