"""Settling: one bucket's settlement under way.

Owns what a batch of reports shares until it is written: the open transaction, what it locked, and what has been booked.
Does not own how a report is judged and booked (`outcomes`).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.booking import Booking
from solvent.core.catalog import Catalog
from solvent.core.payment import ProviderView
from solvent.core.settlement import Families
from solvent.flows.platform import Platform
from solvent.ports.books import Locked, WaitingAttempt
from solvent.ports.store import SettlementTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """One bucket's settlement under way: the open transaction, what it locked, and what is still to be written."""

    platform: Platform
    tx: SettlementTransaction
    bucket: int
    catalog: Catalog
    families: Families
    locked: Locked
    now: datetime
    bookings: list[tuple[Booking, datetime]]
    written: list[Booking]
    waiting: list[WaitingAttempt]
    heard: list[tuple[UUID, ProviderView]]  # what a provider said by which nothing else changes
    settled: dict[UUID, Attempt]
    replanned: dict[UUID, Attempt]  # whose plan is no longer the one in the journal
    to_come: Counter[UUID]  # reports that are still to be judged, by account

    def write(self) -> None:
        """Write what has been booked and is not yet written."""
        self.tx.books.replan(self.bucket, list(self.replanned.values()))
        self.tx.books.write(self.bucket, self.bookings, self.now)
        self.written.extend(booking for booking, _ in self.bookings)
        self.replanned.clear()
        self.bookings.clear()

    def write_of(self, account_id: UUID) -> None:
        """Before an account is read again: what an earlier report of the batch led to for it is read as well."""
        if any(booking.account_id == account_id for booking, _ in self.bookings):
            self.write()
