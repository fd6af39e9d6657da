"""Measures: what was measured of the whole database, a row a day.

Owns these rows. Does not own the figures (`kpi`) nor the laws (`audit`): a row says what they came to at its moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

Pool = ConnectionPool[Connection]

_KEEP = """
insert into kpi_day (day, measured_at, took_s, figures, laws)
values ((%(at)s at time zone 'UTC')::date, %(at)s, %(took)s, %(figures)s, %(laws)s)
on conflict (day) do update set measured_at = excluded.measured_at, took_s = excluded.took_s,
    figures = excluded.figures, laws = excluded.laws
where kpi_day.measured_at < excluded.measured_at"""

_LAST = "select day, measured_at, took_s, figures, laws from kpi_day order by day desc limit 1"

_DAYS = """
select day, measured_at, took_s, figures, laws from kpi_day
where day >= coalesce(%(since)s, '-infinity'::date) and day < coalesce(%(until)s, 'infinity'::date)
order by day desc limit %(limit)s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The last measurement of a day (UTC): figures by name, violations by law, and how many seconds it took."""

    day: date
    measured_at: datetime
    took_s: float
    figures: Mapping[str, float | None]
    laws: Mapping[str, int]


def keep(
    pool: Pool, at: datetime, took_s: float, figures: Mapping[str, float | None], laws: Mapping[str, int]
) -> None:
    """Record a measurement; of a day the latest is kept."""
    with pool.connection() as connection:
        connection.execute(
            _KEEP, {"at": at, "took": took_s, "figures": Jsonb(dict(figures)), "laws": Jsonb(dict(laws))}
        )


def last(pool: Pool) -> Measured | None:
    """The latest measurement; None: nothing was measured yet."""
    with pool.connection() as connection, connection.cursor(row_factory=class_row(Measured)) as cursor:
        return cursor.execute(_LAST).fetchone()


def days(pool: Pool, since: date | None, until: date | None, limit: int) -> list[Measured]:
    """Measurements from `since` to before `until`, the latest first, at most `limit`."""
    with pool.connection() as connection, connection.cursor(row_factory=class_row(Measured)) as cursor:
        return cursor.execute(_DAYS, {"since": since, "until": until, "limit": limit}).fetchall()
