"""PayPal over a wire that fails at every call: nothing is charged twice, nothing is lost, every law holds.

Seeded: what goes wrong with which call follows from the seed. A few lives here, more by `make soak`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from solvent.sim.banks import Opened
from solvent.wiring import Solvent
from tests.peers.paypal.play import Rooms
from tests.providers.wire import Wire
from tests.scenarios.paypal_lives import at_one_call, live, paypal_behind


@pytest.fixture(scope="module")
def rooms() -> Iterator[Rooms]:
    served = Rooms()
    yield served
    served.close()
    assert served.witness.faults == []


@pytest.fixture
def wire(rooms: Rooms) -> Iterator[Wire]:
    between = Wire(rooms.server.address)
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


@pytest.mark.parametrize("seed", [13])
def test_a_life_with_one_fault_at_one_call_keeps_every_law(
    scenario_solvent: Solvent, opened: Opened, wire: Wire, seed: int
) -> None:
    live(scenario_solvent, opened, wire, seed, at_one_call(seed))
