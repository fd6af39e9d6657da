"""Credit: an account's credit, what became of it, and credit that is given or voided.

Owns how a request becomes one read or one flow, and what it answers. Does not own any rule of credit (`core`), nor
credit that is bought (a change, `top_up`).
"""

from uuid import UUID

from solvent.core.credit import GrantKind
from solvent.core.credit_bookings import Gift
from solvent.core.facts import UseKind
from solvent.core.ids import spell
from solvent.core.plan import Refusal
from solvent.flows.account_credit import KeyReused, give_credit, void_credit
from solvent.store.credit_reads import CreditBalance, StoredGrant, StoredUse, Uses
from solvent.web.credit_views import (
    CreditBalanceView,
    CreditGrantView,
    CreditUseView,
    GiftBody,
    PromiseView,
    VoidBody,
)
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers.accounts import paged
from solvent.web.handlers.shared import account_in_path, fingerprint, refusal_problem
from solvent.web.params import CreditQuery, CreditUsesQuery
from solvent.web.present import amount_text
from solvent.web.problems import Problem, not_found


def credit(call: Call) -> Reply:
    """What is left of an account's credit, and a page of its grants."""
    query: CreditQuery = call.query
    account = account_in_path(call)
    after = None if query.after is None else uuid_in(query.after)
    reads = call.queries.credit
    found = reads.grants(account.id, query.kind, after, query.limit + 1, spent=query.all)
    page = paged([grant_view(grant) for grant in found], query.limit)
    return Reply({"balances": balance_views(reads.balances(account.id)), **page.value})


def grant(call: Call) -> Reply:
    """One grant as it now stands."""
    return Reply(_stored(call, account_in_path(call).id, _grant_in_path(call)))


def uses(call: Call) -> Reply:
    """A page of what became of an account's credit."""
    query: CreditUsesQuery = call.query
    account = account_in_path(call)
    wanted = Uses(
        grant=None if query.grant is None else uuid_in(query.grant),
        invoice=None if query.invoice is None else uuid_in(query.invoice),
        kind=query.kind,
        start=query.from_,
        end=query.to,
    )
    found = call.queries.credit.uses(account.id, wanted, _place(query.after), query.limit + 1)
    return paged([use_view(use) for use in found], query.limit)


def give(call: Call) -> Reply:
    """Give an account credit without money."""
    body: GiftBody = call.body
    account = account_in_path(call)
    gift = Gift(
        kind=GrantKind(body.kind),
        amount=body.amount,
        reason=body.reason,
        granted_by=body.granted_by,
        key=call.key,
        input_hash=fingerprint(call, "credit-grant"),
        priority=body.priority,
        excludes=body.excludes,
        expires_at=body.expires_at,
    )
    given = give_credit(call.solvent.platform, account.id, gift, call.now)
    if isinstance(given, Refusal):
        raise refusal_problem(given)
    if isinstance(given, KeyReused):
        detail = "this idempotency key came with another request before"
        raise Problem("idempotency_key_reused", f"{detail} ({spell('crg', given.grant_id)})")
    view = _stored(call, account.id, given.grant_id)
    location = f"/v1/accounts/{view.account_id}/credit/{view.id}"
    return Reply(view, 201 if given.new else 200, [("location", location)])


def void(call: Call) -> Reply:
    """Take back what is left of credit that was given without money."""
    body: VoidBody = call.body
    account, grant_id = account_in_path(call), _grant_in_path(call)
    _stored(call, account.id, grant_id)
    voided = void_credit(call.solvent.platform, account.id, grant_id, body.reason, body.by, call.now)
    if isinstance(voided, Refusal):
        raise refusal_problem(voided)
    return Reply(_stored(call, account.id, grant_id))


def balance_views(balances: list[CreditBalance]) -> list[CreditBalanceView]:
    """Balances as answers show them."""
    return [
        CreditBalanceView(
            currency=one.currency,
            kind=GrantKind(one.kind),
            amount=one.amount,
            amount_text=amount_text(one.amount, one.currency),
            promised=one.promised,
            expires_first=one.expires_first,
        )
        for one in balances
    ]


def grant_view(stored: StoredGrant) -> CreditGrantView:
    """A grant as answers show it."""
    return CreditGrantView(
        id=spell("crg", stored.id),
        account_id=spell("acc", stored.account_id),
        kind=GrantKind(stored.kind),
        currency=stored.currency,
        amount=stored.amount,
        amount_text=amount_text(stored.amount, stored.currency),
        remaining=stored.remaining,
        remaining_text=amount_text(stored.remaining, stored.currency),
        promised=[
            PromiseView(change_id=spell("att", UUID(attempt)), amount=amount)
            for attempt, amount in stored.promised
        ],
        priority=stored.priority,
        excludes=stored.excludes,
        reason=stored.reason,
        granted_by=stored.granted_by,
        invoice_id=None if stored.invoice_id is None else spell("inv", stored.invoice_id),
        granted_at=stored.granted_at,
        expires_at=stored.expires_at,
        held=stored.held,
        held_text=amount_text(stored.held, stored.currency),
        returns=None if stored.returns is None else spell("crg", stored.returns),
    )


def _grant_in_path(call: Call) -> UUID:
    return public_id("crg", call.path["grant_id"], "grant_id")


def _stored(call: Call, account_id: UUID, grant_id: UUID) -> CreditGrantView:
    found = call.queries.credit.grant(account_id, grant_id)
    if found is None:
        raise not_found("grant of credit", spell("crg", grant_id))
    return grant_view(found)


def _place(after: str | None) -> tuple[UUID, int] | None:
    """The transaction of a use, and its place in it."""
    if after is None:
        return None
    _, cause, position = after.split("_")
    return UUID(hex=cause), int(position)


def use_view(stored: StoredUse) -> CreditUseView:
    """A use of credit as answers show it."""
    return CreditUseView(
        id=f"cru_{stored.cause_id.hex}_{stored.position}",
        account_id=spell("acc", stored.account_id),
        grant_id=spell("crg", stored.grant_id),
        grant_kind=GrantKind(stored.grant_kind),
        kind=UseKind(stored.kind),
        currency=stored.currency,
        amount=stored.amount,
        amount_text=amount_text(stored.amount, stored.currency),
        invoice_id=None if stored.invoice_id is None else spell("inv", stored.invoice_id),
        line=stored.line,
        used_at=stored.used_at,
    )
