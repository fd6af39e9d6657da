"""Fixtures of the flows' tests: worlds on one database a module, each in a bucket of its own, judged at the end.

The worlds of a module use one process after each other: its connections have met nearly every statement before, those
of the laws among them, and to prepare them anew would cost more than most tests. The banks are in this process, and
nothing of Solvent is replaced: a test of a flow is a test of all of it.
"""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from typing import Any

import pytest

from solvent.flows.opening import Contended
from solvent.sim import Customer
from solvent.store.embedded import EmbeddedServer
from tests.flows.coupons import Offer, put_on_offer
from tests.flows.worlds import Worlds
from tests.simulation.databases import Databases
from tests.simulation.fragile import FragileWorld

Act = Callable[[], object]
AtOnce = Callable[..., list[Any]]
ROUNDS = range(4)


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedServer) -> Databases:
    """Makes databases with goods on sale."""
    return Databases(postgres)


@pytest.fixture(scope="module")
def flows_url(databases: Databases) -> Iterator[str]:
    """The address of a database with goods on sale."""
    with databases.one() as url:
        yield url


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """The numbers of buckets in which no world has been yet: there are 256, so not one for every test of the folder."""
    return itertools.count(1)


@pytest.fixture(scope="module")
def worlds(flows_url: str) -> Iterator[Worlds]:
    """Opens the worlds of a module."""
    with closing(Worlds(flows_url)) as opened:
        yield opened


@pytest.fixture
def world(worlds: Worlds, numbers: Iterator[int]) -> Iterator[FragileWorld]:
    """A world in a bucket of its own; the laws hold when the test is over."""
    with worlds.one(next(numbers)) as world:
        yield world


@pytest.fixture
def ada(world: FragileWorld) -> Customer:
    """A customer who pays in dollars."""
    return world.customer("Ada")


@pytest.fixture
def offer(world: FragileWorld) -> Offer:
    """Puts a coupon on offer, 20 % off once unless told otherwise; its code."""
    return lambda **terms: put_on_offer(world, terms)


@pytest.fixture
def at_once() -> Iterator[AtOnce]:
    """Runs acts at the same moment; their answers in order. Who met others too often says so, and is no fault."""
    with ThreadPoolExecutor(8) as pool:

        def run(*acts: Act) -> list[object]:
            barrier = Barrier(len(acts))

            def start(act: Act) -> object:
                barrier.wait()
                try:
                    return act()
                except Contended as contended:
                    return contended

            return list(pool.map(start, acts))

        yield run


@pytest.fixture(params=ROUNDS)
def ben(request: pytest.FixtureRequest, world: FragileWorld) -> Customer:
    """A customer, anew for each round."""
    return world.customer(f"Ben {request.param}")
