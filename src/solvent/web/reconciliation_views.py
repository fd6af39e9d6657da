"""Reconciliation views: what answers about comparisons with providers carry, as structs."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.difference import About, DifferenceKind, Repair
from solvent.core.movement import MovementKind
from solvent.web.fields import AmountText, Currency, Minor, ReconciliationId


class MovedView(Struct, frozen=True, kw_only=True):
    """What moved of one kind and currency, or what the provider kept of that."""

    kind: MovementKind
    currency: Currency
    movements: int
    amount: Minor
    amount_text: AmountText


class SeenView(Struct, frozen=True, kw_only=True):
    """How one side has it; `movement` is the provider's name for the row of its statement."""

    amount: Minor | None
    currency: Currency | None
    state: str | None
    movement: str | None


class DifferenceView(Struct, frozen=True, kw_only=True):
    """One difference. `ours` or `theirs` is null where that side has nothing of it."""

    kind: DifferenceKind
    about: About
    ref: Annotated[str | None, Meta(description="The provider's name for it.")]
    key: Annotated[str | None, Meta(description="The change or refund of ours that it names.")]
    ours: SeenView | None
    theirs: SeenView | None
    repair: Annotated[Repair, Meta(description="Which ordinary flow removes it; by_hand: none.")]
    repaired: bool


class ReconciliationView(Struct, frozen=True, kw_only=True):
    """One comparison of the books with a provider."""

    id: ReconciliationId
    provider: str
    since: datetime
    until: datetime
    made_at: datetime
    moved: list[MovedView]
    kept: Annotated[list[MovedView], Meta(description="The provider's fees.")]
    found: Annotated[Minor, Meta(description="How many differences there were.")]
    left: Annotated[Minor, Meta(description="How many of them are not repaired.")]


class DifferencePage(Struct, frozen=True, kw_only=True):
    """A page of differences."""

    data: list[DifferenceView]
    next: Annotated[str | None, Meta(description="The cursor of the next page, as `after`; null at the end.")]


class ReconciliationPage(Struct, frozen=True, kw_only=True):
    """A page."""

    data: list[ReconciliationView]
    next: ReconciliationId | None
