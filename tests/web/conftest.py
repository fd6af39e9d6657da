"""Fixtures of the web tests: one running house per session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from solvent.store.embedded import EmbeddedServer
from solvent.store.schema import migrate
from tests.web.house import House, running


@pytest.fixture(scope="session")
def house(postgres: EmbeddedServer) -> Iterator[House]:
    """The web server and the bank, on a database with the example catalog."""
    postgres.ensure_database("solvent_web")
    url = postgres.url("solvent_web")
    migrate(url)
    with running(url) as opened:
        yield opened


@pytest.fixture
def account(house: House) -> str:
    """A new account's id."""
    return house.account()
