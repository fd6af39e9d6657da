"""Lives at Stripe over a wire that fails: what customers do, what goes wrong meanwhile, and what must hold in the end.

Owns the way to a Stripe of a world's own, one customer's life, and the judgement. A *life* is a purchase, an upgrade
with the method on file, a refund, and renewals that come by themselves. Does not own where the peers run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import blake2b
from itertools import count
from random import Random
from uuid import UUID

from solvent.copies import copy_sinks
from solvent.core.attempt import Attempt
from solvent.core.crediting import PaidPart, Wish
from solvent.core.payment import AttemptState
from solvent.core.recurring import recurring
from solvent.core.request import Change
from solvent.flows.credit import refund_payment
from solvent.flows.reconcile import sweep
from solvent.ports.provider import Provider
from solvent.providers.boundary import Boundary, Limits
from solvent.providers.stripe import Line, StripeProvider, connect
from solvent.relay import SinkFailed
from solvent.sim import Customer, World
from solvent.sim.played import played
from solvent.sim.stories.goods import BUSINESS, CHALLENGED, NO_FUNDS, VISA, switch, zone_plan
from solvent.sim.stories.story import JANUARY
from solvent.wiring import Solvent
from tests.peers.stripe.play import Rooms
from tests.peers.stripe.server import SECRET_KEY, WEBHOOK_SECRET, StripeAccount
from tests.providers.wire import Mishap, Wire

PATIENT = Line(Limits(connect_timeout_s=5, read_timeout_s=20))
HASTY = Line(Limits(connect_timeout_s=5, read_timeout_s=0.25))  # for answers that are late on purpose
DELAY_S = 0.4  # longer than the hasty wait
AT_ONCE = tuple(mishap for mishap in Mishap if mishap is not Mishap.NONE)
CHEAP = tuple(mishap for mishap in AT_ONCE if mishap is not Mishap.DELAY)  # a delay costs its time
TRIES_MAX = 4


def world_at_stripe(
    solvent: Solvent, rooms: Rooms, wire: Wire, number: int, line: Line = PATIENT, *, copies: bool = False
) -> World:
    """A world in a bucket and a room of its own, in which Stripe is reached through the wire, by the boundary, which
    waits no real time."""

    def reached(room: str, clock: Callable[[], datetime]) -> Provider:
        adapter = StripeProvider(
            connect(SECRET_KEY, line, room.replace(rooms.url, wire.url)),
            solvent.database.payers,
            clock,
            webhook_secret=WEBHOOK_SECRET,
            livemode=False,
            copies_subscriptions=copies,
        )
        return Boundary(
            adapter,
            Limits(),
            secrets=[SECRET_KEY],
            clock=lambda: clock().timestamp(),
            sleep=lambda _: None,
            chance=Random(number),
        )

    opened = played("stripe", rooms.url, reached)
    return World(solvent, start=JANUARY, seed=number, buckets=[number], opened=opened)


class Life:
    """One customer's."""

    def __init__(self, world: World, name: str, number: str) -> None:
        self.customer = world.customer(name)
        self._zone = f"{name}.example"
        self._number = number

    def live(self) -> None:
        """Buy, upgrade, and have the upgrade's price given back, as far as each succeeds."""
        bought = self._tried(zone_plan(self._zone), "buy")
        if bought.state is not AttemptState.COMMITTED:
            return
        upgraded = self._tried(switch(self.customer.subscription(), BUSINESS), "upgrade", on_file=True)
        if upgraded.state is AttemptState.COMMITTED:
            given_back(self.customer)

    def _tried(self, change: Change, key: str, *, on_file: bool = False) -> Attempt:
        """A page that repeats its requests under the same key, as often as a patient customer reloads it."""
        customer = self.customer
        method = customer.snapshot().methods[0].id if on_file else None
        attempt = customer.open(change, key=key, method=method)
        for _ in range(TRIES_MAX):
            if attempt.state is AttemptState.REQUIRES_ACTION:
                attempt = customer.complete(attempt, None if on_file else self._number)
            elif attempt.in_flight and attempt.ref is None:
                attempt = customer.open(change, key=key, method=method)
            elif attempt.in_flight:
                attempt = customer.confirm(attempt, None if on_file else self._number)
        return attempt


def given_back(customer: Customer) -> None:
    """The merchant gives back what was paid last."""
    world, told = customer.world, customer.events("invoice.paid")[-1]
    wish = Wish(
        paid_part=PaidPart.REFUND,
        reason="goodwill",
        issued_by="support",
        key="back",
        input_hash=blake2b(b"back", digest_size=16).digest(),
    )
    invoice_id, payment_id = (UUID(str(told.data[name])) for name in ("invoice_id", "payment_id"))
    refund_payment(world.platform, invoice_id, payment_id, None, wish, world.now)


@contextmanager
def failing(wire: Wire, choose: Callable[[], Mishap]) -> Iterator[None]:
    wire.choose = choose
    yield
    wire.choose = lambda: Mishap.NONE


def at_rest(world: World) -> None:
    """All that needs no customer has come to an end, over a wire that is repaired."""
    world.wait(hours=2)
    assert sweep(world.platform, "stripe", JANUARY, world.now) is not None
    world.work()
    follow(world)


def follow(world: World) -> None:
    """Tell Stripe of whatever changed, if it keeps copies; what it was not told it is told another time."""
    (bucket,) = world.buckets
    outbox = world.database.outbox
    for sink in copy_sinks(world.platform, lambda: world.now):
        while (batch := outbox.take(bucket, sink.name, 500)) is not None and batch.events:
            try:
                sink.deliver(batch.events)
            except SinkFailed:
                outbox.postpone(batch, 0)
                return
            outbox.delivered(batch)
        if batch is not None:
            outbox.delivered(batch)


def judge(world: World, rooms: Rooms, customers: list[Customer]) -> None:
    """No law is violated, every charge is recorded once, nothing is open, and no key was charged twice."""
    assert [f"{f.law} {f.says}: {f.violations}" for f in world.laws() if f.violations] == []
    assert [
        a for customer in customers for a in customer.attempts() if a.state in ("opening", "unknown")
    ] == []
    account, _ = rooms.room(str(world.buckets[0]))
    keys = [row["key"] for row in account.statement() if row["kind"] == "charge"]
    assert keys, "nothing was charged at all"
    assert len(keys) == len(set(keys)), "one key was charged twice"
    if world.platform.providers.default.capabilities.copies_subscriptions:
        judge_copies(world, account, customers)


def judge_copies(world: World, account: StripeAccount, customers: list[Customer]) -> None:
    """The copies are what ours are, none other was paid for, and none can be charged by Stripe."""
    catalog = world.platform.store.catalog()
    going_on = [c for c in account.book.of("subscription").values() if c["status"] in ("active", "trialing")]
    ours = {one.id: one for customer in customers for one in customer.subscriptions()}
    assert ours, "nobody has anything"
    copies = {UUID(hex=copy["metadata"]["solvent_subscription"]): copy for copy in going_on}
    assert len(copies) == len(going_on)
    for id_, one in ours.items():
        rows = copies.pop(id_)["items"]["data"]
        amounts = [row["price"]["unit_amount"] * row["quantity"] for row in rows]
        assert sum(amounts) == recurring(one, catalog, world.now).amount
    assert copies == {}, "Stripe goes on with what we do not have"
    paused = [copy["pause_collection"] is not None for copy in going_on]
    assert all(paused)
    assert {copy["default_payment_method"] for copy in going_on} <= {None}


def numbered(fault_at: int, mishap: Mishap) -> tuple[Callable[[], Mishap], Callable[[], int]]:
    """A choice that lets the mishap happen at one call, counted from nought; and how many calls there were."""
    calls = count()
    seen = [0]

    def choose() -> Mishap:
        seen[0] = next(calls) + 1
        return mishap if seen[0] - 1 == fault_at else Mishap.NONE

    return choose, lambda: seen[0]


def each_call(world: World, rooms: Rooms, wire: Wire, mishap: Mishap, number: str) -> int:
    """One life after the other, the mishap at the first call of the first, at the second of the second, until a life
    has no such call; returns how many there were."""
    lives: list[Life] = []
    last, at = 1, 0
    while at < last:
        choose, calls = numbered(at, mishap)
        lives.append(Life(world, f"{mishap.value}-{at}".replace("_", "-"), number))
        with failing(wire, choose):
            lives[-1].live()
            world.work()
            follow(world)
        last, at = calls(), at + 1
    at_rest(world)
    judge(world, rooms, [life.customer for life in lives])
    return len(lives)


def lived(world: World, rooms: Rooms, wire: Wire, seed: int, lives_count: int) -> None:
    rng = Random(seed)
    cards = (VISA, VISA, CHALLENGED, NO_FUNDS)
    lives = [Life(world, f"s{seed}-{n}", rng.choice(cards)) for n in range(lives_count)]

    def choose() -> Mishap:
        return rng.choice(CHEAP) if rng.random() < 0.25 else Mishap.NONE

    with failing(wire, choose):
        for life in lives:
            life.live()
            follow(world)
            world.wait(minutes=5)  # who comes next is not kept out by a circuit that opened just now
    at_rest(world)
    with failing(wire, choose):
        world.until(datetime.fromisoformat("2027-02-20T12:00:00+00:00"))
    at_rest(world)
    judge(world, rooms, [life.customer for life in lives])
    assert set(wire.met) >= set(CHEAP)
