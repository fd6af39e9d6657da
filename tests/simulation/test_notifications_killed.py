"""Notifications, while the web server and the worker are killed at random: what was acknowledged is never lost.

The provider sends each until it is acknowledged, some of them again afterwards. In the end each is in the inbox once
and was looked at, what was paid meanwhile is committed, once, and every law holds. Real processes, real SIGKILL.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from threading import Event as Signal

import httpx
import psycopg
import pytest

from solvent.config import Settings
from solvent.core.account import Account, Segment
from solvent.core.payment import AttemptState
from solvent.core.request import NewItem, Start
from solvent.providers.sandbox.notifications import pack
from solvent.providers.sandbox.records import Event
from solvent.store.laws import violations
from solvent.wiring import Solvent, build
from tests.flows.acts import CHALLENGED
from tests.patience import PATIENCE_S, eventually
from tests.ports import free_port
from tests.providers.conftest import KEY, start_bank
from tests.simulation.databases import Databases
from tests.simulation.goods import price
from tests.simulation.paths import buy

PAID = 6
SENDERS = 6
ANSWER_S = 30.0  # a kill is noticed at once, for it closes the connection
BETWEEN_S = (0.1, 0.5)  # kills
BEFORE_A_KILL = 60  # notifications that are acknowledged

# A worker that was killed leaves leases; waiting for their ends would be most of the test.
_TIME_PASSES = """
with dead as (update worker set alive_until = '-infinity'),
     free as (update bucket_lease set worker_id = null, leased_until = '-infinity')
update inbox set look_at = received_at where look_at > received_at"""
_WAITING = "select count(*) from inbox where state = 'waiting'"
_KEPT = "select id, state from inbox"


@dataclass
class Part:
    """``solvent serve`` or ``solvent work``, killed with all that it forked, and started again."""

    command: str
    environment: dict[str, str]
    process: "subprocess.Popen[bytes]" = field(init=False)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "solvent", self.command],
            env=os.environ | self.environment,
            start_new_session=True,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Provider:
    """Sends what it is given, and what becomes of nobody's payment beside it, until each is acknowledged."""

    url: str
    seed: int
    acknowledged: Counter[str] = field(default_factory=Counter)
    stop: Signal = field(default_factory=Signal)

    def send(self, number: int, news: list[Event]) -> None:
        """One sender: the news spread over its time, strangers between."""
        rng, count = Random(f"{self.seed}-{number}"), 0
        with httpx.Client(base_url=self.url, timeout=ANSWER_S, trust_env=False, verify=False) as client:
            while news or not self.stop.is_set():
                count += 1
                key = f"{rng.getrandbits(128):032x}"
                stranger = Event(f"pi_{number}_{count}", 1, "payment.succeeded", key, datetime.now(UTC))
                event = news.pop() if news and rng.random() < 0.2 else stranger
                for _ in range(1 + (rng.random() < 0.1)):  # some are sent again though they were taken
                    self._until_taken(client, event)

    def _until_taken(self, client: httpx.Client, event: Event) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            told = pack(event, KEY, datetime.now(UTC))
            with suppress(httpx.HTTPError):
                if client.post(
                    "/v1/notifications/sandbox", content=told.body, headers=told.headers
                ).is_success:
                    self.acknowledged[event.id] += 1
                    return
            time.sleep(0.02)
        raise AssertionError(f"{event.id} is not taken")


@dataclass
class Shop:
    """A database, a served bank, and the merchant's parts in this process."""

    url: str
    bank: str
    solvent: Solvent
    hands: httpx.Client

    def paid_unseen(self, number: int) -> Event:
        """A customer passes 3-D Secure and never comes back: what the bank has to tell of it."""
        now = datetime.now(UTC)
        platform = self.solvent.platform
        account = Account(
            id=platform.ids.account(number),
            segment=Segment.STANDARD,
            currency="USD",
            country="US",
            time_zone="UTC",
            email="ada@example.com",
            name="Ada",
            entity="solvent-us",
        )
        with platform.store.begin() as tx:
            tx.accounts.add(account, now)
        pro = Start(items=(NewItem(price_id=price("zone-pro"), object="zone:example.com"),))
        attempt = buy(platform, account.id, pro, "start", now, CHALLENGED)
        assert attempt.state is AttemptState.REQUIRES_ACTION
        passed = {"ref": attempt.ref, "passed": True}
        self.hands.post("/sandbox/control/complete_challenge", json=passed).raise_for_status()
        return Event(str(attempt.ref), 9, "payment.succeeded", attempt.id.hex, now)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    def time_passes(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(_TIME_PASSES)


@pytest.fixture
def shop(databases: Databases) -> Iterator[Shop]:
    bank = start_bank(free_port())
    headers = {"authorization": f"Bearer {KEY}"}
    with (
        databases.one() as url,
        httpx.Client(
            base_url=bank.url, headers=headers, trust_env=False, verify=False, timeout=PATIENCE_S
        ) as hands,
    ):
        solvent = build(Settings(sandbox_url=bank.url, sandbox_secret=KEY), url)
        yield Shop(url, bank.url, solvent, hands)
        solvent.close()
    bank.stop()


def looked_at(shop: Shop) -> None:
    """Everything that was stored is looked at by a worker that is left alone."""
    eventually(lambda: shop.rows(_WAITING) == [(0,)], "the worker does not catch up")


def killed_meanwhile(
    shop: Shop, provider: Provider, paid: list[Event], rounds: tuple[tuple[Part, ...], ...], rng: Random
) -> None:
    """The provider sends; in each round, after some were acknowledged and a while, these parts are killed."""
    with ThreadPoolExecutor(SENDERS) as threads:
        sending = [threads.submit(provider.send, n, paid[n::SENDERS]) for n in range(SENDERS)]
        for doomed in rounds:
            before = provider.acknowledged.total()
            while provider.acknowledged.total() < before + BEFORE_A_KILL and not any(
                s.done() for s in sending
            ):
                time.sleep(0.01)
            time.sleep(rng.uniform(*BETWEEN_S))
            for part in doomed:
                part.kill()
            shop.time_passes()
            for part in doomed:
                part.start()
        provider.stop.set()
        for sent in sending:
            sent.result()


@pytest.mark.parametrize("seed", [1])
def test_what_was_acknowledged_is_kept_once_and_looked_at(shop: Shop, seed: int) -> None:
    port = free_port()
    environment = {
        "SOLVENT_DATABASE_URL": shop.url,
        "SOLVENT_SANDBOX_URL": shop.bank,
        "SOLVENT_SANDBOX_SECRET": KEY,
        "SOLVENT_PORT": str(port),
    }
    web, worker = Part("serve", environment), Part("work", environment)
    provider = Provider(f"http://127.0.0.1:{port}", seed)
    web.start()
    worker.start()
    try:
        paid = [shop.paid_unseen(n) for n in range(PAID)]
        killed_meanwhile(shop, provider, paid, ((worker,), (web, worker)), Random(seed))
        shop.time_passes()
        looked_at(shop)
    finally:
        provider.stop.set()
        web.kill()
        worker.kill()
    kept = Counter(str(name) for name, _ in shop.rows(_KEPT))
    assert set(kept.values()) == {1}
    assert set(kept) >= set(provider.acknowledged)
    assert len(provider.acknowledged) > BEFORE_A_KILL * 2
    assert shop.rows("select count(*) from payment") == [(PAID,)]
    statement = shop.hands.get("/sandbox/statement").json()["data"]
    assert [row["kind"] for row in statement] == ["charge"] * PAID
    with shop.solvent.database.pool.connection() as connection:
        assert [law for law, n in violations(connection, datetime.now(UTC)) if n] == []
