"""The bank itself: its transition tables, its lock, its statement, its paging."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from solvent.core.payment import Outcome
from solvent.providers.sandbox import adapter
from solvent.providers.sandbox.book import Book, MoveRefused
from solvent.providers.sandbox.records import CARD, REDIRECT, Intent, Personality, Status

World = Any
Build = Callable[..., tuple[World, Any]]
THREADS = 8

CARD_TABLE = """\
open       → action, canceled, failed, processing, review, succeeded
action     → canceled, failed, processing, review, succeeded
processing → failed, succeeded
review     → failed, succeeded
succeeded  → (end)
failed     → (end)
canceled   → (end)"""

REDIRECT_TABLE = """\
action     → approved, canceled, failed
approved   → canceled, failed, processing, review, succeeded
processing → failed, succeeded
review     → failed, succeeded
succeeded  → (end)
failed     → (end)
canceled   → (end)"""


@pytest.mark.parametrize(("personality", "table"), [(CARD, CARD_TABLE), (REDIRECT, REDIRECT_TABLE)])
def test_transition_table(personality: Personality, table: str) -> None:
    lines = [f"{state:<10} → {', '.join(sorted(to)) or '(end)'}" for state, to in personality.moves.items()]
    assert "\n".join(lines) == table
    assert set(personality.words) == set(personality.moves)


def test_a_move_against_the_table_is_refused(build: Build) -> None:
    world, bank = build("sandbox")
    paid = world.pay()
    intent: Intent = bank._book.by_ref[paid.ref]
    book: Book = bank._book
    with pytest.raises(MoveRefused, match="succeeded → failed"):
        book.move(intent, Status.FAILED, world.clock())


def test_the_same_key_from_eight_threads_is_one_charge(build: Build) -> None:
    world, bank = build("sandbox")
    token = world.vaulted()
    requests = [world.charge_request(token) for _ in range(50)]
    for request in requests:
        with ThreadPoolExecutor(THREADS) as pool:
            reports = set(pool.map(world.provider.charge, [request] * THREADS))
        assert len(reports) == 1
        assert len(bank.charged(request.key)) == 1


def test_capturing_from_eight_threads_is_one_charge(build: Build) -> None:
    world, bank = build("sandpal")
    opened = world.provider.open(world.request())
    bank.approve(opened.ref, world.clock())
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: world.provider.confirm(opened.key, opened.ref, None), range(THREADS)))
    assert len(bank.charged(opened.key)) == 1


def test_the_statement_tells_what_moved(build: Build) -> None:
    world, bank = build("sandbox")
    paid = world.pay()
    world.provider.refund(world.refund_request(paid, 200))
    assert [(row.kind, row.amount) for row in bank.statement()] == [("charge", 1200), ("refund", -200)]
    assert [row.amount for row in bank.charged_to(world.customer)] == [1200]
    assert bank.net(paid.key) == 1000
    bank.charge_twice(paid.ref, world.clock())
    assert len(bank.charged(paid.key)) == 2


def test_paging_loses_and_repeats_nothing(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "PAGE_ROWS", 3)
    world, _ = build("sandbox")
    since = world.clock()
    keys = {world.pay().key for _ in range(10)}  # all at the same instant
    reports = list(world.provider.reports_since(since))
    assert len(reports) == 10
    assert {report.key for report in reports} == keys


def test_levers_pulled_at_the_wrong_time_change_nothing(build: Build) -> None:
    world, bank = build("sandbox")
    paid = world.pay()
    for answer in (
        bank.decide(paid.ref, False, world.clock()),
        bank.complete_challenge(paid.ref, False, world.clock()),
        bank.refuse(paid.ref, world.clock()),
        bank.approve(paid.ref, world.clock()),
    ):
        assert answer["status"] == "succeeded"
    assert world.provider.get(paid.key, None).outcome is Outcome.SUCCEEDED


def test_levers_on_nothing_say_so(build: Build) -> None:
    world, bank = build("sandbox")
    now = world.clock()
    for answer in (
        bank.decide("x", True, now),
        bank.complete_challenge("x", True, now),
        bank.refuse("x", now),
        bank.approve("x", now),
        bank.revoke("x", now),
        bank.charge_twice("x", now),
        bank.open_dispute("x", now),
        bank.close_dispute("x", True, now),
        bank.call("dance", {}, now),
        bank.control("dance", now),
    ):
        assert answer["error"]["code"] in {"not_found", "no_such_operation", "no_such_control"}
    with pytest.raises(LookupError):
        bank.set_behaviour("x", "4242424242424242")
