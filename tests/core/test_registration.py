"""Registrations: names that are paid for become due once, whatever else is bought with them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solvent.core.catalog import Catalog, CatalogError, Product, Scheme
from solvent.core.change import AddItem, SetQuantity
from solvent.core.domain_search import candidates
from solvent.core.product import Price
from solvent.core.registration import TRANSITIONS, RegistrationState, name_rule, wanted
from solvent.core.request import NewItem
from tests.core.conftest import PRICES, PRODUCTS, YEAR, Shop
from tests.core.test_cart_plan import cart_of, planned, refused

COM = Product(id="com", name="Domain .com", family="names", features={}, object_kind="domain", ending=".com")
DEV = replace(COM, id="dev", ending=".dev")


def yearly(product: str, amount: int, currency: str = "USD") -> Price:
    return Price(
        id=f"{product}-{currency.lower()}",
        product_id=product,
        version=1,
        currency=currency,
        interval=YEAR,
        scheme=Scheme.PER_UNIT,
        unit_amount=amount,
    )


NAMES = Catalog.checked(
    [*PRODUCTS, COM, DEV],
    [
        *PRICES,
        yearly("com", 1000),
        yearly("dev", 1500),
        yearly("com", 900, "EUR"),
        replace(yearly("dev", 1400), id="dev-once", interval=None),
        replace(yearly("dev", 1400), id="dev-gone", active=False),
    ],
)


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """A shop that sells names."""
    shop.catalog = NAMES
    return shop


def names(shop: Shop, *lines: str) -> list[list[str]]:
    """By subscription of a cart's plan, the names that its commit makes due."""
    plan = planned(shop, cart_of(*lines))
    return [[w.name for w in wanted(plan, after, NAMES, shop.context.draw)] for after in plan.subscriptions]


def test_each_name_is_a_subscription_of_its_own(shop: Shop) -> None:
    assert names(shop, "com-usd@domain:a.com", "pro-year@zone:a", "dev-usd@domain:a.dev") == [
        ["a.com"],
        [],
        ["a.dev"],
    ]


def test_a_name_that_is_added_is_due_and_one_that_is_there_is_not(shop: Shop) -> None:
    shop.start(("com-usd", 1, "domain:a.com"), ("pro-year", 1, "zone:a"))
    shop.at(2026, 2, 1)
    item = NewItem(price_id="dev-usd", object="domain:a.dev")
    plan = shop.plan(AddItem(subscription_id=shop.only.id, item=item))
    assert plan.after is not None
    assert [w.name for w in wanted(plan, plan.after, NAMES, shop.context.draw)] == ["a.dev"]
    zone = shop.only.items[1]
    more = shop.plan(SetQuantity(subscription_id=shop.only.id, item_id=zone.id, quantity=2))
    assert more.after is not None
    assert wanted(more, more.after, NAMES, shop.context.draw) == ()


def test_a_name_must_look_like_one(shop: Shop) -> None:
    for wrong in ("A.com", "a.dev", ".com", "a.b.com", "-a.com", "com", "a_b.com"):
        assert name_rule(wrong, ".com") is not None
    assert name_rule("xn--bcher-kva.com", ".com") is None
    assert refused(shop, cart_of("com-usd@domain:a.dev"))[0] == "lines[0].object"


def test_what_was_typed_comes_first_then_the_cheapest() -> None:
    assert [(c.name, c.amount) for c in candidates("Shop", NAMES, "USD")] == [
        ("shop.com", 1000),
        ("shop.dev", 1500),
    ]
    assert [c.name for c in candidates(" shop.dev ", NAMES, "USD")] == ["shop.dev", "shop.com"]
    assert [c.name for c in candidates("shop", NAMES, "EUR")] == ["shop.com"]
    assert candidates("no name", NAMES, "USD") == ()


@pytest.mark.parametrize("product", [replace(COM, ending="com"), replace(COM, object_kind="account")])
def test_an_ending_is_of_a_name(product: Product) -> None:
    with pytest.raises(CatalogError) as broken:
        Catalog.checked([product], [])
    assert broken.value.field == "products.com.ending"


def test_what_has_ended_stays_so() -> None:
    assert {state for state in TRANSITIONS if not TRANSITIONS[state]} == {
        RegistrationState.REGISTERED,
        RegistrationState.RETURNED,
    }
