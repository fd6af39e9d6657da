"""Redemptions: coupons that accounts redeemed, as bookings leave them, and the reads of them.

Owns their rows. Does not own the seats by which a limit is kept (`seats`), nor the coupons at work on a subscription,
which are a part of it (`holdings`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg_pool import ConnectionPool

from solvent.core.coupon import CouponUse
from solvent.core.facts import Booking
from solvent.core.ids import bucket_of
from solvent.store.rows import Statement, insert
from solvent.store.writer import Booked, Row, Writer

_REDEEMED = insert(
    "coupon_redemption",
    "id uuid, account_id uuid, subscription_id uuid, coupon_id text, code text, attempt_id uuid, proof_id uuid,"
    "redeemed_at timestamptz, periods_used integer, ended_at timestamptz",
)

_COUNTED = Statement(
    "id uuid, periods_used integer, ended_at timestamptz",
    """
update coupon_redemption r set periods_used = v.periods_used, ended_at = v.ended_at from {rows}
where r.bucket = %(bucket)s and r.id = v.id and r.ended_at is null""",
)

_COLUMNS: LiteralString = (
    "id, account_id, subscription_id, coupon_id, code, periods_used, redeemed_at, ended_at"
)

_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """One redemption as it stands; `ended_at` is None while the coupon counts, or waits to."""

    id: UUID
    account_id: UUID
    subscription_id: UUID | None
    coupon_id: str
    code: str
    periods_used: int
    redeemed_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """Which redemptions; what is None may be anything. `ended`: those that count no more, or those that still do."""

    account: UUID | None = None
    subscription: UUID | None = None
    code: str | None = None
    ended: bool | None = None

    @property
    def bucket(self) -> int | None:
        """The bucket in which all of them are, if it is one."""
        owner = self.account or self.subscription
        return None if owner is None else bucket_of(owner)


class Redemptions:
    """The reads of redemptions of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def page(self, wanted: Redeemed, after: UUID | None, limit: int) -> list[Redemption]:
        """A page of redemptions after that one, in the order in which they were made."""
        scalars = {
            "bucket": wanted.bucket,
            "account": wanted.account,
            "subscription": wanted.subscription,
            "code": wanted.code,
            "after": after or _FIRST,
            "limit": limit,
        }
        with self._pool.connection() as connection:
            rows = connection.execute(page_query(wanted), scalars, binary=True).fetchall()
        return [_redemption(row) for row in rows]


def page_query(wanted: Redeemed) -> LiteralString:
    """The statement of a page: out of one bucket, or a page out of each. Every condition is in it only where it is
    wanted, so that it is planned for itself."""
    of_bucket: LiteralString = f"""
        select {_COLUMNS} from coupon_redemption
        where bucket = {"b" if wanted.bucket is None else "%(bucket)s"} and {" and ".join(_rules(wanted))}
        order by id limit %(limit)s"""
    if wanted.bucket is not None:
        return of_bucket
    return f"""
        select {_COLUMNS} from generate_series(0, 255) b cross join lateral ({of_bucket}) page
        order by id limit %(limit)s"""


def _rules(wanted: Redeemed) -> Iterator[LiteralString]:
    yield "id > %(after)s"
    if wanted.account is not None:
        yield "account_id = %(account)s"
    if wanted.subscription is not None:
        yield "subscription_id = %(subscription)s"
    if wanted.code is not None:
        yield "code = %(code)s"
    if wanted.ended is not None:
        yield "ended_at is not null" if wanted.ended else "ended_at is null"


def write_redemptions(writer: Writer, booked: Booked) -> None:
    """Redemptions that are new, and those that counted once more or are over; one row each, as the last use says."""
    made: dict[UUID, Row] = {}
    last: dict[UUID, tuple[int, datetime | None]] = {}
    for booking, moment in booked:
        for use in booking.coupons:
            last[use.redemption_id] = use.used, moment if use.is_over else None
            if use.is_new:
                made[use.redemption_id] = _made(use, booking, moment)
    new = [(*row, *last[i]) for i, row in made.items()]
    known = [(i, *counts) for i, counts in last.items() if i not in made]
    writer.put("coupon_redemption", _REDEEMED, new)
    writer.put("coupon_redemption", _COUNTED, known)


def _made(use: CouponUse, booking: Booking, moment: datetime) -> Row:
    """What stays as it is of a redemption."""
    assert booking.proof is not None, f"redemption {use.redemption_id}: committed without a proof"
    return (
        use.redemption_id,
        booking.account_id,
        use.subscription_id,
        use.coupon_id,
        use.code,
        booking.attempt_id,
        booking.proof.id,
        moment,
    )


def _redemption(row: tuple[Any, ...]) -> Redemption:
    return Redemption(
        id=row[0],
        account_id=row[1],
        subscription_id=row[2],
        coupon_id=row[3],
        code=row[4],
        periods_used=row[5],
        redeemed_at=row[6],
        ended_at=row[7],
    )
