"""Audit: every law, L1 to L11, against a live database and the installed code.

Owns the gathering of all predicates into one list: those that are SQL (`store.laws`), L4 and L7 by the reports that
finance reads (`store.closing`), L6 and L10 over the whole fleet with the recompute's own functions, and L11 over the
names in the package. Does not own any of the predicates' rules, and changes nothing. `solvent check`, the demo and the
simulation run it.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from solvent.core.health import Assessment
from solvent.core.ids import BUCKETS
from solvent.core.snapshot import Standing
from solvent.flows.platform import Platform
from solvent.flows.recompute import gather
from solvent.flows.usage import overlooked
from solvent.store.closing import misaged, snapshot, unbalanced
from solvent.store.database import Database
from solvent.store.fleet import inhabited, pages_at_rest, still_at_rest
from solvent.store.laws import violations

PACKAGE = Path(__file__).parent
INVERSE = re.compile(r"_*(undo|revert|rollback|compensate)", re.IGNORECASE)
_WORDS = re.compile(rb"undo|revert|rollback|compensate", re.IGNORECASE)

TITLES = {
    "L1": "nothing paid, granted or issued without a proof",
    "L2": "one plan commits once, one debt is charged once",
    "L3": "every succeeded payment is used once, or returned",
    "L4": "the ledger balances",
    "L5": "notifications and polls converge: nothing waits",
    "L6": "recompute twice is recompute once",
    "L7": "total less credits and payments is the debt",
    "L8": "what belongs together is applied together",
    "L9": "an event for every commit, in order, once",
    "L10": "stored entitlements are those of the facts",
    "L11": "no inverse operation in the code",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One predicate of one law, and how often it does not hold."""

    law: str
    says: str
    violations: int


def audit(database: Database, platform: Platform, now: datetime) -> list[Finding]:
    """Every predicate of every law at `now` (UTC), L1 first."""
    with database.pool.connection() as connection:
        found = [Finding(law=x.law, says=x.says, violations=n) for x, n in violations(connection, now)]
    found += closing(database, platform, now)
    found += fleet(database, platform, now)
    found.append(
        Finding(
            law="L5",
            says="no usage is to be billed at which nothing makes anybody look: no mark was lost",
            violations=overlooked(platform, now),
        )
    )
    inverse = len(inverse_operations())
    found.append(
        Finding(
            law="L11",
            says="no function undoes, reverts, rolls back or compensates committed state",
            violations=inverse,
        )
    )
    return sorted(found, key=lambda f: int(f.law[1:]))


def by_law(findings: Sequence[Finding]) -> dict[str, int]:
    """Violations per law, L1 to L11, whether or not a predicate was among the findings."""
    return {law: sum(f.violations for f in findings if f.law == law) for law in TITLES}


def closing(database: Database, platform: Platform, now: datetime) -> list[Finding]:
    """L4 and L7 as finance reads them: the reports themselves, over everything, in one moment."""
    with snapshot(database.pool) as connection:
        return [
            Finding(
                law="L4",
                says="every trial balance sums to zero, and nothing stays deferred when its period is over",
                violations=unbalanced(connection, now, platform.convention.granularity),
            ),
            Finding(
                law="L7",
                says="the ageing of receivables is the debt of the open invoices, per currency",
                violations=misaged(connection),
            ),
        ]


def fleet(
    database: Database, platform: Platform, now: datetime, buckets: Sequence[int] = range(BUCKETS)
) -> list[Finding]:
    """L6 and L10 over all accounts at rest, in pages: what recompute would do to them now must be nothing."""
    restless = drifted = 0
    there = set(inhabited(database.pool))
    for bucket in filter(there.__contains__, buckets):
        for verdict in _suspects(database, platform, bucket, now):
            restless += _restless(verdict)
            drifted += verdict.drifted
    return [
        Finding(law="L6", says="recomputing an account at rest would change nothing", violations=restless),
        Finding(law="L10", says="stored entitlements equal entitlements(facts)", violations=drifted),
    ]


def _suspects(database: Database, platform: Platform, bucket: int, now: datetime) -> Iterator[Assessment]:
    """Accounts that do not look right, twice: one that moved on between the two looks was not at rest."""
    for page in pages_at_rest(database.pool, bucket, now):
        found = [v.account_id for v in gather(platform, bucket, page, now) if _restless(v) or v.drifted]
        if found:
            found = still_at_rest(database.pool, bucket, found, now)
            yield from (v for v in gather(platform, bucket, found, now) if _restless(v) or v.drifted)


def _restless(verdict: Assessment) -> bool:
    """Whether recording the verdict would change anything. An account with nothing to see needs no record."""
    if verdict.before is None:
        return verdict.standing is not Standing.GOOD or verdict.recheck_at is not None
    ends = verdict.decision.give_up or verdict.decision.forgive
    return verdict.changed or bool(verdict.collect or ends)


@cache
def inverse_operations(package: Path = PACKAGE) -> tuple[str, ...]:
    """The functions of the installed package whose names promise to take back what was committed. Only a file in which
    such a word stands somewhere is parsed: to parse them all takes as long as all other laws."""
    return tuple(
        f"{path.relative_to(package.parent)}:{node.lineno} {node.name}"
        for path in sorted(package.rglob("*.py"))
        if _WORDS.search(text := path.read_bytes())
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and INVERSE.match(node.name)
    )
