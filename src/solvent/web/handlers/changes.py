"""Changes: quotes, opening, confirming and reading a change; paying a debt and adding a method open one as well.

Owns how a request becomes an attempt, and whether the answer is a new one or a repetition. Does not own planning,
opening or settling (`flows`).
"""

from dataclasses import replace
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.change import AddMethod
from solvent.core.ids import bucket_of, spell
from solvent.core.payment import AttemptState
from solvent.core.plan import Refusal
from solvent.flows import change as flow
from solvent.flows.acting import with_action
from solvent.flows.collect import pay_now
from solvent.flows.opening import Asked, confirm, read
from solvent.store.change_pages import WantedChanges
from solvent.web.bodies import ChangeBody, ConfirmBody, MethodBody, PayDebtBody, QuoteBody
from solvent.web.change_params import OpenedChangesQuery
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers.accounts import paged
from solvent.web.handlers.change_view import change_view, issued_by, summary
from solvent.web.handlers.filters import checked
from solvent.web.handlers.shared import (
    account_in_path,
    existing_account,
    fingerprint,
    opened,
    prices_of,
    refusal_problem,
)
from solvent.web.present import plan_view
from solvent.web.problems import not_found


def quote(call: Call) -> Reply:
    """What a change would cost and lead to."""
    body: QuoteBody = call.body
    account = existing_account(call, uuid_in(body.account_id))
    platform = call.solvent.platform
    wanted = body.change.core(prices_of(platform.store.catalog()))
    plan = flow.quote(platform, account.id, wanted, call.now)
    if isinstance(plan, Refusal):
        raise refusal_problem(plan, change=True)
    return Reply(plan_view(plan))


def open_change(call: Call) -> Reply:
    """Open a change of what an account has."""
    body: ChangeBody = call.body
    platform = call.solvent.platform
    asked = _asked(call, uuid_in(body.account_id), "change", body.provider, body.method_id)
    asked = replace(asked, method_kind=body.method_kind, return_url=body.return_url)
    wanted = body.change.core(prices_of(platform.store.catalog()))
    result = flow.open_change(platform, asked, wanted, call.now)
    return _answer(call, asked, _known_account(call, asked, result, change=True))


def add_method(call: Call) -> Reply:
    """Open the setup of a collection method."""
    body: MethodBody = call.body
    account_id = public_id("acc", call.path["account_id"], "account_id")
    asked = replace(_asked(call, account_id, "method", body.provider, None), method_kind=body.method_kind)
    result = flow.open_change(call.solvent.platform, asked, AddMethod(), call.now)
    return _answer(call, asked, _known_account(call, asked, result))


def pay_debt(call: Call) -> Reply:
    """Open one payment of invoices that are owed: those that are named, else all of them."""
    body: PayDebtBody = call.body
    account = account_in_path(call)
    asked = _asked(call, account.id, "pay-debt", body.provider, body.method_id)
    asked = replace(asked, method_kind=body.method_kind)
    if body.invoice_id is not None and body.invoice_ids is not None:
        raise refusal_problem(Refusal(field="invoice_ids", rule="must not come with an invoice_id"))
    named = body.invoice_ids or (() if body.invoice_id is None else (body.invoice_id,))
    if len(set(named)) < len(named):
        raise refusal_problem(Refusal(field="invoice_ids", rule="must name each invoice once"))
    chosen = [uuid_in(spelled) for spelled in named]
    return _answer(call, asked, opened(pay_now(call.solvent.platform, asked, chosen, call.now)))


def confirm_change(call: Call) -> Reply:
    """Complete the customer's part."""
    body: ConfirmBody = call.body
    attempt_id = public_id("att", call.path["change_id"], "change_id")
    present = call.now
    attempt = confirm(call.solvent.platform, attempt_id, body.method, present)
    return Reply(view_of(call, attempt))


def page(call: Call) -> Reply:
    """A page of changes."""
    query: OpenedChangesQuery = call.query
    backwards = query.opened_from and query.opened_to and query.opened_to < query.opened_from
    checked(call, broken=[("opened_to", "must not be before opened_from")] if backwards else ())
    account = None if query.account is None else existing_account(call, uuid_in(query.account))
    wanted = WantedChanges(
        account=None if account is None else account.id,
        clock=query.clock,
        test_clock=account is not None and account.test_now is not None,
        state=query.state,
        start=query.opened_from,
        end=query.opened_to,
    )
    after = None if query.after is None else uuid_in(query.after)
    found = call.queries.changes.page(wanted, after, query.limit + 1)
    return paged([summary(attempt) for attempt in found], query.limit)


def read_change(call: Call) -> Reply:
    """One change as it stands."""
    attempt_id = public_id("att", call.path["change_id"], "change_id")
    return Reply(view_of(call, read(call.solvent.platform, attempt_id)))


def _asked(call: Call, account_id: UUID, kind: str, provider: str | None, method_id: str | None) -> Asked:
    return Asked(
        account_id=account_id,
        key=call.key,
        input_hash=fingerprint(call, kind),
        provider=provider,
        method_id=None if method_id is None else uuid_in(method_id),
        id=call.solvent.platform.ids.draw(bucket_of(account_id)),
    )


def _known_account(call: Call, asked: Asked, result: object, *, change: bool = False) -> Attempt:
    """The attempt, or a problem; an account that does not exist is 404 here as everywhere."""
    if isinstance(result, Refusal) and result.field == "account_id":
        existing_account(call, asked.account_id)
    return opened(result, change=change)  # type: ignore[arg-type] # the union of both flows


def _answer(call: Call, asked: Asked, attempt: Attempt) -> Reply:
    """201 for the attempt that this request opened, 200 for one that was there."""
    location = ("location", f"/v1/changes/{spell('att', attempt.id)}")
    return Reply(view_of(call, attempt), 201 if attempt.id == asked.id else 200, [location])


def view_of(call: Call, attempt: Attempt | None) -> object:
    """An attempt as an answer, or 404."""
    if attempt is None:
        raise not_found("change", call.path["change_id"])
    call.kept.forget(attempt.account_id)  # what is held may be another now
    attempt = with_action(call.solvent.platform, attempt)
    paid = attempt.plan.settles if attempt.state is AttemptState.COMMITTED else ()
    return change_view(attempt, paid[0].invoice_id if paid else issued_by(call.queries, attempt))
