"""Policy trial: how another policy would have fared on recorded history, as a table or as JSON.

Owns the words and both forms. Does not own the walk (`flows.trying`, `core.replay`).
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from rich.table import Table

from solvent.commands.console import USAGE, CommandError
from solvent.core.history import Window
from solvent.core.ids import spell
from solvent.core.money import format_minor
from solvent.core.replay import GIVEN_UP, LATE, NAMES, RECOVERED, Sum
from solvent.flows.trying import Comparison, try_policies
from solvent.store.histories import StoredHistories
from solvent.store.policy_file import PolicyFile
from solvent.wiring import Solvent

DAYS = 90  # of history, where nothing else is said


def window_of(since: datetime | None, until: datetime | None, now: datetime) -> Window:
    """The window that the options ask for: the last 90 days, unless they say otherwise."""
    end = until or now
    begin = since or end - timedelta(days=DAYS)
    if begin >= end:
        raise CommandError(f"--since: must be before {end:%Y-%m-%dT%H:%M:%SZ}, the end", USAGE)
    return Window(since=begin, until=end)


def trial(solvent: Solvent, found: PolicyFile, window: Window, accounts_max: int) -> Comparison:
    """Try a file's policies, each as if it had always held."""
    tried = {segment: replace(policy, name=found.name) for segment, policy in found.policies.items()}
    histories = StoredHistories(solvent.database.pool)
    return try_policies(solvent.platform, histories, tried, window, accounts_max)


def tables(found: PolicyFile, compared: Comparison) -> Iterator[Table | str]:
    """Both sums side by side, then the first accounts that would have fared otherwise."""
    window = compared.window
    yield (
        f"{found.name} for {', '.join(sorted(found.policies))}, on what happened from {window.since:%Y-%m-%d %H:%M} "
        f"to {window.until:%Y-%m-%d %H:%M} UTC; accounts that owed beyond a due date: {compared.before.walked}"
    )
    yield _sums(compared.before, compared.after)
    if not compared.differing:
        yield "No account would have fared otherwise."
        return
    yield _accounts(compared)
    if compared.differing > len(compared.accounts):
        shown = len(compared.accounts)
        yield f"{compared.differing} would have fared otherwise; --accounts shows more than {shown} of them."


def as_json(found: PolicyFile, compared: Comparison) -> str:
    """The same for programs: amounts in minor units by currency."""
    told = {
        "policy": found.name,
        "segments": sorted(found.policies),
        "since": compared.window.since.isoformat(),
        "until": compared.window.until.isoformat(),
        "in_effect": _plain(compared.before),
        "tried": _plain(compared.after),
        "differing": compared.differing,
        "accounts": [
            {
                "account_id": spell("acc", d.account_id),
                "segment": d.segment,
                "in_effect": d.before,
                "tried": d.after,
                "tries_in_effect": d.tries[0],
                "tries_tried": d.tries[1],
            }
            for d in compared.accounts
        ],
    }
    return json.dumps(told, indent=2)


def _plain(total: Sum) -> dict[str, object]:
    return {
        "owed_beyond_due": total.walked,
        "tries": total.tries,
        "notices": total.notices,
        "accounts": {name.replace(" ", "_"): total.accounts.get(name, 0) for name in NAMES},
        "amounts": {
            name.replace(" ", "_"): total.amounts.get(name, {}) for name in (GIVEN_UP, RECOVERED, LATE)
        },
    }


def _sums(before: Sum, after: Sum) -> Table:
    table = Table()
    table.add_column("would have been")
    for name in ("policy in effect", "this policy", "difference"):
        table.add_column(name, justify="right")
    counts = [(name, before.accounts.get(name, 0), after.accounts.get(name, 0)) for name in NAMES]
    for name, old, new in (
        *counts,
        ("tries", before.tries, after.tries),
        ("notices", before.notices, after.notices),
    ):
        table.add_row(name, str(old), str(new), f"{new - old:+d}" if new != old else "–")
    for name in (GIVEN_UP, RECOVERED, LATE):
        old_amounts, new_amounts = before.amounts.get(name, {}), after.amounts.get(name, {})
        for currency in sorted({*old_amounts, *new_amounts}):
            old, new = old_amounts.get(currency, 0), new_amounts.get(currency, 0)
            difference = format_minor(new - old, currency) if new != old else "–"
            table.add_row(
                f"{name}, {currency}", format_minor(old, currency), format_minor(new, currency), difference
            )
    return table


def _accounts(compared: Comparison) -> Table:
    table = Table()
    for name in ("account", "segment", "policy in effect", "this policy"):
        table.add_column(name, overflow="fold")
    for d in compared.accounts:
        words = [", ".join(part) or "–" for part in (d.before, d.after)]
        told = [f"{word} ({count} tries)" for word, count in zip(words, d.tries, strict=True)]
        table.add_row(spell("acc", d.account_id), str(d.segment), *told)
    return table
