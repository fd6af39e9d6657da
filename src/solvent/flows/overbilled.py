"""Overbilled: usage that was billed too high, of accounts that are to be billed.

Owns reading which invoices billed it, only where something goes back. Does not own how much (`core.overbilled`) nor
when usage is billed (`usage`, `renew`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from solvent.core.account import Account
from solvent.core.catalog import Catalog
from solvent.core.charged import Charged
from solvent.core.overbilled import overbilled
from solvent.core.usage import Reading
from solvent.flows.platform import Platform
from solvent.ports.store import Transaction

Used = Mapping[UUID, tuple[Account, Sequence[Reading]]]


def billed_on(
    platform: Platform, tx: Transaction, bucket: int, catalog: Catalog, used: Used, now: datetime
) -> Mapping[UUID, Sequence[Charged]]:
    """By account, the invoices that billed what it now comes to less of than was billed; mostly none."""
    periods = [
        reading.period
        for account, readings in used.values()
        for reading in overbilled(readings, catalog, platform.convention, account.moment(now))
    ]
    return tx.usage.billed_on(bucket, periods) if periods else {}
