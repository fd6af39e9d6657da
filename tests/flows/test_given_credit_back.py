"""Given credit that a credit note gives back: goodwill stays goodwill, sponsored stays sponsored, money comes first."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from psycopg import Connection

from solvent.core.credit import GIVEN, CreditGrant, GrantKind
from solvent.core.crediting import PaidPart
from solvent.core.plan import Refusal
from solvent.core.request import TopUp
from solvent.flows.account_credit import void_credit
from solvent.flows.credit import Issued
from solvent.sim import Customer
from solvent.store.laws import LAWS
from tests.flows.acts import manual, zone
from tests.flows.disputes.contests import Contest
from tests.flows.test_credit import credit, last, refund
from tests.simulation.fragile import FragileWorld

BACK = "credit_note"


def back(customer: Customer) -> list[CreditGrant]:
    """What is left of credit that a credit note gave back, oldest first."""
    return [grant for grant in customer.credit_grants() if grant.reason == BACK]


def owed(customer: Customer, name: str) -> int:
    """What the books say of a ledger account."""
    return customer.ledger().get((name, "USD"), 0)


def test_what_goodwill_paid_comes_back_as_goodwill(ada: Customer) -> None:
    """20.00 of goodwill pays a month that is credited: the promise is as it was, and no money is owed."""
    first = ada.receive_credit(2_000, priority=7, excludes=("seats",))
    ada.buy(zone())
    assert owed(ada, "promised_credit") == 0
    credit(ada, last(ada))
    (again,) = back(ada)
    assert (again.kind, again.amount, again.priority, again.excludes, again.expires_at) == (
        GrantKind.GOODWILL,
        2_000,
        7,
        ("seats",),
        None,
    )
    assert again.id != first.id
    assert (owed(ada, "promised_credit"), owed(ada, "customer_credit")) == (-2_000, 0)
    (_, told) = ada.events("credit.granted")
    assert (told.data["kind"], told.data["amount"], told.data["reason"]) == ("goodwill", 2_000, BACK)
    assert ada.quote(zone("other.example")).credit_used == 2_000


def test_goodwill_that_became_money_is_counted(world: FragileWorld, ada: Customer) -> None:
    """Books that agree with themselves in everything, but for where the money should have come from."""
    ada.receive_credit(2_000)
    ada.buy(zone())
    credit(ada, last(ada), 500)
    with world.database.pool.connection() as connection, connection.transaction(force_rollback=True):
        assert broken(connection, world.now) == []
        connection.execute("set local session_replication_role = replica")
        connection.execute(
            """with given as (update credit_grant
                              set kind = 'returned', granted_by = null, expires_at = null, returns = null
                              where account_id = %s and reason = 'credit_note' returning cause_id)
            update posting p set credit = 'customer_credit' from given
            where p.cause_id = given.cause_id and p.credit = 'promised_credit'""",
            (ada.id,),
        )
        assert broken(connection, world.now) == [
            "given credit never becomes money: of no invoice more money came back than had come for it"
        ]


def broken(connection: Connection, now: datetime) -> list[str]:
    """What the laws over the database find in this transaction."""
    counts = ((law.says, connection.execute(law.query, {"now": now}).fetchone()) for law in LAWS)
    return [says for says, count in counts if count != (0,)]


def test_it_lasts_as_long_as_it_had_to_go_when_it_was_used(world: FragileWorld, ada: Customer) -> None:
    """Ten days were left when it was used; it comes back forty days later, for ten days."""
    ada.receive_credit(500, expires_at=world.now + timedelta(days=10))
    ada.receive_invoice(manual(500))
    world.wait(days=40)
    credit(ada, last(ada))
    (again,) = back(ada)
    assert again.expires_at == world.now + timedelta(days=10)
    world.wait(days=11)
    assert (ada.credit(), owed(ada, "promised_credit"), owed(ada, "credit_given")) == (0, 0, 0)


def test_what_expired_while_it_was_counted_on_lasts_a_day(world: FragileWorld, ada: Customer) -> None:
    ada.receive_credit(500, expires_at=world.now + timedelta(minutes=10))
    attempt = ada.open(zone())
    world.wait(minutes=20)
    ada.complete(attempt)
    credit(ada, last(ada), paid_part=PaidPart.CREDIT)
    kept, again = sorted(back(ada), key=lambda grant: grant.kind in GIVEN)
    assert (kept.kind, kept.amount, again.amount) == (GrantKind.RETURNED, 1_500, 500)
    assert again.expires_at == world.now + timedelta(days=1)


@pytest.mark.parametrize("part", PaidPart)
def test_money_comes_back_first_and_all_of_it_sums(
    world: FragileWorld, ada: Customer, part: PaidPart
) -> None:
    """5.00 of goodwill and 3.00 sponsored pay a part of 20.00; 10.00, 4.00 and 6.00 are credited."""
    ada.receive_credit(300, kind=GrantKind.SPONSORED, priority=80)
    ada.receive_credit(500)
    ada.buy(zone())
    for amount in (1_000, 400, 600):
        credit(ada, last(ada), amount, paid_part=part)
        world.work()
    found = sorted((grant.kind, grant.amount) for grant in back(ada))
    money = [(GrantKind.RETURNED, 200), (GrantKind.RETURNED, 1_000)]
    given = [(GrantKind.GOODWILL, 500), (GrantKind.SPONSORED, 100), (GrantKind.SPONSORED, 200)]
    assert found == sorted([*given, *(money if part is PaidPart.CREDIT else [])])
    assert owed(ada, "promised_credit") == -800


@pytest.mark.parametrize("first", PaidPart)
def test_goodwill_is_never_refunded_whatever_was_kept_before(
    world: FragileWorld, ada: Customer, first: PaidPart
) -> None:
    """5.00 of goodwill and 15.00 by card pay 20.00; 7.00 are credited one way and 13.00 the other."""
    (second,) = set(PaidPart) - {first}
    ada.receive_credit(500)
    ada.buy(zone())
    credit(ada, last(ada), 700, paid_part=first)
    world.work()
    credit(ada, last(ada), 1_300, paid_part=second)
    world.work()
    assert sum(grant.remaining for grant in back(ada) if grant.kind in GIVEN) == 500
    assert owed(ada, "promised_credit") == -500
    assert owed(ada, "cash:sandbox") == -owed(ada, "customer_credit"), (
        "what is kept is all the money there is"
    )


def test_a_payment_is_refunded_as_far_as_its_money_is_still_there(world: FragileWorld, ada: Customer) -> None:
    ada.receive_credit(500)
    ada.buy(zone())
    credit(ada, last(ada), 700, paid_part=PaidPart.CREDIT)
    assert refund(ada, 801) == Refusal(
        field="amount", rule="must be from 1 to 800, what is left of the payment"
    )
    assert isinstance(refund(ada, None), Issued)
    world.work()
    assert (owed(ada, "cash:sandbox"), last(ada).paid) == (700, 500), "goodwill still pays its part"


def test_a_lost_dispute_takes_what_is_money_and_goodwill_still_pays_its_part(ada: Customer) -> None:
    ada.receive_credit(500)
    bought = ada.buy(zone())
    credit(ada, last(ada), 700, paid_part=PaidPart.CREDIT)
    Contest(ada, bought).close(won=False)
    assert (last(ada).paid, last(ada).debt, ada.credit()) == (500, 800, 0)


def test_what_comes_back_may_be_used_voided_and_come_back_again(world: FragileWorld, ada: Customer) -> None:
    ada.receive_credit(1_000)
    ada.receive_invoice(manual(1_000))
    credit(ada, last(ada), 600)
    ada.receive_invoice(manual(600))
    credit(ada, last(ada), 600)
    (again,) = back(ada)
    assert (again.kind, again.amount, ada.credit()) == (GrantKind.GOODWILL, 600, 600)
    world.work()
    void_credit(world.platform, ada.id, again.id, "given twice", "carol", world.now)
    assert (ada.credit(), owed(ada, "promised_credit"), owed(ada, "credit_given")) == (0, 0, 400)


def test_bought_credit_comes_back_as_money_that_is_kept(ada: Customer) -> None:
    """It is the customer's own money, and no longer what one invoice sold."""
    ada.buy(TopUp(amount=2_000))
    ada.receive_invoice(manual(1_500))
    credit(ada, last(ada))
    assert [(grant.kind, grant.amount) for grant in back(ada)] == [(GrantKind.RETURNED, 1_500)]
