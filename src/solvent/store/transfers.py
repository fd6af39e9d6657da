"""Transfers: what customers were asked to transfer, and what came.

Owns both tables. Does not own when a transfer is asked for (an adapter does) nor what money commits (`settle`).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.ids import bucket_of
from solvent.ports.transfers import Arrived, Transfer

_COLUMNS = "t.id, t.account_id, t.amount, t.currency, t.asked_at, t.until, t.canceled_at"

_ASK = """
insert into transfer (bucket, id, account_id, amount, currency, asked_at, until)
values (%(bucket)s, %(id)s, %(account)s, %(amount)s, %(currency)s, %(asked_at)s, %(until)s)
on conflict (bucket, id) do nothing"""

_ONE = f"select {_COLUMNS} from transfer t where t.bucket = %(bucket)s and t.id = %(id)s"
_HOLD = f"{_ONE} for update"

_ARRIVED = """
select reference, amount, received_at, recorded_at from transfer_receipt
where bucket = %(bucket)s and transfer_id = %(id)s order by recorded_at, reference"""

_CANCEL = """
update transfer t set canceled_at = %(now)s
where t.bucket = %(bucket)s and t.id = %(id)s and t.canceled_at is null and not exists (
    select from transfer_receipt r where r.bucket = t.bucket and r.transfer_id = t.id)"""

_RECEIVE = """
insert into transfer_receipt (bucket, transfer_id, reference, amount, received_at, recorded_at)
values (%(bucket)s, %(id)s, %(reference)s, %(amount)s, %(received_at)s, %(recorded_at)s)
on conflict (bucket, transfer_id, reference) do nothing"""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
PAGE_MAX = 500  # transfers that are read together

# One is waited for until a moment, which is news once it has passed: not before, or every one that waits would be.
_CHANGED = f"""
select {_COLUMNS} from transfer t
where (t.asked_at, t.id) > (%(asked_at)s, %(id)s)
  and (t.asked_at >= %(since)s or t.canceled_at >= %(since)s or t.until between %(since)s and %(now)s or exists (
    select from transfer_receipt r
    where r.bucket = t.bucket and r.transfer_id = t.id and r.recorded_at >= %(since)s))
order by t.asked_at, t.id limit %(limit)s"""


class StoredTransfers:
    """`ports.transfers.Transfers` of one database."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def ask(self, transfer: Transfer) -> Transfer:
        """As the port says."""
        scalars = {
            "bucket": bucket_of(transfer.key),
            "id": transfer.key,
            "account": transfer.customer,
            "amount": transfer.amount,
            "currency": transfer.currency,
            "asked_at": transfer.asked_at,
            "until": transfer.until,
        }
        with self._pool.connection() as connection:
            connection.execute(_ASK, scalars)
        return self.find(transfer.key) or transfer

    def find(self, key: UUID) -> Transfer | None:
        """As the port says."""
        with self._pool.connection() as connection:
            return _found(connection, _ONE, key)

    def cancel(self, key: UUID, now: datetime) -> Transfer | None:
        """As the port says. Whoever records money holds the row as well: one of the two comes first."""
        with self._pool.connection() as connection, connection.transaction():
            held = _found(connection, _HOLD, key)
            if held is None:
                return None
            connection.execute(_CANCEL, {"bucket": bucket_of(key), "id": key, "now": now})
            return _found(connection, _ONE, key)

    def changed(self, since: datetime, now: datetime) -> Iterator[Transfer]:
        """As the port says."""
        scalars = {"since": since, "now": now, "limit": PAGE_MAX, "asked_at": _BEGINNING, "id": UUID(int=0)}
        while True:
            with self._pool.connection() as connection:
                rows = connection.execute(_CHANGED, scalars).fetchall()
                page = [_transfer(connection, row) for row in rows]
            yield from page
            if len(page) < PAGE_MAX:
                return
            scalars |= {"asked_at": page[-1].asked_at, "id": page[-1].key}


class TransferRoom:
    """`ports.transfers.Receiving` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def receive(self, key: UUID, arrived: Arrived) -> Arrived | None:
        """As the port says."""
        if _found(self._connection, _HOLD, key) is None:
            return None
        scalars = {
            "bucket": bucket_of(key),
            "id": key,
            "reference": arrived.reference,
            "amount": arrived.amount,
            "received_at": arrived.received_at,
            "recorded_at": arrived.recorded_at,
        }
        self._connection.execute(_RECEIVE, scalars)
        found = _found(self._connection, _ONE, key)
        assert found is not None, f"transfer {key} is held"
        return next(each for each in found.arrived if each.reference == arrived.reference)


def _found(connection: Connection, query: str, key: UUID) -> Transfer | None:
    row = connection.execute(query, {"bucket": bucket_of(key), "id": key}).fetchone()
    return None if row is None else _transfer(connection, row)


def _transfer(connection: Connection, row: tuple[Any, ...]) -> Transfer:
    key, customer, amount, currency, asked_at, until, canceled_at = row
    rows = connection.execute(_ARRIVED, {"bucket": bucket_of(key), "id": key}).fetchall()
    return Transfer(
        key=key,
        customer=customer,
        amount=amount,
        currency=currency,
        asked_at=asked_at,
        until=until,
        canceled_at=canceled_at,
        arrived=tuple(Arrived(reference=r[0], amount=r[1], received_at=r[2], recorded_at=r[3]) for r in rows),
    )
