"""Writing: a batch of bookings as one statement per table.

Owns the order of the tables (foreign keys), and the rows of payments, proofs, refunds, methods, the ledger and the
journal. Does not own what is booked (`core.booking`), the locks (`locking`), nor the rows next door: `holdings`,
`documents`, `messages` and `credit_grants`.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg import Connection

from solvent.core.bad_debt import moved
from solvent.core.booking import Booking, MethodFact, PaymentFact, ProofFact, RefundFact
from solvent.core.expiry import RENEWABLE, first_look
from solvent.core.facts import RefundEnd
from solvent.store import events, queue
from solvent.store.credit_grants import write_credit
from solvent.store.credit_notes import write_credit_notes
from solvent.store.disputes import write_disputes
from solvent.store.documents import write_invoices
from solvent.store.fees import write_fees
from solvent.store.holdings import write_subscriptions
from solvent.store.invoice_items import write_items
from solvent.store.journal import said
from solvent.store.messages import write_messages
from solvent.store.metering import write_usage
from solvent.store.redemptions import write_redemptions
from solvent.store.registrations import write_registrations
from solvent.store.rows import Column, Statement, insert
from solvent.store.writer import Booked, Row, Writer

_PAYMENT = insert(
    "payment",
    "id uuid, account_id uuid, attempt_id uuid, provider text, ref text, part smallint, amount bigint, currency text,"
    "disposition text, reason text, invoice_id uuid, of_debt smallint, received_at timestamptz",
)

_PROOF = insert(
    "proof",
    "id uuid, account_id uuid, attempt_id uuid, kind text, of_plan boolean, amount bigint, currency text,"
    "payment_id uuid, grace_until timestamptz, recorded_at timestamptz",
)

# A token that just paid works again, whatever was recorded of it before; a new one is tried after the others.
_METHOD = Statement(
    "id uuid, account_id uuid, provider text, token text, kind text, label text, fingerprint text,"
    "off_session boolean, expires_on date, look_at timestamptz, created_at timestamptz",
    """
insert into method (bucket, id, account_id, provider, token, kind, label, fingerprint, off_session, priority, state,
    expires_on, look_at, created_at, usable_since)
select %(bucket)s, v.id, v.account_id, v.provider, v.token, v.kind, v.label, v.fingerprint, v.off_session,
    coalesce((select max(o.priority) + 1 from method o
              where o.bucket = %(bucket)s and o.account_id = v.account_id), 0), 'active',
    v.expires_on, v.look_at, v.created_at, v.created_at
from {rows}
on conflict (bucket, provider, token) do update set state = 'active', invalid_by = null,
    off_session = excluded.off_session, expires_on = excluded.expires_on, look_at = excluded.look_at,
    usable_since = case method.state when 'active' then method.usable_since else excluded.usable_since end
where method.account_id = excluded.account_id""",
)

_METHOD_INVALID = """
update method m set state = 'invalid', invalid_by = v.cause, look_at = case when v.renewable then m.look_at end
from unnest(%(ids)b, %(causes)b, %(renewable)b) v (id, cause, renewable)
where m.bucket = %(bucket)s and m.id = v.id and m.state = 'active'"""

_POSTING = insert(
    "posting",
    "cause_id uuid, position integer, account_id uuid, debit text, credit text, amount bigint, currency text,"
    "invoice_id uuid, booked_at timestamptz",
)

# Whoever writes holds the head of the bucket, so nobody waits here.
_BAD_DEBT = insert(
    "bad_debt_tally",
    "direction text, reason text, currency text, times bigint, amount bigint",
    "on conflict (bucket, direction, reason, currency) do update"
    " set times = bad_debt_tally.times + excluded.times, amount = bad_debt_tally.amount + excluded.amount",
)

_REFUND = insert(
    "refund",
    "id uuid, account_id uuid, payment_id uuid, credit_note_id uuid, amount bigint, currency text,"
    "refunded_before bigint, retry_of uuid, reason text, state text, look_at timestamptz, created_at timestamptz,"
    "key text, input_hash bytea",
)

_REFUND_END = Statement(
    "id uuid, state text, ref text, moment timestamptz",
    """
update refund r set state = v.state, ref = coalesce(v.ref, r.ref), look_at = null,
    returned_at = case v.state when 'returned' then v.moment end
from {rows} where r.bucket = %(bucket)s and r.id = v.id
  and (r.look_at is not null or (r.state, v.state) = ('succeeded', 'returned'))""",
)

# What an attempt ended with first stays: later money for it is told by its payment, not here.
_ATTEMPT = Statement(
    "id uuid, state text, cause text, ref text, finished_at timestamptz, said text, said_cause text,"
    "said_at timestamptz",
    """
update attempt t set state = v.state, look_at = null, action = null, ref = coalesce(v.ref, t.ref),
    cause = case when t.state = v.state then coalesce(v.cause, t.cause) else v.cause end,
    finished_at = case when t.state = v.state then t.finished_at else v.finished_at end,
    said = coalesce(v.said, t.said), said_at = coalesce(v.said_at, t.said_at),
    said_cause = case when v.said is null then t.said_cause else v.said_cause end
from {rows} where t.bucket = %(bucket)s and t.id = v.id""",
)


def write(
    connection: Connection,
    bucket: int,
    booked: Booked,
    series: Sequence[tuple[str, int]],
    head: int,
    marked_at: datetime | None,
) -> int:
    """Write everything that the bookings hold, each at its own moment. `series` are the last numbers given, `head` the
    last event's; returns the last event's number afterwards. None for `marked_at` marks nobody for recompute."""
    writer = Writer(connection, bucket)
    _write_money(writer, booked)
    write_subscriptions(writer, booked)
    write_registrations(writer, booked)
    write_usage(writer, booked)
    write_redemptions(writer, booked)
    _write_methods(writer, booked)
    write_invoices(writer, booked, series)
    write_items(writer, booked)
    write_credit_notes(writer, booked)
    write_disputes(writer, booked)
    write_fees(writer, booked)
    write_messages(writer, booked)
    _write_ledger(writer, booked)
    writer.put("bad_debt_tally", _BAD_DEBT, _bad_debt_rows(booked))
    write_credit(writer, booked)
    writer.put("attempt", _ATTEMPT, _attempt_rows(booked))
    happened = [(b.account_id, event, moment) for b, moment in booked for event in b.events]
    last = events.put(writer, head, happened)
    if marked_at is not None:
        queue.put_marks(writer, [b.account_id for b, _ in booked], marked_at)
    writer.flush()
    return last


def _write_money(writer: Writer, booked: Booked) -> None:
    payments = [_payment_row(b, b.payment, moment) for b, moment in booked if b.payment is not None]
    proofs = [_proof_row(b, b.proof, moment) for b, moment in booked if b.proof is not None]
    refunds = [_refund_row(b.account_id, b.refund, moment) for b, moment in booked if b.refund is not None]
    writer.put("payment", _PAYMENT, payments)
    writer.put("proof", _PROOF, proofs)
    ends = [_refund_end_row(b.refund_end, moment) for b, moment in booked if b.refund_end is not None]
    writer.put("refund", _REFUND_END, ends)
    writer.put("refund", _REFUND, refunds)  # a second try after the end of the first


def _refund_row(account_id: UUID, refund: RefundFact, moment: datetime) -> Row:
    return (
        refund.id,
        account_id,
        refund.payment_id,
        refund.credit_note_id,
        refund.amount,
        refund.currency,
        None if refund.retry_of else refund.refunded_before,
        refund.retry_of,
        refund.reason,
        "due",
        moment,
        moment,
        refund.key,
        refund.input_hash,
    )


def _refund_end_row(end: RefundEnd, moment: datetime) -> Row:
    return end.id, end.state, end.ref, moment


def _payment_row(booking: Booking, payment: PaymentFact, moment: datetime) -> Row:
    return (
        payment.id,
        booking.account_id,
        booking.attempt_id,
        payment.provider,
        payment.ref,
        payment.part,
        payment.amount,
        payment.currency,
        payment.disposition,
        payment.reason,
        payment.invoice_id,
        payment.of_debt,
        payment.received_at or moment,
    )


def _proof_row(booking: Booking, proof: ProofFact, moment: datetime) -> Row:
    return (
        proof.id,
        booking.account_id,
        booking.attempt_id,
        proof.kind,
        proof.of_plan,
        proof.amount,
        proof.currency,
        proof.payment_id,
        proof.grace_until,
        moment,
    )


def _write_methods(writer: Writer, booked: Booked) -> None:
    rows = [_method_row(b.account_id, b.method, moment) for b, moment in booked if b.method is not None]
    tokens = {
        (row[2], row[3]): row for row in rows
    }  # one token once: a statement cannot meet its own conflict
    writer.put("method", _METHOD, list(tokens.values()), all_of=False)
    invalid = {b.invalid_method: b.cause for b, _ in booked if b.invalid_method is not None}
    if invalid:
        scalars = {
            "bucket": writer.bucket,
            "ids": Column("uuid", list(invalid)),
            "causes": Column("text", list(invalid.values())),
            "renewable": Column("boolean", [cause in RENEWABLE for cause in invalid.values()]),
        }
        writer.connection.execute(_METHOD_INVALID, scalars)


def _method_row(account_id: UUID, method: MethodFact, moment: datetime) -> Row:
    vaulted = method.vaulted
    return (
        method.id,
        account_id,
        vaulted.provider,
        vaulted.token,
        vaulted.kind,
        vaulted.label,
        vaulted.fingerprint,
        vaulted.off_session,
        vaulted.expires_on,
        first_look(vaulted.expires_on),
        moment,
    )


def _write_ledger(writer: Writer, booked: Booked) -> None:
    postings = [
        (b.cause_id, n, b.account_id, p.debit, p.credit, p.amount, _currency(b), p.invoice_id, moment)
        for b, moment in booked
        for n, p in enumerate(b.postings, start=1)
    ]
    writer.put("posting", _POSTING, postings)


def _bad_debt_rows(booked: Booked) -> list[Row]:
    """A row for each kind of movement: the statement meets each of them once."""
    tallies: dict[tuple[str, str, str], list[int]] = {}
    for b, _ in booked:
        for entered, reason, amount in moved(b):
            tally = tallies.setdefault(("in" if entered else "out", reason, _currency(b)), [0, 0])
            tally[0] += 1
            tally[1] += amount
    return [(*key, times, amount) for key, (times, amount) in tallies.items()]


def _currency(booking: Booking) -> str:
    """The one currency of a booking's money."""
    currency = booking.currency
    assert currency is not None, f"{booking.cause_id}: amounts without a fact that has a currency"
    return currency


def _attempt_rows(booked: Booked) -> list[Row]:
    """One row per attempt; of several bookings of one attempt the last says how it stands."""
    rows: dict[UUID, Row] = {}
    for b, moment in booked:
        if b.attempt_id is None:
            continue
        _, _, cause, ref, first, *before = rows.get(
            b.attempt_id, (None, None, None, None, moment, *said(None))
        )
        view = before if b.provider_view is None else said(b.provider_view)
        rows[b.attempt_id] = (b.attempt_id, b.state, b.cause or cause, b.ref or ref, first, *view)
    return list(rows.values())
