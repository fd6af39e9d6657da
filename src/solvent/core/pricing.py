"""Pricing: the amount of a quantity for one full period, and the sentence that explains it.

Owns: the formula of every `Scheme`. Does not own parts of a period (`proration`), which lines an invoice
gets (`plan`), or tax. All formulas are sums and products of whole minor units: nothing is rounded here.
"""

from collections.abc import Iterator
from typing import assert_never

from solvent.core.money import format_minor
from solvent.core.product import Price, Scheme, Tier


def amount(price: Price, quantity: int) -> int:
    """Minor units for a full period. Nothing costs nothing under every scheme; below 0 is a `ValueError`.

    FLAT: the amount. PER_UNIT: quantity × amount. PACKAGE: packages begun × amount. VOLUME: quantity × the
    unit amount of the tier it falls into, plus that tier's flat amount. GRADUATED: per tier reached, the units
    that fall into it × its unit amount, plus its flat amount.
    """
    if quantity <= 0:
        _require_quantity(quantity)
        return 0
    match price.scheme:
        case Scheme.FLAT:
            return price.unit_amount
        case Scheme.PER_UNIT:
            return quantity * price.unit_amount
        case Scheme.PACKAGE:
            return _packages(price, quantity) * price.unit_amount
        case Scheme.VOLUME:
            tier = _volume_tier(price, quantity)
            return quantity * tier.unit_amount + tier.flat_amount
        case Scheme.GRADUATED:
            return sum(
                units * tier.unit_amount + tier.flat_amount for units, tier in _slices(price, quantity)
            )
        case _:
            assert_never(price.scheme)


def explain(price: Price, quantity: int) -> str:
    """How `amount` comes about, for an invoice line: "3 × 5.00 USD = 15.00 USD". `ValueError` as there."""
    total = f"{format_minor(amount(price, quantity), price.currency)} {price.currency}"
    if quantity == 0:
        return f"none = {total}"
    unit = format_minor(price.unit_amount, price.currency)
    match price.scheme:
        case Scheme.FLAT:
            return f"flat {total}"
        case Scheme.PER_UNIT:
            return f"{quantity} × {unit} {price.currency} = {total}"
        case Scheme.PACKAGE:
            count = _packages(price, quantity)
            return f"{count} package{'s' if count > 1 else ''} of {price.package_size} × {unit} = {total}"
        case Scheme.VOLUME:
            return f"all {_term(quantity, _volume_tier(price, quantity), price.currency)} = {total}"
        case Scheme.GRADUATED:
            terms = (_term(units, tier, price.currency) for units, tier in _slices(price, quantity))
            return f"first {' + '.join(terms)} = {total}"
        case _:
            assert_never(price.scheme)


def _require_quantity(quantity: int) -> None:
    if quantity < 0:
        raise ValueError(f"quantity: must be 0 or more, got {quantity}")


def _packages(price: Price, quantity: int) -> int:
    return -(-quantity // price.package_size)


def _volume_tier(price: Price, quantity: int) -> Tier:
    return next(tier for tier in price.tiers if tier.up_to is None or quantity <= tier.up_to)


def _slices(price: Price, quantity: int) -> Iterator[tuple[int, Tier]]:
    """The tiers that the quantity reaches, each with the units that fall into it."""
    below = 0
    for tier in price.tiers:
        top = quantity if tier.up_to is None else min(tier.up_to, quantity)
        if top > below:
            yield top - below, tier
        below = top


def _term(units: int, tier: Tier, currency: str) -> str:
    flat = f" + {format_minor(tier.flat_amount, currency)} flat" if tier.flat_amount else ""
    return f"{units} × {format_minor(tier.unit_amount, currency)}{flat}"
