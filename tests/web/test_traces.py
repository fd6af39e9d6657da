"""Traces and metrics by OTLP: what a serving process tells a collector of its requests, and what it keeps to itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.patience import PATIENCE_S
from tests.peers.collector import Collected, collecting
from tests.ports import free_port
from tests.web.house import (
    BANK_KEY,
    DECLINED,
    GOOD,
    SERVE,
    House,
    process,
    start,
)

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
def collected(house: House) -> Iterator[Collected]:
    """What a collector was given of a process that sold something, was asked nonsense, and ended."""
    with collecting() as collector:
        port = free_port()
        environment = {
            "SOLVENT_PORT": str(port),
            "SOLVENT_SANDBOX_URL": house.bank_url,
            "SOLVENT_SANDBOX_SECRET": BANK_KEY,
            "SOLVENT_OTLP": "all",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=billing",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
            "OTEL_SERVICE_NAME": "our-billing",
        }
        url = f"http://127.0.0.1:{port}"
        with process([sys.executable, "-c", SERVE, house.database_url], environment, f"{url}/v1/healthz"):
            _sell(House(url=url, bank_url="", database_url="", solvent=house.solvent, keys=house.keys))
        yield collector


def _sell(house: House) -> None:
    account = house.account(name="Ada Lovelace", email="ada@private.example")
    house.confirm(house.open(account, start()), GOOD)
    house.confirm(house.open(account, start(thing="zone:other.example")), DECLINED)
    house.client.get(f"/accounts/{account}/entitlements", headers={"traceparent": CALLER})
    house.client.get("/accounts/acc_nobody")
    httpx.get(f"{house.url}/v1/healthz", headers={"traceparent": CALLER}, timeout=PATIENCE_S, verify=False)


def test_a_request_is_a_span_named_by_its_route_with_flows_and_calls_below_it(collected: Collected) -> None:
    opened = collected.named("POST /v1/changes")
    assert len(opened) == 2
    for span in opened:
        assert (span.kind, span.service, span.failed) == ("SPAN_KIND_SERVER", "our-billing", False)
        assert span.attributes == {
            "http.request.method": "POST",
            "http.route": "/v1/changes",
            "http.response.status_code": 201,
        }
        names = {s.name for s in collected.below(span)}
        assert names >= {"flow.open_change", "flow.open_attempt", "provider.open"}
    calls = collected.named("provider.open")
    assert {c.kind for c in calls} == {"SPAN_KIND_CLIENT"}
    assert calls[0].attributes == {"solvent.provider": "sandbox", "solvent.ended": "answered"}


def test_a_declined_payment_is_no_failure_of_anything(collected: Collected) -> None:
    confirmed = collected.named("POST /v1/changes/{change_id}/confirm")
    assert len(confirmed) == 2
    assert [span for top in confirmed for span in (top, *collected.below(top)) if span.failed] == []
    assert collected.named("flow.settle")


def test_a_caller_with_a_key_continues_its_own_trace_and_nobody_else(collected: Collected) -> None:
    (entitled,) = collected.named("GET /v1/accounts/{account_id}/entitlements")
    assert (entitled.trace.hex(), entitled.parent.hex()) == (CALLER.split("-")[1], CALLER.split("-")[2])
    asked = collected.named("GET /v1/healthz")
    assert asked
    assert not any(span.parent for span in asked), "what is open to everybody begins a trace of its own"


def test_nothing_that_names_a_customer_or_opens_a_door_is_told(collected: Collected, house: House) -> None:
    told = b"".join(collected.bodies)
    assert b"POST /v1/changes" in told
    secrets = [
        *house.keys.values(),
        BANK_KEY,
        GOOD,
        DECLINED,
        "Ada",
        "private.example",
    ]
    for secret in [*secrets, "acc_", "att_", "zone:", "test-" + str(os.getpid())]:
        assert secret.encode() not in told, secret
    assert all(span.events == 0 for span in collected.spans), "an exception's message may hold anything"


def test_metrics_go_the_same_way_and_the_sdk_settings_count(collected: Collected) -> None:
    assert {"solvent.http.request.duration", "solvent.queue.depth"} <= collected.metrics
    assert {h["x-tenant"] for h in collected.headers} == {"billing"}
    assert {h["content-encoding"] for h in collected.headers} == {"gzip"}
    assert {h["content-type"] for h in collected.headers} == {"application/x-protobuf"}
