"""Laws about what follows from debt: L8 for giving up.

Owns these predicates as SQL. Does not own the others (`laws`), nor when anything is given up (`core.dunning`).
"""

from collections.abc import Sequence

from solvent.store.law import Law

DUNNING_LAWS: Sequence[Law] = (
    Law(
        law="L8",
        says="who was given up as a whole has nothing left that goes on to cost something",
        query="""
        select count(*) from invoice i
        join subscription s on s.bucket = i.bucket and s.account_id = i.account_id
        join proof p on p.bucket = s.bucket and p.id = s.proof_id
        where i.state = 'uncollectible' and i.given_up_scope = 'account' and s.state <> 'ended'
          and p.recorded_at <= i.given_up_at and coalesce(s.pending->>'cancel', 'false') <> 'true'
          and exists (select from item t join price c on c.id = t.price_id
                      where t.bucket = s.bucket and t.subscription_id = s.id and t.ended_at is null
                        and (c.meter is not null or c.unit_amount > 0 or c.tiers <> '[]'))""",
    ),
    Law(
        law="L8",
        says="who was given up under a policy is banned until it is paid",
        query="""
        select count(*) from invoice i
        join account a on a.bucket = i.bucket and a.id = i.account_id
        left join health h on h.bucket = i.bucket and h.account_id = i.account_id
        where i.state = 'uncollectible'
          and exists (select from policy_edition e where e.segment = a.segment
                        and e.effective_from < i.given_up_at - interval '1 minute')
          and not coalesce(h.measures @> '[{"measure": "ban"}]', false)""",
    ),
)
