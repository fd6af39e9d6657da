"""Shelf: the catalog as this process last read it, with the tax rates of their source.

Owns the cache and its freshness: a change of the catalog's revision is seen within a second, and at once when
somebody asks for a price or a coupon that is not there. Does not own writing the catalog (`offers`) nor its rules
(`core.catalog`).
"""

import threading
import time
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from psycopg import Connection
from psycopg_pool import ConnectionPool, PoolTimeout

from solvent.core.account import Segment
from solvent.core.catalog import Aggregation, Catalog, Meter, Price, Product, Scheme
from solvent.core.coupon import Coupon, Duration
from solvent.core.feature import Combine, FeatureKey, FeatureKind
from solvent.core.free import with_free
from solvent.core.payment import Authentication
from solvent.core.period import Interval, Unit
from solvent.core.tax import Rules, TaxBehavior, TaxRate, TaxTable
from solvent.core.terms import Terms, Together
from solvent.ports.tax import TaxRates, TaxRatesSilent
from solvent.store import codec, engine, policies, taxes

CHECK_INTERVAL_S = 1.0
CONNECTION_WAIT_S = 5.0
REFRESH_WAIT_S = 0.05

_REVISION = "select revision from catalog_revision"
_PRODUCTS = (
    "select id, name, family, features::text, includes, object_kind, quantity_max, tax_category, takes_credit,"
    " ending, authentication, names::text"
    " from product order by id"
)
_PRICES = """
select id, product_id, version, currency, interval_unit, interval_count, scheme, unit_amount, tiers::text,
       package_size, trial_days, supersedes, active, meter, scale, threshold, tax_behavior
from price order by key, version"""
_METERS = "select id, name, unit, aggregation, names::text, units::text from meter order by id"
_FEATURES = "select id, kind, combine, unit, meter from feature order by id"
_TERMS = "select segment, days, together from segment_terms"
_COUPONS = """
select id, code, version, name, duration, ppm, amount, currency, periods, products, redemptions_max, per_account_max,
       valid_from, valid_until, exclusive, priority, supersedes, active, names::text
from coupon order by code, version"""
_PREFIXES = "select id, series_prefix from legal_entity"


class UnknownEntity(LookupError):
    """No legal entity has that id."""


class Shelf:
    """One process's copy of the catalog and of the legal entities' number prefixes; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection], tax_rates: TaxRates) -> None:
        self._pool = pool
        self._tax_rates = tax_rates
        self._lock = threading.Lock()
        self._catalog: Catalog | None = None
        self._prefixes: dict[str, str] = {}
        self._table = TaxTable()
        self._rates: tuple[TaxRate, ...] = ()
        self._rated = False
        self._revision = 0
        self._checked_s = 0.0

    def catalog(self, needs: Collection[str] = ()) -> Catalog:
        """The catalog, at most about a second old; looked up anew when it lacks a price or a coupon of `needs`: its id,
        or its code."""
        known = self._catalog
        if known is not None and all(_has(known, need) for need in needs):
            if time.monotonic() - self._checked_s < CHECK_INTERVAL_S:
                return known
            if not self._lock.acquire(blocking=False):
                return known  # another thread is looking
            try:
                return self._fresh(known)
            finally:
                self._lock.release()
        with self._lock:
            return self._fresh(self._catalog)

    def prefix(self, entity: str) -> str:
        """The prefix of a legal entity's invoice series; raises `UnknownEntity`."""
        if entity not in self._prefixes:
            with self._lock:
                self._revision = 0
                self._fresh(self._catalog)
        try:
            return self._prefixes[entity]
        except KeyError:
            raise UnknownEntity(entity) from None

    def _fresh(self, known: Catalog | None) -> Catalog:
        """Read what changed. A pool without a free connection is no reason to fail while a copy is at hand, nor to wait
        for one: who asks may hold locks for which those wait that have the connections."""
        wait_s = CONNECTION_WAIT_S if known is None or self._revision == 0 else REFRESH_WAIT_S
        try:
            with self._pool.connection(timeout=wait_s) as connection:
                revision = _scalar(connection, _REVISION)
                if known is None or revision != self._revision:
                    known = read_catalog(connection)
                    self._prefixes = dict(connection.execute(_PREFIXES).fetchall())
                    self._catalog, self._revision = known, revision
        except PoolTimeout:
            if known is None or not self._rated:
                raise
        else:
            known = self._with_rates(known)
        self._catalog = known
        self._checked_s = time.monotonic()
        return known

    def _with_rates(self, known: Catalog) -> Catalog:
        """The catalog with the rates of now. One that was never given any cannot say what anything costs."""
        try:
            rates = tuple(self._tax_rates.rates())
        except TaxRatesSilent:
            if not self._rated:
                raise
            rates = self._rates
        if rates != self._rates:
            self._table = TaxTable(rates)
        self._rates, self._rated = rates, True
        if known.taxes.table is self._table:
            return known
        return replace(known, taxes=replace(known.taxes, table=self._table))


def read_catalog(connection: Connection) -> Catalog:
    """All products, prices, meters, terms and coupons, checked, and the sellers; tax rates have their own source."""
    products = [_product(row) for row in connection.execute(_PRODUCTS)]
    prices = [
        Price(
            id=row[0],
            product_id=row[1],
            version=row[2],
            currency=row[3],
            interval=None if row[4] is None else Interval(unit=Unit(row[4]), count=row[5]),
            scheme=Scheme(row[6]),
            unit_amount=row[7],
            tiers=codec.decode_tiers(row[8]),
            package_size=row[9],
            trial_days=row[10],
            supersedes=row[11],
            active=row[12],
            meter=row[13],
            scale=row[14],
            threshold=row[15],
            tax_behavior=TaxBehavior(row[16]),
        )
        for row in connection.execute(_PRICES)
    ]
    meters = [
        Meter(
            id=row[0],
            name=row[1],
            unit=row[2],
            aggregation=Aggregation(row[3]),
            names=codec.decode_names(row[4]),
            units=codec.decode_names(row[5]),
        )
        for row in connection.execute(_METERS)
    ]
    terms = {
        Segment(segment): Terms(days=days, together=Together(together))
        for segment, days, together in connection.execute(_TERMS)
    }
    coupons = [_coupon(row) for row in connection.execute(_COUPONS)]
    features = [
        FeatureKey(id=row[0], kind=FeatureKind(row[1]), combine=Combine(row[2]), unit=row[3], meter=row[4])
        for row in connection.execute(_FEATURES)
    ]
    rules = Rules(sellers=taxes.read_sellers(connection))
    catalog = Catalog.checked(products, prices, meters, rules, terms, coupons, features)
    book = with_free(policies.read(connection), catalog)
    return replace(catalog, policies=book, engine=engine.read(connection))


def _has(catalog: Catalog, need: str) -> bool:
    return need in catalog.prices or catalog.coupon_of(need) is not None


def _product(row: tuple[Any, ...]) -> Product:
    return Product(
        id=row[0],
        name=row[1],
        family=row[2],
        features=codec.decode_features(row[3]),
        includes=tuple(row[4]),
        object_kind=row[5],
        quantity_max=row[6],
        tax_category=row[7],
        takes_credit=row[8],
        ending=row[9],
        authentication=Authentication(row[10]),
        names=codec.decode_names(row[11]),
    )


def _coupon(row: tuple[Any, ...]) -> Coupon:
    return Coupon(
        id=row[0],
        code=row[1],
        version=row[2],
        name=row[3],
        duration=Duration(row[4]),
        ppm=row[5],
        amount=row[6],
        currency=row[7],
        periods=row[8],
        products=tuple(row[9]),
        limit=row[10],
        limit_per_account=row[11],
        valid_from=row[12],
        valid_until=row[13],
        exclusive=row[14],
        priority=row[15],
        supersedes=row[16],
        active=row[17],
        names=codec.decode_names(row[18]),
    )


def _scalar(connection: Connection, query: str) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
