"""`solvent change`: changes that somebody asked for, listed and shown; and what lists of the command line refuse."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime

import pytest

from solvent.config import Settings
from solvent.core.ids import spell
from solvent.sim import World
from solvent.sim.stories.goods import VISA, zone_plan
from solvent.wiring import build
from tests.cli.conftest import Run
from tests.cli.test_commands import CATALOG

START = datetime(2027, 1, 10, 9, tzinfo=UTC)


@pytest.fixture
def ada(run: Run, database_url: str) -> tuple[str, str]:
    """An account, and the change by which it bought something."""
    run("catalog", "apply", CATALOG)
    with closing(build(Settings(), database_url)) as solvent:
        world = World(solvent, start=START, seed=1, buckets=[1])
        ada = world.customer("Ada")
        bought = ada.buy(zone_plan("a.example"), VISA)
        return spell("acc", ada.id), spell("att", bought.id)


def test_changes_are_listed_and_shown(run: Run, ada: tuple[str, str]) -> None:
    account, change = ada
    found = json.loads(run("change", "list", "--json").output)
    assert [one["id"] for one in found] == [change]
    listed = run(
        "change", "list", "--account", account, "--state", "committed", "--from", "2027-01-10"
    ).output
    assert change in listed
    assert "20.00 USD" in listed
    assert change not in run("change", "list", "--to", "2027-01-10").output
    shown = run("change", "show", change)
    assert "Pro, zone:a.example" in shown.output
    whole = json.loads(run("change", "show", change, "--json").output)
    assert whole["invoice_id"] in shown.output
    assert whole["state"] == "committed"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("change", "list", "--state", "sulking"), 2, "--state: must be one of opening"),
        (
            ("change", "list", "--from", "2027-02-01", "--to", "2027-01-01"),
            2,
            "--to: must not be before --from",
        ),
        (("change", "show", f"att_{'0' * 32}"), 1, "no change att_000"),
        (("payment", "list", "--provider", "nosuch"), 2, "--provider: must be one of sandbox"),
        (("invoice", "list", "--currency", "dollars"), 2, "--currency: must be an active ISO 4217 code"),
        (("coupon", "list", "--product", "nosuch"), 2, "--product: must be one of"),
        (("coupon", "list", "--currency", "dollars"), 2, "--currency: must be an active ISO 4217 code"),
    ],
)
def test_what_there_is_not_is_refused(refused: Run, words: tuple[str, ...], code: int, says: str) -> None:
    result = refused(*words)
    assert (result.exit_code, says in " ".join(result.output.split())) == (code, True), result.output


def test_a_currency_is_read_however_it_is_written(run: Run, ada: tuple[str, str]) -> None:
    account, _ = ada
    found = json.loads(run("invoice", "list", "--currency", "usd", "--json").output)
    assert [one["account_id"] for one in found] == [account]
    assert (
        json.loads(run("payment", "list", "--currency", "eur", "--provider", "cheque", "--json").output) == []
    )
