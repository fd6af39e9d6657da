"""Parity: what the engine decided beside what was done, account by account and consequence by consequence.

Owns the comparison, and the sum over many accounts. A consequence counts once for an account: as it was first decided,
and as it was first done, whoever did it. Does not own where either is read (the store's).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from solvent.core.consequence import Consequence

COMPARED = tuple(c for c in Consequence if c is not Consequence.ALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """A consequence for an account that was decided, or done, `at` a moment (UTC), in words."""

    account_id: UUID
    consequence: Consequence
    at: datetime
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """A consequence for an account that was decided and not done, or done and not decided."""

    account_id: UUID
    decided: bool
    at: datetime
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """Of one consequence, how many accounts it was decided and done for (`agreed`, at most so far `apart`), decided
    alone, and done alone; since when the oldest of either waits for the other; and the first of them."""

    agreed: int = 0
    apart: timedelta = timedelta()
    only_decided: int = 0
    oldest_decided: datetime | None = None
    only_done: int = 0
    oldest_done: datetime | None = None
    examples: tuple[Unlike, ...] = ()

    def plus(self, other: "Parity", examples_max: int) -> "Parity":
        """Both together, with the oldest examples."""
        examples = sorted((*self.examples, *other.examples), key=lambda u: (u.at, u.account_id))
        return Parity(
            agreed=self.agreed + other.agreed,
            apart=max(self.apart, other.apart),
            only_decided=self.only_decided + other.only_decided,
            oldest_decided=_oldest(self.oldest_decided, other.oldest_decided),
            only_done=self.only_done + other.only_done,
            oldest_done=_oldest(self.oldest_done, other.oldest_done),
            examples=tuple(examples[:examples_max]),
        )


def compared(
    decided: Iterable[Deed], done: Iterable[Deed], examples_max: int
) -> Mapping[Consequence, Parity]:
    """The parity of each consequence that was decided or done at all."""
    ours, theirs = _first(decided), _first(done)
    total: dict[Consequence, Parity] = {}
    for key in sorted(ours.keys() | theirs.keys()):
        one = _of(ours.get(key), theirs.get(key))
        total[key[0]] = total.get(key[0], Parity()).plus(one, examples_max)
    return total


def _of(decided: Deed | None, done: Deed | None) -> Parity:
    """What two deeds about one account and consequence come to; one of them is there."""
    if decided is not None and done is not None:
        return Parity(agreed=1, apart=abs(done.at - decided.at))
    if decided is not None:
        return Parity(only_decided=1, oldest_decided=decided.at, examples=(_unlike(decided, decided=True),))
    assert done is not None, "one of both was read"
    return Parity(only_done=1, oldest_done=done.at, examples=(_unlike(done, decided=False),))


def _unlike(deed: Deed, *, decided: bool) -> Unlike:
    return Unlike(account_id=deed.account_id, decided=decided, at=deed.at, words=deed.words)


def _first(deeds: Iterable[Deed]) -> dict[tuple[Consequence, UUID], Deed]:
    """The earliest of each consequence and account."""
    first: dict[tuple[Consequence, UUID], Deed] = {}
    for deed in deeds:
        key = (deed.consequence, deed.account_id)
        if key not in first or deed.at < first[key].at:
            first[key] = deed
    return first


def _oldest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)
