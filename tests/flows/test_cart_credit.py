"""A cart that changes one subscription and buys another: whatever was paid comes back of what it was paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solvent.core.request import CancelNow
from solvent.core.subscription import SubscriptionState
from tests.flows.acts import zone
from tests.flows.test_checkout import Shopper
from tests.simulation.goods import price

if TYPE_CHECKING:
    from solvent.sim import Customer
    from tests.flows.coupons import Offer
    from tests.simulation.fragile import FragileWorld


def test_what_a_cart_charges_comes_back_of_each_of_its_subscriptions(
    world: FragileWorld, ada: Customer, offer: Offer
) -> None:
    """Business for a at 200.00. At once a cart: a to Pro for a year, 200.00 less half, and Business for b at 200.00.
    The other 100.00 of a are credit, and 200.00 are due. Both are cancelled at once: all 400.00 are credit."""
    ada.buy(zone("a.example", "zone-business"))
    shopper = Shopper(world, ada)
    cart = shopper.cart(
        (price("zone-pro", period="year"), "zone:a.example"),
        (price("zone-business"), "zone:b.example"),
        codes=(offer(ppm=500_000, products=("zone-pro",)),),
    )
    shopper.pay(cart)
    shopper.confirm(cart)
    assert ([charge.amount for charge in ada.charges()], ada.credit()) == ([20_000, 20_000], 10_000)
    a, b = sorted(ada.subscriptions(), key=lambda s: s.items[0].object)
    for held, credit in ((b, 30_000), (a, 40_000)):
        ada.buy(CancelNow(subscription_id=held.id, credit=True))
        assert ada.credit() == credit
    assert [invoice.total - invoice.credited for invoice in ada.invoices()] == [0, 0]


def test_a_trial_beside_something_charged_is_paid_by_one_payment(world: FragileWorld, ada: Customer) -> None:
    """One zone on trial, one at 20.00 from now on. The card that pays for this one pays for the other later."""
    shopper = Shopper(world, ada)
    cart = shopper.cart((price("zone-pro-trial"), "zone:a.example"), (price("zone-pro"), "zone:b.example"))
    shopper.pay(cart)
    shopper.confirm(cart)
    assert [charge.amount for charge in ada.charges()] == [2_000]
    tried, paid = sorted(ada.subscriptions(), key=lambda s: s.items[0].object)
    assert (tried.state, paid.state) == (SubscriptionState.TRIALING, SubscriptionState.ACTIVE)
    world.until(tried.period.end)
    assert ([charge.amount for charge in ada.charges()], ada.debt()) == ([2_000, 2_000], 0)
