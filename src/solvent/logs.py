"""Logs: what a process of Solvent says while it runs.

Owns the form of a line, and who may say how much: our own modules what they do (info), libraries only what is wrong
(warnings). Does not own where lines go: a process writes to its standard error. No line names a customer but by an id.
"""

import json
import logging
import time
from typing import Literal

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


class Lines(logging.Formatter):
    """For people: the time (UTC), how bad, who, what; a trace below."""

    def __init__(self) -> None:
        super().__init__(FORMAT, MOMENT)
        self.converter = time.gmtime


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
