"""Disputes, from what the bank tells to what the customer, the ledger and the bank then say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from solvent.core.attempt import Attempt
from solvent.core.crediting import PaidPart
from solvent.core.dispute import Dispute, DisputeReport, DisputeState, Evidence, Loss, Taken
from solvent.core.giving_up import Surrender
from solvent.core.ids import bucket_of
from solvent.core.invoice import Invoice
from solvent.core.plan import Refusal
from solvent.flows import disputes
from solvent.flows.credit import Issued, refund_payment
from solvent.flows.debts import give_up
from solvent.flows.disputes import ALIEN, NO_PAYMENT, NOT_ANSWERED, NOT_MAPPED, Unanswered, learn
from solvent.flows.notify import TRIES_MAX, process
from solvent.flows.reconcile import sweep
from solvent.ports.provider import Notification, Subject
from solvent.providers.sandbox import FaultPlan
from solvent.sim import Customer
from solvent.sim.banks import NO_FAULTS
from solvent.store.dispute_reads import DisputeReads, Which
from tests.flows.acts import CHALLENGED, TWICE, manual, switch, zone
from tests.flows.test_credit import credit, wish
from tests.flows.test_notify import parked
from tests.simulation.fragile import START, FragileWorld

LIMIT = 100
BANK = "sandbox"


class Contest:
    """The payer's side of one dispute: what happens at the bank, and what Solvent then knows."""

    def __init__(self, customer: Customer, paid: Attempt, **told: object) -> None:
        self.customer, self.world = customer, customer.world
        self.bank = self.world.banks.by_name[str(paid.provider)]
        opened = self.bank.open_dispute(str(paid.ref), self.world.now, **told)  # type: ignore[arg-type]
        self.ref = opened["id"]

    def close(self, *, won: bool) -> None:
        self.bank.close_dispute(self.ref, won, self.world.now)
        self.world.work()

    @property
    def stored(self) -> Dispute:
        found = DisputeReads(self.world.database.pool).page(Which(account=self.customer.id), None, 100)
        (stored,) = [one.dispute for one in found if one.dispute.ref == self.ref]
        return stored


def figures(invoice: Invoice) -> tuple[str, int, int, int, int]:
    return invoice.state, invoice.total, invoice.paid, invoice.charged_back, invoice.debt


def only(customer: Customer) -> Invoice:
    (invoice,) = customer.invoices()
    return invoice


def told(customer: Customer) -> list[str]:
    return [
        e.type
        for e in customer.events()
        if e.type.partition(".")[0] in {"dispute", "invoice", "grace", "credit"}
    ]


def agree(world: FragileWorld) -> None:
    """The bank's statement and the ledger tell the same."""
    assert [f for f in world.agreement() if f.violations] == []


def cash(customer: Customer) -> int:
    return customer.ledger().get(("cash:sandbox", "USD"), 0)


def balance(customer: Customer, name: str) -> int:
    return customer.ledger().get((name, "USD"), 0)


def payment_of(customer: Customer) -> tuple[Invoice, UUID]:
    paid = customer.events("invoice.paid")[-1]
    return customer.invoices()[-1], UUID(str(paid.data["payment_id"]))


def test_while_a_dispute_is_open_the_bank_holds_the_money(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()), reason="fraudulent", fee=1_500)
    world.work()
    assert (contest.stored.state, contest.stored.reason) == ("needs_response", "fraudulent")
    assert (balance(ada, "disputes"), balance(ada, "dispute_fees"), cash(ada)) == (2_000, 1_500, -1_500)
    assert figures(only(ada)) == ("paid", 2_000, 2_000, 0, 0)
    assert ada.has("zone-pro")
    assert (ada.standing(), ada.snapshot().disputed) == ("good", {"USD": 2_000})
    (opened,) = ada.events("dispute")
    assert opened.data["evidence_due_by"] is not None
    agree(world)


def test_won_the_money_is_back(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()), fee=1_500)
    world.work()
    contest.close(won=True)
    assert (balance(ada, "disputes"), balance(ada, "dispute_fees"), cash(ada)) == (0, 1_500, 500)
    assert figures(only(ada)) == ("paid", 2_000, 2_000, 0, 0)
    assert ada.snapshot().disputed == {}
    assert [e.type for e in ada.events("dispute")] == ["dispute.opened", "dispute.won"]
    agree(world)


def test_lost_it_is_owed_again_aged_from_the_invoice_and_never_charged_by_us(
    world: FragileWorld, ada: Customer
) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.wait(days=10)
    contest.close(won=False)
    assert figures(only(ada)) == ("open", 2_000, 0, 2_000, 2_000)
    assert (balance(ada, "disputes"), balance(ada, "receivable"), cash(ada)) == (0, 2_000, 0)
    assert (ada.standing(), ada.has("zone-pro")) == ("past_due", False)
    world.wait(days=10)
    assert len(ada.charges()) == 1
    ada.pay_debt()
    world.work()
    assert figures(only(ada)) == ("resolved", 2_000, 2_000, 2_000, 0)
    assert (ada.standing(), ada.has("zone-pro"), len(ada.charges())) == ("good", True, 2)
    assert told(ada) == [
        "invoice.paid",
        "dispute.opened",
        "dispute.lost",
        "invoice.reopened",
        "grace.granted",
        "invoice.resolved",
        "grace.lifted",
    ]
    agree(world)


def test_nobody_pays_and_the_period_was_the_last(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    contest.close(won=False)
    assert (ada.standing(), ada.has("zone-pro")) == ("grace", True)
    world.wait(days=40)
    assert (ada.subscriptions(), ada.debt(), len(ada.charges())) == ((), 2_000, 1)


def test_a_part_is_lost(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()), amount=500)
    contest.close(won=False)
    assert figures(only(ada)) == ("open", 2_000, 1_500, 500, 500)
    assert ada.pay_debt().plan.due == 500
    assert figures(only(ada)) == ("resolved", 2_000, 2_000, 500, 0)
    agree(world)


def test_after_a_partial_refund_only_the_rest_is_owed_again(world: FragileWorld, ada: Customer) -> None:
    """The bank takes back all of it: what had been refunded is lost, for the customer has it twice."""
    paid = ada.buy(zone())
    credit(ada, only(ada), 300)
    world.work()
    contest = Contest(ada, paid)
    contest.close(won=False)
    assert figures(only(ada)) == ("open", 2_000, 0, 1_700, 1_700)
    assert only(ada).credited == 300
    assert (balance(ada, "dispute_losses"), cash(ada)) == (300, -300)
    ada.pay_debt()
    assert [e.type for e in ada.events("invoice")] == [
        "invoice.paid",
        "invoice.resolved",
        "invoice.reopened",
        "invoice.resolved",
    ]
    agree(world)


def test_a_payment_that_was_refunded_altogether_is_lost_altogether(
    world: FragileWorld, ada: Customer
) -> None:
    paid = ada.buy(zone())
    credit(ada, only(ada))
    world.work()
    contest = Contest(ada, paid)
    contest.close(won=False)
    assert figures(only(ada)) == ("resolved", 2_000, 0, 0, 0)
    assert (balance(ada, "dispute_losses"), cash(ada)) == (2_000, -2_000)
    assert told(ada)[-2:] == ["dispute.opened", "dispute.lost"]
    agree(world)


def test_a_refund_that_was_refused_is_credit_and_goes_with_the_payment(
    world: FragileWorld, ada: Customer
) -> None:
    paid = ada.buy(zone(), "4000000000005126")
    credit(ada, only(ada), 500)
    world.work()
    assert ada.credit() == 500
    contest = Contest(ada, paid)
    contest.close(won=False)
    assert (figures(only(ada))[2:], ada.credit()) == ((0, 1_500, 1_500), 0)
    assert balance(ada, "dispute_losses") == 0
    (taken,) = ada.events("credit.taken")
    assert taken.data["amount"] == 500
    agree(world)


def test_a_refund_that_is_refused_after_the_loss_lowers_it(world: FragileWorld, ada: Customer) -> None:
    """20.00 paid; 3.00 and 2.00 on their way back when the bank takes all: the bank refuses them, for they are gone."""
    paid = ada.buy(zone())
    credit(ada, only(ada), 300)
    credit(ada, only(ada), 200)
    contest = Contest(ada, paid)
    contest.bank.close_dispute(contest.ref, False, world.now)
    sweep(world.platform, BANK, START, world.now)
    assert (only(ada).debt, balance(ada, "dispute_losses"), ada.credit()) == (1_500, 500, 0)
    world.work()
    assert (only(ada).debt, balance(ada, "dispute_losses"), ada.credit()) == (1_500, 0, 0)
    assert contest.stored.loss == Loss(
        parts=(Taken(payment_id=contest.stored.payment_id, to_debt=1_500, from_credit=500),), written_off=0
    )
    assert [e.data["amount"] for e in ada.events("credit.taken")] == [300, 200]
    ada.pay_debt()
    contest.close(won=True)
    assert (ada.credit(), balance(ada, "dispute_losses"), cash(ada)) == (2_000, 0, 3_500)
    agree(world)


def test_a_refund_that_is_refused_is_credit_as_far_as_nothing_was_lost(
    world: FragileWorld, ada: Customer
) -> None:
    """Of 20.00 the bank took 18.00, and 3.00 were to go back: 17.00 owed again, 1.00 lost; then 2.00 is credit."""
    paid = ada.buy(zone())
    credit(ada, only(ada), 300)
    contest = Contest(ada, paid, amount=1_800)
    contest.bank.close_dispute(contest.ref, False, world.now)
    sweep(world.platform, BANK, START, world.now)
    assert (only(ada).debt, balance(ada, "dispute_losses")) == (1_700, 100)
    world.work()
    assert (only(ada).debt, balance(ada, "dispute_losses"), ada.credit()) == (1_700, 0, 200)
    agree(world)


def test_money_that_became_credit_is_taken_from_it_and_what_was_spent_is_lost(
    world: FragileWorld, ada: Customer
) -> None:
    """The bank charged twice by mistake: the second charge is credit, of which some has been spent."""
    ada.buy(zone(), TWICE)
    world.work()
    assert ada.credit() == 2_000
    ada.receive_invoice(manual(1_200))
    (second,) = [row for row in ada.charges() if row.ref != row.intent]
    bank = world.banks.by_name[BANK]
    opened = bank.open_dispute(second.ref, world.now)
    world.work()
    assert balance(ada, "disputes") == 2_000
    bank.close_dispute(opened["id"], False, world.now)
    world.work()
    assert (ada.credit(), balance(ada, "dispute_losses"), ada.debt()) == (0, 1_200, 0)


def test_a_refund_while_a_dispute_is_open_is_refused(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.work()
    invoice, payment = payment_of(ada)
    key = wish("r-1")
    refused = refund_payment(world.platform, invoice.id, payment, 100, key, world.now)
    assert refused == Refusal(field="payment_id", rule="must not be disputed: the payer would get it twice")
    by_note = credit(ada, invoice, 100)
    assert isinstance(by_note, Refusal)
    assert by_note.field == "paid_part"
    assert isinstance(credit(ada, invoice, 100, paid_part=PaidPart.CREDIT), Issued)
    contest.close(won=True)
    again = refund_payment(world.platform, invoice.id, payment, 100, key, world.now)
    assert isinstance(again, Issued)
    world.work()
    agree(world)


def test_a_refund_after_a_part_was_lost_and_paid_again_goes_to_the_payment_that_is_named(
    world: FragileWorld, ada: Customer
) -> None:
    contest = Contest(ada, ada.buy(zone()), amount=500)
    contest.close(won=False)
    invoice, payment = payment_of(ada)
    ada.pay_debt()
    gone = refund_payment(world.platform, invoice.id, payment, 1_501, wish("r-1"), world.now)
    assert gone == Refusal(field="amount", rule="must be from 1 to 1500, what is left of the payment")
    given = refund_payment(world.platform, invoice.id, payment, 1_500, wish("r-2"), world.now)
    assert isinstance(given, Issued)
    world.work()
    assert cash(ada) == 500
    agree(world)


def test_an_inquiry_moves_nothing_until_it_is_a_dispute(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()), inquiry=True, fee=1_500)
    world.work()
    assert (contest.stored.state, balance(ada, "disputes"), cash(ada)) == ("warning", 0, 2_000)
    contest.bank.escalate_dispute(contest.ref, world.now)
    world.work()
    assert (contest.stored.state, balance(ada, "disputes"), cash(ada)) == ("needs_response", 2_000, -1_500)
    contest.bank.withdraw_dispute(contest.ref, world.now)
    world.work()
    assert (contest.stored.state, balance(ada, "disputes"), cash(ada)) == ("withdrawn", 0, 500)
    assert [e.type for e in ada.events("dispute")] == ["dispute.opened", "dispute.updated", "dispute.won"]
    agree(world)


def test_first_heard_of_when_it_is_lost(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()), fee=1_500)
    contest.close(won=False)
    assert [e.type for e in ada.events("dispute")] == ["dispute.opened", "dispute.lost"]
    assert (balance(ada, "disputes"), balance(ada, "receivable"), cash(ada)) == (0, 2_000, -1_500)
    agree(world)


def test_the_subscription_of_another_period_is_left_alone(world: FragileWorld, ada: Customer) -> None:
    paid = ada.buy(zone())
    world.until(ada.subscription().period.end)
    Contest(ada, paid).close(won=False)
    first, second = ada.invoices()
    assert (first.debt, second.debt, ada.standing()) == (2_000, 0, "past_due")
    assert ada.has("zone-pro")
    assert ada.subscription().grace_invoice is None
    agree(world)


def test_what_stands_on_another_debt_goes_on_standing_on_that(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    upgrade = ada.buy(switch(ada, "zone-business"))
    Contest(ada, upgrade).close(won=False)
    stands_on = ada.subscription().grace_invoice
    first = ada.invoices()[0]
    assert stands_on == ada.invoices()[1].id
    bank = world.banks.by_name[BANK]
    purchase = next(row for row in ada.charges() if row.amount == 2_000)
    lost = bank.open_dispute(purchase.ref, world.now)
    bank.close_dispute(lost["id"], False, world.now)
    world.work()
    assert ada.subscription().grace_invoice == stands_on
    assert next(i for i in ada.invoices() if i.id == first.id).debt == 2_000
    agree(world)


def test_an_invoice_of_the_merchants_own_is_owed_again(world: FragileWorld, ada: Customer) -> None:
    ada.receive_invoice(manual(9_900))
    paid = ada.pay_debt()
    Contest(ada, paid).close(won=False)
    assert figures(only(ada)) == ("open", 9_900, 0, 9_900, 9_900)
    assert ada.standing() == "grace"
    agree(world)


# A decision that is reversed


def test_a_reversed_decision_pays_what_is_owed(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    contest.close(won=False)
    contest.close(won=True)
    assert figures(only(ada)) == ("resolved", 2_000, 2_000, 2_000, 0)
    assert (ada.standing(), ada.has("zone-pro"), cash(ada)) == ("good", True, 2_000)
    assert told(ada)[-4:] == ["grace.granted", "dispute.won", "invoice.resolved", "grace.lifted"]
    agree(world)


def test_a_reversed_decision_after_the_debt_was_paid_becomes_credit(
    world: FragileWorld, ada: Customer
) -> None:
    contest = Contest(ada, ada.buy(zone()))
    contest.close(won=False)
    ada.pay_debt()
    contest.close(won=True)
    assert (figures(only(ada))[2:], ada.credit(), cash(ada)) == ((2_000, 2_000, 0), 2_000, 4_000)
    agree(world)


def test_a_reversed_decision_after_uncollectible_recovers(world: FragileWorld, ada: Customer) -> None:
    ada.receive_invoice(manual(5_000))
    contest = Contest(ada, ada.pay_debt())
    contest.close(won=False)
    given_up = give_up(world.platform, only(ada).id, Surrender(reason="gone", by="carol"), world.now)
    assert not isinstance(given_up, Refusal)
    assert balance(ada, "bad_debt") == 5_000
    contest.close(won=True)
    assert figures(only(ada)) == ("resolved", 5_000, 5_000, 5_000, 0)
    assert (balance(ada, "bad_debt"), ada.standing()) == (0, "good")
    agree(world)


def test_a_debt_that_was_given_up_and_recovered_is_bad_debt_again(world: FragileWorld, ada: Customer) -> None:
    ada.receive_invoice(manual(5_000))
    give_up(world.platform, only(ada).id, Surrender(reason="gone", by="carol"), world.now)
    page = ada.open_debt(only(ada).id)
    assert isinstance(page, Attempt)
    contest = Contest(ada, ada.complete(page))
    contest.close(won=False)
    assert figures(only(ada)) == ("uncollectible", 5_000, 0, 5_000, 5_000)
    assert (balance(ada, "bad_debt"), ada.standing()) == (5_000, "bad_debt")
    agree(world)


def test_a_reversed_decision_gives_back_what_was_written_off(world: FragileWorld, ada: Customer) -> None:
    paid = ada.buy(zone())
    credit(ada, only(ada))
    world.work()
    contest = Contest(ada, paid)
    contest.close(won=False)
    contest.close(won=True)
    assert (balance(ada, "dispute_losses"), cash(ada), ada.credit()) == (0, 0, 0)
    agree(world)


# How it is heard


def test_the_poll_hears_what_no_notification_told(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.banks.post.lose(world.now)
    assert sweep(world.platform, BANK, START, world.now) == 2
    assert contest.stored.state == "needs_response"


def test_a_poll_that_is_not_answered_says_so(world: FragileWorld, ada: Customer) -> None:
    Contest(ada, ada.buy(zone()))
    world.banks.lines[BANK].script(disputes="timeout")
    assert sweep(world.platform, BANK, START, world.now) is None
    assert sweep(world.platform, BANK, START, world.now) == 2


@pytest.mark.parametrize("by_poll", [True, False])
def test_a_dispute_that_is_heard_of_before_its_payment(
    world: FragileWorld, ada: Customer, by_poll: bool
) -> None:
    attempt = ada.confirm(ada.open(zone()), CHALLENGED)
    ada.pass_challenge(attempt)
    contest = Contest(ada, attempt)
    world.banks.post.lose(world.now)
    report = world.platform.providers.get(BANK).get_dispute(contest.ref)
    assert report is not None
    assert learn(world.platform, BANK, report, world.now) == NO_PAYMENT
    if by_poll:
        disputes.learn_all(world.platform, BANK, [report], world.now)
    else:
        hint(world, contest.ref, attempt)
    assert process(world.platform, world.buckets[0], world.now, LIMIT) == 1
    assert (contest.stored.state, len(ada.invoices())) == ("needs_response", 1)
    agree(world)


def hint(world: FragileWorld, ref: str | None, attempt: Attempt | None) -> None:
    """Somebody tells of a dispute, whatever there is to it."""
    key = None if attempt is None else attempt.id
    about = Notification(
        id=f"evt_{uuid4()}", provider=BANK, subject=Subject.DISPUTE, key=key, ref=ref, occurred_at=world.now
    )
    with world.platform.store.single() as tx:
        tx.inbox.store(about, world.buckets[0], world.now)


def test_a_notification_that_does_not_say_whose_dispute_it_is(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.banks.post.lose(world.now)
    hint(world, contest.ref, None)
    process(world.platform, world.buckets[0], world.now, LIMIT)
    assert contest.stored.state == "needs_response"


def test_one_that_does_not_say_whose_it_is_is_passed_on_while_the_payment_is_missing(
    world: FragileWorld, ada: Customer
) -> None:
    attempt = ada.confirm(ada.open(zone()), CHALLENGED)
    ada.pass_challenge(attempt)
    contest = Contest(ada, attempt)
    world.banks.post.lose(world.now)
    hint(world, contest.ref, None)
    assert process(world.platform, world.buckets[0], world.now, LIMIT) == 1
    assert process(world.platform, world.buckets[0], world.now, LIMIT) == 1
    assert contest.stored.state == "needs_response"


def test_a_dispute_of_somebody_elses_payment_is_put_aside(world: FragileWorld, ada: Customer) -> None:
    stranger = uuid4().int & ~0xFF | world.buckets[0]
    bank = world.banks.by_name[BANK]
    request = {
        "key": f"{stranger:032x}",
        "customer": ada.id.hex,
        "amount": 100,
        "currency": "USD",
        "setup": False,
        "method": None,
        "expires_at": world.now + timedelta(days=1),
        "description": "another shop's",
        "return_url": None,
    }
    paid = bank.call("open", request, world.now)
    confirm = {"key": request["key"], "ref": paid["id"], "method": "tok_4242424242424242"}
    bank.call("confirm", confirm, world.now)
    bank.open_dispute(paid["id"], world.now)
    world.honest = False
    world.banks.post.lose(world.now)
    sweep(world.platform, BANK, START, world.now)
    sweep(world.platform, BANK, START, world.now)
    process(world.platform, world.buckets[0], world.now, LIMIT)
    assert parked(world).count(ALIEN) == 1


def test_what_the_bank_never_heard_of_or_says_nothing_of_is_asked_again_and_put_aside(
    world: FragileWorld, ada: Customer
) -> None:
    attempt = ada.buy(zone())
    world.work()
    hint(world, "dp_none", attempt)
    for _ in range(TRIES_MAX + 1):
        assert process(world.platform, world.buckets[0], world.now, LIMIT) == 1
        world.clock.move(timedelta(hours=7))
    assert parked(world) == [NOT_MAPPED]


def test_while_the_bank_is_away_the_notification_waits(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.deliver()
    world.banks.lines[BANK].plan(FaultPlan(down=1.0))
    process(world.platform, world.buckets[0], world.now, LIMIT)
    assert reasons(world) == [NOT_ANSWERED]
    world.banks.lines[BANK].plan(NO_FAULTS)
    world.clock.move(timedelta(minutes=2))
    process(world.platform, world.buckets[0], world.now, LIMIT)
    assert contest.stored.state == "needs_response"


def reasons(world: FragileWorld) -> list[str]:
    with world.database.pool.connection() as connection:
        query = "select reason from inbox where bucket = %s and state = 'waiting' and reason is not null"
        return [row[0] for row in connection.execute(query, (world.buckets[0],))]


def report_of(world: FragileWorld, contest: Contest, **other: object) -> DisputeReport:
    report = world.platform.providers.get(BANK).get_dispute(contest.ref)
    assert report is not None
    return replace(report, **other)  # type: ignore[arg-type]  # fields of a report


def test_a_state_that_nobody_mapped_is_asked_again(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.work()
    odd = report_of(world, contest, state=DisputeState.UNKNOWN)
    assert learn(world.platform, BANK, odd, world.now) == NOT_MAPPED
    keyless = report_of(world, contest, key=None)
    assert learn(world.platform, BANK, keyless, world.now) == NO_PAYMENT
    disputes.learn_all(world.platform, BANK, [keyless], world.now)


def test_one_that_cannot_be_settled_is_named_and_put_off(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.work()
    broken = report_of(world, contest, amount=10**30, changed_at=world.now + timedelta(days=1))
    reason = learn(world.platform, BANK, broken, world.now)
    assert str(reason).startswith("cannot be settled: ")
    assert contest.stored.amount == 2_000


def test_a_store_that_is_away_is_nobodys_fault(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    report = report_of(world, contest)
    away = replace(world.platform, outages=(Exception,))
    broken = report_of(world, contest, amount=10**30)
    with pytest.raises(Exception, match="too big"):
        learn(away, BANK, broken, world.now)
    assert learn(world.platform, BANK, report, world.now) is None


def test_the_amount_and_the_fee_may_change_while_it_is_open(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.work()
    world.honest = False
    less = report_of(world, contest, amount=1_200, fee=700, fee_currency="EUR")
    assert learn(world.platform, BANK, less, world.now) is None
    assert (balance(ada, "disputes"), cash(ada)) == (1_200, 800)


# Answers


def test_evidence_is_submitted(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.work()
    evidence = Evidence(statement="Ada signed in every day.")
    assert disputes.submit_evidence(world.platform, contest.stored, evidence, world.now) is None
    assert contest.stored.state == "under_review"


def test_a_dispute_is_accepted_once(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.work()
    assert disputes.accept(world.platform, contest.stored, world.now) is None
    assert (contest.stored.state, only(ada).debt) == ("accepted", 2_000)
    assert disputes.accept(world.platform, contest.stored, world.now) is None
    late = disputes.submit_evidence(world.platform, contest.stored, Evidence(statement="!"), world.now)
    assert late == Refusal(field="dispute_id", rule="must not be decided yet; it is accepted")
    agree(world)


def test_where_the_provider_takes_no_evidence(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone(), provider="sandpal"))
    world.work()
    refused = disputes.submit_evidence(
        world.platform, contest.stored, Evidence(statement="It was used."), world.now
    )
    assert isinstance(refused, Refusal)
    assert refused.rule == "must be answered at sandpal, which takes no evidence here"


def test_a_provider_that_does_not_answer_may_have_taken_it(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.work()
    world.banks.lines[BANK].script(accept_dispute="lost_reply")
    assert disputes.accept(world.platform, contest.stored, world.now) == Unanswered()
    assert contest.stored.state == "needs_response"
    world.work()
    assert contest.stored.state == "accepted"


def test_a_provider_that_forgot_the_dispute_says_nothing_of_it(world: FragileWorld, ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    world.work()
    stored = contest.stored
    contest.bank._book.disputes.clear()
    assert disputes.accept(world.platform, stored, world.now) == Unanswered()


def test_a_dispute_is_stored_with_its_account(ada: Customer) -> None:
    contest = Contest(ada, ada.buy(zone()))
    contest.world.work()
    assert bucket_of(contest.stored.id) == bucket_of(ada.id)
