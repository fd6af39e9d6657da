"""Patience: how tests wait for what another thread or process does.

Owns the one time limit of waiting, and waiting for a condition itself. The limit is far above what anything takes, for
it ends only what will never be: a machine that is busy with something else must fail no test. Does not own what is
waited for. No test asserts how long something took; what is fast is measured by `make bench`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_S = 300.0
_BETWEEN_S = 0.01

T = TypeVar("T")


def eventually(so: Callable[[], T | None], what: str = "it did not become so") -> T:
    """The first answer of `so` that is true; fails, saying `what`, when there is none in `PATIENCE_S`."""
    until = time.monotonic() + PATIENCE_S
    while not (found := so()):
        assert time.monotonic() < until, what
        time.sleep(_BETWEEN_S)
    return found
