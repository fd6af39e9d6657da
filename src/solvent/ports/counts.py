"""Counts: what happened how often, over all processes.

Owns the port, and the kinds of what is counted. For what is rare: each count is a row that is written.
"""

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Counted(StrEnum):
    """What is counted."""

    UNMAPPED = "unmapped"  # a word of a provider that its adapter has no translation for
    GATE = "gate"  # a change that a soft gate let through


class Counts(Protocol):
    """The counts of one database."""

    def add(self, kind: Counted, about: str, label: str, now: datetime) -> None:
        """One more: `about` whom (a provider, a path), and which `label`."""
        ...
