"""Ground: a world whose provider is reached over a wire, on which one request of one call can be struck.

Owns which call of the adapter is under way, the aim at it, and the way to Stripe or PayPal. Does not own what is played
on it (`plays`) nor the wire (`tests.providers.wire`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, cast
from uuid import uuid4

import httpx

from solvent.ports.copies import Keeper
from solvent.ports.customers import CustomerKeeper
from solvent.ports.provider import Provider
from solvent.providers.boundary import Boundary, Limits
from solvent.providers.paypal import Line as PayPalLine
from solvent.providers.paypal import PayPalProvider
from solvent.providers.paypal.notifications import ByApi
from solvent.providers.stripe import Line as StripeLine
from solvent.providers.stripe import StripeProvider
from solvent.providers.stripe import connect as stripe_client
from solvent.sim import World
from solvent.sim.played import played
from solvent.sim.stories.story import JANUARY
from solvent.wiring import Solvent
from tests.peers.paypal import CLIENT_ID, SECRET, WEBHOOK_ID
from tests.peers.paypal.play import Rooms as PayPals
from tests.peers.paypal.server import PayPalPeer
from tests.peers.stripe.play import Rooms as Stripes
from tests.peers.stripe.server import SECRET_KEY, WEBHOOK_SECRET, StripeAccount
from tests.providers.wire import Mishap, Wire

CALLS = frozenset(
    name
    for port in (Provider, Keeper, CustomerKeeper)
    for name, _ in inspect.getmembers(port, inspect.isfunction)
    if name[0] != "_"
)
PATIENCE_S = 20.0
HURRY_S = 0.25
DELAY_S = 0.4  # longer than anybody in a hurry waits


class Watched:
    """An adapter, and which of its calls is under way; a list is under way for as long as it is read."""

    def __init__(self, adapter: Provider) -> None:
        self._adapter = adapter
        self.under_way: str | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the adapter has of that name
        found = getattr(self._adapter, name)
        if name not in CALLS:
            return found

        @wraps(found)
        def called(*given: object, **named: object) -> object:
            with self._named(name):
                answer = found(*given, **named)
            return self._read(name, answer) if inspect.isgenerator(answer) else answer

        return called

    def _read(self, name: str, rows: Iterator[object]) -> Iterator[object]:
        while True:
            with self._named(name):
                try:
                    row = next(rows)
                except StopIteration:
                    return
            yield row

    @contextmanager
    def _named(self, name: str) -> Iterator[None]:
        before, self.under_way = self.under_way, name
        try:
            yield
        finally:
            self.under_way = before


@dataclass(slots=True)
class Aim:
    """One request, counted from nought, of one call; and what is to become of it."""

    call: str
    mishap: Mishap
    request: int = 0
    met: int = 0

    @property
    def hit(self) -> bool:
        """Whether there was such a request."""
        return self.met > self.request


@dataclass(slots=True)
class Ground:
    """Where plays are played. `room` is the provider itself, `hurry` makes the adapter give up soon, or not."""

    name: str
    world: World
    wire: Wire
    watched: Watched
    room: StripeAccount | PayPalPeer
    client: httpx.Client
    aim: Aim | None = None
    stumbles: bool | None = (
        None  # whether the provider has acted before it fails by itself; None: it does not
    )

    @contextmanager
    def struck(self) -> Iterator[None]:
        """What happens in the block happens while the aim is taken: once, then the wire is whole."""
        assert self.aim is not None
        if self.aim.mishap is Mishap.DELAY:
            self.client.timeout = httpx.Timeout(HURRY_S, connect=PATIENCE_S, pool=PATIENCE_S)
        if self.stumbles is not None:
            self.room.stumble(acted=self.stumbles)
        self.wire.choose = self._chosen
        try:
            yield
        finally:
            self.wire.choose = lambda: Mishap.NONE
            self.wire.lose()
            self.client.timeout = httpx.Timeout(PATIENCE_S)

    def _chosen(self) -> Mishap:
        aim = self.aim
        if aim is None or self.watched.under_way != aim.call:
            return Mishap.NONE
        aim.met += 1
        return aim.mishap if aim.met - 1 == aim.request else Mishap.NONE


def at_stripe(solvent: Solvent, rooms: Stripes, wire: Wire, number: int, *, copies: bool = False) -> Ground:
    """A world in a bucket and a room of its own, with Stripe behind the wire, which may keep `copies`."""
    line = StripeLine(Limits(connect_timeout_s=PATIENCE_S, read_timeout_s=PATIENCE_S))

    def adapter(room: str, clock: Callable[[], datetime]) -> Provider:
        client = stripe_client(SECRET_KEY, line, room)
        return StripeProvider(
            client,
            solvent.database.payers,
            clock,
            webhook_secret=WEBHOOK_SECRET,
            livemode=False,
            copies_subscriptions=copies,
        )

    room, _ = rooms.room(str(number))
    return _ground(solvent, "stripe", rooms, wire, number, adapter, room, line._client)


def at_paypal(solvent: Solvent, rooms: PayPals, wire: Wire, number: int) -> Ground:
    """A world in a bucket and a room of its own, with PayPal behind the wire, asked about each notification."""
    line = PayPalLine(f"{wire.url}/w/{number}", CLIENT_ID, SECRET, read_timeout_s=PATIENCE_S)

    def adapter(_: str, clock: Callable[[], datetime]) -> Provider:
        return PayPalProvider(line, ByApi(WEBHOOK_ID, line), clock=clock, brand="Solvent")

    room, _ = rooms.room(str(number))
    return _ground(solvent, "paypal", rooms, wire, number, adapter, room, line._client)


def _ground(
    solvent: Solvent,
    name: str,
    rooms: Stripes | PayPals,
    wire: Wire,
    number: int,
    adapter: Callable[[str, Callable[[], datetime]], Provider],
    room: StripeAccount | PayPalPeer,
    client: httpx.Client,
) -> Ground:
    """Tries follow each other at once: the world's clock is not the wall's."""
    seen: list[Watched] = []

    def reached(url: str, clock: Callable[[], datetime]) -> Provider:
        seen.append(Watched(adapter(url.replace(rooms.url, wire.url), clock)))
        return Boundary(
            cast(Provider, seen[0]), Limits(), clock=lambda: clock().timestamp(), sleep=lambda _: None
        )

    world = World(
        solvent, start=JANUARY, seed=number, buckets=[number], opened=played(name, rooms.url, reached)
    )
    world.polls = False
    world.platform.providers.default.get(
        uuid4(), None
    )  # an access token is there before anything is aimed at
    return Ground(name, world, wire, seen[0], room, client)
