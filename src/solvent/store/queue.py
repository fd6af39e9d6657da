"""Queue: accounts to be recomputed, at most one waiting and one running entry each.

Owns marking, claiming and finishing. A mark that comes while an account is being recomputed waits for the next turn,
so nothing that happens meanwhile is missed. Does not own what recomputing reads (`snapshots`).
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from psycopg import Connection

from solvent.core.ids import bucket_of
from solvent.core.snapshot import Snapshot
from solvent.store import snapshots, witness
from solvent.store.forgetting import FORGETTABLE
from solvent.store.rows import Column, Statement
from solvent.store.writer import Writer

# A mark that finds another one holds it until its own commit, so that nobody claims it and looks before the facts
# behind the later mark can be seen.
_MARK = Statement(
    "bucket smallint, account_id uuid",
    """
insert into recompute_queue (bucket, account_id, state, reason, since, look_at)
select v.bucket, v.account_id, 'waiting', %(reason)s, %(now)s, %(now)s from {rows}
on conflict (bucket, account_id, state) do update set reason = recompute_queue.reason""",
)

_MARK_SETTLED = Statement(
    "account_id uuid, since timestamptz",
    """
insert into recompute_queue (bucket, account_id, state, reason, since, look_at)
select %(bucket)s, v.account_id, 'waiting', 'settled', v.since, v.since from {rows}
on conflict (bucket, account_id, state) do update set reason = recompute_queue.reason""",
)

_ASK = """
with who as (
    select bucket, id, test_now from account where bucket = %(bucket)s and id = %(account)s
), marked as (
    insert into recompute_queue (bucket, account_id, state, reason, since, look_at)
    select bucket, id, 'waiting', %(reason)s, %(now)s, %(now)s from who
    on conflict (bucket, account_id, state) do update set reason = recompute_queue.reason
)
select test_now from who"""

# Marks are inserted in one order everywhere: two that wait for each other's would end in a deadlock.
_MARK_RECHECKS = """
insert into recompute_queue (bucket, account_id, state, reason, since, look_at)
select d.bucket, d.account_id, 'waiting', 'recheck', %(now)s, %(now)s from (
    select h.bucket, h.account_id from health h join account a on a.bucket = h.bucket and a.id = h.account_id
    where h.bucket = %(bucket)s and h.recheck_at <= %(now)s and {whose}
      and not exists (select from recompute_queue q where q.bucket = h.bucket and q.account_id = h.account_id)
    order by h.recheck_at limit %(limit)s
) d order by d.account_id
on conflict do nothing returning 1"""
_MARK_RECHECKS_BY_THE_WALL = _MARK_RECHECKS.format(whose="a.test_now is null")
_MARK_RECHECKS_OF_ONE = _MARK_RECHECKS.format(whose="a.id = %(account)s")

# An account that is running under a valid lease is left alone: its waiting entry is claimed after it has finished.
# A waiting entry becomes the running one; a running one whose lease is over is taken over.
_CLAIM = """
with due as (
    select q.bucket, q.account_id, q.state, q.reason, q.since from recompute_queue q
    where q.bucket = %(bucket)s and (q.state = 'waiting' or q.look_at <= %(now)s) and {whose}
      and not exists (select from recompute_queue r where r.bucket = q.bucket and r.account_id = q.account_id
                      and r.state = 'running' and r.look_at > %(now)s) and {FORGETTABLE}
    order by q.look_at limit %(limit)s
    for update of q skip locked
), taken as (
    delete from recompute_queue w using due
    where w.bucket = due.bucket and w.account_id = due.account_id and w.state = 'waiting' and due.state = 'waiting'
)
insert into recompute_queue as n (bucket, account_id, state, reason, since, look_at)
select distinct on (account_id) bucket, account_id, 'running', reason, since, %(lease_until)s from due
on conflict (bucket, account_id, state) do update set look_at = excluded.look_at where n.look_at <= %(now)s
returning account_id"""
_CLAIM_ANY = _CLAIM.format(whose="true", FORGETTABLE=FORGETTABLE)
_CLAIM_ONE = _CLAIM.format(whose="q.account_id = %(account)s", FORGETTABLE=FORGETTABLE)

_MEASURED = """
select account_id from health
where bucket = %(bucket)s and account_id = any(%(accounts)b) and measures <> '[]' order by account_id"""

_FINISH = f"""
delete from recompute_queue
where bucket = %(bucket)s and account_id = any(%(accounts)b) and state = 'running' and {FORGETTABLE}"""


def put_marks(writer: Writer, account_ids: Iterable[UUID], now: datetime) -> None:
    """Have a writer mark accounts of its bucket that are being settled, which are locked."""
    rows = [(i, now) for i in sorted(set(account_ids), key=lambda i: i.int)]
    writer.put("recompute_queue", _MARK_SETTLED, rows)


class QueueRoom:
    """`ports.store.Queue` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def mark(self, account_ids: Sequence[UUID], reason: str, now: datetime) -> None:
        """Have these accounts recomputed; those that wait already wait once."""
        if account_ids:
            rows = [(bucket_of(i), i) for i in sorted(set(account_ids), key=lambda i: (bucket_of(i), i.int))]
            _MARK.run(self._connection, rows, reason=reason, now=now)

    def ask(self, account_id: UUID, reason: str, now: datetime) -> datetime:
        """Mark one account; its own present, by its test clock where it has one. Raises LookupError if unknown."""
        scalars = {"bucket": bucket_of(account_id), "account": account_id, "reason": reason, "now": now}
        row = self._connection.execute(_ASK, scalars, binary=True).fetchone()
        if row is None:
            raise LookupError(f"no account {account_id}")
        present: datetime | None = row[0]
        return now if present is None else present

    def mark_rechecks(self, bucket: int, now: datetime, limit: int, account: UUID | None) -> int:
        """Mark accounts whose verdict may differ by the passing of time; returns how many."""
        query = _MARK_RECHECKS_BY_THE_WALL if account is None else _MARK_RECHECKS_OF_ONE
        scalars = {"bucket": bucket, "now": now, "limit": limit, "account": account}
        return len(self._connection.execute(query, scalars).fetchall())

    def claim(
        self, bucket: int, now: datetime, lease_until: datetime, limit: int, account: UUID | None
    ) -> list[UUID]:
        """Lease marked accounts of one bucket, whatever clock they are on; with `account`, only that one."""
        query = _CLAIM_ANY if account is None else _CLAIM_ONE
        scalars = {
            "bucket": bucket,
            "now": now,
            "lease_until": lease_until,
            "limit": limit,
            "account": account,
        }
        return [row[0] for row in self._connection.execute(query, scalars, binary=True).fetchall()]

    def snapshots(self, bucket: int, account_ids: Sequence[UUID]) -> list[Snapshot]:
        """Every store's opinion about these accounts, from one statement and so from one moment."""
        return snapshots.read(self._connection, bucket, account_ids)

    def examined(self, bucket: int, account_ids: Sequence[UUID], now: datetime) -> list[Snapshot]:
        """Snapshots with a witness each; of one moment where the transaction is still (`Database.still`)."""
        found = witness.witnesses(self._connection, bucket, account_ids, now)
        return snapshots.read(self._connection, bucket, account_ids, found)

    def measured(self, bucket: int, account_ids: Collection[UUID]) -> list[UUID]:
        """Those of the accounts for which measures are in effect."""
        scalars = {"bucket": bucket, "accounts": Column("uuid", account_ids)}
        return [row[0] for row in self._connection.execute(_MEASURED, scalars, binary=True).fetchall()]

    def finish(self, bucket: int, account_ids: Sequence[UUID]) -> None:
        """These accounts were recomputed."""
        if not account_ids:
            return
        self._connection.execute(_FINISH, {"bucket": bucket, "accounts": Column("uuid", account_ids)})
