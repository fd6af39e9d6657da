"""Traces: what a process did, stretch by stretch, as spans of OpenTelemetry.

Owns the spans: their names, attributes and how their failures are told. An attribute is a number or a word of a closed
set (`catalog.SPANS`), a failure is its type: no message, address, token, name or id of a customer. Does not own where
spans go (`otlp`) nor which of them are kept (the SDK's sampler, by `OTEL_TRACES_SAMPLER`).
"""

import time
from collections.abc import Collection
from contextlib import AbstractContextManager
from contextvars import Token
from http import HTTPStatus
from types import TracebackType
from typing import Self

from opentelemetry.context import Context, attach, detach
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, get_current_span, set_span_in_context
from opentelemetry.trace import Span as OpenSpan
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from solvent.ports.telemetry import UNDER_WAY, Span
from solvent.telemetry.process import resource

NS_PER_S = 1_000_000_000
STATUS = "http.response.status_code"
FAILURE = "error.type"
ANSWERED = "answered"
CAUSES_MAX = 128  # that one span names, as the SDK keeps of links
_TRACEPARENT = TraceContextTextMapPropagator()


class _Open:
    """A span under way: what is begun within it, in its thread, is its child."""

    __slots__ = ("_mark", "_span", "_token")

    def __init__(self, span: OpenSpan) -> None:
        self._span = span
        self._token: Token[Context] | None = None
        self._mark: Token[str | None] | None = None

    def __enter__(self) -> Self:
        self._token = attach(set_span_in_context(self._span))
        self._mark = UNDER_WAY.set(_mark_of(self._span))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._token is not None, "left without having been entered"
        assert self._mark is not None, "left without having been entered"
        UNDER_WAY.reset(self._mark)
        detach(self._token)
        if kind is not None:
            _fail(self._span, kind.__name__)
        self._span.end()

    def add(self, name: str, value: str | int) -> None:
        """One attribute; what says how it failed, or a request that failed on our side, is a span that failed."""
        self._span.set_attribute(name, value)
        if name == FAILURE:
            _fail(self._span, str(value))
        if name == STATUS and isinstance(value, int) and value >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _fail(self._span, str(value))


class Tracing:
    """The tracer of one process; its spans are handed to `processor`."""

    def __init__(self, processor: SpanProcessor) -> None:
        self._provider = TracerProvider(resource=resource(), shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("solvent")

    def span(self, name: str) -> AbstractContextManager[Span]:
        """A stretch of work within the one under way; what it raises is told by its type."""
        return _Open(self._tracer.start_span(name))

    def caused(self, name: str, causes: Collection[str]) -> AbstractContextManager[Span]:
        """Work on what was decided before: below its one cause, or in a trace of its own with a link to each."""
        contexts = [
            _TRACEPARENT.extract({"traceparent": cause}, Context()) for cause in dict.fromkeys(causes)
        ]
        if len(contexts) == 1:
            return _Open(self._tracer.start_span(name, contexts[0], SpanKind.CLIENT))
        links = [Link(get_current_span(context).get_span_context()) for context in contexts[:CAUSES_MAX]]
        return _Open(self._tracer.start_span(name, Context(), SpanKind.CLIENT, links=links))

    def request(self, method: str, route: str, parent: str | None) -> AbstractContextManager[Span]:
        """A request, within the caller's trace where it names one."""
        context = _TRACEPARENT.extract({"traceparent": parent}) if parent else Context()
        attributes = {"http.request.method": method, "http.route": route}
        return _Open(
            self._tracer.start_span(f"{method} {route}", context, SpanKind.SERVER, attributes=attributes)
        )

    def provider_called(self, provider: str, call: str, how: str, seconds: float) -> None:
        """A span of a call that is over, within what is under way."""
        end = time.time_ns()
        span = self._tracer.start_span(
            f"provider.{call}",
            kind=SpanKind.CLIENT,
            attributes={"solvent.provider": provider, "solvent.ended": how},
            start_time=end - int(seconds * NS_PER_S),
        )
        if how != ANSWERED:
            _fail(span, how)
        span.end(end)

    def close(self) -> None:
        """Hand over what is still to be exported."""
        self._provider.shutdown()


def _mark_of(span: OpenSpan) -> str | None:
    """A span as the header of W3C Trace Context names it; None of one that the SDK was told not to make."""
    at = span.get_span_context()
    return f"00-{at.trace_id:032x}-{at.span_id:016x}-{at.trace_flags:02x}" if at.is_valid else None


def _fail(span: OpenSpan, how: str) -> None:
    span.set_status(Status(StatusCode.ERROR))
    span.set_attribute(FAILURE, how)
