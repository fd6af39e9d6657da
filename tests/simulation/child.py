"""Child: walks paths in processes of their own, each of which kills itself at a chosen boundary.

Owns a small server on standard input and output: an order a line, an answer a line. It imports everything once and
forks for each order, so that a process costs milliseconds. Nothing in a forked process knows of another.

Run as ``python -m tests.simulation.child``.
"""

import os
import signal
import sys
from datetime import datetime
from uuid import UUID

import msgspec

from solvent.config import Settings
from solvent.wiring import build
from tests.simulation.crashing import Boundaries, Mishap, Trouble, fragile, kill_process
from tests.simulation.paths import PATHS


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Walk `path` for an account at `now`, and die at the `at`-th boundary. `bank` is an address, `secret` its key."""

    path: str
    account: UUID
    now: datetime
    at: int
    url: str
    bank: str
    secret: str


def walk(order: Order) -> None:
    """What the forked process does; it returns only if the path has fewer boundaries."""
    settings = Settings(sandbox_url=order.bank, sandbox_secret=order.secret, pool_max=2)
    solvent = build(settings, order.url, clock=lambda: order.now)
    boundaries = Boundaries(die=kill_process)
    boundaries.arm(Mishap(Trouble.KILLED, order.at))
    PATHS[order.path].act(fragile(solvent.platform, boundaries), order.account, order.now)


def fate(status: int) -> str:
    """How the forked process ended."""
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return "killed"
    return "walked" if status == 0 else f"failed with {status}"


def main() -> None:
    """Serve orders until standard input ends."""
    for line in sys.stdin:
        order = msgspec.json.decode(line, type=Order)
        child = os.fork()
        if child == 0:
            try:
                walk(order)
            except BaseException:  # noqa: BLE001 - a forked process must end here, whatever happened
                sys.excepthook(*sys.exc_info())
                sys.stderr.flush()
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(fate(status), flush=True)


if __name__ == "__main__":
    main()
