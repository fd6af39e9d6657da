"""PayPal over a wire that fails at every call: nothing is charged twice, nothing is lost, every law holds.

Seeded: what goes wrong with which call follows from the seed. A few lives here, more by `make soak`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from solvent.sim.banks import Opened
from solvent.wiring import Solvent
from tests.peers.paypal.play import Rooms
from tests.providers.wire import Mishap, Wire
from tests.scenarios.ground import DELAY_S, HURRY_S, PATIENCE_S
from tests.scenarios.paypal_lives import MISHAPS, at_one_call, live, mishap_of, paypal_behind

LATE_ANSWER = MISHAPS.index(Mishap.DELAY) + 12 * len(MISHAPS)  # at the thirteenth call


@pytest.fixture(scope="module")
def rooms() -> Iterator[Rooms]:
    served = Rooms()
    yield served
    served.close()
    assert served.witness.faults == []


@pytest.fixture
def wire(rooms: Rooms) -> Iterator[Wire]:
    between = Wire(rooms.server.address, delay_s=DELAY_S)
    yield between
    between.close()


@pytest.fixture
def opened(rooms: Rooms, wire: Wire) -> Opened:
    """PayPal behind the wire."""
    return paypal_behind(rooms, wire)


@pytest.mark.parametrize("seed", range(3))
def test_a_life_over_a_failing_wire_keeps_every_law(
    scenario_solvent: Solvent, opened: Opened, wire: Wire, seed: int
) -> None:
    live(scenario_solvent, opened, wire, seed)


@pytest.mark.parametrize("seed", [LATE_ANSWER, 113])
def test_a_life_with_one_fault_at_one_call_keeps_every_law(
    scenario_solvent: Solvent, rooms: Rooms, wire: Wire, seed: int
) -> None:
    opened = paypal_behind(rooms, wire, HURRY_S if mishap_of(seed) is Mishap.DELAY else PATIENCE_S)
    live(scenario_solvent, opened, wire, seed, at_one_call(seed))
    assert mishap_of(seed) in wire.met


def test_one_of_the_seeds_is_an_answer_that_comes_too_late() -> None:
    assert mishap_of(LATE_ANSWER) is Mishap.DELAY
