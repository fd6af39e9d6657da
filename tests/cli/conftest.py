"""Fixtures of the command line's tests: a runner, and a database with the example catalog for each test that asks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql
from typer.testing import CliRunner, Result

from solvent.cli import app
from solvent.store.embedded import EmbeddedServer

_numbers = itertools.count(1)

Run = Callable[..., Result]


@pytest.fixture
def database_url(postgres: EmbeddedServer) -> Iterator[str]:
    """The address of a new, empty database."""
    name = f"solvent_cli_{next(_numbers)}"
    postgres.ensure_database(name)
    yield postgres.url(name)
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on that database: ``run("keys", "list")``."""
    monkeypatch.setenv("SOLVENT_DATABASE_URL", database_url)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])
