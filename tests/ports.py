"""Ports of loopback that nobody else is given, for servers of tests, and for tests of a server that is not there.

Owns which ports: below those that the system hands to whoever calls, so no caller ever takes one between its choice and
its use, nor later, while a test relies on nobody being there. A lock on a file, held until this process ends, keeps the
other processes of a run from the same port. Does not own what listens.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import socket
import tempfile
from pathlib import Path
from typing import IO

_FIRST, _COUNT = 20_000, 10_000
_LOCKS = Path(tempfile.gettempdir()) / f"solvent-test-ports-{os.getuid()}"
_held: dict[int, IO[bytes]] = {}  # an open file holds its lock
_next = itertools.count(os.getpid() * 61)  # so that processes seldom meet


def free_port(neighbours: int = 0) -> int:
    """A port that nobody listens on and no other test will, with so many above it."""
    _LOCKS.mkdir(exist_ok=True)
    for number in itertools.islice(_next, _COUNT):
        found = range(first := _FIRST + number % (_COUNT - neighbours), first + neighbours + 1)
        if all(_taken(port) for port in found):
            return first
    raise RuntimeError(f"no port from {_FIRST} to {_FIRST + _COUNT} is free")


def _taken(port: int) -> bool:
    """Whether it is ours now, and was nobody's."""
    if port in _held:
        return False
    lock = (_LOCKS / str(port)).open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with socket.socket() as probe:
            probe.bind(("", port))
    except OSError:
        lock.close()
        return False
    _held[port] = lock
    return True
