"""The sandbox to play with: one face of its bank, served over real HTTP, and a wire that may fail.

Owns how the conformance kit's words are played there. Does not own the bank (`solvent.providers.sandbox`).
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from uuid import UUID

from solvent.core.payment import FailureCause, Report
from solvent.ports.provider import Provider
from solvent.providers.conformance import Card, Fault, Sent, pay
from solvent.providers.sandbox import CARD, REDIRECT, SANDBOX, SANDPAL, Bank, Http, SandboxProvider
from solvent.providers.sandbox.server import create_app
from tests.patience import PATIENCE_S
from tests.providers.clock import Clock
from tests.providers.wire import Mishap, Wire

KEY = "test-key"
REVOKED = "revoked"
VISA = "4242424242424242"
FACES = {"sandbox": (CARD, SANDBOX), "sandpal": (REDIRECT, SANDPAL)}


CARDS = {
    Card.PAYS: VISA,
    Card.CHALLENGED: "4000002500003155",
    Card.NEEDS_PAYER: "4000002760003184",
    Card.SLOW: "000123456789",
    Card.SLOW_FAILS: "000222222227",
    Card.ODD: "4000000000017709",
    Card.REFUND_SLOW: "4000000000007726",
    Card.REFUND_REFUSED: "4000000000005126",
    Card.REFUND_RETURNED: "4000000000005159",
}
CAUSES = {
    FailureCause.DECLINED: "4000000000000002",
    FailureCause.INSUFFICIENT_FUNDS: "4000000000009995",
    FailureCause.LIMIT_EXCEEDED: "4000000000006975",
    FailureCause.CARD_EXPIRED: "4000000000000069",
    FailureCause.CARD_LOST: "4000000000009987",
    FailureCause.CARD_INVALID: "4242424242424241",
    FailureCause.FRAUD_SUSPECTED: "4100000000000019",
    FailureCause.ACCOUNT_CLOSED: "000111111113",
    FailureCause.AGREEMENT_REVOKED: REVOKED,
}
WIRE = {
    Fault.TURNED_AWAY: Mishap.THROTTLE,
    Fault.LOST_REPLY: Mishap.CUT_AFTER,
    Fault.GARBLED: Mishap.TRUNCATE,
    Fault.BROKEN: Mishap.BREAK,
}


class _Line(BaseHTTPRequestHandler):
    """One connection to the bank's application."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    application: ClassVar[Any]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        scope = {"method": "POST", "path": self.path, "query_string": b"", "headers": headers}
        told: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"body": body}

        async def send(message: dict[str, Any]) -> None:
            told.append(message)

        asyncio.run(type(self).application(scope, receive, send))
        self.send_response(told[0]["status"])
        for name, value in told[0]["headers"]:
            self.send_header(name.decode(), value.decode())
        self.end_headers()
        self.wfile.write(told[1]["body"])

    def log_message(self, *_: object) -> None:
        """In silence."""


class SandboxStage:
    """One face of the bank, served, with a wire in between."""

    causes = CAUSES
    never: frozenset[FailureCause] = frozenset()
    cards = CARDS

    def __init__(self, name: str, bank: Bank, wire: Wire, clock: Clock) -> None:
        transport = Http(f"{wire.url}/{name}", KEY, read_timeout_s=PATIENCE_S)
        self.provider: Provider = SandboxProvider(transport, clock, KEY, FACES[name][1])
        self._bank = bank
        self._wire = wire
        self._clock = clock

    @property
    def now(self) -> datetime:
        now: datetime = self._clock()
        return now

    def wait(self, duration: timedelta) -> None:
        self._clock.now += duration

    def present(self, opened: Report, behaviour: str) -> str | None:
        if self.provider.name == "sandbox":
            return behaviour
        self._bank.approve(str(opened.ref), self.now, behaviour)
        return None

    def stored(self, customer: UUID, behaviour: str) -> str:
        method = pay(self, customer=customer).method
        assert method is not None
        if behaviour == REVOKED:
            self._bank.revoke(method.token, self.now)
        else:
            self._bank.set_behaviour(method.token, behaviour)
        return method.token

    def challenge(self, report: Report, *, passed: bool) -> None:
        self._bank.complete_challenge(str(report.ref), passed, self.now)

    def settle(self, report: Report, *, succeeded: bool) -> None:
        self._bank.decide(str(report.ref), succeeded, self.now)

    def contest(self, paid: Report) -> str:
        return str(self._bank.open_dispute(str(paid.ref), self.now)["id"])

    def decide(self, dispute_ref: str, *, won: bool) -> None:
        self._bank.close_dispute(dispute_ref, won, self.now)

    def agreed(self, behaviour: str | None) -> str:
        return f"B-{behaviour or '0' * 16}"

    def renew(self, token: str, year: int, month: int) -> None:
        self._bank.renew_card(token, f"{year}-{month:02}", self.now)

    def known(self, customer: UUID) -> Sequence[tuple[str, str]]:
        raise AssertionError("the bank keeps nobody by name")

    def charged(self, key: UUID) -> Sequence[int]:
        return [row.amount for row in self._bank.statement() if row.key == key.hex and row.kind == "charge"]

    def refunded(self, key: UUID) -> int:
        return -sum(
            row.amount
            for row in self._bank.statement()
            if row.key == key.hex and row.kind in ("refund", "refund_returned")
        )

    def sent(self) -> Sequence[Sent]:
        return [Sent(headers=one.headers, body=one.body) for one in self._bank.notifications.due(self.now)]

    def failing(self, fault: Fault) -> AbstractContextManager[object]:
        return self._wire.down() if fault is Fault.NOT_REACHED else self._wire.always(WIRE[fault])

    @contextmanager
    def refusing(self) -> Iterator[None]:
        self._bank.set_taking(False)
        yield
        self._bank.set_taking(True)


@contextmanager
def playing(clock: Clock) -> Iterator[Callable[[str], SandboxStage]]:
    """Serves a face of the bank, for the length of a block."""
    ends: list[Callable[[], object]] = []

    def begin(name: str) -> SandboxStage:
        bank = Bank(FACES[name][0], secret=KEY)
        line = type("Line", (_Line,), {"application": staticmethod(create_app({name: bank}, KEY))})
        server = ThreadingHTTPServer(("127.0.0.1", 0), line)
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        wire = Wire(("127.0.0.1", server.server_port))
        ends.extend((wire.close, server.shutdown, server.server_close))
        return SandboxStage(name, bank, wire, clock)

    try:
        yield begin
    finally:
        for end in ends:
            end()
