"""The digests of accounts see what is written by hand in any of the stores that a snapshot reads."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from solvent.store.examined import FleetRoom
from tests.flows.acts import DECLINED_LATER, zone
from tests.simulation.fragile import FragileWorld


@pytest.fixture(scope="module")
def owing(flows_url: str) -> Iterator[FragileWorld]:
    """A world with one customer, who owes a renewal and has some credit."""
    world = FragileWorld(flows_url, buckets=(250,), seed=250)
    bea = world.customer("Bea")
    bea.buy(zone("bea.example"), DECLINED_LATER)
    world.until(bea.subscription().period.end)
    bea.receive_credit(5_00, expires_at=world.now + timedelta(days=90))
    yield world
    world.close()


# In every store that a snapshot reads, something written by hand, past every trigger.
PLANTED = {
    "an entitlement is missing": "delete from entitlement where bucket = %(bucket)s",
    "an entitlement gives too much": "update entitlement set quantity = 7 where bucket = %(bucket)s",
    "an entitlement says something else": (
        "update entitlement set features = features || '{\"more\": true}' where bucket = %(bucket)s"
    ),
    "the account has another segment": "update account set segment = 'partner' where bucket = %(bucket)s",
    "the standing is another": "update health set standing = 'suspended' where bucket = %(bucket)s",
    "the recorded debt is another": "update health set debt = '{\"USD\": 1}' where bucket = %(bucket)s",
    "the timer is gone": "update health set recheck_at = null where bucket = %(bucket)s",
    "a measure is in effect": (
        'update health set measures = \'[{"measure": "restrict", "rung": "x", "invoice_id":'
        ' "00000000-0000-0000-0000-000000000000", "since": "2027-01-01T00:00:00Z"}]\''
        " where bucket = %(bucket)s"
    ),
    "the method is gone": "update method set state = 'detached', look_at = null where bucket = %(bucket)s",
    "the method came into use": "update method set usable_since = now() where bucket = %(bucket)s",
    "the subscription ends later": (
        "update subscription set grace_until = grace_until + interval '1 day' where bucket = %(bucket)s"
    ),
    "its payer is that of another bucket": (
        "insert into shared_payer select bucket, id, 'sandbox', 'cus_1', id from account where bucket = %(bucket)s"
    ),
    "the item is another": "update item set quantity = 3 where bucket = %(bucket)s",
    "the item was booked otherwise": "update item set booked_quantity = 3 where bucket = %(bucket)s",
    "the period was booked otherwise": (
        "update subscription set booked_end = booked_end + interval '1 day' where bucket = %(bucket)s"
    ),
    "the invoice was paid in part": "update invoice set paid = 1 where bucket = %(bucket)s and state = 'open'",
    "the invoice is due later": (
        "update invoice set due_at = due_at + interval '1 day' where bucket = %(bucket)s and state = 'open'"
    ),
    "the failure has another cause": (
        "update attempt set cause = 'card_lost' where bucket = %(bucket)s and off_session"
    ),
    "a line costs less": (
        "update invoice_line l set amount = amount - 1 from invoice v where v.bucket = %(bucket)s"
        " and v.state = 'open' and l.bucket = v.bucket and l.invoice_id = v.id"
    ),
    "a notice was sent": (
        "insert into notice select bucket, account_id, id, 'x', '{}', 'due', now() from invoice"
        " where bucket = %(bucket)s and state = 'open'"
    ),
    "credit was used": "update credit_grant set remaining = 1 where bucket = %(bucket)s",
    "credit ends earlier": (
        "update credit_grant set expires_at = expires_at - interval '1 day' where bucket = %(bucket)s"
    ),
    "a dispute was opened": (
        "insert into dispute select bucket, account_id, account_id, id, 'sandbox', ref, 'dp_1', amount,"
        " currency, 'warning', 'fraud', now(), null, null, 0, currency, 1, 0, 0, 0, now(), null, null from payment"
        " where bucket = %(bucket)s"
    ),
    "a payment is in flight": (
        "update attempt set state = 'unknown', finished_at = null, look_at = now() + interval '9 years'"
        " where bucket = %(bucket)s and off_session"
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_what_somebody_writes_by_hand_is_seen_in_every_store(owing: FragileWorld, what: str) -> None:
    """Each is written and looked at in one transaction that is given up."""
    bucket = owing.buckets[0]
    with owing.database.pool.connection() as connection, connection.transaction(force_rollback=True):
        fleet = FleetRoom(connection)
        accounts = [
            row[0] for row in connection.execute("select id from account where bucket = %s", (bucket,))
        ]
        before = fleet.digests(bucket, accounts)
        connection.execute("set local session_replication_role = replica")
        assert connection.execute(PLANTED[what], {"bucket": bucket}).rowcount > 0
        after = fleet.digests(bucket, accounts)
    assert [i for i in accounts if before[i] != after.get(i)] != []
