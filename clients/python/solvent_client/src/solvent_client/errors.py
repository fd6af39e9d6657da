"""Errors: everything that can come of a request instead of its answer.

Owns the exceptions and how a problem document (RFC 9457) becomes one. Does not own which requests are sent again
(`transport`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

TYPE_PREFIX = "urn:solvent:problem:"
SHOWN_MAX = 200  # characters of an answer that is no problem document


class SolventError(Exception):
    """What all errors of this client have in common."""


class Unreachable(SolventError):
    """There was no answer, however often it was asked. Whether the request was carried out is not known: with an
    `idempotency_key` it can be sent again, and is done at most once."""

    def __init__(self, detail: str, idempotency_key: str | None) -> None:
        super().__init__(detail)
        self.idempotency_key = idempotency_key


class FieldRule(NamedTuple):
    """A field of the request, as a path into it, and the rule it breaks."""

    field: str
    rule: str


class Problem(SolventError):
    """An answer that is a problem: `code` says which (`m.ProblemCode`), `errors` which fields break which rules, `more`
    what else it carries, and `idempotency_key` under which key it was asked for."""

    def __init__(self, status: int, told: Mapping[str, Any], idempotency_key: str | None) -> None:
        self.status = status
        self.code = str(told.get("type", "")).removeprefix(TYPE_PREFIX)
        self.title = str(told.get("title", ""))
        self.detail = str(told.get("detail", ""))
        self.errors = _rules(told.get("errors"))
        self.more = {k: v for k, v in told.items() if k not in _MEMBERS}
        self.idempotency_key = idempotency_key
        super().__init__(f"{status} {self.code}: {self.detail or self.title}")

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that break a rule."""
        return tuple(error.field for error in self.errors)


class InvalidRequest(Problem):
    """400, 413: it contradicts the OpenAPI document."""


class Unauthorized(Problem):
    """401, 403: no valid key, or a key without the scope."""


class PaymentMethodRequired(Problem):
    """402: by this installation's rule a method must be on file first."""


class NotFound(Problem):
    """404, 405: there is no such thing."""


class Conflict(Problem):
    """409: the key came with another request, or something about the same thing is under way."""


class Refused(Problem):
    """422: what is stored, or policy, forbids it; `errors` names each rule."""


class TooManyRequests(Problem):
    """429: too many tries; `detail` says the way out."""


class ServerProblem(Problem):
    """5xx: a fault of the server, or it does not answer now. Ask again with the same key."""


def _rules(told: object) -> tuple[FieldRule, ...]:
    """None, where whoever stands between means something else by `errors`."""
    try:
        rules = msgspec.convert(told, list[dict[str, str]])
        return tuple(FieldRule(one["field"], one["rule"]) for one in rules)
    except (msgspec.ValidationError, KeyError):
        return ()


_MEMBERS = frozenset({"type", "title", "status", "detail", "errors"})
_BY_STATUS: Mapping[int, type[Problem]] = {
    400: InvalidRequest,
    401: Unauthorized,
    402: PaymentMethodRequired,
    403: Unauthorized,
    404: NotFound,
    405: NotFound,
    409: Conflict,
    413: InvalidRequest,
    422: Refused,
    429: TooManyRequests,
}


def problem(status: int, body: bytes, idempotency_key: str | None) -> Problem:
    """The exception for an answer, whatever its body is: something between may have answered."""
    try:
        told = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        told = {"detail": body[:SHOWN_MAX].decode(errors="replace")}
    kind = _BY_STATUS.get(status, ServerProblem if status >= 500 else Problem)
    return kind(status, told, idempotency_key)
