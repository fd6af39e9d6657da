"""Catalog: every rule names the field it is broken at; bundles unite what their components bring."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.catalog import (
    Catalog,
    CatalogError,
    Feature,
    Price,
    Product,
    Scheme,
    Tier,
    validate,
)
from solvent.core.period import Interval, Unit
from tests.drawing import examples

MONTH = Interval(unit=Unit.MONTH)
ZONE = Product(
    id="zone-pro",
    name="Pro",
    family="zone-plan",
    features={"waf": True, "rules": 20, "support": "mail"},
    object_kind="zone",
)
MEDIA = Product(
    id="media",
    name="Media",
    family="media",
    features={"waf": False, "minutes": 1000, "rules": 5},
    quantity_max=9,
)
BUNDLE = Product(
    id="bundle", name="Both", family="bundle", features={"minutes": 2000}, includes=("zone-pro", "media")
)
PRICE = Price(
    id="pro-usd",
    product_id="zone-pro",
    version=1,
    currency="USD",
    interval=MONTH,
    scheme=Scheme.PER_UNIT,
    unit_amount=20_00,
)
TIERED = replace(PRICE, scheme=Scheme.GRADUATED, unit_amount=0)


def tiers(*tops: int | None) -> tuple[Tier, ...]:
    return tuple(Tier(up_to=top, unit_amount=100) for top in tops)


def product(features: dict[str, Feature], includes: tuple[str, ...] = (), *, name: str = "p") -> Product:
    return Product(id=name, name=name, family=name, features=features, includes=includes)


def broken(products: list[Product], prices: list[Price]) -> list[str]:
    """The problems as text; `checked` must raise the first of them."""
    catalog = Catalog(products={x.id: x for x in products}, prices={x.id: x for x in prices})
    problems = validate(catalog)
    if problems:
        with pytest.raises(CatalogError) as caught:
            Catalog.checked(products, prices)
        assert str(caught.value) == str(problems[0])
    return [str(problem) for problem in problems]


def test_a_sound_catalog_finds_its_things() -> None:
    catalog = Catalog.checked([ZONE, MEDIA, BUNDLE], [PRICE])
    assert catalog.price("pro-usd") is PRICE
    assert catalog.product_of("pro-usd") is ZONE
    assert validate(catalog) == ()


def test_unknown_ids_are_named() -> None:
    catalog = Catalog.checked([ZONE], [PRICE])
    for look_up in (catalog.price, catalog.product_of):
        with pytest.raises(CatalogError, match="price_id: must name a price of the catalog, got 'nope'"):
            look_up("nope")
    with pytest.raises(CatalogError, match="product_id: must name a product of the catalog, got 'nope'"):
        catalog.features_of("nope")


def test_a_bundle_brings_the_union() -> None:
    catalog = Catalog.checked([ZONE, MEDIA, BUNDLE], [])
    united = catalog.features_of("bundle")
    assert united == {"waf": True, "rules": 20, "support": "mail", "minutes": 2000}
    united["waf"] = False  # a caller's copy is the caller's
    assert catalog.features_of("bundle")["waf"] is True
    assert catalog.features_of("media") == MEDIA.features


def test_a_bundle_of_bundles_and_its_own_text() -> None:
    inner = product({"support": "chat", "sla": False}, ("zone-pro",), name="inner")
    outer = product({"support": "phone", "rules": 7}, ("inner", "media"), name="outer")
    catalog = Catalog.checked([outer, inner, ZONE, MEDIA], [])
    assert catalog.features_of("inner")["support"] == "chat"
    assert catalog.features_of("outer") == {
        "support": "phone",
        "sla": False,
        "waf": True,
        "rules": 20,
        "minutes": 1000,
    }


features = st.dictionaries(st.sampled_from(["a", "b"]), st.booleans()) | st.dictionaries(
    st.sampled_from(["x", "y"]), st.integers(0, 9)
)


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(features, min_size=1, max_size=4), features)
def test_a_union_never_brings_less(parts: list[dict[str, Feature]], own: dict[str, Feature]) -> None:
    names = tuple(f"part{position}" for position in range(len(parts)))
    components = [product(part, name=name) for name, part in zip(names, parts, strict=True)]
    united = Catalog.checked([product(own, names), *components], []).features_of("p")
    sources = [*parts, own]
    assert set(united) == {name for source in sources for name in source}
    for name, value in united.items():
        assert value == max(int(source[name]) for source in sources if name in source)
        assert all(type(value) is type(source[name]) for source in sources if name in source)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": "  "}, "products.zone-pro.name: must not be empty"),
        ({"family": ""}, "products.zone-pro.family: must be 1 to 64 letters"),
        ({"object_kind": "a zone"}, "products.zone-pro.object_kind: must be 1 to 64 letters"),
        ({"quantity_max": 0}, "products.zone-pro.quantity_max: must be 1 or more, got 0"),
        ({"features": {"rules": -1}}, "products.zone-pro.features.rules: must be 0 or more, got -1"),
        ({"features": {"": True}}, "products.zone-pro.features.: must be 1 to 64 letters"),
        (
            {"includes": ("nope",)},
            "products.zone-pro.includes[0]: must name a product of the catalog, got 'nope'",
        ),
        ({"includes": ("media", "media")}, "products.zone-pro.includes[1]: must not repeat 'media'"),
    ],
)
def test_rules_of_products(change: dict[str, Any], problem: str) -> None:
    (found,) = broken([replace(ZONE, **change), MEDIA], [])
    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("price", "problems"),
    [
        (replace(PRICE, product_id="nope"), ["product_id: must name a product of the catalog, got 'nope'"]),
        (replace(PRICE, version=0), ["version: must be 1 or more, got 0"]),
        (replace(PRICE, currency="usd"), ["currency: must be an active ISO 4217 code, got 'usd'"]),
        (replace(PRICE, unit_amount=-1), ["unit_amount: must be 0 or more, got -1"]),
        (replace(PRICE, tiers=tiers(None)), ["tiers: must be empty with per_unit"]),
        (replace(PRICE, package_size=10), ["package_size: must be 1 with per_unit, got 10"]),
        (
            replace(PRICE, scheme=Scheme.PACKAGE, package_size=0),
            ["package_size: must be 1 or more, got 0"],
        ),
        (replace(PRICE, trial_days=-1), ["trial_days: must be 0 or more, got -1"]),
        (replace(PRICE, interval=None, trial_days=7), ["trial_days: must be 0 for a one-off price"]),
        (
            replace(TIERED, unit_amount=5, tiers=tiers(None)),
            ["unit_amount: must be 0 with graduated: tiers say it"],
        ),
        (TIERED, ["tiers: must have at least one tier with graduated"]),
        (
            replace(TIERED, tiers=tiers(5, 5, None)),
            ["tiers[1].up_to: must be greater than the tier before"],
        ),
        (replace(TIERED, tiers=tiers(0, None)), ["tiers[0].up_to: must be 1 or more"]),
        (
            replace(TIERED, tiers=tiers(None, 5)),
            [
                "tiers[0].up_to: must be given on every tier but the last",
                "tiers[1].up_to: must be empty on the last tier: it has no upper bound",
            ],
        ),
        (
            replace(TIERED, tiers=(Tier(up_to=None, unit_amount=-1, flat_amount=-2),)),
            [
                "tiers[0].unit_amount: must be 0 or more, got -1",
                "tiers[0].flat_amount: must be 0 or more, got -2",
            ],
        ),
        (replace(PRICE, supersedes="nope"), ["supersedes: must name a price of the catalog, got 'nope'"]),
    ],
)
def test_rules_of_prices(price: Price, problems: list[str]) -> None:
    assert broken([ZONE], [price]) == [f"prices.pro-usd.{problem}" for problem in problems]


@pytest.mark.parametrize("bad", ["", "-x", "a b", "é", "x" * 65])
def test_ids_are_plain_names(bad: str) -> None:
    assert "must be 1 to 64 letters" in broken([replace(ZONE, id=bad)], [])[0]
    assert "must be 1 to 64 letters" in broken([ZONE], [replace(PRICE, id=bad)])[0]


def test_a_thing_is_found_under_its_own_id() -> None:
    catalog = Catalog(products={"other": ZONE, "zone-pro": ZONE}, prices={"other": PRICE})
    assert [str(problem) for problem in validate(catalog)] == [
        "products.other.id: must be the key it is found under",
        "prices.other.id: must be the key it is found under",
    ]


def test_an_id_occurs_once() -> None:
    with pytest.raises(CatalogError, match=r"products\.zone-pro: must occur once, got 2 times"):
        Catalog.checked([ZONE, ZONE], [])
    with pytest.raises(CatalogError, match=r"prices\.pro-usd: must occur once, got 2 times"):
        Catalog.checked([ZONE], [PRICE, PRICE])


def test_bundles_never_lead_back_to_themselves() -> None:
    assert broken([product({}, ("p",))], []) == ["products.p.includes: must not lead back to itself: p → p"]
    around = [
        product({}, (part,), name=name) for name, part in [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]
    ]
    (found,) = broken(around, [])
    way = found.partition("itself: ")[2].split(" → ")
    assert way[0] == way[-1]
    assert set(way) == {"a", "b", "c"}
    assert all((here, there) in {("a", "b"), ("b", "c"), ("c", "a")} for here, there in pairwise(way))


def test_components_must_agree_on_kinds_and_texts() -> None:
    one, two = product({"x": True, "t": "a"}, name="one"), product({"x": 3, "t": "b"}, name="two")
    assert broken([one, two, product({}, ("one", "two"))], []) == [
        "products.p.features.x: must be of one kind in all components, got True and 3",
        "products.p.features.t: must be set here, because components differ: 'a' and 'b'",
    ]
    assert broken([one, product({"x": 3}, ("one",))], []) == [
        "products.p.features.x: must be of the kind it has in the components"
    ]
    assert not broken([one, replace(two, features={"t": "b"}), product({"t": "c"}, ("one", "two"))], [])


def test_a_version_supersedes_one_price_of_its_kind() -> None:
    second = replace(PRICE, id="pro-usd-2", version=2, supersedes="pro-usd", unit_amount=25_00)
    assert not broken([ZONE], [PRICE, second])
    for change in ({"currency": "EUR"}, {"interval": None}):
        assert broken([ZONE], [PRICE, replace(second, **change)]) == [
            "prices.pro-usd-2.supersedes: must name a price of the same product, currency and interval"
        ]
    assert broken([ZONE], [PRICE, replace(second, version=1)]) == [
        "prices.pro-usd-2.version: must be greater than the superseded price's"
    ]
    rival = replace(second, id="pro-usd-2b")
    rule = "supersedes: must name a price that no other one supersedes: 'pro-usd'"
    assert broken([ZONE], [PRICE, second, rival]) == [f"prices.pro-usd-2.{rule}", f"prices.pro-usd-2b.{rule}"]
