"""Copies: providers that keep subscriptions of their own beside ours.

Owns the port. Does not own what is told of a subscription (`core.recurring`), nor when (`copies`).
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable
from uuid import UUID

from solvent.core.recurring import Recurring


class CopyRefused(Exception):
    """The provider will not have a copy as it was asked for: asking the same again is no use."""


@runtime_checkable
class Keeper(Protocol):
    """A provider with subscriptions of its own, which follow ours and collect nothing by themselves."""

    def keep(self, account_id: UUID, live: Sequence[Recurring]) -> None:
        """See to it that the account's subscriptions there are these, and that no other of ours goes on. Doing it twice
        is doing it once. Raises `CopyRefused`, `ProviderDown` or `ProviderSilent`."""
        ...
