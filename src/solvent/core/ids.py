"""Identifiers: what an id of an owned row says by itself.

Owns the layout of ids (128 bits, time-ordered, the account's bucket in the last byte) and their public spelling
(``sub_0193…``). Does not own how they are drawn: randomness and time are arguments (`ports.Ids`).
"""

import re
from datetime import UTC, datetime
from uuid import UUID

BUCKETS = 256

_DIGITS = re.compile(r"[0-9a-f]{32}")


class InvalidId(ValueError):
    """A public id that is not of the expected kind; says which kind was expected."""


def compose(unix_ms: int, entropy: int, bucket: int) -> UUID:
    """An id of version 8 (RFC 9562 §5.8): 48 bits of milliseconds, 66 bits of `entropy`, the bucket as last byte."""
    head = (unix_ms & 0xFFFF_FFFF_FFFF) << 80
    upper = ((entropy >> 54) & 0xFFF) << 64
    lower = (entropy & 0x3F_FFFF_FFFF_FFFF) << 8
    return UUID(int=head | (0x8 << 76) | upper | (0b10 << 62) | lower | (bucket & 0xFF))


def first_at(moment: datetime, apart_s: int = 0) -> UUID:
    """No id drawn from so many seconds after a moment on is smaller. Seconds, for there may be no such moment."""
    return compose(max(0, int((moment.timestamp() + apart_s) * 1000)), 0, 0)


def drawn_by(identifier: UUID, now: datetime) -> datetime:
    """When an id was drawn, as it says itself; `now` for one that is none of ours and says another moment to come."""
    try:
        drawn = datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)
    except (ValueError, OverflowError):  # after the year 9999
        return now
    return min(drawn, now)


def bucket_of(identifier: UUID) -> int:
    """The bucket (0–255) that an id carries in its last byte."""
    return identifier.int & 0xFF


def spell(prefix: str, identifier: UUID) -> str:
    """The public spelling, e.g. ``acc_0193a…``; bijective with `parse`."""
    return f"{prefix}_{identifier.hex}"


def parse(prefix: str, text: str) -> UUID:
    """The id behind a public spelling; raises `InvalidId` when the prefix or the shape is another."""
    head, _, tail = text.partition("_")
    # One id has one spelling: `UUID` alone would also take capitals, signs and other scripts' digits.
    if head != prefix or _DIGITS.fullmatch(tail) is None:
        raise InvalidId(f"must look like {prefix}_ followed by 32 hexadecimal digits in lower case")
    return UUID(hex=tail)
