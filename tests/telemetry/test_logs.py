"""Logs: one line an occurrence, for people or for machines."""

from __future__ import annotations

import json
import logging

from solvent.logs import Lines, Objects
from solvent.ports.telemetry import UNDER_WAY


def _record(message: str, *args: object, error: BaseException | None = None) -> logging.LogRecord:
    told = (type(error), error, error.__traceback__) if error is not None else None
    record = logging.LogRecord("solvent.worker", logging.ERROR, __file__, 1, message, args, told)
    record.created, record.msecs = 1_750_000_000.125, 125.0
    return record


def test_a_line_for_people_has_the_time_of_utc() -> None:
    assert Lines().format(_record("renewed %d", 3)) == "2025-06-15T15:06:40Z ERROR solvent.worker: renewed 3"


def test_an_object_is_one_line_with_the_cause_of_an_error() -> None:
    line = Objects().format(_record("failed:\n%s", "it", error=LookupError("a\nb")))
    assert "\n" not in line
    told = json.loads(line)
    assert (told["at"], told["level"], told["logger"]) == (
        "2025-06-15T15:06:40.125Z",
        "error",
        "solvent.worker",
    )
    assert told["message"] == "failed:\nit"
    assert told["cause"] == "LookupError"
    assert told["trace"].endswith("LookupError: a\nb")


def test_what_is_said_while_something_is_under_way_names_its_trace() -> None:
    before = UNDER_WAY.set("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    try:
        told, line = json.loads(Objects().format(_record("well"))), Lines().format(_record("well"))
    finally:
        UNDER_WAY.reset(before)
    assert (told["trace_id"], told["span_id"]) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    assert line.endswith(" solvent.worker: well (trace 0af7651916cd43dd8448eb211c80319c)")
    assert not {"trace_id", "span_id"} & set(json.loads(Objects().format(_record("well"))))


def test_without_an_error_there_is_no_cause() -> None:
    assert not {"cause", "trace"} & set(json.loads(Objects().format(_record("well"))))
