"""Requests: each HTTP request of a call has a place of its own in the rate.

Owns which call a thread is making. The place of its first request was waited for before the call began, and could be
refused; later ones are waited for, for what has begun goes on. Does not own the rate, nor any request: an adapter's
line says `sending` before each. One that does not say so counts each call as one.
"""

from collections.abc import Callable, Iterable, Iterator
from threading import local
from typing import TypeVar

from solvent.providers.boundary.rate import Rate

R = TypeVar("R")


class _Thread(local):
    """What this thread is doing."""

    call: "Counted | None" = None


_thread = _Thread()


class Counted:
    """One call and its requests: those of this thread within the block. A list is a call, in all its pages."""

    __slots__ = ("_before", "_began", "_rate")

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._began = False
        self._before: Counted | None = None

    def __enter__(self) -> None:
        self._before, _thread.call = _thread.call, self

    def __exit__(self, *_: object) -> None:
        _thread.call = self._before

    def send(self) -> None:
        """One more request."""
        if self._began:
            self._rate.follow()
        self._began = True


def sending() -> None:
    """A request is about to be sent: waits for its place. Outside of any call nothing is waited for."""
    call = _thread.call
    if call is not None:
        call.send()


def rows(rate: Rate, read: Callable[[], Iterable[R]]) -> Iterator[R]:
    """The rows of a list, whose pages are requested as they are read; between them the thread may do something else."""
    call = Counted(rate)
    with call:
        left = iter(read())
    while True:
        with call:
            try:
                row = next(left)
            except StopIteration:
                return
        yield row
