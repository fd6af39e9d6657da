"""Finding: which account somebody means: by an e-mail address, a name, or the number of an invoice.

Owns these reads. An address and a number are found through an index in every bucket; a name is looked for in all of
them, for a bounded time. Does not own the accounts.
"""

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.errors import QueryCanceled
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from solvent.core.ids import BUCKETS

FOUND_MAX = 50
NAMES_TIMEOUT_MS = 2_000

_BY_ADDRESS: LiteralString = """
select f.* from unnest(%(buckets)s::smallint[]) b cross join lateral (
    select a.id, a.name, a.email, a.segment from account a
    where a.bucket = b and lower(a.email) like %(like)s order by a.id limit %(limit)s) f
order by f.id limit %(limit)s"""
_BY_NAME: LiteralString = """
select a.id, a.name, a.email, a.segment from account a where a.name ilike %(like)s order by a.id limit %(limit)s"""
_BY_NUMBER: LiteralString = """
select a.id, a.name, a.email, a.segment from unnest(%(buckets)s::smallint[]) b
join invoice v on v.bucket = b and v.series = %(series)s and v.number = %(number)s
join account a on a.bucket = v.bucket and a.id = v.account_id limit %(limit)s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An account as a list shows it."""

    id: UUID
    name: str
    email: str
    segment: str


def accounts(pool: ConnectionPool[Connection], text: str) -> list[Found]:
    """Accounts whose address begins so, whose name contains it, or whose invoice has that number; at most
    `FOUND_MAX`."""
    series, _, number = text.rpartition("-")
    scalars = {
        "buckets": list(range(BUCKETS)),
        "like": f"{_escaped(text.lower())}%",
        "series": series.upper(),
        "number": int(number) if number.isdecimal() and len(number) < 19 else 0,
        "limit": FOUND_MAX,
    }
    found = _read(pool, _BY_NUMBER, scalars) if series and scalars["number"] else []
    found = found or _read(pool, _BY_ADDRESS, scalars)
    return found or _read(pool, _BY_NAME, {**scalars, "like": f"%{_escaped(text)}%"})


def _read(pool: ConnectionPool[Connection], query: LiteralString, scalars: dict[str, object]) -> list[Found]:
    with pool.connection() as connection, connection.cursor(row_factory=class_row(Found)) as cursor:
        cursor.execute(f"set local statement_timeout = {NAMES_TIMEOUT_MS}")
        try:
            return cursor.execute(query, scalars).fetchall()
        except QueryCanceled:
            connection.rollback()
            return []


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
