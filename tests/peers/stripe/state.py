"""The peer's state: every object as its public JSON, beside what only the peer knows.

Owns new ids, events, and the moments at which waiting things end. Does not own any rule (`acts`).
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from tests.peers.http import Reply
from tests.peers.stripe.methods import Behaviour

API_VERSION = "2026-08-26.dahlia"
Thing = dict[str, Any]
MODELESS = ("refund", "balance_transaction")


class Refused(Exception):
    """A request that Stripe refuses; `stored`: under its idempotency key too, because it was executed."""

    def __init__(self, status: int, error: Thing, *, stored: bool = False) -> None:
        super().__init__(error.get("message"))
        self.status = status
        self.error = error
        self.stored = stored

    @property
    def reply(self) -> Reply:
        """The answer."""
        return Reply(status=self.status, body={"error": self.error}, headers={"request-id": "req_refused"})


def invalid(message: str, *, code: str | None = None, param: str | None = None, status: int = 400) -> Refused:
    """A request that cannot be executed."""
    error: Thing = {"type": "invalid_request_error", "message": message}
    error |= {"code": code} if code else {}
    error |= {"param": param} if param else {}
    return Refused(status, error)


def missing(what: str, ref: object, param: str) -> Refused:
    """Something that Stripe never heard of."""
    return invalid(f"No such {what}: '{ref}'", code="resource_missing", param=param, status=404)


@dataclass
class Book:
    """All that one Stripe account holds, by id. `clock` is the present."""

    clock: Callable[[], datetime]
    url: str = ""
    lock: RLock = field(default_factory=RLock)
    objects: dict[str, dict[str, Thing]] = field(default_factory=dict)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    waiting: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)
    undelivered: list[Thing] = field(default_factory=list)
    search_lag: timedelta = timedelta(0)
    unlisted: set[str] = field(default_factory=set)  # customers of whom nothing is listed any more
    refusing: "Refused | None" = None  # of each request for a payment, before its key is looked at
    intents: dict[str, str] = field(default_factory=dict)  # of invoices
    balances: dict[str, int] = field(default_factory=dict)  # of customers; what is owed them is negative
    makes_intent: Callable[[Thing], Thing] | None = None
    first_id: int = 1

    def __post_init__(self) -> None:
        self._numbers = itertools.count(self.first_id)

    def now(self) -> int:
        """The present as Stripe writes it."""
        return int(self.clock().timestamp())

    def new_id(self, prefix: str) -> str:
        """A new id."""
        return f"{prefix}_{next(self._numbers):024d}"

    def of(self, kind: str) -> dict[str, Thing]:
        """The objects of a kind, oldest first."""
        return self.objects.setdefault(kind, {})

    def add(self, kind: str, prefix: str, **shape: Any) -> Thing:  # noqa: ANN401 - an object's fields
        """A new object."""
        ref = self.new_id(prefix)
        thing: Thing = {"id": ref, "object": kind, "created": self.now(), **shape}
        thing |= {} if kind in MODELESS else {"livemode": False}
        self.of(kind)[ref] = thing
        return thing

    def find(self, kind: str, ref: object, param: str = "id") -> Thing:
        """An object by its id; refused where there is none."""
        try:
            return self.of(kind)[str(ref)]
        except KeyError:
            raise missing(kind, ref, param) from None

    def tell(self, kind: str, thing: Thing) -> None:
        """An event, with the thing as it is now."""
        event = self.add(
            "event",
            "evt",
            api_version=API_VERSION,
            data={"object": dict(thing)},
            pending_webhooks=1,
            request={"id": None, "idempotency_key": None},
            type=kind,
        )
        self.undelivered.append(event)

    def after(self, days: float, act: Callable[[], None]) -> None:
        """Do something once so many days have passed."""
        self.waiting.append((self.clock() + timedelta(days=days), act))

    def catch_up(self) -> None:
        """Do what has become due, at the latest now."""
        due = [one for one in self.waiting if one[0] <= self.clock()]
        self.waiting = [one for one in self.waiting if one not in due]
        for _, act in due:
            act()
