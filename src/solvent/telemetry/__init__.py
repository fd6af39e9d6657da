"""Telemetry: what a process counts and measures, for OpenTelemetry and Prometheus.

Owns the names of all metrics (`catalog`) and the counting of what flows and edges tell (`metrics`). Does not own what
is told (`ports.telemetry`) nor the states that are read from the database (`store.gauges`).
"""

from solvent.telemetry.catalog import COUNTERS, GAUGES, HISTOGRAMS, Metric
from solvent.telemetry.metrics import Metrics

__all__ = ["COUNTERS", "GAUGES", "HISTOGRAMS", "Metric", "Metrics"]
