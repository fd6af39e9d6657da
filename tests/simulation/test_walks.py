"""Seeded walks through a merchant's life, and the walks that once failed.

`make test` walks the same few seeds every time; `make soak` walks new ones and says the shortest way to a failure.
"""

import os
from collections.abc import Iterator
from random import SystemRandom

import pytest

from tests.simulation.databases import Databases
from tests.simulation.machine import Billing
from tests.simulation.walk import walk

ACTS = 40
SEEDS = range(1, 1 + int(os.environ.get("SOLVENT_TEST_WALKS", "16")))
SOAK_WALKS = 400

# Seeds of walks that failed once, each with what it found.
REGRESSIONS: dict[int, str] = {}


@pytest.fixture
def machine(databases: Databases) -> Iterator[type[Billing]]:
    """The machine, with databases to live on."""
    Billing.new, Billing.drop = databases.new, databases.drop  # type: ignore[method-assign]
    return Billing


@pytest.mark.parametrize("seed", [*SEEDS, *REGRESSIONS])
def test_wherever_a_walk_leads_the_laws_hold(machine: type[Billing], seed: int) -> None:
    walk(machine, seed, ACTS)


@pytest.mark.soak
def test_wherever_else_walks_lead_the_laws_hold(machine: type[Billing]) -> None:
    for _ in range(SOAK_WALKS):
        walk(machine, SystemRandom().randrange(2**32), ACTS, shrink=True)
