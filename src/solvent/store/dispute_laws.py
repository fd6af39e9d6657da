"""Dispute laws: what must be true of disputes and of what they took, one query and one count each.

Owns these predicates of L1–L4, L7 and L9. Does not own the others, of which some count disputes too (`laws`).
"""

from collections.abc import Sequence

from solvent.store.law import Law

DISPUTE_LAWS: Sequence[Law] = (
    Law(
        law="L1",
        says="a dispute belongs to the account, the provider and the currency of its payment",
        query="""
        select count(*) from dispute d left join payment p on p.bucket = d.bucket and p.id = d.payment_id
        where (p.account_id, p.provider, p.ref, p.currency)
              is distinct from (d.account_id, d.provider, d.payment_ref, d.currency)""",
    ),
    Law(
        law="L1",
        says="what a lost dispute took is of its own payments, and sums to what it says",
        query="""
        select (select count(*) from dispute d
                where (d.to_debt, d.from_credit) <> (
                    select coalesce(sum(c.to_debt), 0), coalesce(sum(c.from_credit), 0) from chargeback c
                    where c.bucket = d.bucket and c.dispute_id = d.id))
             + (select count(*) from chargeback c
                join dispute d on d.bucket = c.bucket and d.id = c.dispute_id
                join payment p on p.bucket = c.bucket and p.id = c.payment_id
                where (p.account_id, p.provider, p.ref) <> (c.account_id, d.provider, d.payment_ref)
                   or d.account_id <> c.account_id)""",
    ),
    Law(
        law="L2",
        says="an invoice is charged anew only after a payment of it was charged back",
        query="""
        select count(*) from payment p join invoice i on i.bucket = p.bucket and i.id = p.invoice_id
        where p.of_debt > i.reopened + 1""",
    ),
    Law(
        law="L3",
        says="refunds of a payment and what lost disputes took of it are never more than it",
        query="""
        select count(*) from payment p
        where p.amount < (select coalesce(sum(r.amount), 0) from refund r
                          where r.bucket = p.bucket and r.payment_id = p.id
                            and r.state not in ('failed', 'returned'))
                       + (select coalesce(sum(c.to_debt + c.from_credit), 0)
                          from chargeback c join dispute d on d.bucket = c.bucket and d.id = c.dispute_id
                          where c.bucket = p.bucket and c.payment_id = p.id and d.state in ('lost', 'accepted'))""",
    ),
    Law(
        law="L4",
        says="what the ledger holds as disputed is the sum of the open disputes",
        query="""
        select count(*) from (
            select account_id, currency from (
                select account_id, currency, amount from posting where debit = 'disputes'
                union all select account_id, currency, -amount from posting where credit = 'disputes'
                union all select account_id, currency, -amount from dispute
                          where state in ('needs_response', 'under_review')
            ) moves group by account_id, currency having sum(amount) <> 0) wrong""",
    ),
    Law(
        law="L4",
        says="losses and fees of disputes in the ledger are those of the disputes",
        query="""
        select count(*) from (
            select account_id, currency, name from (
                select account_id, currency, debit as name, amount from posting
                where debit in ('dispute_losses', 'dispute_fees')
                union all select account_id, currency, credit, -amount from posting
                where credit in ('dispute_losses', 'dispute_fees')
                union all select account_id, currency, 'dispute_losses', -written_off from dispute
                where state in ('lost', 'accepted')
                union all select account_id, fee_currency, 'dispute_fees', -fee from dispute
            ) moves group by account_id, currency, name having sum(amount) <> 0) wrong""",
    ),
    Law(
        law="L4",
        says="what lost disputes took of account credit is what grants were charged back for it",
        query="""
        select count(*) from (
            select cause_id from (
                select bucket, cause_id, from_credit as amount from chargeback
                union all select bucket, cause_id, -amount from credit_use where kind = 'charged_back'
            ) moves group by bucket, cause_id having sum(amount) <> 0) wrong""",
    ),
    Law(
        law="L7",
        says="what is charged back of every invoice is what lost disputes took of its payments",
        query="""
        select count(*) from invoice i
        left join (select c.bucket, p.invoice_id, sum(c.to_debt) as amount, count(*) as times
                   from chargeback c join payment p on p.bucket = c.bucket and p.id = c.payment_id
                   where c.to_debt > 0 group by c.bucket, p.invoice_id) d
            on d.bucket = i.bucket and d.invoice_id = i.id
        where (i.charged_back, i.reopened) <> (coalesce(d.amount, 0), coalesce(d.times, 0))""",
    ),
    Law(
        law="L9",
        says="every dispute is told as opened, and as lost or won when it is, exactly once",
        query="""
        select count(*) from dispute d cross join lateral (
            select count(*) filter (where e.type = 'dispute.opened') as opened,
                   count(*) filter (where e.type = 'dispute.lost') as lost,
                   count(*) filter (where e.type = 'dispute.won') as won
            from event e where e.bucket = d.bucket and e.account_id = d.account_id
              and e.type in ('dispute.opened', 'dispute.lost', 'dispute.won')
              and (e.data->>'dispute_id')::uuid = d.id) told
        where (told.opened, told.lost, told.won)
              <> (1, (d.lost_at is not null)::int, (d.state in ('won', 'withdrawn'))::int)""",
    ),
)
