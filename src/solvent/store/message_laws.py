"""Message laws: what must be true of messages by e-mail, one query and one count each.

Owns these predicates of L5 and L9. Does not own the others (`laws`).
"""

from collections.abc import Sequence

from solvent.store.law import Law

MESSAGE_LAWS: Sequence[Law] = (
    Law(
        law="L5",
        says="no message is parked, or waits for more than an hour since a sender first saw it",
        query="""
        select count(*) from message
        where state = 'parked' or (state = 'waiting' and picked_at < %(now)s - interval '1 hour')""",
    ),
    Law(
        law="L9",
        says="every notice by e-mail is one message by channel, and no message of a rung lacks its notice",
        query="""
        select (select count(*) from notice n cross join unnest(n.channels) as via (channel)
                where via.channel in ('email', 'finance') and not exists (
                    select from message m
                    where m.bucket = n.bucket and m.account_id = n.account_id and m.invoice_id = n.invoice_id
                      and m.rung = n.rung and m.channel = via.channel))
             + (select count(*) from message m
                where m.kind not in ('issued', 'settled', 'expiring') and not exists (
                    select from notice n
                    where n.bucket = m.bucket and n.account_id = m.account_id and n.invoice_id = m.invoice_id
                      and n.rung = m.rung and m.channel = any(n.channels)))""",
    ),
)
