"""Writing: a batch of bookings as one statement per table.

Owns the rows that each table gets from a booking, the order of the tables (foreign keys), and the check that every
change met the version it was judged against. Does not own what is booked (`core.booking`) nor the locks (`locking`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection, Cursor

from solvent.core.booking import Booking, InvoiceFact, MethodFact, PaymentFact, ProofFact
from solvent.core.entitlement import Grant
from solvent.core.invoice import InvoiceState, Line
from solvent.core.subscription import Item, Subscription, SubscriptionState
from solvent.store import codec, events, grants
from solvent.store.rows import Column, Statement, insert

Booked = Sequence[tuple[Booking, datetime]]
Row = tuple[object, ...]


class LostUpdate(Exception):
    """A row was not as it was judged; nothing of the transaction is kept. Locks and versions make this impossible."""


_PAYMENT = insert(
    "payment",
    "id uuid, account_id uuid, attempt_id uuid, provider text, ref text, amount bigint, currency text,"
    "disposition text, reason text, invoice_id uuid, received_at timestamptz",
)

_PROOF = insert(
    "proof",
    "id uuid, account_id uuid, attempt_id uuid, kind text, of_plan boolean, amount bigint, currency text,"
    "payment_id uuid, grace_until timestamptz, recorded_at timestamptz",
)

_SUBSCRIPTION = insert(
    "subscription",
    "id uuid, account_id uuid, state text, currency text, interval_unit text, interval_count integer,"
    "anchor_at timestamptz, time_zone text, period_index integer, period_start timestamptz, period_end timestamptz,"
    "pending json, grace_until timestamptz, grace_invoice uuid, ended_at timestamptz, end_reason text,"
    "version integer, due_at timestamptz, proof_id uuid",
)

_SUBSCRIPTION_CHANGED = Statement(
    "base integer, id uuid, state text, interval_unit text, interval_count integer, anchor_at timestamptz,"
    "time_zone text, period_index integer, period_start timestamptz, period_end timestamptz, pending json,"
    "grace_until timestamptz, grace_invoice uuid, ended_at timestamptz, end_reason text, version integer,"
    "due_at timestamptz, proof_id uuid",
    """
update subscription s set state = v.state, interval_unit = v.interval_unit, interval_count = v.interval_count,
    anchor_at = v.anchor_at, time_zone = v.time_zone, period_index = v.period_index, period_start = v.period_start,
    period_end = v.period_end, pending = v.pending::json, grace_until = v.grace_until,
    grace_invoice = v.grace_invoice, ended_at = v.ended_at, end_reason = v.end_reason, version = v.version,
    due_at = v.due_at, proof_id = v.proof_id
from {rows} where s.bucket = %(bucket)s and s.id = v.id and s.version = v.base""",
)

_ITEM_ENDED = Statement(
    "subscription_id uuid, ended_at timestamptz",
    """
update item i set ended_at = v.ended_at from {rows}
where i.bucket = %(bucket)s and i.subscription_id = v.subscription_id and i.ended_at is null
  and i.id <> all(%(kept)b)""",
)

_ITEM = Statement(
    "id uuid, account_id uuid, subscription_id uuid, price_id text, object text, quantity integer, position integer",
    """
insert into item (bucket, id, account_id, subscription_id, price_id, family, object, quantity, position)
select %(bucket)s, v.id, v.account_id, v.subscription_id, v.price_id, d.family, v.object, v.quantity, v.position
from {rows} join price c on c.id = v.price_id join product d on d.id = c.product_id
on conflict (bucket, id) do update set price_id = excluded.price_id, family = excluded.family,
    object = excluded.object, quantity = excluded.quantity, position = excluded.position, ended_at = null""",
)

# A token that just paid works again, whatever was recorded of it before; a new one is tried after the others.
_METHOD = Statement(
    "id uuid, account_id uuid, provider text, token text, kind text, label text, fingerprint text,"
    "off_session boolean, created_at timestamptz",
    """
insert into method (bucket, id, account_id, provider, token, kind, label, fingerprint, off_session, priority, state,
    created_at)
select %(bucket)s, v.id, v.account_id, v.provider, v.token, v.kind, v.label, v.fingerprint, v.off_session,
    coalesce((select max(o.priority) + 1 from method o
              where o.bucket = %(bucket)s and o.account_id = v.account_id), 0), 'active', v.created_at
from {rows}
on conflict (bucket, provider, token) do update set state = 'active', off_session = excluded.off_session
where method.account_id = excluded.account_id""",
)

_METHOD_INVALID = """
update method set state = 'invalid' where bucket = %(bucket)s and id = any(%(ids)b) and state = 'active'"""

_INVOICE = insert(
    "invoice",
    "id uuid, account_id uuid, subscription_id uuid, series text, number bigint, state text, currency text,"
    "total bigint, paid bigint, issued_at timestamptz, due_at timestamptz, paid_at timestamptz, version integer,"
    "proof_id uuid, paid_proof_id uuid",
)

_LINE = insert(
    "invoice_line",
    "invoice_id uuid, position integer, kind text, description text, explanation text, quantity integer,"
    "amount bigint, price_id text, item_id uuid, object text, period_start timestamptz, period_end timestamptz",
)

_INVOICE_PAID = Statement(
    "id uuid, version integer, paid_at timestamptz, paid_proof_id uuid",
    """
update invoice i set state = 'paid', paid = total, paid_at = v.paid_at, paid_proof_id = v.paid_proof_id,
    version = v.version
from {rows} where i.bucket = %(bucket)s and i.id = v.id and i.version = v.version - 1""",
)

_POSTING = insert(
    "posting",
    "cause_id uuid, position integer, account_id uuid, debit text, credit text, amount bigint, currency text,"
    "invoice_id uuid, booked_at timestamptz",
)

# A balance below zero is refused by its check. An insert of a negative one would be refused too early, hence two.
_CREDIT_GRANTED = insert(
    "credit_balance",
    "account_id uuid, currency text, balance bigint",
    "on conflict (bucket, account_id, currency) do update set balance = credit_balance.balance + excluded.balance",
)
_CREDIT_USED = Statement(
    "account_id uuid, currency text, amount bigint",
    """
update credit_balance c set balance = c.balance - v.amount from {rows}
where c.bucket = %(bucket)s and c.account_id = v.account_id and c.currency = v.currency""",
)

_REFUND = insert(
    "refund",
    "id uuid, account_id uuid, payment_id uuid, amount bigint, currency text, reason text, state text,"
    "look_at timestamptz, created_at timestamptz",
)

# What an attempt ended with first stays: later money for it is told by its payment, not here.
_ATTEMPT = Statement(
    "id uuid, state text, cause text, ref text, finished_at timestamptz",
    """
update attempt t set state = v.state, look_at = null, action = null, ref = coalesce(v.ref, t.ref),
    cause = case when t.state = v.state then coalesce(v.cause, t.cause) else v.cause end,
    finished_at = case when t.state = v.state then t.finished_at else v.finished_at end
from {rows} where t.bucket = %(bucket)s and t.id = v.id""",
)

_SERIES = Statement(
    "series text, last bigint",
    "update invoice_series s set last = v.last from {rows} where s.bucket = %(bucket)s and s.series = v.series",
)


class _Writer:
    """Sends statements of one bucket without waiting, and checks at the end how many rows each has changed."""

    def __init__(self, connection: Connection, bucket: int) -> None:
        self.connection = connection
        self.bucket = bucket
        self._expected: list[tuple[str, Cursor, int]] = []

    def put(self, name: str, statement: Statement, rows: Sequence[Row]) -> None:
        """Every one of the rows must be written."""
        if rows:
            self.expect(name, statement.run(self.connection, rows, bucket=self.bucket), len(rows))

    def expect(self, name: str, sent: Cursor, count: int) -> None:
        """The statement must change so many rows."""
        self._expected.append((name, sent, count))

    def check(self) -> None:
        """Raise `LostUpdate` unless everything was written; only after the answers are in."""
        for name, sent, count in self._expected:
            if sent.rowcount != count:
                raise LostUpdate(f"{name}: {sent.rowcount} rows written, {count} expected")


def write(connection: Connection, bucket: int, booked: Booked, series: Sequence[tuple[str, int]]) -> None:
    """Write everything that the bookings hold, each at its own moment; `series` are the last numbers given."""
    writer = _Writer(connection, bucket)
    with connection.pipeline():
        _write_money(writer, booked)
        _write_subscriptions(writer, booked)
        _write_methods(writer, booked)
        _write_invoices(writer, booked, series)
        _write_ledger(writer, booked)
        writer.put("attempt", _ATTEMPT, _attempt_rows(booked))
        happened = [(b.account_id, event, moment) for b, moment in booked for event in b.events]
        if happened:
            writer.expect("event", events.append(connection, bucket, happened), len(happened))
    writer.check()


def _write_money(writer: _Writer, booked: Booked) -> None:
    payments = [_payment_row(b, b.payment, moment) for b, moment in booked if b.payment is not None]
    proofs = [_proof_row(b, b.proof, moment) for b, moment in booked if b.proof is not None]
    refunds = [
        (r.id, b.account_id, r.payment_id, r.amount, r.currency, r.reason, "due", moment, moment)
        for b, moment in booked
        if (r := b.refund) is not None
    ]
    writer.put("payment", _PAYMENT, payments)
    writer.put("proof", _PROOF, proofs)
    writer.put("refund", _REFUND, refunds)


def _payment_row(booking: Booking, payment: PaymentFact, moment: datetime) -> Row:
    return (
        payment.id,
        booking.account_id,
        booking.attempt_id,
        payment.provider,
        payment.ref,
        payment.amount,
        payment.currency,
        payment.disposition,
        payment.reason,
        payment.invoice_id,
        moment,
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


@dataclass(slots=True)
class _Change:
    """What a batch does to one subscription: from version `base` to `after`, the last of its bookings."""

    base: int
    after: Subscription
    proof_id: UUID
    grants: tuple[Grant, ...]
    items_changed: bool
    moment: datetime

    @property
    def live_items(self) -> tuple[Item, ...]:
        return () if self.after.state is SubscriptionState.ENDED else self.after.items


def _changes(booked: Booked) -> list[_Change]:
    changes: dict[UUID, _Change] = {}
    for b, moment in booked:
        after = b.subscription
        if after is None:
            continue
        if b.proof is None:
            raise ValueError(f"attempt {b.attempt_id}: a subscription without a proof")
        earlier = changes.get(after.id)
        changes[after.id] = _Change(
            base=after.version - 1 if earlier is None else earlier.base,
            after=after,
            proof_id=b.proof.id,
            grants=b.grants,
            items_changed=b.items_changed or (earlier is not None and earlier.items_changed),
            moment=moment,
        )
    return list(changes.values())


def _write_subscriptions(writer: _Writer, booked: Booked) -> None:
    changes = _changes(booked)
    writer.put("subscription", _SUBSCRIPTION, [_new_row(c) for c in changes if c.base == 0])
    writer.put("subscription", _SUBSCRIPTION_CHANGED, [(c.base, *_changed_row(c)) for c in changes if c.base])
    _write_items(writer, [c for c in changes if c.items_changed])
    granted = [g for c in changes for g in c.grants]
    # A renewal gives the same items a further window; only another list of items can leave a grant behind.
    shrunk = [c.after for c in changes if c.base and (c.items_changed or len(c.grants) != len(c.live_items))]
    if shrunk:
        accounts, ids = {s.account_id for s in shrunk}, {s.id for s in shrunk}
        grants.end_others(writer.connection, writer.bucket, accounts, granted, ids)
    if granted:
        writer.expect("entitlement", grants.put(writer.connection, writer.bucket, granted), len(granted))


def _new_row(change: _Change) -> Row:
    after = change.after
    identifier, state, *rest = _changed_row(change)
    return (identifier, after.account_id, state, after.currency, *rest)


def _changed_row(change: _Change) -> Row:
    after = change.after
    return (
        after.id,
        after.state,
        after.interval.unit,
        after.interval.count,
        after.anchor.at,
        after.anchor.time_zone,
        after.index,
        after.period.start,
        after.period.end,
        codec.optional(after.pending),
        after.grace_until,
        after.grace_invoice,
        after.ended_at,
        after.end_reason,
        after.version,
        after.due_at,
        change.proof_id,
    )


def _write_items(writer: _Writer, changes: Sequence[_Change]) -> None:
    existing = [(c.after.id, c.after.ended_at or c.moment) for c in changes if c.base]
    if existing:
        kept = Column("uuid", [i.id for c in changes for i in c.live_items])
        _ITEM_ENDED.run(writer.connection, existing, bucket=writer.bucket, kept=kept)
    rows = [
        (i.id, c.after.account_id, c.after.id, i.price_id, i.object, i.quantity, position)
        for c in changes
        for position, i in enumerate(c.live_items, start=1)
    ]
    writer.put("item", _ITEM, rows)


def _write_methods(writer: _Writer, booked: Booked) -> None:
    rows = [_method_row(b.account_id, b.method, moment) for b, moment in booked if b.method is not None]
    tokens = {
        (row[2], row[3]): row for row in rows
    }  # one token once: a statement cannot meet its own conflict
    if tokens:
        _METHOD.run(writer.connection, list(tokens.values()), bucket=writer.bucket)
    invalid = [b.invalid_method for b, _ in booked if b.invalid_method is not None]
    if invalid:
        scalars = {"bucket": writer.bucket, "ids": Column("uuid", invalid)}
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
        moment,
    )


def _write_invoices(writer: _Writer, booked: Booked, series: Sequence[tuple[str, int]]) -> None:
    issued = [
        (i, b.account_id, b.proof.id, moment)
        for b, moment in booked
        if (i := b.invoice) is not None and b.proof is not None
    ]
    lines = [
        _line_row(invoice.id, n, line)
        for invoice, *_ in issued
        for n, line in enumerate(invoice.lines, start=1)
    ]
    settled = [
        (s.id, s.version, moment, b.proof.id)
        for b, moment in booked
        if (s := b.settled) is not None and b.proof is not None
    ]
    writer.put("invoice", _INVOICE, [_invoice_row(*fact) for fact in issued])
    writer.put("invoice_line", _LINE, lines)
    writer.put("invoice", _INVOICE_PAID, settled)
    writer.put("invoice_series", _SERIES, series)


def _invoice_row(invoice: InvoiceFact, account_id: UUID, proof_id: UUID, moment: datetime) -> Row:
    paid = invoice.paid == invoice.total
    return (
        invoice.id,
        account_id,
        invoice.subscription_id,
        invoice.series,
        invoice.number,
        InvoiceState.PAID if paid else InvoiceState.OPEN,
        invoice.currency,
        invoice.total,
        invoice.paid,
        moment,
        invoice.due_at,
        moment if paid else None,
        1,
        proof_id,
        proof_id if paid else None,
    )


def _line_row(invoice_id: UUID, position: int, line: Line) -> Row:
    return (
        invoice_id,
        position,
        line.kind,
        line.description,
        line.explanation,
        line.quantity,
        line.amount,
        line.price_id,
        line.item_id,
        line.object,
        None if line.period is None else line.period.start,
        None if line.period is None else line.period.end,
    )


def _currency(booking: Booking) -> str:
    """The one currency of a booking's money."""
    fact = booking.proof or booking.payment
    assert fact is not None, f"attempt {booking.attempt_id}: amounts without a proof or a payment"
    return fact.currency


def _write_ledger(writer: _Writer, booked: Booked) -> None:
    postings = [
        (b.cause_id, n, b.account_id, p.debit, p.credit, p.amount, _currency(b), p.invoice_id, moment)
        for b, moment in booked
        for n, p in enumerate(b.postings, start=1)
    ]
    credit: Counter[tuple[UUID, str]] = Counter()
    for b, _ in booked:
        if b.credit:
            credit[b.account_id, _currency(b)] += b.credit
    writer.put("posting", _POSTING, postings)
    writer.put("credit_balance", _CREDIT_GRANTED, [(*whose, n) for whose, n in credit.items() if n > 0])
    writer.put("credit_balance", _CREDIT_USED, [(*whose, -n) for whose, n in credit.items() if n < 0])


def _attempt_rows(booked: Booked) -> list[Row]:
    """One row per attempt; of several bookings of one attempt the last says how it stands."""
    rows: dict[UUID, Row] = {}
    for b, moment in booked:
        _, _, cause, ref, first = rows.get(b.attempt_id, (None, None, None, None, moment))
        rows[b.attempt_id] = (b.attempt_id, b.state, b.cause or cause, b.ref or ref, first)
    return list(rows.values())
