"""Payers: who our accounts are at a provider.

Owns the port. Does not own where it is kept (`store.payers`).
"""

from typing import Protocol
from uuid import UUID


class Payers(Protocol):
    """The name that each provider has for each account."""

    def find(self, provider: str, account_id: UUID) -> str | None:
        """What the provider calls the account; None while it does not know it."""
        ...

    def keep(self, provider: str, account_id: UUID, ref: str) -> str:
        """Remember what the provider calls the account. What was kept first stays, and is returned."""
        ...

    def replace(self, provider: str, account_id: UUID, gone: str, ref: str) -> str:
        """Remember another name in place of one that the provider has not any more. What somebody else put in its place
        first stays, and is returned."""
        ...
