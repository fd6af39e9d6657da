"""Health: the assessment of one account, from a snapshot of its stores.

Owns standing, debt, the next look and the decision which invoices to collect now. Does not own policy's answers
(`policy`) nor any consequence beyond entitlement, which follows from facts (`entitlement`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from solvent.core import evidence
from solvent.core.account import CollectionMethod, usable
from solvent.core.catalog import Catalog
from solvent.core.comparing import Right, disagreements
from solvent.core.consequence import Consequence
from solvent.core.credit import CreditGrant, after_draws, draws, owed_parts
from solvent.core.drift import Coverage, Disagreement
from solvent.core.dunning import Debts, Decision, InEffect, Owed, decide, ladder_of
from solvent.core.entitlement import Grant, entitlements
from solvent.core.invoice import Invoice, InvoiceState
from solvent.core.ladder import Measure, Trouble
from solvent.core.lapsing import Lapse, lapsed
from solvent.core.lapsing import kept as lapse_of
from solvent.core.payment import CAUSE_CLASS, CauseClass, FailureCause
from solvent.core.policy import Policy, in_order, next_try
from solvent.core.snapshot import About, Snapshot, Standing, Tries
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
    chances = _chances(owed, snapshot, catalog, policy, now)
    restraint = restraint_of(snapshot, catalog, now)
    wanted = tuple(i.id for i in owed if (at := chances[i.id]) is not None and at <= now)
    collect = wanted if restraint.stops(Consequence.COLLECT) is None else ()
    debts = tuple(_owed(i, snapshot, trying=i.id in collect) for i in owed)
    before = () if snapshot.forged else snapshot.in_effect  # what nobody decided does not last
    decided = decide(Debts(owed=debts, assessed_at=now, in_effect=before), policy)
    decision, kept = restrained(decided, before, debts, restraint)
    lapses = _lapses(snapshot, policy, restraint, now)
    withheld = evidence.of_withheld(kept, bool(wanted), restraint, lapses)
    standing = _standing([i for i in owed if i.due_at <= now or _given_up(i)], decision, policy, now)
    debt = _sums((i.currency, i.debt) for i in owed)
    capped = tuple(w.consequence for w in kept if w.capped)
    turn = restraint.caps.ends_at(now) if capped else None
    change = _recheck(owed, chances, snapshot.credit_grants, policy, now)
    recheck_at = _next_look(snapshot, catalog, restraint, now, (change, decision.next_at, turn))
    grants = entitlements(snapshot.subscriptions, catalog, policy, decision.measures)
    disputed = _sums((d.currency, d.amount) for d in snapshot.disputes)
    verdict = Assessment(
        account_id=snapshot.account.id,
        standing=standing,
        before=snapshot.standing,
        debt=debt,
        oldest_due=min((i.due_at for i in owed), default=None),
        recheck_at=recheck_at,
        collect=collect,
        lapsed=_lapsed(snapshot, now),
        grants=grants,
        drifted=_by_item(grants) != _by_item(snapshot.grants),
        evidence=(
            *(evidence.of_invoice(i, snapshot.tries.get(i.id, Tries()), chances[i.id]) for i in owed),
            *evidence.beside(snapshot, decision, policy, lapses, withheld),
        ),
        changed=(standing, recheck_at) != (snapshot.standing or Standing.GOOD, snapshot.recheck_at)
        or (snapshot.debt is not None and snapshot.debt != debt)
        or snapshot.disputed != disputed
        or snapshot.in_effect != decision.measures
        or snapshot.forged
        or snapshot.withheld != withheld
        or bool(decision.notices),
        assessed_at=now,
        disputed=disputed,
        owed=debts,
        in_effect=snapshot.in_effect,
        decision=decision,
        policy=policy.name,
        charge_with=_charge_with(owed, snapshot, policy),
        coverage=_coverage(snapshot, debts, policy),
        prospects=_prospects(decision, snapshot, chances),
        withheld=withheld,
        withheld_before=snapshot.withheld,
        capped=capped,
    )
    if not (verdict.drifted or snapshot.in_effect or snapshot.witness is not None):
        return verdict  # nothing that could be contradicted: nearly always
    return replace(verdict, disagreements=_compared(snapshot, verdict, catalog, policy, now))


def _next_look(
    snapshot: Snapshot,
    catalog: Catalog,
    restraint: Restraint,
    now: datetime,
    moments: Iterable[datetime | None],
) -> datetime | None:
    """The first of these moments, of the ends of holds and of grace, and of the next edition where anything is owed."""
    owing = any(i.debt > 0 for i in snapshot.open_invoices)
    edition = catalog.policies.next_edition(snapshot.account.segment, now) if owing else None
    grace_ends = (s.due_at for s in snapshot.subscriptions if s.grace_invoice and not lapsed(s, now))
    every = (*moments, edition, *(h.expires_at for h in restraint.holds), *grace_ends)
    return min((at for at in every if at is not None), default=None)


def restraint_of(snapshot: Snapshot, catalog: Catalog, now: datetime) -> Restraint:
    """What keeps consequences from an account at `now`."""
    holds = tuple(h for h in snapshot.holds if h.expires_at > now)
    engine = catalog.engine
    return Restraint(
        passive=engine.passive(snapshot.account), holds=holds, caps=engine.caps, permits=snapshot.permits
    )


def _lapses(
    snapshot: Snapshot, policy: Policy, restraint: Restraint, now: datetime
) -> dict[UUID, Lapse | None]:
    """The subscriptions without service because they are not paid, and why the clock does not end each."""
    return {s.id: lapse_of(policy, restraint) for s in snapshot.subscriptions if lapsed(s, now)}


def _compared(
    snapshot: Snapshot, verdict: Assessment, catalog: Catalog, policy: Policy, now: datetime
) -> tuple[Disagreement, ...]:
    right = Right(
        standing=verdict.standing,
        debt=verdict.debt,
        disputed=verdict.disputed,
        recheck_at=verdict.recheck_at,
        decision=verdict.decision,
        collect=verdict.collect,
        owed=verdict.owed,
        grants=verdict.grants,
        unmeasured=entitlements(snapshot.subscriptions, catalog, policy)
        if verdict.drifted
        else verdict.grants,
    )
    return disagreements(snapshot, right, now)


def _coverage(snapshot: Snapshot, owed: Sequence[Owed], policy: Policy) -> Coverage:
    """An invoice is examined when the policy has an answer for it: given up, on one ladder, or there are no ladders."""
    examined = sum(o.given_up or not policy.ladders or ladder_of(o, policy) is not None for o in owed)
    owing = len(snapshot.open_invoices) if snapshot.witness is None else snapshot.witness.owing
    return Coverage(examined=examined, owing=owing)


def _prospects(
    decision: Decision, snapshot: Snapshot, chances: Mapping[UUID, datetime | None]
) -> dict[UUID, Prospect]:
    told = [
        (notice.invoice_id, snapshot.tries.get(notice.invoice_id, Tries())) for notice in decision.notices
    ]
    return {i: Prospect(cause=tries.last_cause, next_try=chances[i]) for i, tries in told}


def _owed(invoice: Invoice, snapshot: Snapshot, *, trying: bool) -> Owed:
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
        given_up=_given_up(invoice),
        in_flight=tries.in_flight,
        noticed=about.noticed,
        beyond=about.beyond,
        debt=invoice.debt,
        trying=trying,
    )


def _standing(due: list[Invoice], decision: Decision, policy: Policy, now: datetime) -> Standing:
    if not due:
        return Standing.GOOD
    if any(_given_up(i) for i in due):
        return Standing.BAD_DEBT
    measures = {m.measure for m in decision.measures}
    if measures - {Measure.RESTRICT}:
        return Standing.SUSPENDED
    if measures:
        return Standing.RESTRICTED
    return Standing.PAST_DUE if any(overdue(i, policy, now) for i in due) else Standing.GRACE


def _given_up(invoice: Invoice) -> bool:
    """Whether it is owed and no longer collected: only whoever owes it pays it."""
    return invoice.state is InvoiceState.UNCOLLECTIBLE


def _sums(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for currency, amount in amounts:
        sums[currency] = sums.get(currency, 0) + amount
    return sums


def _chances(
    owed: Sequence[Invoice], snapshot: Snapshot, catalog: Catalog, policy: Policy, now: datetime
) -> dict[UUID, datetime | None]:
    """When each invoice should next be tried off-session; None: not by us.

    Account credit is spent as collecting spends it, in the order of the invoices: one that it covers needs no method,
    whatever became of earlier tries, and one in flight may be counting on its share.
    """
    if not owed:
        return {}
    grants, methods = snapshot.credit_grants, usable(snapshot.methods)
    chances: dict[UUID, datetime | None] = {}
    for invoice in owed:
        tries = snapshot.tries.get(invoice.id, Tries())
        parts = owed_parts(invoice, snapshot.owed_lines.get(invoice.id, ()), catalog) if grants else ()
        drawn = draws(parts, grants, now)
        covered = sum(draw.amount for draw in drawn) == invoice.debt
        zone = snapshot.account.time_zone
        at = invoice.due_at if covered else _next_charge(invoice, tries, methods, policy, zone)
        chances[invoice.id] = None if tries.in_flight or _given_up(invoice) else at
        if _given_up(invoice) and not tries.in_flight:
            continue
        if tries.in_flight or (at is not None and at <= now):
            grants = after_draws(grants, drawn)
    return chances


def _next_charge(
    invoice: Invoice, tries: Tries, methods: tuple[CollectionMethod, ...], policy: Policy, zone: str
) -> datetime | None:
    """When a method should next be charged; None: there is none, or it was tried enough.

    Whoever had a payment charged back has not agreed to another one: that is up to the customer.
    """
    if not methods or invoice.charged_back:
        return None
    if tries.last_cause is None or tries.last_at is None:
        return invoice.due_at
    if tries.newest_method is not None and tries.newest_method > tries.last_at:
        return tries.newest_method
    if CAUSE_CLASS[tries.last_cause] is CauseClass.PERMANENT:
        return tries.last_at  # that method is out of use now, and another is left: its turn, at once
    outage = CAUSE_CLASS[tries.last_cause] is CauseClass.OUTAGE
    if not outage and _untried(tries, methods, policy):
        return tries.last_at  # the next one, at once: each is tried, and at most one is charged
    rounds = tries.failures if outage or not policy.backups else _rounds(tries)
    cause, last = tries.last_cause, tries.last_at
    return next_try(policy, cause, rounds, last, provider=tries.provider, time_zone=zone)


def _rounds(tries: Tries) -> int:
    """How often it failed with all methods: those that were tried beside the first are of its round."""
    return max(tries.failures - max(len(tries.methods) - 1, 0), 1)


def _untried(
    tries: Tries, methods: tuple[CollectionMethod, ...], policy: Policy
) -> tuple[CollectionMethod, ...]:
    """The methods that come next in the first round, where the policy tries several; one that was added since the last
    try comes next in any case."""
    updated = (
        tries.newest_method is not None and tries.last_at is not None and tries.newest_method > tries.last_at
    )
    if not (policy.backups or updated) or not tries.methods:
        return ()
    return tuple(m for m in in_order(policy, methods) if m.id not in tries.methods)


def _charge_with(owed: Sequence[Invoice], snapshot: Snapshot, policy: Policy) -> dict[UUID, UUID]:
    """The method with which each invoice is tried first."""
    if not owed:
        return {}
    methods = in_order(policy, usable(snapshot.methods))
    chosen = {}
    for invoice in owed if methods else ():
        untried = _untried(snapshot.tries.get(invoice.id, Tries()), methods, policy)
        chosen[invoice.id] = (untried or methods)[0].id
    return chosen


def _recheck(
    owed: list[Invoice],
    chances: Mapping[UUID, datetime | None],
    grants: Iterable[CreditGrant],
    policy: Policy,
    now: datetime,
) -> datetime | None:
    """The next moment at which the verdict would differ by the passing of time alone."""
    moments = [at for at in chances.values() if at is not None and at > now]
    moments += [g.expires_at for g in grants if g.expires_at is not None and g.expires_at > now]
    for invoice in (i for i in owed if not _given_up(i)):
        moments += [at for at in (invoice.due_at, invoice.due_at + policy.grace) if at > now]
    return min(moments, default=None)


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
