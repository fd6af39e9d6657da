"""Schema: bringing a database to the newest version, and saying which one it has.

Owns running the migrations, one process at a time. Does not own their content (`migrations`). Every command asks for
the version and hardly one migrates, so what migrates is loaded by that alone: it takes as long as half of a command.
"""

from pathlib import Path

import psycopg

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK_KEY = 0x50_1F_E2_97  # any number that no other program takes as an advisory lock in this database


def migrate(url: str) -> None:
    """Run every step that the database lacks, all in one transaction; a second caller waits and finds nothing to do."""
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415 - as above
    from sqlalchemy import create_engine, text  # noqa: PLC0415 - as above
    from sqlalchemy.pool import NullPool  # noqa: PLC0415 - as above

    # psycopg opens the connection itself, so that every libpq address means the same everywhere.
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def current(url: str) -> str | None:
    """The version of the database's schema; None when it has none."""
    with psycopg.connect(url) as connection:
        return version_of(connection)


def version_of(connection: psycopg.Connection) -> str | None:
    """The same, of a database that somebody has opened."""
    if connection.execute("select to_regclass('alembic_version') is not null").fetchone() != (True,):
        return None
    row = connection.execute("select version_num from alembic_version").fetchone()
    return None if row is None else row[0]


def newest() -> str:
    """The version that this code expects: the number with which the name of the last step begins."""
    return max(step.name.partition("_")[0] for step in (MIGRATIONS / "versions").glob("[0-9]*.py"))
