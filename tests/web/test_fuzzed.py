"""Requests made up from the OpenAPI document, for every operation, against the running server: no 5xx, no answer that
the document does not have, nothing accepted against it, nothing refused as malformed that keeps to it.

Schemathesis makes up and judges (`schemathesis.toml`). A share of fixed seed here; all that it can do in `make soak`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from solvent.store.embedded import EmbeddedServer
from solvent.store.schema import migrate
from tests.web.fuzzed_world import lived, words
from tests.web.house import House, running

ROOT = Path(__file__).parents[2]
SETTINGS = Path(__file__).with_name("schemathesis.toml")
SEED = 20_261_122
SOAK_S = 900


@pytest.fixture(scope="module")
def played(postgres: EmbeddedServer) -> Iterator[House]:
    """A house of its own: what is made up may stop the engine, or archive every coupon."""
    postgres.ensure_database("solvent_fuzzed")
    url = postgres.url("solvent_fuzzed")
    migrate(url)
    with running(url) as house:
        yield house


def _judged(house: House, *options: str, timeout_s: int) -> str:
    """What Schemathesis says, which must be that it found nothing."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(SETTINGS), "run", *options]
    command += ["--header", f"Authorization: Bearer {house.keys['admin']}", "--no-color", "--warnings", "off"]
    command += ["--generation-database", "none", f"{house.url}/v1/openapi.json"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | words(lived(house)) | {"NO_PROXY": "*"},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-20_000:]}\n{done.stderr[-5_000:]}"
    return done.stdout


def test_a_share_of_all_requests(played: House) -> None:
    said = _judged(
        played,
        "--phases",
        "examples,fuzzing",
        "--max-examples",
        "3",
        "--no-shrink",
        "--seed",
        str(SEED),
        timeout_s=SOAK_S,
    )
    operations = sum(len(methods) for methods in played.get("/openapi.json")["paths"].values())
    assert f"{operations} selected / {operations} total" in said


@pytest.mark.soak
def test_all_that_can_be_made_up(played: House) -> None:
    _judged(
        played,
        "--max-time",
        str(SOAK_S),
        "--max-examples",
        "400",
        "--continue-on-failure",
        timeout_s=2 * SOAK_S,
    )
