"""Several reports settled in one transaction: a later one sees what an earlier one has used.

Whether two reports meet in one batch or in two is chance, so it must not decide where they end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from solvent.core.change import AddItem, CancelNow, NewItem, Purchase, SetQuantity, Start
from solvent.core.collection import plan_debt
from solvent.core.invoice import InvoiceState
from solvent.core.payment import AttemptState, Outcome, ProofKind
from solvent.core.plan import Plan
from solvent.core.settlement import Nothing
from tests.core.funds import whole
from tests.core.till import Till, declined, paid, said

if TYPE_CHECKING:
    from tests.core.conftest import Shop


def zone(price: str = "pro") -> Start:
    return Start(items=(NewItem(price_id=price, object="zone:example.com"),))


def test_the_same_notification_twice_is_one_payment(shop: Shop) -> None:
    till = Till(shop)
    attempt = till.open(shop.plan(zone()))
    till.settle(paid(attempt))
    assert till.judge(paid(attempt)) == Nothing()


def test_two_charges_of_one_attempt_end_as_one_payment_and_one_credit(shop: Shop) -> None:
    till = Till(shop)
    attempt = till.open(shop.plan(zone()))
    first, second = till.settle(paid(attempt, ref="pi_1")), till.settle(paid(attempt, ref="pi_2"))
    assert (first.payment.disposition, second.payment.disposition) == ("applied", "credited")
    assert till.judge(paid(attempt, ref="pi_2")) == Nothing()
    assert till.locked.attempts[attempt.id].ref == "pi_1"


def test_two_tabs_start_the_same_object(shop: Shop) -> None:
    till = Till(shop)
    one, other = till.open(shop.plan(zone())), till.open(shop.plan(zone("business")))
    assert till.settle(paid(one, ref="pi_1")).state is AttemptState.COMMITTED
    second = till.settle(paid(other, ref="pi_2"))
    assert (second.state, second.payment.reason, second.credit) == (AttemptState.RETURNED, "stale", 20000)


def test_an_object_is_free_again_after_its_subscription_ended(shop: Shop) -> None:
    base = shop.zone().after
    till = Till(shop)
    new = till.open(shop.plan(Start(items=(NewItem(price_id="seats"),))))
    till.settle(said(till.open(shop.plan(CancelNow(subscription_id=base.id))), Outcome.SUCCEEDED))
    again = till.open(shop.plan(zone()))
    assert till.settle(paid(again, ref="pi_1")).state is AttemptState.COMMITTED
    assert till.settle(paid(new, ref="pi_2")).state is AttemptState.COMMITTED


def test_the_same_credit_is_spent_once(shops: type[Shop]) -> None:
    shop = shops(credit=5000)
    till = Till(shop)
    buy = Purchase(items=(NewItem(price_id="setup"),))
    one, other = till.open(shop.plan(buy)), till.open(shop.plan(buy))
    assert till.settle(said(one, Outcome.SUCCEEDED)).credit == -5000
    second = till.settle(said(other, Outcome.SUCCEEDED))
    assert (second.state, second.cause, till.live.credit) == (AttemptState.FAILED, "canceled", 0)


def test_a_decline_and_its_late_success_pay_the_invoice_that_was_issued_between(shop: Shop) -> None:
    shop.zone()
    till = Till(shop)
    attempt = till.open(shop.at(2026, 2, 1).due())
    granted = till.settle(declined(attempt))
    late = till.settle(paid(attempt, ref="pi_late"))
    assert late.settled.id == granted.invoice.id
    assert (late.subscription.version, late.subscription.grace_invoice) == (3, None)
    invoice = till.live.invoices[granted.invoice.id]
    assert (invoice.state, invoice.debt, invoice.version) == (InvoiceState.PAID, 0, 2)
    third = till.settle(paid(attempt, ref="pi_third"))
    assert (third.payment.reason, third.state) == ("duplicate", AttemptState.COMMITTED)


def test_pay_now_and_a_scheduled_retry_charge_a_debt_once(shop: Shop) -> None:
    shop.zone()
    till = Till(shop)
    renewal = till.open(shop.at(2026, 2, 1).due())
    invoice = till.live.invoices[till.settle(declined(renewal)).invoice.id]
    plans = [
        plan_debt(
            shop.account, invoice, owed=whole(invoice), credit_grants=(), policy=shop.policy, now=shop.now
        )
        for _ in range(2)
    ]
    now, retry = (till.open(plan) for plan in plans if isinstance(plan, Plan))
    assert till.settle(paid(now, ref="pi_now")).proof.kind is ProofKind.PAYMENT
    second = till.settle(paid(retry, ref="pi_retry"))
    assert (second.payment.disposition, second.credit) == ("credited", 2000)
    late = till.settle(paid(renewal, ref="pi_late"))
    assert (late.payment.reason, late.credit) == ("duplicate", 2000)


def test_a_change_during_grace_keeps_it_and_paying_still_lifts_it(shop: Shop) -> None:
    """The lifted version follows the changed one; the items that the change added stay."""
    base = shop.zone().after
    till = Till(shop)
    granted = till.settle(declined(till.open(shop.at(2026, 2, 1).due())))
    invoice = till.live.invoices[granted.invoice.id]
    debt = till.open(
        plan_debt(
            shop.account, invoice, owed=whole(invoice), credit_grants=(), policy=shop.policy, now=shop.now
        )
    )
    added = AddItem(subscription_id=base.id, item=NewItem(price_id="seats"))
    changed = till.settle(paid(till.open(shop.plan(added)), ref="pi_2"))
    assert changed.subscription.grace_invoice == invoice.id
    lifted = till.settle(paid(debt, ref="pi_3"))
    assert (lifted.subscription.version, len(lifted.subscription.items)) == (4, 2)
    assert lifted.subscription.grace_until is None
    assert till.live.on_grace == {}


def test_what_is_scheduled_is_known_until_it_is_applied(shop: Shop) -> None:
    base = shop.start(("pro", 3, "zone:a")).after
    till = Till(shop)
    assert base.id not in till.live.scheduled
    fewer = SetQuantity(subscription_id=base.id, item_id=base.items[0].id, quantity=1)
    till.settle(said(till.open(shop.plan(fewer)), Outcome.SUCCEEDED))
    assert base.id in till.live.scheduled
    till.settle(paid(till.open(shop.at(2026, 2, 1).due())))
    assert base.id not in till.live.scheduled
