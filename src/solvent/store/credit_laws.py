"""Credit laws: what must be true of account credit at any moment, one query and one count each.

Owns the predicates over grants of credit and their uses. Does not own those of anything else (`laws`, which has these
among them).
"""

from collections.abc import Sequence

from solvent.store.law import Law

CREDIT_LAWS: Sequence[Law] = (
    Law(
        law="L4",
        says="account credit in the ledger, by account, currency and kind, is what is left of the grants",
        query="""
        select count(*) from (
            select account_id, currency, book, sum(amount) from (
                select account_id, currency, credit as book, amount from posting
                where credit in ('customer_credit', 'prepaid_credit', 'promised_credit')
                union all select account_id, currency, debit, -amount from posting
                where debit in ('customer_credit', 'prepaid_credit', 'promised_credit')
                union all select account_id, currency, case kind when 'returned' then 'customer_credit'
                    when 'prepaid' then 'prepaid_credit' else 'promised_credit' end, -remaining from credit_grant
            ) moves group by account_id, currency, book having sum(amount) <> 0) wrong""",
    ),
    Law(
        law="L4",
        says="what is left of a grant of credit is what it was, less its uses",
        query="""
        select count(*) from credit_grant g
        where g.amount - g.remaining <> (select coalesce(sum(u.amount), 0) from credit_use u
                                         where u.bucket = g.bucket and u.grant_id = g.id)""",
    ),
    Law(
        law="L7",
        says="what credit paid of an invoice is what the ledger says, no line more than it charged",
        query="""
        select (select count(*) from (
                    select bucket, invoice_id, sum(amount) from (
                        select bucket, invoice_id, amount from credit_use where kind = 'invoice'
                        union all select bucket, invoice_id, -amount from posting
                        where debit in ('customer_credit', 'prepaid_credit', 'promised_credit')
                          and credit in ('receivable', 'bad_debt')
                    ) moves group by bucket, invoice_id having sum(amount) <> 0) wrong)
             + (select count(*) from (
                    select bucket, invoice_id, line, sum(amount) as amount from credit_use where kind = 'invoice'
                    group by bucket, invoice_id, line) used
                left join invoice_line l on l.bucket = used.bucket and l.invoice_id = used.invoice_id
                    and l.position = used.line
                where l.position is null
                   or used.amount > l.amount + case when l.inclusive then 0 else l.tax end)""",
    ),
    Law(
        law="L4",
        says="credit whose purchase is owed again after a dispute has nothing left to spend",
        query="""
        select count(*) from credit_grant g join payment p on p.bucket = g.bucket and p.invoice_id = g.invoice_id
        join chargeback c on c.bucket = p.bucket and c.payment_id = p.id
        where g.kind = 'prepaid' and g.remaining > 0 and c.to_debt > 0""",
    ),
    Law(
        law="L4",
        says="no more of given credit has come back than was used of it",
        query="""
        select count(*) from (select bucket, returns, sum(amount) as amount from credit_grant
                              where returns is not null group by bucket, returns) b
        where b.amount > (select coalesce(sum(u.amount), 0) from credit_use u
                          where u.bucket = b.bucket and u.grant_id = b.returns and u.kind = 'invoice')""",
    ),
    Law(
        law="L4",
        says="given credit never becomes money: of no invoice more money came back than had come for it",
        query="""
        select count(*) from (
            select from posting g where g.invoice_id is not null group by g.bucket, g.invoice_id
            having sum(case
                when g.credit in ('receivable', 'bad_debt')
                     and (g.debit in ('customer_credit', 'prepaid_credit') or starts_with(g.debit, 'cash:'))
                     then g.amount
                when g.debit = 'receivable' and g.credit in ('refunds_payable', 'customer_credit') then -g.amount
                when g.credit = 'disputes' then -g.amount
                when g.debit = 'disputes' then g.amount
                else 0 end) < 0) made""",
    ),
    Law(
        law="L9",
        says="every grant of credit, what expired and what was voided of it has been told, exactly once",
        query="""
        select (select count(*) from credit_grant g where 1 <>
                   (select count(*) from event e where e.bucket = g.bucket and e.account_id = g.account_id
                      and e.type = 'credit.granted' and (e.data->>'grant_id')::uuid = g.id))
             + (select count(*) from credit_use u where u.kind in ('expired', 'voided') and 1 <>
                   (select count(*) from event e where e.bucket = u.bucket and e.account_id = u.account_id
                      and e.type = 'credit.' || u.kind and (e.data->>'grant_id')::uuid = u.grant_id))""",
    ),
    Law(
        law="L4",
        says="no grant of credit has paid for a product that it excludes",
        query="""
        select count(*) from credit_use u
        join credit_grant g on g.bucket = u.bucket and g.id = u.grant_id and g.excludes <> '[]'
        join invoice_line l on l.bucket = u.bucket and l.invoice_id = u.invoice_id and l.position = u.line
        join price p on p.id = l.price_id
        where g.excludes ? p.product_id""",
    ),
)
