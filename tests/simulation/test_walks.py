"""Seeded walks through a merchant's life, and the walks that once failed.

`make test` walks the same few seeds every time; `make soak` walks new ones and says the shortest way to a failure.
"""

import os
from random import SystemRandom

import pytest

from solvent.core.payment import StaleMoney
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.databases import Databases
from tests.simulation.life import LEAVE
from tests.simulation.machine import GOOD, TROUBLE_LATER, Billing
from tests.simulation.walk import Call, replay, walk
from tests.simulation.watched import watched

ACTS = 40
SEEDS = range(1, 1 + int(os.environ.get("SOLVENT_TEST_WALKS", "4")))
SOAK_WALKS = 400

# Walks that failed once, at their shortest, by what they found.
REGRESSIONS = {
    "a debt that is being paid changed the next look, and nobody was told": [
        Call("opens", {"stale_money": StaleMoney.CREDIT, "currency": "JPY", "what": 273, "way": GOOD}),
        Call(
            "switches",
            {"who": 812, "number": 431, "way": TROUBLE_LATER[0], "asking": None, "paying": None},
        ),
        Call("a_period_ends", {"who": 136, "number": 552, "mishap": Mishap(Trouble.KILLED, 10)}),
        Call("pays_debt", {"who": 140, "number": 984, "way": LEAVE, "mishap": None}),
    ],
}


@pytest.fixture
def machine(databases: Databases) -> type[Billing]:
    """The machine, with databases to live on; whoever changes a grant there must tell."""
    Billing.new, Billing.drop = lambda: watched(databases.new()), databases.drop
    return Billing


@pytest.mark.parametrize("found", REGRESSIONS)
def test_what_a_walk_found_once_is_not_found_again(machine: type[Billing], found: str) -> None:
    replay(machine, REGRESSIONS[found])


@pytest.mark.parametrize("seed", SEEDS)
def test_wherever_a_walk_leads_the_laws_hold(machine: type[Billing], seed: int) -> None:
    walk(machine, seed, ACTS)


@pytest.mark.soak
def test_wherever_else_walks_lead_the_laws_hold(machine: type[Billing]) -> None:
    for _ in range(SOAK_WALKS):
        walk(machine, SystemRandom().randrange(2**32), ACTS, shrink=True)
