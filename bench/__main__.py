"""``python -m bench``: every figure beside its ceiling, in one table."""

import argparse
import time
from collections.abc import Callable, Mapping

from bench import (
    changes,
    documents,
    entitlements,
    invoices,
    notifications,
    pages,
    recompute,
    renewals,
    usage,
)
from bench.ground import Ground, ground
from bench.meters import machine
from bench.report import Row, table

Bench = Callable[[Ground, argparse.Namespace], list[Row]]

BENCHES: Mapping[str, Bench] = {
    "renewals": lambda place, given: renewals.run(place, given.accounts, given.workers),
    "recompute": lambda place, given: recompute.run(place, given.accounts, given.workers),
    "changes": lambda place, given: changes.run(place, given.seconds),
    "usage": lambda place, given: usage.run(place, given.batches),
    "notifications": lambda place, given: notifications.run(place, given.notifications),
    "invoices": lambda place, given: invoices.run(place, given.invoices, given.workers),
    "entitlements": lambda place, given: entitlements.run(place, given.reading),
    "documents": lambda _place, _given: documents.run(),
    "pages": lambda place, _given: pages.run(place),
}


def main() -> None:
    """Run what was asked for and print the table."""
    given = _options()
    began = time.monotonic()
    rows: list[Row] = []
    for name, bench in BENCHES.items():
        if given.only in (None, name):
            with ground() as place:
                rows += bench(place, given)
    print(f"\n{machine()}; whole run {time.monotonic() - began:.0f} s\n\n{table(rows)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Figures beside their ceilings.")
    parser.add_argument("--only", choices=sorted(BENCHES), help="one of the benchmarks")
    parser.add_argument(
        "--accounts",
        type=int,
        default=100_000,
        help="accounts to renew, or to recompute (default %(default)s)",
    )
    parser.add_argument("--workers", type=int, default=2, help="worker processes (default %(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=15.0, help="seconds of changes (default %(default)s)"
    )
    parser.add_argument(
        "--reading", type=float, default=8.0, help="seconds of each kind of reading (default %(default)s)"
    )
    parser.add_argument(
        "--batches",
        type=int,
        default=usage.BATCHES,
        help="batches of 10,000 usage events (default %(default)s)",
    )
    parser.add_argument(
        "--notifications",
        type=int,
        default=notifications.COUNT,
        help="notifications of a provider (default %(default)s)",
    )
    parser.add_argument(
        "--invoices", type=int, default=invoices.INVOICES, help="invoices to issue (default %(default)s)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
