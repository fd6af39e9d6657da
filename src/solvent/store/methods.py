"""Methods: collection methods that end, and the looks ahead of that.

Owns when each is looked at, and what a look writes: the method as its provider now knows it, and of which last day its
customer was told. Does not own what follows from a look (`core.expiry`).
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from psycopg import Connection

from solvent.core.account import CollectionMethod
from solvent.core.expiry import HeldMethod
from solvent.core.ids import BUCKETS, bucket_of
from solvent.core.payment import FailureCause
from solvent.store import shapes

_CLAIM = f"""
with due as (
    select d.bucket, d.id from method d join account a on a.bucket = d.bucket and a.id = d.account_id
    where d.bucket = %(bucket)s and d.look_at <= %(now)s and {{whose}}
    order by d.look_at limit %(limit)s for update of d skip locked
)
update method m set look_at = %(lease_until)s from due
where m.bucket = due.bucket and m.id = due.id returning {shapes.METHOD}::text"""
_CLAIM_BY_THE_WALL = _CLAIM.format(whose="a.test_now is null")
_CLAIM_OF_ONE = _CLAIM.format(whose="a.id = %(account)s")

_PUT_OFF = "update method m set look_at = %s where m.bucket = %s and m.id = %s and m.look_at is not null"

# A provider names a method without saying whose it is, and without the mandate behind its token: one probe of an index
# for each bucket.
_FIND = f"""
select m.bucket, m.id from generate_series(0, {BUCKETS - 1}) b
cross join lateral (select o.bucket, o.id from method o
    where o.bucket = b and o.provider = %(provider)s and o.state <> 'detached'
      and split_part(o.token, '/', 1) = split_part(%(ref)s, '/', 1)
      and starts_with(o.token || '/', %(ref)s || '/')) m"""
_AT_ONCE = """
update method m set look_at = coalesce(a.test_now, %s) from account a
where m.bucket = %s and m.id = %s and m.state <> 'detached' and a.bucket = m.bucket and a.id = m.account_id"""

_HOLD = f"select {shapes.METHOD}::text, m.told_expiry, m.invalid_by from method m where m.bucket = %s and m.id = %s"
_LOOKED = """
update method m set label = %(label)s, expires_on = %(expires_on)s, told_expiry = %(told)s,
    look_at = %(again_at)s, state = %(state)s, invalid_by = case when %(state)s = 'invalid' then m.invalid_by end,
    usable_since = case when m.state = %(state)s then m.usable_since else %(now)s end
where m.bucket = %(bucket)s and m.id = %(id)s and m.state <> 'detached'"""


class MethodRoom:
    """`ports.methods.Methods` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(
        self, bucket: int, now: datetime, lease_until: datetime, limit: int, account: UUID | None
    ) -> Sequence[CollectionMethod]:
        """Lease those whose look is due; another caller's lease is skipped."""
        query = _CLAIM_BY_THE_WALL if account is None else _CLAIM_OF_ONE
        scalars = {
            "bucket": bucket,
            "now": now,
            "lease_until": lease_until,
            "limit": limit,
            "account": account,
        }
        return [shapes.method_of(row[0]) for row in self._connection.execute(query, scalars).fetchall()]

    def put_off(self, method: CollectionMethod, until: datetime) -> None:
        """Nothing was learnt: look again then."""
        self._connection.execute(_PUT_OFF, (until, bucket_of(method.id), method.id))

    def changed(self, provider: str, ref: str, now: datetime) -> bool:
        """A provider says that a method has changed: it is looked at at once. `ref` is its token, or what stands before
        the first `/` of that. Whether it is one of ours."""
        found = self._connection.execute(_FIND, {"provider": provider, "ref": ref}).fetchall()
        for bucket, method_id in found:
            self._connection.execute(_AT_ONCE, (now, bucket, method_id))
        return bool(found)


def hold(connection: Connection, method_id: UUID) -> HeldMethod | None:
    """A method whose account is locked."""
    row = connection.execute(_HOLD, (bucket_of(method_id), method_id)).fetchone()
    if row is None:
        return None
    method, told, cause = row
    invalid_by = None if cause is None else FailureCause(cause)
    return HeldMethod(method=shapes.method_of(method), told=told, invalid_by=invalid_by)


def looked(
    connection: Connection,
    method: CollectionMethod,
    told: date | None,
    again_at: datetime | None,
    now: datetime,
) -> None:
    """Write what a look found."""
    scalars = {
        "bucket": bucket_of(method.id),
        "id": method.id,
        "state": method.state,
        "label": method.label,
        "expires_on": method.expires_on,
        "told": told,
        "again_at": again_at,
        "now": now,
    }
    connection.execute(_LOOKED, scalars)
