"""`solvent invoice items`, `add-item`, `remove-item` and `waiting`: what waits for an invoice, on the command line."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime

import pytest

from solvent.config import Settings
from solvent.core.ids import spell
from solvent.sim import World
from solvent.wiring import build
from tests.cli.conftest import Run
from tests.cli.test_commands import CATALOG
from tests.flows.acts import zone

START = datetime(2027, 1, 10, 9, tzinfo=UTC)


@pytest.fixture
def account(run: Run, database_url: str) -> str:
    """An account without a method."""
    run("catalog", "apply", CATALOG)
    with closing(build(Settings(), database_url)) as solvent:
        return spell("acc", World(solvent, start=START, seed=1, buckets=[1]).customer("Ada").id)


def test_what_waits_is_kept_listed_removed_and_invoiced(run: Run, account: str) -> None:
    first = run("invoice", "add-item", account, "--amount", "9900", "--description", "Advice").output.strip()
    second = run("invoice", "add-item", account, "--amount", "-500", "--description", "Sorry").output.strip()
    assert first.endswith("  99.00 USD  Advice")
    assert run("invoice", "items", account).output.splitlines() == [first, second]
    shown = json.loads(run("invoice", "items", account, "--json").output)
    assert [(one["state"], one["line"]["amount"]) for one in shown] == [("waiting", 9_900), ("waiting", -500)]
    gone = run("invoice", "remove-item", second.split()[0])
    assert gone.output.strip() == f"{second}  removed"
    assert run("invoice", "waiting", account).output.strip().endswith("-000001: open, 99.00 USD owed")
    assert run("invoice", "items", account).output == ""
    every = run("invoice", "items", account, "--all").output.splitlines()
    assert every == [f"{first}  invoiced", f"{second}  removed"]
    again = run("invoice", "waiting", account)
    assert (again.exit_code, "must find an item that waits" in " ".join(again.output.split())) == (1, True)


def test_the_next_invoice_is_printed_ahead(run: Run, database_url: str, account: str) -> None:
    assert run("invoice", "upcoming", account).output.strip() == "no invoice is to come"
    with closing(build(Settings(), database_url)) as solvent:
        world = World(solvent, start=START, seed=2, buckets=[2])
        ada = world.customer("Ben")
        ada.buy(zone())
        end = ada.subscription().period.end
    assert json.loads(run("invoice", "upcoming", account, "--json").output)["plan"] is None
    ahead = json.loads(run("invoice", "upcoming", spell("acc", ada.id), "--json").output)
    assert ahead["plan"]["total"] == 2_000
    told = run("invoice", "upcoming", spell("acc", ada.id)).output.splitlines()
    assert told[1:] == ["  Pro, zone:example.com  20.00 USD", "  total 20.00, due 20.00 USD"]
    assert told[0] == f"{end:%Y-%m-%d %H:%M} UTC"


def test_what_is_wrong_is_named(run: Run, account: str) -> None:
    for options, words in (
        (("--amount", "0", "--description", "x"), "amount: must come to an amount other than 0"),
        (("--amount", "1", "--description", "x", "--product", "no"), "product_id: must be a product"),
    ):
        refused = run("invoice", "add-item", account, *options)
        assert (refused.exit_code, words in " ".join(refused.output.split())) == (1, True)
    assert run("invoice", "remove-item", f"ivi_{'0' * 32}").exit_code == 1
    assert run("invoice", "remove-item", account).exit_code == 2
    assert run("invoice", "items", f"acc_{'0' * 32}").exit_code == 1
