"""The witness: sees every exchange with a local server that stands for a provider, and has each judged.

Owns the collection of faults over many threads. Where no documents were supplied it sees without judging. Does not
own the judging (`judge`) nor the server.
"""

from collections.abc import Sequence
from threading import Lock

from tests.openapi.documents import documents, folder
from tests.openapi.judge import Exchange, Judge

FAULTS_KEPT = 50


class Witness:
    """What went over the wire: how many exchanges, and what is wrong with them (the first so many)."""

    def __init__(self, judge: Judge | None) -> None:
        self.judge = judge
        self.seen = 0
        self.faults: list[str] = []
        self._lock = Lock()

    @classmethod
    def of(cls, provider: str, outside: Sequence[str] = (), pardoned: Sequence[str] = ()) -> "Witness":
        """A witness that judges by the documents of ``stripe`` or ``paypal``, if they were supplied."""
        return cls(Judge(documents(provider), tuple(outside), tuple(pardoned)) if folder() else None)

    def see(self, exchange: Exchange) -> list[str]:
        """One exchange went over the wire; returns what is wrong with it."""
        faults = self.judge.exchange(exchange) if self.judge else []
        with self._lock:
            self.seen += 1
            self.faults += faults[: FAULTS_KEPT - len(self.faults)]
        return faults
