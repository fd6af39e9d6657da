"""The walks of docs/api.md and docs/entitlements.md, run as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S
from tests.web.house import House

DOCS = Path(__file__).parents[2] / "docs"
WALK, FURTHER = DOCS / "api.md", DOCS / "entitlements.md"
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


FURTHER_PROMISED = {
    "payment",
    "True",
    "304",
    "zone:example.com",
    "subscription.started",
    "entitlements+jwt",
    "EdDSA",
}
written_for_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="the walk is written for curl")


@written_for_curl
def test_every_example_works(house: House) -> None:
    assert _walked(house, _blocks(WALK)) >= PROMISED


@written_for_curl
def test_every_example_of_entitlements_works(house: House) -> None:
    account = house.account()
    house.buy(account)
    words = _blocks(WALK)[0]
    assert _walked(house, [words, f"ACCOUNT={account}\n", *_blocks(FURTHER)]) >= FURTHER_PROMISED


def _blocks(document: Path) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", document.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def _walked(house: House, blocks: list[str]) -> set[str]:
    """The lines that the blocks print."""
    environment = os.environ | {"URL": f"{house.url}/v1", "KEY": house.keys["admin"]}
    script = "set -euo pipefail\n" + "".join(blocks)
    done = subprocess.run(
        ["bash", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert done.stderr == ""
    return set(done.stdout.splitlines())
