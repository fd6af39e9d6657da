"""The list of disagreements: closed, complete by pairs of stores, each told in a sentence; the manual says the same."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from solvent.core.drift import disagreement
from solvent.core.drift_kinds import APART, KINDS, DriftKind, Remedy, pairs

MANUAL = Path(__file__).parents[2] / "docs" / "drift.md"
DONE = {
    Remedy.REPAIRED: "repaired by recompute",
    Remedy.REPORTED: "explained",
    Remedy.PERSON: "needs a person",
    Remedy.IMPOSSIBLE: "impossible",
}


def test_every_kind_has_a_meaning_and_every_pair_a_kind_or_a_reason_why_not() -> None:
    assert list(KINDS) == list(DriftKind)
    compared = {tuple(sorted(meaning.stores)) for meaning in KINDS.values()}
    for pair in pairs():
        assert (tuple(sorted(pair)) in compared) != (pair in APART), pair


def test_evidence_is_a_sentence_with_its_facts() -> None:
    told = disagreement(DriftKind.DEBT_UNSEEN, owed="5 USD")
    assert (told.kind, told.evidence) == ("debt_unseen", "5 USD is owed, and dunning has no record")
    for meaning in KINDS.values():
        assert [name for _, name, _, _ in string.Formatter().parse(meaning.evidence) if name == ""] == []
    with pytest.raises(KeyError):
        disagreement(DriftKind.DEBT_UNSEEN)


def row(kind: DriftKind) -> str:
    meaning = KINDS[kind]
    one, other = meaning.stores
    evidence = meaning.evidence.replace("{", "‹").replace("}", "›")
    return f"| `{kind}` | {one}, {other} | {meaning.means} | {evidence} | {DONE[meaning.done]} |"


def test_the_manual_has_the_same_list() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    found = [line for line in text.splitlines() if line.startswith("| `")]
    assert found == [row(kind) for kind in DriftKind]
    for one, other in APART:
        assert f"*{one}* and *{other}*: {APART[one, other]}" in text
