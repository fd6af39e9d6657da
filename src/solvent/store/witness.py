"""Witness: what the database says of accounts beside their snapshots, where only tables side by side show it.

Owns the one statement, and which contradiction it finds under which name. It is read in the transaction of the
snapshot, so that both see one moment. Does not own the names nor their sentences (`core.drift`).
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from uuid import UUID

import msgspec
from psycopg import Connection

from solvent.core.drift import Witness, disagreement
from solvent.core.drift_kinds import DriftKind
from solvent.store.rows import Column

# Each gives (account, kind, facts); ids are spelled as the API does. Each table is entered by all accounts that are
# asked about at once, in the order of its index: to look into it for one after the other costs half as much again.
_SUBSCRIPTION = "'sub_' || replace(s.id::text, '-', '')"
_INVOICE = "v.series || '-' || lpad(v.number::text, greatest(6, length(v.number::text)), '0')"
_OTHER = "'acc_' || replace({}::text, '-', '')"
_ASKED = "{0}.bucket = %(bucket)s and {0}.account_id = any(%(accounts)b)"
_LIVE = f"{_ASKED.format('s')} and s.state <> 'ended'"
_OWED = f"{_ASKED.format('v')} and v.state in ('open', 'uncollectible')"
_OVERDUE = "s.{} < coalesce(a.test_now, %(now)s) - interval '1 day'"

# As the index `attempt_contradicted` has it.
CONTRADICTED = """(t.state = 'failed' and t.said = 'succeeded'
    or t.state = 'committed' and t.cause is null and t.said = 'failed'
    or t.look_at is not null and t.said in ('failed', 'succeeded'))"""

_WAITING = f"""
select q.account_id, 'waiting', null::json from recompute_queue q where {_ASKED.format("q")}"""

_OWING = f"""
select v.account_id, 'owing', json_build_object('invoices', count(*)::text) from invoice v
where {_OWED} and v.debt > 0 group by v.account_id"""

_GIVEN_UP_STILL_SUBSCRIBED = f"""
select v.account_id, 'given_up_still_subscribed', json_build_object(
    'invoice', {_INVOICE}, 'subscription', {_SUBSCRIPTION})
from invoice v join subscription s on s.bucket = v.bucket and s.account_id = v.account_id and s.state <> 'ended'
  and (s.id = v.subscription_id or s.id in (
    select t.subscription_id from invoice_line l join item t on t.bucket = l.bucket and t.id = l.item_id
    where l.bucket = v.bucket and l.invoice_id = v.id and l.kind = 'charge' and v.subscription_id is null))
where {_OWED} and v.state = 'uncollectible'"""

# As the law says it (`dunning_laws`), but for what `given_up_still_subscribed` names already.
_GIVEN_UP_NOT_CANCELLED = f"""
select v.account_id, 'given_up_not_cancelled', json_build_object(
    'invoice', {_INVOICE}, 'subscription', {_SUBSCRIPTION},
    'ends', to_char(s.booked_end at time zone 'UTC', 'YYYY-MM-DD'))
from invoice v join subscription s on s.bucket = v.bucket and s.account_id = v.account_id and s.state <> 'ended'
join proof p on p.bucket = s.bucket and p.id = s.proof_id
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
select s.account_id, 'grace_without_debt', json_build_object(
    'subscription', {_SUBSCRIPTION}, 'invoice', coalesce({_INVOICE}, 'an invoice'),
    'state', coalesce(v.state, 'not there'))
from subscription s left join invoice v on v.bucket = s.bucket and v.id = s.grace_invoice
where {_LIVE} and s.grace_invoice is not null and v.state is distinct from 'open'"""

# What is being charged, or is put off, is not forgotten; but it is not renewed either. What waits is asked about again.
# A subscription is due when its period and its grace are over, and waits no longer than late usage is taken: the clock
# goes by what is written, so that it would never come to one whose moments somebody moved.
_DUE = "greatest(s.booked_end, s.grace_until)"
_RENEWAL_STALLED = f"""
select s.account_id, 'renewal_stalled', json_build_object(
    'subscription', {_SUBSCRIPTION}, 'due', to_char({_DUE} at time zone 'UTC', 'YYYY-MM-DD'),
    'why', case when s.due_at <> {_DUE} then 'its due date was moved by hand'
                when s.waits_until > s.due_at + interval '90 days'
                then 'it waits until ' || to_char(s.waits_until at time zone 'UTC', 'YYYY-MM-DD')
                else coalesce(s.stuck_reason, 'nobody has taken it up') end)
from subscription s join account a on a.bucket = s.bucket and a.id = s.account_id
where {_LIVE} and {_DUE} < coalesce(a.test_now, %(now)s) - interval '1 day'
  and (s.waits_until is null or s.waits_until > s.due_at + interval '90 days'
       or {_OVERDUE.format("waits_until")}) and not exists (
    select from attempt t where t.bucket = s.bucket and t.account_id = s.account_id
      and t.state in ('opening', 'requires_action', 'processing', 'unknown'))"""

# What was booked counts; the rows beside it are for people and indexes.
_ITEM_BY_HAND = f"""
select t.account_id, 'item_by_hand', json_build_object(
    'item', 'itm_' || replace(t.id::text, '-', ''), 'found', t.quantity || ' × ' || t.price_id,
    'right', t.booked_quantity || ' × ' || t.booked_price)
from item t
where {_ASKED.format("t")} and t.ended_at is null
  and (t.price_id, t.quantity) is distinct from (t.booked_price, t.booked_quantity)"""

_PERIOD_BY_HAND = f"""
select s.account_id, 'period_by_hand', json_build_object(
    'subscription', {_SUBSCRIPTION}, 'found', to_char(s.period_end at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
    'right', to_char(s.booked_end at time zone 'UTC', 'YYYY-MM-DD HH24:MI'))
from subscription s where {_LIVE} and s.period_end <> s.booked_end"""

_CURRENCY_DIFFERS = f"""
select s.account_id, 'currency_differs', json_build_object(
    'subscription', {_SUBSCRIPTION}, 'found', s.currency, 'right', a.currency)
from subscription s join account a on a.bucket = s.bucket and a.id = s.account_id
where {_LIVE} and s.currency <> a.currency"""

_ISSUER_DIFFERS = f"""
select v.account_id, 'issuer_differs', json_build_object('invoice', {_INVOICE}, 'entity', e.id)
from invoice v join account a on a.bucket = v.bucket and a.id = v.account_id join legal_entity e on e.id = a.entity
where {_OWED} and not starts_with(v.series, e.series_prefix || '-')"""

_MERGED_ACCOUNT = f"""
select s.account_id, 'merged_account', json_build_object(
    'what', {_SUBSCRIPTION}, 'other', {_OTHER.format("t.account_id")})
from subscription s join item t on t.bucket = s.bucket and t.subscription_id = s.id and t.ended_at is null
where {_LIVE} and t.account_id <> s.account_id
union all
select t.account_id, 'merged_account', json_build_object(
    'what', 'itm_' || replace(t.id::text, '-', ''), 'other', {_OTHER.format("s.account_id")})
from item t join subscription s on s.bucket = t.bucket and s.id = t.subscription_id
where {_ASKED.format("t")} and t.ended_at is null and s.account_id <> t.account_id
union all
select v.account_id, 'merged_account', json_build_object(
    'what', {_INVOICE}, 'other', {_OTHER.format("s.account_id")})
from invoice v join subscription s on s.bucket = v.bucket and s.id = v.subscription_id
where {_OWED} and s.account_id <> v.account_id"""

# Those of one bucket as they are; those of other buckets as the look across them last found them (`across`).
_PAYER_SHARED = f"""
select p.account_id, 'payer_shared', json_build_object(
    'provider', p.provider, 'other', {_OTHER.format("q.account_id")})
from payer p join payer q on q.bucket = p.bucket and q.provider = p.provider and q.ref = p.ref
where {_ASKED.format("p")} and q.account_id <> p.account_id
union all
select p.account_id, 'payer_shared', json_build_object('provider', p.provider, 'other', {_OTHER.format("w.other")})
from shared_payer w join payer p on p.bucket = w.bucket and p.account_id = w.account_id and p.provider = w.provider
where {_ASKED.format("w")} and p.ref = w.ref"""

_METHOD_OF_ANOTHER = f"""
select t.account_id, 'method_of_another', json_build_object(
    'attempt', 'att_' || replace(t.id::text, '-', ''), 'other', {_OTHER.format("m.account_id")})
from attempt t join method m on m.bucket = t.bucket and m.id = t.method_id
where {_ASKED.format("t")} and t.settles is not null and m.account_id <> t.account_id"""

# Where nothing is due nothing moves, and what stands on grace has failed. What is told when an attempt has just ended
# may be older than its end.
_PROVIDER_LAST_SAID_OTHERWISE = f"""
select t.account_id, 'provider_last_said_otherwise', json_build_object(
    'attempt', 'att_' || replace(t.id::text, '-', ''), 'state', t.state, 'provider', t.provider,
    'said', replace(t.said, '_', ' '), 'day', to_char(t.said_at at time zone 'UTC', 'YYYY-MM-DD'))
from attempt t
where {_ASKED.format("t")} and t.amount > 0 and {CONTRADICTED}
  and case when t.look_at is null then t.said_at > t.finished_at + interval '1 hour'
      else t.said_at < %(now)s - interval '1 day' end"""

# What a proof says is never changed, so whose it is hangs on which one is named.
_PROOF_OF_ANOTHER = f"""
select s.account_id, 'proof_of_another', json_build_object(
    'subscription', {_SUBSCRIPTION}, 'other', {_OTHER.format("p.account_id")})
from subscription s join proof p on p.bucket = s.bucket and p.id = s.proof_id
where {_LIVE} and p.account_id <> s.account_id"""

_SAID = "\nunion all ".join(
    (
        _WAITING,
        _OWING,
        _GIVEN_UP_STILL_SUBSCRIBED,
        _GIVEN_UP_NOT_CANCELLED,
        _GRACE_WITHOUT_DEBT,
        _RENEWAL_STALLED,
        _ITEM_BY_HAND,
        _PERIOD_BY_HAND,
        _CURRENCY_DIFFERS,
        _ISSUER_DIFFERS,
        _MERGED_ACCOUNT,
        _PAYER_SHARED,
        _METHOD_OF_ANOTHER,
        _PROVIDER_LAST_SAID_OTHERWISE,
        _PROOF_OF_ANOTHER,
    )
)

# Nearly always there is nothing to say of an account, so it has a row for each thing that there is, and none else.
_WITNESS = f"""
select account_id, kind, facts::text from ({_SAID}) said (account_id, kind, facts)
order by account_id, kind, facts::text"""

_facts = msgspec.json.Decoder(dict[str, str])
_NOTHING = Witness(waiting=False, owing=0)


def witnesses(
    connection: Connection, bucket: int, account_ids: Sequence[UUID], now: datetime
) -> dict[UUID, Witness]:
    """What the database says of these accounts of one bucket, whether or not they exist."""
    scalars = {"bucket": bucket, "accounts": Column("uuid", account_ids), "now": now}
    rows = connection.execute(_WITNESS, scalars, binary=True).fetchall()
    said = {account: _witness(list(of)) for account, of in groupby(rows, key=itemgetter(0))}
    return dict.fromkeys(account_ids, _NOTHING) | said


def _witness(rows: Sequence[tuple[UUID, str, str | None]]) -> Witness:
    """What the rows of one account come to."""
    facts = [(kind, {} if said is None else _facts.decode(said)) for _, kind, said in rows]
    return Witness(
        waiting=any(kind == "waiting" for kind, _ in facts),
        owing=sum(int(said["invoices"]) for kind, said in facts if kind == "owing"),
        found=tuple(
            disagreement(DriftKind(kind), **said) for kind, said in facts if kind not in ("waiting", "owing")
        ),
    )
