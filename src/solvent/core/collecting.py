"""Collecting: when each invoice that is owed is tried next without the customer, and by which method.

Owns the order of methods and tries, and how account credit is shared among invoices. Does not own the schedules
(`policy`), the verdict about the account (`health`), nor the plan of a payment (`collection`).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from solvent.core.account import CollectionMethod, usable
from solvent.core.catalog import Catalog
from solvent.core.credit import after_draws, draws, owed_parts
from solvent.core.invoice import Invoice, InvoiceState
from solvent.core.payment import CAUSE_CLASS, CauseClass, FailureCause
from solvent.core.policy import Policy, in_order, next_try
from solvent.core.snapshot import Snapshot, Tries


def given_up(invoice: Invoice) -> bool:
    """Whether it is owed and no longer collected: only whoever owes it pays it."""
    return invoice.state is InvoiceState.UNCOLLECTIBLE


def chances_of(
    owed: Sequence[Invoice], snapshot: Snapshot, catalog: Catalog, policy: Policy, now: datetime
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
        zone = snapshot.account.time_zone
        at = invoice.due_at if covered else _next_charge(invoice, tries, methods, policy, zone)
        chances[invoice.id] = None if tries.in_flight or given_up(invoice) else at
        if given_up(invoice) and not tries.in_flight:
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
    cause, last = tries.last_cause, tries.last_at
    outage = CAUSE_CLASS[cause] is CauseClass.OUTAGE
    if not outage and _untried(tries, methods, policy):
        return last  # the next one, at once: each is tried, and at most one is charged
    if CAUSE_CLASS[cause] is CauseClass.PERMANENT:
        cause = (
            FailureCause.DECLINED
        )  # that method is out of use; those that are left were declined before it
    rounds = tries.failures if outage or not policy.backups else _rounds(tries)
    return next_try(policy, cause, rounds, last, provider=tries.provider, time_zone=zone)


def _rounds(tries: Tries) -> int:
    """How often it failed with all methods: those that were tried beside the first are of its round."""
    return max(tries.failures - max(len(tries.methods) - 1, 0), 1)


def _untried(
    tries: Tries, methods: tuple[CollectionMethod, ...], policy: Policy
) -> tuple[CollectionMethod, ...]:
    """The methods that come next in the first round, where the policy tries several; one that came into use since the
    last try comes next in any case, and so does another where the last one is out of use."""
    updated = (
        tries.newest_method is not None and tries.last_at is not None and tries.newest_method > tries.last_at
    )
    ended = tries.last_cause is not None and CAUSE_CLASS[tries.last_cause] is CauseClass.PERMANENT
    if not (policy.backups or updated or ended) or not (tries.methods or ended):
        return ()
    return tuple(m for m in in_order(policy, methods) if m.id not in tries.methods)


def charge_with(owed: Sequence[Invoice], snapshot: Snapshot, policy: Policy) -> dict[UUID, UUID]:
    """The method with which each invoice is tried first."""
    if not owed:
        return {}
    methods = in_order(policy, usable(snapshot.methods))
    chosen = {}
    for invoice in owed if methods else ():
        untried = _untried(snapshot.tries.get(invoice.id, Tries()), methods, policy)
        chosen[invoice.id] = (untried or methods)[0].id
    return chosen
