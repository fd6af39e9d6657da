"""What a committed plan writes, in exact figures: a page per kind of plan and proof, as an accountant reads it.

Amounts are minor units. `accounts(booking)` is debits less credits, so what we hold is positive and what we owe, or
have earned, is negative. Every booking also passes the till's `check`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from solvent.core import events as ev
from solvent.core.booking import issues_invoice
from solvent.core.change import (
    AddMethod,
    CancelAtPeriodEnd,
    CancelNow,
    NewItem,
    Purchase,
    SetQuantity,
    Start,
    SwitchPrice,
)
from solvent.core.collection import plan_invoice
from solvent.core.payment import Outcome
from solvent.core.period import Period
from tests.core.booked import invoiced, manual, pro, proven, rules, told
from tests.core.till import CARD, Till, accounts, paid, said

if TYPE_CHECKING:
    from tests.core.conftest import Shop


def test_a_paid_start(shop: Shop) -> None:
    till = Till(shop)
    attempt = till.open(shop.plan(pro()), method_token=None)
    booking = till.settle(paid(attempt, method=CARD))
    assert accounts(booking) == {"cash:sandbox": 2000, "deferred_revenue": -2000}
    assert (proven(booking), invoiced(booking)) == (("payment", 2000), ("SOL-7F-000042", 2000, 2000))
    assert told(booking) == ["subscription.started", "invoice.paid", "method.added"]
    assert (booking.credit, booking.items_changed, booking.ref) == (0, True, "pi_1")
    assert booking.method is not None
    assert booking.method.vaulted is CARD
    (grant,) = booking.grants
    assert (grant.object, grant.starts_at) == ("zone:example.com", shop.now)
    assert grant.ends_at == datetime(2026, 2, 6, tzinfo=UTC)  # the period, and five days to collect the next


def test_credit_pays_a_part(shops: type[Shop]) -> None:
    shop = shops(credit=500)
    till = Till(shop)
    booking = till.settle(paid(till.open(shop.plan(pro()))))
    assert accounts(booking) == {"cash:sandbox": 1500, "customer_credit": 500, "deferred_revenue": -2000}
    assert (proven(booking), booking.credit) == (("payment", 1500), -500)
    assert told(booking) == ["subscription.started", "credit.used", "invoice.paid"]


def test_credit_pays_it_all(shops: type[Shop]) -> None:
    shop = shops(credit=3000)
    till = Till(shop)
    booking = till.settle(said(till.open(shop.plan(pro())), Outcome.SUCCEEDED))
    assert accounts(booking) == {"customer_credit": 2000, "deferred_revenue": -2000}
    assert (proven(booking), booking.credit, booking.payment) == (("credit", 2000), -2000, None)
    assert (invoiced(booking), till.live.credit) == (("SOL-7F-000042", 2000, 2000), 1000)


def test_something_free_writes_no_invoice_and_no_posting(shop: Shop) -> None:
    till = Till(shop)
    plan = shop.plan(Start(items=(NewItem(price_id="free", object="zone:a"),)))
    booking = till.settle(said(till.open(plan), Outcome.SUCCEEDED))
    assert (proven(booking), booking.postings, booking.invoice) == (("nothing_due", 0), (), None)
    assert told(booking) == ["subscription.started"]


def test_a_trial_stands_on_the_confirmed_mandate(shop: Shop) -> None:
    till = Till(shop)
    attempt = till.open(shop.plan(Start(items=(NewItem(price_id="media"),))), method_token=None)
    booking = till.settle(said(attempt, Outcome.SUCCEEDED, ref="seti_1", method=CARD))
    assert (proven(booking), booking.postings, booking.invoice) == (("trial", 0), (), None)
    assert told(booking) == ["subscription.started", "method.added"]


def test_a_method_on_its_own(shop: Shop) -> None:
    till = Till(shop)
    attempt = till.open(shop.plan(AddMethod()), method_token=None)
    booking = till.settle(said(attempt, Outcome.SUCCEEDED, ref="seti_1", method=CARD))
    assert (proven(booking), booking.subscription, booking.grants) == (("trial", 0), None, ())
    assert booking.events == (
        ev.MethodAdded(method_id=booking.method.id, provider="sandbox", label="Visa 4242"),
    )


def test_the_method_that_was_charged_is_not_added_again(shop: Shop) -> None:
    till = Till(shop)
    attempt = till.open(shop.plan(pro()), method_token=CARD.token)
    assert till.settle(paid(attempt, method=CARD)).method is None


def test_terms_issue_an_invoice_that_is_due_later(shops: type[Shop]) -> None:
    shop = shops(terms_days=30, credit=500)
    till = Till(shop)
    booking = till.settle(said(till.open(shop.plan(pro())), Outcome.SUCCEEDED))
    assert accounts(booking) == {"receivable": 2000, "deferred_revenue": -2000}
    assert (proven(booking), booking.credit) == (("terms", 2000), 0)
    assert (invoiced(booking), told(booking)) == (
        ("SOL-7F-000042", 2000, 0),
        ["subscription.started", "invoice.issued"],
    )
    assert booking.events[-1] == ev.InvoiceIssued(
        invoice_id=booking.invoice.id,
        number="SOL-7F-000042",
        total=2000,
        debt=2000,
        currency="USD",
        due_at=shop.now + timedelta(days=30),
    )


def test_an_upgrade_posts_the_difference(shop: Shop) -> None:
    """16 January, 12:00: 15.5 of 31 days are left. −10.00 unused, +100.00 remaining."""
    base = shop.zone().after
    shop.at(2026, 1, 16, 12)
    plan = shop.plan(SwitchPrice(subscription_id=base.id, item_id=base.items[0].id, price_id="business"))
    till = Till(shop)
    booking = till.settle(paid(till.open(plan)))
    assert [line.amount for line in booking.invoice.lines] == [-1000, 10000]
    assert accounts(booking) == {"cash:sandbox": 9000, "deferred_revenue": -9000}
    assert (told(booking), booking.items_changed) == (["subscription.changed", "invoice.paid"], True)


def test_a_purchase_is_earned_at_once(shop: Shop) -> None:
    till = Till(shop)
    booking = till.settle(paid(till.open(shop.plan(Purchase(items=(NewItem(price_id="setup"),))))))
    assert accounts(booking) == {"cash:sandbox": 5000, "revenue": -5000}
    assert (booking.subscription, told(booking)) == (None, ["invoice.paid"])


def test_lines_that_cancel_out_make_a_paid_invoice_of_nothing(shop: Shop) -> None:
    plan = plan_invoice(
        shop.account, manual(700, -700), invoice_id=UUID(int=6), credit_grants=(), **rules(shop)
    )
    till = Till(shop)
    booking = till.settle(said(till.open(plan), Outcome.SUCCEEDED))
    assert (proven(booking), invoiced(booking)) == (("nothing_due", 0), ("SOL-7F-000042", 0, 0))
    assert (booking.postings, told(booking)) == ((), ["invoice.paid"])


def test_a_renewal_changes_items_only_when_that_was_scheduled(shop: Shop) -> None:
    base = shop.start(("pro", 3, "zone:a")).after
    till = Till(shop)
    booking = till.settle(paid(till.open(shop.at(2026, 2, 1).due())))
    assert (booking.items_changed, told(booking)) == (False, ["subscription.renewed", "invoice.paid"])
    fewer = SetQuantity(subscription_id=base.id, item_id=base.items[0].id, quantity=1)
    scheduled = till.settle(said(till.open(shop.plan(fewer)), Outcome.SUCCEEDED))
    assert told(scheduled) == ["subscription.scheduled"]
    assert till.settle(paid(till.open(shop.at(2026, 3, 1).due()))).items_changed


def test_cancelling_with_credit_gives_the_unused_time_back(shop: Shop) -> None:
    base = shop.zone().after
    shop.at(2026, 1, 16, 12)
    till = Till(shop)
    plan = shop.plan(CancelNow(subscription_id=base.id, credit=True))
    assert (plan.total, issues_invoice(plan)) == (-1000, False)
    booking = till.settle(said(till.open(plan), Outcome.SUCCEEDED))
    assert (accounts(booking), proven(booking), booking.grants) == ({}, ("nothing_due", 0), ())
    assert booking.events == (
        ev.SubscriptionEnded(subscription_id=base.id, reason="canceled", ended_at=shop.now),
    )
    (note,) = till.notes
    assert accounts(note) == {"deferred_revenue": 1000, "customer_credit": -1000}
    assert note.credit_note is not None
    assert [(line.amount, line.period) for line in note.credit_note.lines] == [
        (1000, Period(start=shop.now, end=datetime(2026, 2, 1, tzinfo=UTC)))
    ]
    assert told(note) == ["credit_note.issued", "credit.granted", "invoice.resolved"]


def test_a_scheduled_cancellation_and_the_end(shop: Shop) -> None:
    base = shop.zone().after
    till = Till(shop)
    plan = shop.plan(CancelAtPeriodEnd(subscription_id=base.id))
    scheduled = till.settle(said(till.open(plan), Outcome.SUCCEEDED))
    end = datetime(2026, 2, 1, tzinfo=UTC)
    assert scheduled.events == (ev.ChangeScheduled(subscription_id=base.id, at=end, cancel=True),)
    assert [grant.ends_at for grant in scheduled.grants] == [end]
    ended = till.settle(said(till.open(shop.at(2026, 2, 3).due()), Outcome.SUCCEEDED))
    assert ended.events == (ev.SubscriptionEnded(subscription_id=base.id, reason="canceled", ended_at=end),)
