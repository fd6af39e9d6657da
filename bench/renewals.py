"""Renewals: accounts renewed per second, from due to published events, beside the ceiling.

Owns the course: a fleet, a part of it renewed by one worker and the rest by several, the same rows replayed on a fleet
that starts alike, the recompute that follows, and the proof that all of it was right. Does not own the work (`clerk`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from bench import replay
from bench.crew import Crew, Result, crew
from bench.fleet import make_fleet, present
from bench.ground import Ground
from bench.meters import Reading, measured
from bench.report import Row, fact, rate
from solvent.audit import audit
from solvent.config import Settings
from solvent.core.ids import BUCKETS
from solvent.wiring import build

BATCH = 1000
ALONE = range(BUCKETS // 4)  # the buckets that one worker renews by itself
TOGETHER = range(BUCKETS // 4, BUCKETS)

_PERIODS = "select count(*) filter (where period_index = 1 and version = 2), count(*) from subscription"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One part of the run beside its ceiling."""

    workers: int
    result: Result
    reading: Reading
    ceiling: float
    ceiling_reading: Reading

    @property
    def rate(self) -> float:
        """Accounts per second."""
        return self.result.done / self.result.wall_s


def run(ground: Ground, accounts: int, workers: int) -> list[Row]:
    """Measure; raises AssertionError when anything that was written is not as it must be."""
    now = present()
    fleet = ground.new("fleet")
    make_fleet(ground.url(fleet), accounts, now)
    database = ground.clone(fleet, "renewals")
    url = ground.url(database)
    legs = ((1, ALONE), (workers, TOGETHER))
    with crew(url, 1, now, BATCH) as alone:
        done = [work(ground, database, alone, ALONE)]
    with crew(url, workers, now, BATCH) as together:
        done.append(work(ground, database, together, TOGETHER))
        ceilings = ceilings_of(ground, fleet, database, now, legs)
        with measured({"postgres": ground.pid}, url) as reading:
            recompute = together.do("recompute")
        bank = together.do("bank")
    prove(url, accounts, now)
    found = [
        Leg(workers=w, result=r, reading=m, ceiling=c, ceiling_reading=cm)
        for (w, _), (r, m), (c, cm) in zip(legs, done, ceilings, strict=True)
    ]
    return [*_rows(found, bank), *_recompute_rows(recompute, reading)]


def work(ground: Ground, database: str, clerks: Crew, buckets: Sequence[int]) -> tuple[Result, Reading]:
    """Renew what is due in `buckets`."""
    with measured({"postgres": ground.pid}, ground.url(database)) as reading:
        result = clerks.do("renew", buckets)
    return result, reading


def ceilings_of(
    ground: Ground, fleet: str, database: str, now: datetime, legs: Sequence[tuple[int, Sequence[int]]]
) -> list[tuple[float, Reading]]:
    """Accounts per second of the replay for each leg; its rows must be those of the run."""
    target = ground.url(ground.clone(fleet, "ceiling"))
    source = ground.url(database)
    replay.stage(source, target, sql.Literal(now.isoformat()).as_string() + "::timestamptz")
    ceilings = []
    for workers, buckets in legs:
        with measured({"postgres": ground.pid}, target) as reading:
            seconds = replay.replay(target, workers, buckets)
        ceilings.append((_renewed(target, buckets) / seconds, reading))
    different = replay.differences(source, target)
    assert not different, f"the ceiling wrote other rows than the run: {', '.join(different)}"
    return ceilings


def _renewed(url: str, buckets: Sequence[int]) -> int:
    with psycopg.connect(url) as connection:
        query = "select count(*) from subscription where version = 2 and bucket = any(%s)"
        row = connection.execute(query, (list(buckets),)).fetchone()
    assert row is not None
    return int(row[0])


def prove(url: str, accounts: int, now: datetime) -> None:
    """Every law holds, and exactly every account has exactly one more period."""
    with psycopg.connect(url) as connection:
        assert connection.execute(_PERIODS).fetchone() == (accounts, accounts)
    solvent = build(Settings(sandbox_url=None), url)
    broken = [f for f in audit(solvent.database, solvent.platform, now) if f.violations]
    solvent.close()
    assert not broken, f"broken laws: {broken}"


def _rows(legs: Sequence[Leg], bank: Result) -> Iterator[Row]:
    for leg in legs:
        yield from rows_of("renewals", leg, "account", "5,000 /s")
    yield from _memory(legs[-1], bank)


def rows_of(name: str, leg: Leg, one: str, target: str = "") -> Iterator[Row]:
    """What a leg did, beside its ceiling, and what `one` of it cost."""
    who, done = "1 worker" if leg.workers == 1 else f"{leg.workers} workers", leg.result.done
    yield rate(f"{name}, {who}", leg.rate, leg.ceiling, target)
    yield fact(f"  CPU an {one}, worker", f"{leg.result.cpu_s / done * 1e6:,.0f} µs")
    yield fact(f"  CPU an {one}, PostgreSQL", _micros(leg.reading, done))
    yield fact(f"  CPU an {one}, PostgreSQL at the ceiling", _micros(leg.ceiling_reading, done))
    yield fact(f"  log an {one}", f"{leg.reading.wal_bytes / done / 1e3:,.1f} kB")
    yield fact("  rest of the machine meanwhile", f"{leg.reading.others:.1f} cores")


def _memory(leg: Leg, bank: Result) -> Iterator[Row]:
    """The memory of a worker less what the simulated bank inside it remembers of the same number of charges."""
    a_charge = (bank.memory_mb[-1] - bank.memory_mb[0]) / (bank.done / leg.workers)
    charges = leg.result.done / leg.workers
    start, *later = leg.result.memory_mb
    for name, share, held in zip(("25 %", "50 %", "100 %"), (0.25, 0.5, 1.0), later, strict=True):
        own = held - start - a_charge * charges * share
        yield fact(f"  memory of a worker beyond its start, at {name}", f"{own:,.0f} MB", "flat")
    yield fact("  peak memory of a worker, with its bank", f"{leg.result.peak_mb:,.0f} MB")
    yield fact("  CPU a charge, the simulated bank alone", f"{bank.cpu_s / bank.done * 1e6:,.0f} µs")


def _recompute_rows(result: Result, reading: Reading) -> Iterator[Row]:
    yield rate("recompute of the accounts renewed", result.done / result.wall_s)
    yield fact("  CPU an account, worker", f"{result.cpu_s / result.done * 1e6:,.0f} µs")
    yield fact("  CPU an account, PostgreSQL", _micros(reading, result.done))


def _micros(reading: Reading, done: int) -> str:
    seconds = reading.cpu_s["postgres"]
    return f"{seconds / done * 1e6:,.0f} µs" if seconds else "not ours"
