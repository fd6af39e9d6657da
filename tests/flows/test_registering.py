"""Registering: names that were paid for are registered after the commit, or their line alone comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from solvent.core.cart import Cart
from solvent.core.change import CancelAtPeriodEnd, CancelNow, NewItem, RemoveItem, Start
from solvent.core.crediting import PaidPart, Wish
from solvent.core.ids import bucket_of
from solvent.core.registration import Registration, RegistrationState
from solvent.flows import registering
from solvent.flows.credit import Issue, Issued, issue_credit_note
from solvent.ports.registrar import Registered, Rejected
from solvent.providers.registrar import SandboxRegistrar
from solvent.sim import Customer
from tests.flows.coupons import put_on_offer
from tests.flows.disputes.contests import Contest
from tests.flows.test_checkout import ZONE, Shopper
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

COM, DEV = price("domain-com", period="year"), price("domain-dev", period="year")


class Asked(SandboxRegistrar):
    """A registrar that writes down what it is asked, and can be pulled away after it has acted."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[UUID] = []
        self.dies = False

    def register(self, key: UUID, name: str) -> Registered | Rejected:
        self.keys.append(key)
        answer = super().register(key, name)
        if self.dies:
            self.dies = False
            raise ConnectionAbortedError("the process died here")
        return answer


@pytest.fixture
def registrar(world: FragileWorld) -> Asked:
    """The registrar of the world."""
    registrar = Asked()
    world.platform = replace(world.platform, registrar=registrar)
    return registrar


@pytest.fixture
def shopper(world: FragileWorld, ada: Customer, registrar: Asked) -> Shopper:
    """Ada, with carts, in a world with that registrar."""
    return Shopper(world, ada)


def standing(shopper: Shopper, cart: Cart) -> dict[str, str]:
    shown = shopper.shown(cart)
    return {r.name: r.state.value for r in shown.registrations}


def test_a_name_is_registered_once_after_it_is_paid(
    world: FragileWorld, shopper: Shopper, ada: Customer, registrar: Asked
) -> None:
    cart = shopper.buy((COM, "domain:ada.com"), ZONE)
    assert (standing(shopper, cart), registrar.keys) == ({"ada.com": "due"}, [])
    world.work()
    assert standing(shopper, cart) == {"ada.com": "registered"}
    world.work()
    assert len(registrar.keys) == 1
    (told,) = ada.events("domain.")
    assert (told.type, told.data["name"]) == ("domain.registered", "ada.com")


def test_of_three_lines_the_one_that_fails_comes_back_alone(
    world: FragileWorld, shopper: Shopper, ada: Customer
) -> None:
    cart = shopper.buy((COM, "domain:ada.com"), (DEV, "domain:fails-ada.dev"), ZONE)
    (invoice,) = ada.invoices()
    world.work()
    assert standing(shopper, cart) == {"ada.com": "registered", "fails-ada.dev": "returned"}
    line = next(x for x in ada.lines(invoice) if x.object == "domain:fails-ada.dev")
    refunds = [
        row for bank in world.banks.played.values() for row in bank.statement() if row.kind == "refund"
    ]
    assert [row.amount for row in refunds if row.customer == ada.id.hex] == [-line.gross]
    assert ada.invoices()[0].credited == line.gross
    assert {i.object for s in ada.subscriptions() for i in s.items} == {"domain:ada.com", "zone:example.com"}
    told = next(e for e in ada.events("domain.") if e.type == "domain.refused")
    assert told.data["reason"] == "refused_by_registry"
    assert told.data["credit_note_id"]


def test_of_a_cart_with_a_coupon_the_name_that_fails_gives_back_what_was_paid_for_it(
    world: FragileWorld, shopper: Shopper, ada: Customer
) -> None:
    """Each line has a share of the 9.00; the name that fails comes back less its own, and the others keep theirs."""
    put_on_offer(world, {"amount": 900, "currency": "USD", "code": "NINE"})
    cart = shopper.cart((COM, "domain:ada.com"), (DEV, "domain:fails-ada.dev"), ZONE, codes=("NINE",))
    shopper.pay(cart)
    shopper.confirm(cart)
    (invoice,) = ada.invoices()
    lines = ada.lines(invoice)
    assert -sum(x.amount for x in lines if x.coupon_id) == 900
    failed = [x for x in lines if x.object == "domain:fails-ada.dev"]
    assert [x.coupon_id for x in failed] == [None, "NINE@1"]
    world.work()
    assert standing(shopper, cart) == {"ada.com": "registered", "fails-ada.dev": "returned"}
    refunds = [
        row for bank in world.banks.played.values() for row in bank.statement() if row.kind == "refund"
    ]
    paid = sum(x.gross for x in failed)
    assert [row.amount for row in refunds if row.customer == ada.id.hex] == [-paid]
    assert ada.invoices()[0].credited == paid


def test_a_registrar_that_does_not_answer_is_asked_again_under_the_same_key(
    world: FragileWorld, shopper: Shopper, registrar: Asked
) -> None:
    cart = shopper.buy((COM, "domain:slow-ada.com"))
    world.work()
    assert standing(shopper, cart) == {"slow-ada.com": "due"}
    world.wait(minutes=2)
    assert standing(shopper, cart) == {"slow-ada.com": "registered"}
    assert len(registrar.keys) == 2
    assert len(set(registrar.keys)) == 1


@pytest.mark.parametrize("name", ["ada.com", "fails-ada.com"])
def test_a_crash_after_the_registrar_acted_asks_again(
    world: FragileWorld, shopper: Shopper, ada: Customer, registrar: Asked, name: str
) -> None:
    cart = shopper.buy((COM, f"domain:{name}"))
    registrar.dies = True
    with pytest.raises(ConnectionAbortedError):
        registering.register(world.platform, bucket_of(ada.id), world.now, 10)
    world.wait(minutes=10)
    assert set(standing(shopper, cart).values()) <= {"registered", "returned"}
    assert len(set(registrar.keys)) == 1
    assert len(ada.events("domain.")) == 1


@pytest.mark.parametrize("after", ["refused", "credited", "ended"])
def test_a_crash_between_refusal_and_refund_gives_back_once(
    world: FragileWorld, shopper: Shopper, ada: Customer, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    cart = shopper.buy((COM, "domain:fails-ada.com"))
    step = {"refused": "_credited", "credited": "_ended", "ended": None}[after]
    due = one_due(shopper, cart)
    registering.register(world.platform, bucket_of(ada.id), world.now, 10)
    assert standing(shopper, cart) == {"fails-ada.com": "refused"}
    refused = replace(due, state=RegistrationState.REFUSED, reason="refused_by_registry")
    elsewhere = replace(refused, item_id=shopper.draw())
    assert registering._credited(world.platform, elsewhere, world.now) is None  # no line charged that
    if step != "_credited":  # what the steps did before the process died; each is found again by its key
        registering._credited(world.platform, refused, world.now)
    if step is None:
        registering._ended(world.platform, refused, world.now)
    world.work()
    assert standing(shopper, cart) == {"fails-ada.com": "returned"}
    assert ada.invoices()[0].credited == ada.invoices()[0].total
    assert ada.subscriptions() == ()
    assert len(ada.events("credit_note.")) == 1


def one_due(shopper: Shopper, cart: Cart) -> Registration:
    (due,) = shopper.shown(cart).registrations
    return due


def test_what_support_has_credited_already_is_not_credited_again(
    world: FragileWorld, shopper: Shopper, ada: Customer
) -> None:
    cart = shopper.buy((COM, "domain:fails-ada.com"))
    (invoice,) = ada.invoices()
    wish = Wish(paid_part=PaidPart.REFUND, reason="sorry", issued_by="carol", key="k", input_hash=b"")
    assert isinstance(
        issue_credit_note(world.platform, Issue(invoice_id=invoice.id, wish=wish), world.now), Issued
    )
    world.work()
    assert standing(shopper, cart) == {"fails-ada.com": "returned"}
    (told,) = ada.events("domain.")
    assert told.data["credit_note_id"] is None


def test_a_payment_under_way_about_it_is_waited_for(
    world: FragileWorld, shopper: Shopper, ada: Customer
) -> None:
    cart = shopper.buy((COM, "domain:fails-ada.com"))
    registering.register(world.platform, bucket_of(ada.id), world.now, 10)
    with world.database.pool.connection() as connection:  # as a renewal that is being collected
        connection.execute(
            """insert into attempt (bucket, id, account_id, path, intent, claim, state, plan, fingerprint, amount,
                currency, off_session, setup, created_at, expires_at, look_at)
            select t.bucket, %s, t.account_id, 'renewal', 'renew', 'sub:' || %s, 'processing', t.plan, 'x', 0, 'USD',
                true, false, t.created_at, t.expires_at, t.created_at + interval '9 years'
            from attempt t where t.account_id = %s limit 1""",
            (blocking := shopper.draw(), str(one_due(shopper, cart).subscription_id), ada.id),
        )
    world.work()
    assert standing(shopper, cart) == {"fails-ada.com": "refused"}
    with world.database.pool.connection() as connection:
        connection.execute("delete from attempt where id = %s", (blocking,))
    world.wait(minutes=5)
    assert standing(shopper, cart) == {"fails-ada.com": "returned"}


def test_a_name_bought_with_something_else_leaves_that(
    world: FragileWorld, shopper: Shopper, ada: Customer
) -> None:
    items = (
        NewItem(price_id=COM, object="domain:fails-ada.com"),
        NewItem(price_id=price("zone-pro", period="year"), object="zone:ada.com"),
    )
    ada.buy(Start(items=items))
    assert shopper.customer is ada
    world.work()
    subscription = ada.subscription()
    assert subscription.pending is not None
    assert [i.object for i in subscription.pending.items or ()] == ["zone:ada.com"]
    world.until(subscription.period.end + timedelta(hours=1))
    assert [i.object for i in ada.subscription().items] == ["zone:ada.com"]


def test_a_name_that_cost_nothing_just_ends(world: FragileWorld, ada: Customer, shopper: Shopper) -> None:
    put_on_offer(world, {"ppm": 1_000_000, "code": "GRATIS"})
    cart = shopper.cart((COM, "domain:fails-ada.com"), codes=("GRATIS",))
    way = shopper.shown(cart).ways[0]
    shopper.pay(cart, way.kind)
    if shopper.shown(cart).state.value == "paying":
        shopper.confirm(cart)
    world.work()
    assert ada.subscriptions() == ()
    assert [e.type for e in ada.events("domain.")] == ["domain.refused"]


def test_of_two_refused_names_of_one_subscription_neither_is_renewed(
    world: FragileWorld, shopper: Shopper, ada: Customer
) -> None:
    assert shopper.customer is ada
    names = ("domain:fails-one.com", "domain:fails-two.com")
    ada.buy(Start(items=tuple(NewItem(price_id=COM, object=name) for name in names)))
    world.work()
    (invoice,) = ada.invoices()
    assert invoice.credited == invoice.total
    assert [e.type for e in ada.events("domain.")] == ["domain.refused"] * 2
    subscription = ada.subscription()
    assert subscription.pending is not None
    assert subscription.pending.cancel
    world.until(subscription.period.end + timedelta(hours=1))
    assert (ada.subscriptions(), len(ada.invoices())) == ((), 1)


def test_a_name_that_leaves_already_with_the_others_is_left_alone(
    world: FragileWorld, shopper: Shopper, ada: Customer
) -> None:
    assert shopper.customer is ada
    items = tuple(NewItem(price_id=COM, object=name) for name in ("domain:fails-one.com", "domain:ada.com"))
    ada.buy(Start(items=items))
    subscription = ada.subscription()
    kept = next(i for i in subscription.items if i.object == "domain:ada.com")
    ada.buy(RemoveItem(subscription_id=subscription.id, item_id=kept.id))
    ada.buy(CancelAtPeriodEnd(subscription_id=subscription.id))
    before = ada.subscription().version
    world.work()
    assert [e.type for e in ada.events("domain.")].count("domain.refused") == 1
    assert ada.subscription().version == before


def test_what_has_ended_meanwhile_is_not_ended_again(
    world: FragileWorld, shopper: Shopper, ada: Customer
) -> None:
    cart = shopper.buy((COM, "domain:fails-ada.com"))
    ada.buy(CancelNow(subscription_id=ada.subscription().id))
    world.work()
    assert standing(shopper, cart) == {"fails-ada.com": "returned"}
    assert ada.invoices()[0].credited == ada.invoices()[0].total


def test_while_its_money_is_disputed_the_line_waits(
    world: FragileWorld, shopper: Shopper, ada: Customer
) -> None:
    cart = shopper.cart((COM, "domain:fails-ada.com"))
    shopper.pay(cart)
    contest = Contest(ada, shopper.confirm(cart))
    world.work()
    assert standing(shopper, cart) == {"fails-ada.com": "refused"}
    contest.close(won=True)
    world.wait(hours=7)
    assert standing(shopper, cart) == {"fails-ada.com": "returned"}
    assert ada.invoices()[0].credited == ada.invoices()[0].total
