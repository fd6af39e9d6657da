"""Telemetry: what the flows tell of what they did, for whoever watches.

Owns the words, and the mark by which what comes later goes on with what is under way. Does not own where they go
(`telemetry`), and nothing may be decided by them: who listens may be absent, slow or wrong, and no fact changes.
"""

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from solvent.core.attempt import Attempt

UNDER_WAY: Final[ContextVar[str | None]] = ContextVar("under_way", default=None)
"""The stretch of work that is under way in this thread, as a `traceparent`; None: nobody follows it."""


def onward() -> dict[str, str]:
    """The header by which whoever is called goes on with what is under way; none where nobody follows it."""
    mark = UNDER_WAY.get()
    return {} if mark is None else {"traceparent": mark}


class Observed(NamedTuple):
    """One value of one gauge that is read from the database: its name, and its labels in the catalog's order."""

    metric: str
    labels: tuple[str, ...]
    value: float


class Span(Protocol):
    """A stretch of work under way."""

    def add(self, name: str, value: str | int) -> None:
        """What was found out meanwhile: a number, or a word of a closed set; never what names or shows a customer."""
        ...


class Telemetry(Protocol):
    """A listener. No method raises, waits or keeps what it is given."""

    def span(self, name: str, /) -> AbstractContextManager[Span]:
        """A stretch of work, within the one that is under way in this thread; what it raises is its end."""
        ...

    def caused(self, name: str, causes: Collection[str], /) -> AbstractContextManager[Span]:
        """A stretch of work on what was decided before: it goes on with what caused it (marks of `UNDER_WAY`), where
        that was one thing, and names each where it was several."""
        ...

    def request(self, method: str, route: str, parent: str | None, /) -> AbstractContextManager[Span]:
        """A request to a route; `parent` is the caller's `traceparent`, where a caller is believed."""
        ...

    def settled(self, attempts: "Iterable[Attempt]", now: datetime) -> None:
        """A settlement was written: these attempts as they then stand, ended or going on."""
        ...

    def provider_called(self, provider: str, call: str, how: str, seconds: float, /) -> None:
        """A call (`charge`, `get` …) to a provider is over: `answered`, `down`, `silent`, `broken`, or `held_back`
        and not sent."""
        ...

    def worked(self, work: str, done: int, seconds: float) -> None:
        """A batch of one kind of work is over: how many entries, in how long."""
        ...

    def failed(self, work: str) -> None:
        """A batch of one kind of work raised, and is tried again."""
        ...

    def requested(self, endpoint: str, status: int, seconds: float) -> None:
        """A request was answered."""
        ...


class _Nothing:
    """A stretch of work that nobody follows."""

    def add(self, name: str, value: str | int) -> None:
        """Nothing follows."""


NOTHING: Final[AbstractContextManager[Span]] = nullcontext(
    _Nothing()
)  # one for all: nothing is made for nobody


class Untraced:
    """Nobody follows what is under way."""

    def span(self, _name: str, /) -> AbstractContextManager[Span]:
        """Nothing follows."""
        return NOTHING

    def caused(self, _name: str, _causes: Collection[str], /) -> AbstractContextManager[Span]:
        """Nothing follows."""
        return NOTHING

    def request(self, _method: str, _route: str, _parent: str | None, /) -> AbstractContextManager[Span]:
        """Nothing follows."""
        return NOTHING


class Silence(Untraced):
    """Nobody listens."""

    def settled(self, attempts: "Iterable[Attempt]", now: datetime) -> None:
        """Nothing follows."""

    def provider_called(self, provider: str, call: str, how: str, seconds: float) -> None:
        """Nothing follows."""

    def worked(self, work: str, done: int, seconds: float) -> None:
        """Nothing follows."""

    def failed(self, work: str) -> None:
        """Nothing follows."""

    def requested(self, endpoint: str, status: int, seconds: float) -> None:
        """Nothing follows."""


SILENCE = Silence()
