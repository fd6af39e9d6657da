"""Drift as the store keeps it: what was seen, since when, and how far the look has come.

Owns the protocol of that room of the store, and what is asked of a provider. Does not own what drift is (`core.drift`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.drift_kinds import DriftKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One kind of disagreement about one account; `id` is for a new row of it."""

    id: UUID
    account_id: UUID
    kind: DriftKind
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """An attempt as we have it: what it `paid` (minor units; None: nothing), in which currency."""

    attempt: Attempt
    paid: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPayer:
    """An account whose name at a provider is that of an account of another bucket, too."""

    account_id: UUID
    provider: str
    ref: str
    other: UUID


class Drift(Protocol):
    """The drift of accounts, in one transaction."""

    def note(
        self,
        bucket: int,
        accounts: Collection[UUID],
        looked_for: Iterable[DriftKind],
        seen: Sequence[Seen],
        now: datetime,
    ) -> None:
        """Of these accounts, after looking for these kinds: what was seen goes on or begins, the rest is gone."""
        ...

    def known(self, bucket: int, accounts: Collection[UUID]) -> list[UUID]:
        """Those of the accounts of which some drift is not gone."""
        ...

    def reached(self, bucket: int) -> tuple[UUID, Sequence[UUID]]:
        """How far the look of this bucket has come (the account before the next), and the accounts of which some drift
        is kept: they are looked at again, whatever their rows say."""
        ...

    def passed(self, bucket: int, after: UUID | None, now: datetime, due_at: datetime) -> None:
        """The look has come so far; None: it is through, and the next begins at `due_at`."""
        ...

    def claims(self, account_id: UUID, limit: int) -> Mapping[UUID, Claimed]:
        """Of an account, the newest attempts by a provider that were to settle what is owed, or that paid something."""
        ...

    def shared(self) -> Mapping[int, Sequence[SharedPayer]]:
        """By bucket, the accounts that are the same payer as one of another bucket; every bucket of which that was
        kept is named, so that what is over is known as well."""
        ...

    def keep_shared(self, bucket: int, found: Sequence[SharedPayer]) -> None:
        """Of this bucket that is what there is."""
        ...
