"""Fixtures of the store's tests: a migrated database, in which each test finds nothing of the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from solvent.store import codec
from solvent.store.database import Database
from solvent.store.embedded import EmbeddedServer
from solvent.store.schema import migrate
from tests.clearing import Clearing
from tests.store.worlds import PRICES, PRODUCTS, World

NAME = "solvent_store"


@pytest.fixture(scope="session")
def shared(postgres: EmbeddedServer) -> Clearing:
    """The database that the tests of a session use one after the other."""
    postgres.ensure_database(NAME)
    migrate(postgres.url(NAME))
    return Clearing(postgres.url(NAME))


@pytest.fixture
def database_url(shared: Clearing) -> Iterator[str]:
    """The address of a migrated database in which there is nothing."""
    yield shared.url
    shared.clear()


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
