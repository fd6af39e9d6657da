"""Leading: which of the server's threads take requests, so that they do not fight for the interpreter.

Owns who takes the next request (the pattern of leader and followers). One thread leads: it takes requests, and answers
by itself whatever needs nobody else. Before it waits for somebody, the database or a body that is still being sent, it
steps aside, and one that rests leads instead. When its answer has gone, it rests, because another one leads.

Why: all threads of a process share one interpreter. Of many that have taken a request each, one runs, and often takes
the next request, and its turn, before any that waits has woken; what those hold waits with them. Does not own the
threads (the server has at most so many) nor what a request waits for.

A leader that is held up by something unforeseen asks nobody to lead: who rests gets up by itself after `REST_S`.
"""

from collections.abc import Iterator
from threading import Lock, Semaphore, local
from typing import Protocol

REST_S = 1.0


class Leading:
    """The threads of one process that answer requests, at most `threads`; safe for all of them."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._lock = Lock()
        self._aside = 0  # threads whose request waits for somebody
        self._resting = 0
        self._called = 0  # of those that rest: asked to lead
        self._calls = Semaphore(0)
        self._own = local()

    @property
    def resting(self) -> int:
        """How many threads rest."""
        return self._resting

    def begin(self) -> None:
        """This thread has taken a request."""
        self._own.leads = True

    def step_aside(self) -> None:
        """This thread is about to wait. Where nobody else could take a request now, one that rests is asked to. Nothing
        happens in a thread that has no request, or has stepped aside before."""
        if not getattr(self._own, "leads", False):
            return
        self._own.leads = False
        with self._lock:
            self._aside += 1
            if self._free() < 1 and self._resting > self._called:
                self._called += 1
                self._calls.release()

    def end(self) -> bool:
        """This thread's request is answered; whether it may rest, because another one could take the next."""
        with self._lock:
            if not self._own.leads:
                self._aside -= 1
            self._own.leads = False
            return self._free() > 1

    def rest(self) -> None:
        """Rest until a leader is wanted, at most `REST_S`; not at all if nobody else could take a request."""
        with self._lock:
            if self._free() <= 1:
                return
            self._resting += 1
        called = self._calls.acquire(timeout=REST_S)
        with self._lock:
            called = called or self._calls.acquire(blocking=False)  # asked in the moment in which it got up
            self._resting -= 1
            self._called -= called

    def _free(self) -> int:
        """How many threads lead, or could: those that the server has not begun yet count among them."""
        return self._threads - self._aside - (self._resting - self._called)


class Stream(Protocol):
    """A request's body as the server gives it."""

    def read(self, size: int = -1, /) -> bytes: ...


class Incoming:
    """A body that may still be on its way: whoever reads it steps aside. Until all of it is read (`whole`) the server
    waits with the connection, and for as long as its thread rests: so that one must not."""

    def __init__(self, stream: Stream, leading: Leading, *, whole: bool) -> None:
        """`whole`: there is none."""
        self._stream, self._leading, self.whole = stream, leading, whole

    def read(self, size: int = -1, /) -> bytes:
        """As the server's stream does."""
        self._leading.step_aside()
        found = self._stream.read(size)
        self.whole = self.whole or size < 0 or len(found) < size
        return found


class Last:
    """An answer after which the thread that gave it rests: the server closes it when all of it has gone."""

    def __init__(self, body: bytes, leading: Leading) -> None:
        self._body, self._leading = body, leading

    def __iter__(self) -> Iterator[bytes]:
        yield self._body

    def close(self) -> None:
        """The answer has gone."""
        self._leading.rest()


class Pieces(Protocol):
    """An answer that is not in memory as a whole."""

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None: ...


class Sending:
    """An answer that takes as long as its reader: whoever sends it steps aside, and rests when all of it has gone."""

    def __init__(self, pieces: Pieces, leading: Leading) -> None:
        self._pieces, self._leading = pieces, leading

    def __iter__(self) -> Iterator[bytes]:
        self._leading.step_aside()
        yield from self._pieces

    def close(self) -> None:
        """The answer has gone, or nobody wants the rest."""
        self._pieces.close()
        if self._leading.end():
            self._leading.rest()
