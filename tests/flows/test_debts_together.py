"""Debts paid together: one payment of several invoices, each of them paid once whatever else runs."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from solvent.core.attempt import Attempt
from solvent.core.payment import AttemptState, ExternalMethod
from solvent.core.plan import Refusal
from solvent.core.receiving import Receipt
from solvent.flows.collect import collect_debts
from solvent.flows.debts import Recorded, record_receipts
from solvent.flows.opening import Conflict
from solvent.sim import Customer
from tests.flows.acts import DEBIT, GOOD, NO_FUNDS, manual, zone
from tests.flows.conftest import AtOnce
from tests.simulation.fragile import FragileWorld


@pytest.fixture
def owing(ada: Customer) -> Customer:
    """Ada owes $20.00 on a renewal that stands on grace, and $30.00, $40.00 and $50.00 on invoices of the merchant."""
    ada.buy(zone())
    ada.card_becomes(NO_FUNDS)
    ada.world.until(ada.subscription().period.end)
    for amount in (3_000, 4_000, 5_000):
        ada.receive_invoice(manual(amount))
    assert ada.debt() == 14_000
    return ada


def opened(answer: Attempt | Refusal | Conflict) -> Attempt:
    assert isinstance(answer, Attempt), answer
    return answer


def debts(customer: Customer) -> list[UUID]:
    return [invoice.id for invoice in customer.open_invoices()]


def test_all_debts_are_one_charge_and_lift_the_grace(world: FragileWorld, owing: Customer) -> None:
    attempt = opened(owing.open_debt())
    assert [debt.amount for debt in attempt.plan.settles] == [2_000, 3_000, 4_000, 5_000]
    assert owing.complete(attempt).state is AttemptState.COMMITTED
    assert (owing.debt(), owing.credit(), owing.subscription().grace_invoice) == (0, 0, None)
    assert [charge.amount for charge in owing.charges()] == [2_000, 14_000]
    assert [e.type for e in owing.events()].count("invoice.paid") == 5
    assert owing.complete(attempt).state is AttemptState.COMMITTED
    world.wait(days=3)
    assert len(owing.charges()) == 2


def test_named_debts_are_paid_and_the_others_stay(owing: Customer) -> None:
    _, second, _, fourth = debts(owing)
    owing.complete(opened(owing.open_debt(second, fourth)))
    assert (owing.debt(), [charge.amount for charge in owing.charges()]) == (6_000, [2_000, 8_000])


def test_a_debt_of_somebody_else_or_of_nothing_is_refused(owing: Customer) -> None:
    refused = owing.open_debt(debts(owing)[0], uuid4())
    assert isinstance(refused, Refusal)
    assert refused.field == "invoice_ids[1]"


def test_a_second_tab_for_one_of_them_closes_the_first(owing: Customer) -> None:
    together = opened(owing.open_debt())
    single = opened(owing.open_debt(debts(owing)[1]))
    assert owing.attempt(together).state is AttemptState.FAILED
    owing.complete(single)
    assert (owing.debt(), len(owing.charges())) == (11_000, 2)


def test_one_payment_of_all_closes_the_pages_for_each(owing: Customer) -> None:
    pages = [opened(owing.open_debt(invoice_id)) for invoice_id in debts(owing)]
    together = opened(owing.open_debt())
    assert [owing.attempt(page).state for page in pages] == [AttemptState.FAILED] * 4
    assert owing.open_debt() == together, "the same payment, asked for again, is joined"
    owing.complete(together)
    assert (owing.debt(), len(owing.charges())) == (0, 2)


def test_a_retry_under_way_is_waited_for(world: FragileWorld, owing: Customer) -> None:
    owing.card_becomes(DEBIT)
    assert collect_debts(world.platform, owing.id, debts(owing)[:1], world.now) == 1
    answer = owing.open_debt()
    assert isinstance(answer, Conflict)
    assert answer.code == "in_flight"
    rest = opened(owing.open_debt(*debts(owing)[1:]))
    assert collect_debts(world.platform, owing.id, debts(owing), world.now) == 0
    owing.complete(rest)
    world.wait(days=10)
    assert (owing.debt(), len(owing.charges())) == (0, 3)


def test_money_for_debts_of_which_one_was_paid_meanwhile_is_credit_and_pays_the_rest(
    world: FragileWorld, owing: Customer
) -> None:
    together = opened(owing.open_debt())
    receipt = Receipt(method=ExternalMethod.CHEQUE, reference="c-1", amount=3_000, received_at=world.now)
    recorded = record_receipts(world.platform, owing.id, receipt, debts(owing)[1:2], world.now)
    assert isinstance(recorded, Recorded)
    assert owing.complete(together).state is AttemptState.RETURNED
    world.work()
    assert (owing.debt(), owing.credit()) == (0, 3_000)
    assert [charge.amount for charge in owing.charges()] == [2_000, 14_000]


def test_one_transfer_pays_what_fell_due_first(world: FragileWorld, owing: Customer) -> None:
    def receive(reference: str, amount: int, *named: UUID) -> Recorded | Refusal:
        receipt = Receipt(
            method=ExternalMethod.BANK_TRANSFER, reference=reference, amount=amount, received_at=world.now
        )
        return record_receipts(world.platform, owing.id, receipt, named, world.now)

    first, second, third, fourth = debts(owing)
    paid = receive("t-1", 6_000)
    assert isinstance(paid, Recorded)
    assert [i.debt for i in owing.invoices()[1:]] == [0, 0, 3_000, 5_000]
    assert receive("t-1", 6_000) == Recorded(payment_id=paid.payment_id, new=False)
    assert receive("t-1", 6_000, first, second, third) == Recorded(payment_id=paid.payment_id, new=False)
    for said in (receive("t-1", 5_000), receive("t-1", 6_000, fourth)):
        assert isinstance(said, Refusal)
        assert said.field == "reference"
    assert isinstance(receive("t-2", 1_000, fourth), Recorded)
    assert [i.debt for i in owing.invoices()[1:]] == [0, 0, 3_000, 4_000]
    assert receive("t-3", 1, fourth, first) == Refusal(
        field="invoices[1]", rule="must be an invoice of the account on which something is owed"
    )
    assert isinstance(receive("t-3", 0), Refusal)
    late = Receipt(
        method=ExternalMethod.OTHER, reference="t", amount=1, received_at=world.now + timedelta(days=1)
    )
    refused = record_receipts(world.platform, owing.id, late, (), world.now)
    assert isinstance(refused, Refusal)
    assert refused.field == "received_at"
    assert isinstance(receive("t-4", 9_000), Recorded)
    assert (owing.debt(), owing.credit()) == (0, 2_000)
    owes_nothing = receive("t-5", 100)
    assert isinstance(owes_nothing, Refusal)
    assert owes_nothing.field == "invoices"


def test_pages_retries_and_transfers_at_once_pay_each_debt_once(
    world: FragileWorld, owing: Customer, at_once: AtOnce
) -> None:
    every = debts(owing)
    owing.card_becomes(GOOD)
    receipt = Receipt(
        method=ExternalMethod.BANK_TRANSFER, reference="t-1", amount=5_000, received_at=world.now
    )
    answers = at_once(
        owing.open_debt,
        lambda: owing.open_debt(every[0], every[2]),
        lambda: owing.open_debt(every[2]),
        lambda: collect_debts(world.platform, owing.id, every[:2], world.now),
        lambda: record_receipts(world.platform, owing.id, receipt, (), world.now),
    )
    pages = [answer for answer in answers if isinstance(answer, Attempt)]
    at_once(*[lambda page=page: owing.complete(page, GOOD) for page in pages])
    world.work()
    world.wait(days=2)
    charged = sum(charge.amount for charge in owing.charges()) - 2_000
    assert owing.debt() == 0
    assert charged + 5_000 - owing.credit() == 14_000
