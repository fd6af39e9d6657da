"""Refunds that came back, attacked with direct SQL: the database refuses; what gets by all the same, laws find."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from solvent.core.facts import RefundEnd, RefundState
from solvent.core.payment import ReturnedRefund
from solvent.core.refunding import book_refund
from solvent.core.request import NewItem, Start
from solvent.store.refund_laws import REFUND_LAWS
from tests.store.test_laws import REFUSED, quoted
from tests.store.worlds import BUCKET, NOW, ZONE, World, draw

COLUMNS = (
    "bucket, id, account_id, payment_id, amount, currency, refunded_before, retry_of, reason, state, look_at,"
    " created_at"
)
RETRY = (
    f"insert into refund ({COLUMNS}) select bucket, {{{{new}}}}, account_id, payment_id, {{amount}}, currency, null,"
    " {of}, 'r', 'due', now(), now() from refund where id = {{again}}"
)
ATTACKS = [
    ("a second try of another amount", RETRY.format(amount="amount - 1", of="{credited}")),
    ("a second try of a refund that is not there", RETRY.format(amount="amount", of="{new}")),
    ("one refund tried again twice", RETRY.format(amount="amount", of="{returned}")),
    ("a second try within the chain", "update refund set refunded_before = 0 where id = {again}"),
    ("a refund outside the chain", "update refund set refunded_before = null where id = {credited}"),
    ("a refund that came back at no time", "update refund set returned_at = null where id = {returned}"),
    ("one that did not come back and has a time", "update refund set returned_at = now() where id = {again}"),
    ("more given than came", "update refund set amount = amount * 3 where id = {again}"),
    ("a key without what came with it", "update refund set key = 'k' where id = {credited}"),
    (
        "a key beside a credit note's",
        "update refund set key = 'k', input_hash = 'h', credit_note_id = id where id = {again}",
    ),
]
PLANTED = {
    "a refund that was refused, or came back": "update credit_grant set amount = amount + 1, remaining = remaining + 1"
    " where id = {credited}",
    "only a refund that came back": "update refund set state = 'succeeded', returned_at = null where id = {returned}",
    "what went back as money out of account credit": "update refund set key = 'k', input_hash = 'h'"
    " where id = {credited}",
    "every refund out of account credit": "update refund set key = 'k', input_hash = 'h' where id = {credited}",
    "what the ledger holds as payable": "update refund set state = 'succeeded', look_at = null where id = {again}",
}


def came_back(world: World, policy: ReturnedRefund) -> UUID:
    """20.00 were given back, and came back; the refund."""
    attempt = world.attempt(
        world.plan(world.account().id, Start(items=(NewItem(price_id="pro@1", object=ZONE),)))
    )
    world.journal(attempt)
    world.refund(attempt, 2_000)
    ((key,),) = world.rows("select id from refund where account_id = %s", attempt.account_id)
    assert isinstance(key, UUID)
    desk = world.desk(attempt)
    desk = replace(desk, policy=replace(desk.policy, returned_refund=policy))
    for state in (RefundState.SUCCEEDED, RefundState.RETURNED):
        with world.database.settlements.begin() as tx:
            (case,) = tx.books.hold_refunds(BUCKET, [key])
            assert case.succeeded is (state is RefundState.RETURNED)
            booked = book_refund(case, RefundEnd(id=key, state=state, ref="re_1"), desk)
            tx.books.write(BUCKET, [(booking, NOW) for booking in booked])
    with world.database.settlements.begin() as tx:
        assert tx.books.hold_refunds(BUCKET, [key]) == []
    return key


@pytest.fixture
def rows(world: World) -> dict[str, str]:
    """A refund that became credit, one that was tried again, and its second try."""
    credited, returned = (came_back(world, policy) for policy in ReturnedRefund)
    ((again,),) = world.rows("select id from refund where retry_of = %s", returned)
    assert isinstance(again, UUID)
    names = {"credited": credited, "returned": returned, "again": again, "new": draw()}
    return {name: quoted(value) for name, value in names.items()}


def test_the_database_refuses_every_attack_on_refunds(world: World, rows: dict[str, str]) -> None:
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


@pytest.mark.parametrize("says", PLANTED)
def test_what_got_by_all_constraints_is_found_by_a_law(world: World, rows: dict[str, str], says: str) -> None:
    (law,) = [law for law in REFUND_LAWS if law.says.startswith(says)]
    with world.database.pool.connection() as connection, connection.transaction(force_rollback=True):
        assert connection.execute(law.query).fetchone() == (0,)
        connection.execute("set local session_replication_role = replica")
        assert connection.execute(PLANTED[says].format(**rows)).rowcount == 1
        assert connection.execute(law.query).fetchone() == (1,)


def test_every_law_about_refunds_is_planted() -> None:
    assert len(PLANTED) == len(REFUND_LAWS)
