"""Faults: what goes wrong on the way, drawn from a seed or scripted call by call.

Owns the plan (a value), the draws (the same for the same seed, however threads interleave) and how a fault on a
request is played. Does not own when notifications leave (`notifications`).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from random import Random
from threading import Lock
from typing import Any, Self, TypeVar

from solvent.ports.provider import ProviderDown, ProviderSilent

KEYS_MAX = 100_000  # keys whose tries are counted while rates are set; then counting starts anew


class Fault(StrEnum):
    """What happens to one request."""

    OK = "ok"
    TIMEOUT = "timeout"  # silence; the bank did not act
    LOST_REPLY = "lost_reply"  # silence; the bank did act
    DUPLICATE = "duplicate"  # the bank receives the request twice
    DOWN = "down"  # the bank is certainly not reached


class NotifyFault(StrEnum):
    """What happens to one notification."""

    OK = "ok"
    DUPLICATE = "duplicate"
    DELAY = "delay"
    REORDER = "reorder"
    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """What shall go wrong: shares of 1 per fault, outage windows [from, to) in bank time, and scripts.

    A script names, per operation, the fault of its first, second, … call; after its end the shares decide. The
    pseudo-operation ``notify`` scripts notifications.
    """

    timeout: float = 0.0
    lost_reply: float = 0.0
    duplicate: float = 0.0
    down: float = 0.0
    outages: tuple[tuple[datetime, datetime], ...] = ()
    notify_duplicate: float = 0.0
    notify_delay: float = 0.0
    notify_reorder: float = 0.0
    notify_drop: float = 0.0
    notify_delay_max_s: int = 3600
    scripts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def script(cls, calls: Mapping[str, Sequence[str]]) -> Self:
        """A plan that only plays a script, e.g. ``{"charge": ["lost_reply", "ok"]}``."""
        return cls(scripts={operation: tuple(faults) for operation, faults in calls.items()})

    def __post_init__(self) -> None:
        for operation, faults in self.scripts.items():
            kind: type[StrEnum] = NotifyFault if operation == "notify" else Fault
            for fault in faults:
                kind(fault)  # a misspelt fault is refused here, not in the middle of a test


class Faults:
    """Plays a plan. Every draw depends on the seed, the operation, the key and the try, never on thread timing."""

    def __init__(self, plan: FaultPlan, rng: Random) -> None:
        self.plan = plan
        self._seed = rng.getrandbits(64).to_bytes(8)
        self._lock = Lock()
        self._calls: defaultdict[str, int] = defaultdict(int)
        self._tries: defaultdict[str, int] = defaultdict(int)
        self._shares = (
            (Fault.TIMEOUT, plan.timeout),
            (Fault.LOST_REPLY, plan.lost_reply),
            (Fault.DUPLICATE, plan.duplicate),
            (Fault.DOWN, plan.down),
        )
        self._notify_shares = (
            (NotifyFault.DUPLICATE, plan.notify_duplicate),
            (NotifyFault.DELAY, plan.notify_delay),
            (NotifyFault.REORDER, plan.notify_reorder),
            (NotifyFault.DROP, plan.notify_drop),
        )

    def of_call(self, operation: str, key: str, now: datetime) -> Fault:
        """The fault of this call."""
        scripted = self._scripted(operation)
        if any(start <= now < end for start, end in self.plan.outages):
            return Fault.DOWN
        if scripted is not None:
            return Fault(scripted)
        if not any(share for _, share in self._shares):
            return Fault.OK
        draw = self._draw(f"{operation}:{key}:{self._try(operation, key)}")
        return _pick(draw, self._shares, Fault.OK)

    def of_notification(self, event: str) -> tuple[NotifyFault, timedelta]:
        """The fault of this notification, and how late it is when delayed (or its copy, when doubled)."""
        scripted = self._scripted("notify")
        late = timedelta(seconds=1 + int(self._draw(f"late:{event}") * self.plan.notify_delay_max_s))
        if scripted is not None:
            return NotifyFault(scripted), late
        return _pick(self._draw(f"notify:{event}"), self._notify_shares, NotifyFault.OK), late

    def _scripted(self, operation: str) -> str | None:
        """The scripted fault of the next call to an operation, counted per operation."""
        script = self.plan.scripts.get(operation)
        if script is None:
            return None
        with self._lock:
            number = self._calls[operation]
            self._calls[operation] += 1
        return script[number] if number < len(script) else None

    def _try(self, operation: str, key: str) -> int:
        with self._lock:
            if len(self._tries) >= KEYS_MAX:
                self._tries.clear()
            self._tries[f"{operation}:{key}"] += 1
            return self._tries[f"{operation}:{key}"]

    def _draw(self, what: str) -> float:
        """A number in [0, 1) that depends on the seed and `what` only."""
        return int.from_bytes(blake2b(what.encode(), key=self._seed, digest_size=6).digest()) / 2**48


Kind = TypeVar("Kind", Fault, NotifyFault)


def _pick(draw: float, shares: Sequence[tuple[Kind, float]], otherwise: Kind) -> Kind:
    for fault, share in shares:
        if draw < share:
            return fault
        draw -= share
    return otherwise


Call = Callable[[], dict[str, Any]]


def play(fault: Fault, call: Call) -> dict[str, Any]:
    """Make a call with a fault on it."""
    match fault:
        case Fault.OK:
            return call()
        case Fault.DUPLICATE:
            call()
            return call()
        case Fault.DOWN:
            raise ProviderDown("the bank is down")
        case Fault.TIMEOUT:
            raise ProviderSilent("time-out before the bank acted")
        case Fault.LOST_REPLY:
            call()
            raise ProviderSilent("the bank acted, its reply was lost")
