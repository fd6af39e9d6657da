"""Fixtures of the simulations."""

from collections.abc import Iterator

import pytest

from solvent.store.embedded import EmbeddedServer
from tests.simulation.databases import Databases


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedServer) -> Databases:
    """Makes databases with goods on sale."""
    return Databases(postgres)


@pytest.fixture
def shop_url(databases: Databases) -> Iterator[str]:
    """The address of a new database with goods on sale."""
    with databases.one() as url:
        yield url
