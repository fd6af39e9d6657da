"""Meters: what a stretch of work cost, by process group, in the database, and on the rest of the machine.

Owns the reading of CPU time, memory and write-ahead log. Does not own what is measured.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import psycopg

_WAL = """
select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint, wal_fpi from pg_stat_wal"""


@dataclass(slots=True, kw_only=True)
class Reading:
    """What a stretch of work cost: seconds on the clock and of CPU by group, bytes of log; filled at its end.

    `others` is how many cores everybody else on the machine used meanwhile: the noise in the figure.
    """

    wall_s: float = 0.0
    cpu_s: dict[str, float] = field(default_factory=dict)
    wal_bytes: int = 0
    full_pages: int = 0
    others: float = 0.0


@contextmanager
def measured(groups: Mapping[str, int | None], database: str | None = None) -> Iterator[Reading]:
    """Measure the block: the process trees in `groups` (by their first process), and the log of `database`'s server."""
    reading = Reading()
    wal = _wal(database)
    everything = {**groups, "": os.getpid()}
    busy, started = _machine(), time.perf_counter()
    before = {name: tree_cpu_s(pid) for name, pid in everything.items()}
    yield reading
    spent = {name: tree_cpu_s(pid) - before[name] for name, pid in everything.items()}
    reading.wall_s = time.perf_counter() - started
    reading.others = max(0.0, (_machine() - busy - spent.pop("")) / reading.wall_s)
    reading.cpu_s = spent
    reading.wal_bytes, reading.full_pages = (b - a for a, b in zip(wal, _wal(database), strict=True))


def tree_cpu_s(pid: int | None) -> float:
    """CPU seconds of a process, its descendants, and those of them that have ended and were waited for."""
    if pid is None:
        return 0.0
    root = psutil.Process(pid)
    total = 0.0
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
            total += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return total


def peak_mb(pid: int) -> float:
    """The most memory that a process and its living descendants ever held, each at its own peak, in MB."""
    root = psutil.Process(pid)
    return sum(_peak_bytes(p.pid) for p in (root, *root.children(recursive=True))) / 1e6


def resident_mb() -> float:
    """What this process holds now, in MB."""
    return float(psutil.Process().memory_info().rss) / 1e6


def _peak_bytes(pid: int) -> int:
    """Linux remembers the peak; elsewhere what it holds now must do."""
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
        return int(next(x for x in lines if x.startswith("VmHWM:")).split()[1]) * 1024
    return int(psutil.Process(pid).memory_info().rss)


def _machine() -> float:
    """CPU seconds that all processes of the machine have used."""
    times = psutil.cpu_times()
    return float(times.user + times.system + getattr(times, "softirq", 0.0) + getattr(times, "nice", 0.0))


def _wal(database: str | None) -> tuple[int, int]:
    if database is None:
        return 0, 0
    with psycopg.connect(database, autocommit=True) as connection:
        row = connection.execute(_WAL).fetchone()
        assert row is not None
        return int(row[0]), int(row[1])


def machine() -> str:
    """The machine in one line."""
    name = "unknown processor"
    with suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(x for x in lines if x.startswith("model name")).partition(":")[2].strip()
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} × {name}, {memory:.0f} GB"
