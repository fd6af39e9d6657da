"""Item laws: what must be true of what waits for an invoice, one query and one count each.

Owns these predicates of L2 and L7. Does not own those of invoices and their lines (`laws`).
"""

from collections.abc import Sequence

from solvent.store.law import Law

ITEM_LAWS: Sequence[Law] = (
    Law(
        law="L2",
        says="no invoice item is about to be invoiced by two attempts",
        query="""
        select count(*) from (
            select from attempt t, json_array_elements(t.plan->'items') x
            where t.state in ('opening', 'requires_action', 'processing', 'unknown')
            group by t.bucket, x->>'item_id' having count(*) > 1) twice""",
    ),
    Law(
        law="L7",
        says="every invoice item that was invoiced is on one invoice of its account, whose lines of it sum to it",
        query="""
        select count(*) from (
            select n.bucket, n.id, n.invoice_id, n.amount, n.currency, n.account_id
            from invoice_item n where n.state = 'invoiced') n
        full join (
            select l.bucket, l.invoice_item_id as id, sum(l.amount) as amount, count(distinct l.invoice_id) as invoices,
                   (array_agg(l.invoice_id))[1] as invoice_id
            from invoice_line l where l.invoice_item_id is not null group by 1, 2) l using (bucket, id)
        left join invoice i on i.bucket = l.bucket and i.id = l.invoice_id
        where (n.invoice_id, n.amount, n.currency, n.account_id, 1)
              is distinct from (l.invoice_id, l.amount, i.currency, i.account_id, l.invoices)""",
    ),
)
