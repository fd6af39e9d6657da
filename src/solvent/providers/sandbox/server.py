"""The server: the bank over HTTP, for `solvent up` and for browsers.

Owns the endpoints, the key check, the validation of requests and the payer's pages. Does not own any rule of the
bank, nor the process (`process`).

``POST /{bank}/v1/{operation}`` and ``POST /{bank}/control/{name}`` take JSON, ``GET /{bank}/statement`` gives it; they
need ``Authorization: Bearer``. The pages ``/{bank}/challenge/{ref}`` and ``/{bank}/approve/{ref}`` are the payer's.
"""

import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import msgspec
from litestar import Litestar, MediaType, Request, Response, get, post

from solvent.providers.sandbox import pages
from solvent.providers.sandbox.bank import Bank
from solvent.providers.sandbox.cards import SUCCEEDS
from solvent.providers.sandbox.protocol import CONTROL_REQUESTS, REQUESTS
from solvent.providers.sandbox.render import Answer, error

BODY_MAX_BYTES = 64 * 1024
TEST_CLOCK_APART = timedelta(days=1)  # a payment this far from the wall clock lives on a test clock

Banks = Mapping[str, Bank]
Asgi = Request[Any, Any, Any]
_HTTP_STATUS = {
    "unauthorized": 401,
    "not_found": 404,
    "no_such_bank": 404,
    "no_such_operation": 404,
    "no_such_control": 404,
    "idempotency_mismatch": 409,
}
_ASK = {"challenge": pages.challenge, "approve": pages.approval}
_PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "cache-control": "no-store",
}


def wall_clock() -> datetime:
    """The bank's own time, for requests that carry none."""
    return datetime.now(UTC)


def create_app(banks: Banks, secret: str) -> Litestar:
    """The bank's HTTP application over these banks, by name."""

    @post("/{bank:str}/v1/{operation:str}")
    async def operate(request: Asgi, bank: str, operation: str) -> Response[bytes]:
        def act(payload: dict[str, Any], now: datetime) -> Answer:
            return banks[bank].call(operation, payload, now)

        refusal = _turned_away(request, banks, bank, secret)
        return _json(refusal or _acted(await request.body(), REQUESTS.get(operation), act))

    @post("/{bank:str}/control/{name:str}")
    async def control(request: Asgi, bank: str, name: str) -> Response[bytes]:
        def act(payload: dict[str, Any], now: datetime) -> Answer:
            payload.pop("now", None)
            return banks[bank].control(name, now, **payload)

        refusal = _turned_away(request, banks, bank, secret)
        return _json(refusal or _acted(await request.body(), CONTROL_REQUESTS.get(name), act))

    @get("/{bank:str}/statement", sync_to_thread=False)
    def statement(request: Asgi, bank: str) -> Response[bytes]:
        refusal = _turned_away(request, banks, bank, secret)
        return _json(refusal or {"data": [row._asdict() for row in banks[bank].statement()]})

    @get("/{bank:str}/{page:str}/{ref:str}", sync_to_thread=False)
    def show(bank: str, page: str, ref: str) -> Response[str]:
        return _shown(banks.get(bank), page, ref)

    @post("/{bank:str}/{page:str}/{ref:str}")
    async def press(request: Asgi, bank: str, page: str, ref: str) -> Response[str]:
        fields = parse_qs((await request.body()).decode(errors="replace"))
        return _pressed(banks.get(bank), page, ref, fields, request.query_params.get("return_to"))

    return Litestar(
        [operate, control, statement, show, press],
        request_max_body_size=BODY_MAX_BYTES,
        openapi_config=None,
    )


def _turned_away(request: Asgi, banks: Banks, bank: str, secret: str) -> Answer | None:
    """The refusal of a request without the merchant's key, or to a bank that is not here."""
    given = request.headers.get("authorization", "")
    if not hmac.compare_digest(given.encode(errors="replace"), f"Bearer {secret}".encode()):
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


def _json(answer: Answer) -> Response[bytes]:
    status = _HTTP_STATUS.get(answer["error"]["code"], 400) if "error" in answer else 200
    return Response(msgspec.json.encode(answer), status_code=status, media_type=MediaType.JSON)


# The payer's pages


def _html(text: str, status: int = 200) -> Response[str]:
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=_PAGE_HEADERS)


def _look(bank: Bank | None, ref: str) -> tuple[Answer, datetime]:
    """A payment as it stands, and the time at which its payer acts: the payment's own on a test clock."""
    now = wall_clock()
    if bank is None:
        return error("no_such_bank", "there is no such bank"), now
    changed_at = bank.changed_at(ref)
    if changed_at is not None and abs(now - changed_at) > TEST_CLOCK_APART:
        now = changed_at
    return bank.call("get", {"key": "", "ref": ref}, now), now


def _shown(bank: Bank | None, page: str, ref: str) -> Response[str]:
    answer, _ = _look(bank, ref)
    if "error" in answer or page not in _ASK:
        return _html(pages.missing(), 404)
    if answer.get("next_action", {}).get("type") != "redirect":
        return _html(pages.done(answer["status"], None))
    return _html(_ASK[page](answer["amount"], answer["currency"]))


def _pressed(
    bank: Bank | None, page: str, ref: str, fields: Mapping[str, list[str]], return_to: str | None
) -> Response[str]:
    answer, now = _look(bank, ref)
    if bank is None or "error" in answer or page not in _ASK:
        return _html(pages.missing(), 404)
    match fields.get("choice", [""])[0]:
        case "pass" | "fail" as choice:
            answer = bank.complete_challenge(ref, choice == "pass", now)
        case "approve":
            answer = bank.approve(ref, now, fields.get("number", [SUCCEEDS])[0])
        case "refuse":
            answer = bank.refuse(ref, now)
        case _:
            return _shown(bank, page, ref)
    return _html(pages.done(answer["status"], return_to))
