"""The catalogue of what goes wrong: every line has a test, and every test that it names is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

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
def catalogue() -> dict[str, list[str]]:
    """The tests of each line, as the page names them."""
    rows = [
        line.strip("|").split(" | ")
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line[:1] == "|"
    ]
    return {row[0].strip(): re.findall(r"`(tests/[^`]+)`", row[-1]) for row in rows}


@pytest.mark.parametrize("line", [line for lines in LINES.values() for line in lines])
def test_a_line_of_the_catalogue_is_played(line: str) -> None:
    named = catalogue()[line]
    assert named, f"no test plays: {line}"
    for place in named:
        path, _, name = place.partition("::")
        assert (ROOT / path).is_file(), f"{place} is not there"
        if name:
            assert name in functions(path), f"{place} is not there"


@cache
def functions(path: str) -> frozenset[str]:
    """The functions that a test file defines."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
