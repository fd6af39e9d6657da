"""Statements: what providers say that moved on our balance.

Owns reading a statement and booking what each provider kept of our payments and refunds. Does not own the comparison
with the books, nor the poll of attempts (`reconcile`).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from solvent.core.fees import has_fee
from solvent.core.ids import bucket_of
from solvent.core.movement import Movement
from solvent.flows.platform import Platform
from solvent.flows.settle import record_fees
from solvent.ports.provider import ProviderDown, ProviderSilent

FEES_BATCH_MAX = 500  # fees that are booked in one transaction
MOVEMENTS_MAX = 1_000_000  # of one statement, which is held in memory


class TooMuch(ValueError):
    """A statement of so many movements that it must be asked for in parts."""


def read(platform: Platform, provider: str, since: datetime, until: datetime) -> list[Movement] | None:
    """What moved from `since` to before `until`; None: the provider did not answer. Raises `TooMuch`."""
    movements: list[Movement] = []
    try:
        for movement in platform.providers.get(provider).movements_since(since, until):
            movements.append(movement)
            if len(movements) > MOVEMENTS_MAX:
                raise TooMuch(f"{provider} tells of more than {MOVEMENTS_MAX:,} movements: ask for less time")
    except (ProviderSilent, ProviderDown):
        return None
    return movements


def learn_fees(
    platform: Platform, provider: str, since: datetime, until: datetime, now: datetime
) -> int | None:
    """Book what the provider kept of what moved in that time, as far as it is in the books. Repeating it books nothing
    twice. Returns how many fees were new; None: the provider did not answer."""
    movements = read(platform, provider, since, until)
    return None if movements is None else book_fees(platform, provider, movements, now)


def book_fees(platform: Platform, provider: str, movements: Iterable[Movement], now: datetime) -> int:
    """Book the fees among these, a bounded number in one transaction; returns how many were new."""
    by_bucket: dict[int, list[Movement]] = defaultdict(list)
    for movement in movements:
        if has_fee(movement) and movement.key is not None:
            by_bucket[bucket_of(movement.key)].append(movement)
    return sum(
        record_fees(platform, bucket, provider, part, now)
        for bucket, told in sorted(by_bucket.items())
        for part in _parts(told)
    )


def _parts(told: Sequence[Movement]) -> Iterable[Sequence[Movement]]:
    return (told[start : start + FEES_BATCH_MAX] for start in range(0, len(told), FEES_BATCH_MAX))
