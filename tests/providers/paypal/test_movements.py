"""What PayPal's captures and refunds say that moved, and what it kept."""

from datetime import timedelta
from typing import Any

import pytest

from solvent.core.movement import Movement, MovementKind
from solvent.ports.provider import ProviderSilent
from solvent.providers.paypal import history
from solvent.providers.paypal.movements import of_order
from tests.peers.paypal import Wallet

World = Any  # the fixture's class; see conftest
HOUR = timedelta(hours=1)


def listed(world: World) -> list[Movement]:
    return list(world.provider.movements_since(world.clock() - HOUR, world.clock() + HOUR))


def test_a_capture_and_its_refund_bear_what_paypal_kept_and_gave_back(world: World) -> None:
    paid = world.pay()
    request = world.refund_request(paid, 500)
    refunded = world.provider.refund(request)
    told = [
        (m.kind, m.name, m.ref, m.key, m.amount, m.currency, m.fee, m.fee_currency) for m in listed(world)
    ]
    assert told == [
        (MovementKind.PAYMENT, paid.ref, paid.ref, paid.key, 1_200, "USD", 90, "USD"),
        (MovementKind.REFUND, refunded.ref, refunded.ref, request.key, -500, "USD", -17, "USD"),
    ]


def test_what_is_pending_has_not_moved_until_it_has(world: World) -> None:
    paid = world.pay(Wallet(status="PENDING"))
    assert listed(world) == []
    world.clock.advance(days=4)
    world.provider.get(paid.key, paid.ref)  # somebody asks, so that the peer looks at its clock
    (told,) = listed(world)
    assert (told.amount, told.fee) == (1_200, 90)


def test_a_refund_that_is_pending_has_not_moved(world: World) -> None:
    paid = world.pay(Wallet(refunds="PENDING"))
    world.provider.refund(world.refund_request(paid, 500))
    assert [m.kind for m in listed(world)] == [MovementKind.PAYMENT]


def test_a_refund_that_paypal_has_nothing_of_is_left_out(world: World) -> None:
    paid = world.pay()
    refunded = world.provider.refund(world.refund_request(paid, 500))
    del world.peer.book.refunds[refunded.ref]
    assert [m.kind for m in listed(world)] == [MovementKind.PAYMENT]


def test_a_capture_without_a_breakdown_has_no_fee() -> None:
    capture = {
        "id": "C1",
        "status": "COMPLETED",
        "amount": {"currency_code": "USD", "value": "12.00"},
        "create_time": "2031-03-01T12:00:00Z",
    }
    order = {"purchase_units": [{"payments": {"captures": [capture]}}]}
    (told,) = of_order(order)
    assert (told.amount, told.fee, told.fee_currency, told.key) == (1_200, 0, None, None)
    capture["amount"] = {"currency_code": "USD", "value": "a lot"}
    with pytest.raises(ProviderSilent, match="cannot be read: ValueError"):
        list(of_order(order))
    with pytest.raises(ProviderSilent, match="cannot be read: KeyError"):
        list(of_order({"purchase_units": [{"payments": {"captures": [{}]}}]}))


def test_a_list_that_is_too_long_is_read_in_halves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE_ROWS", 6)
    monkeypatch.setattr(history, "PAGES_MAX", 1)
    paid = []
    for _ in range(4):
        paid.append(world.pay())
        world.clock.advance(minutes=7)
    assert {m.ref for m in listed(world)} == {report.ref for report in paid}
    assert {r.ref for r in world.provider.reports_since(world.clock() - HOUR)} == {r.ref for r in paid}


def test_more_than_a_list_in_one_second_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE_ROWS", 1)
    monkeypatch.setattr(history, "PAGES_MAX", 1)
    world.pay()
    world.pay()
    with pytest.raises(ProviderSilent, match="more than 1 notifications in a second"):
        listed(world)


def test_a_statement_of_the_past_asks_for_the_past(world: World) -> None:
    paid = world.pay()
    world.clock.advance(hours=5)
    world.pay()
    asked = world.clock() - 6 * HOUR, world.clock() - 4 * HOUR
    assert [m.ref for m in world.provider.movements_since(*asked)] == [paid.ref]
