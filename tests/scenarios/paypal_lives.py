"""Lives at PayPal over a wire that fails: what customers do, what goes wrong meanwhile, and what must hold in the end.

Owns the way to a PayPal of a world's own, a life of two customers, and the judgement. Does not own where the peers run.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from itertools import count
from random import Random

from solvent.core.attempt import Attempt
from solvent.core.payment import ActionKind
from solvent.providers import paypal
from solvent.providers.boundary import Boundary, Limits
from solvent.sim import Customer, World
from solvent.sim.banks import Opened
from solvent.sim.played import NotPlayed, played
from solvent.sim.stories.goods import BUSINESS, NO_FUNDS, VISA, switch, zone_plan
from solvent.sim.stories.story import CURTAIN, JANUARY
from solvent.wiring import Solvent
from tests.peers.paypal import CLIENT_ID, SECRET, WEBHOOK_ID
from tests.peers.paypal.play import Rooms
from tests.providers.wire import Mishap, Wire
from tests.scenarios.wire_lives import given_back

SHARE = 0.3
TRIES_MAX = 12
CALLS_MAX = 4000
CALLS_SURE = 80  # in a life in which nothing goes wrong there are more, before the wire is whole again
MISHAPS = tuple(mishap for mishap in Mishap if mishap is not Mishap.NONE)
CHEAP = tuple(mishap for mishap in MISHAPS if mishap is not Mishap.DELAY)  # a delay costs its time
# Tries follow each other at once, and no circuit opens: the world's clock is not the wall's.
HASTY = Limits(pause_first_s=0.001, pause_max_s=0.002, failures_max=100_000)


def paypal_behind(rooms: Rooms, wire: Wire, read_timeout_s: float = 20.0) -> Opened:
    """PayPal behind the wire; the payer's hands reach it by another way."""

    def connect(room: str, clock: Callable[[], datetime]) -> Boundary:
        merchant = paypal.Merchant(
            url=room.replace(rooms.url, wire.url),
            client_id=CLIENT_ID,
            secret=SECRET,
            webhook_id=WEBHOOK_ID,
            brand="Solvent",
            proof="api",
        )
        adapter = paypal.connect(merchant, clock, connect_timeout_s=5.0, read_timeout_s=read_timeout_s)
        return Boundary(adapter, HASTY, secrets=[SECRET])

    return played("paypal", rooms.url, connect)


def buys(world: World, who: Customer, zone: str) -> None:
    """A customer who does not give up: asks again, approves, confirms again."""
    change = zone_plan(zone)
    for _ in range(TRIES_MAX):
        attempt = who.ask(change, key=zone, provider="paypal")
        assert isinstance(attempt, Attempt)
        if not attempt.in_flight:
            return
        if attempt.action is not None and attempt.action.kind is ActionKind.REDIRECT:
            with suppress(NotPlayed):  # approved before, and the shop does not know it yet
                who.approve(attempt, VISA)
        who.confirm(attempt)
        world.wait(minutes=2)


def upgrades(world: World, who: Customer) -> None:
    """To a larger plan, paid by the agreement on file; asked for until it is there."""
    change = switch(who.subscription(), BUSINESS)
    method = who.snapshot().methods[0].id
    for _ in range(TRIES_MAX):
        attempt = who.open(change, key="upgrade", method=method)
        if attempt.in_flight and attempt.ref is not None:
            attempt = who.confirm(attempt)
        if not attempt.in_flight:
            return
        world.wait(minutes=2)


def fails(seed: int) -> Callable[[], Mishap]:
    """What becomes of each call; from some call on the wire is whole, so that every life ends."""
    chance, calls = Random(seed), iter(range(CALLS_MAX))
    return lambda: (
        chance.choice(CHEAP) if next(calls, None) is not None and chance.random() < SHARE else Mishap.NONE
    )


def mishap_of(seed: int) -> Mishap:
    """What goes wrong at one call."""
    return MISHAPS[seed % len(MISHAPS)]


def at_one_call(seed: int) -> Callable[[], Mishap]:
    """One mishap at one call and none at the others: seeds go through all mishaps, and then to the next call."""
    mishap, at, calls = mishap_of(seed), seed // len(MISHAPS) % CALLS_SURE, count()
    return lambda: mishap if next(calls) == at else Mishap.NONE


def live(
    solvent: Solvent, opened: Opened, wire: Wire, seed: int, choose: Callable[[], Mishap] | None = None
) -> None:
    """Two customers buy; one upgrades and has the upgrade's price given back, the other fails to renew, while the wire
    fails; then it is whole again."""
    world = World(solvent, start=JANUARY, seed=seed, buckets=[seed % 250 + 1], opened=opened)
    wire.choose = choose or fails(seed)
    ada, ben = world.customer("Ada"), world.customer("Ben")
    for who in (ada, ben):
        buys(world, who, f"{who.name.lower()}-{seed}.example")
    upgrades(world, ada)
    given_back(ada)
    world.wait(days=10)
    ben.card_becomes(NO_FUNDS)
    world.wait(days=25)
    wire.choose = lambda: Mishap.NONE
    world.until(CURTAIN)
    assert ada.subscriptions(), "a customer who does not give up gets what was paid for"
    assert [finding for finding in world.agreement() if finding.violations] == []
    assert [finding for finding in world.laws() if finding.violations] == []
    back = [row.amount for row in world.banks.played["paypal"].statement() if row.kind == "refund"]
    assert len(back) == 1, "what is given back is given back once"
    keys = [row.key for row in world.banks.played["paypal"].statement() if row.kind == "charge"]
    assert len(keys) == len(set(keys)), "no attempt is charged twice"
    assert any(mishap is not Mishap.NONE for mishap in wire.met)
