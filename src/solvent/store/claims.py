"""Claims: one invoice with all that judging a credit note, a payment or its being given up looks at, locked; and
account credit likewise.

Owns the read behind `core.crediting.Claim`, in the order of locks that everybody keeps: account → subscription →
invoice. Does not own the judgement.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection

from solvent.core.credit import CreditGrant
from solvent.core.crediting import Claim, Received
from solvent.core.granting import Spent
from solvent.core.ids import bucket_of
from solvent.core.subscription import Subscription
from solvent.core.surrender import HeldAccount
from solvent.ports.books import HeldCredit
from solvent.store import shapes
from solvent.store.charged import charged_by, charging

_ACCOUNT = f"""
select {shapes.ACCOUNT} from account a
where a.bucket = %(bucket)s
  and a.id = (select v.account_id from invoice v where v.bucket = %(bucket)s and v.id = %(invoice)s)
for no key update of a"""

# The subscriptions that an invoice is for: the one that it names, or those that were renewed together.
OF_INVOICE = """
select bucket, id as invoice_id, subscription_id from invoice where subscription_id is not null
union all
select l.bucket, l.invoice_id, i.subscription_id from invoice_line l
join item i on i.bucket = l.bucket and i.id = l.item_id
join invoice n on n.bucket = l.bucket and n.id = l.invoice_id and n.subscription_id is null
where l.kind = 'charge'"""

ACCOUNT_ALONE = f"""
select {shapes.ACCOUNT} from account a where a.bucket = %(bucket)s and a.id = %(account)s for no key update of a"""

_GRANT = f"""
select {shapes.CREDIT_GRANT}::text from credit_grant c
where c.bucket = %(bucket)s and c.account_id = %(account)s and c.id = %(grant)s for no key update of c"""

_BOUGHT = f"""
select {shapes.CREDIT_GRANT}::text from credit_grant c
where c.bucket = %(bucket)s and c.invoice_id = %(invoice)s for no key update of c"""

# Given credit that paid the invoice, less what credit notes of it gave back.
_SPENT = f"""
select {shapes.CREDIT_GRANT}::text, (sum(u.amount) - coalesce((
    select sum(b.amount) from credit_grant b
    join credit_note n on n.bucket = b.bucket and n.id = b.cause_id and n.invoice_id = %(invoice)s
    where b.bucket = c.bucket and b.returns = c.id), 0))::bigint, max(u.used_at)
from credit_use u join credit_grant c on c.bucket = u.bucket and c.id = u.grant_id
where u.bucket = %(bucket)s and u.invoice_id = %(invoice)s and c.kind in ('goodwill', 'sponsored')
group by c.bucket, c.id"""

_SUBSCRIPTIONS = f"""
select s.grace_invoice is not distinct from %(invoice)s, {shapes.SUBSCRIPTION}::text, s.proof_id,
    s.id in (select o.subscription_id from ({OF_INVOICE}) o where o.bucket = %(bucket)s and o.invoice_id = %(invoice)s),
    s.claimed_by
from subscription s
where s.bucket = %(bucket)s and s.account_id = %(account)s and s.state <> 'ended'
  and (s.grace_invoice = %(invoice)s or s.id in (
    select o.subscription_id from ({OF_INVOICE}) o where o.bucket = %(bucket)s and o.invoice_id = %(invoice)s))
order by s.id for no key update of s"""

_ALL_SUBSCRIPTIONS = f"""
select {shapes.SUBSCRIPTION}::text, s.proof_id, s.id from subscription s
where s.bucket = %(bucket)s and s.account_id = %(account)s and s.state <> 'ended'
order by s.id for no key update of s"""

_IN_FLIGHT = """
select s.id, bool_or(t.off_session or t.state in ('processing', 'unknown'))
from subscription s join attempt t on t.bucket = s.bucket and t.account_id = s.account_id
  and (t.claim = 'sub:' || s.id or t.id = s.claimed_by)
  and t.state in ('opening', 'requires_action', 'processing', 'unknown')
where s.bucket = %(bucket)s and s.id = any(%(subscriptions)s) group by s.id"""

_INVOICE = f"""
select json_build_object({shapes.INVOICE})::text, (
    select bool_or(t.off_session or t.state in ('processing', 'unknown'))
    from attempt t where t.bucket = v.bucket and t.account_id = v.account_id
      and (t.claim = any(%(claims)s) or t.id = any(%(claimed_by)s) or v.id = any(t.settles))
      and t.state in ('opening', 'requires_action', 'processing', 'unknown'))
from invoice v where v.bucket = %(bucket)s and v.id = %(invoice)s for update of v"""

KNOWN = """
select id, input_hash from credit_note
where bucket = %(bucket)s and account_id = %(account)s and key = %(key)s
union all select id, input_hash from refund
where bucket = %(bucket)s and account_id = %(account)s and key = %(key)s"""

_GIVEN = """
select id, input_hash from credit_grant
where bucket = %(bucket)s and account_id = %(account)s and key = %(key)s"""

_RECORDED = """
select (array_agg(id order by part))[1], sum(amount)::bigint,
       coalesce(array_agg(invoice_id order by part) filter (where invoice_id is not null), '{}')
from payment
where bucket = %(bucket)s and account_id = %(account)s and provider = %(method)s and ref = %(ref)s
  and attempt_id is null
having count(*) > 0"""

RECEIVED = """p.id, p.amount, coalesce((select max(r.refunded_after) from refund r
                                 where r.bucket = p.bucket and r.payment_id = p.id), 0), p.attempt_id is not null,
       (select coalesce(sum(c.to_debt + c.from_credit), 0)::bigint
        from chargeback c join dispute d on d.bucket = c.bucket and d.id = c.dispute_id
        where c.bucket = p.bucket and c.payment_id = p.id and d.state in ('lost', 'accepted')),
       exists (select from dispute d where d.bucket = p.bucket and d.provider = p.provider and d.payment_ref = p.ref
                 and d.decided_at is null and d.state <> 'warning'), p.provider"""
_PAYMENTS = f"""
select {RECEIVED} from payment p
where p.bucket = %(bucket)s and p.account_id = %(account)s and p.invoice_id = %(invoice)s
order by p.received_at, p.id"""


def hold(
    connection: Connection,
    bucket: int,
    invoice_id: UUID,
    key: str | None,
    reference: tuple[str, str] | None,
    *,
    chained: bool = False,
) -> Claim | None:
    """Lock an invoice and all that hangs on it (`chained`: with the invoices that charged the same), and read it; None
    when there is none of that id."""
    method, ref = reference or (None, None)
    scalars: dict[str, object] = {
        "bucket": bucket,
        "invoice": invoice_id,
        "key": key,
        "method": method,
        "ref": ref,
    }
    row = connection.execute(_ACCOUNT, scalars, binary=True).fetchone()
    if row is None:
        return None
    scalars["account"] = row[0]
    held = connection.execute(_SUBSCRIPTIONS, scalars, binary=True).fetchall()
    on_grace, live = _subscriptions(held)
    scalars["claims"] = [f"sub:{subscription.id}" for subscription, _ in live]
    scalars["claimed_by"] = [row[-1] for row in held if row[-1] is not None]
    invoice, moving = _only(connection.execute(_INVOICE, scalars).fetchall())
    charged = charged_by(connection, bucket, [shapes.invoice_of(invoice)])[0]
    chain, bases = charging(connection, bucket, charged.invoice) if chained else ((), ())
    return Claim(
        account=shapes.account_of(row),
        invoice=charged.invoice,
        lines=charged.lines,
        credited=charged.credited,
        ahead=charged.ahead,
        payments=[received_of(payment) for payment in connection.execute(_PAYMENTS, scalars).fetchall()],
        on_grace=on_grace,
        live=live,
        in_flight=moving is not None,
        moving=moving is True,
        chain=chain,
        bases=bases,
        bought=_bought(connection, scalars),
        spent=[
            Spent(grant=shapes.credit_grant_of(grant), amount=amount, used_at=at)
            for grant, amount, at in connection.execute(_SPENT, scalars).fetchall()
        ],
        known=connection.execute(KNOWN, scalars).fetchone(),
        recorded=connection.execute(_RECORDED, scalars).fetchone(),
    )


def hold_account(connection: Connection, bucket: int, invoice_id: UUID) -> HeldAccount | None:
    """Lock an invoice's account with its live subscriptions, and read them; None when there is no such invoice."""
    scalars: dict[str, object] = {"bucket": bucket, "invoice": invoice_id}
    row = connection.execute(_ACCOUNT, scalars, binary=True).fetchone()
    if row is None:
        return None
    scalars["account"] = row[0]
    held = connection.execute(_ALL_SUBSCRIPTIONS, scalars).fetchall()
    scalars["subscriptions"] = [identifier for _, _, identifier in held]
    flying = connection.execute(_IN_FLIGHT, scalars).fetchall()
    return HeldAccount(
        account=shapes.account_of(row),
        held=[(shapes.subscription_of(s), proof_id) for s, proof_id, _ in held],
        in_flight=frozenset(x for x, _ in flying),
        moving=frozenset(x for x, moves in flying if moves),
    )


def recorded(
    connection: Connection, account_id: UUID, reference: tuple[str, str]
) -> tuple[UUID, int, Sequence[UUID]] | None:
    """The payment that no provider took under a method and reference: its (first) id, amount and invoices."""
    method, ref = reference
    scalars = {"bucket": bucket_of(account_id), "account": account_id, "method": method, "ref": ref}
    return connection.execute(_RECORDED, scalars).fetchone()


def hold_credit(
    connection: Connection, bucket: int, account_id: UUID, grant_id: UUID | None, key: str | None
) -> HeldCredit | None:
    """Lock an account and one grant of its credit, if one is named, and read them; None when there is none."""
    scalars = {"bucket": bucket, "account": account_id, "grant": grant_id, "key": key}
    row = connection.execute(ACCOUNT_ALONE, scalars, binary=True).fetchone()
    if row is None:
        return None
    account = shapes.account_of(row)
    if grant_id is None:
        return HeldCredit(account=account, known=connection.execute(_GIVEN, scalars).fetchone())
    grant = connection.execute(_GRANT, scalars).fetchone()
    return None if grant is None else HeldCredit(account=account, grant=shapes.credit_grant_of(grant[0]))


def _bought(connection: Connection, scalars: dict[str, object]) -> CreditGrant | None:
    row = connection.execute(_BOUGHT, scalars).fetchone()
    return None if row is None else shapes.credit_grant_of(row[0])


Held = Sequence[tuple[Subscription, UUID]]


def _subscriptions(rows: Sequence[tuple[Any, ...]]) -> tuple[Held, Held]:
    """The subscriptions that stand on the invoice, and those that it is for: mostly the same."""
    held = [
        (stands, is_for, (shapes.subscription_of(s), proof_id)) for stands, s, proof_id, is_for, _ in rows
    ]
    return [x for stands, _, x in held if stands], [x for _, is_for, x in held if is_for]


def _only(rows: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    (row,) = rows
    return row


def received_of(row: Sequence[Any]) -> Received:
    payment_id, amount, refunded, refundable, charged_back, disputed, provider = row
    return Received(
        id=payment_id,
        amount=amount,
        refunded=refunded,
        refundable=refundable,
        charged_back=charged_back,
        disputed=disputed,
        provider=provider,
    )
