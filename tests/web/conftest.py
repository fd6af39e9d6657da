"""Fixtures of the web tests: one running house per session, one browser per module that asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from solvent.store.embedded import EmbeddedServer
from solvent.store.schema import migrate
from tests.web.browser import launched
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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser. Whoever asks for it is marked `needs_browser`."""
    with launched() as browser:
        yield browser
