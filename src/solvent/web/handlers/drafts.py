"""Drafts: invoices of the merchant's own before they are issued.

Owns how their requests become one flow each, and the view of a draft. Does not own what it comes to (`core`), nor
invoices that are issued at once (`invoices`).
"""

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct

from solvent.core.ids import bucket_of, spell
from solvent.core.invoice import Line
from solvent.core.manual import Draft, DraftState, Particulars
from solvent.core.plan import Refusal
from solvent.flows import invoicing
from solvent.flows.opening import Asked
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import AccountId, ChangeId, DraftId, InvoiceId, uuid_in
from solvent.web.handlers.accounts import paged
from solvent.web.handlers.invoices import issued_reply
from solvent.web.handlers.shared import existing_account, fingerprint, opened, refusal_problem
from solvent.web.invoice_bodies import DraftChangeBody, DraftsQuery, InvoiceBody, lines_of
from solvent.web.present import line_view, plan_view
from solvent.web.problems import not_found
from solvent.web.views import LineView, PlanView


class DraftView(Struct, frozen=True, kw_only=True):
    """An invoice that is not issued yet, or what became of it: `change_id` is the attempt that collects it."""

    id: DraftId
    account_id: AccountId
    state: DraftState
    version: int
    reference: str | None
    notes: str | None
    terms_days: Annotated[int | None, Meta(description="Null: by the account's terms.")]
    include_items: bool
    change_id: ChangeId | None
    created_at: datetime
    changed_at: datetime


class FullDraftView(DraftView, frozen=True, kw_only=True):
    """A draft with its lines as they were written, and what issuing it now comes to: `preview` is null once it is
    issued or voided, and where something forbids it now, which `forbidden` names."""

    lines: list[LineView]
    preview: PlanView | None
    forbidden: str | None
    invoice_id: InvoiceId | None


class DraftPage(Struct, frozen=True, kw_only=True):
    """A page of drafts; `next` is the cursor of the following one."""

    data: list[DraftView]
    next: DraftId | None


def keep(call: Call) -> Reply:
    """Keep a new draft."""
    body: InvoiceBody = call.body
    account = existing_account(call, uuid_in(body.account_id))
    platform = call.solvent.platform
    lines = lines_of(body.lines, account.currency, platform.convention.rounding)
    draft = _draft(invoicing.keep_draft(platform, account.id, lines, body.particulars, call.now))
    return Reply(_full(call, draft), 201, [("location", f"/v1/invoice-drafts/{spell('drf', draft.id)}")])


def page(call: Call) -> Reply:
    """A page of an account's drafts."""
    query: DraftsQuery = call.query
    account = existing_account(call, uuid_in(query.account))
    after = None if query.after is None else uuid_in(query.after)
    found = call.queries.drafts.of_account(account.id, query.state, after, query.limit + 1)
    return paged([draft_view(draft) for draft in found], query.limit)


def read(call: Call) -> Reply:
    """One draft, with its preview."""
    return Reply(_full(call, _existing(call)))


def change(call: Call) -> Reply:
    """Other contents of a draft."""
    body: DraftChangeBody = call.body
    held = _existing(call)
    platform = call.solvent.platform
    currency = existing_account(call, held.account_id).currency
    given = None if body.lines is UNSET else lines_of(body.lines, currency, platform.convention.rounding)

    def contents(draft: Draft) -> tuple[tuple[Line, ...], Particulars]:
        return draft.lines if given is None else given, body.particulars(draft)

    return Reply(_full(call, _draft(invoicing.change_draft(platform, held.id, contents, call.now))))


def void(call: Call) -> Reply:
    """A draft that will never be issued."""
    held = _existing(call)
    return Reply(_full(call, _draft(invoicing.void_draft(call.solvent.platform, held.id, call.now))))


def issue(call: Call) -> Reply:
    """Issue and collect what a draft says."""
    held = _existing(call)
    asked = Asked(
        account_id=held.account_id,
        key=call.key,
        input_hash=fingerprint(call, "issue-draft"),
        id=call.solvent.platform.ids.draw(bucket_of(held.account_id)),
    )
    attempt = opened(invoicing.issue_draft(call.solvent.platform, asked, held.id, call.now))
    return issued_reply(call, attempt, asked)


def _existing(call: Call) -> Draft:
    spelled = call.path["draft_id"]
    found = call.queries.drafts.one(public_id("drf", spelled, "draft_id"))
    if found is None:
        raise not_found("draft", spelled)
    return found


def _draft(decided: Draft | Refusal) -> Draft:
    if isinstance(decided, Refusal):
        raise refusal_problem(decided)
    return decided


def _full(call: Call, draft: Draft) -> FullDraftView:
    platform = call.solvent.platform
    account = existing_account(call, draft.account_id)
    plan = invoicing.preview(platform, draft, call.now) if draft.state is DraftState.DRAFT else None
    invoice_id = None if draft.attempt_id is None else call.queries.invoice_of(draft.attempt_id)
    return FullDraftView(
        **_fields(draft),
        lines=[line_view(line, account.currency) for line in draft.lines],
        preview=None if plan is None or isinstance(plan, Refusal) else plan_view(plan),
        forbidden=f"{plan.field} {plan.rule}" if isinstance(plan, Refusal) else None,
        invoice_id=None if invoice_id is None else spell("inv", invoice_id),
    )


def draft_view(draft: Draft) -> DraftView:
    """A draft as lists show it."""
    return DraftView(**_fields(draft))


def _fields(draft: Draft) -> dict[str, Any]:
    return {
        "id": spell("drf", draft.id),
        "account_id": spell("acc", draft.account_id),
        "state": draft.state,
        "version": draft.version,
        "reference": draft.particulars.reference,
        "notes": draft.particulars.notes,
        "terms_days": draft.particulars.terms_days,
        "include_items": draft.particulars.include_items,
        "change_id": None if draft.attempt_id is None else spell("att", draft.attempt_id),
        "created_at": draft.created_at,
        "changed_at": draft.changed_at,
    }
