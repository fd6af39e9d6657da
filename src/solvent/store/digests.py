"""Digests: whether an account's rows are still those that were last examined.

Owns the list of all that a snapshot and its witness read, as rows to be hashed, and the statements that sum them up by
account. The digest of an account is the exclusive or of the hashes of its rows, so that their order is no matter; each
source has a seed of its own, so that equal rows of two sources do not cancel out. It is computed from what stands in
the tables, whoever wrote it and however. A row more than is read does no harm: the account is read once more than
needed. A column less would hide a change: a test compares the two. Where two accounts share what should be one's (an
item, a payer), the change is seen of the one whose row it is. Does not own what is read (`snapshots`, `witness`), nor
what is noted of an account (`examined`).
"""

from typing import NamedTuple

from solvent.store.witness import CONTRADICTED

_OPEN = "v.bucket = %(bucket)s and v.state in ('open', 'uncollectible')"
_IN_FLIGHT = "t.state in ('opening', 'requires_action', 'processing', 'unknown')"


class Source(NamedTuple):
    """Rows that a snapshot reads: whose they are, the columns that it reads, and which rows."""

    account: str
    columns: str
    rows: str


SOURCES = (
    Source(
        "a.id",
        "a.segment, a.currency, a.country, a.time_zone, a.email, a.name, a.entity, a.terms_days, a.test_now, a.address,"
        " a.region, a.tax_id, a.tax_exempt, a.tax_past::text, a.together,"
        " a.language, a.profile_past::text, a.closed_at",
        "account a where a.bucket = %(bucket)s",
    ),
    Source(
        "h.account_id",
        "h.standing, h.recheck_at, h.debt, h.disputed, h.measures, h.seal, h.withheld",
        "health h where h.bucket = %(bucket)s",
    ),
    Source(
        "k.account_id",
        "k.id, k.consequence, k.reason, k.author, k.placed_at, k.expires_at",
        "engine_hold k where k.bucket = %(bucket)s and k.released_at is null",
    ),
    Source(
        "s.account_id",
        "s.id, s.state, s.currency, s.interval_unit, s.interval_count, s.anchor_at, s.time_zone, s.period_index,"
        " s.period_start, s.period_end, s.version, s.pending::text, s.grace_until, s.grace_invoice, s.ended_at,"
        " s.end_reason, s.coupons::text, s.due_at, s.stuck_reason, s.waits_until, s.proof_id,"
        " s.booked_end",
        "subscription s where s.bucket = %(bucket)s and s.state <> 'ended'",
    ),
    Source(
        "i.account_id",
        "i.id, i.subscription_id, i.price_id, i.quantity, i.object, i.changed_at, i.position, i.booked_price,"
        " i.booked_quantity",
        "item i where i.bucket = %(bucket)s and i.ended_at is null",
    ),
    Source(
        "m.account_id",
        "m.id, m.provider, m.token, m.kind, m.label, m.off_session, m.priority, m.state, m.fingerprint, m.usable_since,"
        " m.expires_on",
        "method m where m.bucket = %(bucket)s and m.state <> 'detached'",
    ),
    Source(
        "g.account_id",
        "g.item_id, g.subscription_id, g.product_id, g.object, g.quantity, g.features, g.starts_at, g.ends_at",
        "entitlement g where g.bucket = %(bucket)s",
    ),
    Source(
        "v.account_id",
        "v.id, v.subscription_id, v.series, v.number, v.state, v.currency, v.total, v.paid, v.tax, v.issued_at,"
        " v.due_at, v.version, v.credited, v.charged_back, v.reopened, v.given_up_at, v.reference, v.notes, v.proof_id,"
        " v.debt, v.language",
        f"invoice v where {_OPEN}",
    ),
    Source(
        "t.account_id",
        "t.id, t.settles, t.state, t.cause, t.created_at, t.expires_at, t.finished_at, t.method_id,"
        " t.provider, t.off_session, t.said, t.said_cause, t.said_at",
        "attempt t where t.bucket = %(bucket)s and t.settles is not null",
    ),
    Source(
        "t.account_id",
        "t.id, t.state, t.off_session, t.created_at, t.expires_at, t.said, t.said_cause, t.said_at",
        f"attempt t where t.bucket = %(bucket)s and t.settles is null and {_IN_FLIGHT}",
    ),
    Source(
        "v.account_id",
        "v.id, p.id, p.kind, p.attempt_id, t.id, t.cause, t.created_at, t.expires_at, t.finished_at,"
        " t.method_id, t.provider, t.said, t.said_cause, t.said_at",
        "invoice v join proof p on p.bucket = v.bucket and p.id = v.proof_id and p.kind = 'grace'"
        f" join attempt t on t.bucket = p.bucket and t.id = p.attempt_id where {_OPEN}",
    ),
    Source(
        "v.account_id",
        "l.invoice_id, l.position, l.kind, l.amount, l.tax, l.inclusive, l.price_id, l.product_id, l.item_id,"
        " l.period_end",
        f"invoice v join invoice_line l on l.bucket = v.bucket and l.invoice_id = v.id where {_OPEN}",
    ),
    Source(
        "v.account_id",
        "l.invoice_id, i.id, i.subscription_id",
        "invoice v join invoice_line l on l.bucket = v.bucket and l.invoice_id = v.id and l.kind = 'charge'"
        " join item i on i.bucket = l.bucket and i.id = l.item_id"
        " where v.bucket = %(bucket)s and v.state = 'uncollectible'",
    ),
    Source(
        "s.account_id",
        "s.id, v.id, v.state, v.series, v.number",
        "subscription s join invoice v on v.bucket = s.bucket and v.id = s.grace_invoice"
        " where s.bucket = %(bucket)s and s.state <> 'ended' and s.grace_invoice is not null",
    ),
    Source(
        "v.account_id",
        "v.id, v.given_up_scope, s.id, s.proof_id, p.id, p.account_id, p.recorded_at",
        "invoice v join subscription s on s.bucket = v.bucket and s.account_id = v.account_id and s.state <> 'ended'"
        " join proof p on p.bucket = s.bucket and p.id = s.proof_id"
        " where v.bucket = %(bucket)s and v.state = 'uncollectible'",
    ),
    Source("p.account_id", "p.provider, p.ref", "payer p where p.bucket = %(bucket)s"),
    Source("w.account_id", "w.provider, w.ref, w.other", "shared_payer w where w.bucket = %(bucket)s"),
    Source(
        "v.account_id",
        "n.account_id, n.invoice_id, n.rung",
        "invoice v join notice n on n.bucket = v.bucket and n.account_id = v.account_id and n.invoice_id = v.id"
        f" where {_OPEN}",
    ),
    Source(
        "v.account_id",
        "n.credit_note_id, n.invoice_id, n.position, n.amount",
        f"invoice v join credit_note_line n on n.bucket = v.bucket and n.invoice_id = v.id where {_OPEN}",
    ),
    Source(
        "v.account_id",
        "u.cause_id, u.position, u.invoice_id, u.line, u.amount",
        f"invoice v join credit_use u on u.bucket = v.bucket and u.invoice_id = v.id where {_OPEN}",
    ),
    Source(
        "c.account_id",
        "c.id, c.kind, c.currency, c.amount, c.remaining, c.granted_at, c.expires_at, c.priority, c.excludes, c.reason,"
        " c.invoice_id",
        "credit_grant c where c.bucket = %(bucket)s and c.remaining > 0",
    ),
    Source(
        "c.account_id",
        "p.id, p.account_id, p.invoice_id, p.provider, p.ref",
        "credit_grant c join payment p on p.bucket = c.bucket and p.invoice_id = c.invoice_id"
        " where c.bucket = %(bucket)s and c.remaining > 0",
    ),
    Source(
        "t.account_id",
        "t.id, t.state, t.cause, t.provider, t.amount, t.look_at, t.finished_at, t.said, t.said_at",
        f"attempt t where t.bucket = %(bucket)s and {CONTRADICTED}",
    ),
    Source(
        "t.account_id",
        "t.id, t.state, t.plan::text",
        f"attempt t where t.bucket = %(bucket)s and {_IN_FLIGHT}",
    ),
    Source(
        "d.account_id",
        "d.id, d.payment_id, d.payment_ref, d.provider, d.ref, d.amount, d.currency, d.state, d.reason, d.opened_at,"
        " d.evidence_due_by, d.changed_at, d.fee, d.fee_currency, d.version, d.lost_at, d.written_off",
        "dispute d where d.bucket = %(bucket)s and d.decided_at is null",
    ),
    Source(
        "d.account_id",
        "c.dispute_id, c.payment_id, c.cause_id, c.to_debt, c.from_credit, p.id, p.part",
        "dispute d join chargeback c on c.bucket = d.bucket and c.dispute_id = d.id"
        " join payment p on p.bucket = c.bucket and p.id = c.payment_id"
        " where d.bucket = %(bucket)s and d.decided_at is null",
    ),
)


def _rows(whose: str = "") -> str:
    """The hash of every row of every source; `whose` narrows them, with {account} for the column that says it."""
    return "\nunion all ".join(
        f"select {source.account} as account_id, hash_record_extended(row({source.columns}), {seed}) as hash"
        f" from {source.rows}{whose.format(account=source.account)}"
        for seed, source in enumerate(SOURCES)
    )


def _digests(whose: str = "") -> str:
    return f"select account_id, bit_xor(hash) as digest from ({_rows(whose)}) r group by account_id"


OF_BUCKET = _digests()
OF_ACCOUNTS = _digests(" and {account} = any(%(accounts)b)")
