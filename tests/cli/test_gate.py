"""The gate at the start: what would commit unpaid is refused, with its path and provider; counts are shown by check."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path as File

import pytest

from solvent.core.payment import Path
from solvent.ports.counts import Counted
from solvent.store.counts import StoredCounts
from solvent.store.database import Database
from tests.cli.conftest import Run

LEGACY = """
from solvent.core.payment import Path
from solvent.ports.provider import Capabilities
from solvent.providers.adapters import Connected
from solvent.providers.boundary import Limits

class Legacy:
    name = "legacy"
    capabilities = Capabilities(actions=frozenset(), off_session=True, partial_refunds=True, mandates=False,
                                delayed_settlement=False, commits_first=frozenset({Path.CHANGE}))

def connect(surroundings):
    return Connected(provider=Legacy(), limits=Limits())
"""


@pytest.mark.parametrize("path", Path)
def test_a_gate_that_is_off_on_an_unsafe_path_stops_the_start(
    run: Run, tmp_path: File, monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    """Whichever path it is, whatever is said of others: off, or nothing, is refused; on and soft start."""
    (tmp_path / "legacy_adapter.py").write_text(LEGACY.replace("Path.CHANGE", f"Path.{path.name}"))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "legacy_adapter", raising=False)
    monkeypatch.setenv("SOLVENT_ADAPTERS", "legacy_adapter:connect")
    others = ",".join(f"{other}=on" for other in Path if other is not path)
    rule = f"SOLVENT_PAYMENT_METHOD_GATE: must be on or soft for {path}, because legacy commits there"
    for gate in ("", f"{path}=off", others):
        monkeypatch.setenv("SOLVENT_PAYMENT_METHOD_GATE", gate)
        told = run("keys", "list")
        assert told.exit_code == 2
        assert rule in " ".join(told.output.split())
    for gate in (f"{path}=soft", f"{path}=on"):
        monkeypatch.setenv("SOLVENT_PAYMENT_METHOD_GATE", gate)
        started = run("keys", "list")
        assert started.exit_code == 0, started.output


def test_a_gate_that_nobody_knows_is_refused_with_the_rule(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLVENT_PAYMENT_METHOD_GATE", "change=perhaps")
    told = run("keys", "list")
    assert told.exit_code == 2
    said = " ".join(told.output.split())
    assert "SOLVENT_PAYMENT_METHOD_GATE" in said
    assert "must be like purchase=on,change=soft" in said


def test_what_was_counted_by_any_process_is_shown_by_check(run: Run, database_url: str) -> None:
    database = Database(database_url)
    counts, now = StoredCounts(database.pool), datetime(2026, 3, 1, 12, tzinfo=UTC)
    for _ in range(3):
        counts.add(Counted.UNMAPPED, "sandbox", "held_for_ever", now)
    counts.add(Counted.GATE, "purchase", "start", now)
    database.close()
    told = run("check")
    assert told.exit_code == 0, told.output
    said = " ".join(told.output.split())
    assert (
        "sandbox said 'held_for_ever', which its adapter cannot translate: 3 times, last 2026-03-01 12:00"
        in said
    )
    assert "the soft gate of purchase let start through without a method on file: 1 times" in said
