"""`solvent engine`: whose consequences are applied, on the command line."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run

WHO = ("--by", "carol", "--reason", "rollout")


def test_a_mode_is_set_and_shown_with_who_and_why(run: Run) -> None:
    assert "now: on; by installation: as shipped" in run("engine", "show").output
    account = "acc_" + "0" * 32
    told = run(
        "engine", "set", "share", "--share", "5", "--account", account, "--exclude-segment", "partner", *WHO
    )
    assert "now: share 5 %, 1 accounts by name, without partner; by carol: rollout" in told.output
    run("engine", "set", "on", "--exclude-account", account, *WHO)
    shown = run("engine", "show").output
    assert "now: on, without 1 accounts; by carol: rollout" in shown
    assert "UTC: share 5 %" in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("perhaps",), "MODE: must be one of off, observe, share, on, got 'perhaps'"),
        (("share",), "--share: must be one of 5, 10, 25, 50, 100 percent"),
        (("on", "--exclude-segment", "nobody"), "--exclude-segment: must be one of standard"),
        (("share", "--account", "x"), "--account: must look like acc_"),
    ],
)
def test_what_cannot_be_set(refused: Run, words: tuple[str, ...], said: str) -> None:
    answer = refused("engine", "set", *words, *WHO)
    assert answer.exit_code == 2
    assert said in " ".join(answer.output.split())
