"""Drafts: invoices of the merchant's own that are not issued yet, as the command line shows and ends them.

Owns what is printed of them and the input's check. Does not own what becomes of a draft (`flows.invoicing`).
"""

from collections.abc import Iterator
from uuid import UUID

from solvent.commands.console import USAGE, CommandError
from solvent.commands.invoice_items import issued_line
from solvent.commands.saying import as_json
from solvent.core.attempt import Attempt
from solvent.core.ids import InvalidId, bucket_of, parse, spell
from solvent.core.manual import Draft, DraftState
from solvent.core.money import format_minor
from solvent.core.plan import Plan, Refusal
from solvent.flows import invoicing
from solvent.flows.opening import Asked, Conflict
from solvent.store.drafts import DraftReads
from solvent.web.handlers.drafts import draft_view
from solvent.wiring import Solvent


def lines(solvent: Solvent, account: str, *, every: bool, limit: int, for_programs: bool) -> Iterator[str]:
    """An account's drafts, those that can still be issued or all: a line each, with what issuing one comes to."""
    state = None if every else DraftState.DRAFT
    account_id = _id("acc", account, "ACCOUNT")
    found = DraftReads(solvent.database.pool).of_account(account_id, state, None, limit)
    if for_programs:
        yield as_json([draft_view(draft) for draft in found])
        return
    for draft in found:
        reference = draft.particulars.reference
        yield f"{spell('drf', draft.id)}  {_worth(solvent, draft)}{f'  {reference}' if reference else ''}"


def issued(solvent: Solvent, draft_id: str) -> str:
    """Issue a draft; said again, it is the same invoice."""
    draft = _draft(solvent, draft_id)
    asked = Asked(
        account_id=draft.account_id,
        key=f"command line: issue {draft.id.hex}",
        input_hash=b"",
        id=solvent.platform.ids.draw(bucket_of(draft.account_id)),
    )
    attempt = invoicing.issue_draft(solvent.platform, asked, draft.id, solvent.clock())
    if not isinstance(attempt, Attempt):
        raise CommandError(_told(attempt))
    return issued_line(solvent, attempt)


def voided(solvent: Solvent, draft_id: str) -> str:
    """Drop a draft."""
    after = invoicing.void_draft(solvent.platform, _draft(solvent, draft_id).id, solvent.clock())
    if isinstance(after, Refusal):
        raise CommandError(_told(after))
    return f"{spell('drf', after.id)}: {after.state}"


def _worth(solvent: Solvent, draft: Draft) -> str:
    if draft.state is not DraftState.DRAFT:
        return draft.state
    plan = invoicing.preview(solvent.platform, draft, solvent.clock())
    if not isinstance(plan, Plan):
        return f"cannot be issued: {_told(plan)}"
    return f"{format_minor(plan.total, plan.currency)} {plan.currency}"


def _draft(solvent: Solvent, draft_id: str) -> Draft:
    found = DraftReads(solvent.database.pool).one(_id("drf", draft_id, "DRAFT"))
    if found is None:
        raise CommandError(f"no draft {draft_id}")
    return found


def _told(answer: Refusal | Conflict) -> str:
    return answer.detail if isinstance(answer, Conflict) else f"{answer.field}: {answer.rule}"


def _id(prefix: str, text: str, where: str) -> UUID:
    try:
        return parse(prefix, text)
    except InvalidId as error:
        raise CommandError(f"{where}: {error}, got {text!r}", USAGE) from None
