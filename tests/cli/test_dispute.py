"""`solvent dispute`: what payers contest, on the command line, and in a file."""

from __future__ import annotations

import csv
import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from solvent.commands import dispute
from solvent.config import Settings
from solvent.core.ids import spell
from solvent.sim import World
from solvent.sim.stories.goods import VISA, zone_plan
from solvent.store.dispute_reads import DisputeReads, Which
from solvent.wiring import build
from tests.cli.conftest import Run
from tests.cli.test_commands import CATALOG

START = datetime(2027, 1, 10, 9, tzinfo=UTC)
YEAR = ("--from", "2027-01-01", "--to", "2028-01-01")


@pytest.fixture
def disputes(run: Run, database_url: str) -> tuple[str, str, str]:
    """An account, its dispute that is open and its dispute that is lost."""
    run("catalog", "apply", CATALOG)
    with closing(build(Settings(), database_url)) as solvent:
        world = World(solvent, start=START, seed=1, buckets=[1])
        ada = world.customer("Ada")
        paid = [ada.buy(zone_plan(f"{name}.example"), VISA) for name in "ab"]
        bank = world.banks.by_name["sandbox"]
        refs = [bank.open_dispute(str(p.ref), world.now, reason="duplicate", fee=1_500)["id"] for p in paid]
        world.work()
        bank.close_dispute(refs[1], False, world.now)
        world.work()
        assert [f for f in world.laws() if f.violations] == []
        found = DisputeReads(solvent.database.pool).page(Which(account=ada.id), None, 10)
    by_ref = {stored.dispute.ref: spell("dsp", stored.dispute.id) for stored in found}
    return spell("acc", ada.id), by_ref[refs[0]], by_ref[refs[1]]


def test_disputes_are_listed_shown_and_exported(
    run: Run, disputes: tuple[str, str, str], tmp_path: Path
) -> None:
    account, opened, lost = disputes
    listed = run("dispute", "list").output
    assert opened in listed
    assert "needs response" in listed
    assert lost not in listed
    assert lost in run("dispute", "list", "--all", "--account", account).output
    assert opened not in run("dispute", "list", "--state", "lost").output
    everything = ("dispute", "list", "--all", "--json")
    found = json.loads(run(*everything, "--currency", "usd", "--provider", "sandbox").output)
    assert [one["id"] for one in found] == [opened, lost]
    (one,) = json.loads(run(*everything, "--payment", found[0]["payment_id"], "--from", "2027-01-01").output)
    assert one == json.loads(run("dispute", "show", opened, "--json").output)
    assert json.loads(run(*everything, "--to", "2027-01-01").output) == []
    assert json.loads(run(*everything, "--entity", "solvent-eu").output) == []
    shown = " ".join(run("dispute", "show", lost).output.split())
    for words in ("20.00 USD", "duplicate", "lost", "owed again 20.00 USD", "fee 15.00 USD", account):
        assert words in shown
    assert "owed again" not in run("dispute", "show", opened).output
    file = tmp_path / "disputes.csv"
    assert run("export", "--what", "disputes", *YEAR, "--out", file).exit_code == 0
    rows = {row["id"]: row for row in csv.DictReader(file.open(encoding="utf-8"))}
    assert (rows[lost]["to_debt"], rows[lost]["fee_minor"], rows[opened]["state"]) == (
        "20.00",
        "1500",
        "needs_response",
    )


def test_a_dispute_is_answered_and_accepted_where_the_bank_can_be_reached(
    run: Run, disputes: tuple[str, str, str], tmp_path: Path
) -> None:
    """The bank of the world that opened them is gone: whoever answers is told that nobody replied, or what is wrong."""
    _, opened, lost = disputes
    for words, code, says in (
        (["evidence", opened], 2, "--statement: must be given, or --file"),
        (["evidence", opened, "--statement", " "], 2, "--statement: must say something"),
        (["evidence", opened, "--file", tmp_path / "none"], 2, "No such file"),
        (["evidence", lost, "--statement", "It was delivered"], 2, "must not be decided yet; it is lost"),
        (["accept", lost], 2, "must not be decided yet; it is lost"),
        (["accept", opened], 1, "the provider did not say how the dispute stands now"),
    ):
        result = run("dispute", *words)
        assert (result.exit_code, says in " ".join(result.output.split())) == (code, True), result.output
    latin = tmp_path / "latin.txt"
    latin.write_bytes(b"\xe9")
    assert "must be UTF-8" in run("dispute", "evidence", opened, "--file", latin).output


def test_evidence_and_acceptance_reach_the_bank(run: Run, database_url: str, tmp_path: Path) -> None:
    run("catalog", "apply", CATALOG)
    said = tmp_path / "evidence.txt"
    said.write_text("It was delivered on 10 January.", encoding="utf-8")
    with closing(build(Settings(), database_url)) as solvent:
        world = World(solvent, start=START, seed=1, buckets=[1])
        paid = world.customer("Ada").buy(zone_plan("a.example"), VISA)
        world.banks.by_name["sandbox"].open_dispute(str(paid.ref), world.now, reason="duplicate", fee=1_500)
        world.work()
        (stored,) = DisputeReads(solvent.database.pool).page(Which(), None, 10)
        office = replace(solvent, platform=world.platform, clock=world.clock)
        name = spell("dsp", stored.dispute.id)
        answered = json.loads(str(dispute.answered(office, name, None, said, for_programs=True)))
        assert answered["state"] == "under_review"
        accepted = json.loads(str(dispute.accepted(office, name, for_programs=True)))
        assert accepted["state"] == "accepted"
        assert json.loads(str(dispute.accepted(office, name, for_programs=True))) == accepted
        assert [f for f in world.laws() if f.violations] == []


def test_what_is_no_dispute_is_one_line(run: Run) -> None:
    for words, code, says in (
        (["show", f"dsp_{'0' * 32}"], 1, "no dispute dsp_000"),
        (["show", "7"], 2, "DISPUTE: must look like dsp_"),
        (["list", "--account", "7"], 2, "--account: must look like acc_"),
        (["list", "--state", "sulking"], 2, "--state: must be one of warning, needs_response"),
        (["list", "--currency", "dollars"], 2, "--currency: must be an active ISO 4217 code"),
        (["list", "--provider", "nosuch"], 2, "--provider: must be one of sandbox"),
        (["list", "--entity", "nosuch"], 2, "--entity: must be one of"),
    ):
        result = run("dispute", *words)
        assert result.exit_code == code
        assert says in " ".join(result.output.split())
        assert "Traceback" not in result.output
