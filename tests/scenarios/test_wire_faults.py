"""HTTP that fails between Stripe's adapter and Stripe through whole lives: no double charge, nothing lost.

Everything is real but the provider: flows, database, boundary, adapter, sockets. Faults come from a seed; `make soak`
plays many more, and each fault at each request of a life. Each call by itself: `test_each_call`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from solvent.sim import World
from solvent.sim.stories.goods import CHALLENGED, VISA
from solvent.wiring import Solvent
from tests.peers.stripe.play import Rooms
from tests.providers.wire import Mishap, Wire
from tests.scenarios.wire_lives import (
    DELAY_S,
    each_call,
    lived,
    world_at_stripe,
)

LIVES = 40
_buckets = count(1)


@pytest.fixture(scope="module")
def rooms() -> Iterator[Rooms]:
    """Stripes, one for each world. Whatever went over the wire was as Stripe's document has it."""
    served = Rooms()
    yield served
    served.close()
    assert served.witness.faults == []


@pytest.fixture
def wire(rooms: Rooms) -> Iterator[Wire]:
    """What goes wrong goes wrong here; the payer's own browser is not behind it."""
    wire = Wire(rooms.server.address, delay_s=DELAY_S)
    yield wire
    wire.close()


@pytest.fixture
def world(scenario_solvent: Solvent, rooms: Rooms, wire: Wire, request: pytest.FixtureRequest) -> World:
    """A world whose Stripe is reached through the wire."""
    copies = "copies" in request.node.name
    return world_at_stripe(scenario_solvent, rooms, wire, next(_buckets), copies=copies)


def test_a_lost_answer_at_each_request_of_a_life(world: World, rooms: Rooms, wire: Wire) -> None:
    each_call(world, rooms, wire, Mishap.CUT_AFTER, CHALLENGED)
    assert wire.met.count(Mishap.CUT_AFTER) >= 10


@pytest.mark.parametrize("seed", [1])
def test_lives_over_a_wire_that_fails_at_random(world: World, rooms: Rooms, wire: Wire, seed: int) -> None:
    lived(world, rooms, wire, seed, LIVES)


def test_a_lost_answer_at_each_call_with_copies(world: World, rooms: Rooms, wire: Wire) -> None:
    each_call(world, rooms, wire, Mishap.CUT_AFTER, VISA)
    assert wire.met.count(Mishap.CUT_AFTER) >= 15


def test_lives_at_random_with_copies(world: World, rooms: Rooms, wire: Wire) -> None:
    lived(world, rooms, wire, 2, 8)
