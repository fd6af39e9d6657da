"""`solvent drift`: in what stores contradict each other, on the command line."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--kind", "none"), "--kind: must be one of "),
        (
            ("--older-than", "soon"),
            "--older-than: must be minutes, hours or days, as 90m, 12h or 2d, got 'soon'",
        ),
        (("acc_1",), "ACCOUNT: must look like acc_"),
        (("acc_" + "0" * 32,), "no account acc_000"),
    ],
)
def test_what_cannot_be_asked_is_said(refused: Run, words: tuple[str, ...], said: str) -> None:
    answer = refused("drift", *words)
    assert answer.exit_code in (1, 2)
    assert said in answer.output


def test_looking_at_everybody(run: Run) -> None:
    assert "looked at every account of 0 of 256 buckets" in run("drift").output
    told = run("drift", "--look", "--kind", "look_lost", "--older-than", "1d").output
    assert "looked at every account; 0 were not at rest" in told
    assert "no drift was seen" in told
    assert "looked at every account of 256 of 256 buckets, the first of them at " in told
