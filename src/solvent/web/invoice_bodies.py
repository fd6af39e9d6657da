"""Invoice bodies: what requests about invoices of the merchant's own carry, as structs.

Owns their shapes and their translation into lines and particulars of the core. Does not own what lines come to
(`core.manual`).
"""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from solvent.core.invoice import Line
from solvent.core.language import TURNING
from solvent.core.manual import Draft, DraftState, Entry, Particulars, line_of
from solvent.core.money import Rounding
from solvent.core.period import Period
from solvent.core.plan import Refusal
from solvent.core.product import SCALE_MAX
from solvent.core.tax import TaxBehavior
from solvent.core.terms import TERMS_DAYS_MAX
from solvent.web.change_bodies import Body
from solvent.web.fields import AMOUNT_MAX, AccountId, DraftId, Limit, Moment, Quantity
from solvent.web.problems import refused
from solvent.web.views import PlannedCreditNoteView, PlanView

LINES_MAX = 250

Amount = Annotated[
    int,
    Meta(
        ge=-AMOUNT_MAX, le=AMOUNT_MAX, description="Minor units of the account's currency.", examples=[9000]
    ),
]
UnitAmount = Annotated[
    int,
    Meta(
        ge=-AMOUNT_MAX,
        le=AMOUNT_MAX,
        description="In place of `amount`: of each, in 10^-`scale` minor units.",
        examples=[9000],
    ),
]
Reference = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=rf"^[^\x00-\x1f\x7f{TURNING}]+$(?!\n)",
        description="The customer's own, as a purchase order; printed, and in the e-invoice.",
        examples=["PO-2026-0117"],
    ),
]
Notes = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=1000,
        pattern=rf"^[^\x00-\x09\x0b-\x1f\x7f{TURNING}]+$",
        description="For the customer to read; printed, and in the e-invoice. Lines end with a line feed.",
        examples=["Thank you for the workshop."],
    ),
]
TermsDays = Annotated[
    int,
    Meta(
        ge=0,
        le=TERMS_DAYS_MAX,
        description="Due so many days later; null: by the account's terms.",
        examples=[30],
    ),
]


ProductId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=128,
        description="What it is for: which account credit may pay for it, and its tax category if none is given.",
        examples=["zone-pro"],
    ),
]


class PeriodBody(Body):
    """The time that a line is for, `end` not included. Its amount is earned over it."""

    start: Moment
    end: Moment


class ManualLine(Body):
    """One line of a manual invoice. A negative amount is a deduction; all lines together are not negative."""

    description: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=500,
            pattern=rf"^[^\x00-\x1f\x7f{TURNING}]+$(?!\n)",
            examples=["Onboarding, 2 hours"],
        ),
    ]
    amount: Amount | None = None
    unit_amount: UnitAmount | None = None
    scale: Annotated[
        int,
        Meta(ge=0, le=SCALE_MAX, description="How many digits `unit_amount` has below a minor unit."),
    ] = 0
    quantity: Quantity = 1
    period: PeriodBody | None = None
    tax_category: Annotated[
        str | None,
        Meta(description="One that a product or a tax rate has; without it `standard`.", examples=["ebook"]),
    ] = None
    tax_behavior: Annotated[
        TaxBehavior, Meta(description="Whether tax is added to the amount, or is contained in it.")
    ] = TaxBehavior.EXCLUSIVE
    product_id: ProductId | None = None

    def core(self, prefix: str, currency: str, rounding: Rounding) -> Line:
        """The line as the core keeps it; refused by the field after `prefix`."""
        period = None
        if self.period is not None:
            start, end = self.period.start.astimezone(UTC), self.period.end.astimezone(UTC)
            if end <= start:
                raise refused(f"{prefix}period.end", "must be after its start")
            period = Period(start=start, end=end)
        entry = Entry(
            description=self.description,
            amount=self.amount,
            unit_amount=self.unit_amount,
            scale=self.scale,
            quantity=self.quantity,
            period=period,
            tax_category=self.tax_category,
            tax_behavior=self.tax_behavior,
            product_id=self.product_id,
        )
        line = line_of(entry, currency, rounding)
        if isinstance(line, Refusal):
            raise refused(f"{prefix}{line.field}", line.rule)
        return line


Lines = Annotated[
    tuple[ManualLine, ...], Meta(max_length=LINES_MAX, description="At least one, unless items are included.")
]
IncludeItems = Annotated[
    bool, Meta(description="Whether what waits for the account's next invoice is on it, after the lines.")
]


def lines_of(lines: tuple[ManualLine, ...], currency: str, rounding: Rounding) -> tuple[Line, ...]:
    """The lines as the core keeps them."""
    return tuple(line.core(f"lines[{n}].", currency, rounding) for n, line in enumerate(lines))


class InvoiceBody(Body):
    """An invoice of the merchant's own lines: issued and collected off-session at once, or kept as a draft."""

    account_id: AccountId
    lines: Lines = ()
    include_items: IncludeItems = False
    reference: Reference | None = None
    notes: Notes | None = None
    terms_days: TermsDays | None = None

    @property
    def particulars(self) -> Particulars:
        """What it says beside its lines."""
        return Particulars(
            reference=self.reference,
            notes=self.notes,
            terms_days=self.terms_days,
            include_items=self.include_items,
        )


class UpcomingView(Struct, frozen=True, kw_only=True):
    """What an account is invoiced for next, and `at` which moment, as it would be if nothing changed until then; both
    null when nothing is to come. `credit_notes` are of usage that came to less than was billed: they go first, and the
    plan draws on what they give back (as of grants `crg_0…1` on, which do not exist yet)."""

    account_id: AccountId
    at: datetime | None
    plan: PlanView | None
    credit_notes: list[PlannedCreditNoteView]


class DraftChangeBody(Body):
    """Other contents of a draft. What is left out stays; `lines` are all of them."""

    lines: Lines | UnsetType = UNSET
    include_items: IncludeItems | UnsetType = UNSET
    reference: Reference | UnsetType | None = UNSET
    notes: Notes | UnsetType | None = UNSET
    terms_days: TermsDays | UnsetType | None = UNSET

    def particulars(self, before: Draft) -> Particulars:
        """What the draft then says beside its lines."""
        held = before.particulars
        return Particulars(
            reference=held.reference if self.reference is UNSET else self.reference,
            notes=held.notes if self.notes is UNSET else self.notes,
            terms_days=held.terms_days if self.terms_days is UNSET else self.terms_days,
            include_items=held.include_items if self.include_items is UNSET else self.include_items,
        )


class DraftsQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """A page of one account's drafts, of one state or of all, in the order of their creation."""

    account: AccountId
    state: DraftState | None = None
    after: DraftId | None = None
    limit: Limit = 50
