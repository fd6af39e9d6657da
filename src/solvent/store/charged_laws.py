"""Charged laws: what must be true of time that was charged in advance, one query and one count each.

Owns the predicates that bound what exchanges and credit notes take of it. Does not own those of single documents
(`laws`, which has these among them).
"""

from collections.abc import Sequence
from typing import LiteralString

from solvent.store.law import Law

# Lines in advance and what credit notes took of them, by item and by the end of the time that the line charged.
_PARTS: LiteralString = """
    select l.bucket, l.item_id, l.period_end, l.invoice_id,
           l.amount + case when l.inclusive then 0 else l.tax end as amount
    from invoice_line l
    where l.item_id is not null and l.period_start is not null and l.kind <> 'usage'
    union all
    select l.bucket, l.item_id, l.period_end, l.invoice_id, -n.amount
    from credit_note_line n
    join invoice_line l on l.bucket = n.bucket and l.invoice_id = n.invoice_id and l.position = n.position
    where l.item_id is not null and l.period_start is not null and l.kind <> 'usage'"""

CHARGED_LAWS: Sequence[Law] = (
    # Times of an item that one invoice has lines for hang together: what an exchange took of one pays for the other.
    Law(
        law="L7",
        says="changes, cancellations and credit notes take no more of an item's time than was charged for it",
        query=f"""
        select count(*) from (
            select from (
                select bucket, item_id, amount,
                       sum((not linked)::int) over (partition by bucket, item_id order by period_end) as chain
                from (
                    select bucket, item_id, period_end, sum(amount) as amount, bool_or(since < period_end) as linked
                    from (
                        select *, min(period_end) over (partition by bucket, item_id, invoice_id) as since
                        from ({_PARTS}) part
                    ) part group by bucket, item_id, period_end
                ) span
            ) chained group by bucket, item_id, chain having sum(amount) < 0) overtaken""",
    ),
    # A minor unit for each credit note is what rounding may do. By days the whole day counts on which nobody uses it
    # any more; where a month is 30 days, one of 31 is worth a thirtieth more than it is long.
    Law(
        law="L7",
        says="no time of an invoice's line is credited twice as unused",
        query="""
        select count(*) from (
            select max(l.amount + case when l.inclusive then 0 else l.tax end) as gross, sum(n.amount) as credited,
                   count(*) as times, bool_or(c.counted in ('seconds_of_30', 'days_of_30')) as of_30,
                   case when bool_or(c.counted in ('days', 'days_of_30')) then
                       extract(epoch from max(date_trunc('day', l.period_end at time zone z.zone))
                                        - min(date_trunc('day', n.period_start at time zone z.zone)))
                       else extract(epoch from max(l.period_end) - min(n.period_start)) end as rest,
                   case when bool_or(c.counted in ('days', 'days_of_30')) then
                       extract(epoch from max(date_trunc('day', l.period_end at time zone z.zone))
                                        - min(date_trunc('day', l.period_start at time zone z.zone)))
                       else extract(epoch from max(l.period_end) - min(l.period_start)) end as whole
            from credit_note_line n
            join invoice_line l on l.bucket = n.bucket and l.invoice_id = n.invoice_id and l.position = n.position
            join credit_note c on c.bucket = n.bucket and c.id = n.credit_note_id
            join account a on a.bucket = c.bucket and a.id = c.account_id
            left join item i on i.bucket = l.bucket and i.id = l.item_id
            left join subscription s on s.bucket = i.bucket and s.id = i.subscription_id
            cross join lateral (select coalesce(s.time_zone, a.time_zone)) z (zone)
            where c.counted is not null and n.period_end = l.period_end
            group by l.bucket, l.invoice_id, l.position) line
        where sign(gross) * credited
            > ceil(abs(gross) * least(1, rest / greatest(whole, 1) * case when of_30 then 31 / 30.0 else 1 end))
              + times""",
    ),
)
