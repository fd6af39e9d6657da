"""Fixtures of the command line's tests: a runner, and a database with the schema for each test that asks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest
from psycopg import sql
from typer.testing import CliRunner, Result

from solvent.cli import app
from solvent.store.embedded import EmbeddedServer
from solvent.store.schema import migrate

_numbers = itertools.count(1)

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def template(postgres: EmbeddedServer) -> str:
    """The name of a database with the schema, of which each test gets a copy."""
    name = "solvent_cli"
    postgres.ensure_database(name)
    migrate(postgres.url(name))
    return name


@pytest.fixture
def database_url(postgres: EmbeddedServer, template: str) -> Iterator[str]:
    """The address of a new database with the schema and nothing else."""
    with _copy(postgres, template) as url:
        yield url


def _copy(postgres: EmbeddedServer, template: str) -> AbstractContextManager[str]:
    return _made(postgres, sql.SQL("template {} strategy file_copy").format(sql.Identifier(template)))


@contextmanager
def _made(postgres: EmbeddedServer, how: sql.Composable) -> Iterator[str]:
    name = sql.Identifier(f"solvent_cli_{next(_numbers)}")
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} {}").format(name, how))
        yield postgres.url(name.as_string().strip('"'))
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(name))


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on that database: ``run("keys", "list")``."""
    return _runner(database_url, monkeypatch)


@pytest.fixture(scope="session")
def shared_url(postgres: EmbeddedServer, template: str) -> Iterator[str]:
    """The address of a copy for the tests of what is refused: nothing is ever written to it."""
    with _copy(postgres, template) as url:
        yield url


@pytest.fixture
def refused(shared_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command that is wrong."""
    return _runner(shared_url, monkeypatch)


@pytest.fixture
def run_on_nothing(postgres: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command on a database in which there is nothing at all."""
    with _made(postgres, sql.SQL("")) as url:
        yield _runner(url, monkeypatch)


def _runner(url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SOLVENT_DATABASE_URL", url)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])
