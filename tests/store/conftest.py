"""Fixtures of the store's tests: a migrated database of its own for each test, copied from a template."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from solvent.store import codec
from solvent.store.database import Database
from solvent.store.embedded import EmbeddedServer
from solvent.store.schema import migrate
from tests.store.worlds import PRICES, PRODUCTS, World

TEMPLATE = "solvent_template"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def template(postgres: EmbeddedServer) -> str:
    """The name of a migrated database that nobody is connected to, to copy others from."""
    postgres.ensure_database(TEMPLATE)
    migrate(postgres.url(TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database_url(postgres: EmbeddedServer, template: str) -> Iterator[str]:
    """The address of a new, migrated and empty database."""
    name = f"solvent_test_{next(_numbers)}"
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        copy = sql.SQL("create database {} template {} strategy file_copy")
        connection.execute(copy.format(sql.Identifier(name), sql.Identifier(template)))
    yield postgres.url(name)
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A new database, opened."""
    with Database(database_url) as opened:
        yield opened


@pytest.fixture
def world(database: Database) -> World:
    """A new database with a legal entity, two products and three prices."""
    with database.transaction() as connection:
        connection.execute(
            "insert into legal_entity (id, name, country, series_prefix) values ('solvent-us', 'Solvent', 'US', 'SOL')"
        )
        for product in PRODUCTS:
            connection.execute(
                "insert into product (id, name, family, object_kind, features) values (%s, %s, %s, %s, %s)",
                (
                    product.id,
                    product.name,
                    product.family,
                    product.object_kind,
                    codec.encode(product.features).decode(),
                ),
            )
        for price in PRICES:
            key = price.id.partition("@")[0]
            connection.execute(
                "insert into price (id, key, version, product_id, currency, interval_unit, interval_count, scheme,"
                " unit_amount, package_size, trial_days, active)"
                " values (%s, %s, 1, %s, 'USD', 'month', 1, %s, %s, 1, %s, true)",
                (price.id, key, price.product_id, price.scheme, price.unit_amount, price.trial_days),
            )
    return World(database)
