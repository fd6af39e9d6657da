"""Time charged in advance: what takes more of it than was charged, past every constraint, is found by a law."""

from __future__ import annotations

from datetime import timedelta

import pytest

from solvent.core.request import CancelNow
from solvent.store.charged_laws import CHARGED_LAWS
from tests.store.test_laws import REFUSED
from tests.store.worlds import NOW, World

# One invoice of 20.00 for 28 days, of which 21 are credited: 15.00.
PLANTED = {
    "changes, cancellations and credit notes take no more": [
        "update invoice_line set amount = 1400",
        "update credit_note_line set amount = 2001",
        "insert into invoice_line (bucket, invoice_id, position, kind, description, explanation, quantity, amount,"
        " price_id, item_id, object, period_start, period_end)"
        " select bucket, invoice_id, 2, 'prorated_credit', '\"x\"', '\"x\"', 1, -501, price_id, item_id, object,"
        " period_start + interval '1 day', period_end from invoice_line",
    ],
    "no time of an invoice's line is credited twice": [
        "update credit_note_line set amount = 1502",
        "update credit_note_line set period_start = period_start + interval '1 day'",
    ],
}


@pytest.fixture
def canceled(world: World) -> World:
    account, _, booking = world.subscribed()
    assert booking.subscription is not None
    change = CancelNow(subscription_id=booking.subscription.id, credit=True)
    cancel = world.attempt(world.plan(account.id, change, NOW + timedelta(days=7)))
    assert world.journal(cancel)
    world.settle(cancel)
    assert world.rows("select amount from credit_note") == [(1_500,)]
    return world


@pytest.mark.parametrize("says", PLANTED)
def test_what_takes_too_much_is_found(canceled: World, says: str) -> None:
    (law,) = [law for law in CHARGED_LAWS if law.says.startswith(says)]
    for planted in PLANTED[says]:
        with canceled.database.pool.connection() as connection, connection.transaction(force_rollback=True):
            assert connection.execute(law.query).fetchone() == (0,)
            connection.execute("set local session_replication_role = replica")
            assert connection.execute(planted).rowcount == 1
            assert connection.execute(law.query).fetchone() == (1,), planted


# By days that of the cancellation counts as unused, and where months have 30 days one of 31 is worth more.
@pytest.mark.parametrize(
    ("counted", "later", "most"),
    [
        ("seconds", "10 hours", 1_472),
        ("days", "10 hours", 1_501),
        ("days", "1 day", 1_430),
        ("seconds_of_30", "0 hours", 1_551),
        ("days_of_30", "10 hours", 1_551),
    ],
)
def test_time_is_compared_as_it_was_counted(canceled: World, counted: str, later: str, most: int) -> None:
    (law,) = [law for law in CHARGED_LAWS if "credited twice" in law.says]
    with canceled.database.pool.connection() as connection, connection.transaction(force_rollback=True):
        connection.execute("set local session_replication_role = replica")
        connection.execute("update credit_note set counted = %s", (counted,))
        connection.execute("update credit_note_line set period_start = period_start + %s::interval", (later,))
        for amount, found in ((most, 0), (most + 1, 1)):
            connection.execute("update credit_note_line set amount = %s", (amount,))
            assert connection.execute(law.query).fetchone() == (found,)


def test_every_law_about_charged_time_is_planted() -> None:
    assert sorted(says for says in PLANTED for law in CHARGED_LAWS if law.says.startswith(says)) == sorted(
        PLANTED
    )
    assert len(PLANTED) == len(CHARGED_LAWS)


@pytest.mark.parametrize(
    "attack",
    [
        "update credit_note_line set amount = amount + 1",
        "update invoice_line set amount = amount - 1",
        "update invoice set credited = 2001, paid = 0, version = version + 1",
        "insert into credit_note_line select bucket, credit_note_id, invoice_id, 2, kind, description, 500, 0, null,"
        " period_start, period_end from credit_note_line",
    ],
)
def test_the_database_refuses_to_take_more(canceled: World, attack: str) -> None:
    with (
        canceled.database.pool.connection() as connection,
        connection.transaction(force_rollback=True),
        pytest.raises(REFUSED),
    ):
        connection.execute(attack)
