"""Usage: events as they were told, and what they come to.

Owns the recording of events, each once by its id, and the claim of accounts whose usage may have to be billed. Does not
own what events come to (`tallies`), the rows of usage periods (`metering`) nor what is billed (`core.usage`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from solvent.core.catalog import Aggregation, Catalog
from solvent.core.charged import Charged
from solvent.core.ids import bucket_of
from solvent.core.meter import UsageEvent
from solvent.core.usage import LATE_MAX, Reading, UsagePeriod
from solvent.ports.usage import UsageOf
from solvent.store import aside, shapes
from solvent.store.charged import billed_for
from solvent.store.rows import Column, Statement
from solvent.store.tallies import READ, TALLIED

_Row = tuple[Any, ...]

_MOMENTS = """
select a.id, a.test_now from unnest(%(buckets)b::smallint[], %(ids)b::uuid[]) v (bucket, id)
join account a on a.bucket = v.bucket and a.id = v.id"""

# Rows in one order for everybody: two batches with the same events would otherwise wait for each other. Nobody takes a
# mark before this statement must have ended, so one that is there already says enough, and is not written again.
_RECORD = Statement(
    "bucket smallint, id text, account_id uuid, meter text, at timestamptz, object text, value bigint, member text,"
    "corrects text",
    f"""
with told as (
    insert into usage_event (bucket, account_id, id, meter, object, at, value, member, corrects, received_at)
    select v.bucket, v.account_id, v.id, v.meter, v.object, v.at, v.value, v.member, v.corrects, %(now)s
    from {{rows}} order by v.bucket, v.account_id, v.id collate "C"
    on conflict do nothing returning bucket, account_id, id, meter, object, at, value, member, corrects
), marked as (
    insert into usage_mark (bucket, account_id, look_at)
    select distinct t.bucket, t.account_id, %(look_at)s::timestamptz from told t
    where not exists (select from usage_mark k where k.bucket = t.bucket and k.account_id = t.account_id
                        and k.look_at = %(look_at)s)
    order by t.bucket, t.account_id on conflict do nothing
), {TALLIED}
select count(*) from told""",
)

# A renewal that is due comes first: it may be one that bills the usage too. One that is under way, or cannot be
# planned, is not waited for.
_IDLE = """not exists (select from attempt t
    where t.bucket = a.bucket and t.account_id = a.id and t.bills_usage
      and t.state in ('opening', 'requires_action', 'processing', 'unknown'))
  and not exists (select from subscription s
    where s.bucket = a.bucket and s.account_id = a.id and s.due_at <= %(now)s and s.stuck_until is null
      and not exists (select from attempt t where t.bucket = s.bucket and t.account_id = s.account_id
          and (t.claim = 'sub:' || s.id or t.id = s.claimed_by or s.grace_invoice = any(t.settles))
          and t.state in ('opening', 'requires_action', 'processing', 'unknown')))"""
_BY_THE_WALL = f"a.test_now is null and {_IDLE}"
_OF_ONE = f"a.id = %(account)s and {_IDLE}"

_TAKE_MARKS = """
delete from usage_mark m using (
    select k.account_id, k.look_at from usage_mark k join account a on a.bucket = k.bucket and a.id = k.account_id
    where k.bucket = %(bucket)s and {look} and {whose} and not exists (
        select from usage_mark s where s.bucket = k.bucket and s.account_id = k.account_id
          and s.stuck_reason is not null and s.look_at > %(now)s)
    order by k.look_at limit %(limit)s for update of k skip locked) taken
where m.bucket = %(bucket)s and m.account_id = taken.account_id and m.look_at = taken.look_at
returning m.account_id, coalesce(m.stuck_times, 0)"""
_TAKE_BY_THE_WALL = _TAKE_MARKS.format(look="k.look_at <= %(now)s", whose=_BY_THE_WALL)
# A test account's marks are of the time of the wall; what was put off is of its own.
_TAKE_OF_ONE = _TAKE_MARKS.format(look="(k.stuck_reason is null or k.look_at <= %(now)s)", whose=_OF_ONE)

_DUE = """
select a.id from account a join (
    select u.account_id, min(u.look_at) as look_at from usage_period u
    where u.bucket = %(bucket)s and u.look_at <= %(now)s group by u.account_id) due
on due.account_id = a.id where a.bucket = %(bucket)s and {whose} order by due.look_at limit %(limit)s"""
_DUE_BY_THE_WALL = _DUE.format(whose=_BY_THE_WALL)
_DUE_OF_ONE = _DUE.format(whose=_OF_ONE)

_ACCOUNTS = f"""
select {shapes.ACCOUNT}, {shapes.KEPT_METHODS}, {shapes.CREDIT_GRANTS}, {shapes.WAITING_ITEMS}
from account a where a.bucket = %(bucket)s and a.id = any(%(ids)b) order by a.id"""

_PERIODS = """
select u.account_id, u.item_id, u.subscription_id, u.price_id, u.meter, u.object, u.starts_at, u.ends_at, u.look_at,
       u.billed_quantity, u.billed_amount, u.version
from usage_period u join account a on a.bucket = u.bucket and a.id = u.account_id
where u.bucket = %(bucket)s and u.account_id = any(%(ids)b)
  and (u.look_at is not null or u.ends_at > coalesce(a.test_now, %(now)s) - %(late)s)
order by u.account_id, u.starts_at, u.item_id"""


_AGAIN = """
insert into usage_mark (bucket, account_id, look_at)
select %(bucket)s, i, %(now)s from unnest(%(ids)b::uuid[]) i order by i on conflict do nothing"""

# Of everybody: for a look at all of it, not for billing.
_UNMARKED = f"""
select {shapes.ACCOUNT}, {shapes.KEPT_METHODS}, {shapes.CREDIT_GRANTS}, {shapes.WAITING_ITEMS}
from account a where a.id > %(after)s
  and exists (select from usage_period u where u.bucket = a.bucket and u.account_id = a.id
                and (u.look_at is not null or u.ends_at > coalesce(a.test_now, %(now)s) - %(late)s))
  and not exists (select from usage_period u where u.bucket = a.bucket and u.account_id = a.id
                    and u.look_at <= coalesce(a.test_now, %(now)s))
  and not exists (select from usage_mark k where k.bucket = a.bucket and k.account_id = a.id)
  and not exists (select from attempt t where t.bucket = a.bucket and t.account_id = a.id and t.bills_usage
                    and t.state in ('opening', 'requires_action', 'processing', 'unknown'))
order by a.id limit %(limit)s"""
_FIRST = UUID(int=0)


class UsageRoom:
    """`ports.store.Usage` in one transaction."""

    def __init__(self, connection: Connection, *, distributed: bool = False) -> None:
        self._connection = connection
        self._distributed = distributed

    def moments(self, accounts: Collection[UUID]) -> dict[UUID, datetime | None]:
        """The accounts among these that exist, each with its test clock's time, where it has one."""
        ids = tuple(accounts)
        scalars = {"buckets": Column("smallint", map(bucket_of, ids)), "ids": Column("uuid", ids)}
        return dict(self._connection.execute(_MOMENTS, scalars, binary=True).fetchall())

    def record(self, events: Sequence[UsageEvent], now: datetime, look_at: datetime) -> int:
        """Store the events that are new, and what they come to; how many they were. They are on disk when this returns.

        One transaction for all; where buckets lie on servers of their own, one for each bucket.
        """
        rows = [(bucket_of(event.account_id), *event) for event in events]
        scalars = {"now": now, "look_at": look_at}
        accepted = 0
        for group in _by_bucket(rows) if self._distributed else filter(None, [rows]):
            ((new,),) = _RECORD.run(self._connection, group, **scalars).fetchall()
            accepted += new
        return accepted

    def claim(self, bucket: int, now: datetime, limit: int, account: UUID | None) -> list[UsageOf]:
        """Accounts with a period that is over or with a mark (taken away), and no attempt about usage in flight."""
        scalars = {"bucket": bucket, "now": now, "limit": limit, "account": account, "late": LATE_MAX}
        marks, due = (_TAKE_BY_THE_WALL, _DUE_BY_THE_WALL) if account is None else (_TAKE_OF_ONE, _DUE_OF_ONE)
        found: dict[UUID, int] = {}
        for account_id, times in self._connection.execute(marks, scalars):
            found[account_id] = max(times, found.get(account_id, 0))
        found |= {row[0]: 0 for row in self._connection.execute(due, scalars) if row[0] not in found}
        if not found:
            return []
        named = {**scalars, "ids": Column("uuid", sorted(found))}
        accounts = self._connection.execute(_ACCOUNTS, named, binary=True).fetchall()
        periods = self.of_accounts(bucket, found, now)
        readable, broken = aside.readable(
            "usage of account",
            accounts,
            lambda row: _usage_of(row, periods.get(row[0], ()), found[row[0]]),
            lambda row: row[0],
        )
        self.put_off(bucket, {i: (found[i], reason) for i, reason in broken.items()}, now)
        return readable

    def unmarked(self, now: datetime, after: UUID | None, limit: int) -> list[UsageOf]:
        """Accounts of all buckets, by id behind `after`, with usage that nothing makes anybody look at."""
        scalars = {"now": now, "after": after or _FIRST, "limit": limit, "late": LATE_MAX}
        rows = self._connection.execute(_UNMARKED, scalars, binary=True).fetchall()
        buckets: dict[int, list[UUID]] = {}
        for row in rows:
            buckets.setdefault(bucket_of(row[0]), []).append(row[0])
        periods: dict[UUID, tuple[UsagePeriod, ...]] = {}
        for bucket, ids in buckets.items():
            periods |= self.of_accounts(bucket, ids, now)
        return [_usage_of(row, periods.get(row[0], ()), 0) for row in rows]

    def put_off(self, bucket: int, reasons: Mapping[UUID, tuple[int, str]], now: datetime) -> None:
        """Of accounts, how often before and why their usage cannot be billed: it is due again after a growing pause."""
        aside.put_off_usage(self._connection, bucket, reasons, now)

    def again(self, bucket: int, account_ids: Collection[UUID], now: datetime) -> None:
        """Mark accounts of one bucket, whose usage is looked at again as soon as nothing about it is in flight."""
        if account_ids:
            scalars = {"bucket": bucket, "now": now, "ids": Column("uuid", account_ids)}
            self._connection.execute(_AGAIN, scalars)

    def billed_on(self, bucket: int, periods: Sequence[UsagePeriod]) -> Mapping[UUID, tuple[Charged, ...]]:
        """By account, the invoices that billed usage of these periods."""
        return billed_for(self._connection, bucket, periods)

    def of_accounts(
        self, bucket: int, account_ids: Collection[UUID], now: datetime
    ) -> dict[UUID, tuple[UsagePeriod, ...]]:
        """The usage periods of accounts of one bucket that are open, or that still take late usage."""
        scalars = {"bucket": bucket, "now": now, "late": LATE_MAX, "ids": Column("uuid", account_ids)}
        periods: dict[UUID, tuple[UsagePeriod, ...]] = {}
        for row in self._connection.execute(_PERIODS, scalars, binary=True):
            periods[row[0]] = (*periods.get(row[0], ()), _period_of(row))
        return periods

    def of_account(self, account_id: UUID, now: datetime) -> tuple[UsagePeriod, ...]:
        """The account's usage periods that are open, or that still take late usage."""
        return self.of_accounts(bucket_of(account_id), [account_id], now).get(account_id, ())

    def read(self, bucket: int, periods: Sequence[UsagePeriod], catalog: Catalog) -> list[Reading]:
        """What was used in each period, of all events that are there, by their tallies."""
        by_aggregation: dict[Aggregation, list[UsagePeriod]] = {}
        for period in periods:
            by_aggregation.setdefault(catalog.meters[period.meter].aggregation, []).append(period)
        found: dict[tuple[UUID, datetime], int] = {}
        for aggregation, group in by_aggregation.items():
            rows = [(p.item_id, p.starts_at, p.ends_at, p.account_id, p.meter, p.object) for p in group]
            accounts = Column("uuid", {p.account_id for p in group})
            counted = READ[aggregation].run(self._connection, rows, bucket=bucket, accounts=accounts)
            found |= {(item_id, starts_at): quantity for item_id, starts_at, quantity in counted}
        return [Reading(period=p, quantity=found.get((p.item_id, p.starts_at), 0)) for p in periods]


def _usage_of(row: tuple[Any, ...], periods: tuple[UsagePeriod, ...], times: int) -> UsageOf:
    """The value behind a row of `_ACCOUNTS`."""
    return UsageOf(
        account=shapes.account_of(row),
        methods=shapes.methods_of(row[-3]),
        credit_grants=shapes.credit_grants_of(row[-2]),
        waiting=shapes.waiting_items_of(row[-1]),
        periods=periods,
        times=times,
    )


def _by_bucket(rows: Sequence[_Row]) -> Iterable[list[_Row]]:
    groups: dict[int, list[_Row]] = {}
    for row in rows:
        groups.setdefault(row[0], []).append(row)
    return groups.values()


def _period_of(row: tuple[object, ...]) -> UsagePeriod:
    """The period behind the columns of `_PERIODS`."""
    names = (
        "account_id",
        "item_id",
        "subscription_id",
        "price_id",
        "meter",
        "object",
        "starts_at",
        "ends_at",
        "look_at",
        "billed_quantity",
        "billed_amount",
        "version",
    )
    return UsagePeriod(**dict(zip(names, row, strict=True)))  # type: ignore[arg-type]
