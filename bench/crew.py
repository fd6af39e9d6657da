"""Crew: several clerks at once.

Owns starting them, giving all of them one order at the same moment, reading their answers, and ending them by their
process ids. Does not own what they do (`clerk`).
"""

import json
import selectors
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.fleet import share_of
from solvent.core.ids import BUCKETS

ANSWER_TIMEOUT_S = 1_800  # the first sweep of a million accounts takes minutes
END_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the crew did: how much, in how long, with how much CPU, and the memory of its hungriest clerk, at the
    start and after a quarter, a half and all of its share, in MB; of a sweep, how many accounts were `read` whole."""

    done: int
    wall_s: float
    cpu_s: float
    memory_mb: tuple[float, ...]
    peak_mb: float
    read: int = 0


class Crew:
    """Clerks that share all buckets evenly."""

    def __init__(self, clerks: Sequence["subprocess.Popen[str]"]) -> None:
        self._clerks = clerks

    def answers(self) -> list[dict[str, Any]]:
        """The next answer of each."""
        return [_answer(clerk) for clerk in self._clerks]

    def do(self, kind: str, buckets: Sequence[int] = range(BUCKETS)) -> Result:
        """Have all of them do one kind of work, each in its share of `buckets`, until nothing of it is due."""
        for number, clerk in enumerate(self._clerks):
            assert clerk.stdin is not None
            share = [b for b in share_of(number, len(self._clerks)) if b in buckets]
            clerk.stdin.write(f"{kind} {json.dumps(share)}\n")
            clerk.stdin.flush()
        answers = self.answers()
        return Result(
            done=sum(a["done"] for a in answers),
            wall_s=max(a["ended"] for a in answers) - min(a["started"] for a in answers),
            cpu_s=sum(a["cpu_s"] for a in answers),
            memory_mb=max(tuple(a["memory_mb"]) for a in answers),
            peak_mb=max(a["peak_mb"] for a in answers),
            read=sum(a.get("read", 0) for a in answers),
        )


@contextmanager
def crew(url: str, workers: int, now: datetime, batch: int, *, vaults: bool = True) -> Iterator[Crew]:
    """`workers` clerks, ready; with the cards of their accounts in their banks, unless they charge nobody."""
    clerks: list[subprocess.Popen[str]] = []
    try:
        for number in range(workers):
            order = {
                "url": url,
                "buckets": share_of(number, workers),
                "now": now.isoformat(),
                "batch": batch,
                "vaults": vaults,
            }
            command = [sys.executable, "-m", "bench.clerk", json.dumps(order)]
            pipe = subprocess.PIPE
            clerks.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True))
        found = Crew(clerks)
        found.answers()
        yield found
    finally:
        for clerk in clerks:
            _end(clerk)


def _answer(clerk: subprocess.Popen[str]) -> dict[str, Any]:
    assert clerk.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(clerk.stdout, selectors.EVENT_READ)
        if not selector.select(ANSWER_TIMEOUT_S):
            raise TimeoutError(f"clerk {clerk.pid} did not answer in {ANSWER_TIMEOUT_S} s")
    line = clerk.stdout.readline()
    if not line:
        raise RuntimeError(f"clerk {clerk.pid} ended with code {clerk.wait(END_TIMEOUT_S)}")
    answer: dict[str, Any] = json.loads(line)
    return answer


def _end(clerk: subprocess.Popen[str]) -> None:
    if clerk.stdin is not None:
        clerk.stdin.close()
    try:
        clerk.wait(END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        clerk.kill()
        clerk.wait(END_TIMEOUT_S)
