"""`solvent reconcile`: what it prints, how it ends, and what it refuses."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

import pytest

from solvent.config import Settings
from solvent.sim import World
from solvent.sim.stories.goods import VISA, zone_plan
from solvent.wiring import build
from tests.cli.conftest import Run
from tests.cli.test_commands import CATALOG

START = datetime(2026, 1, 10, 9, tzinfo=UTC)
SPAN = ("--since", "2026-01-01", "--until", "2026-02-01")


@pytest.fixture
def paid(run: Run, database_url: str) -> None:
    """A payment of 20.00 at a sandbox bank that the next process knows nothing of."""
    run("catalog", "apply", CATALOG)
    with closing(build(Settings(), database_url)) as solvent:
        World(solvent, start=START, seed=1, buckets=[1]).customer("Ada").buy(zone_plan("a.example"), VISA)


def test_differences_are_printed_and_end_with_1(run: Run, paid: None) -> None:
    told = run("reconcile", "sandbox", *SPAN, "--repair", "--yes")
    assert told.exit_code == 1, told.output
    assert (
        "sandbox, 2026-01-01 00:00 to 2026-02-01 00:00 UTC: 1 differences, 0 repaired, 1 left" in told.output
    )
    for word in ("payment", "theirs missing", "20.00 USD", "by hand"):
        assert word in told.output
    assert run("reconcile", "sandpal", *SPAN).exit_code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nobody", *SPAN), "PROVIDER: must be one of sandbox, sandpal, got 'nobody'"),
        (("sandbox", "--since", "soon"), "--since: must be like 2026-01-31"),
        (
            ("sandbox", "--since", "2026-02-01", "--until", "2026-01-01"),
            "--until: must not be before --since",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(refused: Run, words: tuple[str, ...], says: str) -> None:
    told = refused("reconcile", *words)
    assert told.exit_code == 2
    assert says in " ".join(told.output.split())
