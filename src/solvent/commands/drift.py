"""Drift: in what stores contradict each other, as the command line shows it.

Owns the words, and the input's check. Does not own what drift is (`core.drift`) nor the looking (`flows.drift`).
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from rich.console import Console
from rich.progress import Progress

from solvent.commands.console import USAGE, CommandError
from solvent.commands.engine import caps_said
from solvent.commands.saying import as_json
from solvent.core.drift_kinds import KINDS, LOOKED_FOR, DriftKind
from solvent.core.ids import BUCKETS, InvalidId, bucket_of, parse, spell
from solvent.flows.drift import ask_providers, look, look_on
from solvent.store import engine as stored
from solvent.store.drift import DriftReads, WhichDrift
from solvent.web.drift_views import DriftPage, LookView
from solvent.web.handlers.drift import ages_view, drift_view
from solvent.wiring import Solvent

AGE = re.compile(r"([1-9][0-9]{0,4})([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
PAGES_MAX = 1_000_000  # of one bucket, in one look


def lines(
    solvent: Solvent,
    account: str | None,
    kind: str | None,
    older_than: str | None,
    *,
    gone: bool,
    limit: int,
    for_programs: bool = False,
) -> Iterator[str]:
    """What was seen and is not gone: the gauge by kind, then a line and its evidence for each."""
    reads, now = DriftReads(solvent.database.pool), solvent.clock()
    which = WhichDrift(
        account=None if account is None else account_of(solvent, account),
        kind=None if kind is None else _kind(kind),
        before=None if older_than is None else now - _age(older_than),
        gone=gone,
    )
    ages, found, (buckets, oldest) = reads.ages(now), reads.page(which, None, limit), reads.looked()
    if for_programs:
        shown, look_ = [drift_view(row) for row in found], LookView(buckets=buckets, oldest_at=oldest)
        yield as_json(DriftPage(data=shown, next=None, ages=[ages_view(age) for age in ages], look=look_))
        return
    for age in ages:
        yield (
            f"{age.kind}: {age.accounts} accounts; {age.hour} for less than an hour, {age.day} less than a day, "
            f"{age.week} less than a week, {age.older} longer"
        )
    for row in found:
        until = "" if row.gone_at is None else f", gone {row.gone_at:%Y-%m-%d %H:%M}"
        yield f"{spell('acc', row.account_id)}  {row.kind}  since {row.first_seen_at:%Y-%m-%d %H:%M} UTC{until}"
        yield f"  {row.evidence}; {KINDS[DriftKind(row.kind)].done}"
    if not found:
        yield "no drift was seen"
    with solvent.database.transaction() as connection:
        yield from caps_said([used for used in stored.used(connection, now) if used.waiting])
    when = "" if oldest is None else f", the first of them at {oldest:%Y-%m-%d %H:%M} UTC"
    yield f"looked at every account of {buckets} of {BUCKETS} buckets{when}"


def look_at_all(solvent: Solvent, console: Console) -> int:
    """Look at every account now, with a bar; how many had to be read whole."""
    DriftReads(solvent.database.pool).begin(range(BUCKETS), solvent.clock())
    batch, total = solvent.settings.worker_batch, 0
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("buckets", total=BUCKETS)
        for bucket in range(BUCKETS):
            for _ in range(PAGES_MAX):
                seen = look_on(solvent.platform, bucket, solvent.clock(), batch)
                total += seen
                if seen < batch:
                    break
            bar.update(task, advance=1)
    return total


def look_at_one(solvent: Solvent, account: str) -> None:
    """Look at one account now, and ask its providers."""
    account_id, now = account_of(solvent, account), solvent.clock()
    look(solvent.platform, bucket_of(account_id), [account_id], now)
    ask_providers(solvent.platform, account_id, now)


def account_of(solvent: Solvent, account: str) -> UUID:
    """The id behind an account's spelling; there must be one."""
    try:
        account_id = parse("acc", account)
    except InvalidId as error:
        raise CommandError(f"ACCOUNT: {error}, got {account!r}", USAGE) from None
    with solvent.platform.store.look() as tx:
        if tx.accounts.view(account_id) is None:
            raise CommandError(f"no account {account}")
    return account_id


def _kind(kind: str) -> DriftKind:
    if kind not in set(DriftKind):
        raise CommandError(f"--kind: must be one of {', '.join(sorted(LOOKED_FOR))}, got {kind!r}", USAGE)
    return DriftKind(kind)


def _age(text: str) -> timedelta:
    match = AGE.fullmatch(text)
    if match is None:
        raise CommandError(
            f"--older-than: must be minutes, hours or days, as 90m, 12h or 2d, got {text!r}", USAGE
        )
    return timedelta(**{UNITS[match[2]]: int(match[1])})
