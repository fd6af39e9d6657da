"""The peer with hands: many rooms on one server, each a Stripe of its own, and the payer's acts under ``/play``.

Owns what a simulated world needs (`solvent.sim.played`). Card numbers stand for payers, as at the sandbox bank.
``python -m tests.peers.stripe`` serves it and says which settings point to it.
"""

import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from zlib import crc32

from tests.openapi.witness import Witness
from tests.peers.http import Call, PeerServer, Reply, show
from tests.peers.stripe.server import OUTSIDE, StripeAccount
from tests.peers.stripe.state import Thing

# No two rooms' events have one name: whoever hears of several would take them for the same.
ROOM_IDS_MAX = 10**9

_ROOM = re.compile(r"/w/([0-9A-Za-z-]+)(/.*)")


class Told:
    """A clock that is told the time."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Rooms:
    """A server of many Stripes: ``/w/<room>`` is the base address of one."""

    def __init__(self) -> None:
        self.witness = Witness.of("stripe", OUTSIDE)
        self.rooms: dict[str, tuple[StripeAccount, Told]] = {}
        self.server = PeerServer(self._answer)
        self.url = self.server.url

    def close(self) -> None:
        """Stop serving."""
        self.server.close()

    def room(self, name: str) -> tuple[StripeAccount, Told]:
        """One Stripe, and its clock."""
        if name not in self.rooms:
            clock, apart = Told(), crc32(name.encode()) * ROOM_IDS_MAX
            self.rooms[name] = StripeAccount(clock, f"{self.url}/w/{name}", first_id=apart + 1), clock
        return self.rooms[name]

    def _answer(self, call: Call) -> Reply:
        found = _ROOM.fullmatch(call.url)
        if found is None:
            return Reply(status=404, body={"message": "no such room"})
        account, clock = self.room(found[1])
        inner = replace(call, url=found[2])
        if not inner.path.startswith("/play/"):
            reply = account.answer(inner)
            show(self.witness, inner, reply)
            return reply
        with account.book.lock:
            return Reply(body=_played(account, clock, inner.path.removeprefix("/play/"), call.json()))


def _played(account: StripeAccount, clock: Told, act: str, told: Thing) -> Thing:
    if "now" in told:
        clock.now = datetime.fromisoformat(told["now"])
        account.book.catch_up()
    match act:
        case "challenge":
            account.authenticate(told["ref"], passed=told["passed"])
        case "behave":
            account.behave(told["token"], f"tok_{told['number']}")
        case "next":
            at = account.next_moment()
            return {"at": at.isoformat() if at else None}
        case "statement":
            return {"rows": account.statement()}
        case "sent":
            posted = account.deliveries(clock.now)
            return {"sent": [{"headers": h, "body": b64encode(body).decode()} for h, body in posted]}
        case _:
            raise ValueError(f"{act}: no such act")
    return {}
