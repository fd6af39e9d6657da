"""Statements: what providers say that moved on our balance.

Owns reading a statement and booking what each provider kept of our payments and refunds. Does not own the comparison
with the books, nor the poll of attempts (`reconcile`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import TypeVar

from solvent.core.fees import has_fee
from solvent.core.ids import bucket_of
from solvent.core.movement import Movement
from solvent.flows.platform import Platform
from solvent.flows.settle import record_fees
from solvent.ports.provider import ProviderDown, ProviderSilent

FEES_BATCH_MAX = 500  # fees that are booked in one transaction
PART_MAX = 10_000  # movements of a statement that are looked at together
MOVEMENTS_MAX = 1_000_000  # of one statement that is compared, and hence held in memory

Told = TypeVar("Told")


class TooMuch(ValueError):
    """A statement of so many movements that it must be asked for in parts."""


def read(platform: Platform, provider: str, since: datetime, until: datetime) -> list[Movement] | None:
    """What moved from `since` to before `until`; None: the provider did not answer. Raises `TooMuch`."""
    try:
        return gathered(provider, platform.providers.get(provider).movements_since(since, until))
    except (ProviderSilent, ProviderDown):
        return None


def gathered(provider: str, told: Iterable[Told]) -> list[Told]:
    """All that a provider tells, to be compared; raises `TooMuch` where that is too much to be held at once."""
    found = list(islice(told, MOVEMENTS_MAX + 1))
    if len(found) > MOVEMENTS_MAX:
        raise TooMuch(f"{provider} tells of more than {MOVEMENTS_MAX:,} movements: ask for less time")
    return found


def parts(told: Iterable[Told], size: int) -> Iterator[list[Told]]:
    """What a provider tells, so much at a time."""
    rest = iter(told)
    while part := list(islice(rest, size)):
        yield part


def learn_fees(
    platform: Platform, provider: str, since: datetime, until: datetime, now: datetime
) -> int | None:
    """Book what the provider kept of what moved in that time, as far as it is in the books, a part of its statement
    after the other. Repeating it books nothing twice. Returns how many fees were new; None: the provider did not
    answer, or not to the end."""
    try:
        told = platform.providers.get(provider).movements_since(since, until)
        return sum(book_fees(platform, provider, part, now) for part in parts(told, PART_MAX))
    except (ProviderSilent, ProviderDown):
        return None


def book_fees(platform: Platform, provider: str, movements: Iterable[Movement], now: datetime) -> int:
    """Book the fees among these, a bounded number in one transaction; returns how many were new."""
    by_bucket: dict[int, list[Movement]] = defaultdict(list)
    for movement in movements:
        if has_fee(movement) and movement.key is not None:
            by_bucket[bucket_of(movement.key)].append(movement)
    return sum(
        record_fees(platform, bucket, provider, part, now)
        for bucket, told in sorted(by_bucket.items())
        for part in parts(told, FEES_BATCH_MAX)
    )
