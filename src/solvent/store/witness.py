"""Witness: what the database says of accounts beside their snapshots, where only tables side by side show it.

Owns the one statement, and which contradiction it finds under which name. It is read in the transaction of the
snapshot, so that both see one moment. Does not own the names nor their sentences (`core.drift`).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from psycopg import Connection

from solvent.core.drift import Witness, disagreement
from solvent.core.drift_kinds import DriftKind
from solvent.store.rows import Column

# Each gives (kind, facts) of the account `a`; ids are spelled as the API does.
_SUBSCRIPTION = "'sub_' || replace(s.id::text, '-', '')"
_INVOICE = "v.series || '-' || lpad(v.number::text, greatest(6, length(v.number::text)), '0')"
_OTHER = "'acc_' || replace({}::text, '-', '')"
_OURS = "s.bucket = a.bucket and s.account_id = a.id and s.state <> 'ended'"
_OWED = "v.bucket = a.bucket and v.account_id = a.id and v.state in ('open', 'uncollectible')"
_NOW = "coalesce(a.test_now, %(now)s)"

_GIVEN_UP_STILL_SUBSCRIBED = f"""
select 'given_up_still_subscribed', json_build_object('invoice', {_INVOICE}, 'subscription', {_SUBSCRIPTION})
from invoice v join subscription s on {_OURS} and (s.id = v.subscription_id or s.id in (
    select t.subscription_id from invoice_line l join item t on t.bucket = l.bucket and t.id = l.item_id
    where l.bucket = v.bucket and l.invoice_id = v.id and l.kind = 'charge' and v.subscription_id is null))
where {_OWED} and v.state = 'uncollectible'"""

# As the law says it (`dunning_laws`), but for what `given_up_still_subscribed` names already.
_GIVEN_UP_NOT_CANCELLED = f"""
select 'given_up_not_cancelled', json_build_object('invoice', {_INVOICE}, 'subscription', {_SUBSCRIPTION},
    'ends', to_char(s.period_end at time zone 'UTC', 'YYYY-MM-DD'))
from invoice v join subscription s on {_OURS} join proof p on p.bucket = s.bucket and p.id = s.proof_id
where {_OWED} and v.state = 'uncollectible' and v.given_up_scope = 'account' and p.recorded_at <= v.given_up_at
  and coalesce(s.pending->>'cancel', 'false') <> 'true'
  and s.id is distinct from v.subscription_id and not exists (
    select from invoice_line l join item t on t.bucket = l.bucket and t.id = l.item_id
    where l.bucket = v.bucket and l.invoice_id = v.id and l.kind = 'charge' and v.subscription_id is null
      and t.subscription_id = s.id)
  and exists (select from item t join price c on c.id = t.price_id
    where t.bucket = s.bucket and t.subscription_id = s.id and t.ended_at is null
      and (c.meter is not null or c.unit_amount > 0 or c.tiers <> '[]'))"""

_GRACE_WITHOUT_DEBT = f"""
select 'grace_without_debt', json_build_object(
    'subscription', {_SUBSCRIPTION}, 'invoice', coalesce({_INVOICE}, 'an invoice'),
    'state', coalesce(v.state, 'not there'))
from subscription s left join invoice v on v.bucket = s.bucket and v.id = s.grace_invoice
where {_OURS} and s.grace_invoice is not null and v.state is distinct from 'open'"""

# What is being charged, or is put off, is not forgotten; but it is not renewed either. What waits is asked about again.
_RENEWAL_STALLED = f"""
select 'renewal_stalled', json_build_object(
    'subscription', {_SUBSCRIPTION}, 'due', to_char(s.due_at at time zone 'UTC', 'YYYY-MM-DD'),
    'why', coalesce(s.stuck_reason, 'nobody has taken it up'))
from subscription s
where {_OURS} and s.due_at < {_NOW} - interval '1 day'
  and (s.waits_until is null or s.waits_until < {_NOW} - interval '1 day') and not exists (
    select from attempt t where t.bucket = s.bucket and t.account_id = s.account_id
      and t.state in ('opening', 'requires_action', 'processing', 'unknown'))"""

_CURRENCY_DIFFERS = f"""
select 'currency_differs', json_build_object(
    'subscription', {_SUBSCRIPTION}, 'found', s.currency, 'right', a.currency)
from subscription s where {_OURS} and s.currency <> a.currency"""

_ISSUER_DIFFERS = f"""
select 'issuer_differs', json_build_object('invoice', {_INVOICE}, 'entity', e.id)
from invoice v join legal_entity e on e.id = a.entity
where {_OWED} and not starts_with(v.series, e.series_prefix || '-')"""

_MERGED_ACCOUNT = f"""
select 'merged_account', json_build_object('what', {_SUBSCRIPTION}, 'other', {_OTHER.format("t.account_id")})
from subscription s join item t on t.bucket = s.bucket and t.subscription_id = s.id and t.ended_at is null
where {_OURS} and t.account_id <> a.id
union all
select 'merged_account', json_build_object(
    'what', 'itm_' || replace(t.id::text, '-', ''), 'other', {_OTHER.format("s.account_id")})
from item t join subscription s on s.bucket = t.bucket and s.id = t.subscription_id
where t.bucket = a.bucket and t.account_id = a.id and t.ended_at is null and s.account_id <> a.id
union all
select 'merged_account', json_build_object('what', {_INVOICE}, 'other', {_OTHER.format("s.account_id")})
from invoice v join subscription s on s.bucket = v.bucket and s.id = v.subscription_id
where {_OWED} and s.account_id <> a.id"""

_PAYER_SHARED = f"""
select 'payer_shared', json_build_object('provider', p.provider, 'other', {_OTHER.format("q.account_id")})
from payer p join payer q on q.bucket = p.bucket and q.provider = p.provider and q.ref = p.ref
where p.bucket = a.bucket and p.account_id = a.id and q.account_id <> a.id"""

_METHOD_OF_ANOTHER = f"""
select 'method_of_another', json_build_object(
    'attempt', 'att_' || replace(t.id::text, '-', ''), 'other', {_OTHER.format("m.account_id")})
from attempt t join method m on m.bucket = t.bucket and m.id = t.method_id
where t.bucket = a.bucket and t.account_id = a.id and t.settles is not null and m.account_id <> a.id"""

_FOUND = "\nunion all ".join(
    (
        _GIVEN_UP_STILL_SUBSCRIBED,
        _GIVEN_UP_NOT_CANCELLED,
        _GRACE_WITHOUT_DEBT,
        _RENEWAL_STALLED,
        _CURRENCY_DIFFERS,
        _ISSUER_DIFFERS,
        _MERGED_ACCOUNT,
        _PAYER_SHARED,
        _METHOD_OF_ANOTHER,
    )
)

_WITNESS = f"""
select a.id,
    exists (select from recompute_queue q where q.bucket = a.bucket and q.account_id = a.id),
    (select count(*) from invoice v where {_OWED} and v.debt > 0),
    (select json_agg(json_build_object('kind', found.kind, 'facts', found.facts) order by found.kind, found.facts::text)
     from ({_FOUND}) found (kind, facts))::text
from account a where a.bucket = %(bucket)s and a.id = any(%(accounts)b)"""


class _Found(msgspec.Struct):
    kind: DriftKind
    facts: dict[str, str]


_found = msgspec.json.Decoder(tuple[_Found, ...])


def witnesses(
    connection: Connection, bucket: int, account_ids: Sequence[UUID], now: datetime
) -> dict[UUID, Witness]:
    """What the database says of these accounts of one bucket."""
    scalars = {"bucket": bucket, "accounts": Column("uuid", account_ids), "now": now}
    rows = connection.execute(_WITNESS, scalars, binary=True).fetchall()
    return {
        account: Witness(
            waiting=waiting,
            owing=owing,
            found=()
            if found is None
            else tuple(disagreement(f.kind, **f.facts) for f in _found.decode(found)),
        )
        for account, waiting, owing, found in rows
    }
