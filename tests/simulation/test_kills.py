"""Real processes, really killed: at every boundary of every path a process of its own ends with SIGKILL.

The bank is a third process. Whoever is left finds the journal and the database, and nothing else: no notification
arrives, and no memory of the dead process. The story must end in one charge and one commit, or in neither.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path as File
from uuid import UUID

import httpx
import msgspec
import pytest

from solvent.config import Settings
from solvent.core.account import Account, Segment
from solvent.core.ids import bucket_of
from solvent.store.laws import violations
from solvent.wiring import Solvent, build
from solvent.worker import perform
from tests.blocked import nobody_is_busy
from tests.patience import PATIENCE_S
from tests.ports import free_port
from tests.providers.conftest import KEY, start_bank
from tests.simulation.child import Order
from tests.simulation.databases import Databases
from tests.simulation.paths import GOOD, PATHS, Path, view_of

ROOT = File(__file__).parents[2]
START = datetime(2027, 1, 31, 12, tzinfo=UTC)
BOUNDARIES_MAX = 60
ROUNDS_MAX = 20
LOOKS = (timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=40), timedelta(hours=2))

_JOURNAL = """
select count(*) filter (where state = 'committed' and amount > 0), count(*) filter (where look_at is not null)
from attempt where account_id = %s"""


@dataclass
class Clock:
    """The time of the merchant that is left."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Town:
    """A database, a served bank, a process that forks victims, and a merchant who is left."""

    url: str
    bank: str
    clock: Clock
    solvent: Solvent
    forks: "subprocess.Popen[str]"
    hands: httpx.Client
    buckets: Iterator[int] = field(default_factory=lambda: iter(range(1, 256)))

    def account(self) -> UUID:
        """A new customer, in a bucket of its own: the others' time is another."""
        self.clock.now = START
        bucket = next(self.buckets)
        account = Account(
            id=self.solvent.platform.ids.account(bucket),
            segment=Segment.STANDARD,
            currency="USD",
            country="US",
            time_zone="UTC",
            email="ada@example.com",
            name="Ada",
            entity="solvent-us",
        )
        with self.solvent.platform.store.begin() as tx:
            tx.accounts.add(account, START)
        return account.id

    def prepare(self, path: Path, account_id: UUID) -> None:
        """Bring the customer to where the path begins."""
        self.clock.now = path.prepare(self.solvent.platform, account_id, START)
        if path.recovers:
            for method in view_of(self.solvent.platform, account_id).methods:
                behaviour = {"token": method.token, "number": GOOD}
                self.hands.post("/sandbox/control/set_behaviour", json=behaviour).raise_for_status()

    def kill(self, name: str, account_id: UUID, at: int) -> bool:
        """Let a process walk the path and die at the boundary; False when the path has no such boundary."""
        order = Order(
            path=name,
            account=account_id,
            now=self.clock.now,
            at=at,
            url=self.url,
            bank=self.bank,
            secret=KEY,
        )
        assert self.forks.stdin is not None
        assert self.forks.stdout is not None
        self.forks.stdin.write(msgspec.json.encode(order).decode() + "\n")
        self.forks.stdin.flush()
        fate = self.forks.stdout.readline().strip()
        assert fate in {"killed", "walked"}, fate
        with self.solvent.database.autocommit() as connection:
            nobody_is_busy(connection)  # its death is noticed a moment later; until then it holds its locks
        return fate == "killed"

    def settle_down(self, bucket: int) -> None:
        """Time passes, and the worker that is left does what is due."""
        died_at = self.clock.now
        for later in LOOKS:
            self.clock.now = died_at + later
            for _ in range(ROUNDS_MAX):
                if not perform(
                    self.solvent.platform, self.solvent.database.schedule, [bucket], self.clock.now, 100
                ):
                    break

    def charges(self, account_id: UUID) -> int:
        """How often the bank has charged the customer."""
        rows = self.hands.get("/sandbox/statement").json()["data"]
        return sum(row["customer"] == account_id.hex and row["kind"] == "charge" for row in rows)

    def journal(self, account_id: UUID) -> tuple[int, int]:
        """How many attempts with an amount are committed, and how many are in flight."""
        with self.solvent.database.pool.connection() as connection:
            row = connection.execute(_JOURNAL, (account_id,)).fetchone()
        assert row is not None
        return row[0], row[1]

    def broken_laws(self) -> list[str]:
        """The laws that do not hold."""
        with self.solvent.database.pool.connection() as connection:
            return [f"{law.law} {law.says}: {n}" for law, n in violations(connection, self.clock.now) if n]


@pytest.fixture(scope="module")
def town(databases: Databases) -> Iterator[Town]:
    bank = start_bank(free_port())
    url = databases.new()
    forks = subprocess.Popen(
        [sys.executable, "-m", "tests.simulation.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    clock = Clock()
    solvent = build(Settings(sandbox_url=bank.url, sandbox_secret=KEY), url, clock=clock)
    hands = httpx.Client(
        base_url=bank.url, headers={"authorization": f"Bearer {KEY}"}, trust_env=False, timeout=PATIENCE_S
    )
    with hands, forks:
        yield Town(url, bank.url, clock, solvent, forks, hands)
        assert forks.stdin is not None
        forks.stdin.close()
    solvent.close()
    databases.drop(url)
    bank.stop()


def _story(town: Town, name: str, at: int, *, again: bool) -> bool:
    path, account_id = PATHS[name], town.account()
    town.prepare(path, account_id)
    charged, (committed, _) = town.charges(account_id), town.journal(account_id)
    if not town.kill(name, account_id, at):
        return False
    assert town.broken_laws() == []
    if again:
        path.act(town.solvent.platform, account_id, town.clock.now)
    town.settle_down(bucket_of(account_id))
    assert town.broken_laws() == []
    charges, (commits, in_flight) = town.charges(account_id) - charged, town.journal(account_id)
    certain = again or path.certain
    assert (charges, commits - committed) in ({(1, 1)} if certain else {(0, 0), (1, 1)})
    assert in_flight == 0
    return True


def _walked(town: Town, name: str, modes: tuple[bool, ...]) -> None:
    """Die at one boundary after the other, in these modes by turns: whether the caller comes back and repeats."""
    for at in range(1, BOUNDARIES_MAX):
        if not _story(town, name, at, again=modes[at % len(modes)]):
            assert at > 3, f"{name} has hardly any boundary"
            return
    pytest.fail(f"more than {BOUNDARIES_MAX} boundaries")


@pytest.mark.parametrize("name", PATHS)
def test_killed_at_any_boundary_the_story_ends_in_one_charge_or_none(town: Town, name: str) -> None:
    first = list(PATHS).index(name) % 2 == 0
    _walked(town, name, (first, not first))


@pytest.mark.soak
@pytest.mark.parametrize("again", [False, True], ids=["nobody comes back", "the caller repeats"])
@pytest.mark.parametrize("name", PATHS)
def test_killed_at_any_boundary_with_and_without_a_caller(town: Town, name: str, again: bool) -> None:
    _walked(town, name, (again,))
