"""A collector of OpenTelemetry, as a local server: takes OTLP over HTTP and keeps what it was given.

Owns the decoding, by the protocol's own messages. Owns no expectation.
"""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from google.protobuf.message import Message
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.peers.http import Call, PeerServer, Reply

PROTOBUF = "application/x-protobuf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """A span as it arrived."""

    service: str
    name: str
    kind: str
    attributes: dict[str, str | int]
    id: bytes
    parent: bytes
    trace: bytes
    links: frozenset[bytes]  # the traces that it names
    failed: bool
    events: int


@dataclass
class Collected:
    """What came: spans, names of metrics, headers and bodies."""

    url: str = ""
    status: int = 200
    spans: list[Traced] = field(default_factory=list)
    metrics: set[str] = field(default_factory=set)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def named(self, name: str) -> list[Traced]:
        """The spans of that name."""
        return [span for span in self.spans if span.name == name]

    def below(self, span: Traced) -> list[Traced]:
        """What was under way within it, at any depth."""
        children = [s for s in self.spans if s.parent == span.id]
        return [*children, *(s for child in children for s in self.below(child))]


@contextmanager
def collecting() -> Iterator[Collected]:
    """A collector for as long as the block."""
    collected = Collected()

    def answer(call: Call) -> Reply:
        body = gzip.decompress(call.body) if call.headers.get("content-encoding") == "gzip" else call.body
        collected.headers.append(dict(call.headers))
        collected.bodies.append(body)
        if call.path == "/v1/traces":
            collected.spans += _spans(ExportTraceServiceRequest.FromString(body))
        elif call.path == "/v1/metrics":
            collected.metrics |= _metrics(ExportMetricsServiceRequest.FromString(body))
        else:
            return Reply(status=404)
        return Reply(status=collected.status, body=b"", headers={"content-type": PROTOBUF})

    server = PeerServer(answer)
    collected.url = server.url
    try:
        yield collected
    finally:
        server.close()


def _spans(request: ExportTraceServiceRequest) -> Iterator[Traced]:
    for told in request.resource_spans:
        service = str(_attributes(told.resource.attributes)["service.name"])
        for span in (span for scope in told.scope_spans for span in scope.spans):
            yield Traced(
                service=service,
                name=span.name,
                kind=Span.SpanKind.Name(span.kind),
                attributes=_attributes(span.attributes),
                id=span.span_id,
                parent=span.parent_span_id,
                trace=span.trace_id,
                links=frozenset(link.trace_id for link in span.links),
                failed=span.status.code == Status.STATUS_CODE_ERROR,
                events=len(span.events),
            )


def _attributes(pairs: list[KeyValue]) -> dict[str, str | int]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> str | int:
    return int(value.int_value) if value.HasField("int_value") else str(value.string_value)


def _metrics(request: Message) -> set[str]:
    return {
        metric.name
        for told in request.resource_metrics
        for scope in told.scope_metrics
        for metric in scope.metrics
    }
