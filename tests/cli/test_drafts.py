"""`solvent invoice drafts`, `issue` and `void`: drafts on the command line."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime

import pytest

from solvent.config import Settings
from solvent.core.ids import spell
from solvent.core.manual import Draft, Particulars
from solvent.flows.invoicing import keep_draft
from solvent.sim import World
from solvent.wiring import build
from tests.cli.conftest import Run
from tests.cli.test_commands import CATALOG
from tests.flows.acts import manual

START = datetime(2027, 1, 10, 9, tzinfo=UTC)


@pytest.fixture
def drafts(run: Run, database_url: str) -> tuple[str, str, str]:
    """An account without a method, and two drafts of it."""
    run("catalog", "apply", CATALOG)
    with closing(build(Settings(), database_url)) as solvent:
        world = World(solvent, start=START, seed=1, buckets=[1])
        ada = world.customer("Ada")
        kept = []
        for amount in (9_900, 500):
            says = Particulars(reference=f"PO-{amount}")
            kept.append(keep_draft(solvent.platform, ada.id, manual(amount), says, world.now))
    first, second = kept
    assert isinstance(first, Draft)
    assert isinstance(second, Draft)
    return spell("acc", ada.id), spell("drf", first.id), spell("drf", second.id)


def test_drafts_are_listed_issued_once_and_voided(run: Run, drafts: tuple[str, str, str]) -> None:
    account, first, second = drafts
    listed = run("invoice", "drafts", account).output.splitlines()
    assert listed == [f"{first}  99.00 USD  PO-9900", f"{second}  5.00 USD  PO-500"]
    shown = json.loads(run("invoice", "drafts", account, "--json").output)
    assert [(one["id"], one["state"]) for one in shown] == [(first, "draft"), (second, "draft")]
    issued = run("invoice", "issue", first)
    assert issued.output.strip().endswith("-000001: open, 99.00 USD owed")
    assert run("invoice", "issue", first).output == issued.output
    assert run("invoice", "void", second).output.strip() == f"{second}: voided"
    refused = run("invoice", "issue", second)
    assert refused.exit_code == 1
    assert "neither issued nor voided: it is voided" in " ".join(refused.output.split())
    assert run("invoice", "void", first).exit_code == 1
    assert run("invoice", "drafts", account).output == ""
    every = run("invoice", "drafts", account, "--all").output.splitlines()
    assert every == [f"{first}  issued  PO-9900", f"{second}  voided  PO-500"]


def test_what_is_no_draft_is_named(run: Run, drafts: tuple[str, str, str]) -> None:
    missing = run("invoice", "issue", f"drf_{'0' * 32}")
    assert (missing.exit_code, f"no draft drf_{'0' * 32}" in missing.output) == (1, True)
    assert run("invoice", "issue", drafts[0]).exit_code == 2
