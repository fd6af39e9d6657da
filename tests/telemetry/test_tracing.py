"""Spans of workers and flows, on their way to a collector over HTTP; and what is made where nobody follows."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import solvent
from solvent.config import Settings
from solvent.core.ids import bucket_of
from solvent.ports.telemetry import NOTHING, SILENCE
from solvent.providers.boundary import boundary, keeping
from solvent.sim import World
from solvent.sim.stories.goods import zone_plan
from solvent.store.embedded import EmbeddedServer
from solvent.telemetry import SPANS, Metrics
from solvent.telemetry.otlp import span_processor
from solvent.telemetry.tracing import Tracing
from solvent.wiring import ThreadSpread, build
from solvent.worker import WORK, Worker
from tests.peers.collector import Collected, collecting
from tests.simulation.databases import Databases

DOCUMENT = Path(__file__).parents[2] / "docs" / "observability.md"
START = datetime(2027, 1, 10, 9, tzinfo=UTC)
SOURCES = Path(solvent.__file__).parent


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collected]:
    with collecting() as collected:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collected.url)
        yield collected


@pytest.fixture
def tracing(collector: Collected) -> Iterator[Tracing]:
    with closing(Tracing(span_processor())) as opened:
        yield opened


def test_a_workers_batch_is_a_span_with_its_flows_below_it(
    postgres: EmbeddedServer, collector: Collected
) -> None:
    now = [START]
    with (
        Databases(postgres).one() as url,
        closing(build(Settings(otlp="traces"), url, clock=lambda: now[0], watched=True)) as traced,
    ):
        world = World(traced, start=START, seed=1, buckets=[1])
        ada = world.customer("Ada")
        ada.buy(zone_plan("a.example"))
        now[0] = START + timedelta(days=31)
        Worker(traced).run_once(now[0])
    (renewed,) = collector.named("work.renew")
    assert renewed.attributes == {"solvent.bucket": bucket_of(ada.id), "solvent.done": 1}
    assert {"flow.charge", "flow.settle"} <= {s.name for s in collector.below(renewed)}
    recomputed = [s for s in collector.named("flow.recompute") if s.attributes["solvent.accounts"]]
    assert {s.name for s in collector.below(recomputed[0])} >= {"recompute.read", "recompute.assess"}
    assert {s.service for s in collector.spans} == {"solvent"}
    assert not any(s.failed for s in collector.spans)


def test_what_is_raised_is_told_by_its_type_alone(collector: Collected, tracing: Tracing) -> None:
    with pytest.raises(LookupError), tracing.span("flow.settle"), tracing.span("flow.charge"):
        raise LookupError("ada@private.example")
    with tracing.request("GET", "/v1/kpis", None) as request:
        request.add("http.response.status_code", 503)
    tracing.provider_called("stripe", "charge", "silent", 7.0)
    tracing.close()
    assert {s.name: s.attributes.get("error.type") for s in collector.spans} == {
        "flow.charge": "LookupError",
        "flow.settle": "LookupError",
        "GET /v1/kpis": "503",
        "provider.charge": "silent",
    }
    assert all(s.failed for s in collector.spans)
    assert b"private.example" not in b"".join(collector.bodies)


def test_calls_of_several_threads_are_below_the_flow_that_spread_them(
    collector: Collected, tracing: Tracing
) -> None:
    def call(n: int) -> int:
        tracing.provider_called("stripe", "charge", "answered", 0.01)
        return n

    with tracing.span("flow.charge"):
        assert ThreadSpread(4)(call, [1, 2, 3]) == [1, 2, 3]
    tracing.close()
    (flow,) = collector.named("flow.charge")
    assert [s.parent for s in collector.named("provider.charge")] == [flow.id] * 3


def test_of_a_trace_that_the_sampler_leaves_out_nothing_is_sent(
    collector: Collected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0")
    with closing(Tracing(span_processor())) as tracing, tracing.span("flow.settle") as span:
        span.add("solvent.accounts", 1)
        tracing.provider_called("stripe", "charge", "answered", 0.01)
    assert collector.bodies == []


def test_a_collector_that_refuses_loses_spans_and_nothing_else(
    collector: Collected, tracing: Tracing
) -> None:
    collector.status = 400
    with tracing.span("flow.settle"):
        pass
    tracing.close()
    assert len(collector.bodies) == 1, "nothing is sent again to who refuses it, so nobody waits"


def test_switched_off_no_exporter_is_loaded_and_no_span_is_made(postgres: EmbeddedServer) -> None:
    with closing(build(Settings(), postgres.url("postgres"), watched=True)) as quiet:
        telemetry = quiet.platform.telemetry
        assert isinstance(telemetry, Metrics)
        assert telemetry.span("flow.settle") is telemetry.request("GET", "/", None) is NOTHING
        assert SILENCE.span("flow.settle") is SILENCE.request("GET", "/", None) is NOTHING
        assert telemetry.caused("mail.send", []) is SILENCE.caused("mail.send", []) is NOTHING


def test_every_span_is_documented_and_no_other() -> None:
    source = "".join(path.read_text() for path in sorted(SOURCES.rglob("*.py")))
    flows = {f"flow.{name}" for name in re.findall(r'@traced\("(\w+)"\)', source)}
    said = set(re.findall(r'\.(?:span|caused)\(\s*"([\w.]+)"', source))
    calls = {
        f"provider.{n}"
        for n in re.findall(
            r'self\._(?:act|look|guarded)\(\s*"(\w+)"',
            inspect.getsource(boundary) + inspect.getsource(keeping),
        )
    }
    work = {f"work.{name}" for name in (*WORK, "poll", "statement")}
    assert flows | said | calls | work == set(SPANS)
    for name in SPANS:
        assert f"`{name}`" in DOCUMENT.read_text(), name
