"""Books: the trial balance of a story and the laws, as they stand at its end and in between.

Owns their spelling. Does not own how either comes about (`store.closing`, `audit`).
"""

from __future__ import annotations

from datetime import datetime

from solvent.audit import Finding, by_law, closing, fleet
from solvent.core.closing import Balance
from solvent.core.money import format_minor
from solvent.sim import World
from solvent.store import laws
from solvent.store.closing import EVERYBODY, balance_at, snapshot
from tests.scenarios.telling.diary import WIDTH, column

DEBIT = WIDTH - len("          credit")


def trial_balance(world: World, at: datetime) -> list[str]:
    """Every ledger account with what it holds of everything before the moment, in its debit or its credit column."""
    with snapshot(world.database.pool) as connection:
        balance = balance_at(connection, at, world.platform.convention.granularity, EVERYBODY)
    lines = []
    for books, total in sorted(balance.sums().items()):
        assert total == 0, f"the trial balance of {books} sums to {total}"
        lines.append(column(4, f"trial balance of {' in '.join(books)}", "debit          credit"))
        lines += [_line(b) for b in balance.balances if (b.entity, b.currency) == books]
    return lines or ["    no posting"]


def _line(balance: Balance) -> str:
    name = balance.account.replace("_", " ")
    if balance.credit:
        return column(6, name, format_minor(balance.credit, balance.currency))
    return column(6, name, format_minor(balance.debit, balance.currency), end=DEBIT)


def violations(world: World) -> dict[str, int]:
    """Every law over the whole database, which holds this story alone: how often it does not hold."""
    found: list[Finding] = [*closing(world.database, world.platform, world.now), *world.agreement()]
    found += fleet(world.database, world.platform, world.now, world.buckets)
    with world.database.pool.connection() as connection:
        stated = laws.violations(connection, world.now)
        found += [Finding(law=law.law, says=law.says, violations=count) for law, count in stated]
    return by_law(found)


def every_law(world: World) -> str:
    """The line with which a story ends."""
    return "    " + " · ".join(f"{law} {count}" for law, count in violations(world).items())
