"""What is handed on, by mail, relay and webhook, goes on with the trace of what caused it, over real SMTP and HTTP."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest

from solvent.commands.mailing import mailer_of
from solvent.commands.webhooks import endpoints_of, webhooks_of
from solvent.config import Settings
from solvent.logs import Objects
from solvent.ports.telemetry import UNDER_WAY
from solvent.relay import HttpSink, Relay, SinkFailed
from solvent.sim import Customer
from solvent.store.embedded import EmbeddedServer
from solvent.telemetry.otlp import span_processor
from solvent.telemetry.tracing import CAUSES_MAX, Tracing
from solvent.wiring import Solvent, build
from tests.flows.acts import DECLINED_LATER, zone
from tests.flows.test_dunning import govern
from tests.mail.post_office import PostOffice, serving
from tests.peers.collector import Collected, Traced, collecting
from tests.peers.http import Call, PeerServer, Reply
from tests.simulation.databases import Databases
from tests.simulation.fragile import FragileWorld

CAUSE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OTHER = "00-1bf7651916cd43dd8448eb211c80319d-c7ad6b7169203332-01"
REFUSING = "/refuses"
BUYERS = {"Ada": DECLINED_LATER, "Ben": "4242424242424242"}  # the first one's second month is not paid


@pytest.fixture(scope="module")
def collected() -> Iterator[Collected]:
    with collecting() as collector, pytest.MonkeyPatch.context() as environment:
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        yield collector


@contextmanager
def receiving() -> Iterator[tuple[str, list[Call]]]:
    """A merchant's server: its address, and what it was sent; one of its paths refuses."""
    calls: list[Call] = []

    def answer(call: Call) -> Reply:
        calls.append(call)
        return Reply(status=400 if call.path == REFUSING else 204)

    server = PeerServer(answer)
    try:
        yield server.url, calls
    finally:
        server.close()


def buys(world: FragileWorld, traced: Solvent, name: str, card: str) -> Customer:
    """A request sells a zone."""
    customer = world.customer(name)
    with traced.platform.telemetry.request("POST", "/v1/changes", None):
        customer.buy(zone(f"{name}.example".lower()), card)
    return customer


@pytest.fixture(scope="module")
def sent(postgres: EmbeddedServer, collected: Collected) -> Iterator[tuple[list[Call], PostOffice]]:
    """What a merchant's server and a post office got of two purchases, a renewal that failed, and a refusal."""
    office = PostOffice()
    with Databases(postgres).one() as url, receiving() as (shop, calls), serving(office) as smtp:
        settings = Settings(otlp="traces", smtp_url=smtp, mail_from="billing@merchant.example", pool_max=4)
        with closing(build(settings, url, watched=True)) as traced, closing(webhooks_of(traced)) as webhooks:
            ids, endpoints = traced.platform.ids, endpoints_of(traced)
            for path in ("/hooks", REFUSING):
                endpoints.add(ids.draw(0), shop + path, ["subscription.started"], "", traced.clock())
            world = FragileWorld(url, process=traced, buckets=(1,))
            govern(world)
            ada, _ = (buys(world, traced, name, card) for name, card in BUYERS.items())
            webhooks.run_once()
            outbox, telemetry = traced.database.outbox, traced.platform.telemetry
            Relay(outbox, HttpSink(f"{shop}/events"), telemetry=telemetry).run_once()
            refusing = HttpSink(shop + REFUSING)
            refusing.name = "refusing"
            with pytest.raises(SinkFailed):
                Relay(outbox, refusing, telemetry=telemetry).run_once()
            world.until(ada.subscription().period.end)
            mailer_of(traced).run_once(world.now + timedelta(hours=2))
        yield calls, office


def parent(call: Call) -> str:
    """The span that a server was told to go on with."""
    return call.headers["traceparent"].split("-")[2]


def of(traced: list[Traced], call: Call) -> Traced:
    (span,) = (s for s in traced if s.id.hex() == parent(call))
    return span


def test_a_webhook_goes_on_with_the_request_that_caused_its_event(
    sent: tuple[list[Call], PostOffice], collected: Collected
) -> None:
    calls, _ = sent
    told = [c for c in calls if c.path == "/hooks"]
    requests = {s.trace for s in collected.named("POST /v1/changes")}
    posts = [of(collected.named("webhook.tell"), call) for call in told]
    assert len(requests) == len(told) == 2
    assert {s.trace for s in posts} == requests
    assert posts[0].attributes == {"solvent.event": "subscription.started", "solvent.ended": "taken"}
    refused = [s for s in collected.named("webhook.tell") if s.failed]
    assert {s.attributes["error.type"] for s in refused} == {"refused"}
    assert {s.trace for s in refused} == requests


def test_a_batch_of_events_of_several_causes_names_each_and_tells_its_receiver_of_itself(
    sent: tuple[list[Call], PostOffice], collected: Collected
) -> None:
    (call,) = (c for c in sent[0] if c.path == "/events")
    batch, requests = of(collected.named("relay.hand_over"), call), collected.named("POST /v1/changes")
    assert batch.links == {s.trace for s in requests}
    assert batch.trace not in batch.links
    assert batch.attributes == {"solvent.bucket": 1, "solvent.events": len(json.loads(call.body))}
    (refused,) = (s for s in collected.named("relay.hand_over") if s.failed)
    assert refused.attributes["error.type"] == "SinkFailed"


def test_a_message_goes_on_with_the_recompute_that_decided_it(
    sent: tuple[list[Call], PostOffice], collected: Collected
) -> None:
    (mail,) = sent[1].taken
    assert "We could not collect" in mail["Subject"]
    (sending,) = collected.named("mail.send")
    assert sending.attributes == {"solvent.message": "payment_failed", "solvent.ended": "sent"}
    assert sending.parent in {s.id for s in collected.spans if s.trace == sending.trace}
    assert "flow.recompute" in {s.name for s in collected.spans if s.trace == sending.trace}


def test_nothing_that_names_a_customer_is_told(
    sent: tuple[list[Call], PostOffice], collected: Collected
) -> None:
    told = b"".join(collected.bodies)
    for name in (b"ada", b"Ada", b"example", b"acc_", b"evt_", b"127.0.0.1", b"/hooks", b"whsec_"):
        assert sent
        assert name not in told, name


def test_what_several_caused_is_a_trace_of_its_own_and_what_one_did_is_of_that(collected: Collected) -> None:
    with closing(Tracing(span_processor())) as tracing, tracing.span("flow.settle"):
        with tracing.caused("relay.hand_over", [CAUSE, CAUSE]):
            mark = UNDER_WAY.get()
            assert mark is not None
            assert mark.split("-")[1] == CAUSE.split("-")[1]
            record = logging.LogRecord("solvent.relay", logging.WARNING, __file__, 1, "away", (), None)
            assert json.loads(Objects().format(record))["span_id"] == mark.split("-")[2]
        with tracing.caused("relay.hand_over", [CAUSE, OTHER]):
            pass
        many = [f"00-{n:032x}-c7ad6b7169203332-01" for n in range(1, CAUSES_MAX + 9)]
        with tracing.caused("webhook.tell", many):
            pass
        with tracing.caused("mail.send", []):
            pass
    assert UNDER_WAY.get() is None
    several = next(s for s in collected.named("relay.hand_over") if OTHER.split("-")[1] in _hex(s.links))
    assert _hex(several.links) == {CAUSE.split("-")[1], OTHER.split("-")[1]}
    assert CAUSES_MAX in {len(s.links) for s in collected.named("webhook.tell")}
    assert any(not s.parent and not s.links for s in collected.named("mail.send"))


def _hex(traces: frozenset[bytes]) -> set[str]:
    return {trace.hex() for trace in traces}


def test_of_a_process_that_makes_no_spans_nothing_goes_on(
    monkeypatch: pytest.MonkeyPatch, collected: Collected
) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    with closing(Tracing(span_processor())) as tracing, tracing.span("flow.settle"):
        assert UNDER_WAY.get() is None
