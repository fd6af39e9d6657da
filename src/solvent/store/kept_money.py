"""Kept money: what giving back a payment that was kept as account credit looks at, locked.

Owns the read behind `core.credit_refund.KeptMoney`, in the order of locks that everybody keeps: account, invoice,
credit. Does not own the judgement, nor the rows of refunds and of credit (`writing`, `credit_grants`).
"""

from uuid import UUID

from psycopg import Connection

from solvent.core.credit_refund import KeptMoney
from solvent.store import claims, shapes

_WHOSE = "select account_id, currency, invoice_id from payment where bucket = %(bucket)s and id = %(payment)s"
_PAYMENT = f"select {claims.RECEIVED} from payment p where p.bucket = %(bucket)s and p.id = %(payment)s"

# Money that was kept, and nothing else, came of payments.
_KEPT = f"""
select {shapes.CREDIT_GRANT}::text from credit_grant c
where c.bucket = %(bucket)s and c.account_id = %(account)s and c.currency = %(currency)s and c.kind = 'returned'
  and c.remaining > 0 order by c.id for no key update of c"""

_UNSENT = """
select r.id, r.amount from refund r
where r.bucket = %(bucket)s and r.payment_id = %(payment)s and r.state in ('failed', 'returned')
  and not exists (select from refund t where t.bucket = r.bucket and t.retry_of = r.id)"""
_GONE = """
select coalesce(sum(r.amount), 0)::bigint from refund r
where r.bucket = %(bucket)s and r.payment_id = %(payment)s and r.state not in ('failed', 'returned')"""


def hold(connection: Connection, bucket: int, payment_id: UUID, key: str) -> KeptMoney | None:
    """Lock and read a payment's account, the invoice that it paid and the credit that is kept; None when there is no
    such payment."""
    scalars: dict[str, object] = {"bucket": bucket, "payment": payment_id, "key": key}
    whose = connection.execute(_WHOSE, scalars, binary=True).fetchone()
    if whose is None:
        return None
    scalars["account"], scalars["currency"], invoice_id = whose
    account = connection.execute(claims.ACCOUNT_ALONE, scalars, binary=True).fetchone()
    assert account is not None, f"payment {payment_id} belongs to no account"
    claim = None if invoice_id is None else claims.hold(connection, bucket, invoice_id, None, None)
    payment = connection.execute(_PAYMENT, scalars).fetchone()
    assert payment is not None, f"payment {payment_id} is there"
    received = claims.received_of(payment)
    gone = connection.execute(_GONE, scalars).fetchone()
    assert gone is not None, "a sum has a row"
    return KeptMoney(
        account=shapes.account_of(account),
        payment=received,
        currency=whose[1],
        paying=0 if claim is None else min(received.left, claim.money),
        grants=[shapes.credit_grant_of(row[0]) for row in connection.execute(_KEPT, scalars).fetchall()],
        unsent=dict(connection.execute(_UNSENT, scalars).fetchall()),
        gone=gone[0] + received.charged_back,
        known=connection.execute(claims.KNOWN, scalars).fetchone(),
    )
