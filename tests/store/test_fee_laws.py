"""Fees, attacked with direct SQL: the database refuses; what gets by all the same, laws find."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solvent.core.fees import book_fee
from solvent.core.movement import Movement, MovementKind
from solvent.store.fee_laws import FEE_LAWS
from tests.store.test_laws import REFUSED, quoted
from tests.store.worlds import BUCKET, NOW, World, draw

COPY = (
    "insert into provider_fee (bucket, id, account_id, payment_id, provider, movement, amount, currency, charged_at,"
    " recorded_at) select bucket, {new}, account_id, payment_id, provider, "
)
REST = ", currency, charged_at, recorded_at from provider_fee"
ATTACKS = [
    ("a movement with two fees", COPY + "movement, amount" + REST),
    ("a fee of nothing", COPY + "'other', 0" + REST),
    ("a fee of a movement without a name", COPY + "'', 1" + REST),
    ("a fee changed", "update provider_fee set amount = amount + 1"),
    ("a fee deleted", "delete from provider_fee"),
    ("all fees emptied", "truncate provider_fee"),
    (
        "a fee of no payment",
        "insert into provider_fee select bucket, {new}, account_id, {new}, provider, 'x', amount" + REST,
    ),
    (
        "a fee of no account",
        "insert into provider_fee select bucket, {new}, {new}, payment_id, provider, 'x', amount" + REST,
    ),
]
PLANTED = {
    "a provider's fee belongs": "update provider_fee set provider = 'another'",
    "what providers kept": "update provider_fee set amount = amount + 1",
}


@pytest.fixture
def fee(world: World) -> dict[str, str]:
    """One fee of one payment, and a new id."""
    account, attempt, _ = world.subscribed()
    movement = Movement(
        name="txn_1",
        kind=MovementKind.PAYMENT,
        ref=f"pay_{attempt.id.hex}",
        key=attempt.id,
        amount=2_000,
        currency="USD",
        moved_at=NOW,
        fee=88,
        fee_currency="USD",
    )
    strange = replace(movement, name="txn_2", ref="nobody's")
    with world.database.settlements.begin() as tx:
        (case,) = tx.books.hold_fees(BUCKET, "sandbox-card", [movement, strange])
        assert case.account.id == account.id
        tx.books.write(BUCKET, [(book_fee(case, world.desk(attempt)), NOW)])
    with world.database.settlements.begin() as tx:
        assert tx.books.hold_fees(BUCKET, "sandbox-card", [movement]) == []
        assert tx.books.hold_fees(BUCKET, "another", [replace(movement, name="txn_3")]) == []
    return {"new": quoted(draw())}


def test_the_database_refuses_every_attack_on_fees(world: World, fee: dict[str, str]) -> None:
    accepted = []
    for name, attack in ATTACKS:
        with world.database.pool.connection() as connection, connection.transaction(force_rollback=True):
            try:
                connection.execute(attack.format(**fee))
                connection.execute("set constraints all immediate")
            except REFUSED:
                continue
            accepted.append(name)
    assert accepted == []


@pytest.mark.parametrize("says", PLANTED)
def test_what_got_by_all_constraints_is_found_by_a_law(world: World, fee: dict[str, str], says: str) -> None:
    (law,) = [law for law in FEE_LAWS if law.says.startswith(says)]
    with world.database.pool.connection() as connection, connection.transaction(force_rollback=True):
        assert connection.execute(law.query).fetchone() == (0,)
        connection.execute("set local session_replication_role = replica")
        assert connection.execute(PLANTED[says]).rowcount == 1
        assert connection.execute(law.query).fetchone() == (1,)


def test_every_law_about_fees_is_planted() -> None:
    assert len(PLANTED) == len(FEE_LAWS)
