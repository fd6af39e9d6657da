"""Invoicing: invoices of the merchant's own, drafted or issued at once (path 4).

Owns the way of a draft (kept, changed, voided, looked at) and of an invoice from its lines to the attempt that collects
it. Does not own what lines come to nor what may become of a draft (`core.manual`, `core.collection`), the charge
(`collect`), nor the invoice itself (`settle`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.catalog import Catalog
from solvent.core.collection import plan_invoice
from solvent.core.ids import bucket_of
from solvent.core.invoice import Line
from solvent.core.manual import PLAIN, Draft, DraftState, Particulars, changed, issued, over, voided
from solvent.core.plan import Plan, Refusal
from solvent.flows.collect import charge, off_session_attempt
from solvent.flows.gating import gated, let_through, lets_through
from solvent.flows.opening import OPEN_TRIES_MAX, Asked, Conflict, Contended
from solvent.flows.platform import Platform, traced
from solvent.ports.store import AccountView, Transaction

NO_ACCOUNT = Refusal(field="account_id", rule="must be an existing account")
NO_DRAFT = Refusal(field="draft_id", rule="must be an existing draft")


@traced("finalise")
def finalise(
    platform: Platform,
    asked: Asked,
    lines: tuple[Line, ...],
    now: datetime,
    particulars: Particulars = PLAIN,
) -> Attempt | Refusal | Conflict:
    """An invoice of the merchant's own lines, issued and collected off-session; unpaid it stays owed."""
    invoice_id = platform.ids.draw(bucket_of(asked.account_id))
    catalog = platform.store.catalog()  # before the transaction: one connection at a time

    def record(tx: Transaction, view: AccountView) -> Attempt | Refusal | None:
        plan = _plan(platform, catalog, view, invoice_id, lines, particulars, now)
        return plan if isinstance(plan, Refusal) else _journal(platform, tx, view, plan, asked, now)

    return _issue(platform, asked, record, now)


@traced("issue_draft")
def issue_draft(
    platform: Platform, asked: Asked, draft_id: UUID, now: datetime
) -> Attempt | Refusal | Conflict:
    """Issue what a draft says, once, whoever asks: the draft is held while its attempt is recorded."""
    catalog = platform.store.catalog()  # before the transaction, here and below

    def record(tx: Transaction, view: AccountView) -> Attempt | Refusal | None:
        draft = tx.drafts.lock(draft_id)
        if draft is None or draft.account_id != asked.account_id:
            return NO_DRAFT
        if draft.state is not DraftState.DRAFT:
            return None if tx.journal.by_key(asked.account_id, asked.key) is not None else over(draft)
        plan = _preview(platform, catalog, view, draft, now)
        attempt = plan if isinstance(plan, Refusal) else _journal(platform, tx, view, plan, asked, now)
        if isinstance(attempt, Attempt):
            moved = issued(draft, attempt.id, now)
            assert isinstance(moved, Draft), f"draft {draft_id} is held, and a draft"
            tx.drafts.put(moved)
        return attempt

    return _issue(platform, asked, record, now)


def keep_draft(
    platform: Platform, account_id: UUID, lines: tuple[Line, ...], particulars: Particulars, now: datetime
) -> Draft | Refusal:
    """A new draft; what could not be issued is refused now."""
    draft = Draft(
        id=platform.ids.draw(bucket_of(account_id)),
        account_id=account_id,
        lines=lines,
        particulars=particulars,
        created_at=now,
        changed_at=now,
    )
    catalog = platform.store.catalog()
    with platform.store.begin() as tx:
        return _kept(platform, catalog, tx, draft, now)


def change_draft(
    platform: Platform,
    draft_id: UUID,
    change: Callable[[Draft], tuple[tuple[Line, ...], Particulars]],
    now: datetime,
) -> Draft | Refusal:
    """The draft with the contents that `change` makes of those it has."""
    catalog = platform.store.catalog()
    with platform.store.begin() as tx:
        draft = tx.drafts.lock(draft_id)
        if draft is None:
            return NO_DRAFT
        after = changed(draft, *change(draft), now)
        return after if isinstance(after, Refusal) else _kept(platform, catalog, tx, after, now)


def void_draft(platform: Platform, draft_id: UUID, now: datetime) -> Draft | Refusal:
    """The draft that will never be issued."""
    with platform.store.begin() as tx:
        draft = tx.drafts.lock(draft_id)
        if draft is None:
            return NO_DRAFT
        after = voided(draft, now)
        if isinstance(after, Draft) and after is not draft:
            tx.drafts.put(after)
        return after


def preview(platform: Platform, draft: Draft, now: datetime) -> Plan | Refusal:
    """What issuing a draft now would come to; nothing is written."""
    with platform.store.begin() as tx:
        view = tx.accounts.view(draft.account_id)
    assert view is not None, f"draft {draft.id} is of an account"
    return _preview(platform, platform.store.catalog(), view, draft, now)


def _kept(
    platform: Platform, catalog: Catalog, tx: Transaction, draft: Draft, now: datetime
) -> Draft | Refusal:
    view = tx.accounts.view(draft.account_id)
    if view is None:
        return NO_ACCOUNT
    plan = _preview(platform, catalog, view, draft, now)
    if isinstance(plan, Refusal):
        return plan
    tx.drafts.put(draft)
    return draft


def _preview(
    platform: Platform, catalog: Catalog, view: AccountView, draft: Draft, now: datetime
) -> Plan | Refusal:
    return _plan(platform, catalog, view, draft.id, draft.lines, draft.particulars, now)


def _plan(
    platform: Platform,
    catalog: Catalog,
    view: AccountView,
    invoice_id: UUID,
    lines: tuple[Line, ...],
    particulars: Particulars,
    now: datetime,
) -> Plan | Refusal:
    return plan_invoice(
        view.account,
        lines,
        invoice_id=invoice_id,
        credit_grants=view.credit_grants,
        catalog=catalog,
        policy=platform.policy,
        convention=platform.convention,
        now=view.account.moment(now),
        particulars=particulars,
        waiting=view.waiting,
    )


def _journal(
    platform: Platform, tx: Transaction, view: AccountView, plan: Plan, asked: Asked, now: datetime
) -> Attempt | Refusal | None:
    """The attempt in the journal; None when another caller was there first with the same key, or with
    what waits for an invoice."""
    refused = gated(platform, view, plan)
    if refused is not None:
        return refused
    attempt = off_session_attempt(platform, view.account, plan, view.methods, now, asked)
    if attempt.id not in tx.journal.add([attempt]):
        return None
    if lets_through(platform, view, plan):
        let_through(tx, view, plan, now)
    return attempt


def _issue(
    platform: Platform,
    asked: Asked,
    record: Callable[[Transaction, AccountView], Attempt | Refusal | None],
    now: datetime,
) -> Attempt | Refusal | Conflict:
    """Record what a key asks for, once, and charge it. What waits for an invoice may have moved since it was read: then
    it is read and planned anew."""
    for _ in range(OPEN_TRIES_MAX):
        recorded = _recorded(platform, asked, record)
        if isinstance(recorded, _New):
            return _charged(platform, recorded.attempt, now)
        if recorded is not None:
            return recorded
    raise Contended(
        f"account {asked.account_id}: what waits moved {OPEN_TRIES_MAX} times while it was planned"
    )


class _New(NamedTuple):
    """An attempt that was journaled just now, and not before under the same key."""

    attempt: Attempt


def _recorded(
    platform: Platform, asked: Asked, record: Callable[[Transaction, AccountView], Attempt | Refusal | None]
) -> _New | Attempt | Refusal | Conflict | None:
    """What the key stands for; None when what was planned had moved before it was journaled."""
    with platform.store.begin() as tx:
        known = tx.journal.by_key(asked.account_id, asked.key)
        if known is not None:
            return _same(known, asked)
        view = tx.accounts.view(asked.account_id)
        if view is None:
            return NO_ACCOUNT
        attempt = record(tx, view)
        if isinstance(attempt, Attempt):
            return _New(attempt)
        if attempt is not None:
            return attempt
        known = tx.journal.by_key(asked.account_id, asked.key)
        return None if known is None else _same(known, asked)


def _charged(platform: Platform, attempt: Attempt, now: datetime) -> Attempt:
    charged = charge(platform, [attempt], now)[attempt.id]
    if charged.in_flight and charged.plan.fingerprint != attempt.plan.fingerprint:
        charged = charge(platform, [charged], now)[attempt.id]  # for what its credit no longer covers
    return charged


def _same(known: Attempt, asked: Asked) -> Attempt | Conflict:
    """What the key stands for, if it came with the same input."""
    if known.input_hash == asked.input_hash:
        return known
    detail = "this idempotency key came with another input before"
    return Conflict(code="key_reused", detail=detail, attempt_id=known.id)
