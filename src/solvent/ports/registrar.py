"""The registrar boundary: who registers names for customers, in our own words.

Owns what a registrar must be able to do. Does not own when it is asked, nor what a refusal leads to
(`flows.registering`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


class RegistrarSilent(Exception):
    """No answer: it may or may not have registered. The same call with the same key says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """Whether a name can be had. One that costs the registry more than usual is `premium`, and not sold here."""

    name: str
    available: bool
    premium: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The name is registered, until it is renewed or given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The name is not registered and will not be under this key; `reason` is one word for programs."""

    reason: str


class Registrar(Protocol):
    """One registrar. Each method may raise `RegistrarSilent`."""

    def look(self, names: Sequence[str]) -> Sequence[Availability]:
        """Whether names can be had, in their order."""
        ...

    def register(self, key: UUID, name: str) -> Registered | Rejected:
        """Register a name for one period. The same key gives the same answer, and registers once."""
        ...
