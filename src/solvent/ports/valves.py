"""Holds, permits and decisions as the store keeps them.

Owns the protocols of these three rooms. Does not own what they mean (`core.valves`, `core.caps`, `core.decisions`).
"""

from collections.abc import Collection, Sequence, Set
from datetime import datetime
from typing import Protocol
from uuid import UUID

from solvent.core.account import Account
from solvent.core.consequence import Consequence
from solvent.core.decisions import DecisionRow
from solvent.core.valves import Hold


class Holds(Protocol):
    """Holds of accounts. Placing and releasing lock the account, so that no verdict falls in between."""

    def account(self, account_id: UUID) -> Account | None:
        """The account, locked; None: there is none of that id."""
        ...

    def place(self, account: Account, hold: Hold) -> None:
        """Write a hold, and say so."""
        ...

    def release(self, account: Account, hold_id: UUID, by: str, now: datetime) -> bool:
        """End a hold, and say so; False: the account has none of that id which is not released."""
        ...

    def uncharged(self, bucket: int, accounts: Collection[UUID], now: datetime) -> Set[UUID]:
        """Those of the accounts, each by its own clock, whose charges are held."""
        ...


class Permits(Protocol):
    """What is left of the caps. A transaction that draws does nothing else."""

    def draw(self, consequence: Consequence, begins_at: datetime, wanted: int, most: int) -> int:
        """Take up to `wanted` of what is left of a window of which `most` may be taken; how many."""
        ...


class Decisions(Protocol):
    """The history of decisions."""

    def keep(self, bucket: int, rows: Sequence[DecisionRow]) -> None: ...
