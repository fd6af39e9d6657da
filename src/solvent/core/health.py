"""Health: the assessment of one account, from a snapshot of its stores.

Owns standing, debt, the next look and the decision which invoices to collect now. Does not own policy's answers
(`policy`) nor any consequence beyond entitlement, which follows from facts (`entitlement`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from solvent.core import evidence
from solvent.core.account import Account
from solvent.core.catalog import Catalog
from solvent.core.collecting import chances_of, charge_with, given_up
from solvent.core.comparing import Right, disagreements
from solvent.core.consequence import Consequence
from solvent.core.credit import CreditGrant
from solvent.core.drift import Coverage, Disagreement
from solvent.core.dunning import Debts, Decision, decide, ladder_of
from solvent.core.entitlement import Grant, entitlements
from solvent.core.expiry import ends_at
from solvent.core.invoice import Invoice
from solvent.core.ladder import Measure, Trouble
from solvent.core.lapsing import Lapse, lapsed
from solvent.core.lapsing import kept as lapse_of
from solvent.core.owed import InEffect, Owed
from solvent.core.payment import CAUSE_CLASS, FailureCause
from solvent.core.policy import Policy
from solvent.core.snapshot import About, Snapshot, Standing, Tries
from solvent.core.standstill import stretches
from solvent.core.valves import Restraint, restrained


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What whoever is told of an unpaid invoice may know: why it was not paid, and when it is tried next (UTC; None:
    not by us)."""

    cause: FailureCause | None
    next_try: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The verdict about one account. `debt` in minor units by currency; `collect` are the open invoices to try now,
    each with the method that `charge_with` names first; `lapsed` are the grants of credit that have expired;
    `owed` and `in_effect` (the measures before) are what the `decision` of the named `policy` follows from;
    `grants` is what the account should be entitled to, `drifted` whether that differs from what is stored; `disputed`
    is what its payers contest, by currency: it changes no standing until it is decided;
    `evidence` says why, in sentences; `changed` whether it differs from what was last recorded; `disagreements` is in
    what the stores contradict each other, `coverage` whether every open invoice was looked at; `withheld` says what was
    decided and is not applied, and `capped` what of it waits for a permit alone."""

    account_id: UUID
    standing: Standing
    before: Standing | None
    debt: Mapping[str, int]
    oldest_due: datetime | None
    recheck_at: datetime | None
    collect: tuple[UUID, ...]
    lapsed: tuple[CreditGrant, ...]
    grants: tuple[Grant, ...]
    drifted: bool
    evidence: tuple[str, ...]
    changed: bool
    assessed_at: datetime
    disputed: Mapping[str, int] = field(default_factory=dict)
    owed: tuple[Owed, ...] = ()
    in_effect: tuple[InEffect, ...] = ()
    decision: Decision = field(default_factory=Decision)
    policy: str = ""
    charge_with: Mapping[UUID, UUID] = field(default_factory=dict)
    disagreements: tuple[Disagreement, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    prospects: Mapping[UUID, Prospect] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()
    withheld_before: tuple[str, ...] = ()
    capped: tuple[Consequence, ...] = ()


def overdue(invoice: Invoice, policy: Policy, now: datetime) -> bool:
    """Whether an open invoice's due date, and the grace after it, are over."""
    return invoice.debt > 0 and now >= invoice.due_at + policy.grace


def restricted(
    open_invoices: Iterable[Invoice], measures: Iterable[InEffect], policy: Policy, now: datetime
) -> bool:
    """Whether debt restricts an account: by a measure in effect, or, under a policy without ladders, once overdue."""
    if any(m.measure in (Measure.RESTRICT, Measure.BAN) for m in measures):
        return True
    return not policy.ladders and any(overdue(invoice, policy, now) for invoice in open_invoices)


def banned(measures: Iterable[InEffect]) -> bool:
    """Whether an invoice of the account was given up, by its policy."""
    return any(m.measure is Measure.BAN for m in measures)


def assess(snapshot: Snapshot, catalog: Catalog, policy: Policy, now: datetime) -> Assessment:
    """Look at every open invoice and every subscription of one account; pure, and the same for one or for all."""
    owed = [i for i in snapshot.open_invoices if i.debt > 0]
    grace = any(s.grace_invoice is not None for s in snapshot.subscriptions)
    follows = _following(owed, snapshot, catalog, policy, now) if owed or grace else _NOTHING
    decision, withheld = follows.decision, follows.withheld
    due = [o for o in follows.debts if o.due_at <= now or o.given_up]
    standing = _standing(due, snapshot.account, decision, policy, now)
    debt = _sums([(i.currency, i.debt) for i in owed])
    recheck_at = _next_look(owed, snapshot, follows, catalog, policy, now)
    grants = entitlements(snapshot.subscriptions, catalog, policy, decision.measures)
    disputed = _sums([(d.currency, d.amount) for d in snapshot.disputes])
    drifted = _by_item(grants) != _by_item(snapshot.grants)
    right = Right(
        standing=standing,
        debt=debt,
        disputed=disputed,
        recheck_at=recheck_at,
        decision=decision,
        collect=follows.collect,
        owed=follows.debts,
        grants=grants,
        unmeasured=entitlements(snapshot.subscriptions, catalog, policy) if drifted else grants,
    )
    changed = _differs(snapshot, right, withheld)
    return Assessment(
        account_id=snapshot.account.id,
        standing=standing,
        before=snapshot.standing,
        debt=debt,
        oldest_due=min((i.due_at for i in owed), default=None),
        recheck_at=recheck_at,
        collect=follows.collect,
        lapsed=_lapsed(snapshot, now),
        grants=grants,
        drifted=drifted,
        evidence=(
            *(evidence.of_invoice(i, snapshot.tries.get(i.id, Tries()), follows.chances[i.id]) for i in owed),
            *evidence.of_standstill(owed, follows.debts, snapshot.tries),
            *evidence.beside(snapshot, decision, policy, follows.lapses, withheld, now),
        ),
        changed=changed,
        assessed_at=now,
        disputed=disputed,
        owed=follows.debts,
        in_effect=snapshot.in_effect,
        decision=decision,
        policy=policy.name,
        charge_with=charge_with(owed, snapshot, policy),
        coverage=_coverage(snapshot, follows.debts, policy),
        prospects=_prospects(owed, snapshot, follows.chances, stopped=follows.stopped),
        withheld=withheld,
        withheld_before=snapshot.withheld,
        capped=follows.capped,
        disagreements=disagreements(snapshot, right, now)
        if _suspect(snapshot, drifted or changed, owed)
        else (),
    )


def _suspect(snapshot: Snapshot, differs: bool, owed: Sequence[Invoice]) -> bool:
    """Whether stores can contradict each other at all: of whoever owes nothing, and is recorded so, only tables can, or
    what goes on of a closed account."""
    told = snapshot.witness is not None and snapshot.witness.found != ()
    return differs or told or snapshot.account.closed_at is not None or bool(owed)


def _differs(snapshot: Snapshot, right: Right, withheld: tuple[str, ...]) -> bool:
    """Whether a verdict says something else than what was last recorded."""
    return (
        (right.standing, right.recheck_at) != (snapshot.standing or Standing.GOOD, snapshot.recheck_at)
        or (snapshot.debt is not None and snapshot.debt != right.debt)
        or snapshot.disputed != right.disputed
        or snapshot.in_effect != right.decision.measures
        or snapshot.forged
        or snapshot.withheld != withheld
        or bool(right.decision.notices)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Following:
    """What follows from debt: when each invoice may be tried, which are tried now, what is decided of them, which
    subscriptions have lapsed, what of all that is withheld (charges: `stopped`), and what of it until its `turn` for
    want of a permit."""

    chances: Mapping[UUID, datetime | None] = field(default_factory=dict)
    collect: tuple[UUID, ...] = ()
    debts: tuple[Owed, ...] = ()
    decision: Decision = field(default_factory=Decision)
    lapses: Mapping[UUID, Lapse | None] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()
    capped: tuple[Consequence, ...] = ()
    turn: datetime | None = None
    stopped: bool = False


_NOTHING = _Following()  # of whoever owes nothing: nearly everybody


def _following(
    owed: Sequence[Invoice], snapshot: Snapshot, catalog: Catalog, policy: Policy, now: datetime
) -> _Following:
    chances = chances_of(owed, snapshot, catalog, policy, now)
    restraint = restraint_of(snapshot, catalog, now)
    wanted = tuple(i.id for i in owed if (at := chances[i.id]) is not None and at <= now)
    stopped = restraint.stops(Consequence.COLLECT) is not None
    collect = () if stopped else wanted
    debts = tuple(_owed(i, snapshot, policy, now, trying=i.id in collect) for i in owed)
    before = () if snapshot.forged else snapshot.in_effect  # what nobody decided does not last
    decided = decide(Debts(owed=debts, assessed_at=now, in_effect=before), policy)
    decision, kept = restrained(decided, before, debts, restraint)
    lapses = _lapses(snapshot, policy, restraint, now)
    capped = tuple(w.consequence for w in kept if w.capped)
    return _Following(
        chances=chances,
        collect=collect,
        debts=debts,
        decision=decision,
        lapses=lapses,
        withheld=evidence.of_withheld(kept, bool(wanted), restraint, lapses),
        capped=capped,
        turn=restraint.caps.ends_at(now) if capped else None,
        stopped=stopped,
    )


def _next_look(
    owed: Sequence[Invoice],
    snapshot: Snapshot,
    follows: _Following,
    catalog: Catalog,
    policy: Policy,
    now: datetime,
) -> datetime | None:
    """The next moment at which the verdict would differ by the passing of time alone, or by another policy."""
    moments: list[datetime | None] = [*follows.chances.values(), follows.decision.next_at, follows.turn]
    moments += [g.expires_at for g in snapshot.credit_grants]
    moments += [h.expires_at for h in snapshot.holds]
    moments += [p.expires_at for p in snapshot.under_way if p.waits and follows.withheld]
    moments += [p.expires_at for o in follows.debts for p in o.paying]
    moments += [s.due_at for s in snapshot.subscriptions if s.grace_invoice is not None]
    if owed:
        moments += [ends_at(m, snapshot.account.time_zone) for m in snapshot.methods]
        moments.append(catalog.policies.next_edition(snapshot.account.segment, now))
    for debt in (o for o in follows.debts if not o.given_up):
        moments += [debt.due_at, debt.aged(policy.grace)]
    return min((at for at in moments if at is not None and at > now), default=None)


def restraint_of(snapshot: Snapshot, catalog: Catalog, now: datetime) -> Restraint:
    """What keeps consequences from an account at `now`."""
    holds = tuple(h for h in snapshot.holds if h.expires_at > now)
    engine = catalog.engine
    return Restraint(
        passive=engine.passive(snapshot.account),
        holds=holds,
        caps=engine.caps,
        permits=snapshot.permits,
        under_way=tuple(p for p in snapshot.under_way if p.going_on(now)),
    )


def _lapses(
    snapshot: Snapshot, policy: Policy, restraint: Restraint, now: datetime
) -> dict[UUID, Lapse | None]:
    """The subscriptions without service because they are not paid, and why the clock does not end each."""
    return {s.id: lapse_of(policy, restraint) for s in snapshot.subscriptions if lapsed(s, now)}


def _coverage(snapshot: Snapshot, owed: Sequence[Owed], policy: Policy) -> Coverage:
    """An invoice is examined when the policy has an answer for it: given up, on one ladder, or there are no ladders."""
    examined = sum(o.given_up or not policy.ladders or ladder_of(o, policy) is not None for o in owed)
    owing = len(snapshot.open_invoices) if snapshot.witness is None else snapshot.witness.owing
    return Coverage(examined=examined, owing=owing)


def _prospects(
    owed: Sequence[Invoice], snapshot: Snapshot, chances: Mapping[UUID, datetime | None], *, stopped: bool
) -> dict[UUID, Prospect]:
    """Of each invoice, why it was not paid and when it is tried next; while charges are withheld, nothing is
    promised."""
    tried = [(i.id, snapshot.tries.get(i.id, Tries()).last_cause) for i in owed]
    return {i: Prospect(cause=cause, next_try=None if stopped else chances[i]) for i, cause in tried}


def _owed(invoice: Invoice, snapshot: Snapshot, policy: Policy, now: datetime, *, trying: bool) -> Owed:
    tries, about = snapshot.tries.get(invoice.id, Tries()), snapshot.about.get(invoice.id, About())
    cause = tries.last_cause
    return Owed(
        invoice_id=invoice.id,
        subscription_id=invoice.subscription_id,
        due_at=invoice.due_at,
        amount=invoice.total - invoice.credited,
        currency=invoice.currency,
        trouble=Trouble.UNTRIED if cause is None else Trouble(CAUSE_CLASS[cause]),
        product=about.product,
        given_up=given_up(invoice),
        in_flight=tries.in_flight and not (tries.paying and all(p.waits for p in tries.paying)),
        paying=tuple(p for p in tries.paying if p.waits and p.going_on(now)),
        noticed=about.noticed,
        beyond=about.beyond,
        debt=invoice.debt,
        trying=trying,
        stood=stretches(tries.outages, invoice.due_at, policy.outage_max),
    )


def _standing(
    due: Sequence[Owed], account: Account, decision: Decision, policy: Policy, now: datetime
) -> Standing:
    if not due:
        return Standing.GOOD if account.closed_at is None else Standing.CLOSED
    if any(o.given_up for o in due):
        return Standing.BAD_DEBT
    measures = {m.measure for m in decision.measures}
    if measures - {Measure.RESTRICT}:
        return Standing.SUSPENDED
    if measures:
        return Standing.RESTRICTED
    return Standing.PAST_DUE if any(o.aged(policy.grace) <= now for o in due) else Standing.GRACE


def _sums(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for currency, amount in amounts:
        sums[currency] = sums.get(currency, 0) + amount
    return sums


def _lapsed(snapshot: Snapshot, now: datetime) -> tuple[CreditGrant, ...]:
    """Grants that have expired. What an attempt in flight counts on waits for its end, what is held for the end of the
    dispute: either marks the account."""
    return tuple(
        grant
        for grant in snapshot.credit_grants
        if grant.remaining and not grant.held and not grant.usable(now) and grant.id not in snapshot.reserved
    )


def _by_item(grants: Iterable[Grant]) -> dict[UUID, Grant]:
    return {g.item_id: g for g in grants}
