"""What a provider kept.

Owns recording fees, each once. Does not own what a fee is (`core.fees`) nor how one is learnt (`flows.statements`).
"""

from collections.abc import Sequence
from datetime import datetime

from solvent.core.fees import book_fee
from solvent.core.movement import Movement
from solvent.flows.platform import Platform
from solvent.flows.settle.desk import desk_of


def record_fees(
    platform: Platform, bucket: int, provider: str, movements: Sequence[Movement], now: datetime
) -> int:
    """Book the fees of movements of one bucket's payments and refunds; returns how many were new.

    What is not in the books (yet) is left out: whoever reads the statement next tells it again.
    """
    catalog = platform.store.catalog()
    with platform.settlements.begin() as tx:
        bookings = []
        for case in tx.books.hold_fees(bucket, provider, movements):
            moment = case.account.moment(now)
            bookings.append(
                (book_fee(case, desk_of(platform, catalog, bucket, case.account, moment)), moment)
            )
        tx.books.write(bucket, bookings)
    return len(bookings)
