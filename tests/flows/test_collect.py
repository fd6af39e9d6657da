"""Collect: charges without the customer, invoices of the merchant's own, debts retried and debts paid at once."""

from dataclasses import replace
from uuid import uuid4

import pytest

from solvent.core.attempt import Attempt
from solvent.core.payment import AttemptState, FailureCause, ProofKind
from solvent.core.plan import Refusal
from solvent.core.request import AddMethod, CancelNow
from solvent.flows.collect import collect_debts, pay_now
from solvent.flows.invoicing import finalise
from solvent.flows.opening import Asked, Conflict
from solvent.sim import Customer
from tests.flows.acts import DEBIT, DECLINED_LATER, GOOD, NO_FUNDS, manual, switch, zone
from tests.flows.interleaving import interleaved
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.fragile import FragileWorld


def in_debt(world: FragileWorld, customer: Customer, card: str = DECLINED_LATER) -> None:
    """A customer whose first renewal was declined."""
    customer.buy(zone(), card)
    world.until(customer.subscription().period.end)
    assert customer.debt() == 2_000


def asked(customer: Customer, key: str, content: bytes = b"same") -> Asked:
    return Asked(account_id=customer.id, key=key, input_hash=content)


def test_an_invoice_is_charged_to_the_stored_method(ada: Customer) -> None:
    ada.buy(zone())
    attempt = ada.receive_invoice(manual(9_900))
    assert (attempt.state, attempt.off_session) == (AttemptState.COMMITTED, True)
    assert attempt.method_id == ada.snapshot().methods[0].id
    assert [(i.total, i.state) for i in ada.invoices()] == [(2_000, "paid"), (9_900, "paid")]
    assert sorted(charge.amount for charge in ada.charges()) == [2_000, 9_900]


def test_a_method_that_only_its_owner_can_use_is_no_reason_to_try_again(
    world: FragileWorld, ada: Customer
) -> None:
    in_debt(world, ada)
    world.wait(hours=1)
    tried = len(ada.attempts())
    with world.database.pool.connection() as connection:
        connection.execute(
            "insert into method (bucket, id, account_id, provider, token, kind, label, off_session, priority, state,"
            " created_at, usable_since) select bucket, %s, account_id, provider, 'tok_here', kind, 'here', false, 9,"
            " 'active', %s, %s from method where account_id = %s",
            (world.platform.ids.draw(world.buckets[0]), world.now, world.now, ada.id),
        )
    with world.platform.store.begin() as tx:
        tx.queue.mark([ada.id], "a new method", world.now)
    world.work()
    assert len(ada.attempts()) == tried


def test_without_a_method_an_invoice_stays_owed(world: FragileWorld, ada: Customer) -> None:
    attempt = ada.receive_invoice(manual(9_900))
    assert (attempt.state, attempt.cause) == (AttemptState.COMMITTED, FailureCause.NO_METHOD)
    assert ada.debt() == 9_900
    assert ada.charges() == []


def test_an_invoice_over_nothing_needs_no_payment(ada: Customer) -> None:
    attempt = ada.receive_invoice((*manual(500), *manual(-500)))
    assert (attempt.state, attempt.plan.proof) == (AttemptState.COMMITTED, ProofKind.NOTHING_DUE)
    assert ada.debt() == 0


# Credit that is spent on something else while an invoice that counts on it is collected


def give_credit(customer: Customer, amount: int) -> None:
    """Credit, from a plan of $200.00 that ends at once and an invoice over the rest of it."""
    customer.buy(zone(product="zone-business"))
    customer.open(CancelNow(subscription_id=customer.subscription().id, credit=True))
    customer.receive_invoice(manual(20_000 - amount))
    assert customer.credit() == amount


def test_an_invoice_whose_credit_was_spent_is_charged_for_what_is_left(
    world: FragileWorld, ada: Customer
) -> None:
    give_credit(ada, 5_000)
    with world.meanwhile(4, lambda: ada.receive_invoice(manual(4_000))):
        attempt = ada.receive_invoice(manual(5_000))
    assert (attempt.state, attempt.plan.credit_used, attempt.plan.due) == ("committed", 1_000, 4_000)
    assert ada.attempt(attempt).plan == attempt.plan
    assert ada.charges()[-1].amount == 4_000
    assert (ada.debt(), ada.credit()) == (0, 0)
    assert ada.attempts()[-1].amount + ada.attempts()[-2].amount == 4_000


def test_the_janitor_charges_an_invoice_whose_credit_was_spent(world: FragileWorld, ada: Customer) -> None:
    give_credit(ada, 5_000)
    with world.during(Mishap(Trouble.KILLED, 4)) as fate:
        ada.receive_invoice(manual(5_000))
    assert fate.died
    ada.receive_invoice(manual(5_000))
    world.wait(hours=1)
    assert ada.charges()[-1].amount == 5_000
    assert (ada.debt(), ada.credit(), len(ada.invoices())) == (0, 0, 4)


def test_an_invoice_that_nobody_pays_is_owed_with_the_credit_that_was_left(
    world: FragileWorld, ada: Customer
) -> None:
    give_credit(ada, 5_000)
    ada.card_becomes(NO_FUNDS)
    with world.meanwhile(4, lambda: ada.receive_invoice(manual(4_000))):
        attempt = ada.receive_invoice(manual(6_000))
    assert (attempt.state, attempt.cause) == ("committed", "insufficient_funds")
    assert (ada.debt(), ada.credit()) == (5_000, 0)


def test_money_for_an_invoice_whose_credit_was_spent_becomes_credit_for_it(
    world: FragileWorld, ada: Customer
) -> None:
    give_credit(ada, 5_000)
    with world.meanwhile(4, lambda: ada.receive_invoice(manual(4_000))):
        attempt = ada.receive_invoice(manual(6_000))
    assert ada.charges()[-1].amount == 1_000
    assert (ada.attempt(attempt).state, ada.debt(), ada.credit()) == ("committed", 5_000, 1_000)
    world.wait(days=2)
    assert ada.charges()[-1].amount == 4_000
    assert (ada.debt(), ada.credit()) == (0, 0)


def test_lines_that_make_no_invoice_are_refused(world: FragileWorld, ada: Customer) -> None:
    refusal = finalise(world.platform, asked(ada, "k"), (), world.now)
    assert refusal == Refusal(field="lines", rule="must be at least one line")
    assert ada.attempts() == []


def test_an_invoice_for_nobody_is_refused(world: FragileWorld) -> None:
    nobody = Asked(account_id=uuid4(), key="k", input_hash=b"")
    refusal = finalise(world.platform, nobody, manual(500), world.now)
    assert refusal == Refusal(field="account_id", rule="must be an existing account")


def test_whoever_draws_the_id_of_the_attempt_can_tell_it_from_a_repetition(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone())
    drawn = replace(asked(ada, "k"), id=world.platform.ids.draw(world.buckets[0]))
    first = finalise(world.platform, drawn, manual(500), world.now)
    assert isinstance(first, Attempt)
    assert (first.id, first.key) == (drawn.id, "k")


def test_the_same_key_is_the_same_invoice(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    first = finalise(world.platform, asked(ada, "k"), manual(500), world.now)
    again = finalise(world.platform, asked(ada, "k"), manual(500), world.now)
    assert isinstance(first, Attempt)
    assert isinstance(again, Attempt)
    assert (again.id, again.state) == (first.id, AttemptState.COMMITTED)
    other = finalise(world.platform, asked(ada, "k", b"other"), manual(501), world.now)
    assert isinstance(other, Conflict)
    assert (other.code, other.attempt_id) == ("key_reused", first.id)
    assert len(ada.charges()) == 2


def test_credit_pays_before_money_does(ada: Customer) -> None:
    ada.buy(zone(product="zone-business"))
    ada.open(CancelNow(subscription_id=ada.subscription().id, credit=True))
    assert ada.credit() == 20_000
    covered = ada.receive_invoice(manual(15_000))
    assert covered.plan.proof is ProofKind.CREDIT
    partly = ada.receive_invoice(manual(6_000))
    assert (partly.plan.credit_used, partly.plan.due) == (5_000, 1_000)
    assert ada.credit() == 0
    assert sorted(charge.amount for charge in ada.charges()) == [1_000, 20_000]


def test_terms_issue_first_and_collect_when_due(world: FragileWorld) -> None:
    ben = world.customer("Ben", terms_days=30)
    ben.open(zone())
    (invoice,) = ben.invoices()
    assert (invoice.state, (invoice.due_at - invoice.issued_at).days) == ("open", 30)
    assert ben.has("zone-pro")


def test_a_debt_is_tried_again_by_schedule(world: FragileWorld, ada: Customer) -> None:
    in_debt(world, ada)
    ada.card_becomes(GOOD)
    world.wait(days=1)
    assert ada.debt() == 0
    assert ada.subscription().grace_until is None
    assert len(ada.charges()) == 2


def test_a_debt_is_paid_at_once(world: FragileWorld, ada: Customer) -> None:
    in_debt(world, ada)
    attempt = ada.pay_debt()
    assert attempt.state is AttemptState.COMMITTED
    assert (ada.debt(), ada.subscription().grace_invoice) == (0, None)
    world.wait(days=3)
    assert len(ada.charges()) == 2


def test_only_an_open_invoice_of_the_account_can_be_paid(world: FragileWorld, ada: Customer) -> None:
    rule = Refusal(field="invoice_id", rule="must be an invoice of the account on which something is owed")
    in_debt(world, ada)
    (invoice,) = ada.open_invoices()
    ben = world.customer("Ben")
    assert ben.open_debt(invoice.id) == rule
    ada.pay_debt()
    assert ada.open_debt(invoice.id) == rule


def test_any_of_several_debts_can_be_paid(ada: Customer) -> None:
    for amount in (300, 400):
        ada.receive_invoice(manual(amount))
    (second,) = [invoice for invoice in ada.open_invoices() if invoice.total == 400]
    opened = ada.open_debt(second.id)
    assert isinstance(opened, Attempt)
    ada.complete(opened)
    assert ada.debt() == 300


def test_pay_now_beside_a_scheduled_try_is_one_charge(world: FragileWorld, ada: Customer) -> None:
    in_debt(world, ada)
    ada.card_becomes(DEBIT)  # the next try by schedule stays processing for days
    world.wait(days=1)
    (invoice,) = ada.open_invoices()
    joined = ada.open_debt(invoice.id)
    assert isinstance(joined, Attempt)
    assert (joined.off_session, joined.state) == (True, AttemptState.PROCESSING)
    world.wait(days=4)
    assert (ada.debt(), len(ada.charges())) == (0, 2)


def test_a_scheduled_try_beside_pay_now_is_one_charge(world: FragileWorld, ada: Customer) -> None:
    in_debt(world, ada)
    (invoice,) = ada.open_invoices()
    opened = ada.open_debt(invoice.id)
    assert isinstance(opened, Attempt)
    ada.card_becomes(GOOD)
    assert collect_debts(world.platform, ada.id, [invoice.id], world.now) == 0
    assert ada.complete(opened).state is AttemptState.COMMITTED
    assert len(ada.charges()) == 2


def test_a_debt_that_the_schedule_collects_while_it_is_being_opened_is_not_opened(
    world: FragileWorld, ada: Customer
) -> None:
    in_debt(world, ada)
    (invoice,) = ada.open_invoices()
    ada.card_becomes(GOOD)
    overtaken = interleaved(
        world.platform, "add", lambda: collect_debts(world.platform, ada.id, [invoice.id], world.now)
    )
    refused = pay_now(overtaken, asked(ada, "late"), [invoice.id], world.now)
    assert refused == Refusal(
        field="invoice_id", rule="must be an invoice of the account on which something is owed"
    )
    assert (ada.debt(), len(ada.charges())) == (0, 2)


def test_debts_of_nobody_and_other_invoices_are_left_alone(world: FragileWorld, ada: Customer) -> None:
    in_debt(world, ada)
    assert collect_debts(world.platform, uuid4(), [ada.open_invoices()[0].id], world.now) == 0
    assert collect_debts(world.platform, ada.id, [uuid4()], world.now) == 0


def test_credit_is_shared_among_debts_collected_together(world: FragileWorld, ada: Customer) -> None:
    for amount in (3_000, 4_000):
        ada.receive_invoice(manual(amount))
    assert ada.debt() == 7_000
    ada.buy(zone(product="zone-business"), DECLINED_LATER)
    ada.open(CancelNow(subscription_id=ada.subscription().id, credit=True))
    ada.card_becomes(GOOD)
    world.work()
    assert (ada.debt(), ada.credit()) == (0, 13_000)
    assert [charge.amount for charge in ada.charges()] == [20_000]


def test_the_method_that_was_chosen_for_a_debt_is_charged_and_no_other(
    world: FragileWorld, ada: Customer
) -> None:
    in_debt(world, ada)
    (invoice,) = ada.open_invoices()
    ada.complete(ada.open(AddMethod()), GOOD)
    first, second = sorted(ada.snapshot().methods, key=lambda m: m.priority)
    assert collect_debts(world.platform, ada.id, [invoice.id], world.now, {invoice.id: second.id}) == 1
    (*_, (method_id, state)) = methods_charged(world, ada)
    assert (method_id, state, ada.debt()) == (second.id, "committed", 0)
    assert first.id != second.id


def methods_charged(world: FragileWorld, customer: Customer) -> list[tuple[object, str]]:
    """The methods of the attempts to collect a debt, in their order, with how each ended."""
    query = "select method_id, state from attempt where account_id = %s and settles is not null order by id"
    with world.database.pool.connection() as connection:
        return list(connection.execute(query, (customer.id,)).fetchall())


def test_a_lost_reply_to_a_charge_is_looked_up_before_it_is_sent_again(
    world: FragileWorld, ada: Customer
) -> None:
    ada.buy(zone())
    with world.during(Mishap(Trouble.REPLY_LOST, 1)):
        attempt = ada.receive_invoice(manual(9_900))
    assert attempt.state is AttemptState.UNKNOWN
    world.wait(minutes=5)
    assert ada.attempt(attempt).state is AttemptState.COMMITTED
    assert sorted(charge.amount for charge in ada.charges()) == [2_000, 9_900]


def test_an_upgrade_on_grace_that_fails_is_no_debt(world: FragileWorld, ada: Customer) -> None:
    in_debt(world, ada)
    failed = ada.confirm(ada.open(switch(ada, "zone-business")), "4000000000000002")
    assert failed.state is AttemptState.FAILED
    assert ada.debt() == 2_000
    assert ada.has("zone-pro")


@pytest.mark.parametrize("content", [b"same", b"other"])
def test_two_callers_with_one_key_at_the_same_moment_make_one_invoice(
    world: FragileWorld, ada: Customer, content: bytes
) -> None:
    others = list[Attempt | Refusal | Conflict]()

    def overtake() -> None:
        others.append(finalise(world.platform, asked(ada, "k"), manual(500), world.now))

    overtaken = interleaved(world.platform, "add", overtake)
    mine = finalise(overtaken, asked(ada, "k", content), manual(500), world.now)
    (theirs,) = others
    assert isinstance(theirs, Attempt)
    if content == b"same":
        assert mine == theirs
    else:
        assert isinstance(mine, Conflict)
        assert (mine.code, mine.attempt_id) == ("key_reused", theirs.id)
    assert ada.debt() == 500


def test_a_debt_that_is_paid_while_it_is_read_is_not_charged(world: FragileWorld, ada: Customer) -> None:
    """L2: the customer pays between the reading of the debt and the recording of the attempt."""
    in_debt(world, ada)
    ada.card_becomes(GOOD)
    (invoice,) = ada.open_invoices()
    late = interleaved(world.platform, "add", ada.pay_debt)
    assert collect_debts(late, ada.id, [invoice.id], world.now) == 0
    assert (ada.debt(), ada.credit(), len(ada.charges())) == (0, 0, 2)


def test_an_attempt_says_by_which_kind_of_method_it_is_paid(world: FragileWorld, ada: Customer) -> None:
    opened = ada.open(zone())
    assert isinstance(opened, Attempt)
    assert opened.paid_by is None, "nobody has said"
    assert replace(opened, method_kind="wallet").paid_by == "wallet"
    assert ada.complete(opened).paid_by == "card", "as the provider said"
    charged = ada.receive_invoice(manual(9_900))
    with world.platform.store.begin() as tx:
        stored = tx.journal.get(charged.id)
    assert stored is not None
    assert (charged.method_kind, charged.paid_by, stored.paid_by) == (None, "card", "card"), "the one on file"
