"""Money that was kept as account credit goes back to the method it came from: as far as it came, and once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from solvent.core.credit_refund import HAS_IT, NOT_UNSENT, NOTHING_KEPT, CreditRefund
from solvent.core.crediting import DISPUTED, OUTSIDE, PaidPart
from solvent.core.payment import ExternalMethod
from solvent.core.plan import Refusal
from solvent.core.receiving import Receipt
from solvent.flows.account_credit import Refunded, RefundKeyReused, refund_credit
from solvent.flows.credit import Issued, KeyReused
from solvent.flows.debts import Recorded, record_receipt
from solvent.sim import Customer
from tests.flows.acts import GOOD, REFUNDS_REFUSED, manual, zone
from tests.flows.disputes.contests import Contest, agree, balance, cash, payment_of
from tests.flows.test_credit import credit, only
from tests.flows.test_refunds import BANK
from tests.flows.test_settle import learn, upgrade_made_stale
from tests.simulation.fragile import FragileWorld


def give_back(
    customer: Customer, payment: UUID, amount: int | None = None, *, key: str = "", content: bytes = b"same"
) -> Refunded | RefundKeyReused | Refusal:
    wanted = CreditRefund(amount=amount, reason="They asked", key=key or uuid4().hex, input_hash=content)
    return refund_credit(customer.world.platform, payment, wanted, customer.world.now)


def kept(customer: Customer, amount: int = 2_000, card: str = GOOD) -> UUID:
    """Of 20.00 that were paid so much became credit by a credit note; the payment."""
    customer.buy(zone(), card)
    credit(customer, only(customer), amount, paid_part=PaidPart.CREDIT)
    return payment_of(customer)[1]


def told(customer: Customer) -> list[int]:
    return [int(str(e.data["amount"])) for e in customer.events("credit.refunded")]


def refusal(field: str, rule: str) -> Refusal:
    return Refusal(field=field, rule=rule)


def test_what_a_credit_note_kept_goes_back_in_parts_and_never_twice(
    world: FragileWorld, ada: Customer
) -> None:
    payment = kept(ada, 1_500)
    assert isinstance(give_back(ada, payment, 400), Refunded)
    assert (ada.credit(), balance(ada, "refunds_payable")) == (1_100, -400)
    world.work()
    assert (cash(ada), balance(ada, "refunds_payable")) == (1_600, 0)
    too_much = give_back(ada, payment, 1_101)
    assert too_much == refusal(
        "amount", "must be from 1 to 1100, what is left of the credit that the payment became"
    )
    assert isinstance(give_back(ada, payment), Refunded)
    world.work()
    assert (ada.credit(), cash(ada), told(ada)) == (0, 500, [400, 1_100])
    assert give_back(ada, payment) == refusal("payment_id", NOTHING_KEPT)
    assert isinstance(credit(ada, only(ada)), Issued)  # what still paid the invoice goes back by it
    world.work()
    assert (cash(ada), ada.credit(), only(ada).paid) == (0, 0, 0)
    assert give_back(ada, payment) == refusal("payment_id", NOTHING_KEPT)
    agree(world)


def test_money_that_came_for_nothing_goes_back(world: FragileWorld, ada: Customer) -> None:
    upgrade = upgrade_made_stale(world, ada)
    learn(world)
    (stranded,) = ada.events("payment.stranded")
    came = ada.credit()
    assert came == upgrade.plan.due
    assert isinstance(give_back(ada, UUID(str(stranded.data["payment_id"]))), Refunded)
    world.work()
    assert (ada.credit(), told(ada), [e.data["succeeded"] for e in ada.events("refund.settled")]) == (
        0,
        [came],
        [True],
    )
    agree(world)


def test_what_was_spent_stays_spent(world: FragileWorld, ada: Customer) -> None:
    payment = kept(ada)
    ada.receive_invoice(manual(1_500))
    assert ada.credit() == 500
    assert isinstance(give_back(ada, payment, 501), Refusal)
    assert isinstance(give_back(ada, payment), Refunded)
    world.work()
    assert (ada.credit(), cash(ada), ada.debt()) == (0, 1_500, 0)


def test_what_still_pays_its_invoice_and_what_was_given_do_not_go_back(ada: Customer) -> None:
    ada.buy(zone())
    ada.receive_credit(700)
    payment = payment_of(ada)[1]
    assert give_back(ada, payment) == refusal("payment_id", NOTHING_KEPT)
    credit(ada, only(ada), 300, paid_part=PaidPart.CREDIT)
    assert isinstance(give_back(ada, payment, 301), Refusal)
    assert isinstance(give_back(ada, payment, 300), Refunded)
    assert ada.credit() == 700


def test_the_same_key_is_the_same_refund(ada: Customer) -> None:
    payment = kept(ada)
    first = give_back(ada, payment, 500, key="k")
    assert isinstance(first, Refunded)
    assert first.new
    again = give_back(ada, payment, 500, key="k")
    assert (again, ada.credit()) == (Refunded(refund_id=first.refund_id, new=False), 1_500)
    assert give_back(ada, payment, 600, key="k", content=b"other") == RefundKeyReused()
    assert credit(ada, only(ada), 100, key="k", content=b"note") == KeyReused(credit_note_id=first.refund_id)
    note = f"cn-0-{only(ada).id}"
    assert give_back(ada, payment, 500, key=note, content=b"other") == RefundKeyReused()


def test_two_at_once_pay_out_once(ada: Customer) -> None:
    payment = kept(ada)
    with ThreadPoolExecutor(2) as threads:
        answers = [each.result() for each in [threads.submit(give_back, ada, payment) for _ in range(2)]]
    assert sorted(type(answer).__name__ for answer in answers) == ["Refunded", "Refusal"]
    assert (ada.credit(), told(ada)) == (0, [2_000])


def test_what_the_provider_refuses_is_credit_again(world: FragileWorld, ada: Customer) -> None:
    payment = kept(ada, card=REFUNDS_REFUSED)
    assert isinstance(give_back(ada, payment), Refunded)
    world.work()
    assert (ada.credit(), cash(ada), balance(ada, "refunds_payable")) == (2_000, 2_000, 0)
    assert give_back(ada, payment) == refusal(
        "payment_id", NOTHING_KEPT
    )  # it was tried: this payment takes none


def again(
    customer: Customer, payment: UUID, refund: UUID, key: str = ""
) -> Refunded | RefundKeyReused | Refusal:
    wanted = CreditRefund(
        amount=None, reason="They asked", key=key or uuid4().hex, input_hash=b"again", again=refund
    )
    return refund_credit(customer.world.platform, payment, wanted, customer.world.now)


def refused_of(customer: Customer, payment: UUID) -> UUID:
    answer = give_back(customer, payment)
    assert isinstance(answer, Refunded)
    customer.world.work()
    assert customer.credit() == 2_000
    return answer.refund_id


def test_what_was_refused_is_sent_again_as_often_as_somebody_asks_and_leaves_once(
    world: FragileWorld, ada: Customer
) -> None:
    payment = kept(ada, card=REFUNDS_REFUSED)
    first = refused_of(ada, payment)
    second = again(ada, payment, first, key="k")
    assert isinstance(second, Refunded)
    assert (second.new, ada.credit(), balance(ada, "refunds_payable")) == (True, 0, -2_000)
    assert again(ada, payment, first, key="k") == Refunded(refund_id=second.refund_id, new=False)
    assert again(ada, payment, first) == refusal("refund_id", NOT_UNSENT)  # it is on its way
    world.work()
    assert (ada.credit(), balance(ada, "refunds_payable")) == (2_000, 0)  # refused once more
    assert again(ada, payment, first) == refusal("refund_id", NOT_UNSENT)
    assert isinstance(again(ada, payment, second.refund_id), Refunded)
    world.work()
    assert (ada.credit(), cash(ada), told(ada)) == (2_000, 2_000, [2_000] * 3)
    agree(world)


def test_what_came_back_is_sent_again_and_stays_away(world: FragileWorld, ada: Customer) -> None:
    payment = kept(ada)
    first = give_back(ada, payment)
    assert isinstance(first, Refunded)
    world.work()
    assert again(ada, payment, first.refund_id) == refusal("refund_id", NOT_UNSENT)  # it succeeded
    (ref,) = [row.ref for row in world.banks.by_name[BANK].statement() if row.kind == "refund"]
    world.banks.by_name[BANK].return_refund(ref, world.now)
    world.work()
    assert (ada.credit(), cash(ada)) == (2_000, 2_000)
    assert isinstance(again(ada, payment, first.refund_id), Refunded)
    world.work()
    assert (ada.credit(), cash(ada), told(ada)) == (0, 0, [2_000, 2_000])
    agree(world)


def test_what_was_refused_and_is_spent_is_not_sent_again(world: FragileWorld, ada: Customer) -> None:
    payment = kept(ada, card=REFUNDS_REFUSED)
    refund = refused_of(ada, payment)
    ada.receive_invoice(manual(1_500))
    assert again(ada, payment, refund) == refusal(
        "refund_id", "must be of credit that is left: 500 of 2000 is"
    )


def test_two_who_send_it_again_at_once_send_it_once(world: FragileWorld, ada: Customer) -> None:
    payment = kept(ada, card=REFUNDS_REFUSED)
    refund = refused_of(ada, payment)
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(again, ada, payment, refund) for _ in range(2)]
    answers = sorted(type(each.result()).__name__ for each in waiting)
    assert (answers, ada.credit()) == (["Refunded", "Refusal"], 0)


@pytest.mark.parametrize("won", [True, False])
def test_what_was_refused_is_not_sent_to_who_has_it_by_a_dispute(
    world: FragileWorld, ada: Customer, won: bool
) -> None:
    paid = ada.buy(zone(), REFUNDS_REFUSED)
    credit(ada, only(ada), 2_000, paid_part=PaidPart.CREDIT)
    payment = payment_of(ada)[1]
    refund = refused_of(ada, payment)
    contest = Contest(ada, paid)
    world.work()
    assert again(ada, payment, refund) == refusal("refund_id", DISPUTED)
    contest.close(won=won)
    if won:
        assert isinstance(again(ada, payment, refund), Refunded)
    else:
        assert again(ada, payment, refund) == refusal("refund_id", HAS_IT)
    agree(world)


@pytest.mark.parametrize("won", [True, False])
def test_while_it_is_disputed_nothing_goes_back(world: FragileWorld, ada: Customer, won: bool) -> None:
    paid = ada.buy(zone())
    credit(ada, only(ada), 1_200, paid_part=PaidPart.CREDIT)
    payment = payment_of(ada)[1]
    contest = Contest(ada, paid)
    world.work()
    assert give_back(ada, payment) == refusal("payment_id", DISPUTED)
    contest.close(won=won)
    answer = give_back(ada, payment)
    if won:
        assert isinstance(answer, Refunded)
        world.work()
        assert (ada.credit(), cash(ada)) == (0, 800)
    else:
        assert answer == refusal("payment_id", NOTHING_KEPT)
        assert (ada.credit(), cash(ada)) == (0, 0)
    agree(world)


def test_what_came_from_outside_and_what_there_is_not(world: FragileWorld, ada: Customer) -> None:
    ada.receive_invoice(manual(1_000))
    receipt = Receipt(method=ExternalMethod.CHEQUE, reference="C-1", amount=1_500, received_at=world.now)
    recorded = record_receipt(world.platform, only(ada).id, receipt, world.now)
    assert isinstance(recorded, Recorded)
    assert ada.credit() == 500
    assert give_back(ada, recorded.payment_id) == refusal("payment_id", OUTSIDE)
    nobody = world.platform.ids.draw(world.buckets[0])
    assert give_back(ada, nobody) == refusal("payment_id", "must be an existing payment")
