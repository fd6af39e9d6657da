"""History: the port through which recorded history is read.

Owns its shape. Does not own the values (`core.history`).
"""

from collections.abc import Collection, Iterator
from typing import Protocol

from solvent.core.account import Segment
from solvent.core.history import History, Window


class Histories(Protocol):
    """Where recorded history is read from."""

    def read(self, segments: Collection[Segment], window: Window) -> Iterator[History]:
        """Every account of these segments with an invoice that was owed beyond its due date in the window, one after
        the other: never more than a page at once."""
        ...
