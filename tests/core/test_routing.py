"""Routing: who is served by which provider, in the merchant's order."""

from uuid import UUID

import pytest

from solvent.core.account import Account, Segment
from solvent.core.routing import Route, Routing

BOTH = ("first", "second")
ACCOUNT = Account(
    id=UUID(int=7),
    segment=Segment.STANDARD,
    currency="USD",
    country="US",
    time_zone="UTC",
    email="ada@example.com",
    name="Ada",
    entity="solvent-us",
)


def names(routing: Routing, currency: str = "USD", kind: str | None = None) -> tuple[str, ...]:
    return routing.candidates(ACCOUNT, currency, BOTH, kind)


def test_without_routes_everybody_is_served_by_all() -> None:
    assert names(Routing()) == BOTH


@pytest.mark.parametrize(
    ("route", "served"),
    [
        (Route(provider="second"), True),
        (Route(provider="second", currencies=frozenset({"USD"})), True),
        (Route(provider="second", currencies=frozenset({"EUR"})), False),
        (Route(provider="second", kinds=frozenset({"card"})), True),
        (Route(provider="second", segments=frozenset({Segment.STANDARD})), True),
        (Route(provider="second", segments=frozenset({Segment.CONTRACT})), False),
        (Route(provider="second", entities=frozenset({"solvent-us"})), True),
        (Route(provider="second", entities=frozenset({"solvent-eu"})), False),
        (
            Route(provider="second", currencies=frozenset({"USD"}), segments=frozenset({Segment.PARTNER})),
            False,
        ),
    ],
)
def test_a_route_serves_whom_it_names(route: Route, served: bool) -> None:
    assert names(Routing(routes=(route,))) == (("second",) if served else ())


def test_routes_keep_the_merchants_order_and_name_each_provider_once() -> None:
    routes = (
        Route(provider="second", currencies=frozenset({"USD"})),
        Route(provider="first"),
        Route(provider="second"),
    )
    assert names(Routing(routes=routes)) == ("second", "first")
    assert names(Routing(routes=routes), "EUR") == ("first", "second")


def test_a_route_for_some_kinds_of_methods_serves_those() -> None:
    routing = Routing(routes=(Route(provider="second", kinds=frozenset({"card"})), Route(provider="first")))
    assert names(routing, kind="card") == ("second", "first")
    assert names(routing, kind="bank_debit") == ("first",)
    assert names(Routing(routes=routing.routes[:1]), kind="bank_debit") == ()


def test_where_no_kind_was_chosen_routes_for_any_kind_come_first() -> None:
    some = Route(provider="second", kinds=frozenset({"card"}))
    assert names(Routing(routes=(some, Route(provider="first")))) == ("first", "second")
    assert names(Routing(routes=(some,))) == ("second",)
