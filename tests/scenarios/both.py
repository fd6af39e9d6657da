"""Both: a world with Stripe and PayPal in it, each by its own adapter, behind its own boundary and its own wire.

Owns that world, whose wires can be cut. Does not own what is played in it, nor the adapters' making (`ground`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from solvent.core.routing import Route, Routing
from solvent.providers.boundary import Boundary, Limits
from solvent.providers.boundary.breaker import Circuit
from solvent.providers.paypal import Line as PayPalLine
from solvent.providers.paypal import PayPalProvider
from solvent.providers.paypal.notifications import ByApi
from solvent.providers.registry import Registry
from solvent.providers.stripe import Line as StripeLine
from solvent.providers.stripe import StripeProvider
from solvent.providers.stripe import connect as stripe_client
from solvent.sim import World
from solvent.sim.banks import Banks, Post, Posted
from solvent.sim.played import PlayedServer
from solvent.sim.stories.story import JANUARY
from solvent.wiring import Solvent
from tests.peers.paypal import CLIENT_ID, SECRET, WEBHOOK_ID
from tests.peers.paypal.play import Rooms as PayPals
from tests.peers.stripe.play import Rooms as Stripes
from tests.peers.stripe.server import SECRET_KEY, WEBHOOK_SECRET
from tests.providers.wire import Wire

PATIENCE_S = 20.0
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class BothBanks(Banks):
    """Two providers that are played."""

    servers: tuple[PlayedServer, ...]

    def begin(self, now: datetime) -> None:
        """A world begins at this moment."""
        self.deliveries(now)

    def deliveries(self, now: datetime) -> list[Posted]:
        """What both have sent since."""
        return [posted for server in self.servers for posted in server.sent(now)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """The world and the two wires, by their provider's name."""

    world: World
    wires: dict[str, Wire]

    def cut(self, name: str) -> AbstractContextManager[None]:
        """Nobody listens at that provider for the length of a block."""
        return self.wires[name].down()

    def circuit(self, name: str) -> Circuit:
        """How its boundary stands."""
        boundary = self.world.platform.providers.get(name)
        assert isinstance(boundary, Boundary)
        return boundary.circuit


def both(solvent: Solvent, stripes: Stripes, paypals: PayPals, number: int, first: str) -> Both:
    """A world in a bucket and rooms of its own, where new attempts go to `first`, and to the other where that does not
    answer. The boundaries have the bounds that they have in production; no pause takes real time."""
    wires = {"stripe": Wire(stripes.server.address), "paypal": Wire(paypals.server.address)}
    urls = {"stripe": f"{stripes.url}/w/{number}", "paypal": f"{paypals.url}/w/{number}"}

    def opened(clock: Clock, _: int) -> Banks:
        stripe = StripeProvider(
            stripe_client(
                SECRET_KEY,
                StripeLine(Limits(connect_timeout_s=PATIENCE_S, read_timeout_s=PATIENCE_S)),
                f"{wires['stripe'].url}/w/{number}",
            ),
            solvent.database.payers,
            clock,
            webhook_secret=WEBHOOK_SECRET,
            livemode=False,
        )
        line = PayPalLine(f"{wires['paypal'].url}/w/{number}", CLIENT_ID, SECRET, read_timeout_s=PATIENCE_S)
        paypal = PayPalProvider(line, ByApi(WEBHOOK_ID, line), clock=clock, brand="Solvent")
        behind = {
            one.name: Boundary(one, Limits(), clock=lambda: clock().timestamp(), sleep=lambda _: None)
            for one in (stripe, paypal)
        }
        servers = {name: PlayedServer(name, url) for name, url in urls.items()}
        return BothBanks(
            by_name={},
            lines={},
            post=Post({}),
            providers=Registry(behind),
            played=servers,
            servers=tuple(servers.values()),
        )

    world = World(solvent, start=JANUARY, seed=number, buckets=[number], opened=opened)
    second = "paypal" if first == "stripe" else "stripe"
    routing = Routing(routes=(Route(provider=first), Route(provider=second)))
    world.platform = replace(world.platform, routing=routing)
    return Both(world=world, wires=wires)
