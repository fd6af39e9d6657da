"""Fleet: recomputing every account, by several processes, with a bar that shows how far it is.

Owns the processes, their shares of the buckets and the words. Does not own the sweep of a bucket (`flows.fleet`) nor
the record of how far it got (`store.sweeps`).
"""

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from multiprocessing.context import SpawnProcess
from multiprocessing.queues import Queue
from queue import Empty
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from solvent.commands.console import CommandError
from solvent.config import Settings
from solvent.core.ids import BUCKETS, spell
from solvent.flows.fleet import Swept, sweep_bucket
from solvent.garbage import collect_rarely
from solvent.store.sweeps import Begun, Sweeps
from solvent.wiring import Solvent, build

ANSWER_TIMEOUT_S = 5.0
END_TIMEOUT_S = 10.0

Answer = tuple[int, Swept | str]  # a bucket with what was found in it, or with what went wrong


class Order(NamedTuple):
    """What one process is to do."""

    settings: Settings
    url: str
    buckets: Sequence[int]
    observe: bool


def sweep_all(
    solvent: Solvent, url: str, console: Console, *, workers: int, observe: bool = False, anew: bool = False
) -> Swept:
    """Look at every account with `workers` processes; what was found. Interrupted, it goes on where it was; with
    `observe` nothing is written, so it begins anew each time."""
    now, sweeps = solvent.clock(), Sweeps(solvent.database.pool)
    begun = Begun(began_at=now, left=range(BUCKETS)) if observe else sweeps.begin(now, anew=anew)
    if begun.resumed:
        console.print(f"goes on with the sweep of {begun.began_at:%Y-%m-%d %H:%M} UTC")
    found = Swept()
    with _bar(console) as bar:
        task = bar.add_task("", total=BUCKETS, completed=BUCKETS - len(begun.left), found=_figures(found))
        for bucket, swept in _answers(solvent, url, begun.left, workers, observe=observe):
            if not observe:
                sweeps.ended(bucket, begun.began_at, solvent.clock())
            found += swept
            bar.update(task, advance=1, found=_figures(found))
    return found


def lines(found: Swept, *, observe: bool) -> Iterator[str]:
    """What a sweep found, in words."""
    yield _figures(found)
    if found.contradicted:
        yield f"{found.contradicted:,} whose stores contradict each other"
    if found.drifted:
        yield f"{found.drifted:,} had other entitlements than the facts say"
    if found.examples:
        yield "would be changed:" if observe else "were changed:"
        yield from (f"  {spell('acc', account)}" for account in found.examples)
    if found.restless > len(found.examples):
        yield f"  and {found.restless - len(found.examples):,} more"
    if found.broken:
        yield "cannot be swept:"
        yield from (f"  {spell('acc', account)}: {reason}" for account, reason in found.broken)


def _figures(found: Swept) -> str:
    return f"{found.accounts:,} accounts, {found.read:,} read whole, {found.restless:,} not at rest"


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("buckets"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[found]}"),
        console=console,
        transient=True,
    )


def _answers(
    solvent: Solvent, url: str, buckets: Sequence[int], workers: int, *, observe: bool
) -> Iterator[tuple[int, Swept]]:
    """What is found in each bucket, as it is found: by this process alone, or by several."""
    if workers == 1:
        for bucket in buckets:
            yield bucket, _sweep(solvent, bucket, solvent.clock(), observe=observe)
        return
    shares = [buckets[n::workers] for n in range(min(workers, len(buckets)))]
    orders = [Order(solvent.settings, url, share, observe) for share in shares]
    with _crew(orders) as (answers, processes):
        for _ in buckets:
            bucket, swept = _next(answers, processes)
            if isinstance(swept, str):
                raise CommandError(f"bucket {bucket}: {swept}")
            yield bucket, swept


@contextmanager
def _crew(orders: Sequence[Order]) -> Iterator[tuple["Queue[Answer]", list[SpawnProcess]]]:
    context = multiprocessing.get_context("spawn")
    answers: Queue[Answer] = context.Queue()
    processes = [context.Process(target=_work, args=(order, answers), daemon=True) for order in orders]
    try:
        for process in processes:
            process.start()
        yield answers, processes
    finally:
        for process in processes:
            process.terminate()
            process.join(END_TIMEOUT_S)


def _next(answers: "Queue[Answer]", processes: Sequence[SpawnProcess]) -> Answer:
    """The next answer; a process that ended without one is an error, not a reason to wait for ever."""
    while True:
        died = [p for p in processes if p.exitcode]
        try:
            return answers.get(timeout=ANSWER_TIMEOUT_S)
        except Empty:
            if died:
                code = died[0].exitcode
                raise CommandError(f"a process of the sweep ended with code {code}; start it again") from None


def _work(order: Order, answers: "Queue[Answer]") -> None:
    """One process: sweep its share of the buckets, and say of each what was found."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    collect_rarely()
    with closing(build(order.settings, order.url)) as solvent:
        for bucket in order.buckets:
            try:
                answers.put((bucket, _sweep(solvent, bucket, solvent.clock(), observe=order.observe)))
            except Exception as error:  # noqa: BLE001 -- told by the process that the user sees
                answers.put((bucket, f"{type(error).__name__}: {' '.join(str(error).split())}"))
                return


def _sweep(solvent: Solvent, bucket: int, now: datetime, *, observe: bool) -> Swept:
    return sweep_bucket(solvent.platform, bucket, now, solvent.settings.worker_batch, observe=observe)
