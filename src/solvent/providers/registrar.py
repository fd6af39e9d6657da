"""Sandbox registrar: names for local use and tests.

Owns what becomes of a name by how it begins: `taken-` is taken, `premium-` costs more, `fails-` is free when it is
looked up and refused when it is registered, and `slow-` does not answer the first time. All others can be had. It
remembers nothing but who was kept waiting, so that the same key always has the same answer.
"""

from collections.abc import Sequence
from threading import Lock
from uuid import UUID

from solvent.ports.registrar import Availability, Registered, RegistrarSilent, Rejected

REMEMBERED_MAX = 10_000  # keys that were kept waiting


class SandboxRegistrar:
    """A registrar without a registry."""

    def __init__(self) -> None:
        self._waited: dict[UUID, None] = {}
        self._lock = Lock()

    def look(self, names: Sequence[str]) -> Sequence[Availability]:
        """Whether names can be had."""
        return [
            Availability(
                name=name, available=not name.startswith("taken-"), premium=name.startswith("premium-")
            )
            for name in names
        ]

    def register(self, key: UUID, name: str) -> Registered | Rejected:
        """Register a name, or not."""
        if name.startswith("slow-") and self._waits(key):
            raise RegistrarSilent(f"no answer about {name}")
        if name.startswith(("taken-", "fails-")):
            return Rejected(reason="taken" if name.startswith("taken-") else "refused_by_registry")
        return Registered()

    def _waits(self, key: UUID) -> bool:
        with self._lock:
            known = key in self._waited
            self._waited[key] = None
            if len(self._waited) > REMEMBERED_MAX:
                del self._waited[next(iter(self._waited))]
        return not known
