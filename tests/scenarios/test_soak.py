"""The soak goes on where it was broken off, and a piece that fails is written down and holds up no other."""

from itertools import islice

import pytest

from solvent.store.embedded import EmbeddedServer
from tests.providers.wire import Mishap
from tests.scenarios import soak
from tests.simulation.databases import Databases


def test_what_was_played_is_not_played_again() -> None:
    queue = soak.pieces(["random", "paypal"], 5, {("random", 5), ("paypal", 6)})
    assert list(islice(queue, 3)) == [("paypal", 5), ("random", 6), ("random", 7)]


def test_a_piece_that_fails_says_why(postgres: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> tuple[int, list[Mishap]]:
        raise AssertionError("one key was charged twice")

    monkeypatch.setitem(soak.KINDS, "paypal", fails)
    with Databases(postgres).one() as url:
        line = soak.play(("paypal", 7), url)
    assert (line["kind"], line["seed"], line["runs"], line["met"]) == ("paypal", 7, 0, {})
    assert "one key was charged twice" in line["fault"]
