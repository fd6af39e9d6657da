"""Closing: an account is closed, and opened again.

Owns the body of both requests. Does not own what may be closed (`flows.closing`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from solvent.core.account import Account
from solvent.core.plan import Refusal
from solvent.flows.closing import close_account, reopen_account
from solvent.flows.platform import Platform
from solvent.web.change_bodies import Body
from solvent.web.endpoint import Call, Reply
from solvent.web.handlers.shared import account_in_path, refusal_problem
from solvent.web.money_bodies import Who, Words
from solvent.web.present import account_view

Move = Callable[[Platform, UUID, str, str, datetime], Account | Refusal]


class ClosingBody(Body):
    """Who closes an account, or opens it again, and why."""

    by: Who
    reason: Annotated[Words, Meta(description="Why, in plain words.")]


def close(call: Call) -> Reply:
    """Close an account of which everything has ended and been paid."""
    return _moved(call, close_account)


def reopen(call: Call) -> Reply:
    """Open a closed account again."""
    return _moved(call, reopen_account)


def _moved(call: Call, move: Move) -> Reply:
    body: ClosingBody = call.body
    account = account_in_path(call)
    after = move(call.solvent.platform, account.id, body.by, body.reason, call.now)
    if isinstance(after, Refusal):
        raise refusal_problem(after)
    return Reply(account_view(after))
