"""Disputes: their rows, and what judging a report about one looks at, locked.

Owns the read behind `core.disputing.Contested`, in the order of locks that everybody keeps (account, then what hangs on
it), and the rows as bookings leave them. Does not own the judgement, nor the reads of the API (`money_documents`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from solvent.core.dispute import Dispute
from solvent.core.disputing import Contested, Paid
from solvent.core.facts import Booking, PaymentFact
from solvent.store import claims, shapes
from solvent.store.rows import Statement, insert
from solvent.store.writer import Booked, Row, Writer

_PAYMENT = """
select p.account_id, p.id, p.provider, p.ref, p.amount, p.currency, p.disposition, p.reason, p.invoice_id, p.of_debt,
       p.part
from payment p
where p.bucket = %(bucket)s and p.provider = %(provider)s and p.ref = %(payment)s and p.attempt_id is not null
order by p.part"""

_ACCOUNT = f"""
select {shapes.ACCOUNT} from account a where a.bucket = %(bucket)s and a.id = %(account)s for no key update of a"""

_KNOWN = f"""
select {shapes.DISPUTE}::text from dispute d
where d.bucket = %(bucket)s and d.provider = %(provider)s and d.ref = %(dispute)s for update of d"""

# A refund that was refused, or came back and was not tried again, gave nothing back: it became account credit.
_GIVEN_BACK = """
select coalesce((select sum(r.amount) from refund r
                 where r.bucket = %(bucket)s and r.payment_id = %(id)s and r.state in ('failed', 'returned')
                   and not exists (select from refund t where t.bucket = r.bucket and t.retry_of = r.id)), 0)::bigint,
       coalesce((select sum(r.amount) from refund r
                 where r.bucket = %(bucket)s and r.payment_id = %(id)s
                   and r.state not in ('failed', 'returned')), 0)::bigint
     + coalesce((select sum(c.to_debt + c.from_credit) from chargeback c
                 join dispute d on d.bucket = c.bucket and d.id = c.dispute_id
                 where c.bucket = %(bucket)s and c.payment_id = %(id)s and d.ref <> %(dispute)s
                   and d.state in ('lost', 'accepted')), 0)::bigint"""

# Money that was kept; what was bought or given did not come of this payment.
_CREDIT = f"""
select {shapes.CREDIT_GRANT}::text from credit_grant c
where c.bucket = %(bucket)s and c.account_id = %(account)s and c.currency = %(currency)s and c.kind = 'returned'
  and c.remaining > 0 order by c.id for no key update of c"""

_STANDING = (
    "state text, reason text, amount bigint, evidence_due_by timestamptz, changed_at timestamptz, fee bigint,"
    "fee_currency text, version integer, to_debt bigint, from_credit bigint, written_off bigint,"
    "moment timestamptz, lost boolean, decided boolean"
)

_OPENED = insert(
    "dispute",
    "id uuid, account_id uuid, payment_id uuid, provider text, payment_ref text, ref text, amount bigint,"
    "currency text, state text, reason text, opened_at timestamptz, evidence_due_by timestamptz,"
    "changed_at timestamptz, fee bigint, fee_currency text, version integer, to_debt bigint, from_credit bigint,"
    "written_off bigint,"
    "recorded_at timestamptz, lost_at timestamptz, decided_at timestamptz",
)

_MOVED = Statement(
    f"id uuid, {_STANDING}",
    """
update dispute d set state = v.state, reason = v.reason, amount = v.amount, evidence_due_by = v.evidence_due_by,
    changed_at = v.changed_at, fee = v.fee, fee_currency = v.fee_currency, version = v.version,
    to_debt = v.to_debt, from_credit = v.from_credit, written_off = v.written_off,
    lost_at = case when v.lost then coalesce(d.lost_at, v.moment) end,
    decided_at = case when v.decided then case when d.state = v.state then d.decided_at else v.moment end end
from {rows} where d.bucket = %(bucket)s and d.id = v.id and d.version = v.version - 1""",
)


_CHARGEBACK = insert(
    "chargeback",
    "dispute_id uuid, payment_id uuid, cause_id uuid, account_id uuid, to_debt bigint, from_credit bigint",
)


def contest(
    connection: Connection, bucket: int, provider: str, payment_ref: str, dispute_ref: str
) -> Contested | None:
    """Lock and read a payment with all that a dispute of it touches; None when it is not in the books."""
    scalars: dict[str, object] = {
        "bucket": bucket,
        "provider": provider,
        "payment": payment_ref,
        "dispute": dispute_ref,
    }
    found = connection.execute(_PAYMENT, scalars, binary=True).fetchall()
    if not found:
        return None
    scalars |= {"account": found[0][0], "currency": found[0][5]}
    account = connection.execute(_ACCOUNT, scalars, binary=True).fetchone()
    assert account is not None, f"payment {payment_ref} belongs to no account"
    paid = [_paid(connection, scalars, _payment_of(row)) for row in found]
    known = connection.execute(_KNOWN, scalars).fetchone()
    kept = connection.execute(_CREDIT, scalars).fetchall()
    return Contested(
        account=shapes.account_of(account),
        paid=paid,
        credit_grants=[shapes.credit_grant_of(row[0]) for row in kept],
        known=None if known is None else shapes.dispute_of(known[0]),
    )


def _paid(connection: Connection, scalars: Mapping[str, Any], payment: PaymentFact) -> Paid:
    claim = None
    if payment.invoice_id is not None:
        claim = claims.hold(connection, scalars["bucket"], payment.invoice_id, None, None)
    ((refused, given_back),) = connection.execute(_GIVEN_BACK, {**scalars, "id": payment.id}).fetchall()
    return Paid(payment=payment, given_back=given_back, claim=claim, refused=refused)


def _payment_of(row: tuple[Any, ...]) -> PaymentFact:
    _, identifier, provider, ref, amount, currency, disposition, reason, invoice_id, of_debt, part = row
    return PaymentFact(
        id=identifier,
        provider=provider,
        ref=ref,
        amount=amount,
        currency=currency,
        disposition=disposition,
        reason=reason,
        invoice_id=invoice_id,
        of_debt=of_debt,
        part=part,
    )


def write_disputes(writer: Writer, booked: Booked) -> None:
    """Disputes, new or as they have moved on."""
    told = [(d, b.account_id, moment) for b, moment in booked if (d := b.dispute) is not None]
    writer.put("dispute", _OPENED, [_opened(*one) for one in told if one[0].version == 1])
    writer.put("dispute", _MOVED, [_moved(d, moment) for d, _, moment in told if d.version > 1])
    writer.put("chargeback", _CHARGEBACK, [row for b, _ in booked for row in _charged_back(b)])


def _charged_back(booking: Booking) -> list[Row]:
    """What a dispute took: when it was lost, and of a refund that was refused later."""
    if booking.dispute is None:
        return []
    return [
        (
            booking.dispute.id,
            part.payment_id,
            booking.cause_id,
            booking.account_id,
            part.to_debt,
            part.from_credit,
        )
        for part in booking.charged_back
    ]


def _opened(dispute: Dispute, account_id: UUID, moment: datetime) -> Row:
    return (
        dispute.id,
        account_id,
        dispute.payment_id,
        dispute.provider,
        dispute.payment_ref,
        dispute.ref,
        dispute.amount,
        dispute.currency,
        dispute.state,
        dispute.reason,
        dispute.opened_at,
        dispute.evidence_due_by,
        dispute.changed_at,
        dispute.fee,
        dispute.fee_currency,
        dispute.version,
        *_taken(dispute),
        moment,
        moment if dispute.loss is not None else None,
        None if dispute.is_open else moment,
    )


def _moved(dispute: Dispute, moment: datetime) -> Row:
    return (
        dispute.id,
        dispute.state,
        dispute.reason,
        dispute.amount,
        dispute.evidence_due_by,
        dispute.changed_at,
        dispute.fee,
        dispute.fee_currency,
        dispute.version,
        *_taken(dispute),
        moment,
        dispute.loss is not None,
        not dispute.is_open,
    )


def _taken(dispute: Dispute) -> tuple[int, int, int]:
    loss = dispute.loss
    return (0, 0, 0) if loss is None else (loss.to_debt, loss.from_credit, loss.written_off)
