"""Redemptions: coupons that accounts redeemed, as bookings leave them, and the reads of them.

Owns their rows. Does not own the seats by which a limit is kept (`seats`), nor the coupons at work on a subscription,
which are a part of it (`holdings`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
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

_PAGE = """
select id, account_id, subscription_id, coupon_id, code, periods_used, redeemed_at, ended_at from coupon_redemption
where bucket = %(bucket)s and account_id = %(account)s and id > %(after)s
  and (%(subscription)s::uuid is null or subscription_id = %(subscription)s)
order by id limit %(limit)s"""

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


class Redemptions:
    """The reads of redemptions of one database; safe for many threads."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool

    def page(
        self, account_id: UUID, subscription_id: UUID | None, after: UUID | None, limit: int
    ) -> list[Redemption]:
        """An account's redemptions, or those of one of its subscriptions, in the order in which they were made."""
        scalars = {
            "bucket": bucket_of(account_id),
            "account": account_id,
            "subscription": subscription_id,
            "after": after or _FIRST,
            "limit": limit,
        }
        with self._pool.connection() as connection:
            rows = connection.execute(_PAGE, scalars, binary=True).fetchall()
        return [_redemption(row) for row in rows]


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
