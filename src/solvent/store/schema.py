"""Schema: bringing a database to the newest version, and saying which one it has.

Owns running the migrations, one process at a time. Does not own their content (`migrations`).
"""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK_KEY = 0x50_1F_E2_97  # any number that no other program takes as an advisory lock in this database


def migrate(url: str) -> None:
    """Run every step that the database lacks, all in one transaction; a second caller waits and finds nothing to do."""
    engine = _engine(url)
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def current(url: str) -> str | None:
    """The version of the database's schema; None when it has none."""
    with _engine(url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The version that this code expects."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _engine(url: str) -> Engine:
    """An engine whose connections psycopg opens itself, so that every libpq address means the same everywhere."""
    return create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
