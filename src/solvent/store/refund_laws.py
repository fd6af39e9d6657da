"""Refund laws: what must be true of money on its way back, one query and one count each.

Owns these predicates of L3, L4 and L9. Does not own how refunds, payments and disputes sum up (`dispute_laws`, `laws`).
"""

from collections.abc import Sequence

from solvent.store.law import Law

REFUND_LAWS: Sequence[Law] = (
    Law(
        law="L3",
        says="a refund that was refused, or came back, is account credit or was asked for once more, to the cent",
        query="""
        select count(*) from refund r
        where r.state in ('failed', 'returned')
          and (select count(*) from refund t where t.bucket = r.bucket and t.retry_of = r.id and t.key is null)
            + (select count(*) from credit_grant c
               where c.bucket = r.bucket and c.id = r.id
                 and (c.account_id, c.kind, c.currency, c.amount)
                     = (r.account_id, 'returned', r.currency, r.amount)) <> 1""",
    ),
    Law(
        law="L3",
        says="only a refund that came back is asked for once more by itself, and once; out of credit any that failed",
        query="""
        select count(*) from refund t join refund r on r.bucket = t.bucket and r.id = t.retry_of
        where r.account_id <> t.account_id
           or (t.key is null and (r.state <> 'returned' or r.retry_of is not null))
           or (t.key is not null and r.state not in ('failed', 'returned'))""",
    ),
    Law(
        law="L4",
        says="what the ledger holds as payable by refunds is the sum of those that are under way",
        query="""
        select count(*) from (
            select account_id, currency from (
                select account_id, currency, amount from posting where credit = 'refunds_payable'
                union all select account_id, currency, -amount from posting where debit = 'refunds_payable'
                union all select account_id, currency, -amount from refund where state in ('due', 'processing')
            ) moves group by account_id, currency having sum(amount) <> 0) wrong""",
    ),
    Law(
        law="L4",
        says="what went back as money out of account credit is the refunds that were asked for of it",
        query="""
        select count(*) from (
            select account_id, currency from (
                select account_id, currency, amount from posting
                where debit = 'customer_credit' and credit = 'refunds_payable'
                union all select account_id, currency, -amount from refund where key is not null
            ) moves group by account_id, currency having sum(amount) <> 0) wrong""",
    ),
    Law(
        law="L9",
        says="every refund out of account credit has been told, exactly once",
        query="""
        select count(*) from refund r where r.key is not null and 1 <>
            (select count(*) from event e where e.bucket = r.bucket and e.account_id = r.account_id
               and e.type = 'credit.refunded' and (e.data->>'refund_id')::uuid = r.id)""",
    ),
)
