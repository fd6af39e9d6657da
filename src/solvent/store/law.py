"""Law: the shape of one predicate over the whole database.

Owns what a law is as a value. Does not own any of them (`laws`, `credit_laws`, `dispute_laws`).
"""

from dataclasses import dataclass
from typing import LiteralString


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """One predicate: which law it belongs to, what it says, and the query that counts violations."""

    law: str
    says: str
    query: LiteralString
