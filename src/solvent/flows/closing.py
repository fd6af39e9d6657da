"""Closing: an account comes to its end, and may be opened again.

Owns the transaction: under the account's lock, with the event and the mark, so that the next verdict knows. What was
asked for at the same moment meets a closed account when it is settled, and its money goes back. Does not own what may
be closed (`core.closed_account`).
"""

from datetime import datetime
from uuid import UUID

from solvent.core.account import Account
from solvent.core.closed_account import closing_refusal
from solvent.core.plan import Refusal
from solvent.flows.platform import Platform

REASON = "closing"
_NO_ACCOUNT = Refusal(field="account_id", rule="must be an existing account")


def close_account(
    platform: Platform, account_id: UUID, by: str, reason: str, now: datetime
) -> Account | Refusal:
    """Close an account of which everything has ended and been paid; one that is closed stays as it is."""
    with platform.store.begin() as tx:
        account = tx.accounts.lock(account_id)
        if account is None:
            return _NO_ACCOUNT
        if account.closed_at is not None:
            return account
        view = tx.accounts.view(account_id)
        assert view is not None, f"account {account_id} is locked"
        going_on = tx.accounts.going_on(account_id)
        refusal = closing_refusal(view.subscriptions, view.open_invoices, view.waiting, going_on)
        if refusal is not None:
            return refusal
        closed = tx.accounts.close(account, by, reason, now)
        tx.queue.mark([account_id], REASON, now)
    return closed


def reopen_account(
    platform: Platform, account_id: UUID, by: str, reason: str, now: datetime
) -> Account | Refusal:
    """Open a closed account again; one that is open stays as it is."""
    with platform.store.begin() as tx:
        account = tx.accounts.lock(account_id)
        if account is None:
            return _NO_ACCOUNT
        if account.closed_at is None:
            return account
        reopened = tx.accounts.reopen(account, by, reason, now)
        tx.queue.mark([account_id], REASON, now)
    return reopened
