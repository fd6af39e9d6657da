"""Comparing: the disagreements that one snapshot shows, beside the verdict that follows from the same facts.

Owns which contradiction has which name. Does not own the verdict (`health`), the names (`drift`), nor what only the
database or a provider can say (`Snapshot.witness`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solvent.core.drift import Disagreement, disagreement
from solvent.core.drift_kinds import DriftKind
from solvent.core.dunning import Decision
from solvent.core.entitlement import Grant
from solvent.core.ids import spell
from solvent.core.invoice import Invoice
from solvent.core.ladder import Measure
from solvent.core.owed import InEffect, Owed
from solvent.core.snapshot import Snapshot, Standing

NAMED_MAX = 10  # things that one sentence names


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """What follows from the facts: the verdict to which the records are compared. `unmeasured` is what would be granted
    without any measure, `grants` with those that are decided."""

    standing: Standing
    debt: Mapping[str, int]
    disputed: Mapping[str, int]
    recheck_at: datetime | None
    decision: Decision
    collect: Sequence[UUID]
    owed: Sequence[Owed]
    grants: Sequence[Grant]
    unmeasured: Sequence[Grant]


def disagreements(snapshot: Snapshot, right: Right, now: datetime) -> tuple[Disagreement, ...]:
    """Everything in which the stores contradict each other about an account.

    What is written in one transaction is compared always. What recompute writes some time after its cause is compared
    only at rest, and without a witness nobody knows whether the account is.
    """
    found = [*_of_closing(snapshot), *_of_measures(snapshot, right), *_of_entitlements(snapshot, right)]
    witness = snapshot.witness
    if witness is not None:
        due = snapshot.recheck_at is not None and snapshot.recheck_at <= now
        if not witness.waiting and not due:
            found += _of_records(snapshot, right)
        found += witness.found
    return tuple(found)


def _of_closing(snapshot: Snapshot) -> Iterator[Disagreement]:
    """What goes on although the account was closed: closing waits for the end of it, and nothing begins afterwards."""
    closed_at = snapshot.account.closed_at
    if closed_at is not None and snapshot.subscriptions:
        live = _listed(spell("sub", s.id) for s in snapshot.subscriptions)
        yield disagreement(DriftKind.CLOSED_STILL_SUBSCRIBED, day=f"{closed_at:%Y-%m-%d}", subscriptions=live)


def _of_measures(snapshot: Snapshot, right: Right) -> Iterator[Disagreement]:
    """Measures that lack what they are for; paying and ending lift in their own transaction."""
    if snapshot.in_effect and not right.owed:
        names = _listed(sorted({str(m.measure) for m in snapshot.in_effect}))
        yield disagreement(DriftKind.RESTRICTED_WITHOUT_DEBT, measures=names)
        return
    if _bans(snapshot.in_effect) and not any(o.given_up for o in right.owed):
        yield disagreement(DriftKind.BAN_WITHOUT_GIVING_UP)
    live = {s.id for s in snapshot.subscriptions} | {o.subscription_id for o in right.owed}
    over: dict[UUID, set[str]] = {}
    for m in snapshot.in_effect:
        if m.subscription_id is not None and m.subscription_id not in live:
            over.setdefault(m.subscription_id, set()).add(str(m.measure))
    for subscription_id, found in sorted(over.items()):
        told, spelled = _listed(sorted(found)), spell("sub", subscription_id)
        yield disagreement(DriftKind.ENDED_STILL_DUNNED, measures=told, subscription=spelled)


def _of_entitlements(snapshot: Snapshot, right: Right) -> Iterator[Disagreement]:
    stored, wanted = _by_item(snapshot.grants), _by_item(right.grants)
    if stored == wanted:
        return
    unmeasured = _by_item(right.unmeasured)
    kinds: dict[DriftKind, list[Grant]] = {}
    for item_id in sorted(stored.keys() | wanted.keys()):
        had, wants = stored.get(item_id), wanted.get(item_id)
        if had == wants:
            continue
        if had is None:
            kind = DriftKind.ENTITLEMENT_MISSING
        elif had == unmeasured.get(item_id):
            kind = DriftKind.ENTITLED_DESPITE_DUNNING
        else:
            kind = DriftKind.ENTITLEMENT_UNFOUNDED if wants is None else DriftKind.ENTITLEMENT_DIFFERS
        kinds.setdefault(kind, []).append(had or wanted[item_id])
    for kind, grants in sorted(kinds.items()):
        yield disagreement(kind, grants=_listed(f"{g.product_id} on {g.object}" for g in grants))


def _of_records(snapshot: Snapshot, right: Right) -> Iterator[Disagreement]:
    """What dunning has recorded of an account at rest, against what recomputing it would record."""
    if snapshot.standing is None and right.debt:
        yield disagreement(DriftKind.DEBT_UNSEEN, owed=_money(right.debt))
        return
    yield from _of_standing(snapshot, right)
    if snapshot.debt is not None and snapshot.debt != right.debt:
        recorded, owed = _money(snapshot.debt), _money(right.debt)
        yield disagreement(DriftKind.DEBT_MISRECORDED, recorded=recorded, owed=owed)
    if snapshot.disputed != right.disputed:
        recorded, contested = _money(snapshot.disputed), _money(right.disputed)
        yield disagreement(DriftKind.DISPUTE_MISRECORDED, recorded=recorded, right=contested)
    if snapshot.recheck_at != right.recheck_at:
        recorded, must = _moment(snapshot.recheck_at), _moment(right.recheck_at)
        yield disagreement(DriftKind.LOOK_LOST, recorded=recorded, right=must)
    yield from _of_flags(snapshot, right)
    yield from _of_things_to_do(snapshot, right)


def _of_standing(snapshot: Snapshot, right: Right) -> Iterator[Disagreement]:
    recorded = snapshot.standing or Standing.GOOD
    if recorded is right.standing:
        return
    if not right.owed and recorded not in (Standing.GOOD, Standing.CLOSED):
        yield disagreement(DriftKind.PAID_NOT_RESTORED, recorded=recorded)
    else:
        yield disagreement(DriftKind.STANDING_MISRECORDED, recorded=recorded, right=right.standing)


def _of_flags(snapshot: Snapshot, right: Right) -> Iterator[Disagreement]:
    """Flags that differ, beside those that already have a name."""
    if not right.owed:
        return
    missing = _bans(right.decision.measures) and not _bans(snapshot.in_effect)
    if missing:
        given_up = {o.invoice_id for o in right.owed if o.given_up}
        numbers = _numbers(i for i in snapshot.open_invoices if i.id in given_up)
        yield disagreement(DriftKind.GIVEN_UP_WITHOUT_BAN, invoices=numbers)
    found, decided = _but_bans(snapshot.in_effect), _but_bans(right.decision.measures)
    if snapshot.forged or found != decided:
        yield disagreement(
            DriftKind.FLAGS_BY_HAND, found=_listed(_spelled(found)), right=_listed(_spelled(decided))
        )


def _of_things_to_do(snapshot: Snapshot, right: Right) -> Iterator[Disagreement]:
    """What must be done now, at a moment at which nobody will."""
    invoices = snapshot.open_invoices
    if right.decision.give_up:
        numbers = _numbers(i for i in invoices if i.id in right.decision.give_up)
        yield disagreement(DriftKind.EXHAUSTED_NOT_GIVEN_UP, invoices=numbers)
    if right.collect:
        numbers = _numbers(i for i in invoices if i.id in right.collect)
        yield disagreement(DriftKind.COLLECTION_STALLED, invoices=numbers)
    if right.decision.notices:
        rungs = _listed(notice.rung for notice in right.decision.notices)
        yield disagreement(DriftKind.NOTICE_UNTOLD, rungs=rungs)


def _bans(measures: Iterable[InEffect]) -> bool:
    return any(m.measure is Measure.BAN for m in measures)


def _but_bans(measures: Iterable[InEffect]) -> list[InEffect]:
    return [m for m in measures if m.measure is not Measure.BAN]


def _by_item(grants: Iterable[Grant]) -> dict[UUID, Grant]:
    return {grant.item_id: grant for grant in grants}


def _spelled(measures: Iterable[InEffect]) -> Iterator[str]:
    for m in measures:
        whose = "" if m.subscription_id is None else f" for {spell('sub', m.subscription_id)}"
        yield f"{m.measure}{whose} by {m.rung!r} since {m.since:%Y-%m-%d}"


def _numbers(invoices: Iterable[Invoice]) -> str:
    return _listed(invoice.number for invoice in invoices)


def _money(amounts: Mapping[str, int]) -> str:
    return _listed(f"{amount} {currency} (minor units)" for currency, amount in sorted(amounts.items()))


def _moment(at: datetime | None) -> str:
    return "never" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - NAMED_MAX} more" if len(every) > NAMED_MAX else ""
    return ", ".join(every[:NAMED_MAX]) + more if every else "nothing"
