"""Waiting for changes over HTTP: bounded in time, bounded in places, and never in the way of others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from solvent.web.waiting import WAIT_S_MAX, Waiting
from tests.web.house import House, problem


def test_an_answer_waits_no_longer_than_it_was_asked_to(house: House) -> None:
    place = house.get("/entitlement-changes?limit=500")
    while place["more"]:
        place = house.get(f"/entitlement-changes?limit=500&after={place['next']}")
    account = house.account()
    began = time.monotonic()
    page = house.get(f"/entitlement-changes?account={account}&after={place['next']}&wait=1")
    assert (page["data"], page["more"]) == ([], False)
    assert time.monotonic() - began > 0.9


@pytest.mark.parametrize("wait", [-1, WAIT_S_MAX + 1])
def test_a_wait_that_is_too_long_is_refused(house: House, wait: int) -> None:
    answer = house.client.get(f"/entitlement-changes?wait={wait}")
    assert (answer.status_code, problem(answer.json())) == (400, ("invalid_request", ["wait"]))


def test_what_is_found_meanwhile_is_answered_at_once() -> None:
    looks = iter([0, 0, 7])
    assert Waiting(1).until(lambda: next(looks), bool, 60) == 7


def test_who_finds_no_place_does_not_wait() -> None:
    waiting = Waiting(1)

    def inner() -> int:
        once = iter([0])  # whoever waited would look again, and find nothing to look at
        assert waiting.until(lambda: next(once), bool, 30) == 0
        return 1

    looks: Iterator[Callable[[], int]] = iter([lambda: 0, inner])

    def look() -> int:
        return next(looks)()

    assert waiting.until(look, bool, 30) == 1
    assert waiting.until(lambda: 0, bool, 0) == 0
    assert Waiting(0).until(lambda: 0, bool, 30) == 0
