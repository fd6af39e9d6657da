"""Refunds: money on its way back, from the claim to the end at the provider.

Owns the refund rows after their commit. A refund that succeeded is booked and told once; one that failed stays owed
in the ledger (`refunds_payable`). Does not own when money is refunded (`core.booking`).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection

from solvent.core import granting, ledger
from solvent.core.credit import CreditGrant, GrantKind
from solvent.core.events import Event, RefundSettled
from solvent.ports.provider import RefundOutcome, RefundReport, RefundRequest
from solvent.store import credit_grants, events
from solvent.store.rows import Column, Statement, insert

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
_ACCOUNTS = """
select a.id from account a where a.bucket = %(bucket)s and a.id in (
    select r.account_id from refund r where r.bucket = %(bucket)s and r.id = any(%(ids)b))
order by a.id for no key update"""

_LOCK = """
select r.id, r.account_id, r.payment_id, r.amount, r.currency, p.provider, coalesce(a.test_now, %(now)s)
from refund r join payment p on p.bucket = r.bucket and p.id = r.payment_id
join account a on a.bucket = r.bucket and a.id = r.account_id
where r.bucket = %(bucket)s and r.id = any(%(ids)b) and r.state in ('due', 'processing')
order by r.id for update of r"""

_STATE = Statement(
    "id uuid, state text, ref text, look_at timestamptz",
    """
update refund r set state = v.state, ref = coalesce(v.ref, r.ref), look_at = v.look_at
from {rows} where r.bucket = %(bucket)s and r.id = v.id""",
)

_POSTING = insert(
    "posting",
    "cause_id uuid, position integer, account_id uuid, debit text, credit text, amount bigint, currency text,"
    "booked_at timestamptz",
)


def _credit(_: str) -> str:
    """What a provider will not give back stays the customer's: as account credit."""
    return ledger.CUSTOMER_CREDIT


_TARGETS = {RefundOutcome.SUCCEEDED: ledger.cash, RefundOutcome.FAILED: _credit}

_STATES = {
    RefundOutcome.SUCCEEDED: "succeeded",
    RefundOutcome.FAILED: "failed",
    RefundOutcome.PROCESSING: "processing",
    RefundOutcome.UNKNOWN: "processing",
}


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


def settle(
    connection: Connection, bucket: int, reports: Sequence[RefundReport], now: datetime, look_at: datetime
) -> list[UUID]:
    """Record what providers say of refunds that have not ended; what is said of others changes nothing.

    Returns the accounts of those that ended.
    """
    said = {report.key: report for report in reports}
    scalars = {"bucket": bucket, "ids": Column("uuid", said), "now": now}
    connection.execute(_ACCOUNTS, scalars)
    open_rows = connection.execute(_LOCK, scalars, binary=True).fetchall()
    if not open_rows:
        return []
    _STATE.run(connection, list(_states(open_rows, said, look_at - now)), bucket=bucket)
    ended = [row for row in open_rows if said[row[0]].outcome in _TARGETS]
    postings = [
        (
            key,
            1,
            account_id,
            ledger.REFUNDS_PAYABLE,
            _TARGETS[said[key].outcome](provider),
            amount,
            currency,
            moment,
        )
        for key, account_id, _, amount, currency, provider, moment in ended
    ]
    if postings:
        _POSTING.run(connection, postings, bucket=bucket)
    refused = [_kept(row) for row in ended if said[row[0]].outcome is RefundOutcome.FAILED]
    if refused:
        credit_grants.add(connection, bucket, refused)
    happened = [event for row in open_rows for event in _told(row, said[row[0]])]
    if happened:
        events.append(connection, bucket, happened)
    return [row[1] for row in ended]


def _states(
    open_rows: Sequence[tuple[Any, ...]], said: dict[UUID, RefundReport], wait: timedelta
) -> Iterator[tuple[object, ...]]:
    for key, *_, moment in open_rows:
        state = _STATES[said[key].outcome]
        yield key, state, said[key].ref, moment + wait if state == "processing" else None


def _told(row: tuple[Any, ...], report: RefundReport) -> Iterator[tuple[UUID, Event, datetime]]:
    key, account_id, payment_id, amount, currency, _, moment = row
    if _STATES[report.outcome] != "processing":
        settled = RefundSettled(
            refund_id=key,
            payment_id=payment_id,
            amount=amount,
            currency=currency,
            succeeded=report.outcome is RefundOutcome.SUCCEEDED,
        )
        yield account_id, settled, moment
    if report.outcome is RefundOutcome.FAILED:
        for told in granting.told([_kept(row)[1]]):
            yield account_id, told, moment


def _kept(row: tuple[Any, ...]) -> tuple[UUID, CreditGrant]:
    """The grant that a refused refund becomes, with its account. One refund is refused once, so it bears its id."""
    key, account_id, _, amount, currency, _, moment = row
    grant = CreditGrant(
        id=key,
        kind=GrantKind.RETURNED,
        currency=currency,
        amount=amount,
        remaining=amount,
        granted_at=moment,
        reason="refund_refused",
    )
    return account_id, grant
