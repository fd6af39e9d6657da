"""A coupon for a whole cart: one redemption for its limits, each part's share in its documents, and no surprise."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.core.attempt import Attempt
from solvent.core.cart import Cart, CartState
from solvent.core.coupon import Duration
from solvent.core.plan import Refusal
from solvent.core.request import CancelNow, RemoveCoupon, SwitchPrice
from solvent.core.way import WayKind
from solvent.sim import Customer
from tests.drawing import examples
from tests.flows.acts import zone
from tests.flows.coupons import Offer, counts, numbers
from tests.flows.test_checkout import ONCE, ZONE, Shopper
from tests.flows.test_planned_is_invoiced import WHO, flows_url, gifts
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

pytestmark = pytest.mark.unmeasured

__all__ = ["flows_url"]  # a database with taxes

YEAR = (price("zone-pro", period="year"), "zone:example.org")


def bought(shopper: Shopper, *told: Any, code: str) -> Attempt:  # noqa: ANN401 -- lines, as a shopper tells them
    cart = shopper.cart(*told, codes=(code,))
    shopper.pay(cart)
    return shopper.confirm(cart)


def test_it_is_one_redemption_for_every_limit(world: FragileWorld, ada: Customer, offer: Offer) -> None:
    """Three parts redeem it in one attempt, with one of two seats. Ada has none left, and Bea the last one."""
    code = offer(ppm=500_000, limit=2)
    shopper = Shopper(world, ada)
    bought(shopper, ZONE, YEAR, ONCE, code=code)
    assert counts(world, code) == [(3, 1)]
    assert ada.charges()[0].amount == (2000 + 20_000 + 49_900) // 2
    again = shopper.kept((price("zone-pro"), "zone:other.example"), codes=(code,))
    assert again == Refusal(field="coupons[0]", rule="must not be redeemed more than once by one account")
    bea = world.customer("Bea")
    bought(Shopper(world, bea), ZONE, YEAR, code=code)
    assert counts(world, code) == [(5, 2)]
    cay = Shopper(world, world.customer("Cay")).kept(ZONE, YEAR, codes=(code,))
    assert cay == Refusal(field="coupons[0]", rule="must have a redemption left: all of 2 are used")


def test_of_two_carts_for_the_last_redemption_one_is_refused(world: FragileWorld, offer: Offer) -> None:
    """Both see it; the one that pays first has the seat, and the other reads the code once."""
    code = offer(ppm=500_000, limit=1)
    first, second = (Shopper(world, world.customer(name)) for name in ("Dan", "Eve"))
    carts = [shopper.cart(ZONE, YEAR, codes=(code,)) for shopper in (first, second)]
    seen = second.shown(carts[1])
    first.pay(carts[0])
    refused = second.ask(carts[1], seen=seen)
    assert refused == Refusal(
        field="coupons", rule=f"must have a redemption left, others were faster: {code}"
    )
    assert counts(world, code) == [(0, 1)]


def test_what_is_given_back_of_one_part_is_what_was_paid_for_it(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    """Of 22.00 the month, 20.00 of 220.00, has 2.00 and the year 20.00. Cancelled at once they give back 18.00 and
    180.00, all that was paid, by credit notes of the one invoice."""
    code = offer(amount=2200, currency="USD", duration=Duration.FOREVER)
    bought(Shopper(world, ada), ZONE, YEAR, code=code)
    (invoice,) = ada.invoices()
    assert invoice.total == 19_800
    month, year = sorted(ada.subscriptions(), key=lambda s: s.period.end)
    for held, credit in ((month, 1800), (year, 19_800)):
        ada.buy(CancelNow(subscription_id=held.id, credit=True))
        assert ada.credit() == credit
    assert ada.invoices()[0].credited == 19_800


def test_each_subscription_goes_on_with_its_share_until_it_is_taken_off_there(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    """Of 22.00 for good the month has 2.00: of an upgrade, of the renewal; and when it is taken off the year, still."""
    code = offer(amount=2200, currency="USD", duration=Duration.FOREVER)
    bought(Shopper(world, ada), ZONE, YEAR, code=code)
    month, year = sorted(ada.subscriptions(), key=lambda s: s.period.end)
    ada.buy(RemoveCoupon(subscription_id=year.id, coupon=code))
    wanted = price("zone-business")
    ada.buy(SwitchPrice(subscription_id=month.id, item_id=month.items[0].id, price_id=wanted))
    assert ada.invoices()[-1].total == 20_000 - 200 - 1800
    world.until(month.period.end)
    assert ada.invoices()[-1].total == 20_000 - 200
    assert [x.share for s in ada.subscriptions() for x in s.coupons if not x.removed] == [200]


THINGS = ("zone-pro", "zone-business", "seats", "media", "onboarding", "year")
TERMS = st.lists(
    st.fixed_dictionaries(
        {
            "amount": st.none() | st.integers(1, 70_000),
            "ppm": st.integers(1, 1_000_000),
            "priority": st.integers(-1, 1),
            "duration": st.sampled_from([Duration.ONCE, Duration.FOREVER]),
            "products": st.sampled_from([(), ("zone-pro",), ("zone-pro", "seats", "onboarding")]),
        }
    ),
    min_size=1,
    max_size=3,
)


def line_of(thing: str, currency: str) -> tuple[str, str]:
    """A line of a cart; what has an object has one of its own."""
    if thing == "year":
        return price("zone-pro", currency, "year"), "zone:year.example"
    if thing == "onboarding":
        return price(thing, currency, None), "account"
    return price(thing, currency), f"zone:{thing}.example" if thing.startswith("zone") else "account"


@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    who=st.sampled_from(sorted(WHO)),
    things=st.lists(st.sampled_from(THINGS), min_size=1, max_size=5, unique=True),
    held=st.booleans(),
    terms=TERMS,
    credit=gifts,
)
def test_the_view_of_a_cart_with_coupons_is_its_bill(
    world: FragileWorld,
    offer: Offer,
    who: str,
    things: list[str],
    held: bool,
    terms: list[dict[str, Any]],
    credit: list[tuple[int, int, tuple[str, ...]]],
) -> None:
    customer = world.customer(f"Fay {next(numbers)}", **WHO[who])
    currency = customer.account.currency
    if held:  # then a line for it is an upgrade
        customer.buy(zone("zone-business.example", "zone-pro", currency))
    for amount, priority, excludes in credit:
        customer.receive_credit(amount, priority=priority, excludes=excludes)
    codes = [
        offer(**{**x, **({"ppm": None, "currency": currency} if x["amount"] else {"amount": None})})
        for x in terms
    ]
    shopper = Shopper(world, customer)
    lines = [line_of(thing, currency) for thing in things]
    cart = shopper.kept(*lines, codes=tuple(codes))
    if isinstance(cart, Refusal):
        assert cart.rule == "must be for a product in the cart, paid in advance"
        return
    assert isinstance(cart, Cart)
    shown = shopper.shown(cart)
    before = len(customer.invoices())
    kinds = [way.kind for way in shown.ways]
    shopper.pay(cart, WayKind.CARD if WayKind.CARD in kinds else kinds[0])
    if shopper.shown(cart).state is CartState.PAYING:
        shopper.confirm(cart)
    assert shopper.shown(cart).state is CartState.PAID
    told = shown.told
    for invoice in customer.invoices()[before:]:
        written = customer.lines(invoice)
        assert (invoice.total, invoice.tax) == (told.total, told.tax)
        assert sum(x.amount for x in written) == told.subtotal - told.discount
        assert -sum(x.amount for x in written if x.coupon_id) == told.discount
        assert all(x.amount <= 0 for x in written if x.coupon_id)
    assert told.total == 0 or len(customer.invoices()) == before + 1
    assert sum(d.amount for d in told.discounts) == told.discount
    world.work()
