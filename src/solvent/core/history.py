"""History: what really happened to the debts of an account, as policies are tried on it.

Owns these values. Does not own their reading, nor what a policy would have made of them (`replay`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solvent.core.account import Segment
from solvent.core.payment import CAUSE_CLASS, CauseClass, FailureCause
from solvent.core.standstill import Outage, Reached, outages


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTry:
    """A payment without the customer that failed, at `at`; None: it was begun then, too."""

    at: datetime
    cause: FailureCause
    provider: str | None = None
    begun_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastInvoice:
    """An invoice that was owed for a while. `amount` is what was invoiced, less credit notes, in minor units;
    `settled_at` since when nothing is owed (None: something still is), `paid` whether money or credit did that."""

    id: UUID
    subscription_id: UUID | None
    issued_at: datetime
    due_at: datetime
    amount: int
    currency: str
    product: str | None = None
    beyond: tuple[str, ...] = ()
    settled_at: datetime | None = None
    paid: bool = False
    tries: tuple[PastTry, ...] = ()

    @property
    def recovered_at(self) -> datetime | None:
        """Since when nothing is owed because it was paid."""
        return self.settled_at if self.paid else None

    def outages_at(self, moment: datetime) -> tuple[Outage, ...]:
        """The outages that its tries had met by then."""
        return outages(
            Reached(begun_at=t.begun_at or t.at, at=t.at, out=CAUSE_CLASS[t.cause] is CauseClass.OUTAGE)
            for t in self.tries
            if t.at <= moment
        )

    def cause_at(self, moment: datetime) -> PastTry | None:
        """The try that had failed last."""
        return next((t for t in reversed(self.tries) if t.at <= moment), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The invoices of one account that were owed, the one that fell due first in front."""

    account_id: UUID
    segment: Segment
    time_zone: str
    invoices: Sequence[PastInvoice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What is counted: what begins from `since` on and before `until` (UTC)."""

    since: datetime
    until: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.since <= moment < self.until
