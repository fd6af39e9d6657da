"""Problems: every refusal this API can give, as RFC 9457 problem details.

Owns the closed list of problem codes with their status and title, and their JSON. Does not own when one occurs.
A problem's `type` is ``urn:solvent:problem:<code>``; `errors` names each field and the rule it breaks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:solvent:problem:"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its HTTP status and its title."""

    status: int
    title: str


KINDS: Mapping[str, Kind] = {
    "invalid_request": Kind(400, "The request is not valid"),
    "idempotency_key_missing": Kind(400, "An Idempotency-Key header is required"),
    "notification_refused": Kind(400, "The notification is refused"),
    "unauthorized": Kind(401, "A valid API key is required"),
    "payment_method_required": Kind(402, "A payment method must be on file first"),
    "forbidden": Kind(403, "The API key may not do this"),
    "bot_refused": Kind(403, "The bot check was not passed"),
    "not_found": Kind(404, "There is no such thing"),
    "method_not_allowed": Kind(405, "The method is not allowed here"),
    "idempotency_key_reused": Kind(409, "The idempotency key came with another request before"),
    "in_flight": Kind(409, "Something about the same thing is under way"),
    "price_changed": Kind(409, "Something else would be paid than was seen"),
    "cart_closed": Kind(409, "The cart can neither be changed nor paid now"),
    "no_e_invoice": Kind(409, "EN 16931 has no place for something in this document"),
    "payload_too_large": Kind(413, "The body is too large"),
    "refused": Kind(422, "The request breaks a rule"),
    "too_many_requests": Kind(429, "Too many tries"),
    "internal": Kind(500, "Something went wrong on our side"),
    "unavailable": Kind(503, "The service is not available now"),
}


class FieldError(Struct, frozen=True):
    """A field of the request, as a path into it, and the rule it breaks."""

    field: Annotated[str, Meta(examples=["change.items[0].price_id"])]
    rule: Annotated[str, Meta(examples=["must be a price of the catalog"])]


class ProblemDetails(Struct, frozen=True):
    """What went wrong (RFC 9457). `type` never changes its meaning; `detail` is for people."""

    type: Annotated[str, Meta(examples=[TYPE_PREFIX + "refused"])]
    title: str
    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()


class Problem(Exception):
    """Ends a request with problem details, and with `more` members of it (RFC 9457 calls them extensions)."""

    def __init__(
        self,
        code: str,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Sequence[tuple[str, str]] = (),
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = tuple(headers)
        self.more = more or {}

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.code].status

    def body(self) -> bytes:
        """The problem details as JSON."""
        kind = KINDS[self.code]
        details = ProblemDetails(
            type=TYPE_PREFIX + self.code,
            title=kind.title,
            status=kind.status,
            detail=self.detail,
            errors=self.errors,
        )
        return msgspec.json.encode({**msgspec.structs.asdict(details), **self.more} if self.more else details)


def invalid(*errors: FieldError) -> Problem:
    """The request itself is malformed: it contradicts the OpenAPI document, which no request that keeps to it does."""
    return Problem("invalid_request", "; ".join(f"{e.field}: {e.rule}" for e in errors), errors)


def refused(field: str, rule: str) -> Problem:
    """The request is well-formed, but what is stored, or policy, forbids it."""
    return breaks(FieldError(field, rule))


def breaks(*errors: FieldError) -> Problem:
    """The request is as the document says, but fields of it break rules that no schema can say."""
    return Problem("refused", "; ".join(f"{e.field}: {e.rule}" for e in errors), errors)


def not_found(what: str, spelled: str) -> Problem:
    """An id of the right shape that names nothing."""
    return Problem("not_found", f"no {what} {spelled}")
