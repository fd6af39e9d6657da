"""Checkout: a cart is one plan, one payment, one invoice; it is paid once, as it was seen, or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from solvent.core.account import Segment
from solvent.core.attempt import Attempt
from solvent.core.cart import Cart, CartLine, CartState, with_line, without
from solvent.core.ids import bucket_of
from solvent.core.payment import ActionKind, AttemptState, Authentication, FailureCause
from solvent.core.plan import Intent, Refusal
from solvent.core.way import WayKind
from solvent.flows import cart as carts
from solvent.flows import checkout, opening
from solvent.flows.guarding import NOBODY, Visitor
from solvent.flows.opening import Conflict, Contended
from solvent.sim import Customer, World
from tests.flows.acts import CHALLENGED, DEBIT, DECLINED, GOOD, zone
from tests.flows.conftest import AtOnce
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

Told = tuple[str, str, int] | tuple[str, str]
ZONE, OTHER = (price("zone-pro"), "zone:example.com"), (price("zone-pro"), "zone:example.org")
SEATS, ONCE = (price("seats"), "account", 3), (price("onboarding", period=None), "account")


class Shopper:
    """A customer with carts."""

    def __init__(self, world: World, customer: Customer) -> None:
        self.world, self.customer = world, customer
        self._keys = 0

    def cart(self, *told: Told, **more: Any) -> Cart:  # noqa: ANN401 -- of `kept`
        """A cart that is kept."""
        cart = self.kept(*told, **more)
        assert isinstance(cart, Cart), cart
        return cart

    def kept(
        self, *told: Told, key: str | None = None, digest: bytes = b"1", codes: tuple[str, ...] = ()
    ) -> Cart | Refusal | carts.KeyReused:
        self._keys += 1
        now = self.world.now
        lines = tuple(self.line(*each) for each in told)
        cart = Cart(
            id=self.draw(),
            account_id=self.customer.id,
            version=1,
            lines=lines,
            coupons=codes,
            created_at=now,
            expires_at=now + timedelta(days=1),
        )
        return carts.keep(self.world.platform, cart, key or f"cart-{self._keys}", digest, now)

    def line(self, price_id: str, thing: str = "account", quantity: int = 1) -> CartLine:
        return CartLine(id=self.draw(), price_id=price_id, object=thing, quantity=quantity)

    def draw(self) -> UUID:
        return self.world.platform.ids.draw(bucket_of(self.customer.id))

    def shown(self, cart: Cart) -> carts.Shown:
        shown = carts.show(self.world.platform, cart.id, self.world.now)
        assert shown is not None
        return shown

    def ask(
        self,
        cart: Cart,
        way: WayKind = WayKind.CARD,
        *,
        key: str | None = None,
        seen: carts.Shown | None = None,
        method: UUID | None = None,
        provider: str | None = None,
        visitor: Visitor = NOBODY,
    ) -> Attempt | Refusal | Conflict:
        self._keys += 1
        told = (seen or self.shown(cart)).told
        paying = checkout.Paying(
            key=key or f"pay-{self._keys}",
            input_hash=b"1",
            way=way,
            seen_total=told.due_now,
            seen_fingerprint=told.fingerprint,
            id=self.draw(),
            provider=provider,
            method_id=method,
            visitor=visitor,
        )
        return checkout.pay(self.world.platform, cart.id, paying, self.world.now)

    def pay(self, cart: Cart, way: WayKind = WayKind.CARD, **more: Any) -> Attempt:  # noqa: ANN401 -- of `ask`
        attempt = self.ask(cart, way, **more)
        assert isinstance(attempt, Attempt), attempt
        return attempt

    def confirm(self, cart: Cart, number: str | None = GOOD) -> Attempt:
        method = None if number is None else f"tok_{number}"
        attempt = self._completed(cart, method)
        demanded = attempt.plan.authentication is Authentication.REQUIRED
        if demanded and attempt.action is not None and attempt.action.kind is ActionKind.REDIRECT:
            self.customer.pass_challenge(attempt)
            attempt = self._completed(cart, None)
        return attempt

    def _completed(self, cart: Cart, method: str | None) -> Attempt:
        attempt = checkout.complete(self.world.platform, cart.id, method, self.world.now)
        assert attempt is not None
        return attempt

    def buy(self, *told: Told) -> Cart:
        cart = self.cart(*told)
        self.pay(cart)
        assert self.confirm(cart).state is AttemptState.COMMITTED
        return cart


@pytest.fixture
def shopper(world: FragileWorld, ada: Customer) -> Shopper:
    """Ada, with carts."""
    return Shopper(world, ada)


def refusal(answer: object) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.field


def test_all_of_a_cart_is_one_payment_and_one_invoice(shopper: Shopper, ada: Customer) -> None:
    cart = shopper.cart(ZONE, SEATS, (price("zone-pro", period="year"), "zone:example.org"), ONCE)
    seen = shopper.shown(cart)
    assert (seen.state, seen.attempt, seen.problem) == (CartState.OPEN, None, None)
    assert shopper.pay(cart).state is AttemptState.REQUIRES_ACTION
    assert ada.subscriptions() == ()
    done = shopper.confirm(cart)
    assert (done.state, done.plan.intent) == (AttemptState.COMMITTED, Intent.CART)
    (invoice,) = ada.invoices()
    assert invoice.total == seen.told.total == ada.charges()[0].amount
    assert len(ada.charges()) == 1
    assert sorted(len(s.items) for s in ada.subscriptions()) == [1, 2]
    assert [e.type for e in ada.events("subscription.")] == ["subscription.started"] * 2
    after = shopper.shown(cart)
    assert (after.state, after.told.lines, after.ways) == (CartState.PAID, _unoffered(seen, after), ())


def _unoffered(seen: carts.Shown, after: carts.Shown) -> tuple[object, ...]:
    assert [x.amount for x in seen.told.lines] == [x.amount for x in after.told.lines]
    return after.told.lines


def test_a_decline_commits_nothing_of_it(shopper: Shopper, ada: Customer) -> None:
    cart = shopper.cart(ZONE, SEATS)
    shopper.pay(cart)
    assert shopper.confirm(cart, DECLINED).state is AttemptState.FAILED
    assert (ada.subscriptions(), ada.invoices()) == ((), [])
    shown = shopper.shown(cart)
    assert (shown.state, shown.attempt and shown.attempt.cause) == (CartState.OPEN, FailureCause.DECLINED)
    shopper.pay(cart)
    assert shopper.confirm(cart).state is AttemptState.COMMITTED


def test_a_cart_is_paid_once_whatever_is_clicked(shopper: Shopper, ada: Customer) -> None:
    cart = shopper.cart(ZONE)
    seen = shopper.shown(cart)
    first = shopper.pay(cart, key="one")
    assert shopper.pay(cart, key="one", seen=seen).id == first.id
    assert shopper.pay(cart, key="two", seen=seen).id == first.id
    shopper.confirm(cart)
    assert shopper.pay(cart, key="three", seen=seen).id == first.id
    assert shopper.confirm(cart).state is AttemptState.COMMITTED
    assert len(ada.charges()) == 1


def test_two_tabs_at_once_pay_once(world: FragileWorld, ben: Customer, at_once: AtOnce) -> None:
    shopper = Shopper(world, ben)
    cart = shopper.cart(ONCE)
    seen = shopper.shown(cart)
    at_once(*(lambda: shopper.ask(cart, seen=seen) for _ in range(3)))
    at_once(*(lambda: shopper.confirm(cart) for _ in range(2)))
    world.work()
    assert len(ben.charges()) == len(ben.invoices()) == 1


def test_of_two_payments_of_one_cart_that_both_succeed_the_second_is_not_used(
    world: FragileWorld, shopper: Shopper, ada: Customer
) -> None:
    cart = shopper.cart(ONCE)
    seen = shopper.shown(cart)
    first = shopper.pay(cart, seen=seen)
    with world.database.pool.connection() as connection:  # as if nothing kept them from being there both
        hide = "update attempt set claim = %s, slots = %s, cart_id = null where id = %s"
        connection.execute(hide, ("elsewhere", [], first.id))
    second = shopper.pay(cart, key="two", seen=seen)
    with world.database.pool.connection() as connection:
        connection.execute("update attempt set cart_id = %s where id = %s", (cart.id, first.id))
    paid = [opening.confirm(world.platform, x.id, f"tok_{GOOD}", world.now) for x in (first, second)]
    assert [x and x.state for x in paid] == [AttemptState.COMMITTED, AttemptState.RETURNED]
    (invoice,) = ada.invoices()
    assert ada.credit() == invoice.total
    assert len(ada.charges()) == 2


def test_another_cart_with_the_same_in_it_ends_the_first_payment(shopper: Shopper, ada: Customer) -> None:
    one, other = shopper.cart(ZONE, SEATS), shopper.cart(ZONE)
    shopper.pay(one)
    shopper.pay(other)
    assert shopper.shown(one).state is CartState.OPEN
    shopper.confirm(other)
    assert len(ada.charges()) == 1
    gone = shopper.shown(one)
    assert gone.problem is not None
    assert gone.problem.field == "lines[0].quantity"


def test_a_cart_ends_a_change_of_the_same_thing_under_way(shopper: Shopper, ada: Customer) -> None:
    shopper.buy(ZONE)
    business = (price("zone-business"), "zone:example.com")
    up = ada.open(zone("example.org"))
    cart, other = shopper.cart(business, OTHER), shopper.cart(business)
    shopper.pay(cart)
    assert ada.attempt(up).state is AttemptState.FAILED
    shopper.pay(other)
    assert shopper.shown(cart).state is CartState.OPEN
    shopper.confirm(other)
    assert ada.subscription().version == 2


def test_it_can_be_paid_in_another_way_meanwhile(shopper: Shopper, ada: Customer) -> None:
    cart = shopper.cart(ZONE)
    first = shopper.pay(cart)
    second = shopper.pay(cart, WayKind.AGREEMENT, provider="sandpal")
    assert (ada.attempt(first).state, second.provider) == (AttemptState.FAILED, "sandpal")
    ada.approve(second)
    assert shopper.confirm(cart, None).state is AttemptState.COMMITTED


def test_what_is_on_file_comes_first_and_takes_one_call(shopper: Shopper) -> None:
    shopper.buy(ZONE)
    cart = shopper.cart(OTHER)
    way = shopper.shown(cart).ways[0]
    assert way.kind is WayKind.SAVED_CARD
    assert shopper.pay(cart, way.kind, method=way.method_id).state is AttemptState.COMMITTED


def test_a_bank_account_on_file_is_saved_too(world: FragileWorld, shopper: Shopper) -> None:
    cart = shopper.cart(ZONE)
    shopper.pay(cart, WayKind.BANK_DEBIT)
    assert shopper.confirm(cart, DEBIT).state is AttemptState.PROCESSING
    assert isinstance(checkout.give_up(world.platform, cart.id, world.now), Conflict)
    world.wait(days=4)
    assert shopper.shown(cart).state is CartState.PAID
    assert shopper.shown(shopper.cart(OTHER)).ways[0].kind is WayKind.SAVED


def test_ways_follow_currency_and_providers(world: FragileWorld) -> None:
    yen = Shopper(world, world.customer("Yuki", currency="JPY"))
    kinds = [w.kind for w in yen.shown(yen.cart((price("zone-pro", "JPY"), "zone:a.example"))).ways]
    assert WayKind.CARD in kinds
    assert WayKind.BANK_DEBIT not in kinds
    terms = Shopper(world, world.customer("Corp", segment=Segment.CONTRACT, terms_days=30))
    cart = terms.cart(ZONE)
    assert [w.kind for w in terms.shown(cart).ways] == [WayKind.NONE]
    assert terms.pay(cart, WayKind.NONE).state is AttemptState.COMMITTED
    assert terms.customer.debt() > 0


def test_a_plan_that_costs_nothing_needs_no_method_and_is_paid_for_at_the_change(
    shopper: Shopper, ada: Customer
) -> None:
    free = shopper.cart((price("zone-free"), "zone:example.com"))
    assert shopper.pay(free, WayKind.NONE).state is AttemptState.COMMITTED
    assert ada.snapshot().methods == ()
    up = shopper.cart(ZONE)
    shopper.pay(up)
    assert shopper.confirm(up).state is AttemptState.COMMITTED
    assert [m.label for m in ada.snapshot().methods] == ["Visa •••• 4242"]


def test_nothing_is_paid_that_was_not_seen(world: FragileWorld, shopper: Shopper) -> None:
    shopper.buy((price("zone-pro"), "zone:example.com"))
    world.wait(days=10)
    cart = shopper.cart((price("zone-business"), "zone:example.com"))
    seen = shopper.shown(cart)
    world.wait(minutes=5)
    assert shopper.shown(cart).told.due_now < seen.told.due_now
    held = shopper.pay(cart, seen=seen)
    assert held.plan.due == seen.told.due_now
    checkout.give_up(world.platform, cart.id, world.now)
    world.wait(minutes=30)
    assert refusal(shopper.ask(cart, seen=seen)) == checkout.PRICE_CHANGED


def test_an_edit_between_look_and_payment_is_seen(world: FragileWorld, shopper: Shopper) -> None:
    cart = shopper.cart(ZONE, SEATS)
    seen = shopper.shown(cart)
    carts.edit(world.platform, cart.id, lambda c, _: without(c, c.lines[1].id), world.now)
    assert refusal(shopper.ask(cart, seen=seen)) == checkout.PRICE_CHANGED
    shopper.pay(cart)
    assert (
        refusal(carts.edit(world.platform, cart.id, lambda c, _: without(c, c.lines[0].id), world.now))
        == "cart"
    )
    assert checkout.give_up(world.platform, cart.id, world.now) is None
    assert checkout.give_up(world.platform, cart.id, world.now) is None


def test_edits_are_refused_when_the_cart_could_not_be_bought(world: FragileWorld, shopper: Shopper) -> None:
    cart = shopper.cart(ZONE)
    twice = carts.edit(
        world.platform,
        cart.id,
        lambda c, _: with_line(c, shopper.line(price("zone-business"), "zone:example.com")),
        world.now,
    )
    assert refusal(twice) == "lines[1].price_id"
    assert (
        refusal(carts.edit(world.platform, cart.id, lambda c, _: without(c, uuid4()), world.now)) == "line_id"
    )
    assert shopper.shown(cart).cart == cart
    emptied = carts.edit(
        world.platform, cart.id, lambda c, _: without(c, c.lines[0].id), world.now, checked=False
    )
    assert isinstance(emptied, Cart)
    assert refusal(shopper.ask(cart)) == "lines"


def test_two_edits_at_once_are_both_kept(world: FragileWorld, ben: Customer, at_once: AtOnce) -> None:
    shopper = Shopper(world, ben)
    cart = shopper.cart(ZONE)
    lines = [shopper.line(*SEATS), shopper.line(*ONCE)]
    at_once(
        *(
            lambda line=line: carts.edit(world.platform, cart.id, lambda c, _: with_line(c, line), world.now)
            for line in lines
        )
    )
    assert len(shopper.shown(cart).cart.lines) == 3


def test_an_edit_that_always_meets_another_one_gives_up(world: FragileWorld, shopper: Shopper) -> None:
    cart = shopper.cart(ZONE)

    def more(each: Cart, _: object) -> Cart | Refusal:
        carts.edit(world.platform, cart.id, lambda c, _: with_line(c, shopper.line(*SEATS)), world.now)
        return with_line(each, shopper.line(*ONCE))

    with pytest.raises(Contended):
        carts.edit(world.platform, cart.id, more, world.now)


def test_a_cart_ends(world: FragileWorld, shopper: Shopper) -> None:
    first, second = shopper.cart(ZONE), shopper.cart(ZONE)
    seen = shopper.shown(first)
    canceled = carts.cancel(world.platform, first.id, world.now)
    assert carts.cancel(world.platform, first.id, world.now) == canceled
    assert refusal(shopper.ask(first, seen=seen)) == "cart"
    world.wait(days=2)
    assert shopper.shown(second).state is CartState.EXPIRED
    assert refusal(shopper.ask(second)) == "cart"
    assert refusal(carts.cancel(world.platform, second.id, world.now)) == "cart"


def test_a_key_is_one_cart(shopper: Shopper) -> None:
    cart = shopper.cart(ZONE, key="once")
    assert shopper.kept(SEATS, key="once") == cart
    assert isinstance(shopper.kept(ZONE, key="once", digest=b"2"), carts.KeyReused)
    assert refusal(shopper.kept((price("nowhere"), "account"))) == "lines[0].price_id"


def test_two_callers_with_one_key_have_one_cart(world: FragileWorld, ben: Customer, at_once: AtOnce) -> None:
    shopper = Shopper(world, ben)
    first, second = at_once(*(lambda: shopper.kept(ZONE, key="once") for _ in range(2)))
    assert first == second


def test_who_is_not_there(world: FragileWorld, shopper: Shopper) -> None:
    cart = shopper.cart(ZONE)
    nobody = uuid4()
    assert carts.show(world.platform, nobody, world.now) is None
    assert carts.read(world.platform, nobody) is None
    assert refusal(carts.cancel(world.platform, nobody, world.now)) == "cart_id"
    paying = checkout.Paying(
        key="k", input_hash=b"", way=WayKind.CARD, seen_total=0, seen_fingerprint="", id=shopper.draw()
    )
    assert refusal(checkout.pay(world.platform, nobody, paying, world.now)) == "cart_id"
    assert checkout.complete(world.platform, cart.id, None, world.now) is None
    shopper.customer.account = world.customer("Eve").account
    stranger = Cart(
        id=cart.id,
        account_id=UUID(int=bucket_of(cart.id)),
        version=1,
        lines=cart.lines,
        created_at=world.now,
        expires_at=cart.expires_at,
    )
    assert refusal(carts.keep(world.platform, stranger, "k", b"", world.now)) == "account_id"


def test_a_way_that_is_not_offered_is_refused(shopper: Shopper) -> None:
    cart = shopper.cart(ZONE)
    assert refusal(shopper.ask(cart, WayKind.LINK)) == "way"
    assert refusal(shopper.ask(cart, WayKind.CARD, provider="sandpal")) == "way"
    assert refusal(shopper.ask(cart, WayKind.SAVED_CARD, method=uuid4())) == "way"


def test_a_challenge_is_passed_and_an_attempt_expires(
    world: FragileWorld, shopper: Shopper, ada: Customer
) -> None:
    cart = shopper.cart(ZONE)
    shopper.pay(cart)
    waiting = shopper.confirm(cart, CHALLENGED)
    assert waiting.state is AttemptState.REQUIRES_ACTION
    world.wait(hours=1)
    assert shopper.shown(cart).state is CartState.OPEN
    shopper.pay(cart)
    again = shopper.confirm(cart, CHALLENGED)
    ada.pass_challenge(again)
    assert shopper.confirm(cart, None).state is AttemptState.COMMITTED
