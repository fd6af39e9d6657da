"""Authentication: what is sold demands that its payer is authenticated; a plan says so of all that it is paid for."""

from dataclasses import replace

import pytest

from solvent.core.catalog import Catalog
from solvent.core.change import (
    CancelAtPeriodEnd,
    ChangeInterval,
    NewItem,
    Purchase,
    Start,
    SwitchPrice,
    TopUp,
)
from solvent.core.payment import Authentication, strictest
from solvent.core.product import Product
from tests.core.conftest import PRICES, PRODUCTS, Shop, _price
from tests.core.test_cart_plan import cart_of, planned

AUTOMATIC, PREFERRED, REQUIRED = Authentication
DEMANDS = {"business": REQUIRED, "support": REQUIRED, "setup": PREFERRED, "certificate": REQUIRED}
KIT = Product(id="team", name="Kit", family="seats", features={}, includes=("certificate",))
CATALOG = Catalog.checked(
    [replace(p, authentication=DEMANDS.get(p.id, AUTOMATIC)) for p in PRODUCTS if p.id != KIT.id] + [KIT],
    [*PRICES, replace(_price("calls", 0), id="calls-plain")],
)


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """A shop where some products demand it."""
    shop.catalog = CATALOG
    return shop


def one(price_id: str, thing: str = "account") -> tuple[NewItem, ...]:
    return (NewItem(price_id=price_id, object=thing),)


def test_the_strictest_of_several_demands_counts() -> None:
    assert strictest([]) is AUTOMATIC
    assert strictest([AUTOMATIC, PREFERRED]) is PREFERRED
    assert strictest([PREFERRED, REQUIRED, AUTOMATIC]) is REQUIRED


def test_a_purchase_demands_what_its_product_does(shop: Shop) -> None:
    assert shop.plan(Purchase(items=one("setup"))).authentication is PREFERRED
    assert shop.plan(Purchase(items=one("certificate", "zone:a"))).authentication is REQUIRED
    both = Purchase(items=(*one("setup"), *one("certificate", "zone:a")))
    assert shop.plan(both).authentication is REQUIRED
    assert shop.plan(Start(items=one("pro", "zone:a"))).authentication is AUTOMATIC
    assert shop.plan(TopUp(amount=1000)).authentication is AUTOMATIC


def test_a_bundle_demands_what_its_parts_do(shop: Shop) -> None:
    assert shop.plan(Start(items=one("team"))).authentication is REQUIRED


def test_a_trial_asks_for_its_mandate_as_for_a_payment(shop: Shop) -> None:
    plan = shop.plan(Start(items=one("support")))
    assert (plan.due, plan.needs_setup, plan.authentication) == (0, True, REQUIRED)


def test_a_change_demands_it_of_what_is_charged_and_not_of_what_is_given_back(shop: Shop) -> None:
    shop.zone()
    (item,) = shop.only.items
    shop.at(2026, 1, 10)
    upgrade = SwitchPrice(subscription_id=shop.only.id, item_id=item.id, price_id="business")
    assert shop.commit(upgrade).authentication is REQUIRED
    shop.at(2026, 1, 12)
    longer = ChangeInterval(subscription_id=shop.only.id, prices=((shop.only.items[0].id, "pro-year"),))
    assert shop.plan(longer).authentication is AUTOMATIC, "what is left is given back"
    ends = shop.plan(CancelAtPeriodEnd(subscription_id=shop.only.id))
    assert ends.authentication is AUTOMATIC


def test_any_part_of_a_cart_demands_it_for_all(shop: Shop) -> None:
    assert planned(shop, cart_of("pro@zone:a", "seats×3")).authentication is AUTOMATIC
    assert planned(shop, cart_of("pro@zone:a", "setup")).authentication is PREFERRED
    assert planned(shop, cart_of("pro@zone:a", "setup", "business@zone:b")).authentication is REQUIRED
    trial = planned(shop, cart_of("pro@zone:a", "support"))
    assert (trial.needs_setup, trial.authentication) == (False, REQUIRED)


def test_a_renewal_demands_nothing(shop: Shop) -> None:
    shop.zone("business")
    shop.at(2026, 2, 1)
    assert shop.renew().authentication is AUTOMATIC
