"""Manual: what a merchant writes on an invoice of their own, and the draft of one.

Owns the amount and the explanation of such a line, what an invoice says beside its lines, and a draft's transition
table. Does not own the plan that a draft leads to (`collection`), the invoice once it is issued (`invoice`), nor tax.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from solvent.core.catalog import Catalog
from solvent.core.invoice import Line, LineKind
from solvent.core.language import TURNING_RULE, turned
from solvent.core.money import Rounding, round_ratio
from solvent.core.period import Period
from solvent.core.phrase import Phrase, Sentence
from solvent.core.plan import Refusal
from solvent.core.product import SCALE_MAX
from solvent.core.tax import TaxBehavior

AMOUNT_MAX = 10**14  # minor units of one line
PERIOD_MAX = timedelta(days=3_660)  # of one line: ten years
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)  # as reports reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line as the merchant writes it: `amount` minor units for all of it, or `unit_amount` for each of `quantity`,
    in 10^-`scale` minor units. A `period` is the time that it is for: it is earned over that. `product_id` says which
    credit may pay for it, and its tax category where none is given."""

    description: str
    amount: int | None = None
    unit_amount: int | None = None
    scale: int = 0
    quantity: int = 1
    period: Period | None = None
    tax_category: str | None = None
    tax_behavior: TaxBehavior = TaxBehavior.EXCLUSIVE
    product_id: str | None = None


def line_of(entry: Entry, currency: str, rounding: Rounding) -> Line | Refusal:
    """The line, with what is finer than a minor unit rounded once, as for any price."""
    if (entry.amount is None) is (entry.unit_amount is None):
        return Refusal(field="amount", rule="must be given, or else `unit_amount`, and not both")
    if not 0 <= entry.scale <= (SCALE_MAX if entry.amount is None else 0):
        return Refusal(field="scale", rule=f"must be from 0 to {SCALE_MAX}, and 0 without `unit_amount`")
    if turned(entry.description):
        return Refusal(field="description", rule=TURNING_RULE)
    period = entry.period
    if period is not None and period.end - period.start > PERIOD_MAX:
        return Refusal(field="period", rule=f"must be at most {PERIOD_MAX.days} days long")
    if period is not None and not EARLIEST <= period.start <= period.end <= LATEST:
        return Refusal(field="period", rule=f"must be from {EARLIEST:%Y-%m-%d} to {LATEST:%Y-%m-%d}")
    amount, explanation = _priced(entry, currency, rounding)
    if abs(amount) > AMOUNT_MAX:
        return Refusal(
            field="unit_amount", rule=f"must come to at most {AMOUNT_MAX} minor units, times quantity"
        )
    return Line(
        kind=LineKind.MANUAL,
        description=entry.description,
        amount=amount,
        explanation=explanation,
        quantity=entry.quantity,
        period=entry.period,
        inclusive=entry.tax_behavior is TaxBehavior.INCLUSIVE,
        tax_category=entry.tax_category,
        product_id=entry.product_id,
    )


def line_rule(line: Line, catalog: Catalog) -> Refusal | None:
    """What of a line the catalog does not know, by its field."""
    if line.product_id is not None and line.product_id not in catalog.products:
        return Refusal(field="product_id", rule="must be a product of the catalog")
    categories = catalog.tax_categories
    if line.tax_category is not None and line.tax_category not in categories:
        return Refusal(
            field="tax_category", rule=f"must be one that is declared: {', '.join(sorted(categories))}"
        )
    return None


def _priced(entry: Entry, currency: str, rounding: Rounding) -> tuple[int, Phrase]:
    if entry.unit_amount is None:
        assert entry.amount is not None, "one of the two is given"
        return entry.amount, Phrase(Sentence.AS_ENTERED)
    amount = round_ratio(entry.quantity * entry.unit_amount, 10**entry.scale, rounding)
    each = entry.quantity, entry.unit_amount, entry.scale, currency
    return amount, Phrase(Sentence.PER_UNIT, (*each, amount, rounding.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What an invoice says beside its lines: the customer's `reference` (a purchase order), `notes`, and its own terms
    (None: those of the account). With `include_items` what waits for the account's next invoice is on it."""

    reference: str | None = None
    notes: str | None = None
    terms_days: int | None = None
    include_items: bool = False


PLAIN = Particulars()


class DraftState(StrEnum):
    """A DRAFT has no number and can be changed. ISSUED: it is an invoice, or about to be: its attempt says which."""

    DRAFT = "draft"
    ISSUED = "issued"
    VOIDED = "voided"


TRANSITIONS: Mapping[DraftState, frozenset[DraftState]] = {
    DraftState.DRAFT: frozenset({DraftState.ISSUED, DraftState.VOIDED}),
    DraftState.ISSUED: frozenset(),
    DraftState.VOIDED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An invoice that is not issued yet, in the currency of its account; it owes nobody anything."""

    id: UUID
    account_id: UUID
    lines: tuple[Line, ...]
    particulars: Particulars
    created_at: datetime
    changed_at: datetime
    state: DraftState = DraftState.DRAFT
    version: int = 1
    attempt_id: UUID | None = None


def changed(
    draft: Draft, lines: tuple[Line, ...], particulars: Particulars, now: datetime
) -> Draft | Refusal:
    """The draft with other contents."""
    if draft.state is not DraftState.DRAFT:
        return over(draft)
    return replace(draft, lines=lines, particulars=particulars, changed_at=now, version=draft.version + 1)


def voided(draft: Draft, now: datetime) -> Draft | Refusal:
    """The draft when it will never be issued; one that was voided before is as it is."""
    if draft.state is DraftState.VOIDED:
        return draft
    return _moved(draft, DraftState.VOIDED, now)


def issued(draft: Draft, attempt_id: UUID, now: datetime) -> Draft | Refusal:
    """The draft when its attempt is in the journal: from then on it is what the attempt's plan says."""
    moved = _moved(draft, DraftState.ISSUED, now)
    return moved if isinstance(moved, Refusal) else replace(moved, attempt_id=attempt_id)


def _moved(draft: Draft, state: DraftState, now: datetime) -> Draft | Refusal:
    if state not in TRANSITIONS[draft.state]:
        return over(draft)
    return replace(draft, state=state, changed_at=now, version=draft.version + 1)


def over(draft: Draft) -> Refusal:
    """What is told of a draft that can no longer be changed."""
    return Refusal(
        field="draft_id", rule=f"must be a draft that is neither issued nor voided: it is {draft.state}"
    )
