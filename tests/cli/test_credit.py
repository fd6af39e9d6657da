"""`solvent credit`: given, listed, voided, its history, and all of it in files."""

from __future__ import annotations

import csv
import json
import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyarrow import parquet

from solvent.config import Settings
from solvent.core.ids import spell
from solvent.sim import World
from solvent.sim.stories.goods import VISA, zone_plan
from solvent.wiring import build
from tests.cli.conftest import Run
from tests.cli.test_commands import CATALOG

START = datetime(2026, 1, 10, 9, tzinfo=UTC)
WHO = ("--reason", "The outage", "--by", "carol@example.com")


@pytest.fixture
def ada(run: Run, database_url: str) -> str:
    """The id of an account that paid a part of 20.00 by 5.00 of goodwill."""
    run("catalog", "apply", CATALOG)
    with closing(build(Settings(), database_url)) as solvent:
        world = World(solvent, start=START, seed=1, buckets=[1])
        customer = world.customer("Ada")
        customer.receive_credit(500, excludes=("domain-com", "onboarding"))
        customer.buy(zone_plan("a.example"), VISA)
        assert [f for f in world.laws() if f.violations] == []
        return spell("acc", customer.id)


def test_credit_from_grant_to_void(run: Run, ada: str, tmp_path: Path) -> None:
    words = ("credit", "grant", ada, "--amount", 700, "--kind", "sponsored", "--expires", "2035-01-01", *WHO)
    given = run(*words, "--exclude", "zone-pro", "--priority", 7, "--key", "once")
    assert given.exit_code == 0, given.output
    found = re.search(r"crg_[0-9a-f]{32}", given.output)
    assert found is not None
    grant = found[0]
    assert run(*words, "--exclude", "zone-pro", "--priority", 7, "--key", "once").output == given.output
    meant = (*words[:7], "--expires", "2035-01-01T00:00:00Z", *WHO)  # the same, written otherwise
    said = json.loads(run(*meant, "--exclude", "zone-pro", "--priority", 7, "--key", "once", "--json").output)
    assert (said["id"], said["remaining"], said["kind"]) == (grant, 700, "sponsored")
    shown = json.loads(run("credit", "list", ada, "--json").output)
    assert ([one["id"] for one in shown["data"]], shown["balances"][0]["amount"]) == ([grant], 700)
    other = run(*words, "--key", "once")
    assert (other.exit_code, "--key: came with another input before" in other.output) == (2, True)
    listed = run("credit", "list", ada).output
    for said in (grant, "7.00 USD", "2035-01-01 00:00", "zone-pro", "The outage", "sponsored: 7.00 USD"):
        assert said in listed
    assert (listed.count("crg_"), run("credit", "list", ada, "--all").output.count("crg_")) == (1, 2)
    voided = run("credit", "void", grant, *WHO)
    assert voided.output.strip() == f"7.00 USD of {grant} voided"
    again = run("credit", "void", grant, *WHO)
    assert (again.exit_code, again.output.strip()) == (2, "error grant_id: must have something left")
    lines = run("credit", "history", ada).output.splitlines()
    assert [re.split(r" {2,}", line)[1:3] for line in lines[1:]] == [
        ["invoice", "5.00 USD"],
        ["voided", "7.00 USD"],
    ]
    assert run("credit", "history", ada, "--grant", grant).output.count("crg_") == 1
    (use,) = json.loads(run("credit", "history", ada, "--grant", grant, "--json").output)
    assert (use["kind"], use["amount"]) == ("voided", 700)
    _files(run, ada, grant, tmp_path)


def _files(run: Run, ada: str, grant: str, folder: Path) -> None:
    for what, money in (("credit-grants", "remaining"), ("credit-uses", "amount")):
        plain, typed = folder / f"{what}.csv", folder / f"{what}.parquet"
        assert run("export", "--what", what, "--to", "2100-01-01", "--out", plain).exit_code == 0
        run("export", "--what", what, "--to", "2100-01-01", "--format", "parquet", "--out", typed)
        table = parquet.read_table(typed)
        rows = _rows(plain)
        assert (table.column_names, table.num_rows) == (list(rows[0]), len(rows))
        assert table.column(f"{money}_minor").to_pylist() == [int(row[f"{money}_minor"]) for row in rows]
    first, second = _rows(folder / "credit-grants.csv")
    assert (first["kind"], first["amount"], first["remaining"], first["excludes"]) == (
        "goodwill", "5.00", "0.00", "domain-com onboarding"
    )  # fmt: skip
    assert (second["id"], second["expires_at"], second["granted_by"]) == (
        grant, "2035-01-01T00:00:00Z", "carol@example.com"
    )  # fmt: skip
    used, voided = _rows(folder / "credit-uses.csv")
    assert (used["kind"], used["amount_minor"], used["line"], used["account_id"]) == (
        "invoice",
        "500",
        "1",
        ada,
    )
    assert (voided["kind"], voided["grant_id"], voided["invoice_id"]) == ("voided", grant, "")


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def test_what_is_refused_is_one_line(run: Run, ada: str) -> None:
    nobody, nothing = "acc_" + "0" * 32, "crg_" + "0" * 32
    give = ("credit", "grant", ada, *WHO, "--amount")
    refused = {
        ("credit", "list", "acc_1"): (2, "ACCOUNT: must look like acc_"),
        ("credit", "list", nobody): (1, f"no account {nobody}"),
        ("credit", "history", ada, "--grant", "x"): (2, "--grant: must look like crg_"),
        ("credit", "void", nothing, *WHO): (1, f"no grant of credit {nothing}"),
        ("credit", "void", nothing, "--reason", "", "--by", "x"): (2, "--reason: must not be empty"),
        (*give, 0): (2, "amount: must be from 1 to"),
        (*give, 1, "--kind", "gift"): (2, "--kind: must be one of goodwill, sponsored"),
        (*give, 1, "--kind", "prepaid"): (2, "kind: must be goodwill or sponsored"),
        (*give, 1, "--expires", "soon"): (2, "--expires: must be like 2026-01-31"),
        (*give, 1, "--exclude", "zone-po"): (2, "excludes[0]: must be a product of the catalog"),
    }
    for words, (code, says) in refused.items():
        result = run(*words)
        assert (result.exit_code, says in " ".join(result.output.split())) == (code, True), result.output
    assert run("credit", "list", ada).output.count("crg_") == 0
