"""Offers: bringing the stored catalog to what a merchant declares.

Owns versions: a price with the same terms stays, one with changed terms gets a next version that supersedes it and
takes its place on sale; coupons likewise (`coupon_offers`). All of a declaration is applied, or nothing. What it does
not name stays as it is. Does not own how a declaration is written (`catalog_file`), the legal entities (`entities`) nor
the rules of a catalog (`core.catalog`).
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from psycopg import Connection

from solvent.core.account import Segment
from solvent.core.catalog import Catalog, CatalogError, Meter, Price, Product, Scheme, Tier
from solvent.core.coupon import Coupon
from solvent.core.feature import FeatureKey
from solvent.core.ids import BUCKETS
from solvent.core.party import Entity
from solvent.core.period import Interval
from solvent.core.tax import TaxBehavior
from solvent.core.terms import TERMS_DAYS_MAX, Terms
from solvent.store import codec, coupon_offers
from solvent.store import entities as legal_entities
from solvent.store.coupon_offers import CouponDraft
from solvent.store.database import Database
from solvent.store.shelf import read_catalog

_LOCK = "select revision from catalog_revision for update"
_BUMP = "update catalog_revision set revision = revision + 1"

_PRODUCT = """
insert into product (id, name, family, object_kind, quantity_max, tax_category, takes_credit, ending,
    authentication, features, includes, names)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (id) do update set name = excluded.name, quantity_max = excluded.quantity_max,
    takes_credit = excluded.takes_credit, ending = excluded.ending,
    authentication = excluded.authentication, features = excluded.features, includes = excluded.includes,
    names = excluded.names"""

_PRICE = """
insert into price (id, key, version, product_id, currency, interval_unit, interval_count, scheme, unit_amount, tiers,
    package_size, trial_days, supersedes, active, meter, scale, threshold, tax_behavior)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_METER = """
insert into meter (id, name, unit, aggregation, names, units) values (%s, %s, %s, %s, %s, %s)
on conflict (id) do update set name = excluded.name, unit = excluded.unit, names = excluded.names,
    units = excluded.units"""
_FEATURE = """
insert into feature (id, kind, combine, unit, meter) values (%s, %s, %s, %s, %s)
on conflict (id) do update set kind = excluded.kind, combine = excluded.combine, unit = excluded.unit,
    meter = excluded.meter"""
_TERMS = """
insert into segment_terms (segment, days, together) values (%s, %s, %s)
on conflict (segment) do update set days = excluded.days, together = excluded.together"""
_ON_SALE = "update price set active = %s where id = %s"

_MARK = """
insert into recompute_queue (bucket, account_id, state, reason, since, look_at)
select distinct i.bucket, i.account_id, 'waiting', 'product', %(now)s::timestamptz, %(now)s::timestamptz
from item i join price c on c.id = i.booked_price
where i.bucket = %(bucket)s and i.ended_at is null and c.product_id = any(%(products)s)
on conflict (bucket, account_id, state) do update set look_at = greatest(recompute_queue.look_at, excluded.look_at)"""
SEEN_AFTER = timedelta(seconds=2)  # every process has seen a new catalog by then (`shelf`)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceDraft:
    """A price as declared: `key` stays, versions of it follow each other. Amounts in minor units."""

    key: str
    product_id: str
    currency: str
    interval: Interval | None
    scheme: Scheme
    unit_amount: int = 0
    tiers: tuple[Tier, ...] = ()
    package_size: int = 1
    trial_days: int = 0
    active: bool = True
    meter: str | None = None
    scale: int = 0
    threshold: int | None = None
    tax_behavior: TaxBehavior = TaxBehavior.EXCLUSIVE

    def price(self, version: int, supersedes: str | None) -> Price:
        """The draft as a version of its key."""
        return Price(
            id=f"{self.key}@{version}",
            product_id=self.product_id,
            version=version,
            currency=self.currency,
            interval=self.interval,
            scheme=self.scheme,
            unit_amount=self.unit_amount,
            tiers=self.tiers,
            package_size=self.package_size,
            trial_days=self.trial_days,
            supersedes=supersedes,
            active=self.active,
            meter=self.meter,
            scale=self.scale,
            threshold=self.threshold,
            tax_behavior=self.tax_behavior,
        )


def apply(  # noqa: PLR0913 -- one argument for each kind of thing that a catalog has
    database: Database,
    *,
    entities: Sequence[Entity] = (),
    products: Sequence[Product] = (),
    prices: Sequence[PriceDraft] = (),
    meters: Sequence[Meter] = (),
    terms: Mapping[Segment, Terms] | None = None,
    coupons: Sequence[CouponDraft] = (),
    features: Sequence[FeatureKey] = (),
    now: datetime,
) -> list[str]:
    """Bring the catalog to what is declared, in one transaction; returns what changed, one line each.

    Raises `CatalogError` for the first rule that the result would break; nothing is written then.
    """
    began = time.monotonic()
    with database.transaction() as connection:
        connection.execute(_LOCK)
        before = read_catalog(connection)
        changed = legal_entities.apply(connection, entities, now)
        offered = coupon_offers.declared(before, coupons)
        after, versions = _declared(before, products, prices, meters, offered, features)
        changed += _write_meters(connection, before, after)
        changed += _write_features(connection, before, after)
        changed += _write_products(connection, before, after)
        changed += _write_prices(connection, before, versions)
        changed += _write_terms(connection, before, terms or {})
        changed += coupon_offers.write(connection, before, offered)
        if changed:
            connection.execute(_BUMP)
            _mark_holders(connection, before, after, now)
    # Whoever took a mark at once may have looked with the catalog of before: another look, when all have seen this one.
    with database.transaction() as connection:
        spent = timedelta(seconds=time.monotonic() - began)
        _mark_holders(connection, before, after, now + spent + SEEN_AFTER)
    return changed


def _declared(
    before: Catalog,
    products: Iterable[Product],
    drafts: Iterable[PriceDraft],
    meters: Iterable[Meter],
    coupons: Mapping[str, Coupon],
    features: Iterable[FeatureKey],
) -> tuple[Catalog, dict[str, Price]]:
    """The catalog as it will be, and the prices in it that are new or go on or off sale."""
    all_products = dict(before.products)
    for product in products:
        _check_product(product, before)
        all_products[product.id] = product
    current = {price.id.rpartition("@")[0]: price for price in before.prices.values()}
    changes: dict[str, Price] = {}
    seen: set[str] = set()
    for draft in drafts:
        if draft.key in seen:
            raise CatalogError(f"prices.{draft.key}", "must occur once")
        seen.add(draft.key)
        for price in _versions(draft, current.get(draft.key)):
            changes[price.id] = price
    all_meters = dict(before.meters)
    for meter in meters:
        known = before.meters.get(meter.id)
        if known is not None and known.aggregation is not meter.aggregation:
            raise CatalogError(
                f"meters.{meter.id}.aggregation", f"must stay {known.aggregation}: usage was billed by it"
            )
        all_meters[meter.id] = meter
    after = Catalog.checked(
        all_products.values(),
        {**before.prices, **changes}.values(),
        all_meters.values(),
        before.taxes,
        before.terms,
        {**before.coupons, **coupons}.values(),
        {**before.features, **_once(features)}.values(),
    )
    return after, changes


def _once(features: Iterable[FeatureKey]) -> dict[str, FeatureKey]:
    declared: dict[str, FeatureKey] = {}
    for key in features:
        if key.id in declared:
            raise CatalogError(f"features.{key.id}", "must occur once")
        declared[key.id] = key
    return declared


def _check_product(product: Product, before: Catalog) -> None:
    """What items are held and taxed under stays: the family in which they exclude each other, the kind of their object,
    and the category of their tax, in which their unused time is credited."""
    known = before.products.get(product.id)
    for field in ("family", "object_kind", "tax_category"):
        if known is not None and getattr(known, field) != getattr(product, field):
            raise CatalogError(
                f"products.{product.id}.{field}",
                f"must stay {getattr(known, field)!r}: customers hold items under it",
            )


def _versions(draft: PriceDraft, latest: Price | None) -> list[Price]:
    """What a draft changes: nothing, the sale of the latest version, or a next version in its place."""
    if latest is None:
        return [draft.price(1, None)]
    if draft.price(latest.version, latest.supersedes) == replace(latest, active=draft.active):
        return [] if latest.active == draft.active else [replace(latest, active=draft.active)]
    if (draft.product_id, draft.currency, draft.interval) != (
        latest.product_id,
        latest.currency,
        latest.interval,
    ):
        raise CatalogError(
            f"prices.{draft.key}",
            "must keep its product, currency and interval: choose another key for another offer",
        )
    following = draft.price(latest.version + 1, latest.id)
    return [following, replace(latest, active=False)] if latest.active else [following]


def _write_meters(connection: Connection, before: Catalog, after: Catalog) -> list[str]:
    changed = []
    for meter in after.meters.values():
        if before.meters.get(meter.id) != meter:
            texts = codec.encode(meter.names).decode(), codec.encode(meter.units).decode()
            connection.execute(_METER, (meter.id, meter.name, meter.unit, meter.aggregation, *texts))
            changed.append(f"meter {meter.id}: {'changed' if meter.id in before.meters else 'added'}")
    return changed


def _write_features(connection: Connection, before: Catalog, after: Catalog) -> list[str]:
    changed = []
    for key in after.features.values():
        if before.features.get(key.id) != key:
            connection.execute(_FEATURE, (key.id, key.kind, key.combine, key.unit, key.meter))
            changed.append(f"feature {key.id}: {'changed' if key.id in before.features else 'added'}")
    return changed


def _write_terms(connection: Connection, before: Catalog, terms: Mapping[Segment, Terms]) -> list[str]:
    """They hold for what is planned from now on; issued invoices stay due when they are."""
    changed = []
    for segment, declared in terms.items():
        if not 0 <= declared.days <= TERMS_DAYS_MAX:
            raise CatalogError(f"terms.{segment}.days", f"must be from 0 to {TERMS_DAYS_MAX}")
        if before.terms.get(segment) != declared:
            connection.execute(_TERMS, (segment, declared.days, declared.together))
            changed.append(f"terms of {segment}: {declared.days} days, together: {declared.together}")
    return changed


def _write_products(connection: Connection, before: Catalog, after: Catalog) -> list[str]:
    changed = []
    for product in after.products.values():
        known = before.products.get(product.id)
        if known == product:
            continue
        row = (
            product.id,
            product.name,
            product.family,
            product.object_kind,
            product.quantity_max,
            product.tax_category,
            product.takes_credit,
            product.ending,
            product.authentication,
        )
        features, names = (codec.encode(x).decode() for x in (product.features, product.names))
        connection.execute(_PRODUCT, (*row, features, list(product.includes), names))
        changed.append(f"product {product.id}: {'added' if known is None else 'changed'}")
    return changed


def _write_prices(connection: Connection, before: Catalog, changes: dict[str, Price]) -> list[str]:
    """Off sale first: of one key only one version is on sale at any moment."""
    changed = []
    for price in sorted(changes.values(), key=lambda p: (p.active, p.id)):
        if price.id in before.prices:
            connection.execute(_ON_SALE, (price.active, price.id))
            changed.append(f"price {price.id}: {'on' if price.active else 'off'} sale")
        else:
            _insert_price(connection, price)
            changed.append(
                f"price {price.id}: added" + (f", supersedes {price.supersedes}" if price.supersedes else "")
            )
    return changed


def _insert_price(connection: Connection, price: Price) -> None:
    row = (
        price.id,
        price.id.rpartition("@")[0],
        price.version,
        price.product_id,
        price.currency,
        None if price.interval is None else price.interval.unit,
        None if price.interval is None else price.interval.count,
        price.scheme,
        price.unit_amount,
        codec.encode(price.tiers).decode(),
        price.package_size,
        price.trial_days,
        price.supersedes,
        price.active,
        price.meter,
        price.scale,
        price.threshold,
        price.tax_behavior,
    )
    connection.execute(_PRICE, row)


def _mark_holders(connection: Connection, before: Catalog, after: Catalog, now: datetime) -> None:
    """Have everybody recomputed who holds a product that now brings other features, bucket by bucket."""
    affected = [i for i in before.products if before.features_of(i) != after.features_of(i)]
    if affected:
        for bucket in range(BUCKETS):
            connection.execute(_MARK, {"bucket": bucket, "products": affected, "now": now})
