"""Played: a provider's own adapter in a simulated world, against a local server that stands for the provider.

Owns the hands of such a server: the payer's acts, its time and its statement, over HTTP under ``/play``. Does not own
the server (one of the project's tests, or anybody's) nor the adapter. Talks to this machine alone: nobody's real money
is played with.
"""

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from solvent.ports.provider import Provider
from solvent.providers.registry import Registry
from solvent.providers.sandbox.records import Movement
from solvent.sim.banks import Banks, Opened, Post, Posted, open_banks

TIMEOUT_S = 30.0
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class NotPlayed(Exception):
    """There is nobody at that address who could be played with; the message says what is needed."""


class PlayedServer:
    """The hands of the server at `url` that stands for the provider `name`."""

    def __init__(self, name: str, url: str) -> None:
        if urlsplit(url).hostname not in LOOPBACK:
            raise NotPlayed(f"{name} is played on this machine alone, not at {url}")
        self.name = name
        self._url = url
        self._client = httpx.Client(timeout=TIMEOUT_S, trust_env=False, verify=False)  # noqa: S501 - loopback, no TLS

    def complete_challenge(self, ref: str, passed: bool, now: datetime) -> object:
        """The payer passes or fails an authentication."""
        return self._play("challenge", ref=ref, passed=passed, now=now.isoformat())

    def approve(self, ref: str, now: datetime, number: str) -> object:
        """The payer approves on the provider's page."""
        return self._play("approve", ref=ref, number=number, now=now.isoformat())

    def set_behaviour(self, token: str, number: str) -> None:
        """A stored method behaves like that card from now on."""
        self._play("behave", token=token, number=number)

    def next_moment(self, now: datetime) -> datetime | None:
        """When time alone changes something next."""
        at = self._play("next", now=now.isoformat())["at"]
        return None if at is None else datetime.fromisoformat(at)

    def statement(self) -> list[Movement]:
        """All money that moved."""
        rows: list[Mapping[str, Any]] = self._play("statement")["rows"]
        return [Movement(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in rows]

    def sent(self, now: datetime) -> list[Posted]:
        """What the provider has sent since this was asked last; from here on it is as late there as here."""
        told: list[Mapping[str, Any]] = self._play("sent", now=now.isoformat())["sent"]
        return [Posted(self.name, each["headers"], b64decode(each["body"])) for each in told]

    def _play(self, act: str, **arguments: object) -> dict[str, Any]:
        try:
            response = self._client.post(f"{self._url}/play/{act}", json=arguments)
            response.raise_for_status()
        except httpx.HTTPError as fault:
            raise NotPlayed(
                f"nobody at {self._url} stands for {self.name} and lets the payer be played: {fault}"
            ) from fault
        answer: dict[str, Any] = response.json()
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedBanks(Banks):
    """One provider that is played, in place of the sandbox or beside it."""

    server: PlayedServer

    def begin(self, now: datetime) -> None:
        """A world begins at this moment."""
        self.server.sent(now)

    def deliveries(self, now: datetime) -> list[Posted]:
        """What the provider has sent since, and the sandbox where it is there."""
        return [*Banks.deliveries(self, now), *self.server.sent(now)]


def played(
    name: str,
    url: str,
    connect: Callable[[str, Callable[[], datetime]], Provider],
    *,
    beside_sandbox: bool = False,
) -> Opened:
    """Opens worlds with the provider `name` played at `url`: each in a room of its own there (``/w/<seed>``), with an
    adapter that `connect` makes for an address and a clock. Beside the sandbox, that comes first."""

    def opened(clock: Callable[[], datetime], seed: int) -> Banks:
        room = f"{url.rstrip('/')}/w/{seed}"
        server = PlayedServer(name, room)
        sandbox = open_banks(clock, seed) if beside_sandbox else None
        others = {each: sandbox.providers.get(each) for each in sandbox.providers.names()} if sandbox else {}
        return PlayedBanks(
            by_name=sandbox.by_name if sandbox else {},
            lines=sandbox.lines if sandbox else {},
            post=sandbox.post if sandbox else Post({}),
            providers=Registry({**others, name: connect(room, clock)}),
            played={**(sandbox.played if sandbox else {}), name: server},
            server=server,
        )

    return opened
