"""Refunds: money on its way back, from the claim to the end at the provider.

Owns which refunds are due, those that go on, and the read behind `core.refunding.Returning`. Does not own when money is
refunded (`core.crediting`, `core.booking`), what a refund's end means (`core.refunding`) nor its row then (`writing`).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg import Connection

from solvent.core.dispute import Dispute
from solvent.core.refunding import Returning
from solvent.ports.provider import RefundReport, RefundRequest
from solvent.store import shapes
from solvent.store.rows import Column, Statement

_CLAIM = """
with due as (
    select r.bucket, r.id from refund r join account a on a.bucket = r.bucket and a.id = r.account_id
    where r.bucket = %(bucket)s and r.look_at <= %(now)s and {whose}
    order by r.look_at limit %(limit)s
    for update of r skip locked
)
update refund r set look_at = %(lease_until)s from due, payment p
where r.bucket = due.bucket and r.id = due.id and p.bucket = r.bucket and p.id = r.payment_id
returning p.provider, r.id, p.ref, r.amount, r.currency"""
_CLAIM_BY_THE_WALL = _CLAIM.format(whose="a.test_now is null")
_CLAIM_OF_ONE = _CLAIM.format(whose="a.id = %(account)s")

# Accounts first, like everybody: a settlement that holds the event head may want the same account's credit.
_ACCOUNTS = f"""
select {shapes.ACCOUNT} from account a where a.bucket = %(bucket)s and a.id in (
    select r.account_id from refund r where r.bucket = %(bucket)s and r.id = any(%(ids)b))
order by a.id for no key update of a"""

_HOLD = """
select r.account_id, r.id, r.payment_id, r.amount, r.currency, r.reason, r.state = 'succeeded',
       r.retry_of is not null, p.provider, p.ref
from refund r join payment p on p.bucket = r.bucket and p.id = r.payment_id
where r.bucket = %(bucket)s and r.id = any(%(ids)b) and r.state in ('due', 'processing', 'succeeded')
order by r.id for update of r"""

_LOSSES = f"""
select d.provider, d.payment_ref, {shapes.DISPUTE}::text from dispute d
where d.bucket = %(bucket)s and d.payment_ref = any(%(refs)s) and d.state in ('lost', 'accepted') and d.written_off > 0
order by d.lost_at, d.id for update of d"""

_POSTPONED = Statement(
    "id uuid, ref text, look_at timestamptz",
    """
update refund r set state = 'processing', ref = coalesce(v.ref, r.ref), look_at = v.look_at
from {rows} where r.bucket = %(bucket)s and r.id = v.id and r.look_at is not null""",
)


def claim(
    connection: Connection,
    bucket: int,
    now: datetime,
    lease_until: datetime,
    limit: int,
    account: UUID | None,
) -> list[tuple[str, RefundRequest]]:
    """Lease refunds whose look is due, each with its provider's name."""
    query = _CLAIM_BY_THE_WALL if account is None else _CLAIM_OF_ONE
    scalars = {"bucket": bucket, "now": now, "lease_until": lease_until, "limit": limit, "account": account}
    return [
        (row[0], RefundRequest(key=row[1], payment_ref=row[2], amount=row[3], currency=row[4]))
        for row in connection.execute(query, scalars, binary=True).fetchall()
    ]


def hold(connection: Connection, bucket: int, refund_ids: Sequence[UUID]) -> list[Returning]:
    """Lock and read refunds that have not ended, or have succeeded, with the lost disputes of their payments that wrote
    something off."""
    scalars: dict[str, object] = {"bucket": bucket, "ids": Column("uuid", refund_ids)}
    accounts = {
        row[0]: shapes.account_of(row)
        for row in connection.execute(_ACCOUNTS, scalars, binary=True).fetchall()
    }
    rows = connection.execute(_HOLD, scalars, binary=True).fetchall()
    scalars["refs"] = sorted({row[-1] for row in rows})
    losses: dict[tuple[str, str], list[Dispute]] = {}
    for provider, payment_ref, dispute in connection.execute(_LOSSES, scalars).fetchall():
        losses.setdefault((provider, payment_ref), []).append(shapes.dispute_of(dispute))
    return [
        Returning(
            account=accounts[account_id],
            id=identifier,
            payment_id=payment_id,
            provider=provider,
            amount=amount,
            currency=currency,
            reason=reason,
            succeeded=succeeded,
            retry=retry,
            losses=losses.get((provider, ref), ()),
        )
        for account_id, identifier, payment_id, amount, currency, reason, succeeded, retry, provider, ref in rows
    ]


def postpone(connection: Connection, bucket: int, waiting: Sequence[tuple[RefundReport, datetime]]) -> None:
    """Refunds that go on, and when each is looked at again."""
    rows = [(report.key, report.ref, look_at) for report, look_at in waiting]
    if rows:
        _POSTPONED.run(connection, rows, bucket=bucket)
