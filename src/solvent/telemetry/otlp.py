"""OTLP: spans and metrics on their way to a collector, over HTTP.

Owns which exporters there are. Where they send, with which headers, how often and how much is the SDK's own to read:
`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_BSP_SCHEDULE_DELAY` and the others. Does not own what
is sent (`tracing`, `metrics`). Sending has threads of its own: a collector that is away loses spans and delays nobody.
"""

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def span_processor() -> SpanProcessor:
    """Hands spans over in batches; what does not fit into its queue is dropped."""
    return BatchSpanProcessor(OTLPSpanExporter())


def metric_reader() -> MetricReader:
    """Hands all metrics over now and then (`OTEL_METRIC_EXPORT_INTERVAL`)."""
    return PeriodicExportingMetricReader(OTLPMetricExporter())
