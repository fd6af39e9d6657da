"""Handing over: who is away is asked again, and what was waited for is told once."""

from __future__ import annotations

import logging
from threading import Event

import pytest

from solvent.commands.patience import hand_over
from solvent.relay import SinkFailed


def test_who_is_away_is_asked_again_until_stopped(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    stop = Event()
    rounds: list[int] = []

    def round_() -> int:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise SinkFailed("closed")
        if len(rounds) == 4:
            stop.set()
        return len(rounds) == 2

    hand_over("events", logging.getLogger("solvent.test"), round_, stop, away=SinkFailed, idle_s=0.01)
    assert len(rounds) == 4
    assert [record.getMessage() for record in caplog.records] == [
        "events wait, trying again in 1 s: closed",
        "events are taken again",
    ]


def test_another_fault_ends_it() -> None:
    def broken() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        hand_over("events", logging.getLogger("solvent.test"), broken, Event(), away=SinkFailed, idle_s=0.01)
