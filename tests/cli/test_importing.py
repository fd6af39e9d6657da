"""`solvent import-methods`: PayPal's billing agreements out of a file, against the local server that stands for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from solvent.config import Settings
from solvent.core.ids import spell
from solvent.sim import World
from solvent.store.queries import Queries
from solvent.wiring import build
from tests.cli.conftest import Run
from tests.cli.test_commands import CATALOG
from tests.peers.paypal import CLIENT_ID, SECRET, WEBHOOK_ID, ServedPeer
from tests.providers.clock import Clock
from tests.providers.wire import Mishap, Wire

FIRST, SECOND, UNHEARD_OF = "B-5YM51202WL041493H", "B-7YM51202WL041493H", "B-00000000000000000"
START = datetime(2026, 1, 10, 9, tzinfo=UTC)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """PayPal, which knows two agreements, behind a wire; whatever went over it was as PayPal's documents have it."""
    peer = ServedPeer(Clock())
    peer.book.agreements |= {FIRST, SECOND}
    between = Wire(peer.server.address)
    settings = {"CLIENT_ID": CLIENT_ID, "SECRET": SECRET, "WEBHOOK_ID": WEBHOOK_ID, "URL": between.url}
    for name, value in settings.items():
        monkeypatch.setenv(f"SOLVENT_PAYPAL_{name}", value)
    yield between
    between.close()
    peer.close()
    assert peer.witness.faults == []


@pytest.fixture
def accounts(run: Run, database_url: str) -> tuple[str, str]:
    """Two customers without a method."""
    run("catalog", "apply", CATALOG)
    with closing(build(Settings(), database_url)) as solvent:
        world = World(solvent, start=START, seed=1, buckets=[1])
        return spell("acc", world.customer("Ada").id), spell("acc", world.customer("Bob").id)


def written(folder: Path, *rows: str) -> str:
    file = folder / "agreements.csv"
    file.write_text("\n".join(["account_id,reference", *rows]) + "\n", encoding="utf-8")
    return str(file)


def methods(url: str) -> list[str]:
    with closing(build(Settings(), url)) as solvent:
        queries = Queries(solvent.database.pool)
        accounts = [row.id for row in queries.accounts(None, 10)]
        return [method.provider for account in accounts for method in queries.methods(account)]


def test_a_file_is_imported_and_again_it_changes_nothing(
    wire: Wire, accounts: tuple[str, str], run: Run, database_url: str, tmp_path: Path
) -> None:
    ada, bob = accounts
    file = written(tmp_path, f"{ada},{FIRST}", f"{bob},{SECOND}", f"{bob},{UNHEARD_OF}")
    told = run("import-methods", file, "--provider", "paypal")
    assert (told.exit_code, methods(database_url)) == (1, ["paypal", "paypal"]), told.output
    lines = told.output.splitlines()
    assert lines[0] == f"{ada}  {FIRST}  imported"
    assert lines[2] == f"{bob}  {UNHEARD_OF}  refused: agreement revoked"
    assert lines[3] == "2 imported, 0 known, 1 refused, 0 unanswered"
    again = run("import-methods", written(tmp_path, f"{ada},{FIRST}"), "--provider", "paypal", "--json")
    assert again.exit_code == 0
    row = json.loads(again.output)
    assert (row["state"], row["reference"], row["error"]) == ("known", FIRST, None)
    assert methods(database_url) == ["paypal", "paypal"]


@pytest.mark.parametrize("mishap", [Mishap.CUT_BEFORE, Mishap.CUT_AFTER, Mishap.BREAK_AFTER])
def test_what_was_broken_off_is_gone_on_with(
    wire: Wire, accounts: tuple[str, str], run: Run, database_url: str, tmp_path: Path, mishap: Mishap
) -> None:
    file = written(tmp_path, f"{accounts[0]},{FIRST}")
    met = iter([Mishap.NONE, mishap, mishap, mishap])  # the access token is given
    wire.choose = lambda: next(met, Mishap.NONE)
    first = run("import-methods", file, "--provider", "paypal")
    assert (first.exit_code, "unanswered" in first.output) == (1, True), first.output
    wire.choose = lambda: Mishap.NONE
    again = run("import-methods", file, "--provider", "paypal")
    assert (again.exit_code, "1 imported" in again.output) == (0, True), again.output
    assert methods(database_url) == ["paypal"]


def test_nothing_is_begun_of_a_file_that_is_not_as_it_must_be(
    refused: Run, wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = "acc_" + "0" * 32
    bad = tmp_path / "bad.csv"
    for text, says in (
        ("account,reference\n", "line 1: must be account_id,reference"),
        ("", "line 1: must be account_id,reference"),
        (f"account_id,reference\n{ada},B-1,more\n", "line 2: must have an account and a reference"),
        ("account_id,reference\nada,B-1\n", "line 2: account_id:"),
        ("account_id,reference\n" + f"{ada},B-1\n" * 3, "line 4: must not be more than 2 agreements"),
    ):
        bad.write_text(text, encoding="utf-8")
        with monkeypatch.context() as bound:
            bound.setattr("solvent.commands.importing.AGREEMENTS_MAX", 2)
            told = refused("import-methods", str(bad), "--provider", "paypal")
        assert (told.exit_code, says in told.output) == (2, True), told.output
    bad.write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in refused("import-methods", str(bad), "--provider", "paypal").output
    good = written(tmp_path, f"{ada},{FIRST}")
    told = refused("import-methods", good, "--provider", "stripe")
    assert (told.exit_code, "--provider: must be one whose agreements" in told.output) == (2, True)
    assert wire.met == []
