"""Credit grants: the rows of account credit, as bookings leave them.

Owns the writing of grants and of their uses. Does not own how grants come about (`core.granting`), which are drawn on
(`core.credit`), nor their postings (`writing`).
"""

from collections import Counter
from datetime import datetime
from uuid import UUID

from solvent.core.credit import CreditGrant
from solvent.core.facts import Booking, CreditUse, UseKind
from solvent.store import codec
from solvent.store.rows import Statement, insert
from solvent.store.writer import Booked, Row, Writer

_GRANT = insert(
    "credit_grant",
    "id uuid, account_id uuid, kind text, currency text, amount bigint, remaining bigint, priority smallint,"
    "excludes jsonb, reason text, granted_by text, key text, input_hash bytea, cause_id uuid, invoice_id uuid,"
    "granted_at timestamptz, expires_at timestamptz, returns uuid",
)

_USE = insert(
    "credit_use",
    "cause_id uuid, position integer, account_id uuid, grant_id uuid, kind text, amount bigint, invoice_id uuid,"
    "line integer, used_at timestamptz",
)

# Less than nothing is refused by a check.
_USED = Statement(
    "id uuid, amount bigint",
    """
update credit_grant c set remaining = c.remaining - v.amount from {rows}
where c.bucket = %(bucket)s and c.id = v.id""",
)


def write_credit(writer: Writer, booked: Booked) -> None:
    """New grants and what is used of grants. What is used of a grant in the batch that makes it is written with it."""
    used: Counter[UUID] = Counter()
    for booking, _ in booked:
        for use in booking.credit_uses:
            used[use.grant_id] += use.amount
    grants = [
        _grant_row(b.account_id, b.cause_id, grant.less(used.pop(grant.id, 0)))
        for b, _ in booked
        for grant in b.credit_grants
    ]
    uses = [
        _use_row(booking, n, use, moment)
        for booking, moment in booked
        for n, use in enumerate(booking.credit_uses, start=1)
    ]
    writer.put("credit_grant", _GRANT, grants)
    writer.put("credit_grant", _USED, list(used.items()))
    writer.put("credit_use", _USE, uses)


def _grant_row(account_id: UUID, cause_id: UUID | None, grant: CreditGrant) -> Row:
    return (
        grant.id,
        account_id,
        grant.kind,
        grant.currency,
        grant.amount,
        grant.remaining,
        grant.priority,
        codec.encode(grant.excludes),
        grant.reason,
        grant.granted_by,
        grant.key,
        grant.input_hash,
        cause_id,
        grant.invoice_id,
        grant.granted_at,
        grant.expires_at,
        grant.returns,
    )


def _use_row(booking: Booking, position: int, use: CreditUse, moment: datetime) -> Row:
    about = booking.invoice or booking.settled
    invoice_id = about.id if use.kind is UseKind.INVOICE and about is not None else None
    return (
        booking.cause_id,
        position,
        booking.account_id,
        use.grant_id,
        use.kind,
        use.amount,
        invoice_id,
        use.line,
        moment,
    )
