"""How requests of the client travel, against a server that answers as it is told, over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import msgspec
import pytest

from solvent_client import (
    Conflict,
    InvalidRequest,
    NotFound,
    PaymentMethodRequired,
    Problem,
    Refused,
    ServerProblem,
    Solvent,
    TooManyRequests,
    Unauthorized,
    Unreachable,
    models,
)
from tests.patience import PATIENCE_S

HOLD = models.ReleaseBody(by="carol")
CONNECTION_LOST = 0
QUOTE = models.QuoteBody(account_id="acc_" + "0" * 32, change=models.AddMethod())
PROBLEM = {
    "type": "urn:solvent:problem:refused",
    "title": "The request breaks a rule",
    "status": 422,
    "detail": "name: must not be empty",
    "errors": [{"field": "name", "rule": "must not be empty"}],
    "checkout": {"id": "crt_1"},
}


@dataclass
class Server:
    """What it answers next (a status, its headers, its body), and what it was asked."""

    url: str = ""
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def will(self, *statuses: int, body: bytes = b"", **headers: str) -> None:
        """Answer so, one after the other."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers += [(status, named, body) for status in statuses]

    def client(self, **more: int) -> Solvent:
        """A client that waits for nothing, and writes down how long it would have."""
        http = httpx.Client(base_url=self.url, timeout=PATIENCE_S, verify=False)
        return Solvent(self.url, "sk_test", http=http, pause=self.pauses.append, share=lambda: 1.0, **more)

    def keys(self) -> list[str | None]:
        """The idempotency keys that came."""
        return [headers.get("idempotency-key") for _, _, headers in self.asked]


@contextmanager
def _listening(told: Server) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            told.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
            status, headers, body = told.answers.pop(0)
            if status == CONNECTION_LOST:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = do_PATCH = answer  # noqa: N815 -- as http.server looks for them

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server()
    with _listening(told):
        yield told


def test_a_change_is_tried_again_with_the_same_key(server: Server) -> None:
    server.will(CONNECTION_LOST, 503)
    server.will(204)
    with server.client() as solvent:
        solvent.delete_webhook_endpoint("whe_1")
    first, *others = server.keys()
    assert first
    assert others == [first, first]
    assert server.pauses == [0.25, 0.5]


def test_tries_are_bounded_and_the_key_is_told(server: Server) -> None:
    server.will(*[CONNECTION_LOST] * 3)
    with server.client(tries_max=3) as solvent, pytest.raises(Unreachable) as lost:
        solvent.delete_webhook_endpoint("whe_1", idempotency_key="mine")
    assert (lost.value.idempotency_key, server.keys()) == ("mine", ["mine"] * 3)
    server.will(*[503] * 3, body=b"{}")
    with server.client(tries_max=3) as solvent, pytest.raises(ServerProblem) as away:
        solvent.delete_webhook_endpoint("whe_1")
    assert away.value.idempotency_key == server.keys()[-1]


@pytest.mark.parametrize("status", [CONNECTION_LOST, 503, 429])
def test_what_has_no_key_and_is_no_read_is_sent_once(server: Server, status: int) -> None:
    server.will(status, body=b"{}")
    with server.client() as solvent, pytest.raises((Unreachable, Problem)):
        solvent.quote(QUOTE)
    assert len(server.asked) == 1


def test_reading_is_tried_again_without_a_key(server: Server) -> None:
    server.will(429, 503, body=b"{}")
    server.will(200, body=b"%PDF")
    with server.client() as solvent:
        assert solvent.print_invoice("inv_1") == b"%PDF"
    assert server.keys() == [None] * 3


def test_the_server_says_how_long_to_wait_within_reason(server: Server) -> None:
    server.will(503, retry_after="3")
    server.will(503, retry_after="86400")
    server.will(503, retry_after="soon")
    server.will(200)
    with server.client() as solvent:
        assert solvent.print_invoice("inv_1") == b""
    assert server.pauses == [3.0, 8.0, 1.0]


def test_a_conflict_is_tried_again_only_where_the_server_says_so(server: Server) -> None:
    server.will(409, retry_after="1")
    server.will(409)
    with server.client() as solvent, pytest.raises(Conflict):
        solvent.release_hold("acc_1", "hld_1", HOLD)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidRequest),
        (401, Unauthorized),
        (402, PaymentMethodRequired),
        (403, Unauthorized),
        (404, NotFound),
        (405, NotFound),
        (409, Conflict),
        (413, InvalidRequest),
        (418, Problem),
        (422, Refused),
        (429, TooManyRequests),
        (500, ServerProblem),
        (504, ServerProblem),
    ],
)
def test_each_problem_is_an_exception(server: Server, status: int, kind: type[Problem]) -> None:
    server.will(status, body=msgspec.json.encode(PROBLEM))
    with server.client(tries_max=1) as solvent, pytest.raises(Problem) as said:
        solvent.delete_webhook_endpoint("whe_1")
    told = said.value
    assert (type(told), told.status, told.code) == (kind, status, "refused")
    assert (told.fields, told.errors[0].rule) == (("name",), "must not be empty")
    assert (told.title, told.more) == ("The request breaks a rule", {"checkout": {"id": "crt_1"}})
    assert str(told) == f"{status} refused: name: must not be empty"


def test_an_answer_of_something_between_is_a_problem_too(server: Server) -> None:
    server.will(502, body=b"<html>Bad gateway \xff")
    with server.client() as solvent, pytest.raises(ServerProblem, match="Bad gateway"):
        solvent.delete_webhook_endpoint("whe_1")


@pytest.mark.parametrize("errors", [b"null", b'["x"]', b'[{"field": "a"}]'])
def test_errors_of_another_shape_are_none_of_ours(server: Server, errors: bytes) -> None:
    server.will(502, body=b'{"errors": ' + errors + b"}")
    with server.client() as solvent, pytest.raises(ServerProblem) as said:
        solvent.delete_webhook_endpoint("whe_1")
    assert said.value.errors == ()


def test_names_in_paths_stay_in_their_place_and_queries_are_spelled(server: Server) -> None:
    server.will(200, 200)
    with server.client() as solvent:
        solvent.print_invoice("../accounts?x=1#")
        with pytest.raises(msgspec.DecodeError):
            solvent.list_coupons(all=True).__iter__().__next__()
    assert server.asked[0][1] == "/v1/invoices/..%2Faccounts%3Fx%3D1%23.pdf"
    assert server.asked[1][1].endswith("all=true")


def test_a_public_operation_does_not_carry_the_key(server: Server) -> None:
    server.will(200, 200)
    with server.client() as solvent:
        solvent.get_checkout_invoice_pdf("token")
        solvent.print_invoice("inv_1")
    public, other = (headers for _, _, headers in server.asked)
    assert ("authorization" in public, other["authorization"]) == (False, "Bearer sk_test")


def test_a_client_of_ones_own_making(server: Server) -> None:
    with pytest.raises(ValueError, match="tries_max"):
        Solvent(server.url, "sk_test", tries_max=0)
    with closing(Solvent(server.url, "sk_test", timeout_s=60)) as solvent:
        server.will(204)
        solvent.delete_webhook_endpoint("whe_1")
