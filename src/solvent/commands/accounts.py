"""Accounts: an account on the command line: shown, changed, closed.

Owns the lines that are printed and the input's check. Does not own the rules of a change (`web.handlers.accounts`).
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

import msgspec

from solvent.commands.console import USAGE, CommandError
from solvent.commands.saying import as_json
from solvent.core.account import Account
from solvent.core.ids import InvalidId, parse
from solvent.core.plan import Refusal
from solvent.flows.closing import close_account, reopen_account
from solvent.store.queries import Queries
from solvent.web.bodies import AccountChangeBody
from solvent.web.handlers.accounts import changed
from solvent.web.present import account_view
from solvent.web.problems import Problem
from solvent.wiring import Solvent

EMPTY = "none"  # how a field is emptied that can be


def shown(solvent: Solvent, account: str, *, for_programs: bool) -> Iterator[str]:
    """A line for each field."""
    account_id = _id(account)
    found = Queries(solvent.database.pool).account(account_id)
    if found is None:
        raise CommandError(f"no account {account}")
    yield from _told(found, for_programs=for_programs)


def change(
    solvent: Solvent, account: str, given: Mapping[str, object], *, for_programs: bool
) -> Iterator[str]:
    """Change these fields; `none` empties one that can be empty."""
    account_id = _id(account)
    if not given:
        raise CommandError("give at least one field to change", USAGE)
    fields = {name: None if value == EMPTY else value for name, value in given.items()}
    try:
        body = msgspec.convert(fields, AccountChangeBody)
        after = changed(solvent, account_id, body, solvent.clock())
    except msgspec.ValidationError as error:
        raise CommandError(str(error), USAGE) from None
    except Problem as problem:
        broken = "; ".join(f"{error.field}: {error.rule}" for error in problem.errors)
        raise CommandError(broken or problem.detail, USAGE) from None
    yield from _told(after, for_programs=for_programs)


def close(solvent: Solvent, account: str, by: str, reason: str, *, for_programs: bool) -> Iterator[str]:
    """Close an account of which everything has ended and been paid."""
    after = close_account(solvent.platform, _id(account), by, reason, solvent.clock())
    yield from _told(_unless_refused(after), for_programs=for_programs)


def reopen(solvent: Solvent, account: str, by: str, reason: str, *, for_programs: bool) -> Iterator[str]:
    """Open a closed account again."""
    after = reopen_account(solvent.platform, _id(account), by, reason, solvent.clock())
    yield from _told(_unless_refused(after), for_programs=for_programs)


def _unless_refused(after: Account | Refusal) -> Account:
    if isinstance(after, Refusal):
        raise CommandError(f"{after.field}: {after.rule}", USAGE)
    return after


def _told(account: Account, *, for_programs: bool) -> Iterator[str]:
    view = msgspec.to_builtins(account_view(account))
    if for_programs:
        yield as_json(view)
        return
    for name, value in view.items():
        if value is not None:
            yield f"{name}  {_text(value)}"


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(_text(part) for part in value.values() if part is not None)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _id(text: str) -> UUID:
    try:
        return parse("acc", text)
    except InvalidId as error:
        raise CommandError(f"ACCOUNT: {error}, got {text!r}", USAGE) from None
