"""Health: the assessment of one account, from a snapshot of its stores.

Owns standing, debt, the next look and the decision which invoices to collect now. Does not own policy's answers
(`policy`) nor any consequence beyond entitlement, which follows from facts (`entitlement`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from solvent.core.account import Account, CollectionMethod, usable
from solvent.core.catalog import Catalog
from solvent.core.credit import CreditGrant, OwedLine, after_draws, balance, draws, owed_parts
from solvent.core.dispute import Dispute
from solvent.core.entitlement import Grant, entitlements
from solvent.core.invoice import Invoice, InvoiceState
from solvent.core.payment import CAUSE_CLASS, CauseClass, FailureCause
from solvent.core.policy import Policy, next_try
from solvent.core.subscription import Subscription


class Standing(StrEnum):
    """How an account stands with what it owes."""

    GOOD = "good"
    GRACE = "grace"
    PAST_DUE = "past_due"
    BAD_DEBT = "bad_debt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """What was tried on one open invoice: how many attempts failed, the last one's cause and time (UTC), and
    whether one is in flight. The renewal or finalisation that issued the invoice counts as the first."""

    failures: int = 0
    last_cause: FailureCause | None = None
    last_at: datetime | None = None
    in_flight: bool = False
    newest_method: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All stores' opinions about one account, from one consistent read.

    `open_invoices` come in the order in which they are collected. `standing`, `recheck_at` and `debt` are as they were
    last recorded; a `debt` of None was not read and is not compared. `disputes` are those that are not decided,
    `disputed` what was last recorded of them. `owed_lines` are the lines of the open invoices of whoever has credit;
    `reserved` are grants with an expiry that an attempt in flight counts on.
    """

    account: Account
    subscriptions: tuple[Subscription, ...]
    methods: tuple[CollectionMethod, ...]
    open_invoices: tuple[Invoice, ...]
    tries: Mapping[UUID, Tries]
    grants: tuple[Grant, ...]
    credit_grants: tuple[CreditGrant, ...]
    standing: Standing | None
    recheck_at: datetime | None
    debt: Mapping[str, int] | None = None
    disputes: tuple[Dispute, ...] = ()
    disputed: Mapping[str, int] = field(default_factory=dict)
    owed_lines: Mapping[UUID, tuple[OwedLine, ...]] = field(default_factory=dict)
    reserved: frozenset[UUID] = frozenset()

    @property
    def credit(self) -> int:
        """What is left of the grants, in minor units."""
        return balance(self.credit_grants)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The verdict about one account. `debt` in minor units by currency; `collect` are the open invoices to try now,
    `lapsed` the grants of credit that have expired;
    `grants` is what the account should be entitled to, `drifted` whether that differs from what is stored; `disputed`
    is what its payers contest, by currency: it changes no standing until it is decided;
    `evidence` says why, in sentences; `changed` whether it differs from what was last recorded."""

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


def overdue(invoice: Invoice, policy: Policy, now: datetime) -> bool:
    """Whether an open invoice's due date, and the grace after it, are over."""
    return invoice.debt > 0 and now >= invoice.due_at + policy.grace


def assess(snapshot: Snapshot, catalog: Catalog, policy: Policy, now: datetime) -> Assessment:
    """Look at every open invoice and every subscription of one account; pure, and the same for one or for all."""
    owed = [i for i in snapshot.open_invoices if i.debt > 0]
    standing = _standing([i for i in owed if i.due_at <= now or _given_up(i)], policy, now)
    debt = _sums((i.currency, i.debt) for i in owed)
    chances = _chances(owed, snapshot, catalog, policy, now)
    recheck_at = _recheck(owed, chances, snapshot.credit_grants, policy, now)
    grants = entitlements(snapshot.subscriptions, catalog, policy)
    disputed = _sums((d.currency, d.amount) for d in snapshot.disputes)
    return Assessment(
        account_id=snapshot.account.id,
        standing=standing,
        before=snapshot.standing,
        debt=debt,
        oldest_due=min((i.due_at for i in owed), default=None),
        recheck_at=recheck_at,
        collect=tuple(i.id for i in owed if (at := chances[i.id]) is not None and at <= now),
        lapsed=_lapsed(snapshot, now),
        grants=grants,
        drifted=_by_item(grants) != _by_item(snapshot.grants),
        evidence=(
            *(_evidence(i, snapshot.tries.get(i.id, Tries()), chances[i.id]) for i in owed),
            *(_evidence_of_dispute(d) for d in snapshot.disputes),
        ),
        changed=(standing, recheck_at) != (snapshot.standing or Standing.GOOD, snapshot.recheck_at)
        or (snapshot.debt is not None and snapshot.debt != debt)
        or snapshot.disputed != disputed,
        assessed_at=now,
        disputed=disputed,
    )


def _standing(due: list[Invoice], policy: Policy, now: datetime) -> Standing:
    if not due:
        return Standing.GOOD
    if any(_given_up(i) for i in due):
        return Standing.BAD_DEBT
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
    owed: Iterable[Invoice], snapshot: Snapshot, catalog: Catalog, policy: Policy, now: datetime
) -> dict[UUID, datetime | None]:
    """When each invoice should next be tried off-session; None: not by us.

    Account credit is spent as collecting spends it, in the order of the invoices: one that it covers needs no method,
    whatever became of earlier tries, and one in flight may be counting on its share.
    """
    grants, methods = snapshot.credit_grants, usable(snapshot.methods)
    chances: dict[UUID, datetime | None] = {}
    for invoice in owed:
        tries = snapshot.tries.get(invoice.id, Tries())
        parts = owed_parts(invoice, snapshot.owed_lines.get(invoice.id, ()), catalog) if grants else ()
        drawn = draws(parts, grants, now)
        covered = sum(draw.amount for draw in drawn) == invoice.debt
        at = invoice.due_at if covered else _next_charge(invoice, tries, methods, policy)
        chances[invoice.id] = None if tries.in_flight or _given_up(invoice) else at
        if _given_up(invoice) and not tries.in_flight:
            continue
        if tries.in_flight or (at is not None and at <= now):
            grants = after_draws(grants, drawn)
    return chances


def _next_charge(
    invoice: Invoice, tries: Tries, methods: tuple[CollectionMethod, ...], policy: Policy
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
    return next_try(policy, tries.last_cause, tries.failures, tries.last_at)


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
    """Grants that have expired. What an attempt in flight counts on waits for its end, which marks the account."""
    return tuple(
        grant
        for grant in snapshot.credit_grants
        if grant.remaining and not grant.usable(now) and grant.id not in snapshot.reserved
    )


def _by_item(grants: Iterable[Grant]) -> dict[UUID, Grant]:
    return {g.item_id: g for g in grants}


def _evidence(invoice: Invoice, tries: Tries, chance: datetime | None) -> str:
    after = "nothing more is tried off-session" if chance is None else f"next try {chance:%Y-%m-%d %H:%M} UTC"
    if _given_up(invoice):
        after = "it was given up as uncollectible"
    if tries.in_flight:
        after = "a payment is in flight"
    if invoice.charged_back:
        after = f"{invoice.charged_back} of it were charged back; {after}"
    cause = f", last {tries.last_cause}" if tries.last_cause else ""
    return (
        f"{invoice.number} owes {invoice.debt} {invoice.currency} (minor units) since "
        f"{invoice.due_at:%Y-%m-%d}; {tries.failures} tries failed{cause}; {after}"
    )


def _evidence_of_dispute(dispute: Dispute) -> str:
    due_by = dispute.evidence_due_by
    answer = "" if due_by is None else f", to be answered by {due_by:%Y-%m-%d}"
    return (
        f"{dispute.amount} {dispute.currency} (minor units) of a payment by {dispute.provider} are disputed since "
        f"{dispute.opened_at:%Y-%m-%d} as {dispute.reason}: {dispute.state}{answer}"
    )
