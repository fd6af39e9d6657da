"""The demo by one flag on the sandbox, on Stripe's adapter and on PayPal's, as commands: the same events, and the same
ledger posting by posting, but for the provider's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from solvent.commands.demo import DATABASE
from tests.cli.conftest import Run
from tests.peers.paypal import CLIENT_ID, SECRET, WEBHOOK_ID
from tests.peers.paypal import play as paypal
from tests.peers.stripe import play as stripe
from tests.peers.stripe.server import SECRET_KEY, WEBHOOK_SECRET
from tests.scenarios.test_played import Said

Rows = list[tuple[Any, ...]]
_EVENTS = "select bucket, type, occurred_at::text, data from event order by bucket, seq"
_POSTINGS = """
select bucket, debit, credit, amount, currency, booked_at::text, account_id::text, cause_id::text, invoice_id::text
from posting order by bucket, cause_id, position"""


def stripe_room() -> tuple[dict[str, str], Callable[[], None]]:
    """Settings with which Stripe is played, and the end of that."""
    rooms = stripe.Rooms()
    keys = {
        "SECRET_KEY": SECRET_KEY,
        "WEBHOOK_SECRET": WEBHOOK_SECRET,
        "URL": rooms.url,
        "CALLS_PER_S": "1000",
    }
    return {f"SOLVENT_STRIPE_{name}": value for name, value in keys.items()}, rooms.close


def paypal_room() -> tuple[dict[str, str], Callable[[], None]]:
    """The same of PayPal."""
    rooms = paypal.Rooms()
    keys = {
        "CLIENT_ID": CLIENT_ID,
        "SECRET": SECRET,
        "WEBHOOK_ID": WEBHOOK_ID,
        "CALLS_PER_S": "1000",
        "URL": rooms.url,
        "PROOF": "api",
    }
    return {f"SOLVENT_PAYPAL_{name}": value for name, value in keys.items()}, rooms.close


ROOMS = {"sandbox": lambda: ({}, lambda: None), "stripe": stripe_room, "paypal": paypal_room}


def told(url: str, provider: str) -> tuple[Rows, Rows]:
    """What the demo left behind, alike for every provider: ids by the order in which they appear, and no name."""
    said = Said(provider)
    with psycopg.connect(make_conninfo(url, dbname=DATABASE)) as connection:
        events = connection.execute(_EVENTS).fetchall()
        postings = connection.execute(_POSTINGS).fetchall()
    plain = [
        (bucket, *(said.of(str(part).replace(f":{provider}", ":…")) for part in row))
        for bucket, *row in postings
    ]
    return [(bucket, kind, at, said.of(data)) for bucket, kind, at, data in events], plain


def test_the_same_demo_by_one_flag_on_each_provider(
    run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = {}
    for provider, room in ROOMS.items():
        settings, close = room()
        with monkeypatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name, value)
            result = run("demo", "--once", "--provider", provider)
        close()
        assert result.exit_code == 0, result.output[-2_000:]
        assert "5 paths, " in result.output
        seen[provider] = told(database_url, provider)
    events, postings = seen["sandbox"]
    assert len(postings) > 20
    for provider in ("stripe", "paypal"):
        assert seen[provider][0] == events, provider
        assert seen[provider][1] == postings, provider


def test_a_provider_that_nobody_plays_is_refused_in_a_line(refused: Run) -> None:
    result = refused("demo", "--once", "--provider", "stripe")
    assert (result.exit_code, "provider stripe is not configured" in result.output) == (1, True)
