"""Catalog: all products and prices of a merchant, found by id, and the rules between them.

Owns: look-up, the features a product brings with its components, and every rule that needs more than one
product or price. Does not own the values and their own rules (`product`, whose names it passes on), amounts
(`pricing`), what a customer has (`subscription`), or how a catalog is read and stored.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Self

from solvent.core.account import Account, Segment
from solvent.core.coupon import Coupon, coupon_problems
from solvent.core.engine import Engine
from solvent.core.feature import FeatureKey, feature_digest, feature_problems
from solvent.core.meter import Aggregation, Meter, meter_problems
from solvent.core.payment import Authentication, strictest
from solvent.core.policy_book import PolicyBook
from solvent.core.product import (
    CatalogError,
    Feature,
    Features,
    Price,
    Product,
    Scheme,
    Tier,
    broken,
    price_problems,
    product_problems,
)
from solvent.core.tax import STANDARD, Rules
from solvent.core.terms import AT_ONCE, Terms

__all__ = [
    "Aggregation",
    "Catalog",
    "CatalogError",
    "Feature",
    "Features",
    "Meter",
    "Price",
    "Product",
    "Scheme",
    "Tier",
    "validate",
]

_KEY_RULE = "must be the key it is found under"


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Products, prices, meters and coupons by id, the rules of tax, and the terms and policies of segments. Build it
    with `checked`: the methods rely on the rules of `validate`."""

    products: Mapping[str, Product]
    prices: Mapping[str, Price]
    meters: Mapping[str, Meter] = field(default_factory=dict)
    taxes: Rules = field(default_factory=Rules)
    terms: Mapping[Segment, Terms] = field(default_factory=dict)
    coupons: Mapping[str, Coupon] = field(default_factory=dict)
    policies: PolicyBook = field(default_factory=PolicyBook)
    engine: Engine = field(default_factory=Engine)
    features: Mapping[str, FeatureKey] = field(default_factory=dict)
    _features: dict[str, Features] = field(default_factory=dict, init=False, repr=False, compare=False)
    _offered: dict[str, Coupon] = field(default_factory=dict, init=False, repr=False, compare=False)
    _parts: dict[str, frozenset[str]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _digest: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    @classmethod
    def checked(
        cls,
        products: Iterable[Product],
        prices: Iterable[Price],
        meters: Iterable[Meter] = (),
        taxes: Rules | None = None,
        terms: Mapping[Segment, Terms] | None = None,
        coupons: Iterable[Coupon] = (),
        features: Iterable[FeatureKey] = (),
    ) -> Self:
        """A catalog that keeps every rule; raises the first `CatalogError` otherwise."""
        products, prices, meters, coupons = tuple(products), tuple(prices), tuple(meters), tuple(coupons)
        features = tuple(features)
        named = (
            ("products", products),
            ("prices", prices),
            ("meters", meters),
            ("coupons", coupons),
            ("features", features),
        )
        for kind, things in named:
            for name, count in Counter(thing.id for thing in things).items():
                if count > 1:
                    raise CatalogError(f"{kind}.{name}", f"must occur once, got {count} times")
        catalog = cls(
            products={x.id: x for x in products},
            prices={x.id: x for x in prices},
            meters={x.id: x for x in meters},
            taxes=taxes or Rules(),
            terms=terms or {},
            coupons={x.id: x for x in coupons},
            features={x.id: x for x in features},
        )
        for problem in validate(catalog):
            raise problem
        return catalog

    def price(self, price_id: str) -> Price:
        """The price with that id; a `CatalogError` when there is none."""
        try:
            return self.prices[price_id]
        except KeyError:
            raise CatalogError("price_id", f"must name a price of the catalog, got {price_id!r}") from None

    def product_of(self, price_id: str) -> Product:
        """The product that a price sells; a `CatalogError` when there is no such price."""
        return self.products[self.price(price_id).product_id]

    def meter_of(self, price_id: str) -> Meter | None:
        """What a price is metered by; None: it is paid in advance, or once."""
        meter = self.price(price_id).meter
        return None if meter is None else self.meters[meter]

    def terms_days(self, account: Account) -> int:
        """After how many days an account's invoices are due."""
        return self.terms_of(account).days

    def terms_of(self, account: Account) -> Terms:
        """An account's own terms; where it has none, those of its segment."""
        held = self.terms.get(account.segment, AT_ONCE)
        return Terms(
            days=held.days if account.terms_days is None else account.terms_days,
            together=account.together or held.together,
        )

    @property
    def feature_digest(self) -> str:
        """The same for the same declared features, in every process."""
        if not self._digest:
            self._digest.append(feature_digest(self.features))
        return self._digest[0]

    @property
    def tax_categories(self) -> frozenset[str]:
        """Those that a product or a rate has; the standard one is always there."""
        of_rates = (rate.category for rate in self.taxes.table.rates)
        return frozenset({STANDARD, *of_rates, *(p.tax_category for p in self.products.values())})

    def coupon(self, coupon_id: str) -> Coupon:
        """The coupon with that id; a `CatalogError` when there is none."""
        try:
            return self.coupons[coupon_id]
        except KeyError:
            raise CatalogError("coupon_id", f"must name a coupon of the catalog, got {coupon_id!r}") from None

    def coupon_of(self, code: str) -> Coupon | None:
        """The version of a code that can be redeemed; None: the code is unknown, or withdrawn."""
        if not self._offered:
            self._offered.update((coupon.code, coupon) for coupon in self.coupons.values() if coupon.active)
        return self._offered.get(code)

    def features_of(self, product_id: str) -> Features:
        """What a product brings: its own features united with those of its components, as a new dict.

        A switch is on when it is on anywhere, the largest number counts, a bundle's own text wins.
        """
        if product_id not in self.products:
            raise CatalogError("product_id", f"must name a product of the catalog, got {product_id!r}")
        known = self._features.get(product_id)
        if known is None:
            known = self._features[product_id] = self._union(self.products[product_id])
        return dict(known)

    def parts_of(self, product_id: str) -> frozenset[str]:
        """A product with its components, and theirs."""
        known = self._parts.get(product_id)
        if known is None:
            within = map(self.parts_of, self.products[product_id].includes)
            known = self._parts[product_id] = frozenset({product_id}).union(*within)
        return known

    def authentication_of(self, price_ids: Iterable[str]) -> Authentication:
        """How the payer of all these is authenticated: as the strictest of what they sell, parts of bundles included,
        demands."""
        sold = {part for price_id in price_ids for part in self.parts_of(self.product_of(price_id).id)}
        return strictest(self.products[product].authentication for product in sold)

    def _union(self, product: Product) -> Features:
        union: Features = {}
        for source in (*map(self.features_of, product.includes), product.features):
            for name, value in source.items():
                present = union.get(name)
                # bool is an int, so max() is `or` for switches; the bundle itself comes last.
                if isinstance(present, int) and isinstance(value, int):
                    union[name] = max(present, value)
                else:
                    union[name] = value
        return union


def validate(catalog: Catalog) -> tuple[CatalogError, ...]:
    """Every rule that the catalog breaks, products first; empty when it is sound."""
    problems = [
        x for key, product in catalog.products.items() for x in _product_problems(key, product, catalog)
    ]
    problems += _cycle_problems(catalog)
    if not problems:  # only sound products can be united
        problems += [x for product in catalog.products.values() for x in _union_problems(product, catalog)]
    successors = Counter(price.supersedes for price in catalog.prices.values())
    for key, price in catalog.prices.items():
        problems += _price_problems(key, price, catalog)
        if price.supersedes is not None:
            problems += _succession_problems(price, catalog, successors[price.supersedes])
    problems += _meters_problems(catalog)
    problems += _coupons_problems(catalog)
    problems += feature_problems(catalog.features, catalog.products.values(), catalog.meters)
    return tuple(problems)


def _coupons_problems(catalog: Catalog) -> Iterator[CatalogError]:
    """The rules that coupons break, by themselves and with one another."""
    versions = Counter((coupon.code, coupon.version) for coupon in catalog.coupons.values())
    offered = Counter(coupon.code for coupon in catalog.coupons.values() if coupon.active)
    for key, coupon in catalog.coupons.items():
        old = catalog.coupons.get(coupon.supersedes or "")
        follows = old is not None and (old.code, old.version) == (coupon.code, coupon.version - 1)
        yield from broken(
            f"coupons.{key}",
            ("id", coupon.id == key, _KEY_RULE),
            ("version", versions[coupon.code, coupon.version] == 1, "must occur once"),
            ("active", offered[coupon.code] <= 1, "must be true of one version at most"),
            ("supersedes", coupon.version == 1 or follows, "must name the version before"),
            ("supersedes", coupon.version > 1 or coupon.supersedes is None, "must be empty in version 1"),
        )
        yield from coupon_problems(coupon)
        for position, product in enumerate(coupon.products):
            name = f"products[{position}]"
            yield from broken(
                f"coupons.{key}",
                (name, product in catalog.products, f"must name a product of the catalog, got {product!r}"),
                (name, product not in coupon.products[:position], f"must not repeat {product!r}"),
            )


def _meters_problems(catalog: Catalog) -> Iterator[CatalogError]:
    """An event counts for one item: items of one family exclude each other on an object, so a meter has one family."""
    for key, meter in catalog.meters.items():
        yield from broken(f"meters.{key}", ("id", meter.id == key, _KEY_RULE))
        yield from meter_problems(meter)
    family: dict[str, str] = {}
    for price in catalog.prices.values():
        product = catalog.products.get(price.product_id)
        if price.meter is None or product is None:
            continue
        first = family.setdefault(price.meter, product.family)
        yield from broken(
            f"prices.{price.id}",
            ("meter", price.meter in catalog.meters, f"must name a meter, got {price.meter!r}"),
            (
                "meter",
                first == product.family,
                f"must be sold by one family, got {first} and {product.family}",
            ),
        )


def _product_problems(key: str, product: Product, catalog: Catalog) -> Iterator[CatalogError]:
    yield from broken(f"products.{key}", ("id", product.id == key, _KEY_RULE))
    yield from product_problems(product)
    for position, part in enumerate(product.includes):
        name = f"includes[{position}]"
        yield from broken(
            f"products.{key}",
            (name, part in catalog.products, f"must name a product of the catalog, got {part!r}"),
            (name, part not in product.includes[:position], f"must not repeat {part!r}"),
        )


def _cycle_problems(catalog: Catalog) -> Iterator[CatalogError]:
    try:
        TopologicalSorter({key: product.includes for key, product in catalog.products.items()}).prepare()
    except CycleError as found:
        # The nodes run from component to bundle and end with the first: read them the other way.
        way = found.args[1][::-1]
        yield CatalogError(f"products.{way[0]}.includes", f"must not lead back to itself: {' → '.join(way)}")


def _union_problems(product: Product, catalog: Catalog) -> Iterator[CatalogError]:
    path = f"products.{product.id}.features"
    seen: Features = {}
    for part in product.includes:
        for name, value in catalog.features_of(part).items():
            before = seen.setdefault(name, value)
            one_kind = type(before) is type(value)
            decided = not isinstance(value, str) or value == before or name in product.features
            yield from broken(
                path,
                (name, one_kind, f"must be of one kind in all components, got {before!r} and {value!r}"),
                (name, decided, f"must be set here, because components differ: {before!r} and {value!r}"),
            )
    for name, value in product.features.items():
        one_kind = type(seen.get(name, value)) is type(value)
        yield from broken(path, (name, one_kind, "must be of the kind it has in the components"))


def _price_problems(key: str, price: Price, catalog: Catalog) -> Iterator[CatalogError]:
    known = price.product_id in catalog.products
    yield from broken(
        f"prices.{key}",
        ("id", price.id == key, _KEY_RULE),
        ("product_id", known, f"must name a product of the catalog, got {price.product_id!r}"),
    )
    yield from price_problems(price)


def _succession_problems(price: Price, catalog: Catalog, successors: int) -> Iterator[CatalogError]:
    old = catalog.prices.get(price.supersedes or "")
    sold_alike = old is None or (
        (old.product_id, old.currency, old.interval) == (price.product_id, price.currency, price.interval)
    )
    yield from broken(
        f"prices.{price.id}",
        ("supersedes", old is not None, f"must name a price of the catalog, got {price.supersedes!r}"),
        ("supersedes", sold_alike, "must name a price of the same product, currency and interval"),
        (
            "supersedes",
            successors == 1,
            f"must name a price that no other one supersedes: {price.supersedes!r}",
        ),
        (
            "version",
            old is None or price.version > old.version,
            "must be greater than the superseded price's",
        ),
    )
