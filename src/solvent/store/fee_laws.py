"""Fee laws: what must be true of what providers kept, one query and one count each.

Owns these predicates of L1, L2 and L4. Does not own the law of cash, which counts fees too (`laws`).
"""

from collections.abc import Sequence

from solvent.store.law import Law

FEE_LAWS: Sequence[Law] = (
    Law(
        law="L1",
        says="a provider's fee belongs to the account and the provider of its payment",
        query="""
        select count(*) from provider_fee f left join payment p on p.bucket = f.bucket and p.id = f.payment_id
        where (p.account_id, p.provider) is distinct from (f.account_id, f.provider)""",
    ),
    Law(
        law="L4",
        says="what providers kept of payments and refunds is in the ledger as their fees, to the cent",
        query="""
        select count(*) from (
            select account_id, currency from (
                select account_id, currency, amount from posting where debit = 'provider_fees'
                union all select account_id, currency, -amount from posting where credit = 'provider_fees'
                union all select account_id, currency, -amount from provider_fee
            ) moves group by account_id, currency having sum(amount) <> 0) wrong""",
    ),
)
