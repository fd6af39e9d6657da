"""Invoices: documents issued per second, each with its number, beside the ceiling.

Owns the course: a fleet of accounts on terms, whose renewal issues the invoice first and asks for no payment; the same
rows replayed on a fleet that starts alike; and the proof that every number was given once and none was left out. Does
not own the work (`clerk`), the ceiling (`replay`) nor the legs (`renewals`).
"""

import psycopg

from bench.crew import crew
from bench.fleet import make_fleet, present
from bench.ground import Ground
from bench.renewals import BATCH, Leg, ceilings_of, prove, rows_of, work
from bench.report import Row, fact
from solvent.core.ids import BUCKETS

TERMS_DAYS = 30
INVOICES = 100_000

_ISSUED = """
select count(*) filter (where i.state = 'open'), count(*) filter (where p.kind = 'terms'),
       count(*) filter (where i.due_at > i.issued_at)
from invoice i join proof p on p.bucket = i.bucket and p.id = i.proof_id where i.issued_at >= %s"""
_ODD_SERIES = """
select count(*) from invoice_series s
left join (select bucket, series, count(distinct number) as n, min(number) as first, max(number) as last
           from invoice group by bucket, series) i using (bucket, series)
where (i.n, i.first, i.last) is distinct from (s.last, 1::bigint, s.last)"""


def run(ground: Ground, invoices: int, workers: int) -> list[Row]:
    """Measure; raises AssertionError when a number is missing, or anything that was written is not as it must be."""
    now = present()
    fleet = ground.new("fleet")
    make_fleet(ground.url(fleet), invoices, now, TERMS_DAYS)
    database = ground.clone(fleet, "invoices")
    url = ground.url(database)
    with crew(url, workers, now, BATCH) as clerks:
        result, reading = work(ground, database, clerks, range(BUCKETS))
    ((ceiling, ceiling_reading),) = ceilings_of(ground, fleet, database, now, [(workers, range(BUCKETS))])
    prove(url, invoices, now)
    _prove_numbers(url, invoices, now)
    leg = Leg(
        workers=workers, result=result, reading=reading, ceiling=ceiling, ceiling_reading=ceiling_reading
    )
    return [*rows_of("invoices issued on terms", leg, "invoice"), fact("  series without a gap", "all")]


def _prove_numbers(url: str, invoices: int, now: object) -> None:
    """Every invoice is open, stands on terms and is due later; every series counts from one to its last."""
    with psycopg.connect(url) as connection:
        assert connection.execute(_ISSUED, (now,)).fetchone() == (invoices,) * 3
        assert connection.execute(_ODD_SERIES).fetchone() == (0,)
