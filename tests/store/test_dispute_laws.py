"""Disputes and what they took, attacked with direct SQL: the database refuses; what gets by all the same, laws find."""

from __future__ import annotations

from uuid import UUID

import pytest

from solvent.core.attempt import Attempt
from solvent.core.dispute import DisputeReport, DisputeState
from solvent.core.disputing import book_dispute
from solvent.core.facts import RefundEnd, RefundState
from solvent.core.refunding import book_refund
from solvent.core.request import NewItem, Start
from solvent.store.dispute_laws import DISPUTE_LAWS
from tests.store.test_laws import REFUSED, quoted
from tests.store.worlds import BUCKET, NOW, ZONE, World, draw

DECIDED = "version = version + 1, decided_at = now()"
UNDECIDED = "version = version + 1, decided_at = null"
CHARGEBACK = (
    "insert into chargeback (bucket, dispute_id, payment_id, cause_id, account_id, to_debt, from_credit)"
    " select bucket, {{dispute}}, {{payment}}, {{new}}, account_id, {to_debt}, {from_credit}"
    " from dispute where id = {{dispute}}"
)
REFUND = (
    "insert into refund (bucket, id, account_id, payment_id, amount, currency, refunded_before, reason, state, look_at,"
    " created_at) select bucket, {{new}}, account_id, id, {amount}, currency, 0, 'r', 'due', now(), now()"
    " from payment where id = {{payment}}"
)
PAYMENT = (
    "insert into payment (bucket, id, account_id, attempt_id, provider, ref, amount, currency, disposition, invoice_id,"
    " of_debt, received_at) select bucket, {{new}}, account_id, attempt_id, provider, 'anew', amount, currency,"
    " disposition, invoice_id, {of_debt}, received_at from payment where id = {{payment}}"
)

# What is tried, and the SQL. {open} is a dispute that nobody has decided, {dispute} one over 15.00 of the 20.00 of
# {payment} that is lost, {written_off} one over 20.00 that are on their way back, lost as well.
ATTACKS = [
    (
        "a dispute of no payment",
        "update dispute set payment_id = {new}, version = version + 1 where id = {open}",
    ),
    (
        "a dispute of no account",
        "update dispute set account_id = {new}, version = version + 1 where id = {open}",
    ),
    (
        "a dispute recorded twice",
        "insert into dispute select bucket, {new}, account_id, payment_id, provider, payment_ref, ref, amount,"
        " currency, state, reason, opened_at, evidence_due_by, changed_at, fee, fee_currency, version, to_debt,"
        " from_credit, written_off, recorded_at, lost_at, decided_at from dispute where id = {open}",
    ),
    ("a dispute about another payment", "update dispute set payment_ref = 'x', version = version + 1"),
    (
        "a state that nobody knows",
        "update dispute set state = 'odd', version = version + 1 where id = {open}",
    ),
    ("a version left out", "update dispute set version = version + 2"),
    ("the same version again", "update dispute set reason = 'duplicate'"),
    ("a dispute deleted", "delete from dispute"),
    ("all disputes emptied", "truncate dispute cascade"),
    ("a negative fee", "update dispute set fee = -1, version = version + 1"),
    ("a dispute over nothing", "update dispute set amount = 0, version = version + 1 where id = {open}"),
    (
        "decided, nobody knows when",
        "update dispute set state = 'won', version = version + 1 where id = {open}",
    ),
    ("lost, nobody knows when", f"update dispute set state = 'lost', {DECIDED} where id = {{open}}"),
    (
        "lost, and nothing is gone",
        f"update dispute set state = 'lost', lost_at = now(), {DECIDED} where id = {{open}}",
    ),
    (
        "not lost, and something is gone",
        "update dispute set to_debt = amount, version = version + 1 where id = {open}",
    ),
    (
        "an inquiry after it was a dispute",
        "update dispute set state = 'warning', version = version + 1 where id = {open}",
    ),
    ("undecided again", f"update dispute set state = 'needs_response', {UNDECIDED} where id = {{dispute}}"),
    (
        "accepted after it was lost",
        f"update dispute set state = 'accepted', {DECIDED} where id = {{dispute}}",
    ),
    (
        "another amount after the decision",
        "update dispute set amount = 1600, to_debt = 1600, version = version + 1 where id = {dispute}",
    ),
    (
        "less owed again",
        "update dispute set to_debt = 1400, written_off = 100, version = version + 1 where id = {dispute}",
    ),
    (
        "never lost",
        "update dispute set lost_at = null, to_debt = 0, version = version + 1 where id = {dispute}",
    ),
    (
        "credit given back by hand",
        "update dispute set from_credit = from_credit - 100, written_off = written_off + 100, version = version + 1"
        " where id = {regained}",
    ),
    (
        "a loss moved to a debt",
        "update dispute set to_debt = 2000, written_off = 0, version = version + 1 where id = {written_off}",
    ),
    (
        "a loss forgotten",
        "update dispute set written_off = 0, version = version + 1 where id = {written_off}",
    ),
    (
        "a loss lowered while the decision is reversed",
        "update dispute set state = 'won', from_credit = 100, written_off = 1900, version = version + 1"
        " where id = {written_off}",
    ),
    ("a chargeback changed", "update chargeback set to_debt = to_debt - 1"),
    ("a chargeback deleted", "delete from chargeback"),
    ("all chargebacks emptied", "truncate chargeback"),
    ("one debt owed again twice", CHARGEBACK.format(to_debt=1, from_credit=0)),
    ("a chargeback of more than came", CHARGEBACK.format(to_debt=0, from_credit=501)),
    ("a chargeback of nothing", CHARGEBACK.format(to_debt=0, from_credit=0)),
    ("a chargeback of less than nothing", CHARGEBACK.format(to_debt=-1, from_credit=2)),
    (
        "a chargeback by no dispute",
        "insert into chargeback select bucket, {new}, payment_id, {new}, account_id, 1, 0 from dispute limit 1",
    ),
    (
        "a chargeback of no payment",
        "insert into chargeback select bucket, id, {new}, {new}, account_id, 1, 0 from dispute limit 1",
    ),
    ("a refund of what the bank took", REFUND.format(amount=501)),
    ("a debt paid twice before it is owed anew", PAYMENT.format(of_debt=1)),
    (
        "less paid by hand",
        "update invoice set paid = paid - 1, state = 'open', version = version + 1 where charged_back = 0",
    ),
    (
        "charged back, and nothing owed again",
        "update invoice set charged_back = 2000, reopened = reopened + 1, version = version + 1 where charged_back > 0",
    ),
    (
        "owed again without a dispute",
        "update invoice set reopened = reopened + 1, version = version + 1 where charged_back > 0",
    ),
    (
        "never charged back",
        "update invoice set charged_back = 0, reopened = 0, version = version + 1 where charged_back > 0",
    ),
    (
        "paid as if nothing had happened",
        "update invoice set state = 'paid', paid = total, paid_at = now(), version = version + 1"
        " where charged_back > 0",
    ),
]

# By what the law says: a way around all constraints and triggers that it must find.
PLANTED = {
    "a dispute belongs to": "update dispute set currency = 'EUR' where id = {open}",
    "what a lost dispute took is of its own": "update chargeback set to_debt = to_debt + 1",
    "an invoice is charged anew only": "update payment set of_debt = 3 where id = {payment}",
    "refunds of a payment and what lost disputes took": "update chargeback set to_debt = 2001",
    "what the ledger holds as disputed": "update dispute set amount = amount + 1 where id = {open}",
    "losses and fees of disputes": "update dispute set fee = fee + 1 where id = {open}",
    "what lost disputes took of account credit": "update chargeback set from_credit = from_credit + 1",
    "what is charged back of every invoice": "update invoice set reopened = 2 where reopened = 1",
    "every dispute is told": "delete from event where type = 'dispute.lost'",
}


def contested(world: World, attempt: Attempt, state: DisputeState, amount: int = 2_000) -> UUID:
    """A dispute of what an attempt brought, recorded as it stands."""
    report = DisputeReport(
        ref=f"dp_{attempt.id.hex}",
        payment_ref=f"pay_{attempt.id.hex}",
        key=attempt.id,
        amount=amount,
        currency="USD",
        state=state,
        opened_at=NOW,
    )
    with world.database.settlements.begin() as tx:
        case = tx.books.contest(BUCKET, "sandbox-card", report.payment_ref, report.ref)
        assert case is not None
        booked = book_dispute(case, report, world.desk(attempt))
        tx.books.write(BUCKET, [(booking, NOW) for booking in booked])
    assert booked[0].dispute is not None
    return booked[0].dispute.id


def refunded(world: World) -> Attempt:
    """20.00 that came and are on their way back."""
    account = world.account()
    attempt = world.attempt(world.plan(account.id, Start(items=(NewItem(price_id="pro@1", object=ZONE),))))
    world.journal(attempt)
    world.refund(attempt, 2_000)
    return attempt


def refuse(world: World, attempt: Attempt) -> None:
    """The provider refuses to give them back."""
    ((key,),) = world.rows("select id from refund where account_id = %s", attempt.account_id)
    assert isinstance(key, UUID)
    with world.database.settlements.begin() as tx:
        (case,) = tx.books.hold_refunds(BUCKET, [key])
        booked = book_refund(case, RefundEnd(id=key, state=RefundState.FAILED, ref=None), world.desk(attempt))
        tx.books.write(BUCKET, [(booking, NOW) for booking in booked])


@pytest.fixture
def rows(world: World) -> dict[str, str]:
    """Disputes of all kinds; their ids as SQL, and that of the payment of which a part is gone."""
    (_, paid, booking), (_, other, _) = world.subscribed(), world.subscribed()
    assert booking.payment is not None
    back, refused = refunded(world), refunded(world)
    ids = {
        "payment": booking.payment.id,
        "dispute": contested(world, paid, DisputeState.LOST, 1_500),
        "open": contested(world, other, DisputeState.NEEDS_RESPONSE),
        "written_off": contested(world, back, DisputeState.LOST),
        "regained": contested(world, refused, DisputeState.LOST),
        "new": draw(),
    }
    refuse(world, refused)
    return {name: quoted(identifier) for name, identifier in ids.items()}


def test_the_database_refuses_every_attack_on_disputes(world: World, rows: dict[str, str]) -> None:
    accepted = []
    for name, attack in ATTACKS:
        with world.database.pool.connection() as connection, connection.transaction(force_rollback=True):
            try:
                changed = connection.execute(attack.format(**rows)).rowcount
                connection.execute("set constraints all immediate")
            except REFUSED:
                continue
            accepted.append((name, changed))
    assert accepted == []


def test_the_attacks_are_on_disputes_that_are_there(world: World, rows: dict[str, str]) -> None:
    """An update of no row would prove nothing."""
    found = world.rows(
        "select state, to_debt, from_credit, written_off from dispute order by state, to_debt, from_credit"
    )
    assert found == [
        ("lost", 0, 0, 2_000),
        ("lost", 0, 2_000, 0),
        ("lost", 1_500, 0, 0),
        ("needs_response", 0, 0, 0),
    ]
    assert world.rows("select charged_back, reopened, state from invoice order by charged_back") == [
        (0, 0, "paid"),
        (1_500, 1, "open"),
    ]


@pytest.mark.parametrize("says", PLANTED)
def test_what_got_by_all_constraints_is_found_by_a_law(world: World, rows: dict[str, str], says: str) -> None:
    (law,) = [law for law in DISPUTE_LAWS if law.says.startswith(says)]
    with world.database.pool.connection() as connection, connection.transaction(force_rollback=True):
        assert connection.execute(law.query).fetchone() == (0,)
        connection.execute("set local session_replication_role = replica")
        assert connection.execute(PLANTED[says].format(**rows)).rowcount > 0
        assert connection.execute(law.query).fetchone() != (0,)


def test_every_law_about_disputes_is_planted() -> None:
    assert sorted(says for says in PLANTED for law in DISPUTE_LAWS if law.says.startswith(says)) == sorted(
        PLANTED
    )
    assert len(PLANTED) == len(DISPUTE_LAWS)
