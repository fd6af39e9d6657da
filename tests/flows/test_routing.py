"""Routing: new attempts go where the merchant's routes send them, and around a provider that does not answer.

An attempt with an unknown outcome stays where it is.
"""

from dataclasses import replace
from typing import Any

import pytest

from solvent.core.attempt import Attempt
from solvent.core.payment import AttemptState
from solvent.core.plan import Refusal
from solvent.core.routing import Route, Routing
from solvent.flows.change import open_change
from solvent.flows.opening import Asked, Conflict
from solvent.flows.routing import method_for
from solvent.ports.provider import Provider
from solvent.providers.boundary import Boundary, Limits
from solvent.providers.registry import Registry
from solvent.providers.sandbox import SANDBOX, FaultPlan, SandboxProvider
from solvent.sim import Customer
from solvent.sim.banks import NO_FAULTS, SECRET
from tests.flows.acts import GOOD, zone
from tests.simulation.fragile import FragileWorld

PREFERRED = Routing(routes=(Route(provider="sandpal"), Route(provider="sandbox")))


def routed(world: FragileWorld, routing: Routing) -> None:
    world.platform = replace(world.platform, routing=routing)


def guarded(world: FragileWorld) -> None:
    """The banks behind boundaries, which give up at the first call without an answer and wait no real time."""

    def behind(name: str) -> Provider:
        adapter = world.banks.providers.get(name)
        return Boundary(
            adapter,
            Limits(failures_max=1, tries_max=1, open_first_s=600, open_max_s=600),
            clock=lambda: world.now.timestamp(),  # noqa: PLW0108 - of that moment
            sleep=lambda _: None,
        )

    names = world.banks.providers.names()
    world.platform = replace(world.platform, providers=Registry({name: behind(name) for name in names}))


def down(world: FragileWorld, name: str) -> None:
    world.banks.lines[name].plan(FaultPlan(down=1.0))


def opened(customer: Customer, key: str = "k") -> Attempt:
    attempt = customer.ask(zone(f"{key}.example"), key=key)
    assert isinstance(attempt, Attempt)
    return attempt


def test_a_new_payment_goes_to_the_first_route_that_serves(world: FragileWorld, ada: Customer) -> None:
    assert opened(ada, "a").provider == "sandbox"
    routed(world, PREFERRED)
    assert opened(ada, "b").provider == "sandpal"
    routed(
        world,
        Routing(routes=(Route(provider="sandpal", currencies=frozenset({"EUR"})), *PREFERRED.routes[1:])),
    )
    assert opened(ada, "c").provider == "sandbox"


def test_who_is_served_by_nobody_is_told_so(world: FragileWorld, ada: Customer) -> None:
    routed(world, Routing(routes=(Route(provider="sandbox", currencies=frozenset({"EUR"})),)))
    refused = ada.ask(zone())
    rule = "must be one that serves this account in USD: there is none"
    assert refused == Refusal(field="provider", rule=rule)


def test_a_provider_that_is_asked_for_must_be_on_a_route(world: FragileWorld, ada: Customer) -> None:
    routed(world, Routing(routes=(Route(provider="sandbox"),)))
    assert ada.ask(zone(), provider="sandpal") == Refusal(field="provider", rule="must be one of sandbox")


def test_a_stored_method_stays_with_its_provider_whatever_the_routes_say(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone("a.example"), GOOD)
    (method,) = ada.snapshot().methods
    routed(world, Routing(routes=(Route(provider="sandpal"),)))
    attempt = ada.open(zone("b.example"), method=method.id)
    assert attempt.provider == "sandbox"


BY_KIND = Routing(
    routes=(
        Route(provider="sandpal", kinds=frozenset({"agreement"})),
        Route(provider="sandbox", kinds=frozenset({"card"})),
    )
)


def wished(customer: Customer, key: str, **wish: Any) -> Attempt | Conflict | Refusal:  # noqa: ANN401 - of a wish
    """A purchase by a chosen way to pay."""
    world = customer.world
    asked = Asked(account_id=customer.id, key=key, input_hash=key.encode(), **wish)
    return open_change(world.platform, asked, zone(f"{key}.example"), world.now)


def test_a_kind_of_method_goes_to_the_provider_that_serves_it(world: FragileWorld, ada: Customer) -> None:
    for routing in (Routing(), BY_KIND):
        routed(world, routing)
        for kind, provider in (("card", "sandbox"), ("agreement", "sandpal")):
            attempt = wished(ada, f"{kind}-{len(routing.routes)}", method_kind=kind)
            assert isinstance(attempt, Attempt)
            assert (attempt.provider, ada.attempt(attempt).method_kind) == (provider, kind)


def test_a_kind_that_nobody_serves_is_refused_with_those_that_somebody_does(
    world: FragileWorld, ada: Customer
) -> None:
    routed(world, BY_KIND)
    rule = "must be one of agreement, card"
    assert wished(ada, "a", method_kind="bank_debit") == Refusal(field="method_kind", rule=rule)
    rule = "must be one of sandbox"
    asked = wished(ada, "b", method_kind="card", provider="sandpal")
    assert asked == Refusal(field="provider", rule=rule)
    routed(world, Routing(routes=(Route(provider="sandbox", currencies=frozenset({"EUR"})),)))
    rule = "must be one that serves this account in USD: there is none"
    assert wished(ada, "c", method_kind="card") == Refusal(field="provider", rule=rule)


def test_a_kind_is_not_moved_to_a_provider_that_does_not_take_it(world: FragileWorld, ada: Customer) -> None:
    """An outage of the only one that does changes nothing about that."""
    guarded(world)
    down(world, "sandbox")
    opened(ada, "a")
    assert opened(ada, "b").provider == "sandpal"
    attempt = wished(ada, "c", method_kind="card")
    assert isinstance(attempt, Attempt)
    assert attempt.provider == "sandbox"
    world.banks.lines["sandbox"].plan(NO_FAULTS)
    world.wait(hours=1)


def test_a_stored_method_has_a_kind_and_a_provider_of_its_own(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone("a.example"), GOOD)
    (method,) = ada.snapshot().methods
    rule = "must be left out where a stored method is named"
    told = wished(ada, "b", method_id=method.id, method_kind="card")
    assert told == Refusal(field="method_kind", rule=rule)
    only = Registry({"sandpal": world.banks.providers.get("sandpal")})
    world.platform = replace(world.platform, providers=only)
    rule = "must be of a provider that is configured: sandbox is not"
    assert wished(ada, "c", method_id=method.id) == Refusal(field="method_id", rule=rule)


def test_another_kind_for_the_same_thing_takes_the_place_of_the_first(
    world: FragileWorld, ada: Customer
) -> None:
    asked = Asked(account_id=ada.id, key="1", input_hash=b"1", method_kind="card")
    first = open_change(world.platform, asked, zone(), world.now)
    any_kind = open_change(world.platform, replace(asked, key="2", method_kind=None), zone(), world.now)
    other = open_change(world.platform, replace(asked, key="3", method_kind="agreement"), zone(), world.now)
    assert isinstance(first, Attempt)
    assert isinstance(any_kind, Attempt)
    assert isinstance(other, Attempt)
    assert (any_kind.id, other.provider) == (first.id, "sandpal")
    assert ada.attempt(first).state is AttemptState.FAILED


def test_an_amount_below_the_least_is_refused_before_anything_is_opened(
    world: FragileWorld, ada: Customer
) -> None:
    can = replace(SANDBOX.capabilities, minimums={"USD": 10_000})
    demanding = SandboxProvider(
        world.banks.lines["sandbox"], world.clock, SECRET, replace(SANDBOX, capabilities=can)
    )
    world.platform = replace(world.platform, providers=Registry({"sandbox": demanding}))
    rule = "must be one that takes less than 10000 minor units of USD"
    assert ada.ask(zone()) == Refusal(field="provider", rule=rule)
    assert not ada.attempts()


def test_a_provider_that_does_not_answer_is_passed_over_for_new_attempts(
    world: FragileWorld, ada: Customer
) -> None:
    guarded(world)
    down(world, "sandbox")
    first = opened(ada, "a")
    assert (first.provider, first.in_flight) == ("sandbox", True), "nobody knew yet that it does not answer"
    second = opened(ada, "b")
    assert (second.provider, second.state) == ("sandpal", AttemptState.REQUIRES_ACTION)
    world.banks.lines["sandbox"].plan(NO_FAULTS)
    world.wait(minutes=11)
    assert opened(ada, "c").provider == "sandbox"


def test_an_attempt_with_an_unknown_outcome_is_not_moved_to_another_provider(
    world: FragileWorld, ada: Customer
) -> None:
    guarded(world)
    attempt = opened(ada, "a")
    world.banks.lines["sandbox"].script(confirm="lost_reply")
    unknown = ada.confirm(attempt, GOOD)
    assert unknown.state is AttemptState.UNKNOWN
    down(world, "sandbox")
    answer = ada.ask(zone("a.example"), key="again", provider="sandpal")
    assert isinstance(answer, Conflict)
    assert answer.code == "in_flight"
    world.banks.lines["sandbox"].plan(NO_FAULTS)
    world.wait(minutes=12)
    assert ada.attempt(attempt).state is AttemptState.COMMITTED
    assert len(ada.charges()) == 1


def test_when_none_answers_the_first_is_asked_all_the_same(world: FragileWorld, ada: Customer) -> None:
    guarded(world)
    for name in ("sandbox", "sandpal"):
        down(world, name)
        opened(ada, name)
    assert opened(ada, "c").provider == "sandbox"
    for name in ("sandbox", "sandpal"):
        world.banks.lines[name].plan(NO_FAULTS)
    world.wait(hours=1)


@pytest.mark.parametrize("sandbox_is_down", [False, True])
def test_a_renewal_takes_a_method_whose_provider_answers(
    world: FragileWorld, ada: Customer, sandbox_is_down: bool
) -> None:
    ada.buy(zone("a.example"), GOOD)
    ada.buy(zone("b.example"), GOOD, provider="sandpal")
    guarded(world)
    end = ada.subscriptions()[0].period.end
    world.clock.move_to(end)
    if sandbox_is_down:
        down(world, "sandbox")
        opened(ada, "c")  # from here on it is known
    world.work()
    renewed = {
        name
        for name, bank in world.banks.by_name.items()
        if any(row.at >= end for row in bank.charged_to(ada.id))
    }
    assert renewed == {"sandpal" if sandbox_is_down else "sandbox"}
    world.banks.lines["sandbox"].plan(NO_FAULTS)
    world.wait(hours=1)


def test_a_method_of_a_provider_that_is_configured_no_more_is_not_chosen(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone(), GOOD)
    methods = ada.snapshot().methods
    assert method_for(world.platform, methods, "USD") == methods[0]
    only = Registry({"sandpal": world.banks.providers.get("sandpal")})
    assert method_for(replace(world.platform, providers=only), methods, "USD") is None
