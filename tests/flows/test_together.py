"""Together: calls that come at the same moment are done as one batch; each is answered when it is done, for itself."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from solvent.flows.together import Together
from tests.patience import PATIENCE_S, eventually


class Work:
    """Does batches of texts, and keeps which; the first waits until it is told to go on, "bad" fails, "worse" fails
    all."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.began, self.go_on = Event(), Event()

    def __call__(self, items: Sequence[str]) -> list[Exception | None]:
        self.batches.append(list(items))
        if len(self.batches) == 1:
            self.began.set()
            assert self.go_on.wait(PATIENCE_S)
        if "worse" in items:
            raise KeyError("all")
        return [ValueError(item) if item == "bad" else None for item in items]


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def come(work: Work) -> Iterator[Callable[..., list["Future[None]"]]]:
    """While "first" is under way, these come, one after the other; then "first" goes on."""
    with ThreadPoolExecutor(20) as threads:

        def come(*items: str, batch_max: int = 100) -> list["Future[None]"]:
            together = Together(work, batch_max=batch_max, at_once_max=1)
            futures = [threads.submit(together, "first")]
            assert work.began.wait(PATIENCE_S)
            for count, item in enumerate(items, 1):
                futures.append(threads.submit(together, item))
                eventually(lambda count=count: together.waiting() >= count)  # type: ignore[misc]
            work.go_on.set()
            for future in futures:
                future.exception(PATIENCE_S)
            return futures

        yield come


def test_who_comes_alone_is_a_batch_of_one(work: Work) -> None:
    work.go_on.set()
    together = Together(work, batch_max=3, at_once_max=1)
    for item in ("a", "b"):
        together(item)
    assert work.batches == [["a"], ["b"]]


def test_who_comes_while_a_batch_is_under_way_is_in_the_next(
    work: Work, come: Callable[..., list["Future[None]"]]
) -> None:
    futures = come("a", "b", "c")
    assert work.batches == [["first"], ["a", "b", "c"]]
    assert [future.exception() for future in futures] == [None] * 4


def test_a_batch_is_bounded_and_nobody_is_left_behind(
    work: Work, come: Callable[..., list["Future[None]"]]
) -> None:
    come(*"abcdefg", batch_max=3)
    assert work.batches == [["first"], ["a", "b", "c"], ["d", "e", "f"], ["g"]]


def test_what_one_failed_with_the_others_do_not_hear_of(
    work: Work, come: Callable[..., list["Future[None]"]]
) -> None:
    futures = come("a", "bad", "c")
    assert [repr(future.exception()) for future in futures] == ["None", "None", "ValueError('bad')", "None"]


def test_what_the_batch_raises_all_of_it_get_and_the_next_goes_on(
    work: Work, come: Callable[..., list["Future[None]"]]
) -> None:
    futures = come("a", "worse", "c", batch_max=2)
    assert [repr(future.exception()) for future in futures] == ["None", *["KeyError('all')"] * 2, "None"]
    assert work.batches[-1] == ["c"]


def test_as_many_batches_as_may_are_under_way_at_once(work: Work) -> None:
    together = Together(work, batch_max=9, at_once_max=2)
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(together, "first")
        assert work.began.wait(PATIENCE_S)
        together("second")  # does not wait for the first
        assert not first.done()
        work.go_on.set()
    assert work.batches == [["first"], ["second"]]


@pytest.mark.parametrize(("batch_max", "at_once_max"), [(0, 1), (1, 0)])
def test_bounds_that_let_nothing_through_are_refused(work: Work, batch_max: int, at_once_max: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Together(work, batch_max=batch_max, at_once_max=at_once_max)
