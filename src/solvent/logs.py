"""Logs: what a process of Solvent says while it runs.

Owns the form of a line, and who may say how much: our own modules what they do (info), libraries only what is wrong
(warnings). Does not own where lines go: a process writes to its standard error.
"""

import logging
import time

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def configure() -> None:
    """To be called once, by whoever runs the process. Times are UTC."""
    formatter = logging.Formatter(FORMAT, MOMENT)
    formatter.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("solvent").setLevel(logging.INFO)
