"""VAT category: how EN 16931 names what becomes of tax on a line, and the sums for each category.

Owns the category codes (UNTDID 5305), which one a line has, the breakdown (BG-23), and what of tax the norm has no
place for, as a named obstacle. Does not own which taxes hold (`tax`, `taxing`) nor the rest of an e-invoice
(`einvoice`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from solvent.core.document_parts import DocumentLine
from solvent.core.money import Rounding, exponent, round_ratio
from solvent.core.percent import PPM
from solvent.core.phrase import Phrase, Sentence, Text
from solvent.core.tax import TaxShare, Treatment

DECIMALS = 2  # of every amount but a unit price (BR-DEC)


class Category(StrEnum):
    """What becomes of VAT. K (goods within the Union) and G (exported goods) do not occur: services are sold."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    OUTSIDE = "O"  # not subject to VAT
    CANARY_ISLANDS = "L"
    CEUTA_MELILLA = "M"


TAXED = frozenset({Category.STANDARD, Category.CANARY_ISLANDS, Category.CEUTA_MELILLA})

# Why no VAT is charged (CEF VATEX), where the code list has a reason for the whole category.
REASON_CODES = {Category.REVERSE_CHARGE: "VATEX-EU-AE", Category.OUTSIDE: "VATEX-EU-O"}
_REASONS = {
    Category.REVERSE_CHARGE: Phrase(Sentence.REASON_REVERSE_CHARGE),
    Category.OUTSIDE: Phrase(Sentence.REASON_OUTSIDE),
}

# Spanish provinces (ISO 3166-2) with a tax of their own in place of VAT.
_SPAIN = {
    **dict.fromkeys(("ES-CN", "ES-GC", "ES-TF"), Category.CANARY_ISLANDS),
    **dict.fromkeys(("ES-CE", "ES-ML"), Category.CEUTA_MELILLA),
}
_SALES_TAX = frozenset({"US"})  # taxes that are no VAT, in the whole country


class Obstacle(StrEnum):
    """Why there is no e-invoice of a document."""

    SELLER_NUMBER = "seller_number"  # the legal entity has no number by which the norm knows a seller
    BUYER_NUMBER = "buyer_number"  # reverse charge needs the customer's VAT number
    SEVERAL_TAXES = "several_taxes"  # the norm knows one tax on a line
    NOT_VAT = "not_vat"  # a sales tax is no VAT
    MIXED = "mixed"  # what is not subject to VAT stands beside what is
    CODE = "code"  # a country or a currency that the norm's code lists do not have
    DECIMALS = "decimals"  # amounts finer than two decimals
    TAX_ROUNDING = "tax_rounding"  # rounded on each line, the tax is too far from the norm's own sum


@dataclass(frozen=True, slots=True, kw_only=True)
class NoEInvoice:
    """Why there is none: the `field` of the document, and the `rule` that it breaks."""

    obstacle: Obstacle
    field: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroup:
    """All lines of one category and rate, in minor units; `ppm` is None where no rate is told (category O)."""

    category: Category
    ppm: int | None
    base: int
    tax: int
    reason: Text = ""
    country: str = ""


def category_of(line: DocumentLine, position: int) -> TaxGroup | NoEInvoice:
    """The line as a group of its own."""
    if not line.taxes:
        return TaxGroup(
            category=Category.OUTSIDE, ppm=None, base=line.amount, tax=0, reason=_REASONS[Category.OUTSIDE]
        )
    if len(line.taxes) > 1:
        names = " and ".join(str(share.name) for share in line.taxes)
        return NoEInvoice(
            obstacle=Obstacle.SEVERAL_TAXES,
            field=f"lines[{position}].taxes",
            rule=f"must be one tax: EN 16931 has no place for {names} on one line",
        )
    share = line.taxes[0]
    country = share.jurisdiction.partition("-")[0]
    if share.treatment is Treatment.TAXED and country in _SALES_TAX:
        return NoEInvoice(
            obstacle=Obstacle.NOT_VAT,
            field=f"lines[{position}].taxes",
            rule=f"must be value-added tax, which {share.name} of {share.jurisdiction} is not",
        )
    category = _category(share)
    return TaxGroup(
        category=category,
        ppm=None if category is Category.OUTSIDE else share.ppm,
        base=line.amount,
        tax=share.amount,
        reason=_reason(category, share),
        country=country,
    )


def _category(share: TaxShare) -> Category:
    match share.treatment:
        case Treatment.TAXED:
            special = _SPAIN.get(share.jurisdiction)
            return special or (Category.STANDARD if share.ppm else Category.ZERO)
        case Treatment.REVERSE_CHARGE:
            return Category.REVERSE_CHARGE
        case Treatment.EXEMPT:
            return Category.EXEMPT
        case Treatment.NOT_COLLECTED:
            return Category.OUTSIDE
        case _:
            assert_never(share.treatment)


def _reason(category: Category, share: TaxShare) -> Text:
    """Told where no tax is charged although the sale could bear some."""
    if category is Category.EXEMPT:
        return share.explanation
    return _REASONS.get(category, "")


def breakdown(groups: Sequence[TaxGroup], currency: str) -> tuple[TaxGroup, ...] | NoEInvoice:
    """The groups of the lines as one for each category and rate, in their order."""
    sums: dict[tuple[Category, int | None], TaxGroup] = {}
    for group in groups:
        at = (group.category, group.ppm)
        before = sums.get(at)
        sums[at] = (
            group
            if before is None
            else replace(before, base=before.base + group.base, tax=before.tax + group.tax)
        )
    if len({category is Category.OUTSIDE for category, _ in sums}) > 1:
        rule = "must all be subject to VAT, or none: EN 16931 forbids both on one document (BR-O-11)"
        return NoEInvoice(obstacle=Obstacle.MIXED, field="lines", rule=rule)
    return _within(tuple(sums.values()), currency)


def _within(groups: tuple[TaxGroup, ...], currency: str) -> tuple[TaxGroup, ...] | NoEInvoice:
    """BR-CO-17: the tax of a group is its base × its rate, rounded to hundredths. The norm's rules let it differ by
    less than one unit of the currency, because tax may be rounded on each line."""
    unit = 10 ** exponent(currency)
    for group in groups:
        expected = round_ratio(abs(group.base) * (group.ppm or 0) * 100, PPM * unit, Rounding.HALF_UP)
        if abs(abs(group.tax) * 100 - expected * unit) >= 100 * unit:
            rule = (
                "must be less than one unit of the currency away from base × rate: with tax rounded once for the "
                "invoice it would be"
            )
            return NoEInvoice(obstacle=Obstacle.TAX_ROUNDING, field="taxes", rule=rule)
    return groups
