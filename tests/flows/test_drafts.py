"""Drafts: invoices of the merchant's own, kept, changed, looked at, voided and issued once."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from solvent.core.attempt import Attempt
from solvent.core.invoice import Line
from solvent.core.manual import Draft, DraftState, Particulars
from solvent.core.payment import AttemptState
from solvent.core.plan import Plan, Refusal
from solvent.flows.invoicing import change_draft, finalise, issue_draft, keep_draft, preview, void_draft
from solvent.flows.opening import Asked, Conflict
from solvent.sim import Customer
from tests.flows.acts import manual, zone
from tests.flows.interleaving import interleaved
from tests.simulation.fragile import FragileWorld

ORDER = Particulars(reference="PO-1", notes="Thank you.", terms_days=14)


def asked(customer: Customer, key: str = "k", content: bytes = b"same") -> Asked:
    return Asked(account_id=customer.id, key=key, input_hash=content)


def kept(
    world: FragileWorld, customer: Customer, amount: int = 500, particulars: Particulars = ORDER
) -> Draft:
    draft = keep_draft(world.platform, customer.id, manual(amount), particulars, world.now)
    assert isinstance(draft, Draft)
    return draft


def other(amount: int) -> Callable[[Draft], tuple[tuple[Line, ...], Particulars]]:
    return lambda draft: (manual(amount), draft.particulars)


def test_what_is_previewed_is_what_is_issued(world: FragileWorld, ada: Customer) -> None:
    ada.receive_credit(120)
    draft = kept(world, ada, particulars=Particulars(reference="PO-1"))
    assert ada.invoices() == []
    changed = change_draft(world.platform, draft.id, other(700), world.now)
    assert isinstance(changed, Draft)
    seen = preview(world.platform, changed, world.now)
    assert isinstance(seen, Plan)
    assert (seen.total, seen.credit_used, seen.due) == (700, 120, 580)
    done = issue_draft(world.platform, asked(ada), draft.id, world.now)
    assert isinstance(done, Attempt)
    assert (done.state, done.plan.fingerprint) == (AttemptState.COMMITTED, seen.fingerprint)
    (invoice,) = ada.invoices()
    assert (invoice.total, invoice.debt) == (seen.total, seen.due)


def test_its_terms_and_particulars_are_the_invoices(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    draft = kept(world, ada)
    issue_draft(world.platform, asked(ada), draft.id, world.now)
    with world.platform.store.begin() as tx:
        view = tx.accounts.view(ada.id)
    assert view is not None
    (owed,) = view.open_invoices
    assert (owed.reference, owed.notes, (owed.due_at - owed.issued_at).days) == ("PO-1", "Thank you.", 14)


def test_a_draft_is_issued_once_whoever_asks(world: FragileWorld, ada: Customer) -> None:
    draft = kept(world, ada)
    first = issue_draft(world.platform, asked(ada), draft.id, world.now)
    assert isinstance(first, Attempt)
    assert issue_draft(world.platform, asked(ada), draft.id, world.now) == first
    reused = issue_draft(world.platform, asked(ada, content=b"other"), draft.id, world.now)
    assert isinstance(reused, Conflict)
    again = issue_draft(world.platform, asked(ada, "k2"), draft.id, world.now)
    assert isinstance(again, Refusal)
    for refused in (
        change_draft(world.platform, draft.id, other(1), world.now),
        void_draft(world.platform, draft.id, world.now),
    ):
        assert isinstance(refused, Refusal)
        assert refused.field == "draft_id"
    assert ada.debt() == 500


@pytest.mark.parametrize("key", ["k", "k2"])
def test_two_callers_at_the_same_moment_issue_one_invoice(
    world: FragileWorld, ada: Customer, key: str
) -> None:
    draft = kept(world, ada)
    others = list[Attempt | Refusal | Conflict]()

    def overtake() -> None:
        others.append(issue_draft(world.platform, asked(ada), draft.id, world.now))

    mine = issue_draft(interleaved(world.platform, "lock", overtake), asked(ada, key), draft.id, world.now)
    assert isinstance(others[0], Attempt)
    assert mine == others[0] if key == "k" else isinstance(mine, Refusal)
    assert ada.debt() == 500


def test_a_voided_draft_is_never_issued(world: FragileWorld, ada: Customer) -> None:
    draft = kept(world, ada)
    gone = void_draft(world.platform, draft.id, world.now)
    assert isinstance(gone, Draft)
    assert gone.state is DraftState.VOIDED
    assert void_draft(world.platform, draft.id, world.now) == gone
    assert isinstance(issue_draft(world.platform, asked(ada), draft.id, world.now), Refusal)
    assert ada.invoices() == []


def test_what_could_not_be_issued_is_not_kept(world: FragileWorld, ada: Customer) -> None:
    refused = keep_draft(world.platform, ada.id, manual(-5), ORDER, world.now)
    assert refused == Refusal(field="lines", rule="must not be negative together")
    draft = kept(world, ada)
    assert change_draft(world.platform, draft.id, other(-5), world.now) == refused
    seen = preview(world.platform, draft, world.now)
    assert isinstance(seen, Plan)
    assert seen.total == 500


def test_what_comes_to_no_amount_is_not_kept_and_not_issued(world: FragileWorld, ada: Customer) -> None:
    """It would be no invoice, and the draft would say that it was issued."""
    refused = Refusal(field="lines", rule="must come to an amount other than 0, one of them at least")
    assert keep_draft(world.platform, ada.id, manual(0), ORDER, world.now) == refused
    assert change_draft(world.platform, kept(world, ada).id, other(0), world.now) == refused
    assert finalise(world.platform, asked(ada), manual(0), world.now) == refused
    ada.receive_item(-5)
    with_items = Particulars(include_items=True)
    assert keep_draft(world.platform, ada.id, manual(0), with_items, world.now) == refused
    nothing_to_pay = finalise(world.platform, asked(ada), (*manual(5), *manual(-5)), world.now)
    assert isinstance(nothing_to_pay, Attempt)
    assert [invoice.total for invoice in ada.invoices()] == [0]


def test_what_is_not_there(world: FragileWorld, ada: Customer) -> None:
    nobody = world.platform.ids.draw(ada.id.int & 0xFF)
    no_draft = Refusal(field="draft_id", rule="must be an existing draft")
    assert change_draft(world.platform, nobody, other(1), world.now) == no_draft
    assert void_draft(world.platform, nobody, world.now) == no_draft
    assert issue_draft(world.platform, asked(ada), nobody, world.now) == no_draft
    no_account = Refusal(field="account_id", rule="must be an existing account")
    assert keep_draft(world.platform, uuid4(), manual(1), ORDER, world.now) == no_account


def test_a_draft_that_came_to_be_forbidden_is_not_issued(world: FragileWorld, ada: Customer) -> None:
    draft = kept(world, ada)
    with world.database.pool.connection() as connection:
        connection.execute("update invoice_draft set lines = '[]', version = 2 where id = %s", (draft.id,))
    refused = issue_draft(world.platform, asked(ada), draft.id, world.now)
    assert refused == Refusal(field="lines", rule="must be at least one line")
    assert isinstance(void_draft(world.platform, draft.id, world.now), Draft)
