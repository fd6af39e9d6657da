"""History: what PayPal remembers of the notifications that it sent.

Owns the two questions that only this list answers: which order was made under a key of ours whose answer was lost, and
what changed since some time. PayPal keeps it for 30 days, of the notifications that the merchant has subscribed to.
Does not believe any of it: what is found here is asked about.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from solvent.core.ids import drawn_by
from solvent.ports.provider import ProviderSilent
from solvent.providers.paypal.line import Line
from solvent.providers.paypal.notifications import Told, told

PATH = "/v1/notifications/webhooks-events"
PAGE_ROWS = 100
PAGES_MAX = 1000
KEPT = timedelta(days=30)
SECOND = timedelta(seconds=1)  # as exactly as PayPal is asked
SLACK = timedelta(hours=1)  # clocks differ, and an id may be a little older than its first call


class History:
    """The list of notifications, read over a line. `clock` is the present."""

    def __init__(self, line: Line, clock: Callable[[], datetime]) -> None:
        self._line = line
        self._clock = clock

    def order_of(self, key: UUID) -> str | None:
        """The order under a key of ours, by the first notification that names both."""
        for each in self.since(self._begin(key)):
            if each.key == key and each.order is not None:
                return each.order
        return None

    def since(self, since: datetime, until: datetime | None = None) -> Iterator[Told]:
        """What was told since then, before `until` (None: the present), oldest first; what is too long for one list is
        asked for in halves."""
        now = self._clock()
        end = now if until is None else min(until, now)
        return self._between(max(since, now - KEPT), end + SLACK)

    def _between(self, start: datetime, end: datetime) -> Iterator[Told]:
        rows = self._read(start, end)
        if rows is not None:
            yield from sorted(rows, key=lambda each: each.at)
            return
        middle = start + timedelta(seconds=(end - start) // SECOND // 2)
        if middle == start:
            raise ProviderSilent(
                f"PayPal tells of more than {PAGES_MAX * PAGE_ROWS} notifications in a second"
            )
        yield from self._between(start, middle)
        yield from self._between(middle, end)

    def _read(self, start: datetime, end: datetime) -> list[Told] | None:
        """One list, to its end; None where that does not come."""
        query = {
            "page_size": str(PAGE_ROWS),
            "start_time": _written(start),
            "end_time": _written(end),
        }
        rows: list[Told] = []
        for _ in range(PAGES_MAX):
            page = self._page(query)
            rows += [told(event) for event in page.get("events", [])]
            following = [link["href"] for link in page.get("links", []) if link["rel"] == "next"]
            if not following:
                return rows
            query = dict(parse_qsl(urlsplit(following[0]).query))
        return None

    def _page(self, query: Mapping[str, str]) -> dict[str, Any]:
        answer = self._line.get(PATH, query)
        if answer.issue is not None:
            raise ProviderSilent(f"PayPal lists no notifications: {answer.issue}")
        return answer.body

    def _begin(self, key: UUID) -> datetime:
        return drawn_by(key, self._clock()) - SLACK


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
