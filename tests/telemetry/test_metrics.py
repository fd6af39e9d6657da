"""Metrics: what a process counts, and what of the database it shows, as Prometheus reads it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from solvent.ports.telemetry import Observed
from solvent.telemetry import COUNTERS, GAUGES, HISTOGRAMS, Metrics
from solvent.telemetry.metrics import FRESH_S

DOCUMENT = Path(__file__).parents[2] / "docs" / "observability.md"
ALARMS = DOCUMENT.parents[1] / "deploy" / "prometheus" / "alarms.yaml"
EVERY = (*COUNTERS, *HISTOGRAMS, *GAUGES)


def lines(metrics: Metrics) -> list[str]:
    return [line for line in metrics.page().decode().splitlines() if not line.startswith("#")]


def test_work_requests_and_calls_are_counted_by_their_labels() -> None:
    metrics = Metrics()
    metrics.worked("renew", 40, 0.2)
    metrics.worked("renew", 0, 0.001)
    metrics.failed("process")
    metrics.requested("quote", 200, 0.003)
    metrics.provider_called("sandbox", "charge", "silent", 7.0)
    shown = lines(metrics)
    assert 'solvent_work_done_total{work="renew"} 40.0' in shown
    assert 'solvent_work_duration_seconds_count{work="renew"} 2.0' in shown
    assert 'solvent_work_failures_total{work="process"} 1.0' in shown
    assert (
        'solvent_http_request_duration_seconds_bucket{endpoint="quote",le="0.005",status="200"} 1.0' in shown
    )
    assert 'solvent_provider_call_duration_seconds_sum{ended="silent",provider="sandbox"} 7.0' in shown


def test_states_are_read_once_in_a_while_however_often_they_are_asked_for() -> None:
    now, reads = [100.0], []

    def observe() -> list[Observed]:
        reads.append(now[0])
        return [Observed("solvent.attempts.open", ("unknown",), len(reads))]

    metrics = Metrics(observe, clock=lambda: now[0])
    assert 'solvent_attempts_open{state="unknown"} 1.0' in lines(metrics)
    assert 'solvent_attempts_open{state="unknown"} 1.0' in lines(metrics)
    now[0] += FRESH_S
    assert 'solvent_attempts_open{state="unknown"} 2.0' in lines(metrics)
    assert reads == [100.0, 100.0 + FRESH_S]


def test_what_cannot_be_read_is_not_shown_and_the_rest_is(caplog: pytest.LogCaptureFixture) -> None:
    def observe() -> list[Observed]:
        raise OSError("away")

    metrics = Metrics(observe)
    metrics.failed("renew")
    shown = lines(metrics)
    assert 'solvent_work_failures_total{work="renew"} 1.0' in shown
    assert not any(line.startswith("solvent_attempts_open") for line in shown)
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize("metric", EVERY, ids=lambda metric: metric.name)
def test_every_metric_is_documented_with_its_labels(metric: object) -> None:
    name, labels, means = (getattr(metric, field) for field in ("name", "labels", "means"))
    rows = re.findall(rf"^\| `{re.escape(name)}` \|(.*)$", DOCUMENT.read_text(), re.MULTILINE)
    assert len(rows) == 1, f"{name} has one row in docs/observability.md"
    assert means in rows[0]
    assert re.findall(r"`(\w+)`", rows[0].split("|")[0]) == list(labels)


def test_no_other_metric_is_documented() -> None:
    documented = re.findall(r"^\| `(solvent\.[\w.]+)` \|", DOCUMENT.read_text(), re.MULTILINE)
    assert sorted(documented) == sorted(metric.name for metric in EVERY)


def test_alarms_ask_for_metrics_that_there_are() -> None:
    metrics = Metrics(lambda: [Observed(g.name, tuple("x" for _ in g.labels), 1.0) for g in GAUGES])
    metrics.provider_called("sandbox", "charge", "down", 1.0)
    shown = {line.partition("{")[0].partition(" ")[0] for line in lines(metrics)}
    asked = set(re.findall(r"\bsolvent_\w+", ALARMS.read_text()))
    assert asked
    assert asked <= shown
