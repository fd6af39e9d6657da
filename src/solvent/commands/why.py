"""Why: one page about why an account stands as it does, in the words of its evidence.

Owns the order and the headings. Does not own the verdict (`core.health`), the sentences (`core.evidence`), nor what is
kept about the account (`store`).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from solvent.commands.drift import account_of
from solvent.core.account import usable
from solvent.core.drift_kinds import KINDS
from solvent.core.entitlement import active
from solvent.core.health import Assessment, assess, restraint_of
from solvent.core.ids import bucket_of, spell
from solvent.core.money import format_minor
from solvent.core.snapshot import Snapshot
from solvent.store.holds import HoldReads, StoredDecision
from solvent.wiring import Solvent

DECISIONS_SHOWN = 10


def lines(solvent: Solvent, account: str) -> Iterator[str]:
    """The page."""
    account_id, platform = account_of(solvent, account), solvent.platform
    with solvent.database.still() as tx:
        (snapshot,) = tx.queue.examined(bucket_of(account_id), [account_id], solvent.clock())
    catalog, now = platform.store.catalog(), snapshot.account.moment(solvent.clock())
    policy = platform.policy_of(snapshot.account, catalog, now)
    verdict = assess(snapshot, catalog, policy, now)
    yield f"{account}: {verdict.standing}, as of {_at(now)}"
    yield f"  a {snapshot.account.segment} account, by the policy {policy.name!r}"
    yield from _owed(verdict)
    yield from _listed("because:", verdict.evidence)
    yield from _listed("may use now:", _used(snapshot, now))
    yield from _listed("can be charged by:", _methods(snapshot))
    yield from _next(verdict)
    held = restraint_of(snapshot, catalog, now).holds
    yield from _listed("held:", [f"{hold.consequence}, {hold.why}" for hold in held])
    disagreements = [f"{d.kind}: {d.evidence}; {KINDS[d.kind].done}" for d in verdict.disagreements]
    yield from _listed("the stores contradict each other:", disagreements)
    newest = HoldReads(solvent.database.pool).newest_decisions(account_id, DECISIONS_SHOWN)
    yield from _listed("decided lately:", [said for one in newest for said in _decided(one)])


def _owed(verdict: Assessment) -> Iterator[str]:
    if not verdict.debt:
        yield "  nothing is owed"
    for currency, amount in sorted(verdict.debt.items()):
        yield f"  owes {format_minor(amount, currency)} {currency}"
    for currency, amount in sorted(verdict.disputed.items()):
        yield f"  contests {format_minor(amount, currency)} {currency}"


def _used(snapshot: Snapshot, now: datetime) -> list[str]:
    granted = active(snapshot.grants, now)
    return [f"{g.product_id} on {g.object}, until {_at(g.ends_at)}" for g in granted] or ["nothing"]


def _methods(snapshot: Snapshot) -> list[str]:
    methods = usable(snapshot.methods)
    return [f"{m.kind} at {m.provider}" for m in methods] or ["nothing: no method on file can be charged"]


def _next(verdict: Assessment) -> Iterator[str]:
    if verdict.collect:
        yield f"next: {len(verdict.collect)} invoices are to be charged now"
    elif verdict.recheck_at is None:
        yield "next: nothing changes by the passing of time alone"
    else:
        yield f"next: looked at again at {_at(verdict.recheck_at)}"


def _decided(decision: StoredDecision) -> Iterator[str]:
    """What one decision changed, or would have."""
    when = _at(decision.decided_at)
    for word in decision.applied:
        yield f"{when}: {_plain(word)}"
    for word in decision.withheld:
        yield f"{when}: withheld {word}"


def _plain(word: str) -> str:
    """Words of a decision, with the invoice as the API spells it."""
    *words, last = word.split(" ")
    try:
        return " ".join([*words, spell("inv", UUID(last))])
    except ValueError:
        return word


def _listed(heading: str, sentences: Sequence[str]) -> Iterator[str]:
    if sentences:
        yield heading
        yield from (f"  {sentence}" for sentence in sentences)


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
