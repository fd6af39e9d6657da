"""What of an account ends with an invoice that is given up, and in which scope a policy says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from solvent.core.booking import Booking
from solvent.core.crediting import Claim
from solvent.core.dunning import scope_of
from solvent.core.ending import uncancel
from solvent.core.giving_up import Surrender
from solvent.core.invoice import InvoiceState, Line, LineKind
from solvent.core.ladder import Scope
from solvent.core.period import Period
from solvent.core.plan import Refusal
from solvent.core.policy import Policy
from solvent.core.subscription import Pending, Subscription, SubscriptionState
from solvent.core.surrender import HeldAccount, book_surrender, chargeable, given_up_with
from tests.core.ladders import DAY, LADDER, POLICY, on_day, owed
from tests.core.test_metered_items import CATALOG
from tests.core.till import Till, open_invoice

if TYPE_CHECKING:
    from tests.core.conftest import Shop

ASKED, OTHER, PROOF = UUID(int=0xA1), UUID(int=0xA2), UUID(int=0xF)
EVERYTHING = Surrender(reason="r", by="w", scope=Scope.ACCOUNT)


def subscription(shop: Shop, price: str, thing: str = "account", **other: object) -> Subscription:
    shop.start((price, 1, thing))
    return replace(list(shop.subscriptions.values())[-1], **other)  # type: ignore[arg-type]


def given_up(
    shop: Shop,
    *held: Subscription,
    live: tuple[Subscription, ...] = (),
    flying: frozenset[UUID] = frozenset(),
) -> list[Booking] | Refusal:
    """The unit of one invoice, for `live`, of an account that has `held`."""
    till = Till(shop)
    claim = Claim(
        account=shop.account,
        invoice=open_invoice(shop),
        lines=(),
        credited={},
        live=[(s, PROOF) for s in live],
    )
    account = HeldAccount(account=shop.account, held=[(s, PROOF) for s in (*live, *held)], in_flight=flying)
    return book_surrender(account, [claim], EVERYTHING, shop.convention, till.desk, lambda: ("CN", 1))


def ends(bookings: list[Booking] | Refusal) -> dict[UUID, Subscription]:
    assert isinstance(bookings, list), bookings
    every = [b for booking in bookings for b in (booking, *booking.others)]
    return {b.subscription.id: b.subscription for b in every if b.subscription is not None}


def test_what_is_paid_ahead_ends_with_its_period_and_keeps_its_schedule(shop: Shop) -> None:
    scheduled = Pending(interval=subscription(shop, "seats").interval)
    paid = subscription(shop, "pro", "zone:a.example", pending=scheduled)
    (after,) = ends(given_up(shop, paid)).values()
    assert after.pending == replace(scheduled, cancel=True)
    assert (after.state, after.version, after.period) == (paid.state, paid.version + 1, paid.period)


def test_what_is_paid_ahead_without_a_schedule_gets_one(shop: Shop) -> None:
    (after,) = ends(given_up(shop, subscription(shop, "pro", "zone:a.example"))).values()
    assert after.pending == Pending(cancel=True)


def test_of_the_subscription_alone_nothing_else_ends(shop: Shop) -> None:
    own, other = subscription(shop, "pro", "zone:a.example"), subscription(shop, "seats")
    till = Till(shop)
    claim = Claim(
        account=shop.account, invoice=open_invoice(shop), lines=(), credited={}, live=[(own, PROOF)]
    )
    held = HeldAccount(account=shop.account, held=[(own, PROOF), (other, PROOF)])
    alone = replace(EVERYTHING, scope=Scope.SUBSCRIPTION)
    booked = book_surrender(held, [claim], alone, shop.convention, till.desk, lambda: ("CN", 1))
    assert ends(booked).keys() == {own.id}
    busy = book_surrender(
        held, [replace(claim, in_flight=True)], alone, shop.convention, till.desk, lambda: ("CN", 1)
    )
    assert isinstance(busy, Refusal)
    for moving in (
        False,
        True,
    ):  # the engine has asked whether a page is waited for; what moves, nobody overtakes
        decided = book_surrender(
            held,
            [replace(claim, in_flight=True, moving=moving)],
            replace(alone, decided=True),
            shop.convention,
            till.desk,
            lambda: ("CN", 1),
        )
        assert isinstance(decided, Refusal) is moving


def test_the_engine_gives_up_beside_a_page_that_only_waits(shop: Shop) -> None:
    own, other = subscription(shop, "pro", "zone:a.example"), subscription(shop, "seats")
    flying = frozenset({other.id})
    asked = {False: EVERYTHING, True: replace(EVERYTHING, decided=True)}
    refused = {}
    for decided, surrender in asked.items():
        for moving in (frozenset(), flying):
            till = Till(shop)
            claim = Claim(
                account=shop.account, invoice=open_invoice(shop), lines=(), credited={}, live=[(own, PROOF)]
            )
            held = HeldAccount(
                account=shop.account,
                held=[(own, PROOF), (other, PROOF)],
                in_flight=flying,
                moving=frozenset(moving),
            )
            booked = book_surrender(held, [claim], surrender, shop.convention, till.desk, lambda: ("CN", 1))
            refused[decided, bool(moving)] = isinstance(booked, Refusal)
    assert refused == {(False, False): True, (False, True): True, (True, False): False, (True, True): True}


def test_what_has_ended_is_not_lifted_by_the_next_invoice(shop: Shop) -> None:
    """The second invoice is credited whole: it would lift the subscription that the first one has ended."""
    till = Till(shop)
    own = subscription(shop, "pro", "zone:a.example")
    period = Period(start=shop.now, end=shop.now + 30 * DAY)
    line = Line(kind=LineKind.CHARGE, description="Pro", amount=2_000, explanation="flat", period=period)
    first = Claim(
        account=shop.account, invoice=open_invoice(shop), lines=(), credited={}, live=[(own, PROOF)]
    )
    invoice = replace(open_invoice(shop), id=OTHER)
    second = replace(first, invoice=invoice, lines=(line,), live=[], on_grace=[(own, PROOF)])
    held = HeldAccount(account=shop.account, held=[(own, PROOF)])
    booked = book_surrender(held, [first, second], EVERYTHING, shop.convention, till.desk, lambda: ("CN", 1))
    assert isinstance(booked, list)
    assert [b.subscription is not None for b in booked] == [True, False]
    assert [b.credit_note is not None for b in booked] == [False, True]


def test_what_ends_with_its_period_already_is_left_alone(shop: Shop) -> None:
    leaves = subscription(shop, "pro", "zone:a.example", pending=Pending(cancel=True))
    assert ends(given_up(shop, leaves)) == {}


def test_a_trial_and_what_is_charged_by_usage_end_at_once_and_what_is_free_stays(shop: Shop) -> None:
    trial = subscription(shop, "pro", "zone:a.example", state=SubscriptionState.TRIALING)
    shop.catalog = CATALOG
    metered = subscription(shop, "api-usage")
    free = subscription(shop, "free", "zone:b.example")
    after = ends(given_up(shop, trial, metered, free))
    assert {i: s.state for i, s in after.items()} == {
        trial.id: SubscriptionState.ENDED,
        metered.id: SubscriptionState.ENDED,
    }


def test_each_subscription_ends_once_whatever_was_charged_for_it(shop: Shop) -> None:
    till = Till(shop)
    own = subscription(shop, "pro", "zone:a.example")
    invoices = [open_invoice(shop), replace(open_invoice(shop), id=OTHER)]
    claims = [
        Claim(
            account=shop.account,
            invoice=i,
            lines=(),
            credited={},
            live=[(own, PROOF)],
            on_grace=[(own, PROOF)],
        )
        for i in invoices
    ]
    account = HeldAccount(account=shop.account, held=[(own, PROOF)])
    booked = book_surrender(account, claims, EVERYTHING, shop.convention, till.desk, lambda: ("CN", 1))
    assert isinstance(booked, list)
    assert [b.subscription is not None for b in booked] == [True, False]
    assert [b.settled.gave_up for b in booked if b.settled] == [Scope.ACCOUNT] * 2


def test_nothing_of_the_unit_is_written_while_a_payment_is_under_way(shop: Shop) -> None:
    busy = Refusal(field="invoice_id", rule="must not be given up while a payment is under way")
    paid = subscription(shop, "pro", "zone:a.example")
    assert given_up(shop, paid, flying=frozenset({paid.id})) == busy
    free = subscription(shop, "free", "zone:b.example")
    assert isinstance(given_up(shop, free, flying=frozenset({free.id})), list)


def test_what_can_ever_cost_something(shop: Shop) -> None:
    assert chargeable(subscription(shop, "seats"), shop.catalog)
    assert chargeable(subscription(shop, "calls"), shop.catalog)  # by tiers
    shop.catalog = CATALOG
    metered = subscription(shop, "api-usage")
    price = replace(CATALOG.price("api-usage"), unit_amount=0)
    assert chargeable(metered, replace(CATALOG, prices={**CATALOG.prices, "api-usage": price}))
    assert not chargeable(subscription(shop, "free", "zone:a.example"), shop.catalog)


def test_of_the_account_goes_what_is_due_or_carries_a_subscription(shop: Shop) -> None:
    asked = replace(open_invoice(shop), id=ASKED)
    due = replace(asked, id=OTHER)
    later = replace(asked, id=UUID(int=0xA3), due_at=shop.now + DAY)
    carrying = replace(later, id=UUID(int=0xA4))
    gone = replace(asked, id=UUID(int=0xA5), state=InvoiceState.UNCOLLECTIBLE)
    held = [(subscription(shop, "pro", "zone:a.example", grace_invoice=carrying.id), PROOF)]
    every = (asked, due, later, carrying, gone)
    together = given_up_with(ASKED, Scope.ACCOUNT, every, held, shop.now)
    assert together == (ASKED, OTHER, carrying.id)
    assert given_up_with(ASKED, Scope.SUBSCRIPTION, every, held, shop.now) == (ASKED,)


def test_the_scope_is_that_of_the_ladder(shop: Shop) -> None:
    alone = replace(POLICY, ladders=(replace(LADDER, scope=Scope.SUBSCRIPTION),))
    assert [scope_of(owed(), p) for p in (POLICY, alone, Policy())] == [
        Scope.ACCOUNT,
        Scope.SUBSCRIPTION,
        Scope.SUBSCRIPTION,
    ]


def test_of_an_account_nothing_is_given_up_while_any_payment_of_it_is_in_flight() -> None:
    old, young = owed(), owed(2, due=29, in_flight=True)
    assert on_day(30, old, young).give_up == {}
    assert on_day(30, old, owed(2, due=29)).give_up == {old.invoice_id: Scope.ACCOUNT}
    alone = replace(POLICY, ladders=(replace(LADDER, scope=Scope.SUBSCRIPTION),))
    assert on_day(30, old, young, policy=alone).give_up == {old.invoice_id: Scope.SUBSCRIPTION}
    assert on_day(30, replace(old, in_flight=True), policy=alone).give_up == {}


def test_a_ban_refuses_to_take_back_a_cancellation(shop: Shop) -> None:
    leaves = subscription(shop, "pro", "zone:a.example", pending=Pending(cancel=True))
    refused = uncancel(leaves, replace(shop.context, banned=True))
    assert isinstance(refused, Refusal)
    assert refused.rule == "owes an invoice that was given up: pay the open debt first"
    assert not isinstance(uncancel(leaves, shop.context), Refusal)
