"""`solvent keys rotate-signing` and `signing`: the keys of entitlement tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def test_keys_are_made_and_listed(run: Run) -> None:
    first = run("keys", "rotate-signing")
    assert first.exit_code == 0
    kid = first.output.split()[1]
    second = run("keys", "rotate-signing")
    assert "is published, and signs from" in second.output
    waiting = run("keys", "rotate-signing")
    assert waiting.exit_code == 1
    assert "waits for its time to sign" in waiting.output
    lines = [line.split() for line in run("keys", "signing").output.splitlines()]
    assert [(x[0], x[-2], x[-1]) for x in lines if len(x) == 7] == [
        (kid, "signs", "no"),
        (second.output.split()[1], "next", "no"),
    ]
    urgent = run("keys", "rotate-signing", "--at-once")
    assert urgent.exit_code == 0
    assert kid not in run("keys", "signing").output
