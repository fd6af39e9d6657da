"""Shapes: how rows become values of the core.

Owns the SQL expressions that give a subscription, a method or an invoice as the JSON of its dataclass, so that one
statement returns an account with everything below it, and their decoders. Table aliases are fixed: a account,
s subscription, i item, m method, v invoice, g entitlement, c credit grant, d dispute, n invoice item. Does not own
which rows are read.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from solvent.core.account import Account, CollectionMethod, Segment
from solvent.core.credit import CreditGrant, OwedLine
from solvent.core.dispute import Dispute
from solvent.core.entitlement import Grant
from solvent.core.invoice import Invoice, InvoiceState, spell_number
from solvent.core.invoice_item import ITEMS_MAX, InvoiceItem
from solvent.core.language import Language
from solvent.core.owed import InEffect
from solvent.core.party import Address
from solvent.core.subscription import Subscription
from solvent.core.terms import Together
from solvent.store import codec

ACCOUNT = (
    "a.id, a.segment, a.currency, a.country, a.time_zone, a.email, a.name, a.entity, a.terms_days, a.test_now,"
    " a.address::text, a.region, a.tax_id, a.tax_exempt, a.tax_past::text, a.together, a.language,"
    " a.profile_past::text, a.closed_at"
)

SUBSCRIPTION = """json_build_object(
    'id', s.id, 'account_id', s.account_id, 'state', s.state, 'currency', s.currency,
    'interval', json_build_object('unit', s.interval_unit, 'count', s.interval_count),
    'anchor', json_build_object('at', s.anchor_at, 'time_zone', s.time_zone),
    'index', s.period_index, 'period', json_build_object('start', s.period_start, 'end', s.booked_end),
    'items', (select coalesce(json_agg(json_build_object('id', i.id, 'price_id', i.booked_price,
                  'quantity', i.booked_quantity, 'object', i.object, 'changed_at', i.changed_at)
                  order by i.position, i.id), '[]')
              from item i
              where i.bucket = s.bucket and i.subscription_id = s.id and i.ended_at is null),
    'version', s.version, 'pending', s.pending, 'grace_until', s.grace_until,
    'grace_invoice', s.grace_invoice, 'ended_at', s.ended_at, 'end_reason', s.end_reason,
    'coupons', coalesce(s.coupons, '[]'))"""

METHOD = """json_build_object(
    'id', m.id, 'account_id', m.account_id, 'provider', m.provider, 'token', m.token, 'kind', m.kind,
    'label', m.label, 'off_session', m.off_session, 'priority', m.priority, 'state', m.state,
    'fingerprint', m.fingerprint, 'expires_on', m.expires_on)"""

INVOICE = """'id', v.id, 'account_id', v.account_id, 'subscription_id', v.subscription_id, 'series', v.series,
    'number', v.number, 'state', v.state, 'currency', v.currency, 'total', v.total, 'paid', v.paid, 'tax', v.tax,
    'issued_at', v.issued_at, 'due_at', v.due_at, 'version', v.version, 'credited', v.credited,
    'charged_back', v.charged_back, 'reopened', v.reopened, 'given_up', v.given_up_at is not null,
    'reference', v.reference, 'notes', v.notes, 'language', v.language"""

GRANT = """json_build_object(
    'item_id', g.item_id, 'account_id', g.account_id, 'subscription_id', g.subscription_id,
    'product_id', g.product_id, 'object', g.object, 'quantity', g.quantity, 'features', g.features,
    'starts_at', g.starts_at, 'ends_at', g.ends_at)"""

DISPUTE = """json_build_object(
    'id', d.id, 'payment_id', d.payment_id, 'payment_ref', d.payment_ref, 'provider', d.provider, 'ref', d.ref,
    'amount', d.amount, 'currency', d.currency, 'state', d.state, 'reason', d.reason, 'opened_at', d.opened_at,
    'evidence_due_by', d.evidence_due_by, 'changed_at', d.changed_at, 'fee', d.fee, 'fee_currency', d.fee_currency,
    'version', d.version, 'loss', case when d.lost_at is not null then json_build_object(
        'written_off', d.written_off,
        'parts', (select coalesce(json_agg(json_build_object('payment_id', t.id, 'to_debt', t.to_debt,
                      'from_credit', t.from_credit) order by t.part), '[]')
                  from (select p.id, p.part, sum(c.to_debt) as to_debt, sum(c.from_credit) as from_credit
                        from chargeback c join payment p on p.bucket = c.bucket and p.id = c.payment_id
                        where c.bucket = d.bucket and c.dispute_id = d.id group by p.id, p.part) t)) end)"""

LIVE_SUBSCRIPTIONS = f"""(select coalesce(json_agg({SUBSCRIPTION} order by s.id), '[]') from subscription s
    where s.bucket = a.bucket and s.account_id = a.id and s.state <> 'ended')::text"""
KEPT_METHODS = f"""(select coalesce(json_agg({METHOD} order by m.priority, m.id), '[]') from method m
    where m.bucket = a.bucket and m.account_id = a.id and m.state <> 'detached')::text"""
OWED_INVOICES = f"""(select coalesce(json_agg(json_build_object({INVOICE}) order by v.due_at, v.id), '[]')
    from invoice v where v.bucket = a.bucket and v.account_id = a.id and v.state in ('open', 'uncollectible'))::text"""
# So much of the payment that bought credit is disputed.
HELD = """case when c.invoice_id is null then 0 else (select least(c.remaining, coalesce(sum(d.amount), 0))::bigint
    from payment p join dispute d on d.bucket = p.bucket and d.provider = p.provider and d.payment_ref = p.ref
    where p.bucket = c.bucket and p.account_id = c.account_id and p.invoice_id = c.invoice_id
      and d.decided_at is null) end"""
CREDIT_GRANT = f"""json_build_object(
    'id', c.id, 'kind', c.kind, 'currency', c.currency, 'amount', c.amount, 'remaining', c.remaining,
    'granted_at', c.granted_at, 'expires_at', c.expires_at, 'priority', c.priority, 'excludes', c.excludes,
    'reason', c.reason, 'held', {HELD})"""

_LEFT = "c.bucket = a.bucket and c.account_id = a.id and c.currency = a.currency and c.remaining > 0"
# Null for whoever has no credit, which is nearly everybody.
CREDIT_GRANTS = f"(select json_agg({CREDIT_GRANT} order by c.id) from credit_grant c where {_LEFT})::text"

# What credit may still pay of the invoices of whoever has some.
OWED_LINES = f"""case when exists (select from credit_grant c where {_LEFT}) then (
    select json_object_agg(v.id, (
        select json_agg(json_build_object(
            'line', l.position, 'price_id', l.price_id, 'product_id', l.product_id,
            'amount', l.amount + case when l.inclusive then 0 else l.tax end - coalesce((
                select sum(n.amount) from credit_note_line n
                where n.bucket = l.bucket and n.invoice_id = l.invoice_id and n.position = l.position), 0),
            'drawn', coalesce((select sum(u.amount) from credit_use u
                where u.bucket = l.bucket and u.invoice_id = l.invoice_id and u.line = l.position), 0))
            order by l.position)
        from invoice_line l where l.bucket = v.bucket and l.invoice_id = v.id))
    from invoice v where v.bucket = a.bucket and v.account_id = a.id and v.state in ('open', 'uncollectible')
    )::text end"""

INVOICE_ITEM = """json_build_object(
    'id', n.id, 'account_id', n.account_id, 'currency', n.currency, 'line', n.line, 'created_at', n.created_at,
    'changed_at', n.changed_at, 'state', n.state, 'version', n.version, 'invoice_id', n.invoice_id,
    'claimed_by', (select t.id from attempt t where t.bucket = n.bucket and t.id = n.claimed_by
                     and t.state in ('opening', 'requires_action', 'processing', 'unknown')))"""

# Null for whoever has none, which is nearly everybody. What an attempt in flight is about to invoice is left out. Of
# charges the oldest; of deductions the oldest, and the smallest: where any fits an invoice, one of those does.
WAITING_ITEMS = f"""case when exists (
    select from invoice_item w where w.bucket = a.bucket and w.account_id = a.id and w.state = 'waiting'
    ) then (select json_agg({INVOICE_ITEM} order by n.id) from (
    select w.*, row_number() over (partition by w.amount > 0 order by w.id) as by_age,
           row_number() over (partition by w.amount > 0 order by abs(w.amount), w.id) as by_size
    from invoice_item w
    where w.bucket = a.bucket and w.account_id = a.id and w.state = 'waiting' and w.currency = a.currency
      and not exists (select from attempt t where t.bucket = w.bucket and t.id = w.claimed_by
                        and t.state in ('opening', 'requires_action', 'processing', 'unknown'))
    ) n where n.by_age <= {ITEMS_MAX} or (n.amount < 0 and n.by_size <= {ITEMS_MAX}))::text end"""


class InvoiceRow(msgspec.Struct):
    """An invoice as its row holds it: series and number apart."""

    id: UUID
    account_id: UUID
    subscription_id: UUID | None
    series: str
    number: int
    state: InvoiceState
    currency: str
    total: int
    paid: int
    issued_at: datetime
    due_at: datetime
    version: int
    tax: int
    credited: int
    charged_back: int
    reopened: int
    given_up: bool
    reference: str | None
    notes: str | None
    language: Language

    def value(self) -> Invoice:
        """The invoice with its number as printed."""
        return Invoice(
            id=self.id,
            account_id=self.account_id,
            subscription_id=self.subscription_id,
            number=spell_number(self.series, self.number),
            state=self.state,
            currency=self.currency,
            total=self.total,
            paid=self.paid,
            issued_at=self.issued_at,
            due_at=self.due_at,
            version=self.version,
            tax=self.tax,
            credited=self.credited,
            charged_back=self.charged_back,
            reopened=self.reopened,
            given_up=self.given_up,
            reference=self.reference,
            notes=self.notes,
            language=self.language,
        )


_address = msgspec.json.Decoder(Address)
_subscription = msgspec.json.Decoder(Subscription)
_subscriptions = msgspec.json.Decoder(tuple[Subscription, ...])
_measures = msgspec.json.Decoder(tuple[InEffect, ...])
_methods = msgspec.json.Decoder(tuple[CollectionMethod, ...])
_method = msgspec.json.Decoder(CollectionMethod)
_invoice = msgspec.json.Decoder(InvoiceRow)
_invoices = msgspec.json.Decoder(tuple[InvoiceRow, ...])
_dispute = msgspec.json.Decoder(Dispute)
_disputes = msgspec.json.Decoder(tuple[Dispute, ...])
_credit_grant = msgspec.json.Decoder(CreditGrant)
_credit_grants = msgspec.json.Decoder(tuple[CreditGrant, ...])
_owed_lines = msgspec.json.Decoder(dict[UUID, tuple[OwedLine, ...]])
_grants = msgspec.json.Decoder(tuple[Grant, ...])
_item = msgspec.json.Decoder(InvoiceItem)
_items = msgspec.json.Decoder(tuple[InvoiceItem, ...])


def account_of(row: tuple[Any, ...]) -> Account:
    """The account behind the columns `ACCOUNT`, which are the first of the row."""
    return Account(
        id=row[0],
        segment=Segment(row[1]),
        currency=row[2],
        country=row[3],
        time_zone=row[4],
        email=row[5],
        name=row[6],
        entity=row[7],
        terms_days=row[8],
        test_now=row[9],
        address=None if row[10] is None else _address.decode(row[10]),
        region=row[11],
        tax_id=row[12],
        tax_exempt=row[13],
        tax_past=() if row[14] is None else codec.decode_tax_past(row[14]),
        together=None if row[15] is None else Together(row[15]),
        language=Language(row[16]),
        profile_past=() if row[17] is None else codec.decode_profile_past(row[17]),
        closed_at=row[18],
    )


def subscription_of(data: str) -> Subscription:
    """The subscription behind `SUBSCRIPTION`."""
    return _subscription.decode(data)


def subscriptions_of(data: str) -> tuple[Subscription, ...]:
    """The subscriptions behind `LIVE_SUBSCRIPTIONS`."""
    return _subscriptions.decode(data)


def methods_of(data: str) -> tuple[CollectionMethod, ...]:
    """The methods behind `KEPT_METHODS`."""
    return _methods.decode(data)


def measures_of(data: str) -> tuple[InEffect, ...]:
    """The measures behind a health row's column; nearly always there are none."""
    return () if data == "[]" else _measures.decode(data)


def method_of(data: str) -> CollectionMethod:
    """The method behind `METHOD`."""
    return _method.decode(data)


def invoice_of(data: str) -> Invoice:
    """The invoice behind `INVOICE`."""
    return _invoice.decode(data).value()


def invoices_of(data: str) -> tuple[Invoice, ...]:
    """The invoices behind `OWED_INVOICES`."""
    return tuple(row.value() for row in _invoices.decode(data))


def credit_grant_of(data: str) -> CreditGrant:
    """The grant of credit behind `CREDIT_GRANT`."""
    return _credit_grant.decode(data)


def credit_grants_of(data: str | None) -> tuple[CreditGrant, ...]:
    """The grants of credit behind `CREDIT_GRANTS`."""
    return () if data is None else _credit_grants.decode(data)


def owed_lines_of(data: str | None) -> dict[UUID, tuple[OwedLine, ...]]:
    """The lines behind `OWED_LINES`, by invoice."""
    return {} if data is None else _owed_lines.decode(data)


def invoice_item_of(data: str) -> InvoiceItem:
    """The item behind `INVOICE_ITEM`."""
    return _item.decode(data)


def waiting_items_of(data: str | None) -> tuple[InvoiceItem, ...]:
    """The items behind `WAITING_ITEMS`."""
    return () if data is None else _items.decode(data)


def grants_of(data: str) -> tuple[Grant, ...]:
    """The grants behind an array of `GRANT`."""
    return _grants.decode(data)


def dispute_of(data: str) -> Dispute:
    """The dispute behind `DISPUTE`."""
    return _dispute.decode(data)


def disputes_of(data: str) -> tuple[Dispute, ...]:
    """The disputes behind an array of `DISPUTE`."""
    return _disputes.decode(data)
