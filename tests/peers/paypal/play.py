"""The peer with hands: many rooms on one server, each a PayPal of its own, and the payer's acts under ``/play``.

Owns what a simulated world needs (`solvent.sim.played`). Card numbers stand for payers, as at the sandbox bank.
``python -m tests.peers.paypal`` serves it and says which settings point to it.
"""

import re
from base64 import b64encode
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime

from tests.openapi.witness import Witness
from tests.peers.http import Call, PeerServer, Reply
from tests.peers.paypal import acts
from tests.peers.paypal.server import OUTSIDE, PARDONED, PayPalPeer
from tests.peers.paypal.state import Refused, Thing, Wallet

NUMBERS = {
    "4242424242424242": Wallet(),
    "5555555555554444": Wallet(email="another@example.com", account_id="ZYR5Z8XDVJNXQ"),
    "4000000000009995": Wallet(status="DECLINED", processor="5120"),
    "4000000000000002": Wallet(issue="INSTRUMENT_DECLINED"),
    "4000000000000069": Wallet(status="DECLINED", processor="5400"),
    "000123456789": Wallet(status="PENDING"),
}
_ROOM = re.compile(r"/w/([0-9A-Za-z-]+)(/.*)")


class Told:
    """A clock that is told the time."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Rooms:
    """A server of many PayPals: ``/w/<room>`` is the base address of one."""

    def __init__(self) -> None:
        self.witness = Witness.of("paypal", OUTSIDE, PARDONED)
        self.rooms: dict[str, tuple[PayPalPeer, Told]] = {}
        self.server = PeerServer(self._answer)
        self.url = self.server.url

    def close(self) -> None:
        """Stop serving."""
        self.server.close()

    def room(self, name: str) -> tuple[PayPalPeer, Told]:
        """One PayPal, and its clock."""
        if name not in self.rooms:
            clock = Told()
            self.rooms[name] = PayPalPeer(clock, f"{self.url}/w/{name}", self.witness), clock
        return self.rooms[name]

    def _answer(self, call: Call) -> Reply:
        found = _ROOM.fullmatch(call.url)
        if found is None:
            return Reply(status=404, body={"message": "no such room"})
        peer, clock = self.room(found[1])
        inner = replace(call, url=found[2])
        if not inner.path.startswith("/play/"):
            return peer.answer(inner)
        with peer.book.lock:
            try:
                return Reply(body=_played(peer, clock, inner.path.removeprefix("/play/"), call.json()))
            except Refused as no:
                return no.reply


def _played(peer: PayPalPeer, clock: Told, act: str, told: Thing) -> Thing:
    if "now" in told:
        clock.now = datetime.fromisoformat(told["now"])
    match act:
        case "approve":
            peer.approve(told["ref"], copy(NUMBERS[told["number"]]))
        case "behave":
            wallet = peer.book.wallets[told["token"].partition(".")[0]]
            behaviour = NUMBERS[told["number"]]
            wallet.issue, wallet.status, wallet.processor = (
                behaviour.issue,
                behaviour.status,
                behaviour.processor,
            )
        case "next":
            due = [c["_due"] for c in peer.book.captures.values() if c["status"] == "PENDING"]
            return {"at": min(due).isoformat() if due else None}
        case "statement":
            return {"rows": peer.book.movements}
        case "sent":
            posted = peer.deliveries(clock.now)
            return {"sent": [{"headers": h, "body": b64encode(body).decode()} for h, body in posted]}
        case _:
            raise ValueError(f"{act}: no such act")
    acts.settle_due(peer.book)
    return {}
