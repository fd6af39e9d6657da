"""Fail-over between Stripe and PayPal, by routing, over a network that is dead: new attempts go to the other one, what
exists stays where it is, and the circuit says when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import count

import pytest

from solvent.core.attempt import Attempt
from solvent.core.payment import AttemptState
from solvent.flows.opening import Conflict
from solvent.providers.boundary import Limits
from solvent.providers.boundary.breaker import Circuit
from solvent.sim import Customer
from solvent.sim.stories.goods import PRO_COSTS, VISA, zone_plan
from solvent.sim.stories.story import CURTAIN, JANUARY
from solvent.wiring import Solvent
from tests.peers.paypal.play import Rooms as PayPals
from tests.peers.stripe.play import Rooms as Stripes
from tests.providers.wire import Mishap
from tests.scenarios.both import Both, both
from tests.scenarios.plays import bought

OTHER = {"stripe": "paypal", "paypal": "stripe"}
FIRST = sorted(OTHER)
_buckets = count(1)


@pytest.fixture(scope="module")
def rooms() -> Iterator[tuple[Stripes, PayPals]]:
    """Both providers. Whatever went over the wires was as their documents have it."""
    served = Stripes(), PayPals()
    yield served
    for each in served:
        each.close()
        assert each.witness.faults == []


@pytest.fixture
def town(scenario_solvent: Solvent, rooms: tuple[Stripes, PayPals]) -> Iterator[Callable[[str], Both]]:
    """Opens a world with both; at its end, where the other worlds are, every law holds."""
    with ExitStack() as ends:

        def opened(first: str) -> Both:
            made = both(scenario_solvent, *rooms, next(_buckets), first)
            for wire in made.wires.values():
                ends.callback(wire.close)
            ends.callback(_judged, made)
            return made

        yield opened


def _judged(there: Both) -> None:
    there.world.until(CURTAIN)
    assert [finding for finding in there.world.laws() if finding.violations] == []
    keys = [
        row.key
        for bank in there.world.banks.played.values()
        for row in bank.statement()
        if row.kind == "charge"
    ]
    assert len(keys) == len(set(keys)) > 0


def asked(who: Customer) -> Attempt:
    return who.open(zone_plan(f"{who.name}.example"), key="buy")


def charged_by(there: Both, who: Customer) -> list[tuple[str, int]]:
    """Who took how much of a customer before its first renewal."""
    return taken(there, who, JANUARY, who.subscription().period.end)


def taken(there: Both, who: Customer, since: datetime, until: datetime) -> list[tuple[str, int]]:
    """Who took how much of a customer in that time."""
    return [
        (name, row.amount)
        for name, bank in there.world.banks.played.items()
        for row in bank.statement()
        if row.customer == who.id.hex and since <= row.at < until
    ]


@pytest.mark.parametrize("first", FIRST)
def test_new_attempts_go_to_the_other_until_the_first_answers_again(
    town: Callable[[str], Both], first: str
) -> None:
    there, other = town(first), OTHER[first]
    world = there.world
    customers = [world.customer(f"c{n}") for n in range(8)]
    assert asked(customers[0]).provider == first
    waiting, moved = list[Customer](), list[Customer]()
    with there.cut(first):
        for who in customers[1:7]:
            attempt = asked(who)
            if attempt.provider == first:
                assert (attempt.in_flight, attempt.ref) == (True, None), "nobody knew yet that it is dead"
                assert there.circuit(other) is Circuit.CLOSED
                waiting.append(who)
            else:
                assert there.circuit(first) is Circuit.OPEN
                assert who.complete(attempt, VISA).state is AttemptState.COMMITTED
                moved.append(who)
        assert customers[1 : 1 + len(waiting)] == waiting, "once it is known, nobody is sent there"
        # Each of them is three calls that do not arrive, and ten in a row open the circuit.
        assert len(waiting) == -(-Limits().failures_max // Limits().tries_max) == 4
        assert len(moved) == 2
    world.wait(seconds=Limits().open_max_s + 1)
    last = asked(customers[7])
    assert (last.provider, there.circuit(first)) == (first, Circuit.CLOSED)
    for who in (customers[0], *waiting, customers[7]):
        assert bought(who, zone_plan(f"{who.name}.example")).provider == first
    for who in customers:
        assert charged_by(there, who) == [(other if who in moved else first, PRO_COSTS)]


@pytest.mark.parametrize("first", FIRST)
def test_an_attempt_whose_outcome_is_unknown_never_moves(town: Callable[[str], Both], first: str) -> None:
    """The money has been taken, the answer was lost, and then the network is dead: for the customer there is no second
    payment at the other provider, however it is asked for."""
    there, other = town(first), OTHER[first]
    world = there.world
    ada, bob = world.customer("Ada"), world.customer("Bob")
    attempt = asked(ada)
    if first == "paypal":
        ada.approve(attempt, VISA)
    met = iter([Mishap.NONE])  # it is looked at; then it is paid, and the answer is lost
    there.wires[first].choose = lambda: next(met, Mishap.CUT_AFTER)
    unknown = ada.confirm(attempt, VISA)
    there.wires[first].choose = lambda: Mishap.NONE
    assert unknown.state is AttemptState.UNKNOWN
    assert [row.amount for row in ada.charges()] == [PRO_COSTS]
    world.banks.deliveries(world.now)  # what it tells of it is lost as well
    with there.cut(first):
        while there.circuit(first) is Circuit.CLOSED:
            bought_later(bob)
        for provider in (None, other):
            answer = ada.ask(zone_plan("Ada.example"), key=f"again {provider}", provider=provider)
            assert isinstance(answer, Attempt | Conflict)
            if isinstance(answer, Attempt):
                assert (answer.id, answer.provider) == (attempt.id, first)
            else:
                assert (answer.code, answer.attempt_id) == ("in_flight", attempt.id)
        assert ada.subscriptions() == ()
    world.wait(hours=1)
    assert ada.attempt(attempt).state is AttemptState.COMMITTED
    assert charged_by(there, ada) == [(first, PRO_COSTS)]


@pytest.mark.parametrize("first", FIRST)
def test_a_renewal_takes_the_method_whose_provider_answers(town: Callable[[str], Both], first: str) -> None:
    there, other = town(first), OTHER[first]
    world = there.world
    ada, bob = world.customer("Ada"), world.customer("Bob")
    for name in (first, other):
        ada.buy(zone_plan(f"{name}.example"), VISA, provider=name)
    end = ada.subscriptions()[0].period.end
    world.clock.move_to(end)
    with there.cut(first):
        while there.circuit(first) is Circuit.CLOSED:
            bought_later(bob)
        world.work()
        assert taken(there, ada, end, CURTAIN) == [(other, 2 * PRO_COSTS)]
    world.wait(hours=2)
    assert taken(there, ada, end, CURTAIN) == [(other, 2 * PRO_COSTS)]


def bought_later(who: Customer) -> None:
    """Somebody asks for something, which goes nowhere."""
    who.open(zone_plan(f"{who.name}-{len(who.attempts())}.example"))
