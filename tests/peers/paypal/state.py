"""What the peer remembers: orders, captures, refunds, tokens, disputes, events.

Owns the records, their names in PayPal's manner, and the making of errors as PayPal words them. Does not own what
happens (`acts`) nor paths (`server`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from tests.peers.http import Reply

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_NAMES = {
    400: ("INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema."),
    401: (
        "AUTHENTICATION_FAILURE",
        "Authentication failed due to missing authorization header, or invalid authentication credentials.",
    ),
    403: ("NOT_AUTHORIZED", "Authorization failed due to insufficient permissions."),
    404: ("RESOURCE_NOT_FOUND", "The specified resource does not exist."),
    409: ("RESOURCE_CONFLICT", "The server has detected a conflict while processing this request."),
    422: (
        "UNPROCESSABLE_ENTITY",
        "The requested action could not be performed, semantically incorrect, or failed business validation.",
    ),
    429: ("RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting."),
    500: ("INTERNAL_SERVER_ERROR", "An internal server error occurred."),
    503: ("SERVICE_UNAVAILABLE", "Service Unavailable."),
}
Thing = dict[str, Any]


class Refused(Exception):
    """The peer says no: a status and an issue code; a failure of its own has none."""

    def __init__(self, status: int, issue: str | None = None) -> None:
        super().__init__(issue)
        self.reply = refusal(status, issue)


def refusal(status: int, issue: str | None = None) -> Reply:
    """An error as PayPal words it."""
    name, message = _NAMES[status]
    body: Thing = {"name": name, "message": message, "debug_id": "b1d1f06c7246c"}
    if issue is not None:
        body["details"] = [{"issue": issue}]  # its description differs from call to call, and nobody reads it
    headers = {"retry-after": "0"} if status == 429 else {}
    return Reply(status=status, body=body, headers=headers)


@dataclass
class Wallet:
    """A payer: `issue` is why a capture is refused (None: it is not), `status` what a capture becomes."""

    email: str = "ada@example.com"
    account_id: str = "QYR5Z8XDVJNXQ"
    issue: str | None = None
    status: str = "COMPLETED"
    processor: str | None = None
    ends: tuple[str, str | None] = (
        "COMPLETED",
        None,
    )  # of what is pending for days: status and processor's code
    refunds: str = "COMPLETED"


@dataclass
class Book:
    """Everything, under one lock. `clock` is the peer's time."""

    clock: Callable[[], datetime]
    lock: RLock = field(default_factory=RLock)
    orders: dict[str, Thing] = field(default_factory=dict)
    captures: dict[str, Thing] = field(default_factory=dict)
    refunds: dict[str, Thing] = field(default_factory=dict)
    setups: dict[str, Thing] = field(default_factory=dict)
    tokens: dict[str, Thing] = field(default_factory=dict)
    disputes: dict[str, Thing] = field(default_factory=dict)
    events: list[Thing] = field(default_factory=list)
    undelivered: list[Thing] = field(default_factory=list)
    changes_no_waiting_order: bool = (
        False  # as the document of orders reads; unapproved ones are left as they are
    )
    refusing: str | None = (
        None  # the issue for which each new order is refused, before its request id is looked at
    )
    wallets: dict[str, Wallet] = field(default_factory=dict)  # of an order, setup token or payment token
    once: dict[tuple[str, str], str] = field(default_factory=dict)  # path and request id → what was made
    movements: list[Thing] = field(default_factory=list)
    agreements: set[str] = field(default_factory=set)
    drawn: int = 0

    def now(self) -> str:
        """The present, as PayPal writes it."""
        return written(self.clock())

    def name(self, length: int = 17) -> str:
        """A new name."""
        self.drawn += 1
        number, text = self.drawn * 2_654_435_761, ""
        for _ in range(length):
            number, digit = divmod(number * 33 + 7, 32)
            number ^= self.drawn << 5
            text += _LETTERS[digit]
        return text[: length - 4] + _spelt(self.drawn)

    def tell(self, kind: str, resource: Thing) -> None:
        """Something happened: an event for the list, and a notification to be sent."""
        event = {
            "id": f"WH-{self.name()}-{self.name()}",
            "create_time": self.now(),
            "resource_type": kind.split(".")[1].lower(),
            "event_version": "1.0",
            "event_type": kind,
            "summary": kind.replace(".", " ").capitalize(),
            "resource": resource,
            "links": [],
        }
        self.events.append(event)
        self.undelivered.append(event)


def _spelt(number: int) -> str:
    text = ""
    for _ in range(4):
        number, digit = divmod(number, 32)
        text = _LETTERS[digit] + text
    return text


def written(at: datetime) -> str:
    """A time as PayPal writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
