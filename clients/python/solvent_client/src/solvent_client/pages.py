"""Pages: a list that is longer than one answer, as one iteration.

Owns when there is a further page and from where it is asked for. Does not own how (`transport`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar, cast

Page = TypeVar("Page")
Item = TypeVar("Item")


class Pages(Generic[Page, Item]):
    """Iterating gives every entry, and asks for each page when the one before is used up. `cursor` is from where to go
    on: of a feed (`list_events`) keep it, and give it as `after` the next time."""

    def __init__(self, ask: Callable[[str | None], Page], after: str | None = None) -> None:
        self._ask = ask
        self.cursor = after

    def __iter__(self) -> Iterator[Item]:
        for page in self.pages():
            yield from cast(Any, page).data

    def first(self) -> Page:
        """The first page alone, with whatever it says beside its entries."""
        return self._ask(self.cursor)

    def pages(self) -> Iterator[Page]:
        """Page by page."""
        while True:
            page = self._ask(self.cursor)
            following: str | None = cast(Any, page).next
            before, self.cursor = self.cursor, following
            yield page
            # A feed has a cursor always, and says whether there is more now.
            if following is None or following == before or not getattr(page, "more", True):
                return
