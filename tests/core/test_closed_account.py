"""What may be closed, what a closed account refuses, and how it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from solvent.core.change import CancelNow
from solvent.core.closed_account import CLOSED, closing_refusal
from solvent.core.drift import Witness
from solvent.core.drift_kinds import DriftKind
from solvent.core.health import assess
from solvent.core.plan import Refusal
from solvent.core.settlement import Families, Live, stale
from solvent.core.snapshot import Snapshot, Standing
from tests.core.conftest import Shop
from tests.core.test_health import ISSUED_AT, POLICY, Case, owing


def test_what_is_left_is_named(shop: Shop) -> None:
    shop.start("seats")
    live, invoice = tuple(shop.subscriptions.values()), owing(shop)
    refusal = closing_refusal(live, (), (), None)
    assert refusal is not None
    assert (refusal.field, refusal.rule.startswith("must all have ended: sub_")) == ("subscriptions", True)
    assert closing_refusal((), (invoice,), (), None) == Refusal(
        field="invoices", rule=f"must all be paid, or credited: {invoice.number}"
    )
    assert closing_refusal((), (replace(invoice, paid=invoice.total),), (), None) is None
    assert closing_refusal((), (), (), "a refund") == Refusal(
        field="account_id", rule="has a refund under way: wait for its end"
    )


def test_what_has_ended_is_no_reason(shop: Shop) -> None:
    shop.start("seats")
    shop.commit(CancelNow(subscription_id=shop.only.id))
    assert closing_refusal(tuple(shop.subscriptions.values()), (), (), None) is None


def closed(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, account=replace(snapshot.account, closed_at=ISSUED_AT - timedelta(days=2)))


def test_it_stands_closed_and_what_it_owes_comes_first(shop: Shop) -> None:
    snapshot = closed(Case(shop).snapshot())
    assert assess(snapshot, shop.catalog, POLICY, ISSUED_AT).standing is Standing.CLOSED
    late = closed(Case(shop, (owing(shop, due_at=ISSUED_AT - timedelta(days=6)),)).snapshot())
    assert assess(late, shop.catalog, POLICY, ISSUED_AT).standing is Standing.PAST_DUE


def test_recorded_as_good_it_is_misrecorded_and_what_goes_on_is_named(shop: Shop) -> None:
    shop.start("seats")
    snapshot = replace(closed(Case(shop).snapshot()), witness=Witness(waiting=False, owing=0))
    found = assess(snapshot, shop.catalog, POLICY, ISSUED_AT).disagreements
    assert [d.kind for d in found] == [DriftKind.CLOSED_STILL_SUBSCRIBED, DriftKind.STANDING_MISRECORDED]


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_plan_to_buy_is_stale_once_the_account_is_closed(shop: Shop, is_closed: bool) -> None:
    plan = shop.start("seats")
    account = replace(shop.account, closed_at=ISSUED_AT if is_closed else None)
    live = Live(account=account)
    assert stale(plan, live, Families(shop.catalog)) == ("closed" if is_closed else None)
    assert CLOSED.rule == "is closed: reopen it first"
