"""Laws: what must be true of the database at any moment, one query and one count each.

Owns the predicates of L1–L5 and L7–L9 as SQL over the whole database; the same ones run in `solvent check`, in the
simulator and in tests. Does not own L6 and L10 (pure functions over snapshots) nor L11 (a property of the code).
Each query returns the number of violations.
"""

from collections.abc import Sequence
from datetime import datetime

from psycopg import Connection

from solvent.store.charged_laws import CHARGED_LAWS
from solvent.store.claims import OF_INVOICE
from solvent.store.credit_laws import CREDIT_LAWS
from solvent.store.deferrals import LINES
from solvent.store.dispute_laws import DISPUTE_LAWS
from solvent.store.dunning_laws import DUNNING_LAWS
from solvent.store.fee_laws import FEE_LAWS
from solvent.store.item_laws import ITEM_LAWS
from solvent.store.law import Law
from solvent.store.message_laws import MESSAGE_LAWS
from solvent.store.refund_laws import REFUND_LAWS
from solvent.store.usage_laws import USAGE_LAWS

__all__ = ["LAWS", "STATEMENT_TIMEOUT_S", "Law", "violations"]

STATEMENT_TIMEOUT_S = 3_600  # of one predicate


LAWS: Sequence[Law] = (
    Law(
        law="L1",
        says="every subscription, entitlement and invoice stands on a recorded proof",
        query="""
        select count(*) from (
            select proof_id, bucket, account_id from subscription
            union all select proof_id, bucket, account_id from entitlement
            union all select proof_id, bucket, account_id from invoice
            union all select paid_proof_id, bucket, account_id from invoice where state = 'paid'
        ) fact
        where not exists (
            select from proof p
            where p.bucket = fact.bucket and p.id = fact.proof_id and p.account_id = fact.account_id)""",
    ),
    Law(
        law="L1",
        says="every proof of payment names money that arrived, in its amount and currency",
        query="""
        select count(*) from proof p
        left join payment m on m.bucket = p.bucket and m.id = p.payment_id
        where p.kind = 'payment'
          and (m.id is null or m.disposition <> 'applied' or m.amount < p.amount or m.currency <> p.currency)""",
    ),
    Law(
        law="L1",
        says="what hangs together belongs to one account",
        query="""
        select (select count(*) from payment c left join attempt p on p.bucket = c.bucket and p.id = c.attempt_id
                where c.attempt_id is not null and p.account_id is distinct from c.account_id)
             + (select count(*) from proof c left join attempt p on p.bucket = c.bucket and p.id = c.attempt_id
                where c.attempt_id is not null and p.account_id is distinct from c.account_id)
             + (select count(*) from proof c join payment p on p.bucket = c.bucket and p.id = c.payment_id
                where (p.account_id, p.attempt_id) is distinct from (c.account_id, c.attempt_id))
             + (select count(*) from item c left join subscription p on p.bucket = c.bucket and p.id = c.subscription_id
                where p.account_id is distinct from c.account_id)
             + (select count(*) from entitlement c left join item p on p.bucket = c.bucket and p.id = c.item_id
                where (p.account_id, p.subscription_id) is distinct from (c.account_id, c.subscription_id))
             + (select count(*) from invoice c left join subscription p on p.bucket = c.bucket
                  and p.id = c.subscription_id
                where c.subscription_id is not null and p.account_id is distinct from c.account_id)
             + (select count(*) from credit_note c left join invoice p on p.bucket = c.bucket and p.id = c.invoice_id
                where (p.account_id, p.currency) is distinct from (c.account_id, c.currency))
             + (select count(*) from refund c left join payment p on p.bucket = c.bucket and p.id = c.payment_id
                where p.account_id is distinct from c.account_id)
             + (select count(*) from credit_use c join credit_grant p on p.bucket = c.bucket and p.id = c.grant_id
                where p.account_id <> c.account_id)""",
    ),
    Law(
        law="L2",
        says="a draft is issued by one attempt of its account, which is in flight or has committed",
        query="""
        select count(*) from invoice_draft d left join attempt t on t.bucket = d.bucket and t.id = d.attempt_id
        where d.state = 'issued'
          and (t.account_id is distinct from d.account_id or t.claim <> 'fin:' || d.id
               or t.state in ('failed', 'returned'))""",
    ),
    Law(
        law="L2",
        says="a plan commits at most once, and a committed attempt has its proof",
        query="""
        select count(*) from attempt a
        where a.state = 'committed'
          and (select count(*) from proof p
               where p.bucket = a.bucket and p.attempt_id = a.id and p.of_plan) <> 1""",
    ),
    Law(
        law="L2",
        says="a debt is charged at most once",
        query="""
        select count(*) from (
            select from payment where disposition = 'applied' and attempt_id is not null
            group by bucket, invoice_id, of_debt having count(*) > 1) twice""",
    ),
    Law(
        law="L2",
        says="no coupon is redeemed more often than its limits say",
        query="""
        select (select count(*) from (
                    select from coupon_redemption r join coupon c on c.id = r.coupon_id
                    group by c.id having count(distinct r.attempt_id) > c.redemptions_max) too_often)
             + (select count(*) from (
                    select from coupon_redemption r join coupon c on c.id = r.coupon_id
                    group by c.id, r.account_id having count(distinct r.attempt_id) > c.per_account_max) too_often)""",
    ),
    Law(
        law="L2",
        says="every redemption of a limited coupon has its seats, and their tallies count the seats",
        query="""
        select (select count(*) from coupon_redemption r join coupon c on c.id = r.coupon_id
                where (c.redemptions_max is not null and not exists (
                           select from coupon_seat s where s.attempt_id = r.attempt_id and s.holder = '*:' || r.code))
                   or (c.per_account_max is not null and not exists (
                           select from coupon_seat s where s.bucket = r.bucket and s.attempt_id = r.attempt_id
                              and s.holder = replace(r.account_id::text, '-', '') || ':' || r.code)))
             + (select count(*) from coupon_tally t
                where t.taken <> (select count(*) from coupon_seat s
                                  where s.bucket = t.bucket and s.holder = t.holder))""",
    ),
    Law(
        law="L7",
        says="the coupons of every subscription are its redemptions that are not over",
        query="""
        select count(*) from (
            select from (
                select s.bucket, s.id, (c->>'redemption_id')::uuid as redemption_id, 1 as n
                from subscription s, json_array_elements(s.coupons) c where not (c->>'removed')::boolean
                union all select r.bucket, r.subscription_id, r.id, -1 from coupon_redemption r where r.ended_at is null
            ) either group by bucket, id, redemption_id having sum(n) <> 0) wrong""",
    ),
    Law(
        law="L7",
        says="every discount comes from a coupon that the account redeemed",
        query="""
        select count(*) from invoice_line l join invoice i on i.bucket = l.bucket and i.id = l.invoice_id
        where l.kind = 'discount' and not exists (
            select from coupon_redemption r
            where r.bucket = i.bucket and r.account_id = i.account_id and r.coupon_id = l.coupon_id
              and r.subscription_id is not distinct from
                  (select t.subscription_id from item t where t.bucket = l.bucket and t.id = l.item_id))""",
    ),
    Law(
        law="L3",
        says="every payment is used by exactly one proof, or returned as credit or refund",
        query="""
        select count(*) from payment m
        where case m.disposition
            when 'applied' then (select count(*) from proof p
                                 where p.bucket = m.bucket and p.payment_id = m.id) <> 1
            when 'refunded' then not exists (select from refund r
                                             where r.bucket = m.bucket and r.payment_id = m.id)
            else not exists (select from posting g
                             where g.bucket = m.bucket and g.cause_id = m.id
                               and g.credit = 'customer_credit' and g.amount = m.amount) end""",
    ),
    Law(
        law="L3",
        says="money that pays several debts is recorded in parts without a gap, all of one attempt",
        query="""
        select count(*) from (
            select from payment where disposition = 'applied'
            group by bucket, account_id, provider, ref
            having max(part) <> count(*) or min(part) <> 1 or count(distinct attempt_id) > 1) torn""",
    ),
    Law(
        law="L4",
        says="cash in the ledger equals the payments received less refunds, what disputes took, and fees",
        query="""
        select count(*) from (
            select account_id, currency, sum(amount) as amount from (
                select account_id, currency, amount from posting where starts_with(debit, 'cash:')
                union all select account_id, currency, -amount from posting where starts_with(credit, 'cash:')
                union all select account_id, currency, -amount from payment
                union all select account_id, currency, amount from refund where state = 'succeeded'
                union all select account_id, currency, amount from dispute
                          where state in ('needs_response', 'under_review', 'lost', 'accepted')
                union all select account_id, fee_currency, fee from dispute
                union all select account_id, currency, amount from provider_fee
            ) moves group by account_id, currency having sum(amount) <> 0) wrong""",
    ),
    *CREDIT_LAWS,
    Law(
        law="L4",
        says="every posting is in the books of an account",
        query="""
        select count(*) from posting g
        where not exists (select from account a where a.bucket = g.bucket and a.id = g.account_id)""",
    ),
    Law(
        law="L4",
        says="what is recognised and what is still deferred are the lines in advance, document by document",
        query=f"""
        select count(*) from (
            select bucket, document, currency from (
                select bucket, coalesce(invoice_id, cause_id) as document, currency, amount
                from posting where credit = 'deferred_revenue'
                union all select bucket, coalesce(invoice_id, cause_id), currency, -amount
                from posting where debit = 'deferred_revenue'
                union all select bucket, cause_id, currency, -amount from {LINES} line
            ) moves group by bucket, document, currency having sum(amount) <> 0) wrong""",
    ),
    Law(
        law="L5",
        says="no notification waits, and no attempt is overdue for a look, for more than an hour",
        query="""
        select (select count(*) from inbox
                where look_at < %(now)s - interval '1 hour' and received_at < %(now)s - interval '1 hour')
             + (select count(*) from attempt a join account c on c.bucket = a.bucket and c.id = a.account_id
                where a.look_at < coalesce(c.test_now, %(now)s) - interval '1 hour')""",
    ),
    Law(
        law="L5",
        says="nothing is put off because it cannot be read, planned or settled",
        query="""
        select (select count(*) from subscription where stuck_until is not null)
             + (select count(*) from attempt where stuck_reason is not null and look_at is not null)
             + (select count(*) from usage_mark where stuck_reason is not null)
             + (select count(*) from inbox where state <> 'done' and starts_with(reason, 'cannot be settled'))""",
    ),
    Law(
        law="L7",
        says="the lines of every invoice sum to its total, and their tax to its tax",
        query="""
        select count(*) from invoice i
        where (i.total, i.tax) <> (select coalesce(sum(l.amount + case when l.inclusive then 0 else l.tax end), 0),
                                          coalesce(sum(l.tax), 0) from invoice_line l
                                   where l.bucket = i.bucket and l.invoice_id = i.id)""",
    ),
    Law(
        law="L7",
        says="the taxes of every invoice line sum to its tax",
        query="""
        select count(*) from invoice_line l
        where l.taxes is not null
          and l.tax <> (select sum((t->>'amount')::bigint) from json_array_elements(l.taxes) t)""",
    ),
    Law(
        law="L7",
        says="the taxes of every credit note's line sum to its tax, and all that was credited of a line to its taxes",
        query="""
        select (select count(*) from credit_note_line n
                where n.taxes is not null
                  and n.tax <> (select sum((t->>'amount')::bigint) from json_array_elements(n.taxes) t))
             + (select count(*) from (
                    select n.bucket, n.invoice_id, n.position, t.at, sum((t.tax->>'amount')::bigint) as amount,
                           sum((t.tax->>'base')::bigint) as base
                    from credit_note_line n, json_array_elements(n.taxes) with ordinality t(tax, at)
                    group by n.bucket, n.invoice_id, n.position, t.at) n
                join invoice_line l on l.bucket = n.bucket and l.invoice_id = n.invoice_id
                                   and l.position = n.position
                where n.base = (l.taxes->(n.at::integer - 1)->>'base')::bigint
                  and n.amount <> (l.taxes->(n.at::integer - 1)->>'amount')::bigint)""",
    ),
    Law(
        law="L7",
        says="the tax of every invoice, less that of its credit notes, is what the ledger says is payable for it",
        query="""
        select count(*) from invoice i
        where i.tax - (select coalesce(sum(n.tax), 0) from credit_note_line n
                       where n.bucket = i.bucket and n.invoice_id = i.id)
              <> (select coalesce(sum(case when g.credit = 'tax_payable' then g.amount else -g.amount end), 0)
                        from posting g
                        where g.bucket = i.bucket and g.account_id = i.account_id and g.invoice_id = i.id
                          and 'tax_payable' in (g.debit, g.credit))""",
    ),
    Law(
        law="L7",
        says="the debt of every invoice is what the ledger says is receivable on it, or was given up of it",
        query="""
        select count(*) from invoice i cross join lateral (
            select coalesce(sum(case when g.debit = 'receivable' then g.amount
                                     when g.credit = 'receivable' then -g.amount else 0 end), 0) as receivable,
                   coalesce(sum(case when g.debit = 'bad_debt' then g.amount
                                     when g.credit = 'bad_debt' then -g.amount else 0 end), 0) as given_up
            from posting g
            where g.bucket = i.bucket and g.account_id = i.account_id and g.invoice_id = i.id) owed
        where (owed.receivable, owed.given_up) is distinct from
              (case i.state when 'uncollectible' then 0 else i.debt end,
               case i.state when 'uncollectible' then i.debt else 0 end)""",
    ),
    Law(
        law="L7",
        says="what is credited of an invoice is the sum of its credit notes, and that of their lines",
        query="""
        select count(*) from invoice i
        left join (select bucket, invoice_id, sum(amount) as amount from credit_note
                   group by bucket, invoice_id) c on c.bucket = i.bucket and c.invoice_id = i.id
        left join (select bucket, invoice_id, sum(amount) as amount from credit_note_line
                   group by bucket, invoice_id) l on l.bucket = i.bucket and l.invoice_id = i.id
        where (coalesce(c.amount, 0), coalesce(l.amount, 0)) <> (i.credited, i.credited)""",
    ),
    Law(
        law="L7",
        says="no line of an invoice is credited beyond what it charged, nor beyond its tax",
        query="""
        select count(*) from (
            select n.bucket, n.invoice_id, n.position, sum(n.amount) as amount, sum(n.tax) as tax
            from credit_note_line n
            group by n.bucket, n.invoice_id, n.position) n
        join (select *, amount + case when inclusive then 0 else tax end as gross from invoice_line) l
            on l.bucket = n.bucket and l.invoice_id = n.invoice_id and l.position = n.position
        where not n.amount between least(l.gross, 0) and greatest(l.gross, 0)
           or not n.tax between least(l.tax, 0) and greatest(l.tax, 0)
           or (n.amount = l.gross and n.tax <> l.tax)""",
    ),
    Law(
        law="L7",
        says="what is paid on an invoice is what its payments and used credit brought, less what was given back",
        query="""
        select count(*) from invoice i
        where i.paid <> (select coalesce(sum(case
                             when g.credit in ('receivable', 'bad_debt')
                                  and (g.debit in ('customer_credit', 'prepaid_credit', 'promised_credit')
                                       or starts_with(g.debit, 'cash:')) then g.amount
                             when g.debit = 'receivable'
                                  and g.credit in ('refunds_payable', 'customer_credit', 'promised_credit')
                                  then -g.amount
                             when g.credit = 'disputes' then -g.amount
                             when g.debit = 'disputes' then g.amount
                             else 0 end), 0)
                         from posting g
                         where g.bucket = i.bucket and g.account_id = i.account_id and g.invoice_id = i.id)""",
    ),
    Law(
        law="L7",
        says="what was billed of every usage period is on invoices, less the credit notes for what was billed too much",
        query="""
        select count(*) from (
            select from (
                select bucket, item_id, starts_at, billed_amount as amount from usage_period
                union all select bucket, item_id, period_start, -amount from invoice_line where kind = 'usage'
                union all
                select l.bucket, l.item_id, l.period_start, n.amount - case when l.inclusive then 0 else n.tax end
                from credit_note c join credit_note_line n on n.bucket = c.bucket and n.credit_note_id = c.id
                join invoice_line l on l.bucket = n.bucket and l.invoice_id = n.invoice_id and l.position = n.position
                where c.of_usage
            ) part group by bucket, item_id, starts_at having sum(amount) <> 0) wrong""",
    ),
    Law(
        law="L7",
        says="an event counts in one usage period at most: no two of a meter and object overlap",
        query="""
        select count(*) from usage_period p join usage_period q
          on q.bucket = p.bucket and q.account_id = p.account_id and q.meter = p.meter and q.object = p.object
         and (q.item_id, q.starts_at) > (p.item_id, p.starts_at)
         and q.starts_at < p.ends_at and p.starts_at < q.ends_at""",
    ),
    Law(
        law="L3",
        says="what credit notes give back is refunded or credited, to the cent",
        query="""
        select count(*) from credit_note n
        where n.to_refund <> (select coalesce(sum(r.amount), 0) from refund r
                              where r.bucket = n.bucket and r.credit_note_id = n.id)
           or n.to_credit <> (select coalesce(sum(g.amount), 0) from posting g
                              where g.bucket = n.bucket and g.cause_id = n.id
                                and g.credit in ('customer_credit', 'promised_credit'))""",
    ),
    Law(
        law="L8",
        says="an ended subscription has no live item and no entitlement",
        query="""
        select (select count(*) from item t join subscription s on s.bucket = t.bucket and s.id = t.subscription_id
                where s.state = 'ended' and t.ended_at is null)
             + (select count(*) from entitlement e
                join subscription s on s.bucket = e.bucket and s.id = e.subscription_id
                where s.state = 'ended')""",
    ),
    Law(
        law="L8",
        says="the subscriptions of an invoice that was given up have ended",
        query=f"""
        select count(*) from invoice i join ({OF_INVOICE}) o on o.bucket = i.bucket and o.invoice_id = i.id
        join subscription s on s.bucket = o.bucket and s.id = o.subscription_id
        where i.given_up_at is not null and s.state <> 'ended'""",
    ),
    Law(
        law="L8",
        says="grace stands on an invoice that is still open, and is lifted with it",
        query="""
        select count(*) from subscription s
        left join invoice i on i.bucket = s.bucket and i.id = s.grace_invoice
        where s.grace_invoice is not null and (i.id is null or i.state <> 'open')""",
    ),
    Law(
        law="L9",
        says="events of every bucket are numbered without a gap up to its head",
        query="""
        select count(*) from event_head h
        left join (select bucket, count(*) as n, max(seq) as last from event group by bucket) e using (bucket)
        where coalesce(e.n, 0) <> h.last or coalesce(e.last, 0) <> h.last""",
    ),
    Law(
        law="L9",
        says="every settled invoice, credit note, stranded payment and redemption has been told, exactly once",
        query="""
        select (select count(*) from invoice i where 1 <>
                   (select count(*) from event e where e.bucket = i.bucket and e.account_id = i.account_id
                      and e.type = 'invoice.paid' and (e.data->>'invoice_id')::uuid = i.id)
                   and i.state = 'paid')
             + (select count(*) from payment m where m.disposition <> 'applied' and 1 <>
                   (select count(*) from event e where e.bucket = m.bucket and e.account_id = m.account_id
                      and e.type = 'payment.stranded' and (e.data->>'payment_id')::uuid = m.id))
             + (select count(*) from invoice i where (i.state = 'resolved')::int <>
                   (select count(*) filter (where e.type = 'invoice.resolved')
                         - count(*) filter (where e.type = 'invoice.reopened' and e.data->>'before' = 'resolved')
                    from event e where e.bucket = i.bucket and e.account_id = i.account_id
                      and e.type in ('invoice.resolved', 'invoice.reopened')
                      and (e.data->>'invoice_id')::uuid = i.id)
                   and (i.state = 'resolved' or i.reopened > 0))
             + (select count(*) from invoice i where i.given_up_at is not null and 1 <>
                   (select count(*) from event e where e.bucket = i.bucket and e.account_id = i.account_id
                      and e.type = 'invoice.uncollectible' and (e.data->>'invoice_id')::uuid = i.id))
             + (select count(*) from credit_note n where 1 <>
                   (select count(*) from event e where e.bucket = n.bucket and e.account_id = n.account_id
                      and e.type = 'credit_note.issued' and (e.data->>'credit_note_id')::uuid = n.id))
             + (select count(*) from coupon_redemption r where 1 <>
                   (select count(*) from event e where e.bucket = r.bucket and e.account_id = r.account_id
                      and e.type = 'coupon.redeemed' and (e.data->>'redemption_id')::uuid = r.id))""",
    ),
    Law(
        law="L9",
        says="numbers of every series, of invoices and of credit notes, have no gap",
        query="""
        select count(*) from invoice_series s
        left join (select bucket, series, count(*) as n, max(number) as last
                   from (select bucket, series, number from invoice
                         union all select bucket, series, number from credit_note) document
                   group by bucket, series) i using (bucket, series)
        where coalesce(i.n, 0) <> s.last or coalesce(i.last, 0) <> s.last""",
    ),
    *CHARGED_LAWS,
    *DISPUTE_LAWS,
    *DUNNING_LAWS,
    *FEE_LAWS,
    *REFUND_LAWS,
    *USAGE_LAWS,
    *ITEM_LAWS,
    *MESSAGE_LAWS,
)


# Each reads whole tables: of a million accounts that takes longer than whoever waits for an answer may be kept, and
# processes that help are worth their start.
_WHOLE_TABLES = f"""
select set_config('statement_timeout', '{STATEMENT_TIMEOUT_S}s', true),
       set_config('max_parallel_workers_per_gather', reset_val, true)
from pg_settings where name = 'max_parallel_workers_per_gather'"""


def violations(connection: Connection, now: datetime) -> list[tuple[Law, int]]:
    """The number of violations of every predicate at `now` (UTC), in one repeatable read."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        connection.execute(_WHOLE_TABLES)
        return [(law, _count(connection, law, now)) for law in LAWS]


def _count(connection: Connection, law: Law, now: datetime) -> int:
    row = connection.execute(law.query, {"now": now}).fetchone()
    return int(row[0]) if row is not None else 0
