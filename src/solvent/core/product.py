"""Products and prices: what is sold and what it costs, as values with the rules each keeps by itself.

Owns: `Product`, `Price`, `Tier`, `Scheme` and `CatalogError`. Does not own the rules between them, which need
the whole catalog (`catalog`), nor the amount of a quantity (`pricing`). A price is immutable once used: a new
version with `supersedes` takes its place for new customers.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from solvent.core.language import TURNING_RULE, Names, names_problems, turned
from solvent.core.money import is_currency
from solvent.core.payment import Authentication
from solvent.core.period import Interval
from solvent.core.tax import STANDARD, TaxBehavior

Feature = bool | int | str
Features = dict[str, Feature]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PRICE_ID = re.compile(rf"{_NAME.pattern}(@[1-9][0-9]{{0,8}})?")
_ENDING = re.compile(r"(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?){1,3}")
_ENDING_RULE = "must be the ending of a domain name in small letters, such as '.com'"
NAME_RULE = "must be 1 to 64 letters, digits, '.', '_' or '-', starting with a letter or digit"
_PRICE_ID_RULE = f"{NAME_RULE}; a version may follow, as in 'pro-month@2'"


class CatalogError(ValueError):
    """One broken rule: `field` is the path to it (`prices.pro.tiers[1].up_to`), `rule` what must hold."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule


class Scheme(StrEnum):
    """How an amount follows from a quantity; `pricing` holds the formulas."""

    FLAT = "flat"  # one amount whatever the quantity
    PER_UNIT = "per_unit"
    GRADUATED = "graduated"  # each unit at the price of the tier it falls into
    VOLUME = "volume"  # all units at the price of the tier the quantity falls into
    PACKAGE = "package"  # whole packages, the last one counts when begun


SCALE_MAX = 12  # digits below a minor unit

_TIERED = (Scheme.GRADUATED, Scheme.VOLUME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Units up to and including `up_to` (None: all further ones), in minor units each and once per tier."""

    up_to: int | None
    unit_amount: int
    flat_amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one product costs per `interval`, paid in advance, or once (None). Amounts in minor units, which exclude
    tax or contain it (`tax_behavior`).

    With `meter`, its usage is paid in arrears: the quantity is what the meter says at the end of the period. Then the
    amounts may be finer, in 10^-`scale` minor units, and usage of `threshold` minor units is invoiced at once.
    """

    id: str
    product_id: str
    version: int
    currency: str
    interval: Interval | None
    scheme: Scheme
    unit_amount: int = 0
    tiers: tuple[Tier, ...] = ()
    package_size: int = 1
    trial_days: int = 0
    supersedes: str | None = None
    active: bool = True
    meter: str | None = None
    scale: int = 0
    threshold: int | None = None
    tax_behavior: TaxBehavior = TaxBehavior.EXCLUSIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What is sold. Items of one `family` exclude each other on one billable object of kind `object_kind`.

    `includes` makes it a bundle of other products. `quantity_max` bounds one item; None is no bound.
    `tax_category` says which rates hold for it; what does not `takes_credit` cannot be paid by account credit, nor can
    a bundle with it. What has an `ending` (``.com``) registers its object's name, which ends so, when it is paid.
    `authentication` says whether a payer who is present is authenticated, as for what cannot be taken back.
    `names` are what it is called in some languages, `name` in all others.
    """

    id: str
    name: str
    family: str
    features: Mapping[str, Feature]
    includes: tuple[str, ...] = ()
    object_kind: str = "account"
    quantity_max: int | None = None
    tax_category: str = STANDARD
    takes_credit: bool = True
    ending: str | None = None
    authentication: Authentication = Authentication.AUTOMATIC
    names: Names = field(default_factory=dict)


def product_problems(product: Product) -> Iterator[CatalogError]:
    """The rules that a product breaks by itself."""
    maximum = product.quantity_max
    yield from broken(
        f"products.{product.id}",
        ("id", is_name(product.id), NAME_RULE),
        ("name", bool(product.name.strip()), "must not be empty"),
        ("name", not turned(product.name), TURNING_RULE),
        ("family", is_name(product.family), NAME_RULE),
        ("object_kind", is_name(product.object_kind), NAME_RULE),
        ("tax_category", is_name(product.tax_category), NAME_RULE),
        ("ending", product.ending is None or _ENDING.fullmatch(product.ending) is not None, _ENDING_RULE),
        (
            "ending",
            product.ending is None or product.object_kind != "account",
            "must be left out for accounts",
        ),
        ("quantity_max", maximum is None or maximum >= 1, f"must be 1 or more, got {maximum}"),
        *names_problems("names", product.names),
    )
    for name, value in product.features.items():
        yield from broken(
            f"products.{product.id}.features",
            (name, is_name(name), NAME_RULE),
            (name, isinstance(value, str) or value >= 0, f"must be 0 or more, got {value}"),
        )


def price_problems(price: Price) -> Iterator[CatalogError]:
    """The rules that a price breaks by itself."""
    tiered, packaged = price.scheme in _TIERED, price.scheme is Scheme.PACKAGE
    trial, size = price.trial_days, price.package_size
    yield from broken(
        f"prices.{price.id}",
        ("id", _PRICE_ID.fullmatch(price.id) is not None, _PRICE_ID_RULE),
        ("version", price.version >= 1, f"must be 1 or more, got {price.version}"),
        (
            "currency",
            is_currency(price.currency),
            f"must be an active ISO 4217 code, got {price.currency!r}",
        ),
        ("unit_amount", price.unit_amount >= 0, f"must be 0 or more, got {price.unit_amount}"),
        ("unit_amount", not (tiered and price.unit_amount), f"must be 0 with {price.scheme}: tiers say it"),
        ("tiers", tiered or not price.tiers, f"must be empty with {price.scheme}"),
        ("tiers", bool(price.tiers) or not tiered, f"must have at least one tier with {price.scheme}"),
        ("package_size", size >= 1, f"must be 1 or more, got {size}"),
        ("package_size", packaged or size == 1, f"must be 1 with {price.scheme}, got {size}"),
        ("trial_days", trial >= 0, f"must be 0 or more, got {trial}"),
        ("trial_days", price.interval is not None or trial == 0, "must be 0 for a one-off price"),
    )
    yield from _metered_problems(price)
    yield from _tier_problems(price)


def _metered_problems(price: Price) -> Iterator[CatalogError]:
    metered, scale, threshold = price.meter is not None, price.scale, price.threshold
    yield from broken(
        f"prices.{price.id}",
        ("interval", not metered or price.interval is not None, "must be given for a metered price"),
        ("scheme", not metered or price.scheme is not Scheme.FLAT, "must not be flat for a metered price"),
        ("scale", 0 <= scale <= SCALE_MAX, f"must be from 0 to {SCALE_MAX}, got {scale}"),
        ("scale", metered or scale == 0, "must be 0 unless the price is metered"),
        ("threshold", threshold is None or threshold >= 1, f"must be 1 or more, got {threshold}"),
        ("threshold", metered or threshold is None, "must be empty unless the price is metered"),
    )


def broken(path: str, *rules: tuple[str, bool, str]) -> Iterator[CatalogError]:
    """One `CatalogError` for each (field below `path`, whether it holds, rule) that does not hold."""
    for name, holds, rule in rules:
        if not holds:
            yield CatalogError(f"{path}.{name}", rule)


def is_name(text: str) -> bool:
    """Whether it may name a thing of the catalog."""
    return _NAME.fullmatch(text) is not None


def _tier_problems(price: Price) -> Iterator[CatalogError]:
    before = 0
    for position, tier in enumerate(price.tiers):
        last = position == len(price.tiers) - 1
        floor = "greater than the tier before" if position else "1 or more"
        rising = tier.up_to is None or tier.up_to > before
        yield from broken(
            f"prices.{price.id}.tiers[{position}]",
            ("up_to", last or tier.up_to is not None, "must be given on every tier but the last"),
            (
                "up_to",
                not last or tier.up_to is None,
                "must be empty on the last tier: it has no upper bound",
            ),
            ("up_to", rising, f"must be {floor}"),
            ("unit_amount", tier.unit_amount >= 0, f"must be 0 or more, got {tier.unit_amount}"),
            ("flat_amount", tier.flat_amount >= 0, f"must be 0 or more, got {tier.flat_amount}"),
        )
        before = tier.up_to or before
