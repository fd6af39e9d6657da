"""Paging: pages of what is read whole because there is little of it: what a merchant has declared.

Owns the cursor, which is what the list is ordered by. Does not own lists of what accounts have, which are read page by
page.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from solvent.web.endpoint import Reply

Thing = TypeVar("Thing")


def page_of(
    things: Sequence[Thing],
    after: str | None,
    limit: int,
    *,
    key: Callable[[Thing], str],
    view: Callable[[Thing], object],
) -> Reply:
    """The first `limit` of what comes behind `after`. `things` are in the order of `key`, of which each has its own."""
    rest = [thing for thing in things if after is None or key(thing) > after]
    shown = rest[:limit]
    following = key(shown[-1]) if len(rest) > limit else None
    return Reply({"data": [view(thing) for thing in shown], "next": following})
