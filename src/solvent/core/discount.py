"""Discount: what coupons take off charges, line by line, and what of it is not given back with unused time.

Owns the arithmetic. Coupons count in their stated order, each on what the earlier ones left, so nothing goes below
zero; a fixed amount is shared out over the lines in proportion to what is left of them. What is taken is a line of its
own directly after the line that it lowers. Does not own which coupons count (`redemption`), nor tax, which falls on a
discount as on the line before it (`taxing`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from solvent.core.catalog import Catalog
from solvent.core.coupon import Coupon
from solvent.core.invoice import Line, LineKind
from solvent.core.money import Rounding, allocate, round_ratio
from solvent.core.percent import PPM
from solvent.core.phrase import Phrase, Sentence, Text, named
from solvent.core.subscription import Applied, Deduction

CHARGES = frozenset({LineKind.CHARGE, LineKind.PRORATED_CHARGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A coupon that counts for some charges; of a fixed one `available` minor units can be taken at most. `is_share`:
    the rest of its amount is for other parts of the cart in which it was redeemed."""

    redemption_id: UUID
    coupon: Coupon
    available: int
    is_share: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """The lines with what was taken, by redemption what that was of each item, and which coupons some line is for."""

    lines: tuple[Line, ...]
    deductions: dict[UUID, tuple[Deduction, ...]]
    touched: frozenset[UUID]


def lowered(lines: Sequence[Line], works: Iterable[Work], catalog: Catalog, rounding: Rounding) -> Lowered:
    """Charges in advance and one-off charges, lowered. Usage, credits and the merchant's own lines stay as they are."""
    left = [line.amount for line in lines]
    off: list[list[Line]] = [[] for _ in lines]
    deductions: dict[UUID, tuple[Deduction, ...]] = {}
    touched: set[UUID] = set()
    for work in sorted(works, key=lambda w: (w.coupon.order, w.redemption_id.int)):
        covered = [is_covered(line, work.coupon, catalog) for line in lines]
        base = [n if covers else 0 for n, covers in zip(left, covered, strict=True)]
        parts = _parts(work, base, rounding)
        for n, part in enumerate(parts):
            if part:
                off[n].append(_discount(lines[n], work, part, (base[n], sum(base)), catalog, rounding))
                left[n] -= part
        if any(covered):
            touched.add(work.redemption_id)
        deductions[work.redemption_id] = tuple(
            Deduction(item_id=line.item_id, charged=line.amount, taken=part)
            for line, part in zip(lines, parts, strict=True)
            if part and line.item_id is not None
        )
    told = tuple(x for line, those in zip(lines, off, strict=True) for x in (line, *those))
    return Lowered(lines=told, deductions=deductions, touched=frozenset(touched))


def with_deductions(lines: Iterable[Line], coupons: Sequence[Applied], catalog: Catalog) -> tuple[Line, ...]:
    """The lines, with the part of every prorated credit that coupons had taken off the charge: it was never charged.

    It is the same share of the credit as of the charge, so an item credited at once nets to zero, and one that cost
    nothing gives nothing back.
    """
    result: list[Line] = []
    for line in lines:
        result.append(line)
        if line.kind is LineKind.PRORATED_CREDIT:
            result += _never_charged(line, coupons, catalog)
    return tuple(result)


def is_covered(line: Line, coupon: Coupon, catalog: Catalog) -> bool:
    """Whether a line is a charge that the coupon is for."""
    if line.kind not in CHARGES or line.price_id is None or not line.amount:
        return False
    return coupon.covers(catalog.product_of(line.price_id).id)


def _parts(work: Work, base: Sequence[int], rounding: Rounding) -> tuple[int, ...]:
    """What a coupon takes of what is left of each line; never more than that."""
    if work.coupon.ppm is not None:
        return tuple(round_ratio(n * work.coupon.ppm, PPM, rounding) for n in base)
    whole = min(work.available, sum(base))
    return allocate(whole, base) if whole else (0,) * len(base)


def _discount(
    line: Line, work: Work, part: int, left: tuple[int, int], catalog: Catalog, rounding: Rounding
) -> Line:
    """`part` of what is `left` of a line, and of all that the coupon is for."""
    coupon, currency, (base, together) = work.coupon, _currency(line, catalog), left
    if coupon.amount is not None and work.is_share:
        figures = work.available, coupon.amount, together, base, part
        told = Phrase(Sentence.COUPON_PART, (coupon.code, *figures, currency))
    elif coupon.ppm is None:
        told = Phrase(Sentence.COUPON_AMOUNT, (coupon.code, work.available, together, base, part, currency))
    else:
        told = Phrase(Sentence.COUPON_SHARE, (coupon.code, coupon.ppm, base, part, currency, rounding.value))
    return _like(line, coupon, -part, told)


def _never_charged(line: Line, coupons: Sequence[Applied], catalog: Catalog) -> Iterator[Line]:
    """One line for each coupon; they are rounded of the cumulative figure, so together they are never above the
    credit."""
    currency, together, told = _currency(line, catalog), 0, 0
    for coupon, deduction in _deductions_of(line.item_id, coupons, catalog):
        before, together = together, together + deduction.taken
        upto = round_ratio(-line.amount * together, deduction.charged, Rounding.HALF_UP)
        part, earlier, told = upto - told, told, upto
        if part:
            figures = deduction.taken, deduction.charged, -line.amount, before, earlier, part
            parts = (coupon.code, *figures, currency, Rounding.HALF_UP.value)
            yield _like(line, coupon, part, Phrase(Sentence.COUPON_KEPT, parts))


def _deductions_of(
    item_id: UUID | None, coupons: Sequence[Applied], catalog: Catalog
) -> Iterator[tuple[Coupon, Deduction]]:
    for applied in coupons:
        for deduction in applied.deductions:
            if deduction.item_id == item_id:
                yield catalog.coupon(applied.coupon_id), deduction


def _like(line: Line, coupon: Coupon, amount: int, explanation: Phrase) -> Line:
    """A discount on `line`: for the same thing and time, and of the same tax."""
    return replace(
        line,
        kind=LineKind.DISCOUNT,
        description=_on(coupon, line.description),
        amount=amount,
        quantity=1,
        explanation=explanation,
        coupon_id=coupon.id,
    )


def _on(coupon: Coupon, goods: Text) -> Phrase:
    """What a discount is called: the coupon, what it takes off, and what it is for."""
    name = named(coupon.name, coupon.names)
    if coupon.amount is None:
        return Phrase(Sentence.DISCOUNT_SHARE, (name, coupon.ppm or 0, goods))
    return Phrase(Sentence.DISCOUNT_AMOUNT, (name, coupon.amount, coupon.currency or "", goods))


def _currency(line: Line, catalog: Catalog) -> str:
    """The currency of a line."""
    assert line.price_id is not None, "only what has a price is lowered"
    return catalog.price(line.price_id).currency
