"""Worlds: one bank, one adapter over it, and hands for the payer and the staff, in process or over HTTP."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from solvent.core.dispute import DisputeReport
from solvent.core.payment import Report
from solvent.ports.provider import PaymentRequest, RefundRequest
from solvent.providers.sandbox import (
    CARD,
    REDIRECT,
    SANDBOX,
    SANDPAL,
    Bank,
    Faults,
    Http,
    InProcess,
    SandboxProvider,
)
from tests.patience import PATIENCE_S
from tests.ports import free_port
from tests.providers.clock import Clock

KEY = "test-key"
PERSONALITIES = {"sandbox": (CARD, SANDBOX), "sandpal": (REDIRECT, SANDPAL)}


@dataclass
class World:
    """What a test of the contract may use; the same for every transport and personality."""

    name: str
    provider: SandboxProvider
    clock: Clock
    control: Callable[..., dict[str, Any]]
    rows: Callable[[], list[dict[str, Any]]]
    customer: UUID = field(default_factory=uuid4)

    def request(self, **other: object) -> PaymentRequest:
        """A request for $12.00 on-session, unless told otherwise."""
        values: dict[str, Any] = {
            "key": uuid4(),
            "customer": self.customer,
            "amount": 1200,
            "currency": "USD",
            "setup": False,
            "off_session": False,
            "method": None,
            "expires_at": self.clock() + timedelta(hours=1),
            "description": "Zone plan",
        }
        return PaymentRequest(**(values | other))

    def charge_request(self, token: str | None, **other: object) -> PaymentRequest:
        """A request to charge a stored method off-session."""
        return self.request(method=token, off_session=True, **other)

    def pay(self, number: str = "4242424242424242", **other: object) -> Report:
        """Open and pay on-session with a number, in the manner of the personality."""
        opened = self.provider.open(self.request(**other))
        assert opened.ref is not None
        if self.name == "sandbox":
            return self.provider.confirm(opened.key, opened.ref, number)
        self.control("approve", ref=opened.ref, number=number)
        return self.provider.confirm(opened.key, opened.ref, None)

    def vaulted(self, number: str = "4242424242424242") -> str:
        """The token of a method vaulted by paying with 4242, which then behaves like `number`."""
        method = self.pay().method
        assert method is not None
        self.control("set_behaviour", token=method.token, number=number)
        return method.token

    def refund_request(self, paid: Report, amount: int, **other: object) -> RefundRequest:
        """A refund of some of a payment."""
        values: dict[str, Any] = {
            "key": uuid4(),
            "payment_ref": paid.ref,
            "amount": amount,
            "currency": "USD",
        }
        return RefundRequest(**(values | other))

    def charged(self, key: UUID) -> list[int]:
        """The amounts that the bank really charged for a key."""
        return [row["amount"] for row in self.rows() if row["key"] == key.hex and row["kind"] == "charge"]

    def dispute(self, paid: Report, **told: object) -> DisputeReport:
        """The payer contests a payment."""
        opened = self.control("open_dispute", ref=paid.ref, **told)
        report = self.provider.get_dispute(opened["id"])
        assert report is not None
        return report

    def net(self, key: UUID) -> int:
        """What the merchant keeps of a key."""
        return sum(row["amount"] for row in self.rows() if row["key"] == key.hex)


def in_process(name: str, clock: Clock | None = None, faults: Faults | None = None) -> tuple[World, Bank]:
    """A world around a bank in this process."""
    clock = clock or Clock()
    personality, translation = PERSONALITIES[name]
    bank = Bank(personality, secret=KEY, faults=faults)
    provider = SandboxProvider(InProcess(bank, clock), clock, KEY, translation)

    def control(action: str, **arguments: object) -> dict[str, Any]:
        return bank.control(action, clock(), **arguments)

    return World(name, provider, clock, control, lambda: [row._asdict() for row in bank.statement()]), bank


@cache
def _line_to(url: str) -> Http:
    """One transport per bank: making one costs more than a test."""
    return Http(url, KEY)


@cache
def _hands() -> httpx.Client:
    """What pulls the levers of a served bank."""
    return httpx.Client(
        headers={"authorization": f"Bearer {KEY}"}, trust_env=False, timeout=PATIENCE_S, verify=False
    )


def over_http(name: str, base_url: str, clock: Clock | None = None) -> World:
    """A world around a bank that is served."""
    clock = clock or Clock()
    url = f"{base_url}/{name}"
    provider = SandboxProvider(_line_to(url), clock, KEY, PERSONALITIES[name][1])
    hands = _hands()

    def control(action: str, **arguments: object) -> dict[str, Any]:
        payload = arguments | {"now": clock().isoformat()}
        answer: dict[str, Any] = hands.post(f"{url}/control/{action}", json=payload).json()
        return answer

    def rows() -> list[dict[str, Any]]:
        answer: list[dict[str, Any]] = hands.get(f"{url}/statement").json()["data"]
        return answer

    return World(name, provider, clock, control, rows)


@dataclass
class Served:
    """A bank in a process of its own."""

    process: subprocess.Popen[str]
    url: str

    def stop(self) -> int:
        """End it as a service manager would; returns the exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE_S)


def start_bank(port: int, *options: str) -> Served:
    """Start ``python -m solvent.providers.sandbox`` and wait for its ready line."""
    command = [
        sys.executable,
        "-m",
        "solvent.providers.sandbox",
        "--port",
        str(port),
        "--secret",
        KEY,
        *options,
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line == f"sandbox bank ready on http://127.0.0.1:{port}\n"
    return Served(process, f"http://127.0.0.1:{port}")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One served bank with a file, for all tests of the contract."""
    bank = start_bank(free_port(), "--db", str(tmp_path_factory.mktemp("bank") / "bank.db"))
    yield bank
    bank.stop()


@pytest.fixture(params=["in process", "http"])
def transport(request: pytest.FixtureRequest) -> str:
    """How the bank is reached."""
    value: str = request.param
    return value


def _world(name: str, transport: str, request: pytest.FixtureRequest) -> World:
    if transport == "http":
        return over_http(name, request.getfixturevalue("served").url)
    return in_process(name)[0]


@pytest.fixture(params=sorted(PERSONALITIES))
def world(request: pytest.FixtureRequest, transport: str) -> World:
    """Every personality over every transport."""
    return _world(request.param, transport, request)


@pytest.fixture
def card_world(request: pytest.FixtureRequest, transport: str) -> World:
    """The card provider over every transport."""
    return _world("sandbox", transport, request)


@pytest.fixture
def pal_world(request: pytest.FixtureRequest, transport: str) -> World:
    """The redirect provider over every transport."""
    return _world("sandpal", transport, request)


@pytest.fixture
def clock() -> Clock:
    """A clock of this test."""
    return Clock()


@pytest.fixture
def build() -> Callable[..., tuple[World, Bank]]:
    """Builds worlds in process, for tests that look into the bank."""
    return in_process


@pytest.fixture
def start() -> Iterator[Callable[..., Served]]:
    """Starts served banks that end with the test."""
    started: list[Served] = []

    def run(port: int | None = None, *options: str) -> Served:
        started.append(start_bank(port or free_port(), *options))
        return started[-1]

    yield run
    for bank in started:
        if bank.process.poll() is None:
            bank.stop()


@pytest.fixture
def connect() -> Callable[..., World]:
    """Connects a world to a served bank."""
    return over_http


@pytest.fixture
def key() -> str:
    """The merchant's key of every bank here."""
    return KEY


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    return free_port()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of this test."""
    return tmp_path
