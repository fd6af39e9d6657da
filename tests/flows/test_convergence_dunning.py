"""Convergence under dunning (L5, L6): generated histories of debts, holds and drift, told in any way, end alike.

From a seed come customers whose cards fail, holds that support places, flags and entitlements that somebody changes by
hand, and payments of debts that are decided at the bank while nobody comes back. How Solvent hears of those payments
differs: in order, in another order, twice, late, not at all and then polled. Where it ends does not: what is in effect,
what was told, what is withheld, which holds there are, and what the stores still contradict each other in.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import LiteralString
from uuid import UUID

import pytest

from solvent.core.consequence import Consequence
from solvent.core.ids import spell
from solvent.core.valves import Hold
from solvent.flows.drift import look
from solvent.flows.holds import place_hold
from solvent.flows.notify import receive
from solvent.flows.reconcile import sweep
from solvent.sim import Customer
from solvent.sim.banks import Letter
from solvent.store.embedded import EmbeddedServer
from solvent.wiring import Solvent
from tests.flows.acts import CHALLENGED, EXPIRED, GOOD, NO_FUNDS, zone
from tests.flows.plants import DAY, run
from tests.flows.test_convergence import CANON, State
from tests.flows.test_dunning import govern
from tests.simulation.checks import wrong
from tests.simulation.databases import Databases
from tests.simulation.fragile import START, FragileWorld

pytestmark = pytest.mark.unmeasured

NAMES = ("Ada", "Ben", "Cleo", "Dora")
UNREACHED = "4000000000000119"  # an outage: debts stand still
CARDS = (NO_FUNDS, NO_FUNDS, UNREACHED, EXPIRED, GOOD)
DAYS = (6, 12, 22)  # after the due date: restricted, suspended, downgraded
SEEDS = range(3)
SOAK_SEEDS = range(3, 43)

DUNNED: dict[str, LiteralString] = {
    "measures": """select a.name, m->>'measure', m->>'rung', m->>'since' from health h
        join account a on a.id = h.account_id cross join lateral jsonb_array_elements(h.measures) m
        where a.bucket = %s""",
    "health": """select a.name, h.standing, h.debt, h.oldest_due, h.recheck_at, h.withheld,
        substring(h.evidence::text from '(?:stands|stood) still[^"]*')
        from health h join account a on a.id = h.account_id where a.bucket = %s""",
    "notices": """select a.name, n.rung from notice n join account a on a.id = n.account_id where a.bucket = %s""",
    "messages": """select a.name, m.rung, m.channel, m.kind
        from message m join account a on a.id = m.account_id where a.bucket = %s""",
    "holds": """select a.name, k.consequence, k.expires_at, k.released_at
        from engine_hold k join account a on a.id = k.account_id where a.bucket = %s""",
    "drift": """select a.name, d.kind from drift d join account a on a.id = d.account_id
        where a.bucket = %s and d.gone_at is null""",
}
# How often something was repaired on the way may differ; what was told to customers may not.
COMPARED: dict[str, LiteralString] = {k: v for k, v in CANON.items() if k != "events"} | DUNNED

# What somebody does past every flow; each is repaired by the next recompute.
BY_HAND: Sequence[LiteralString] = (
    "update health set recheck_at = null where account_id = %(id)s",
    "update health set standing = 'good' where account_id = %(id)s",
    "update health set measures = '[]' where account_id = %(id)s",
    "delete from entitlement where account_id = %(id)s",
    "update account set name = name where id = %(id)s",
)

Deliver = Callable[[Random, int], list[list[int]]]
"""Which letters come at which of the moments, by their place."""


def _in_order(_: Random, count: int) -> list[list[int]]:
    return [list(range(count))]


def _shuffled_twice(random: Random, count: int) -> list[list[int]]:
    places = [*range(count), *range(count)]
    random.shuffle(places)
    return [places]


def _late(random: Random, count: int) -> list[list[int]]:
    moments: list[list[int]] = [[], [], []]
    for place in range(count):
        moments[random.randrange(len(moments))].append(place)
    return moments


def _lost(_: Random, __: int) -> list[list[int]]:
    return []


def _half_lost(random: Random, count: int) -> list[list[int]]:
    return [[place for place in range(count) if random.random() < 0.5]]


WAYS: dict[str, tuple[Deliver, bool]] = {
    "shuffled and twice": (_shuffled_twice, False),
    "late": (_late, False),
    "lost, then polled": (_lost, True),
    "half lost, then polled": (_half_lost, True),
}


class Lives:
    """Lives the history of a seed in buckets of its own, on one database."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._process: Solvent | None = None
        self._buckets = itertools.count(1)
        self._expected: dict[int, State] = {}

    def expected(self, seed: int) -> State:
        """Where the history of a seed ends when it is told in order."""
        if seed not in self._expected:
            self._expected[seed] = self.lived(seed, _in_order, polled=False)
        return self._expected[seed]

    def lived(self, seed: int, deliver: Deliver, *, polled: bool) -> State:
        """Where it ends when it is told in another way; nothing is written by recomputing it once more."""
        number = next(self._buckets)
        world = FragileWorld(self._url, process=self._process, buckets=(number,), seed=number)
        self._process, world.polls = world.process, False
        govern(world)
        letters = _history(world, Random(seed))
        _tell(world, letters, deliver(Random(seed), len(letters)))
        if polled:
            sweep(world.platform, "sandbox", START, world.now)
        _rest(world)
        state = _state(world)
        _unmoved(world)
        assert wrong(world) == []
        return state

    def close(self) -> None:
        """Give the connections back."""
        if self._process is not None:
            self._process.close()


def _history(world: FragileWorld, random: Random) -> list[Letter]:
    """Customers with debts of some age; holds; what somebody did by hand; and the letters about payments of debts."""
    customers = [world.customer(name) for name in NAMES]
    for customer in customers:
        customer.buy(zone(f"{customer.name.lower()}.example"), GOOD)
        customer.card_becomes(random.choice(CARDS))
    world.until(customers[0].subscription().period.end + random.choice(DAYS) * DAY)
    world.clock.move(timedelta(minutes=5))  # clear of the moments of rungs
    world.work()
    for customer in customers:
        if random.random() < 0.4:
            _hold(world, customer, random.choice(list(Consequence)))
    world.work()
    paying = [c for c in customers if c.open_invoices() and random.random() < 0.8]
    attempts = [(customer, customer.pay_debt(CHALLENGED)) for customer in paying]
    world.banks.post.lose(world.now)
    for customer, attempt in attempts:
        customer.pass_challenge(attempt, passed=random.random() < 0.6)
    due = world.banks.by_name["sandbox"].notifications.due(world.now)
    letters = [Letter(bank="sandbox", event=d.event) for d in due]
    for customer in customers:
        run(world, random.choice(BY_HAND), id=customer.id)
    return letters


def _hold(world: FragileWorld, customer: Customer, consequence: Consequence) -> None:
    until = world.now + 9 * DAY
    placed = place_hold(world.platform, customer.id, consequence, "waits", "carol", until, world.now)
    assert isinstance(placed, Hold), spell("acc", customer.id)


def _tell(world: FragileWorld, letters: Sequence[Letter], moments: Sequence[Sequence[int]]) -> None:
    """Deliver the letters, a quarter of an hour between the moments; an hour in all."""
    ends = world.now + timedelta(hours=1)
    for places in moments:
        for place in places:
            letter = letters[place].signed(world.now)
            receive(world.platform, letters[place].bank, letter.headers, letter.body, world.now)
        world.work()
        world.clock.move(timedelta(minutes=15))
    world.clock.move_to(ends)
    world.work()


def _rest(world: FragileWorld) -> None:
    """Everything that is due, and the workers' look at everybody, twice: the second sees what the first repaired."""
    accounts = _accounts(world)
    for _ in range(2):
        world.work()
        look(world.platform, world.buckets[0], accounts, world.now)
    world.work()


def _state(world: FragileWorld) -> State:
    return {name: sorted(map(repr, _rows(world, query))) for name, query in COMPARED.items()}


def _unmoved(world: FragileWorld) -> None:
    """Recomputing everybody writes no row (L6)."""
    written: LiteralString = """
        select 'health', account_id, xmin::text from health where bucket = %s
        union all select 'entitlement', item_id, xmin::text from entitlement where bucket = %s
        union all select 'decision', id, '' from decision where bucket = %s
        union all select 'event', account_id, seq::text from event where bucket = %s"""
    before = _rows(world, written)
    with world.platform.store.begin() as tx:
        tx.queue.mark(_accounts(world), "test", world.now)
    world.work()
    assert sorted(map(repr, _rows(world, written))) == sorted(map(repr, before))


def _accounts(world: FragileWorld) -> list[UUID]:
    found = _rows(world, "select id from account where bucket = %s order by id")
    return [account for (account,) in found if isinstance(account, UUID)]


def _rows(world: FragileWorld, query: LiteralString) -> list[tuple[object, ...]]:
    with world.database.pool.connection() as connection:
        return connection.execute(query, [world.buckets[0]] * query.count("%s")).fetchall()


@pytest.fixture(scope="module")
def lives(postgres: EmbeddedServer) -> Iterator[Lives]:
    with Databases(postgres).one() as url:
        lives = Lives(url)
        yield lives
        lives.close()


def test_histories_have_debts_measures_notices_and_holds(lives: Lives) -> None:
    states = [lives.expected(seed) for seed in SEEDS]
    assert any("still" in row for state in states for row in state["health"]), "no debt stands still"
    for name in ("measures", "notices", "messages", "holds", "payments"):
        assert any(state[name] for state in states), f"no history has {name}"
    assert all(state["drift"] == [] for state in states)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", SEEDS)
def test_however_it_is_told_it_ends_alike(lives: Lives, seed: int, way: str) -> None:
    deliver, polled = WAYS[way]
    assert lives.lived(seed, deliver, polled=polled) == lives.expected(seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", SOAK_SEEDS)
def test_many_histories_end_alike_however_they_are_told(lives: Lives, seed: int) -> None:
    for deliver, polled in WAYS.values():
        assert lives.lived(seed, deliver, polled=polled) == lives.expected(seed)
