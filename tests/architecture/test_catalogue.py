"""The catalogue of what goes wrong: every line has a test, and every test that it names is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from solvent.core.account import Segment
from solvent.core.payment import CauseClass

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "what-goes-wrong.md"

LINES = {
    "Dunning": (
        "restricted with nothing owed",
        "debt paid, nothing restored",
        "expired card retried like insufficient funds",
        "message sent twice",
        "segment in the wrong ladder",
        "exhausted but never ended",
        "cancelled subscription still dunned",
        "late success after uncollectible",
        "object moves to another account while its previous owner owes",
        "schedule that does not re-anchor when the oldest invoice is paid",
    ),
    "Duplicate money": (
        "double click, retried POST",
        "two tabs upgrade the same object",
        "pay-now and scheduled retry at once",
        "notification twice, late, out of order",
        "ambiguous time-out on the first method then success on the second",
        "reply lost after a successful charge",
        "open checkout page plus automatic charge",
        "late success after a failure or expiry",
        "threshold invoice plus cycle invoice",
    ),
}


@cache
def catalogue(column: int) -> dict[str, list[str]]:
    """What a column of each line names, as the page has it."""
    rows = [
        line.strip("|").split(" | ")
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ]
    return {row[0].strip(): re.findall(r"`(tests/[^`]+)`", row[column]) for row in rows}


@pytest.mark.parametrize("line", [line for lines in LINES.values() for line in lines])
def test_a_line_of_the_catalogue_is_played(line: str) -> None:
    named = catalogue(-1)[line]
    assert named, f"no test plays: {line}"
    for place in named:
        path, _, name = place.partition("::")
        assert (ROOT / path).is_file(), f"{place} is not there"
        if name:
            assert name in functions(path), f"{place} is not there"


@pytest.mark.parametrize("line", [line for lines in LINES.values() for line in lines])
def test_a_line_of_the_catalogue_is_told_day_by_day(line: str) -> None:
    named = catalogue(-2)[line]
    assert named, f"no story tells: {line}"
    for path in named:
        assert path.startswith(("tests/scenarios/stories/", "tests/scenarios/dunning/")), path
        assert (ROOT / path).is_file(), f"{path} is not there"


def test_every_segment_and_class_of_causes_is_told_day_by_day() -> None:
    told = {path.stem for path in (ROOT / "tests/scenarios/dunning").glob("*.txt")}
    assert {f"{segment}_{cause}" for segment in Segment for cause in CauseClass} <= told


@cache
def functions(path: str) -> frozenset[str]:
    """The functions that a test file defines."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
