"""Offers and the catalog file: versions supersede, nothing is applied by halves, errors name the field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from solvent.core.account import Segment
from solvent.core.catalog import CatalogError, Product, Scheme, Tier
from solvent.core.language import Language
from solvent.core.meter import Meter
from solvent.core.party import Entity
from solvent.core.payment import Authentication
from solvent.core.period import Interval, Unit
from solvent.core.terms import Terms, Together
from solvent.store import catalog_file, offers
from solvent.store.coupon_offers import CouponDraft
from solvent.store.database import Database
from solvent.store.offers import PriceDraft
from solvent.store.shelf import read_catalog
from tests.store.worlds import NOW, World

EXAMPLES = Path(__file__).parents[2] / "examples"

EXAMPLE = Path(__file__).parents[2] / "examples" / "catalog.yaml"
MONTH = Interval(unit=Unit.MONTH)
ENTITY = Entity(id="eu", name="Europe", country="NL", series_prefix="EU")
PRODUCT = Product(id="pro", name="Pro", family="plan", features={"rules": 20})
PRICE = PriceDraft(
    key="pro-usd-month",
    product_id="pro",
    currency="USD",
    interval=MONTH,
    scheme=Scheme.FLAT,
    unit_amount=2000,
)


@pytest.fixture
def apply(database: Database) -> Callable[..., list[str]]:
    """Apply a declaration whose parts have a default."""

    def run(entity: Entity = ENTITY, product: Product = PRODUCT, *prices: PriceDraft) -> list[str]:
        declared = prices or (PRICE,)
        return offers.apply(database, entities=[entity], products=[product], prices=declared, now=NOW)

    return run


def test_applying_the_same_twice_changes_nothing(database: Database, apply: Callable[..., list[str]]) -> None:
    assert apply() == ["entity eu: added", "product pro: added", "price pro-usd-month@1: added"]
    catalog = database.catalog()
    assert apply() == []
    assert database.catalog() is catalog


def test_changed_terms_are_a_next_version_that_takes_the_place_of_the_old(
    database: Database, apply: Callable[..., list[str]]
) -> None:
    apply()
    changed = apply(ENTITY, PRODUCT, replace(PRICE, unit_amount=2500))
    assert changed == [
        "price pro-usd-month@1: off sale",
        "price pro-usd-month@2: added, supersedes pro-usd-month@1",
    ]
    prices = database.catalog(needs=["pro-usd-month@2"]).prices
    assert [(p.id, p.unit_amount, p.active, p.supersedes) for p in prices.values()] == [
        ("pro-usd-month@1", 2000, False, None),
        ("pro-usd-month@2", 2500, True, "pro-usd-month@1"),
    ]


def test_a_price_is_taken_off_sale_and_put_on_again(apply: Callable[..., list[str]]) -> None:
    apply()
    assert apply(ENTITY, PRODUCT, replace(PRICE, active=False)) == ["price pro-usd-month@1: off sale"]
    assert apply(ENTITY, PRODUCT, replace(PRICE, active=False)) == []
    assert apply() == ["price pro-usd-month@1: on sale"]


def test_every_term_is_kept(database: Database, apply: Callable[..., list[str]]) -> None:
    tiered = replace(
        PRICE,
        key="pro-tiered",
        scheme=Scheme.GRADUATED,
        unit_amount=0,
        tiers=(Tier(up_to=3, unit_amount=0), Tier(up_to=None, unit_amount=700, flat_amount=5)),
        interval=Interval(unit=Unit.MONTH, count=3),
        trial_days=14,
    )
    packages = replace(PRICE, key="pro-once", interval=None, scheme=Scheme.PACKAGE, package_size=100)
    apply(ENTITY, PRODUCT, tiered, packages)
    catalog = database.catalog()
    assert catalog.price("pro-tiered@1") == tiered.price(1, None)
    assert catalog.price("pro-once@1") == packages.price(1, None)
    assert catalog.products["pro"] == PRODUCT


@pytest.mark.parametrize(
    ("declared", "field"),
    [
        ((replace(ENTITY, series_prefix="OTHER"), PRODUCT, PRICE), "entities.eu.series_prefix"),
        ((replace(ENTITY, id="us"), PRODUCT, PRICE), "entities.us.series_prefix"),
        ((replace(ENTITY, country="Holland"), PRODUCT, PRICE), "entities.eu.country"),
        ((ENTITY, replace(PRODUCT, family="other"), PRICE), "products.pro.family"),
        ((ENTITY, replace(PRODUCT, object_kind="zone"), PRICE), "products.pro.object_kind"),
        ((ENTITY, PRODUCT, replace(PRICE, currency="EUR")), "prices.pro-usd-month"),
        ((ENTITY, PRODUCT, PRICE, PRICE), "prices.pro-usd-month"),
        ((ENTITY, PRODUCT, replace(PRICE, unit_amount=-1)), "prices.pro-usd-month@2.unit_amount"),
        ((ENTITY, PRODUCT, replace(PRICE, key="x", product_id="none")), "prices.x@1.product_id"),
    ],
)
def test_a_broken_rule_is_named_and_nothing_is_applied(
    database: Database, apply: Callable[..., list[str]], declared: tuple[object, ...], field: str
) -> None:
    apply()
    entity, product, *prices = declared
    with pytest.raises(CatalogError) as broken:
        apply(replace(entity, name="Renamed"), product, *prices)  # type: ignore[type-var]
    assert broken.value.field == field
    with database.pool.connection() as connection:
        assert connection.execute("select name, revision from legal_entity, catalog_revision").fetchall() == [
            ("Europe", 2)
        ]


def test_who_holds_a_product_is_recomputed_when_its_features_change(world: World) -> None:
    holder, _, _ = world.subscribed()
    world.account()
    pro = world.database.catalog().products["pro"]
    offers.apply(world.database, products=[replace(pro, name="Professional")], now=NOW)
    assert world.rows("select count(*) from recompute_queue") == [(0,)]
    offers.apply(world.database, products=[replace(pro, features={"rules": 30, "waf": True})], now=NOW)
    assert world.rows("select account_id, state from recompute_queue") == [(holder.id, "waiting")]


def test_a_needed_price_is_seen_at_once_and_others_within_a_second(
    database: Database, apply: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solvent.store.shelf.CHECK_INTERVAL_S", 3600)
    apply()
    assert "later@1" not in database.catalog().prices
    apply(ENTITY, PRODUCT, PRICE, replace(PRICE, key="later"))
    assert "later@1" not in database.catalog().prices
    assert "later@1" in database.catalog(needs=["later@1"]).prices
    apply(ENTITY, PRODUCT, PRICE, replace(PRICE, key="latest"))
    monkeypatch.setattr("solvent.store.shelf.CHECK_INTERVAL_S", 0)
    assert "latest@1" in database.catalog().prices
    assert "never@1" not in database.catalog(needs=["never@1"]).prices


def test_the_example_catalog_is_sound_and_complete(database: Database) -> None:
    declared = catalog_file.parse(EXAMPLE.read_bytes())
    parts = {
        "entities": declared.entities,
        "products": declared.products,
        "prices": declared.prices,
        "meters": declared.meters,
        "coupons": declared.coupons,
    }
    assert len(offers.apply(database, **parts, now=NOW)) == sum(map(len, parts.values()))  # type: ignore[arg-type]
    assert offers.apply(database, **parts, now=NOW) == []  # type: ignore[arg-type]
    catalog = database.catalog()
    assert {p.currency for p in catalog.prices.values()} == {"USD", "EUR", "JPY", "KWD"}
    for product in catalog.products:
        sold_in = {p.currency for p in catalog.prices.values() if p.product_id == product}
        assert sold_in == {"USD", "EUR", "JPY", "KWD"}, product
    assert catalog.price("zone-pro-kwd-month@1").unit_amount == 6200
    assert catalog.price("zone-pro-trial-usd-month@1").trial_days == 14
    assert catalog.authentication_of(["domain-com-usd-year@1"]) is Authentication.REQUIRED
    assert catalog.features_of("suite")["stream_minutes_per_month"] == 1000


PRICE_LINE = "{key: a, product: b, currency: USD, interval: month"


@pytest.mark.parametrize("demand", Authentication)
def test_what_a_product_demands_of_its_payer_is_kept_and_can_be_changed(
    database: Database,
    apply: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
    demand: Authentication,
) -> None:
    monkeypatch.setattr("solvent.store.shelf.CHECK_INTERVAL_S", 0)
    told = (
        f"products: [{{id: pro, name: Pro, family: plan, features: {{rules: 20}}, authentication: {demand}}}]"
    )
    (declared,) = catalog_file.parse(told).products
    apply(ENTITY, declared)
    assert database.catalog().products["pro"] == replace(PRODUCT, authentication=demand)
    changed = ["product pro: changed"] if demand is not Authentication.AUTOMATIC else []
    assert apply(ENTITY, PRODUCT) == changed
    assert database.catalog().products["pro"] == PRODUCT


def test_the_example_catalog_has_german_names() -> None:
    """But for names that are the same in it."""
    file = catalog_file.parse((EXAMPLES / "catalog.yaml").read_bytes())
    named: list[Product | Meter | CouponDraft] = [*file.products, *file.meters, *file.coupons]
    assert {one.name for one in named if Language.DE not in one.names} == {"Pro", "Business", "Partner"}
    assert all(Language.DE in meter.units for meter in file.meters)


def test_names_in_other_languages_are_kept_and_checked(database: Database) -> None:
    text = """
        products: [{id: seats, name: Seats, family: seats, names: {de: Plätze}}]
        meters: [{id: calls, name: Calls, unit: calls, aggregation: sum, names: {de: Aufrufe}, units: {de: Aufrufe}}]
        coupons: [{code: SPRING, name: Spring sale, percent: "10", names: {de: %s}}]"""
    declared = catalog_file.parse(text % "Frühlingsangebot")
    for changes in (3, 0):
        applied = offers.apply(
            database,
            products=declared.products,
            meters=declared.meters,
            coupons=declared.coupons,
            now=NOW,
        )
        assert len(applied) == changes
    catalog = database.catalog()
    assert catalog.products["seats"].names == {Language.DE: "Plätze"}
    assert catalog.meters["calls"].names == catalog.meters["calls"].units == {Language.DE: "Aufrufe"}
    assert catalog.coupons["SPRING@1"].names == {Language.DE: "Frühlingsangebot"}
    blank = catalog_file.parse(text % "' '")
    with pytest.raises(CatalogError, match=r"coupons\.SPRING@2\.names\.de: must be 1 to 200 characters"):
        offers.apply(database, coupons=blank.coupons, now=NOW)
    with pytest.raises(CatalogError, match="names"):
        catalog_file.parse("products: [{id: a, name: A, family: a, names: {xx: A}}]")


@pytest.mark.parametrize(
    ("text", "field", "rule"),
    [
        (f"prices: [{PRICE_LINE}, amount: 20.00}}]", "prices[0].amount", "Expected `str`"),
        (f"prices: [{PRICE_LINE}, amount: '20.001'}}]", "prices[0].amount", "USD has 2 decimals"),
        (f"prices: [{PRICE_LINE}, tiers: [{{}}, {{flat: x}}]}}]", "prices[0].tiers[1].flat", "plain decimal"),
        (f"prices: [{PRICE_LINE}, trial_days: -1}}]", "prices[0].trial_days", ">= 0"),
        (f"prices: [{PRICE_LINE}}}, {PRICE_LINE}, tax: 3}}]", "prices[1]", "unknown field `tax`"),
        (
            "prices: [{key: a, product: b, currency: USD, interval: {unit: moon}}]",
            "prices[0].interval.unit",
            "moon",
        ),
        ("prices: [{key: a, product: b, currency: XXX, interval: month}]", "prices[0].amount", "ISO 4217"),
        ("products: [{id: a, name: A}]", "products[0]", "missing required field `family`"),
        (
            "products: [{id: a, name: A, family: a, authentication: never}]",
            "products[0].authentication",
            "Invalid enum value 'never'",
        ),
        ("surprise: 1", "file", "unknown field `surprise`"),
        ("[", "file", "must be YAML"),
        ("- 1", "file", "Expected `object`"),
    ],
)
def test_an_error_in_the_file_names_the_field(text: str, field: str, rule: str) -> None:
    with pytest.raises(CatalogError) as broken:
        catalog_file.parse(text)
    assert broken.value.field == field
    assert rule in broken.value.rule


def test_intervals_are_words_or_counted() -> None:
    text = "prices: [{0}, interval: year}}, {0}, interval: {{unit: week, count: 2}}}}, {0}, interval: null}}]"
    declared = catalog_file.parse(text.format("{key: a, product: b, currency: JPY, amount: '5'"))
    assert [p.interval for p in declared.prices] == [
        Interval(unit=Unit.YEAR),
        Interval(unit=Unit.WEEK, count=2),
        None,
    ]
    assert [p.unit_amount for p in declared.prices] == [5, 5, 5]


def test_terms_of_segments_are_applied_once_and_hold_until_they_are_changed(database: Database) -> None:
    contract, partner = (
        {Segment.CONTRACT: Terms(days=30)},
        {Segment.PARTNER: Terms(days=60, together=Together.NEVER)},
    )
    assert offers.apply(database, terms=contract, now=NOW) == [
        "terms of contract: 30 days, together: instant"
    ]
    assert offers.apply(database, terms=contract, now=NOW) == []
    assert offers.apply(database, terms=partner, now=NOW) == ["terms of partner: 60 days, together: never"]
    with database.pool.connection() as connection:
        assert read_catalog(connection).terms == contract | partner


@pytest.mark.parametrize("days", [-1, 121])
def test_terms_that_cannot_be_are_refused(database: Database, days: int) -> None:
    with pytest.raises(CatalogError, match=r"terms\.contract\.days: must be from 0 to 120"):
        offers.apply(database, terms={Segment.CONTRACT: Terms(days=days)}, now=NOW)
    with pytest.raises(CatalogError, match="terms"):
        catalog_file.parse("terms: {vip: {days: 30}}")
    with pytest.raises(CatalogError, match="together"):
        catalog_file.parse("terms: {contract: {together: sometimes}}")
