"""Collect: payments without the customer (renewal, finalisation, retry), and pay-now with the customer.

Owns the charging of recorded attempts and the recording of those for debts. Does not own the merchant's own invoices
(`invoicing`), when a debt is tried again (`core.health` decides) nor what an outcome leads to (`settle`).
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import chain
from uuid import UUID

from solvent.core.account import Account, CollectionMethod
from solvent.core.attempt import Attempt
from solvent.core.catalog import Catalog
from solvent.core.collection import plan_debt
from solvent.core.consequence import Consequence
from solvent.core.credit import after_draws, owed_parts
from solvent.core.health import restraint_of
from solvent.core.ids import bucket_of
from solvent.core.invoice import Invoice
from solvent.core.payment import AttemptState, FailureCause, Outcome, Report
from solvent.core.plan import Plan, Refusal
from solvent.flows.apart import settle_apart
from solvent.flows.opening import (
    Asked,
    Conflict,
    Overtaken,
    ensure_owed,
    open_attempt,
    payment_request,
)
from solvent.flows.platform import Platform, ask, traced
from solvent.flows.routing import method_for
from solvent.ports.store import AccountView, Transaction


@traced("charge")
def charge(platform: Platform, attempts: Sequence[Attempt], now: datetime) -> Mapping[UUID, Attempt]:
    """Steps 4 and 5 off-session for attempts already in the journal; returns them as they then stand.

    One that cannot be settled is left to the janitor, when its lease is over.
    """
    reports = platform.spread(lambda attempt: charge_one(platform, attempt), attempts)
    settled, _ = settle_apart(platform, reports, now, attempts)
    return {attempt.id: settled.get(attempt.id, attempt) for attempt in attempts}


def charge_one(platform: Platform, attempt: Attempt) -> Report:
    """Charge the stored method, under the attempt's own key, however often it is asked."""
    if not attempt.needs_provider:
        return Report(outcome=Outcome.SUCCEEDED, key=attempt.id, ours=True)
    if attempt.method_token is None or attempt.provider is None:
        cause = attempt.cause or FailureCause.NO_METHOD
        return Report(outcome=Outcome.FAILED, key=attempt.id, cause=cause, ours=True)
    provider = platform.providers.get(attempt.provider)
    return ask(attempt.id, lambda: provider.charge(payment_request(attempt)))


def off_session_attempt(
    platform: Platform,
    account: Account,
    plan: Plan,
    methods: tuple[CollectionMethod, ...],
    now: datetime,
    asked: Asked | None = None,
) -> Attempt:
    """A journal row for a plan that no customer confirms: the first method that can pay, a lease for the caller."""
    method = method_for(platform, methods, plan.currency)
    moment = account.moment(now)
    return Attempt(
        id=(asked.id if asked else None) or platform.ids.draw(bucket_of(account.id)),
        account_id=account.id,
        plan=plan,
        state=AttemptState.OPENING,
        off_session=True,
        created_at=moment,
        expires_at=plan.expires_at,
        look_at=moment + platform.policy.lease,
        key=asked.key if asked else None,
        input_hash=asked.input_hash if asked else None,
        provider=method.provider if method else None,
        method_id=method.id if method else None,
        method_token=method.token if method else None,
        charged_kind=method.kind if method else None,
    )


def with_holds(tx: Transaction, bucket: int, attempts: Sequence[Attempt], now: datetime) -> list[Attempt]:
    """Attempts that are to be journaled. Where charges of an account are held, one that moves money has no method, and
    says why: it fails without anybody being asked, whoever takes it up, and what it is for goes on grace."""
    paying = {attempt.account_id for attempt in attempts if attempt.needs_provider}
    held = tx.holds.uncharged(bucket, paying, now) if paying else frozenset()
    return [
        replace(a, provider=None, method_id=None, method_token=None, cause=FailureCause.CHARGE_HELD)
        if a.account_id in held and a.needs_provider
        else a
        for a in attempts
    ]


@traced("collect_debts")
def collect_debts(
    platform: Platform,
    account_id: UUID,
    invoice_ids: Sequence[UUID],
    now: datetime,
    charge_with: Mapping[UUID, UUID] | None = None,
) -> int:
    """Path 5, scheduled: one attempt for each open invoice that has none in flight, by the method that `charge_with`
    names for it, where that can be charged.

    None at all where one of them is no longer owed as it was read, or the account may not be charged any more: whoever
    wrote that had the account assessed again.
    """
    attempts: list[Attempt] = []
    journaled: list[Attempt] = []
    catalog = platform.store.catalog()
    with suppress(Overtaken), platform.store.begin() as tx:
        view = tx.accounts.view(account_id)
        if view is None:
            return 0
        for invoice in view.open_invoices:
            if invoice.id not in invoice_ids:
                continue
            moment = view.account.moment(now)
            plan = plan_of_debt(platform, catalog, view, [invoice], moment)
            assert isinstance(plan, Plan), f"invoice {invoice.number} is open and owes nothing"
            view = replace(view, credit_grants=after_draws(view.credit_grants, plan.draws))
            methods = _first((charge_with or {}).get(invoice.id), view.methods)
            attempts.append(off_session_attempt(platform, view.account, plan, methods, now))
        inserted = tx.journal.add(attempts)
        taken = [attempt for attempt in attempts if attempt.id in inserted]
        ensure_owed(tx, taken)
        _ensure_unheld(tx, catalog, account_id, now)
        journaled = taken
    return len(charge(platform, journaled, now))


def _ensure_unheld(tx: Transaction, catalog: Catalog, account_id: UUID, now: datetime) -> None:
    """Raises `Overtaken` where a hold, or the engine's mode, has kept charges from the account since it was assessed.
    The account is locked, so none is placed from here on."""
    for snapshot in tx.queue.snapshots(bucket_of(account_id), [account_id]):
        moment = snapshot.account.moment(now)
        if restraint_of(snapshot, catalog, moment).stops(Consequence.COLLECT) is not None:
            raise Overtaken


def _first(method_id: UUID | None, methods: tuple[CollectionMethod, ...]) -> tuple[CollectionMethod, ...]:
    """The methods with one of them ranked before all others."""
    return tuple(replace(m, priority=-1) if m.id == method_id else m for m in methods)


def pay_now(
    platform: Platform, asked: Asked, invoice_ids: Collection[UUID], now: datetime
) -> Attempt | Refusal | Conflict:
    """Path 5, by the customer: open one on-session payment of invoices that are owed; none named: of all of them."""

    catalog = platform.store.catalog()

    def planner(view: AccountView, moment: datetime) -> Plan | Refusal:
        owed = {i.id: i for i in view.open_invoices}  # in the order of their due dates
        for n, invoice_id in enumerate(invoice_ids):
            if invoice_id not in owed:
                field = "invoice_id" if len(invoice_ids) == 1 else f"invoice_ids[{n}]"
                return Refusal(
                    field=field, rule="must be an invoice of the account on which something is owed"
                )
        chosen = [i for i in owed.values() if not invoice_ids or i.id in invoice_ids]
        return plan_of_debt(platform, catalog, view, chosen, moment)

    return open_attempt(platform, asked, planner, now)


def plan_of_debt(
    platform: Platform, catalog: Catalog, view: AccountView, invoices: Sequence[Invoice], moment: datetime
) -> Plan | Refusal:
    """The payment of open invoices, by what credit may pay of them and then by a method; writes nothing."""
    parts = (owed_parts(x, view.owed_lines.get(x.id, ()), catalog) for x in invoices)
    return plan_debt(
        view.account,
        *invoices,
        owed=tuple(chain.from_iterable(parts)),
        credit_grants=view.credit_grants,
        policy=platform.policy,
        now=moment,
    )
