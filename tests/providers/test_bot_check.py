"""Bot checks: Turnstile over real HTTP, as its siteverify API speaks, and as it may break."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs
from uuid import UUID

import pytest

from solvent.ports.bot_check import BotCheckSilent
from solvent.providers.bot_check import SANDBOX_TOKEN, TOKEN_CHARS_MAX, NoCheck, SandboxCheck, Turnstile

KEY = UUID(int=7)


@contextmanager
def siteverify(body: bytes, status: int = 200) -> Iterator[tuple[Turnstile, list[dict[str, list[str]]]]]:
    """A check against a local server that says this, and what it was asked."""
    asked: list[dict[str, list[str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(parse_qs(self.rfile.read(int(self.headers["content-length"])).decode()))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/siteverify"
    try:
        yield Turnstile("site", "s3cret", lets_silence_pass=False, url=url), asked
    finally:
        server.shutdown()
        server.server_close()


def said(success: bool, *codes: str) -> bytes:
    return json.dumps({"success": success, "error-codes": list(codes)}).encode()


def test_a_person_passes_and_is_asked_about_once_by_key() -> None:
    with siteverify(said(success=True)) as (check, asked):
        assert check.passes("token", "192.0.2.1", KEY)
    form = {
        "secret": ["s3cret"],
        "response": ["token"],
        "idempotency_key": [str(KEY)],
        "remoteip": ["192.0.2.1"],
    }
    assert asked == [form]


@pytest.mark.parametrize("code", ["invalid-input-response", "timeout-or-duplicate"])
def test_a_token_that_is_not_good_does_not_pass(code: str) -> None:
    with siteverify(said(False, code)) as (check, _):
        assert not check.passes("token", None, KEY)


def test_what_cannot_be_a_token_is_not_sent() -> None:
    with siteverify(said(success=True)) as (check, asked):
        for token in (None, "", "x" * (TOKEN_CHARS_MAX + 1)):
            assert not check.passes(token, None, KEY)
    assert asked == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (said(False, "invalid-input-secret"), 200),
        (said(False, "internal-error"), 500),
        (b"<html>", 502),
        (b"[]", 200),
        (b"{}", 200),
    ],
)
def test_what_says_nothing_about_the_token_is_silence_and_tells_no_secret(body: bytes, status: int) -> None:
    with siteverify(body, status) as (check, _), pytest.raises(BotCheckSilent) as silent:
        check.passes("token", None, KEY)
    assert "s3cret" not in str(silent.value)
    assert "token" not in str(silent.value).replace("about the token", "")


def test_a_server_that_is_not_there_is_silence() -> None:
    check = Turnstile("site", "s3cret", lets_silence_pass=True, url="http://127.0.0.1:9/siteverify")
    with pytest.raises(BotCheckSilent):
        check.passes("token", None, KEY)


def test_the_sandbox_knows_who_ticked_and_none_knows_everybody() -> None:
    assert SandboxCheck().passes(SANDBOX_TOKEN, None, KEY)
    assert not SandboxCheck().passes(None, None, KEY)
    assert NoCheck().passes(None, None, KEY)
