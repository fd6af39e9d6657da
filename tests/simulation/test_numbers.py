"""Numbers under fire: sixteen processes issue invoices and credit notes, and are killed at random while they do.

Whatever they were doing, the numbers of every series are 1, 2, 3 … without a gap and without one given twice, and every
number that a process was told of is there.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from solvent.audit import audit
from solvent.config import Settings
from solvent.core.account import Account, Segment
from solvent.core.ids import bucket_of
from solvent.wiring import Solvent, build
from solvent.worker import perform
from tests.blocked import nobody_is_busy
from tests.flows.acts import until_idle
from tests.patience import eventually
from tests.simulation.databases import Databases

ROOT = Path(__file__).parents[2]
WRITERS = 16
BUCKETS = (3, 200)
ENTITIES = ("solvent-us", "solvent-eu")
DOCUMENTS_BETWEEN = 3  # written from one death to the next

_CUT = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'
order by random() limit 1"""
_NUMBERS = """
select s.bucket, s.series, s.last, array(
    select number from (select bucket, series, number from invoice
                        union all select bucket, series, number from credit_note) d
    where d.bucket = s.bucket and d.series = s.series order by number)
from invoice_series s order by s.bucket, s.series"""


@dataclass
class Office:
    """A database, a process that forks writers, those that are alive, and the file of what they were told."""

    solvent: Solvent
    forks: subprocess.Popen[str]
    told: Path
    draw: random.Random
    writers: list[int] = field(default_factory=list)

    def hire(self) -> None:
        """Fork one more writer."""
        assert self.forks.stdin is not None
        assert self.forks.stdout is not None
        self.forks.stdin.write(f"{self.draw.getrandbits(32)}\n")
        self.forks.stdin.flush()
        self.writers.append(int(self.forks.stdout.readline()))

    def kill(self) -> None:
        """Kill a writer, whatever it is doing."""
        victim = self.writers.pop(self.draw.randrange(len(self.writers)))
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)

    def close(self) -> None:
        """Kill everybody."""
        while self.writers:
            self.kill()

    def query(self, text: str) -> list[tuple[object, ...]]:
        """What the database says."""
        with self.solvent.database.pool.connection() as connection:
            return connection.execute(text).fetchall()

    def fire(self, deaths: int) -> None:
        """So many deaths, a few documents between one and the next; every fifth takes a connection with it."""
        enough = 0
        for death in range(deaths):
            enough += DOCUMENTS_BETWEEN
            eventually(lambda: self.written() >= enough, f"hardly anything is written after {death} deaths")  # noqa: B023 -- asked at once
            enough = self.written()
            self.kill()
            self.hire()
            if death % 5 == 0:
                self.query(_CUT)

    def written(self) -> int:
        """How many numbers were told."""
        return self.told.read_bytes().count(b"\n")

    def settle_down(self) -> None:
        """Everybody is dead; the worker that is left does what is due."""
        self.close()
        with self.solvent.database.autocommit() as connection:
            nobody_is_busy(connection)
        later = datetime.now(UTC) + timedelta(minutes=40)
        schedule = self.solvent.database.schedule
        until_idle(lambda: perform(self.solvent.platform, schedule, list(BUCKETS), later, 500))


@pytest.fixture
def office(databases: Databases, tmp_path: Path) -> Iterator[Office]:
    with databases.one() as url:
        solvent = build(Settings(), url)
        accounts = [
            _customer(solvent, bucket, entity) for bucket in BUCKETS for entity in ENTITIES for _ in "ab"
        ]
        told = tmp_path / "told"
        told.touch()
        command = [sys.executable, "-m", "tests.simulation.writers", url, str(told), *map(str, accounts)]
        with subprocess.Popen(command, stdin=-1, stdout=-1, text=True, cwd=ROOT) as forks:
            office = Office(solvent, forks, told, random.Random(16))
            try:
                for _ in range(WRITERS):
                    office.hire()
                yield office
            finally:
                office.close()
                assert forks.stdin is not None
                forks.stdin.close()
        solvent.close()


def _customer(solvent: Solvent, bucket: int, entity: str) -> UUID:
    """A customer on terms: what is issued needs no bank."""
    now = datetime.now(UTC)
    account = Account(
        id=solvent.platform.ids.account(bucket),
        segment=Segment.CONTRACT,
        currency="USD",
        country="US",
        time_zone="UTC",
        email="corp@example.com",
        name="Corp",
        entity=entity,
        terms_days=30,
    )
    with solvent.platform.store.begin() as tx:
        tx.accounts.add(account, now)
    assert bucket_of(account.id) == bucket
    return account.id


def _numbered(office: Office) -> int:
    """Every series from 1 to its last number, each once, with all that was told; how many were told."""
    series = {(bucket, name): (last, numbers) for bucket, name, last, numbers in office.query(_NUMBERS)}
    assert len(series) == 2 * len(BUCKETS) * len(ENTITIES), "invoices and credit notes of both entities"
    for name, (last, numbers) in series.items():
        assert numbers == list(range(1, last + 1)), name  # type: ignore[operator]
    told = [line.split() for line in office.told.read_text().splitlines()]
    assert len({tuple(line) for line in told}) == len(told), "a number was given twice"
    lasts = {name: last for (_, name), (last, _) in series.items()}
    assert all(int(number) <= lasts[name] for name, number in told)  # type: ignore[operator]
    return len(told)


def _under_fire(office: Office, deaths: int) -> None:
    office.fire(deaths)
    office.settle_down()
    assert _numbered(office) >= deaths * DOCUMENTS_BETWEEN
    found = audit(office.solvent.database, office.solvent.platform, datetime.now(UTC) + timedelta(minutes=40))
    assert [f for f in found if f.violations] == []


def test_numbers_are_gapless_whoever_is_killed(office: Office) -> None:
    _under_fire(office, deaths=40)


@pytest.mark.soak
def test_numbers_are_gapless_for_minutes(office: Office) -> None:
    _under_fire(office, deaths=2_000)
