"""Journal: one open attempt per claim and one per key, whoever comes first; looks are leased once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import TypeVar
from uuid import UUID

import psycopg
import pytest

from solvent.core.attempt import Attempt
from solvent.core.change import NewItem, Start
from solvent.core.payment import ActionKind, NextAction
from tests.store.worlds import BUCKET, NOW, ZONE, World, draw

THREADS = 8
START = Start(items=(NewItem(price_id="pro@1", object=ZONE),))
T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """The answers of calls that begin together, each in its own thread."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def started(world: World, key: str | None = None) -> Attempt:
    account = world.account()
    return world.attempt(world.plan(account.id, START), key=key, change=START)


def test_an_attempt_is_read_back_as_it_was_written(world: World) -> None:
    plain = started(world, key="k-1")
    action = NextAction(
        provider="sandbox-card",
        attempt_id=plain.id,
        kind=ActionKind.REDIRECT,
        expires_at=NOW,
        url="https://b.example",
    )
    attempt = replace(plain, action=action, ref="pi_1", method_token="tok", method_id=draw(), tries=3)
    attempt = replace(attempt, return_url="https://shop.example/paid")
    world.journal(attempt)
    with world.database.begin() as tx:
        attempt = replace(attempt, action=action.bare)  # but for what lets somebody act
        assert tx.journal.get(attempt.id) == attempt
        assert tx.journal.by_key(attempt.account_id, "k-1") == attempt
        assert tx.journal.in_flight(attempt.plan) == [attempt]
        assert tx.journal.get(draw()) is None
        assert tx.journal.by_key(attempt.account_id, "k-2") is None
        assert tx.journal.in_flight(replace(attempt.plan, claim="sub:none")) == [attempt]  # its place
        assert tx.journal.in_flight(replace(attempt.plan, claim="sub:none", slots=())) == []
        assert tx.journal.add([]) == frozenset()


@pytest.mark.parametrize("name", ["client_secret", "url"])
def test_the_database_itself_refuses_what_lets_somebody_act(world: World, name: str) -> None:
    attempt = started(world)
    world.journal(attempt)
    with pytest.raises(psycopg.errors.CheckViolation):
        world.rows("update attempt set action = json_build_object(%s::text, 'x') returning id", name)


def test_of_many_attempts_about_one_thing_one_is_taken(world: World) -> None:
    first = started(world)
    rivals = [replace(first, id=draw()) for _ in range(THREADS)]
    taken = at_once([partial(world.journal, attempt) for attempt in rivals])
    assert sum(map(len, taken)) == 1
    assert world.rows("select count(*) from attempt") == [(1,)]


def test_of_many_attempts_under_one_key_one_is_taken(world: World) -> None:
    first = started(world, key="double-click")
    claims = [replace(first.plan, claim=f"new:{n}") for n in range(THREADS)]
    taken = at_once([partial(world.journal, replace(first, id=draw(), plan=plan)) for plan in claims])
    assert sum(map(len, taken)) == 1


def test_batches_that_claim_the_same_things_in_any_order_do_not_deadlock(world: World) -> None:
    firsts = [started(world) for _ in range(30)]
    batches = [
        [replace(t, id=draw()) for t in (firsts if n % 2 else reversed(firsts))] for n in range(THREADS)
    ]
    taken = at_once([partial(world.journal, *batch) for batch in batches])
    assert sum(map(len, taken)) == len(firsts)


def test_a_claim_is_free_again_when_its_attempt_has_ended(world: World) -> None:
    attempt = started(world)
    world.journal(attempt)
    assert world.journal(replace(attempt, id=draw())) == frozenset()
    world.fail(attempt)
    again = replace(attempt, id=draw())
    assert world.journal(again) == {again.id}


def looks(world: World, after: timedelta, account: UUID | None = None, limit: int = 100) -> list[UUID]:
    moment = NOW + after
    with world.database.begin() as tx:
        found = tx.journal.claim_looks(BUCKET, moment, moment + timedelta(minutes=1), limit, account)
    return [attempt.id for attempt in found]


def test_a_look_is_leased_once(world: World) -> None:
    attempts = [started(world) for _ in range(40)]
    world.journal(*attempts)
    assert looks(world, timedelta(seconds=59)) == []
    claimed = at_once([lambda: looks(world, timedelta(minutes=2)) for _ in range(THREADS)])
    everything = [i for found in claimed for i in found]
    assert sorted(everything) == sorted(t.id for t in attempts)
    assert looks(world, timedelta(minutes=2)) == []
    assert len(looks(world, timedelta(minutes=4), limit=7)) == 7


def test_a_test_account_is_looked_at_on_its_own_clock_only(world: World) -> None:
    frozen = world.account(test_now=NOW)
    attempt = world.attempt(world.plan(frozen.id, START))
    world.journal(attempt)
    assert looks(world, timedelta(days=1)) == []
    assert looks(world, timedelta(days=1), account=frozen.id) == [attempt.id]
