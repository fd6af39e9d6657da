"""Telemetry: what a process counts and measures, for OpenTelemetry and Prometheus.

Owns the names of all metrics and spans (`catalog`), the counting of what flows and edges tell (`metrics`), its traces
(`tracing`), their export (`otlp`), and who of them listens in a process (`watch`). Does not own what
is told (`ports.telemetry`) nor the states that are read from the database (`store.gauges`).
"""

from solvent.telemetry.catalog import COUNTERS, GAUGES, HISTOGRAMS, SPANS, Metric
from solvent.telemetry.metrics import Metrics

__all__ = ["COUNTERS", "GAUGES", "HISTOGRAMS", "SPANS", "Metric", "Metrics"]
