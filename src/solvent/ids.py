"""Ids: drawing new ones.

Owns the process's source of randomness and time for ids. Does not own their layout (`core.ids`).
"""

import random
import time
from uuid import UUID

from solvent.core.ids import BUCKETS, compose

ENTROPY_BITS = 66


class SystemIds:
    """Time-ordered ids from the system's clock and a generator seeded by the operating system.

    Ids need to be unique, not secret: 66 random bits per millisecond and bucket.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)  # noqa: S311 - uniqueness is wanted, not secrecy

    def draw(self, bucket: int) -> UUID:
        """A new id of a row that lives in `bucket`."""
        return compose(time.time_ns() // 1_000_000, self._random.getrandbits(ENTROPY_BITS), bucket)

    def account(self, bucket: int | None = None) -> UUID:
        """A new account's id; without `bucket` the account goes to any of the 256."""
        return self.draw(self._random.randrange(BUCKETS) if bucket is None else bucket)
