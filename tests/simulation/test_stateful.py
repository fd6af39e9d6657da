"""Drawn lives: after every act all laws hold, and at the end all money is where it belongs.

`make test` draws the same lives every time; `make soak` draws new ones for as long as it is given.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.simulation.databases import Databases
from tests.simulation.machine import Billing

LIVES, SOAK_LIVES = 6, 400
ACTS = 30


@pytest.fixture
def machine(databases: Databases) -> type[Billing]:
    """The machine, with databases to draw lives on."""
    Billing.new, Billing.drop = databases.new, databases.drop
    return Billing


def lives(count: int, *, drawn_anew: bool) -> settings:
    """How many lives are drawn."""
    return settings(
        max_examples=count,
        stateful_step_count=ACTS,
        deadline=None,
        derandomize=not drawn_anew,
        database=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, *([Phase.shrink] if drawn_anew else [])),
    )


def test_whatever_happens_the_laws_hold(machine: type[Billing]) -> None:
    run_state_machine_as_test(machine, settings=lives(LIVES, drawn_anew=False))


@pytest.mark.soak
def test_whatever_else_happens_the_laws_hold(machine: type[Billing]) -> None:
    run_state_machine_as_test(machine, settings=lives(SOAK_LIVES, drawn_anew=True))
