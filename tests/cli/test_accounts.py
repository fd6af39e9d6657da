"""`solvent account`: shown, changed, closed."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime

from solvent.config import Settings
from solvent.core.ids import spell
from solvent.sim import World
from solvent.wiring import build
from tests.cli.conftest import Run
from tests.cli.test_commands import CATALOG
from tests.flows.acts import zone


def test_an_account_is_shown_and_changed(run: Run, database_url: str) -> None:
    run("catalog", "apply", CATALOG)
    with closing(build(Settings(), database_url)) as solvent:
        world = World(solvent, start=datetime(2026, 1, 10, 9, tzinfo=UTC), seed=1, buckets=[1])
        ada = spell("acc", world.customer("Ada").id)
    before = json.loads(run("account", "show", ada, "--json").output)
    moved = run(
        "account", "change", ada, "--address-line", "Kanalstr. 1", "--city", "Bonn", "--email", "a@b.example"
    )
    assert "Kanalstr. 1, Bonn" in moved.output
    after = json.loads(
        run("account", "change", ada, "--name", "Ada Ltd", "--region", "none", "--json").output
    )
    assert (after["name"], after["email"], after["region"]) == ("Ada Ltd", "a@b.example", None)
    assert {name for name in before if before[name] != after[name]} == {"name", "email", "address"}
    for words, said in (
        (("--email", "nobody"), "email: must be an e-mail address"),
        (("--city", "Bonn"), "address.lines: "),
        (("--language", "tlh"), "language"),
        ((), "at least one field"),
    ):
        refused = run("account", "change", ada, *words)
        assert (refused.exit_code, said in refused.output) == (2, True), refused.output
    nobody = "acc_" + "0" * 32
    for other in (run("account", "show", nobody), run("account", "change", nobody, "--name", "Eve")):
        assert (other.exit_code != 0, nobody in other.output) == (True, True)
    assert run("account", "show", "acc_1").exit_code == 2
    assert json.loads(run("account", "show", ada, "--json").output) == after


def test_an_account_is_closed_and_opened_again(run: Run, database_url: str) -> None:
    run("catalog", "apply", CATALOG)
    with closing(build(Settings(), database_url)) as solvent:
        world = World(solvent, start=datetime(2026, 1, 10, 9, tzinfo=UTC), seed=1, buckets=[1])
        ada, ben = world.customer("Ada"), world.customer("Ben")
        ben.buy(zone())
    said = ("--by", "carol", "--reason", "asked for it")
    closed = json.loads(run("account", "close", spell("acc", ada.id), *said, "--json").output)
    assert closed["closed_at"] is not None
    refused = run("account", "close", spell("acc", ben.id), *said)
    assert (refused.exit_code, "subscriptions: must all have ended" in refused.output) == (2, True)
    again = run("account", "reopen", spell("acc", ada.id), *said, "--json")
    assert json.loads(again.output)["closed_at"] is None
