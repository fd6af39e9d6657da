"""Deferrals: the lines in advance, as the ledger holds them, and what is earned of them.

Owns the one SQL text that says which lines are earned over a period, without their tax: those of invoices, and what
credit notes take of them. Does not own the formula
(`core.recognition`): what lies wholly in the past is summed here, and only lines whose period is under way are handed
over, a batch at a time.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from solvent.core.closing import BookSet
from solvent.core.period import Period
from solvent.core.proration import Granularity
from solvent.core.recognition import Deferral, Spread, recognised

BATCH_ROWS = 5_000

LINES: LiteralString = """(
    select l.bucket, v.account_id, v.currency, l.amount - case when l.inclusive then l.tax else 0 end as amount,
           l.period_start, l.period_end, v.issued_at as booked_at,
           v.id as cause_id, v.id as invoice_id, l.position, null::bigint as credited_before,
           null::bigint as number
    from invoice_line l join invoice v on v.bucket = l.bucket and v.id = l.invoice_id
    where l.period_start is not null and l.amount <> 0 and l.kind <> 'usage'
    union all
    select n.bucket, c.account_id, c.currency, n.tax - n.amount, n.period_start, n.period_end, c.issued_at as booked_at,
           n.invoice_id, n.invoice_id, n.position, c.credited_before, c.number
    from credit_note_line n join credit_note c on c.bucket = n.bucket and c.id = n.credit_note_id
    where n.period_start is not null)"""

# Of what a credit note takes: the line itself, and what earlier credit notes took of it, as [amount, start, end].
AFTER: LiteralString = """case when d.credited_before is not null then (
    select json_agg(json_build_array(e.amount, e.period_start, e.period_end)) from (
        select l.amount - case when l.inclusive then l.tax else 0 end as amount, l.period_start, l.period_end
        from invoice_line l where l.bucket = d.bucket and l.invoice_id = d.invoice_id and l.position = d.position
        union all
        select n.tax - n.amount, n.period_start, n.period_end
        from credit_note_line n join credit_note c on c.bucket = n.bucket and c.id = n.credit_note_id
        where n.bucket = d.bucket and n.invoice_id = d.invoice_id and n.position = d.position
          and (c.credited_before, c.issued_at, c.number) < (d.credited_before, d.booked_at, d.number)) e) end"""

# What reports leave out unless they are asked for it: accounts that live on a clock of their own.
SCOPE: LiteralString = (
    """(%(entity)s::text is null or a.entity = %(entity)s) and (%(test_clocks)s or a.test_now is null)"""
)

_OVER = f"""
select a.entity, d.currency, sum(d.amount)
from {LINES} d join account a on a.bucket = d.bucket and a.id = d.account_id
where d.booked_at < %(at)s and d.period_end <= %(at)s and {SCOPE}
group by a.entity, d.currency"""

_UNDER_WAY = f"""
select a.entity, d.currency, a.time_zone, d.amount, d.period_start, d.period_end, d.booked_at, {AFTER}
from {LINES} d join account a on a.bucket = d.bucket and a.id = d.account_id
where d.booked_at < %(at)s and d.period_start < %(at)s and d.period_end > %(at)s and {SCOPE}"""


def rows(connection: Connection, query: str, scalars: dict[str, object]) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, a batch at a time from a cursor on the server: memory does not grow with them."""
    with connection.cursor(name="report") as cursor:
        cursor.itersize = BATCH_ROWS
        cursor.execute(query, scalars, binary=True)
        yield from cursor


def spread(after: list[tuple[int, str, str]] | None) -> tuple[Spread, ...]:
    """What `AFTER` reads."""
    return tuple(
        Spread(
            amount=amount, period=Period(start=datetime.fromisoformat(start), end=datetime.fromisoformat(end))
        )
        for amount, start, end in after or ()
    )


def earned(
    connection: Connection, at: datetime, granularity: Granularity, scalars: dict[str, object]
) -> dict[BookSet, int]:
    """What the books show as earned before `at`, by legal entity and currency. `scalars` are those of `SCOPE`."""
    scalars = {**scalars, "at": at}
    done = connection.execute(_OVER, scalars, binary=True).fetchall()
    result: dict[BookSet, int] = {(entity, currency): int(amount) for entity, currency, amount in done}
    for entity, currency, zone, amount, start, end, booked_at, after in rows(connection, _UNDER_WAY, scalars):
        period = Period(start=start, end=end)
        line = Deferral(
            amount=amount, period=period, booked_at=booked_at, time_zone=zone, after=spread(after)
        )
        books = entity, currency
        result[books] = result.get(books, 0) + recognised(line, at, granularity)
    return result
