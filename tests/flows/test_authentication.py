"""Authentication on demand: asked of who pays for what requires it, in ways that can, and of nobody who is away."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from solvent.core.attempt import Attempt
from solvent.core.change import plan_change
from solvent.core.payment import ActionKind, AttemptState, Authentication
from solvent.core.plan import Plan, Refusal
from solvent.core.request import Change, NewItem, Start
from solvent.core.routing import Route, Routing
from solvent.core.way import WayKind
from solvent.flows.change import context_of
from solvent.flows.opening import Asked, Conflict, open_attempt, payment_request
from solvent.flows.ways import ways_to_pay
from solvent.ports.store import AccountView
from solvent.sim import Customer
from tests.flows.acts import DEBIT, GOOD, zone
from tests.simulation.fragile import FragileWorld
from tests.simulation.goods import price

AUTOMATIC, PREFERRED, REQUIRED = Authentication
DOMAIN = Start(items=(NewItem(price_id=price("domain-com", period="year"), object="domain:ada.com"),))
RULE = "with which the payer is authenticated on demand: what is bought requires it"


def routed_to(world: FragileWorld, *names: str) -> None:
    routes = tuple(Route(provider=name) for name in names)
    world.platform = replace(world.platform, routing=Routing(routes=routes))


def planned(
    world: FragileWorld, view: AccountView, moment: datetime, change: Change, demand: Authentication
) -> Plan:
    """The plan of a change, as if what is sold demanded that."""
    plan = plan_change(change, context_of(world.platform, view, change, moment))
    assert isinstance(plan, Plan), plan
    return replace(plan, authentication=demand)


def opened(
    world: FragileWorld,
    who: Customer,
    demand: Authentication,
    **asked: Any,  # noqa: ANN401 -- of `Asked`
) -> Attempt | Refusal | Conflict:
    """A zone is opened, as if its product demanded that."""
    told = Asked(account_id=who.id, key=f"{demand} {asked}", input_hash=b"1", **asked)
    return open_attempt(
        world.platform, told, lambda view, at: planned(world, view, at, zone(), demand), world.now
    )


def ways(world: FragileWorld, who: Customer, demand: Authentication) -> list[tuple[WayKind, str | None]]:
    with world.platform.store.look() as tx:
        view = tx.accounts.view(who.id)
    assert view is not None
    plan = planned(world, view, world.now, zone(), demand)
    return [(way.kind, way.provider) for way in ways_to_pay(world.platform, view, plan)]


def test_a_card_that_would_pay_at_once_is_asked_and_then_renewed_without_the_payer(
    world: FragileWorld, ada: Customer
) -> None:
    asked = ada.confirm(ada.open(DOMAIN), GOOD)
    assert (asked.state, ada.charges(), ada.subscriptions()) == (AttemptState.REQUIRES_ACTION, [], ())
    assert asked.action is not None
    assert asked.action.kind is ActionKind.REDIRECT
    ada.pass_challenge(asked)
    assert ada.confirm(asked).state is AttemptState.COMMITTED
    first = ada.subscription().period
    world.until(first.end)
    assert ada.subscription().period.start == first.end
    assert len(ada.charges()) == 2


def test_who_fails_it_has_bought_nothing(ada: Customer) -> None:
    asked = ada.confirm(ada.open(DOMAIN), GOOD)
    ada.pass_challenge(asked, passed=False)
    assert ada.confirm(asked).state is AttemptState.FAILED
    assert (ada.charges(), ada.subscriptions()) == ([], ())


def test_a_card_on_file_is_asked_too(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    (card,) = ada.snapshot().methods
    asked = ada.confirm(ada.open(DOMAIN, method=card.id))
    assert asked.state is AttemptState.REQUIRES_ACTION
    assert len(ada.charges()) == 1
    ada.pass_challenge(asked)
    assert ada.confirm(asked).state is AttemptState.COMMITTED


def test_a_provider_that_cannot_is_passed_over_or_refused(world: FragileWorld, ada: Customer) -> None:
    routed_to(world, "sandpal", "sandbox")
    assert ada.open(DOMAIN).provider == "sandbox"
    assert ada.ask(DOMAIN, provider="sandpal", key="there") == Refusal(
        field="provider", rule=f"must be one {RULE}"
    )
    routed_to(world, "sandpal")
    assert ada.ask(DOMAIN, key="nowhere") == Refusal(field="provider", rule=f"must be one {RULE}")


def test_a_kind_of_method_that_cannot_is_refused_by_name(world: FragileWorld, ada: Customer) -> None:
    refused = opened(world, ada, REQUIRED, method_kind="bank_debit")
    assert refused == Refusal(field="method_kind", rule=f"must be a kind {RULE}")
    paid = opened(world, ada, REQUIRED, method_kind="card")
    assert isinstance(paid, Attempt)


@pytest.mark.parametrize("provider", ["sandbox", "sandpal"])
def test_a_method_on_file_that_cannot_is_refused_by_name(
    world: FragileWorld, ada: Customer, provider: str
) -> None:
    ada.buy(zone(), DEBIT if provider == "sandbox" else GOOD, provider=provider)
    world.wait(days=4)
    (method,) = ada.snapshot().methods
    assert method.kind in ("bank_debit", "agreement")
    refused = ada.ask(DOMAIN, method=method.id)
    assert refused == Refusal(field="method_id", rule=f"must be a method {RULE}")


def test_what_nobody_moves_is_said_before_who_is_authenticated(world: FragileWorld, ada: Customer) -> None:
    routed_to(world, "sandpal")
    dinars = world.customer("Dee", currency="KWD")
    told = Asked(account_id=dinars.id, key="k", input_hash=b"1")
    refused = open_attempt(
        world.platform,
        told,
        lambda view, at: planned(world, view, at, zone(currency="KWD"), REQUIRED),
        world.now,
    )
    assert refused == Refusal(field="provider", rule="must be one that takes KWD")


def test_where_it_is_preferred_whoever_cannot_goes_on(world: FragileWorld, ada: Customer) -> None:
    elsewhere = opened(world, ada, PREFERRED, provider="sandpal")
    assert isinstance(elsewhere, Attempt)
    ada.approve(elsewhere)
    assert ada.confirm(elsewhere).state is AttemptState.COMMITTED
    bea = world.customer("Bea")
    here = opened(world, bea, PREFERRED)
    assert isinstance(here, Attempt)
    assert bea.confirm(here, GOOD).state is AttemptState.REQUIRES_ACTION


def test_only_ways_that_can_are_shown(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone("one.example"), provider="sandpal")
    ada.buy(zone("two.example"), provider="sandbox")
    shown = ways(world, ada, AUTOMATIC)
    assert {(WayKind.SAVED, "sandpal"), (WayKind.AGREEMENT, "sandpal")} < set(shown)
    assert ways(world, ada, PREFERRED) == shown
    assert ways(world, ada, REQUIRED) == [(WayKind.SAVED_CARD, "sandbox"), (WayKind.CARD, "sandbox")]


def test_nobody_who_is_away_is_asked(world: FragileWorld, ada: Customer) -> None:
    attempt = ada.open(DOMAIN)
    assert payment_request(attempt).authentication is REQUIRED
    assert payment_request(replace(attempt, off_session=True)).authentication is AUTOMATIC
