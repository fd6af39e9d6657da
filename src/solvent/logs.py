"""Logs: what a process of Solvent says while it runs.

Owns the form of a line, and who may say how much: our own modules what they do (info), libraries only what is wrong
(warnings). Does not own where lines go: a process writes to its standard error. No line names a customer but by an id;
what is said while somebody follows what is under way (`telemetry`) names its trace.
"""

import json
import logging
import time
from typing import Literal

from solvent.ports.telemetry import UNDER_WAY

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def _under_way() -> dict[str, str]:
    """The trace and the span of what is under way in this thread, by the names that OpenTelemetry gives them."""
    mark = UNDER_WAY.get()
    if mark is None:
        return {}
    _, trace_id, span_id, _ = mark.split("-")
    return {"trace_id": trace_id, "span_id": span_id}


class Lines(logging.Formatter):
    """For people: the time (UTC), how bad, who, what, and in which trace; what was raised stands below."""

    def __init__(self) -> None:
        super().__init__(FORMAT, MOMENT)
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- the library's name
        """One line, with its trace behind it where there is one."""
        here = _under_way()
        return super().formatMessage(record) + (f" (trace {here['trace_id']})" if here else "")


class Objects(logging.Formatter):
    """For machines: one JSON object a line; `cause` is the type of an error, by which real faults are grouped."""

    def __init__(self) -> None:
        super().__init__(None, MOMENT)
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the message and the trace hold."""
        told: dict[str, object] = {
            "at": f"{self.formatTime(record, self.datefmt)[:-1]}.{record.msecs:03.0f}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "thread": record.threadName,
            "message": record.getMessage(),
            **_under_way(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            told["cause"] = record.exc_info[0].__name__
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def configure(form: Literal["text", "json"] = "text") -> None:
    """To be called by whoever runs the process, and again when its settings are read. Times are UTC."""
    formatter = Lines() if form == "text" else Objects()
    ours = [h for h in logging.getLogger().handlers if isinstance(h.formatter, Lines | Objects)]
    for handler in ours or [logging.StreamHandler()]:
        handler.setFormatter(formatter)
        if not ours:
            logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("solvent").setLevel(logging.INFO)
