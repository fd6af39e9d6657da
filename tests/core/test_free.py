"""Which products of a catalog paid plans drop to, where a policy names none."""

from dataclasses import replace
from datetime import UTC, datetime

from solvent.core.account import Segment
from solvent.core.catalog import Catalog
from solvent.core.free import free_products, with_free
from solvent.core.policy_book import Edition, PolicyBook
from tests.core.conftest import CATALOG, PRICES, PRODUCTS
from tests.core.ladders import POLICY

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_product_is_free_when_all_that_it_is_sold_for_costs_nothing() -> None:
    assert free_products(CATALOG) == ("free",)


def test_of_a_family_it_is_one() -> None:
    (plain,) = (p for p in PRODUCTS if p.id == "free")
    (price,) = (p for p in PRICES if p.id == "free")
    other = replace(plain, id="another"), replace(price, id="another", product_id="another")
    catalog = Catalog.checked([*PRODUCTS, other[0]], [*PRICES, other[1]])
    assert free_products(catalog) == ("another",)


def test_what_is_off_sale_or_bought_once_is_nothing_to_drop_to() -> None:
    for change in ({"active": False}, {"interval": None}):
        prices = [replace(p, **change) if p.id == "free" else p for p in PRICES]
        assert free_products(Catalog.checked(PRODUCTS, prices)) == ()


def test_an_edition_that_leaves_it_to_the_catalog_gets_its_products() -> None:
    left = Edition(effective_from=SINCE, policy=replace(POLICY, free=None))
    none = Edition(effective_from=SINCE, policy=replace(POLICY, free=()))
    book = with_free(PolicyBook(editions={Segment.STANDARD: (left, none)}), CATALOG)
    assert [e.policy.free for e in book.editions[Segment.STANDARD]] == [("free",), ()]
    assert with_free(PolicyBook(), CATALOG) == PolicyBook()
