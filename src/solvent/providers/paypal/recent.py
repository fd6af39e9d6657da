"""Recent: what this process itself was told of its attempts.

Owns a bounded memory of names by our keys: PayPal cannot be asked what was made under a key. Nothing depends on it but
the number of calls, and the finding of orders that nobody captured, which moved no money. Does not own what else is
looked through (`history`).
"""

from collections import OrderedDict
from threading import Lock
from uuid import UUID

from solvent.core.payment import Report

KEYS_MAX = 50_000


class Recent:
    """PayPal's names by our keys, the most recent ones. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._refs: OrderedDict[UUID, str] = OrderedDict()

    def learn(self, report: Report) -> Report:
        """Remember the name that a report bears."""
        if report.ref is not None:
            with self._lock:
                self._refs[report.key] = report.ref
                self._refs.move_to_end(report.key)
                if len(self._refs) > KEYS_MAX:
                    self._refs.popitem(last=False)
        return report

    def ref_of(self, key: UUID) -> str | None:
        """PayPal's name for what was made under a key; None when this process does not remember any."""
        with self._lock:
            return self._refs.get(key)
