"""Crashing: every place at which a process can die or a provider can fail, counted, so that the k-th can be chosen.

Owns the boundaries of a run: before a transaction, before its commit, after it; before a provider is called, after it
has acted. Wrapped around a platform's store, settlements and providers they let a test end the process at any of
them, or lose a call or its answer. Does not own what happens afterwards (`fragile`).
"""

import os
import signal
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NoReturn, TypeVar
from uuid import UUID

from solvent.core.catalog import Catalog
from solvent.core.dispute import DisputeReport, Evidence
from solvent.core.movement import Movement
from solvent.core.payment import MethodSeen, Report
from solvent.core.policy import Policy
from solvent.flows.platform import Platform
from solvent.ports.provider import (
    Capabilities,
    Notification,
    PaymentRequest,
    Provider,
    ProviderDown,
    ProviderSilent,
    RefundReport,
    RefundRequest,
)
from solvent.ports.store import Settlements, SettlementTransaction, Store, Transaction
from solvent.ports.world import Providers

Answer = TypeVar("Answer")


class Killed(BaseException):
    """The process died here. No `except Exception` may survive it, as none survives a real one."""


class Trouble(StrEnum):
    """What goes wrong at a boundary."""

    KILLED = "killed"
    NOT_REACHED = "not_reached"
    SILENT = "silent"
    REPLY_LOST = "reply_lost"


class Place(StrEnum):
    """Where a boundary is, told by what could happen there."""

    STORE = "store"
    CALLING = "calling"
    ANSWERED = "answered"


POSSIBLE: Mapping[Trouble, frozenset[Place]] = {
    Trouble.KILLED: frozenset(Place),
    Trouble.NOT_REACHED: frozenset({Place.CALLING}),
    Trouble.SILENT: frozenset({Place.CALLING}),
    Trouble.REPLY_LOST: frozenset({Place.ANSWERED}),
}


@dataclass(frozen=True, slots=True)
class Mishap:
    """A trouble at the `at`-th boundary (from 1) at which it can happen."""

    trouble: Trouble
    at: int


def raise_killed() -> NoReturn:
    """Die as far as this thread is concerned: the wrapped process is thrown away by whoever catches it."""
    raise Killed


def kill_process() -> None:
    """Really die: nothing of this process runs after this line."""
    os.kill(os.getpid(), signal.SIGKILL)


class Boundaries:
    """Counts the boundaries of a run in `passed`, and makes the armed mishap happen at its place, once."""

    def __init__(self, die: Callable[[], object] = raise_killed) -> None:
        self.passed: list[str] = []
        self.die = die
        self._mishap: Mishap | None = None
        self._seen = 0

    def arm(self, mishap: Mishap | None) -> None:
        """Let this happen in what follows; counting starts anew. None: nothing happens."""
        self._mishap = mishap
        if mishap is not None:
            self.passed = []
            self._seen = 0

    @property
    def waiting(self) -> bool:
        """Whether the armed mishap has not happened."""
        return self._mishap is not None

    def reach(self, place: Place, name: str) -> None:
        """A boundary: the armed mishap happens if this is its place."""
        self.passed.append(name)
        mishap = self._mishap
        if mishap is None or place not in POSSIBLE[mishap.trouble]:
            return
        self._seen += 1
        if self._seen == mishap.at:
            self._mishap = None
            self._strike(mishap.trouble, name)

    def _strike(self, trouble: Trouble, name: str) -> None:
        match trouble:
            case Trouble.KILLED:
                self.die()
            case Trouble.NOT_REACHED:
                raise ProviderDown(name)
            case Trouble.SILENT | Trouble.REPLY_LOST:
                raise ProviderSilent(name)


class FragileStore:
    """A store whose transactions have boundaries."""

    def __init__(self, store: Store, boundaries: Boundaries) -> None:
        self._store = store
        self._boundaries = boundaries

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction: dying before its commit keeps nothing of it."""
        self._boundaries.reach(Place.STORE, "before a transaction")
        with self._store.begin() as tx:
            yield tx
            self._boundaries.reach(Place.STORE, "before its commit")
        self._boundaries.reach(Place.STORE, "after its commit")

    def look(self) -> AbstractContextManager[Transaction]:
        """Reads; dying among them changes nothing."""
        return self._store.look()

    @contextmanager
    def single(self) -> Iterator[Transaction]:
        """A transaction of one statement, which is its own commit."""
        self._boundaries.reach(Place.STORE, "before a statement")
        with self._store.single() as tx:
            yield tx
        self._boundaries.reach(Place.STORE, "after its commit")

    def still(self) -> AbstractContextManager[Transaction]:
        """Reads of one moment; dying among them changes nothing."""
        return self._store.still()

    def catalog(self, needs: Collection[str] = ()) -> Catalog:
        """The catalog; reading it is no boundary."""
        return self._store.catalog(needs)

    def basis(self, catalog: Catalog, policy: Policy) -> int:
        """What verdicts rest on; it reads nothing."""
        return self._store.basis(catalog, policy)


class FragileSettlements:
    """Settlements whose transactions have boundaries."""

    def __init__(self, settlements: Settlements, boundaries: Boundaries) -> None:
        self._settlements = settlements
        self._boundaries = boundaries

    @contextmanager
    def begin(self) -> Iterator[SettlementTransaction]:
        """A settlement: dying before its commit keeps nothing of it."""
        self._boundaries.reach(Place.STORE, "before a settlement")
        with self._settlements.begin() as tx:
            yield tx
            self._boundaries.reach(Place.STORE, "before its commit")
        self._boundaries.reach(Place.STORE, "after its commit")

    @contextmanager
    def single(self) -> Iterator[SettlementTransaction]:
        """A settlement of one statement, which is its own commit."""
        self._boundaries.reach(Place.STORE, "before a statement")
        with self._settlements.single() as tx:
            yield tx
        self._boundaries.reach(Place.STORE, "after its commit")


class FragileProvider:
    """A provider of whose every call the request or the answer may be lost."""

    def __init__(self, provider: Provider, boundaries: Boundaries) -> None:
        self._provider = provider
        self._boundaries = boundaries

    def _call(self, name: str, call: Callable[[], Answer]) -> Answer:
        self._boundaries.reach(Place.CALLING, f"before {name}")
        answer = call()
        self._boundaries.reach(Place.ANSWERED, f"after {name}")
        return answer

    @property
    def name(self) -> str:
        return self._provider.name

    @property
    def capabilities(self) -> Capabilities:
        return self._provider.capabilities

    def open(self, request: PaymentRequest) -> Report:
        return self._call("open", lambda: self._provider.open(request))

    def charge(self, request: PaymentRequest) -> Report:
        return self._call("charge", lambda: self._provider.charge(request))

    def confirm(self, key: UUID, ref: str, method: str | None) -> Report:
        return self._call("confirm", lambda: self._provider.confirm(key, ref, method))

    def get(self, key: UUID, ref: str | None) -> Report | None:
        return self._call("get", lambda: self._provider.get(key, ref))

    def payments_of(self, key: UUID, ref: str | None) -> Iterable[Report]:
        return self._call("payments_of", lambda: list(self._provider.payments_of(key, ref)))

    def cancel(self, key: UUID, ref: str | None) -> Report | None:
        return self._call("cancel", lambda: self._provider.cancel(key, ref))

    def refund(self, request: RefundRequest) -> RefundReport:
        return self._call("refund", lambda: self._provider.refund(request))

    def get_refund(self, ref: str) -> RefundReport | None:
        return self._call("get_refund", lambda: self._provider.get_refund(ref))

    def refunds_since(self, since: datetime) -> Iterable[RefundReport]:
        return self._call("refunds_since", lambda: list(self._provider.refunds_since(since)))

    def detach(self, token: str) -> None:
        return self._call("detach", lambda: self._provider.detach(token))

    def get_method(self, token: str) -> MethodSeen | None:
        return self._call("get_method", lambda: self._provider.get_method(token))

    def reports_since(self, since: datetime) -> Iterable[Report]:
        return self._call("reports_since", lambda: list(self._provider.reports_since(since)))

    def movements_since(self, since: datetime, until: datetime) -> Iterable[Movement]:
        return self._call("movements_since", lambda: list(self._provider.movements_since(since, until)))

    def disputes_since(self, since: datetime) -> Iterable[DisputeReport]:
        return self._call("disputes_since", lambda: list(self._provider.disputes_since(since)))

    def get_dispute(self, ref: str) -> DisputeReport | None:
        return self._call("get_dispute", lambda: self._provider.get_dispute(ref))

    def submit_evidence(self, ref: str, evidence: Evidence) -> DisputeReport | None:
        return self._call("submit_evidence", lambda: self._provider.submit_evidence(ref, evidence))

    def accept_dispute(self, ref: str) -> DisputeReport | None:
        return self._call("accept_dispute", lambda: self._provider.accept_dispute(ref))

    def parse(self, headers: Mapping[str, Any], body: bytes, now: datetime) -> Notification:
        return self._provider.parse(headers, body, now)


class FragileProviders:
    """The configured providers, each fragile."""

    def __init__(self, providers: Providers, boundaries: Boundaries) -> None:
        self._inner = providers
        self._boundaries = boundaries

    @property
    def default(self) -> Provider:
        return FragileProvider(self._inner.default, self._boundaries)

    def get(self, name: str) -> Provider:
        return FragileProvider(self._inner.get(name), self._boundaries)

    def names(self) -> Sequence[str]:
        return self._inner.names()

    def answers(self, name: str) -> bool:
        return self._inner.answers(name)


def fragile(platform: Platform, boundaries: Boundaries) -> Platform:
    """The platform with boundaries around everything outside the process."""
    return replace(
        platform,
        store=FragileStore(platform.store, boundaries),
        settlements=FragileSettlements(platform.settlements, boundaries),
        providers=FragileProviders(platform.providers, boundaries),
    )
