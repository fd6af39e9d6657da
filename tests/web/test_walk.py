"""The walk of docs/api.md, run as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.web.house import House

WALK = Path(__file__).parents[2] / "docs" / "api.md"
PROMISED = {  # what a comment in the document promises of the line before it
    "requires_action",
    "confirm",
    "zone-pro",
    "committed",
    "application/pdf",
    "insufficient_funds",
    "account.created",
    "7.50 USD",
    "200",
    "urn:solvent:problem:idempotency_key_reused",
    "2026-03-31T12:00:00Z",
    "receivable",
    "deferred_revenue",
}


@pytest.mark.skipif(shutil.which("curl") is None, reason="the walk is written for curl")
def test_every_example_works(house: House) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", WALK.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    environment = os.environ | {"URL": f"{house.url}/v1", "KEY": house.keys["admin"]}
    script = "set -euo pipefail\n" + "".join(blocks)
    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert done.stderr == ""
    assert set(done.stdout.splitlines()) >= PROMISED
