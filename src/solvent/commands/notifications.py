"""Notifications: those that were put aside, as the command line shows them and puts them back.

Owns the lines and the input's check. Does not own the inbox (`store.parked`).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from solvent.commands.console import USAGE, CommandError
from solvent.commands.saying import as_json
from solvent.store.parked import count, parked, replay
from solvent.wiring import Solvent


def lines(solvent: Solvent, provider: str | None, *, limit: int, for_programs: bool = False) -> Iterator[str]:
    """The notifications that are put aside, a line each with the reason, and how many there are."""
    _must_be_known(solvent, provider)
    if for_programs:
        yield as_json(parked(solvent.database.pool, provider, limit))
        return
    for each in parked(solvent.database.pool, provider, limit):
        about = f"{each.subject} {each.about or '(of no name)'}"
        yield f"{each.received_at:%Y-%m-%d %H:%M}  {each.provider}  {each.id}  {about}: {each.reason}"
    yield f"{count(solvent.database.pool, provider)} put aside"


def again(
    solvent: Solvent, provider: str | None, ids: Sequence[str], now: datetime, *, every: bool
) -> Iterator[str]:
    """Put back those named, or all; says which. The worker then asks the provider about each."""
    _must_be_known(solvent, provider)
    if every == bool(ids):
        raise CommandError("give the ids of notifications, or --all", USAGE)
    back = replay(solvent.database.pool, provider, ids or None, now)
    missing = sorted(set(ids) - set(back))
    if missing:
        raise CommandError(f"not put aside: {', '.join(missing)}; put back: {len(back)}")
    yield f"{len(back)} put back: the worker looks at them next"


def _must_be_known(solvent: Solvent, provider: str | None) -> None:
    names = solvent.platform.providers.names()
    if provider is not None and provider not in names:
        raise CommandError(f"--provider: must be one of {', '.join(names)}, got {provider!r}", USAGE)
