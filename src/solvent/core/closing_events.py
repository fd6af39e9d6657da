"""Closing events: what is told of an account that was closed, or opened again.

Owns these two. Does not own the other events (`events`).
"""

from dataclasses import dataclass
from typing import ClassVar

from solvent.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosed(Event):
    """The account was closed, `by` whom and why: nothing new begins."""

    type: ClassVar[str] = "account.closed"
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReopened(Event):
    """A closed account was opened again, `by` whom and why."""

    type: ClassVar[str] = "account.reopened"
    by: str
    reason: str
