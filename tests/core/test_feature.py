"""Features: what several grants on one object come to, and the rules of their declaration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from solvent.core.catalog import Catalog, CatalogError, Product
from solvent.core.feature import Combine, FeatureKey, FeatureKind, capabilities, fits, kind_of
from solvent.core.meter import Aggregation, Meter
from solvent.core.product import Feature

MINUTES = Meter(id="minutes", name="Minutes", unit="minutes", aggregation=Aggregation.SUM)
LATER = datetime(2026, 2, 1, tzinfo=UTC)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Given:
    """What of a grant capabilities follow from."""

    features: dict[str, Feature]
    product_id: str = "p"
    object: str = "account"
    quantity: int = 1
    starts_at: datetime = FIRST


def key(kind: FeatureKind, combine: Combine = Combine.LARGEST, **more: str) -> dict[str, FeatureKey]:
    return {"x": FeatureKey(id="x", kind=kind, combine=combine, **more)}


def values(*given: Given, keys: dict[str, FeatureKey] | None = None) -> list[tuple[str, str, Feature]]:
    return [(c.object, c.feature, c.value) for c in capabilities(given, keys or {})]


def test_what_nobody_declared_means_what_its_value_is() -> None:
    given = Given(features={"a": True, "b": 3, "c": "gold"})
    kinds = {c.feature: c.kind for c in capabilities([given], {})}
    assert kinds == {"a": FeatureKind.FLAG, "b": FeatureKind.LIMIT, "c": FeatureKind.TEXT}
    assert all(fits(kind_of(v), v) for v in given.features.values())


def test_a_flag_is_on_when_any_grant_sets_it_and_the_largest_number_counts() -> None:
    low, high = Given(features={"a": False, "x": 3}), Given(features={"a": True, "x": 2}, product_id="q")
    assert values(low, high) == [("account", "a", True), ("account", "x", 3)]
    assert values(high, low) == values(low, high)


def test_grants_on_different_objects_stay_apart() -> None:
    given = Given(features={"x": 3}, object="zone:b"), Given(features={"x": 2}, object="zone:a")
    assert values(*given) == [("zone:a", "x", 2), ("zone:b", "x", 3)]


def test_a_sum_counts_every_unit_of_every_grant() -> None:
    keys = key(FeatureKind.QUOTA, Combine.SUM, unit="minutes", meter="minutes")
    given = Given(features={"x": 100}, quantity=3, starts_at=LATER), Given(features={"x": 50}, product_id="q")
    (one,) = capabilities(given, keys)
    assert (one.value, one.kind, one.unit, one.meter) == (350, FeatureKind.QUOTA, "minutes", "minutes")
    assert one.since == FIRST


def test_of_texts_the_product_that_comes_first_counts() -> None:
    gold, chat = Given(features={"x": "gold"}, product_id="b"), Given(features={"x": "chat"}, product_id="a")
    assert values(gold, chat, keys=key(FeatureKind.TEXT)) == [("account", "x", "chat")]


def test_a_declaration_that_stored_grants_do_not_fit_yet_counts_for_nothing() -> None:
    (one,) = capabilities([Given(features={"x": "many"})], key(FeatureKind.LIMIT, Combine.SUM, unit="u"))
    assert (one.value, one.kind, one.unit) == ("many", FeatureKind.TEXT, None)


def product(**features: Feature) -> Product:
    return Product(id="p", name="P", family="f", features=features)


@pytest.mark.parametrize(
    ("declared", "field"),
    [
        (FeatureKey(id="x", kind=FeatureKind.QUOTA), "features.x.meter"),
        (FeatureKey(id="x", kind=FeatureKind.QUOTA, meter="nobody"), "features.x.meter"),
        (FeatureKey(id="x", kind=FeatureKind.LIMIT, meter="minutes"), "features.x.meter"),
        (FeatureKey(id="x", kind=FeatureKind.FLAG, combine=Combine.SUM), "features.x.combine"),
        (FeatureKey(id="x", kind=FeatureKind.TEXT, unit="words"), "features.x.unit"),
        (FeatureKey(id="a b", kind=FeatureKind.FLAG), "features.a b.id"),
        (FeatureKey(id="x", kind=FeatureKind.FLAG), "products.p.features.x"),  # its value is a number
        (FeatureKey(id="y", kind=FeatureKind.FLAG), "products.p.features.x"),  # it is not declared
    ],
)
def test_what_breaks_a_rule_is_named(declared: FeatureKey, field: str) -> None:
    with pytest.raises(CatalogError) as caught:
        Catalog.checked([product(x=3)], [], [MINUTES], features=[declared])
    assert caught.value.field == field


def test_true_is_no_number_and_a_number_no_switch() -> None:
    for kind in (FeatureKind.LIMIT, FeatureKind.QUOTA):
        assert fits(kind, 1)
        assert not fits(kind, True)
    assert not fits(FeatureKind.FLAG, 1)
    assert not fits(FeatureKind.TEXT, 1)


def test_a_key_is_found_under_its_own_name_and_declared_once() -> None:
    one = FeatureKey(id="x", kind=FeatureKind.LIMIT)
    with pytest.raises(CatalogError, match=r"features\.x: must occur once"):
        Catalog.checked([product(x=3)], [], features=[one, one])
    assert Catalog.checked([product(x=3)], [], features=[one]).features == {"x": one}


def test_the_digest_differs_where_declarations_do() -> None:
    number = FeatureKey(id="x", kind=FeatureKind.LIMIT)
    other = FeatureKey(id="x", kind=FeatureKind.LIMIT, unit="rules")
    catalogs = [Catalog.checked([product(x=3)], [], features=[k]) for k in (number, number, other)]
    first, same, differs = (c.feature_digest for c in catalogs)
    assert first == same == catalogs[0].feature_digest != differs
    assert Catalog.checked([], []).feature_digest != first
