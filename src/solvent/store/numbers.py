"""Numbers: the printed numbers of invoices and credit notes, read.

Owns their shape, which says in which bucket the document is. Does not own how they are spelled (`core.invoice`) nor
given (`documents`).
"""

import re
from typing import NamedTuple

_NUMBER = re.compile(r"(?P<series>[A-Z][A-Z0-9]*(?:-CN)?-(?P<bucket>[0-9A-F]{2}))-(?P<number>[0-9]{6,18})")


class Numbered(NamedTuple):
    """A document's place: its bucket, its series, and its number there."""

    bucket: int
    series: str
    number: int


def read_number(text: str) -> Numbered | None:
    """The place of ``SUS-7F-000042``, or of a credit note's ``SUS-CN-7F-000001``; None for anything else."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    return Numbered(bucket=int(found["bucket"], 16), series=found["series"], number=int(found["number"]))
