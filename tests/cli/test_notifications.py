"""Notifications that were put aside, on the command line: listed with the reason, put back, looked at anew."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest

from solvent.config import Settings
from solvent.core.ids import bucket_of
from solvent.flows.notify import process, receive
from solvent.providers.sandbox.notifications import DEMO_KEY, pack
from solvent.providers.sandbox.records import Event
from solvent.wiring import Solvent, build, wall_clock
from tests.cli.conftest import Run


def told(solvent: Solvent, name: str) -> int:
    """A genuine notification of an attempt that is not ours, looked at once; returns its bucket."""
    now, key = wall_clock(), uuid4()
    event = Event(type="payment.succeeded", ref=name, key=key.hex, created=now, number=1)
    delivery = pack(event, DEMO_KEY, now)
    receive(solvent.platform, "sandbox", delivery.headers, delivery.body, now)
    process(solvent.platform, bucket_of(key), now, 10)
    return bucket_of(key)


def test_what_was_put_aside_is_listed_and_put_back(
    run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOLVENT_SANDBOX_SECRET", DEMO_KEY)
    solvent = build(Settings(database_url=database_url, sandbox_secret=DEMO_KEY), database_url)
    buckets = {name: told(solvent, name) for name in ("a", "b")}
    listed = run("notifications", "list", "--limit", 1).output
    assert "sandbox  evt_a_1  attempt a: it names no attempt of ours" in listed
    assert "2 put aside" in listed

    assert "1 put back" in run("notifications", "replay", "evt_a_1").output
    assert "1 put aside" in run("notifications", "list", "--provider", "sandbox").output
    unknown = run("notifications", "replay", "evt_x_1")
    assert (unknown.exit_code, "not put aside: evt_x_1" in unknown.output) == (1, True)
    assert "1 put back" in run("notifications", "replay", "--all").output

    with psycopg.connect(database_url) as connection:
        rows = connection.execute("select id, state, tries from inbox order by id").fetchall()
    assert rows == [("evt_a_1", "waiting", 0), ("evt_b_1", "waiting", 0)]
    for bucket in buckets.values():
        process(solvent.platform, bucket, datetime.now(UTC), 10)
    assert "2 put aside" in run("notifications", "list").output  # the reason is not gone
    solvent.close()


@pytest.mark.parametrize(
    "words", [["replay"], ["replay", "evt_a_1", "--all"], ["list", "--provider", "nobody"]]
)
def test_input_that_says_nothing_clear_is_refused(refused: Run, words: list[str]) -> None:
    assert refused("notifications", *words).exit_code == 2
