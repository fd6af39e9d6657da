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
    # A minor unit for each credit note is what rounding may do.
    Law(
        law="L7",
        says="no time of an invoice's line is credited twice as unused",
        query="""
        select count(*) from (
            select max(l.amount + case when l.inclusive then 0 else l.tax end) as gross, sum(n.amount) as credited,
                   count(*) as times, l.period_start, l.period_end, min(n.period_start) as since
            from credit_note_line n
            join invoice_line l on l.bucket = n.bucket and l.invoice_id = n.invoice_id and l.position = n.position
            join credit_note c on c.bucket = n.bucket and c.id = n.credit_note_id
            where c.unused and n.period_end = l.period_end
            group by l.bucket, l.invoice_id, l.position, l.period_start, l.period_end) line
        where sign(gross) * credited
            > ceil(abs(gross) * extract(epoch from period_end - since) / extract(epoch from period_end - period_start))
              + times""",
    ),
)
