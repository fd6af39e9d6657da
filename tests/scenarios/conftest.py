"""Fixtures of the scenarios: worlds on one migrated database with the example catalog and taxes, a bucket each.

Time runs differently in each world, so no two share a bucket; whole-database laws are checked at the end of each.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from solvent.config import Settings
from solvent.sim import World
from solvent.store.embedded import EmbeddedServer
from solvent.store.schema import migrate
from solvent.wiring import Solvent, build
from tests.scenarios.stock import stock

_buckets = itertools.count(1)

OpenWorld = Callable[[datetime], World]


@pytest.fixture(scope="module")
def scenario_solvent(postgres: EmbeddedServer, request: pytest.FixtureRequest) -> Iterator[Solvent]:
    """A platform on a database of the module's own, with the example catalog."""
    url = postgres.url(request.module.__name__.replace(".", "_"))
    postgres.ensure_database(request.module.__name__.replace(".", "_"))
    migrate(url)
    solvent = build(Settings(), url)
    stock(solvent.database)
    yield solvent
    solvent.close()


@pytest.fixture
def open_world(scenario_solvent: Solvent) -> OpenWorld:
    """Opens a world that begins at a moment (UTC), in a bucket of its own."""

    def opened(start: datetime) -> World:
        number = next(_buckets)
        return World(scenario_solvent, start=start, seed=number, buckets=[number])

    return opened
