"""The rate counts HTTP requests: each that a call makes waits for a place of its own."""

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest

from solvent.core.payment import Report
from solvent.ports.provider import ProviderDown
from solvent.providers.boundary import Boundary, Limits, sending
from tests.providers.clock import Clock
from tests.providers.places import every_request_has_had_a_place
from tests.providers.sandbox_stage import playing
from tests.providers.test_boundary import LATER, PAID, Scripted, Seconds, bounded, call


class Talkative(Scripted):
    """A provider that needs some requests for a call, and one for each row of a list."""

    def __init__(self, requests: int) -> None:
        super().__init__()
        self.requests = requests

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        answer = super().__getattr__(operation)

        def play(*given: object) -> object:
            for _ in range(self.requests):
                sending()
            return answer(*given)

        return play

    def reports_since(self, _: object) -> Iterator[Report]:
        for _row in range(self.requests):
            sending()
            yield PAID


def talkative(requests: int, **limits: Any) -> tuple[Boundary, Talkative, Seconds]:  # noqa: ANN401 - as `Limits` has them
    adapter, seconds = Talkative(requests), Seconds()
    return Boundary(adapter, Limits(**limits), clock=seconds, sleep=seconds.sleep), adapter, seconds


def test_each_further_request_of_a_call_waits_for_its_place() -> None:
    boundary, _, seconds = talkative(5, calls_per_s=1)
    call(boundary, "charge")
    assert seconds.slept == [1.0] * 3


def test_what_has_begun_goes_on_where_what_begins_is_held_back() -> None:
    boundary, adapter, seconds = talkative(4, calls_per_s=1, wait_max_s=0.5)
    call(boundary, "charge")
    assert seconds.slept == [1.0] * 2
    with pytest.raises(ProviderDown, match="rate limit"):
        call(boundary, "charge")
    assert adapter.calls == ["charge"]


def test_a_call_without_requests_of_its_own_is_one() -> None:
    """An adapter that does not say when it sends."""
    boundary, _, seconds = bounded(calls_per_s=1)
    for _ in range(4):
        call(boundary, "get")
    assert seconds.slept == [1.0] * 2


def test_without_a_limit_nothing_is_waited_for() -> None:
    boundary, _, seconds = talkative(5)
    call(boundary, "charge")
    assert seconds.slept == []


def test_each_page_of_a_list_waits_and_what_is_done_between_them_is_not_counted_on_it() -> None:
    boundary, _, seconds = talkative(3, calls_per_s=1)
    other, _, others = talkative(3, calls_per_s=2)
    rows = iter(boundary.reports_since(LATER))
    for waited in ([], [], [1.0]):
        assert next(rows) is PAID
        assert seconds.slept == waited
        sending()  # of nobody's: nothing is under way now
        call(other, "get")
    assert next(rows, None) is None
    assert seconds.slept == [1.0]
    assert len(others.slept) == 9 - 3


def test_requests_of_another_thread_are_its_own() -> None:
    boundary, adapter, seconds = talkative(0, calls_per_s=1)

    def elsewhere(*_: object) -> Report:
        threads = [Thread(target=sending) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return PAID

    adapter.charge = elsewhere  # type: ignore[attr-defined] # as an adapter's
    call(boundary, "charge")
    assert seconds.slept == []


def test_a_call_that_fails_leaves_nothing_under_way() -> None:
    boundary, adapter, seconds = talkative(1, calls_per_s=1)
    adapter.script = [ProviderDown("away")] * 3
    with pytest.raises(ProviderDown):
        call(boundary, "charge")
    waited = list(seconds.slept)
    for _ in range(5):
        sending()
    assert seconds.slept == waited


def test_the_sandbox_counts_what_goes_over_the_wire(clock: Clock) -> None:
    with playing(clock) as play:
        stage = play("sandbox")
        every_request_has_had_a_place(stage, stage._wire.met)
