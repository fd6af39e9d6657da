"""The bank over HTTP: its door, its pages, its file, its sender; and what the transport makes of a bad line."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Thread
from time import sleep
from typing import Any

import httpx
import pytest

from solvent.core.payment import FailureCause, Outcome
from solvent.ports.provider import ProviderDown, ProviderSilent
from solvent.providers.sandbox import FaultPlan, Faults, Http, SandboxProvider
from tests.patience import PATIENCE_S, eventually

World = Any
Served = Any
Connect = Callable[..., World]
Start = Callable[..., Served]


@contextmanager
def _listener(answer: Callable[[BaseHTTPRequestHandler, bytes], None]) -> Iterator[str]:
    """A small HTTP server that answers every POST as told."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self, self.rfile.read(int(self.headers["content-length"])))

        def log_message(self, *parts: object) -> None:
            """Keeps the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def _says(status: int, body: bytes) -> Callable[[BaseHTTPRequestHandler, bytes], None]:
    def answer(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        handler.send_response(status)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def _hangs(handler: BaseHTTPRequestHandler, _: bytes) -> None:
    sleep(0.5)


def _hangs_up(handler: BaseHTTPRequestHandler, _: bytes) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    "answer",
    [
        _hangs,
        _hangs_up,
        _says(500, b"{}"),
        _says(502, b"<html>"),
        _says(200, b"<html>"),
        _says(200, b"[]"),
        _says(200, b'{"x":' + b"[" * 60_000),
        _says(404, b"{}"),
        _says(302, b""),
        _says(200, b'{"status":"succeeded"}'),
        _says(200, b'{"status":"failed","id":"x","amount":1,"currency":"USD"}'),
    ],
)
def test_no_readable_answer_after_sending_is_silence(
    answer: Callable[[BaseHTTPRequestHandler, bytes], None], build: Callable[..., tuple[World, Any]]
) -> None:
    world, _ = build("sandbox")
    with _listener(answer) as url:
        provider = SandboxProvider(Http(url, "key", read_timeout_s=0.2), world.clock)
        with pytest.raises(ProviderSilent):
            provider.charge(world.charge_request("vm_x"))


def test_a_kept_connection_is_used_again_and_one_that_the_bank_closed_is_not() -> None:
    told = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
    with socket.create_server(("127.0.0.1", 0)) as bank:
        line = Http(f"http://127.0.0.1:{bank.getsockname()[1]}", "key")
        served: list[int] = []
        closed: list[int] = []

        def serve(connections: int, requests: int) -> None:
            for n in range(connections):
                connection, _ = bank.accept()
                with connection:
                    for _ in range(requests):
                        served.append(n)
                        while not connection.recv(65536).endswith(b"{}"):
                            continue
                        connection.sendall(told)
                closed.append(n)

        thread = Thread(target=serve, args=(2, 2), daemon=True)
        thread.start()
        for number in range(4):
            assert line.call("get", {}) == {}
            if number % 2:
                eventually(lambda number=number: len(closed) > number // 2)  # type: ignore[misc]
        thread.join(PATIENCE_S)
        line.close()
    assert served == [0, 0, 1, 1]


@pytest.mark.parametrize("answer", [_says(200, b"{}"), _says(400, b'{"error":{"code":"new"}}')])
def test_a_readable_answer_that_says_nothing_known_is_unknown(
    answer: Callable[[BaseHTTPRequestHandler, bytes], None], build: Callable[..., tuple[World, Any]]
) -> None:
    world, _ = build("sandbox")
    with _listener(answer) as url:
        provider = SandboxProvider(Http(url, "key"), world.clock)
        assert provider.charge(world.charge_request("vm_x")).outcome is Outcome.UNKNOWN
        with pytest.raises(ProviderSilent):
            list(provider.reports_since(world.clock()))


def test_a_refused_connection_is_down(build: Callable[..., tuple[World, Any]], port: int) -> None:
    world, _ = build("sandbox")
    provider = SandboxProvider(Http(f"http://127.0.0.1:{port}", "key"), world.clock)
    with pytest.raises(ProviderDown):
        provider.charge(world.charge_request("vm_x"))


def test_a_wrong_key_is_turned_away_before_anything_happens(served: Served, connect: Connect) -> None:
    world = connect("sandbox", served.url)
    provider = SandboxProvider(Http(f"{served.url}/sandbox", "wrong"), world.clock)
    request = world.request()
    with pytest.raises(ProviderDown, match="HTTP 401"):
        provider.open(request)
    assert world.provider.get(request.key, None) is None
    assert httpx.get(f"{served.url}/sandbox/statement", timeout=PATIENCE_S, verify=False).status_code == 401
    assert (
        httpx.post(
            f"{served.url}/sandbox/control/decide", json={}, timeout=PATIENCE_S, verify=False
        ).status_code
        == 401
    )


def test_faults_apply_over_http_too(served: Served, connect: Connect, key: str) -> None:
    world = connect("sandbox", served.url)
    request = world.charge_request(world.vaulted())
    faults = Faults(FaultPlan.script({"charge": ["lost_reply", "down"]}), Random(1))
    provider = SandboxProvider(
        Http(f"{served.url}/sandbox", key, faults=faults, clock=world.clock), world.clock
    )
    with pytest.raises(ProviderSilent):
        provider.charge(request)
    with pytest.raises(ProviderDown):
        provider.charge(request)
    assert world.charged(request.key) == [1200]
    with pytest.raises(ValueError, match="need a clock"):
        Http(served.url, key, faults=faults)


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("sandbox/v1/open", b"", 400, "truncated"),
        ("sandbox/v1/open", b"{}", 400, "key"),
        ("sandbox/v1/get", b'{"key":"XY","ref":null}', 400, "$.key"),
        (
            "sandbox/v1/get",
            b'{"key":"%s","ref":null,"now":"2031-01-01T00:00:00"}' % (b"0" * 32),
            400,
            "time zone",
        ),
        ("sandbox/v1/changes", b'{"since":"2031-01-01T00:00:00Z","after":null,"limit":5000}', 400, "$.limit"),
        ("sandbox/v1/open", b'{"x":' + b"[" * 60_000, 400, ""),
        ("sandbox/v1/dance", b"{}", 404, "operation"),
        ("sandbox/control/dance", b"{}", 404, "operation"),
        ("nobank/v1/open", b"{}", 404, "nobank"),
        ("nobank", b"{}", 404, "Not found"),
        ("sandbox/v1/open", b" " * 70_000, 413, ""),
    ],
)
def test_a_malformed_request_is_refused_and_says_why(
    served: Served, key: str, path: str, body: bytes, status: int, says: str
) -> None:
    headers = {"authorization": f"Bearer {key}"}
    response = httpx.post(
        f"{served.url}/{path}", content=body, headers=headers, timeout=PATIENCE_S, verify=False
    )
    assert response.status_code == status
    assert says in response.text


def test_a_payer_passes_or_fails_the_challenge_on_a_page(served: Served, connect: Connect) -> None:
    world = connect("sandbox", served.url)
    for choice, outcome in (("pass", Outcome.SUCCEEDED), ("fail", Outcome.FAILED)):
        asked = world.pay("4000002500003155")
        page = httpx.get(asked.action.url, timeout=PATIENCE_S, verify=False)
        assert "12.00 USD" in page.text
        assert 'value="pass"' in page.text
        done = httpx.post(
            f"{asked.action.url}?return_to=https://shop.test/a%22b",
            data={"choice": choice},
            timeout=PATIENCE_S,
            verify=False,
        )
        assert "https://shop.test/a&quot;b" in done.text
        assert world.provider.get(asked.key, None).outcome is outcome
        assert "The bank says" in httpx.get(asked.action.url, timeout=PATIENCE_S, verify=False).text


def test_a_payer_approves_or_refuses_an_order_on_a_page(served: Served, connect: Connect) -> None:
    world = connect("sandpal", served.url)
    for fields, cause in (
        ({"choice": "approve"}, None),
        ({"choice": "approve", "number": "4000000000009995"}, FailureCause.INSUFFICIENT_FUNDS),
        ({"choice": "refuse"}, FailureCause.CANCELED),
    ):
        opened = world.provider.open(world.request(amount=5, currency="JPY"))
        assert "5 JPY" in httpx.get(opened.action.url, timeout=PATIENCE_S, verify=False).text
        assert httpx.post(opened.action.url, data=fields, timeout=PATIENCE_S, verify=False).status_code == 200
        assert world.provider.confirm(opened.key, opened.ref, None).cause is cause


@pytest.mark.parametrize("bank", ["sandbox", "sandpal"])
def test_a_payer_is_sent_back_to_the_shop(served: Served, connect: Connect, bank: str) -> None:
    world = connect(bank, served.url)
    back = "https://shop.test/paid?order=17"
    for choice in ("pass", "fail") if bank == "sandbox" else ("approve", "refuse"):
        opened = world.provider.open(world.request(return_url=back))
        if bank == "sandbox":
            opened = world.provider.confirm(opened.key, opened.ref, "4000002500003155")
        sent = httpx.post(opened.action.url, data={"choice": choice}, timeout=PATIENCE_S, verify=False)
        assert (sent.status_code, sent.headers["location"]) == (303, back)
        page = httpx.get(opened.action.url, timeout=PATIENCE_S, verify=False)
        assert back in page.text


def test_a_payer_is_not_sent_to_what_is_no_shop(served: Served, connect: Connect) -> None:
    world = connect("sandpal", served.url)
    opened = world.provider.open(world.request(return_url="javascript:alert(1)"))
    sent = httpx.post(opened.action.url, data={"choice": "refuse"}, timeout=PATIENCE_S, verify=False)
    assert sent.status_code == 200
    assert "javascript" not in sent.text


def test_pages_of_nothing_are_not_found_and_odd_buttons_do_nothing(served: Served, connect: Connect) -> None:
    world = connect("sandpal", served.url)
    opened = world.provider.open(world.request())
    for path in (
        "sandpal/approve/x",
        "nobank/approve/x",
        f"sandpal/dance/{opened.ref}",
        "sandbox/challenge/<b>",
    ):
        assert httpx.get(f"{served.url}/{path}", timeout=PATIENCE_S, verify=False).status_code == 404
        assert (
            httpx.post(
                f"{served.url}/{path}", data={"choice": "pass"}, timeout=PATIENCE_S, verify=False
            ).status_code
            == 404
        )
    assert (
        "Approve"
        in httpx.post(opened.action.url, data={"choice": "dance"}, timeout=PATIENCE_S, verify=False).text
    )
    link = httpx.post(
        f"{opened.action.url}?return_to=javascript:alert(1)",
        data={"choice": "refuse"},
        timeout=PATIENCE_S,
        verify=False,
    ).text
    assert "javascript" not in link


def test_the_state_survives_a_restart(
    start: Start, connect: Connect, folder: Path, port: int, key: str
) -> None:
    options = ("--db", str(folder / "bank.db"))
    first = start(port, *options)
    world = connect("sandbox", first.url)
    paid = world.pay()
    debit = world.charge_request(world.vaulted("000123456789"))
    world.provider.charge(debit)
    opened = world.provider.open(world.request())
    refund = world.refund_request(paid, 200)
    world.provider.refund(refund)
    world.control("open_dispute", ref=paid.ref)
    rows = world.rows()
    assert first.stop() == 0

    start(port, *options)
    again = connect("sandbox", first.url, world.clock)
    assert again.rows() == rows
    assert again.provider.get(paid.key, None) == paid
    assert again.provider.refund(refund).key == refund.key
    assert again.rows() == rows
    assert again.provider.confirm(opened.key, opened.ref, "4242424242424242").outcome is Outcome.SUCCEEDED
    assert [one.key for one in again.provider.disputes_since(world.clock())] == [paid.key]
    world.clock.advance(days=3)
    changed = {report.key: report.outcome for report in again.provider.reports_since(world.clock())}
    assert changed == {debit.key: Outcome.SUCCEEDED}
    assert again.provider.charge(debit).outcome is Outcome.PROCESSING, "the first answer is kept in the file"


def test_a_killed_bank_has_lost_nothing_it_answered(
    start: Start, connect: Connect, folder: Path, port: int
) -> None:
    options = ("--db", str(folder / "bank.db"))
    first = start(port, *options)
    world = connect("sandpal", first.url)
    paid = [world.pay() for _ in range(20)]
    first.process.kill()
    first.process.wait()
    start(port, *options)
    again = connect("sandpal", first.url, world.clock)
    assert [again.provider.get(one.key, None) for one in paid] == paid


def test_a_second_bank_on_the_port_is_refused(served: Served, key: str) -> None:
    port = served.url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "solvent.providers.sandbox", "--port", port, "--secret", key]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert (ended.returncode, ended.stderr) == (1, f"port {port} is taken\n")


def test_notifications_arrive_signed_and_are_repeated_until_accepted(start: Start, connect: Connect) -> None:
    got: list[tuple[str, dict[str, str], bytes]] = []

    def receive(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        got.append((handler.path, headers, body))
        _says(503 if len(got) == 1 else 204, b"")(handler, body)

    with _listener(receive) as url:
        bank = start(None, "--notify-url", url + "/notifications/{bank}")
        world = connect("sandpal", bank.url)
        paid = world.pay()
        eventually(lambda: len(got) == 3)  # approved and succeeded, one of them twice
        bank.stop()
    assert {path for path, _, _ in got} == {"/notifications/sandpal"}
    told = [world.provider.parse(headers, body, datetime.now(UTC)) for _, headers, body in got]
    assert {one.key for one in told} == {paid.key}
    assert len({one.id for one in told}) == 2


def test_a_fault_plan_from_a_file_drops_notifications(start: Start, connect: Connect, folder: Path) -> None:
    got: list[bytes] = []

    def receive(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        got.append(body)
        _says(204, b"")(handler, body)

    (folder / "faults.json").write_text('{"scripts": {"notify": ["drop"]}}')
    with _listener(receive) as url:
        bank = start(None, "--notify-url", url, "--faults", str(folder / "faults.json"), "--seed", "7")
        world = connect("sandpal", bank.url)
        world.pay()
        eventually(lambda: bool(got))
        bank.stop()
    assert [b"payment.succeeded" in body for body in got] == [True]
