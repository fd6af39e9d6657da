"""Discount: what coupons take off charges, line by line, and what of it is not given back with unused time.

Owns the arithmetic. Coupons count in their stated order, each on what the earlier ones left, so nothing goes below
zero; a fixed amount is shared out over the lines in proportion to what is left of them. What is taken is a line of its
own directly after the line that it lowers. Does not own which coupons count (`redemption`), nor tax, which falls on a
discount as on the line before it (`taxing`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from solvent.core.catalog import Catalog
from solvent.core.coupon import Coupon
from solvent.core.invoice import Line, LineKind
from solvent.core.money import Rounding, allocate, format_minor, round_ratio
from solvent.core.subscription import Applied, Deduction
from solvent.core.tax import PPM, percent

CHARGES = frozenset({LineKind.CHARGE, LineKind.PRORATED_CHARGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A coupon that counts for some charges; of a fixed one `available` minor units can be taken at most."""

    redemption_id: UUID
    coupon: Coupon
    available: int


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
        covered = [_is_covered(line, work.coupon, catalog) for line in lines]
        base = [n if covers else 0 for n, covers in zip(left, covered, strict=True)]
        parts = _parts(work, base, rounding)
        for n, part in enumerate(parts):
            if part:
                off[n].append(_discount(lines[n], work, part, base[n], catalog, rounding))
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


def _is_covered(line: Line, coupon: Coupon, catalog: Catalog) -> bool:
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


def _discount(line: Line, work: Work, part: int, base: int, catalog: Catalog, rounding: Rounding) -> Line:
    coupon = work.coupon
    money = _money(line, catalog)
    if coupon.ppm is None:
        words = f"{money(work.available)} off, of it {money(part)} on this line in proportion to what is left of it"
    else:
        words = (
            f"{percent(coupon.ppm)} of {money(base)} = {money(part)}, rounded {rounding.replace('_', '-')}"
        )
    return _like(line, coupon, -part, f"coupon {coupon.code}: {words}")


def _never_charged(line: Line, coupons: Sequence[Applied], catalog: Catalog) -> Iterator[Line]:
    """One line for each coupon; they are rounded of the cumulative figure, so together they are never above the
    credit."""
    money, together, told = _money(line, catalog), 0, 0
    for coupon, deduction in _deductions_of(line.item_id, coupons, catalog):
        together += deduction.taken
        upto = round_ratio(-line.amount * together, deduction.charged, Rounding.HALF_UP)
        part, told = upto - told, upto
        if part:
            words = (
                f"coupon {coupon.code} had taken {money(deduction.taken)} of {money(deduction.charged)}: "
                f"of the {money(-line.amount)} credited {money(part)} was never charged"
            )
            yield _like(line, coupon, part, words)


def _deductions_of(
    item_id: UUID | None, coupons: Sequence[Applied], catalog: Catalog
) -> Iterator[tuple[Coupon, Deduction]]:
    for applied in coupons:
        for deduction in applied.deductions:
            if deduction.item_id == item_id:
                yield catalog.coupon(applied.coupon_id), deduction


def _like(line: Line, coupon: Coupon, amount: int, explanation: str) -> Line:
    """A discount on `line`: for the same thing and time, and of the same tax."""
    return replace(
        line,
        kind=LineKind.DISCOUNT,
        description=f"{coupon.name} ({coupon}) on {line.description}",
        amount=amount,
        quantity=1,
        explanation=explanation,
        coupon_id=coupon.id,
    )


def _money(line: Line, catalog: Catalog) -> Callable[[int], str]:
    """How amounts of a line are spelled."""
    assert line.price_id is not None, "only what has a price is lowered"
    currency = catalog.price(line.price_id).currency
    return lambda minor: f"{format_minor(minor, currency)} {currency}"
