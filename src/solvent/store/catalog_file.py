"""Catalog file: a merchant's declaration of entities, products and prices, in YAML.

Owns the format and its errors, which name the field by its path. Amounts are text in major units (``"20.00"``) and
exact. Does not own what applying it does (`offers`) nor the rules of a catalog (`core.catalog`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from solvent.core.account import Segment
from solvent.core.catalog import Aggregation, CatalogError, Feature, Meter, Product, Scheme, Tier
from solvent.core.coupon import Duration
from solvent.core.feature import Combine, FeatureKey, FeatureKind
from solvent.core.language import Language
from solvent.core.money import Money, parse_scaled
from solvent.core.party import Address, BankAccount, Entity, TaxId
from solvent.core.payment import Authentication
from solvent.core.period import Interval, Unit
from solvent.core.tax import STANDARD, TaxBehavior
from solvent.core.terms import Terms, Together
from solvent.store import yaml_file
from solvent.store.coupon_offers import CouponDraft
from solvent.store.offers import PriceDraft

_PERCENT = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,4}))?")
_Count = Annotated[int, msgspec.Meta(ge=1)]


class _Every(msgspec.Struct, forbid_unknown_fields=True):
    unit: Unit
    count: _Count = 1


class _Address(msgspec.Struct, forbid_unknown_fields=True):
    lines: tuple[str, ...]
    city: str
    postal_code: str | None = None
    region: str | None = None


class _TaxId(msgspec.Struct, forbid_unknown_fields=True):
    scheme: str
    value: str


class _BankAccount(msgspec.Struct, forbid_unknown_fields=True):
    currency: str
    holder: str
    bank: str | None = None
    iban: str | None = None
    bic: str | None = None
    account: str | None = None
    routing: str | None = None


class _Entity(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    name: str
    country: str
    series_prefix: str
    address: _Address | None = None
    registration: str | None = None
    tax_ids: tuple[_TaxId, ...] = ()
    email: str | None = None
    bank_accounts: tuple[_BankAccount, ...] = ()
    currencies: tuple[str, ...] = ()


class _Product(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    name: str
    family: str
    object_kind: str = "account"
    features: dict[str, Feature] = {}
    includes: tuple[str, ...] = ()
    quantity_max: _Count | None = None
    tax_category: str = STANDARD
    takes_credit: bool = True
    ending: str | None = None
    authentication: Authentication = Authentication.AUTOMATIC
    names: dict[Language, str] = {}


class _Meter(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    name: str
    unit: str
    aggregation: Aggregation
    names: dict[Language, str] = {}
    units: dict[Language, str] = {}


class _FeatureKey(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    kind: FeatureKind
    combine: Combine = Combine.LARGEST
    unit: str | None = None
    meter: str | None = None


class _Tier(msgspec.Struct, forbid_unknown_fields=True):
    up_to: int | None = None
    amount: str = "0"
    flat: str = "0"


class _Price(msgspec.Struct, forbid_unknown_fields=True):
    key: str
    product: str
    currency: str
    interval: Literal["day", "week", "month", "quarter", "year"] | _Every | None
    scheme: Scheme = Scheme.FLAT
    amount: str = "0"
    tiers: tuple[_Tier, ...] = ()
    package_size: _Count = 1
    trial_days: Annotated[int, msgspec.Meta(ge=0)] = 0
    active: bool = True
    meter: str | None = None
    threshold: str | None = None
    tax_behavior: TaxBehavior = TaxBehavior.EXCLUSIVE


class _Terms(msgspec.Struct, forbid_unknown_fields=True):
    days: int = 0
    together: Together = Together.INSTANT


class _Coupon(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    name: str
    percent: str | None = None
    amount: str | None = None
    currency: str | None = None
    duration: Duration = Duration.ONCE
    periods: _Count | None = None
    products: tuple[str, ...] = ()
    limit: _Count | None = None
    limit_per_account: _Count | None = 1
    valid_from: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    valid_until: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    exclusive: bool = False
    priority: int = 0
    active: bool = True
    names: dict[Language, str] = {}


class _File(msgspec.Struct, forbid_unknown_fields=True):
    entities: tuple[_Entity, ...] = ()
    products: tuple[_Product, ...] = ()
    prices: tuple[_Price, ...] = ()
    meters: tuple[_Meter, ...] = ()
    terms: dict[Segment, _Terms] = {}
    coupons: tuple[_Coupon, ...] = ()
    features: tuple[_FeatureKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What a catalog file says, as values."""

    entities: tuple[Entity, ...]
    products: tuple[Product, ...]
    prices: tuple[PriceDraft, ...]
    meters: tuple[Meter, ...]
    terms: Mapping[Segment, Terms]
    coupons: tuple[CouponDraft, ...]
    features: tuple[FeatureKey, ...]


def parse(text: str | bytes) -> Declaration:
    """Read a catalog file. Raises `CatalogError` with the path of the field (``prices[3].amount``) and the rule."""
    file = yaml_file.decode(text, _File)
    return Declaration(
        entities=tuple(_entity(e) for e in file.entities),
        products=tuple(_product(p) for p in file.products),
        prices=tuple(_draft(p, f"prices[{n}]") for n, p in enumerate(file.prices)),
        meters=tuple(Meter(**msgspec.structs.asdict(m)) for m in file.meters),
        terms={segment: Terms(days=t.days, together=t.together) for segment, t in file.terms.items()},
        coupons=tuple(_coupon(c, f"coupons[{n}]") for n, c in enumerate(file.coupons)),
        features=tuple(FeatureKey(**msgspec.structs.asdict(f)) for f in file.features),
    )


def _entity(entity: _Entity) -> Entity:
    address = entity.address
    return Entity(
        id=entity.id,
        name=entity.name,
        country=entity.country,
        series_prefix=entity.series_prefix,
        address=None if address is None else Address(**msgspec.structs.asdict(address)),
        registration=entity.registration,
        tax_ids=tuple(TaxId(**msgspec.structs.asdict(t)) for t in entity.tax_ids),
        email=entity.email,
        bank_accounts=tuple(BankAccount(**msgspec.structs.asdict(b)) for b in entity.bank_accounts),
        currencies=entity.currencies,
    )


def _product(product: _Product) -> Product:
    return Product(
        id=product.id,
        name=product.name,
        family=product.family,
        features=product.features,
        includes=product.includes,
        object_kind=product.object_kind,
        quantity_max=product.quantity_max,
        tax_category=product.tax_category,
        takes_credit=product.takes_credit,
        ending=product.ending,
        authentication=product.authentication,
        names=product.names,
    )


def _draft(price: _Price, path: str) -> PriceDraft:
    scale = _scale(price, path)
    return PriceDraft(
        key=price.key,
        product_id=price.product,
        currency=price.currency,
        interval=_interval(price.interval),
        scheme=price.scheme,
        unit_amount=_units(price.amount, price.currency, scale, f"{path}.amount"),
        tiers=tuple(_tier(t, price.currency, scale, f"{path}.tiers[{n}]") for n, t in enumerate(price.tiers)),
        package_size=price.package_size,
        trial_days=price.trial_days,
        active=price.active,
        meter=price.meter,
        scale=scale,
        threshold=None
        if price.threshold is None
        else _minor(price.threshold, price.currency, f"{path}.threshold"),
        tax_behavior=price.tax_behavior,
    )


def _tier(tier: _Tier, currency: str, scale: int, path: str) -> Tier:
    return Tier(
        up_to=tier.up_to,
        unit_amount=_units(tier.amount, currency, scale, f"{path}.amount"),
        flat_amount=_units(tier.flat, currency, scale, f"{path}.flat"),
    )


def _coupon(coupon: _Coupon, path: str) -> CouponDraft:
    if (coupon.amount is None) is not (coupon.currency is None):
        raise CatalogError(f"{path}.currency", "must be given with an amount, and only then")
    amount = None
    if coupon.amount is not None and coupon.currency is not None:
        amount = _minor(coupon.amount, coupon.currency, f"{path}.amount")
    return CouponDraft(
        code=coupon.code,
        name=coupon.name,
        duration=coupon.duration,
        ppm=None if coupon.percent is None else parts_per_million(coupon.percent, f"{path}.percent"),
        amount=amount,
        currency=coupon.currency,
        periods=coupon.periods,
        products=coupon.products,
        limit=coupon.limit,
        limit_per_account=coupon.limit_per_account,
        valid_from=coupon.valid_from,
        valid_until=coupon.valid_until,
        exclusive=coupon.exclusive,
        priority=coupon.priority,
        active=coupon.active,
        names=coupon.names,
    )


def parts_per_million(text: str, path: str) -> int:
    """Parts per million of an exact percentage, e.g. ``"12.5"``."""
    found = _PERCENT.fullmatch(text)
    if found is None:
        raise CatalogError(path, f"must be a plain decimal with at most 4 decimals, got {text!r}")
    return int(found[1] + (found[2] or "").ljust(4, "0"))


def _scale(price: _Price, path: str) -> int:
    """How fine the amounts of a price are, in digits below the minor unit: only a metered one's may be."""
    if price.meter is None:
        return 0
    texts = {f"{path}.amount": price.amount}
    for n, tier in enumerate(price.tiers):
        texts |= {f"{path}.tiers[{n}].amount": tier.amount, f"{path}.tiers[{n}].flat": tier.flat}
    return max(_parsed(text, price.currency, place)[1] for place, text in texts.items())


def _units(text: str, currency: str, scale: int, path: str) -> int:
    """10^-scale minor units of an exact decimal in major units."""
    if scale == 0:
        return _minor(text, currency, path)
    value, fineness = _parsed(text, currency, path)
    return value * int(10 ** (scale - fineness))


def _parsed(text: str, currency: str, path: str) -> tuple[int, int]:
    try:
        return parse_scaled(text, currency)
    except ValueError as error:
        raise CatalogError(path, str(error).partition(": ")[2] or str(error)) from None


def _interval(interval: str | _Every | None) -> Interval | None:
    match interval:
        case None:
            return None
        case str():
            return Interval(unit=Unit(interval))
        case _Every():
            return Interval(unit=interval.unit, count=interval.count)


def _minor(text: str, currency: str, path: str) -> int:
    """Minor units of an exact decimal in major units."""
    try:
        return Money.parse(text, currency).minor
    except ValueError as error:
        raise CatalogError(path, str(error).partition(": ")[2] or str(error)) from None
