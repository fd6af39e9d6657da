"""Pricing: the amount of a quantity for one full period, and the phrase that explains it.

Owns: the formula of every `Scheme`. Does not own parts of a period (`proration`), which lines an invoice
gets (`plan`), or tax. All formulas are sums and products of whole numbers; only a metered price with amounts below
a minor unit is rounded, once, at the end.
"""

from collections.abc import Iterator
from typing import assert_never

from solvent.core.money import Rounding, round_ratio
from solvent.core.phrase import Phrase, Sentence
from solvent.core.product import Price, Scheme, Tier


def amount(price: Price, quantity: int, rounding: Rounding = Rounding.HALF_UP) -> int:
    """Minor units for a full period; what is finer is rounded once, at the end.

    Nothing costs nothing under every scheme; below 0 is a `ValueError`.

    FLAT: the amount. PER_UNIT: quantity × amount. PACKAGE: packages begun × amount. VOLUME: quantity × the
    unit amount of the tier it falls into, plus that tier's flat amount. GRADUATED: per tier reached, the units
    that fall into it × its unit amount, plus its flat amount.
    """
    fine = _fine(price, quantity)
    return fine if price.scale == 0 else round_ratio(fine, 10**price.scale, rounding)


def _fine(price: Price, quantity: int) -> int:
    """The amount in the units of the price: 10^-scale minor units."""
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


def explain(price: Price, quantity: int, rounding: Rounding = Rounding.HALF_UP) -> Phrase:
    """How `amount` comes about, for an invoice line: "3 × 5.00 USD = 15.00 USD". `ValueError` as there."""
    scale, currency, total = price.scale, price.currency, amount(price, quantity, rounding)
    if quantity == 0:
        return Phrase(Sentence.NONE, (total, currency))
    each = price.unit_amount, scale, currency, total, rounding.value
    match price.scheme:
        case Scheme.FLAT:
            return Phrase(Sentence.FLAT, (total, currency))
        case Scheme.PER_UNIT:
            return Phrase(Sentence.PER_UNIT, (quantity, *each))
        case Scheme.PACKAGE:
            return Phrase(Sentence.PACKAGES, (_packages(price, quantity), price.package_size, *each))
        case Scheme.VOLUME:
            tier = _volume_tier(price, quantity)
            of_tier = quantity, tier.unit_amount, tier.flat_amount
            return Phrase(Sentence.VOLUME, (*of_tier, scale, currency, total, rounding.value))
        case Scheme.GRADUATED:
            slices = ((units, tier.unit_amount, tier.flat_amount) for units, tier in _slices(price, quantity))
            return Phrase(
                Sentence.GRADUATED,
                (scale, currency, total, rounding.value, *(x for three in slices for x in three)),
            )
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
