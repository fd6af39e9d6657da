"""The server: the bank over HTTP, for `solvent up` and for browsers.

Owns the endpoints, the key check, the validation of requests, the payer's pages, and the translation between the
server's protocol (ASGI) and ours. Does not own any rule of the bank, nor the process (`process`). A request is answered
within the event loop: the bank lives in memory and waits for nothing.

``POST /{bank}/v1/{operation}`` and ``POST /{bank}/control/{name}`` take JSON, ``GET /{bank}/statement`` gives it; they
need ``Authorization: Bearer``. The pages ``/{bank}/challenge/{ref}`` and ``/{bank}/approve/{ref}`` are the payer's.
"""

import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import msgspec

from solvent.providers.sandbox import pages
from solvent.providers.sandbox.bank import Bank
from solvent.providers.sandbox.cards import SUCCEEDS
from solvent.providers.sandbox.protocol import CONTROL_REQUESTS, REQUESTS
from solvent.providers.sandbox.render import Answer, error

BODY_MAX_BYTES = 64 * 1024
TEST_CLOCK_APART = timedelta(days=1)  # a payment this far from the wall clock lives on a test clock

Banks = Mapping[str, Bank]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]
_HTTP_STATUS = {
    "unauthorized": 401,
    "not_found": 404,
    "no_such_bank": 404,
    "no_such_operation": 404,
    "no_such_control": 404,
    "idempotency_mismatch": 409,
    "too_large": 413,
    "internal": 500,
}
_LOOKS = {"get", "payments", "changes", "disputes", "dispute", "movements"}
_ASK = {"challenge": pages.challenge, "approve": pages.approval}
_PAGE_HEADERS = (
    (b"content-security-policy", pages.SECURITY_POLICY.encode()),
    (b"cache-control", b"no-store"),
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request: its path in parts, its query, its key, and its body."""

    method: str
    parts: tuple[str, ...]
    query: Mapping[str, list[str]]
    authorization: bytes
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An answer."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


def wall_clock() -> datetime:
    """The bank's own time, for requests that carry none."""
    return datetime.now(UTC)


def create_app(banks: Banks, secret: str) -> Application:
    """The bank's HTTP application over these banks, by name."""

    async def application(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        body = await _body(receive)
        if body is None:
            sent = _json(error("too_large", f"a body has at most {BODY_MAX_BYTES} bytes"))
        else:
            sent = _answered(banks, secret, _asked(scope, body))
        length = (b"content-length", str(len(sent.body)).encode())
        headers = [(b"content-type", sent.content_type.encode()), length, *sent.headers]
        await send({"type": "http.response.start", "status": sent.status, "headers": headers})
        await send({"type": "http.response.body", "body": sent.body})

    return application


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when it is too large."""
    body, more = b"", True
    while more and len(body) <= BODY_MAX_BYTES:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body if len(body) <= BODY_MAX_BYTES else None


def _asked(scope: Mapping[str, Any], body: bytes) -> Asked:
    return Asked(
        method=scope["method"],
        parts=tuple(scope["path"].strip("/").split("/")),
        query=parse_qs(scope["query_string"].decode(errors="replace")),
        authorization=dict(scope["headers"]).get(b"authorization", b""),
        body=body,
    )


def _answered(banks: Banks, secret: str, asked: Asked) -> Sent:
    """What is answered; a fault is one request's, and in the log."""
    try:
        return _routed(banks, secret, asked)
    except Exception:  # the edge: the client is told, the log has the rest
        log.exception("%s /%s", asked.method, "/".join(asked.parts))
        return _json(error("internal", "a fault of the bank's own"))


def _routed(banks: Banks, secret: str, asked: Asked) -> Sent:
    match (asked.method, *asked.parts):
        case ("POST", bank, "v1", operation):

            def operate(payload: dict[str, Any], now: datetime) -> Answer:
                return _told(banks[bank].call(operation, payload, now), bank, operation)

            refusal = _turned_away(asked, banks, bank, secret)
            return _json(refusal or _acted(asked.body, REQUESTS.get(operation), operate))
        case ("POST", bank, "control", name):

            def control(payload: dict[str, Any], now: datetime) -> Answer:
                payload.pop("now", None)
                return _told(banks[bank].control(name, now, **payload), bank, name)

            refusal = _turned_away(asked, banks, bank, secret)
            return _json(refusal or _acted(asked.body, CONTROL_REQUESTS.get(name), control))
        case ("GET", bank, "statement"):
            refusal = _turned_away(asked, banks, bank, secret)
            return _json(refusal or {"data": [row._asdict() for row in banks[bank].statement()]})
        case ("GET", bank, page, ref):
            return _shown(banks.get(bank), page, ref)
        case ("POST", bank, page, ref):
            fields = parse_qs(asked.body.decode(errors="replace"))
            return _pressed(banks.get(bank), page, ref, fields, asked.query.get("return_to", [None])[0])
        case _:
            return _html(pages.missing(), 404)


def _turned_away(asked: Asked, banks: Banks, bank: str, secret: str) -> Answer | None:
    """The refusal of a request without the merchant's key, or to a bank that is not here."""
    if not hmac.compare_digest(asked.authorization, f"Bearer {secret}".encode()):
        return error("unauthorized", "the key in Authorization is missing or wrong")
    if bank not in banks:
        return error("no_such_bank", f"there is no bank called {bank!r}")
    return None


def _acted(body: bytes, shape: Any, act: Callable[[dict[str, Any], datetime], Answer]) -> Answer:  # noqa: ANN401
    """Validate a request (`shape` is its TypedDict) and act on it, at its own ``now`` or at the wall clock's."""
    if shape is None:
        return error("no_such_operation", "the bank does not know that operation")
    try:
        payload = msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        return error("invalid_request", str(fault))
    now = payload.get("now") or wall_clock()
    if now.tzinfo is None:
        return error("invalid_request", "now must say its time zone")
    return act(payload, now)


def _json(answer: Answer) -> Sent:
    status = _HTTP_STATUS.get(answer["error"]["code"], 400) if "error" in answer else 200
    return Sent(status=status, content_type="application/json", body=msgspec.json.encode(answer))


def _told(answer: Answer, bank: str, act: str) -> Answer:
    """The answer, after a line about it in the log; not of what only looks."""
    if act not in _LOOKS:
        ended = answer["error"]["code"] if "error" in answer else answer.get("status", "done")
        log.info("%s: %s %s: %s", bank, act, answer.get("id", ""), ended)
    return answer


# The payer's pages


def _html(text: str, status: int = 200, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Sent:
    return Sent(
        status=status,
        content_type="text/html; charset=utf-8",
        body=text.encode(),
        headers=_PAGE_HEADERS + headers,
    )


def _look(bank: Bank | None, ref: str) -> tuple[Answer, datetime]:
    """A payment as it stands, and the time at which its payer acts: the payment's own on a test clock."""
    now = wall_clock()
    if bank is None:
        return error("no_such_bank", "there is no such bank"), now
    changed_at = bank.changed_at(ref)
    if changed_at is not None and abs(now - changed_at) > TEST_CLOCK_APART:
        now = changed_at
    return bank.call("get", {"key": "", "ref": ref}, now), now


def _shown(bank: Bank | None, page: str, ref: str) -> Sent:
    answer, _ = _look(bank, ref)
    if "error" in answer or page not in _ASK:
        return _html(pages.missing(), 404)
    if answer.get("next_action", {}).get("type") != "redirect":
        return _html(pages.done(answer["status"], bank.return_url(ref) if bank is not None else None))
    return _html(_ASK[page](answer["amount"], answer["currency"]))


def _pressed(
    bank: Bank | None, page: str, ref: str, fields: Mapping[str, list[str]], return_to: str | None
) -> Sent:
    answer, now = _look(bank, ref)
    if bank is None or "error" in answer or page not in _ASK:
        return _html(pages.missing(), 404)
    choice = fields.get("choice", [""])[0]
    match choice:
        case "pass" | "fail":
            answer = bank.complete_challenge(ref, choice == "pass", now)
        case "approve":
            answer = bank.approve(ref, now, fields.get("number", [SUCCEEDS])[0])
        case "refuse":
            answer = bank.refuse(ref, now)
        case _:
            return _shown(bank, page, ref)
    _told(answer, bank.personality.name, f"payer's {choice}")
    back = bank.return_url(ref)
    if return_to is None and back is not None and pages.leads_to_a_shop(back):
        return _html("", 303, ((b"location", back.encode()),))
    return _html(pages.done(answer["status"], return_to))
