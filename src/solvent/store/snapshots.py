"""Snapshots: all stores' opinions about a batch of accounts, each account in one consistent read.

Owns the two statements behind recompute: a short one for accounts that owe nothing, have no credit, dispute nothing
and are not held, which are nearly all, and the whole one for the others. A statement sees one moment, and an account is
read by one of them, so its opinions belong together. Does not own the verdict (`core.health`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection

from solvent.core.drift import Witness
from solvent.core.owed import UnderWay
from solvent.core.payment import FailureCause
from solvent.core.snapshot import About, Snapshot, Standing, Tries
from solvent.core.standstill import Reached, outages
from solvent.core.valves import Hold
from solvent.store import shapes
from solvent.store.rows import Column

# What a provider last said of an attempt.
_VIEW = """case when t.said is not null
            then json_build_object('outcome', t.said, 'cause', t.said_cause, 'at', t.said_at) end"""

# The attempts about one open invoice: those that were to settle it, and the one whose grace issued it. What a customer
# tried and gave up counts for nothing, and outages of a provider do not count against the customer (nor the reverse).
# A method that came back into use has not been tried since.
_TRIES = f"""(select json_build_object(
        'failures', count(*) filter (where t.failed and t.outage = t.last_outage),
        'last_cause', (array_agg(t.cause order by t.finished_at desc, t.id desc) filter (where t.failed))[1],
        'last_at', max(t.finished_at) filter (where t.failed),
        'methods', coalesce(json_agg(distinct t.method_id) filter (where t.failed and not coalesce(t.outage, false)
            and exists (select from method m where m.bucket = v.bucket and m.id = t.method_id
                        and m.usable_since <= t.finished_at)), '[]'),
        'provider', (array_agg(t.provider order by t.finished_at desc, t.id desc) filter (where t.failed))[1],
        'in_flight', coalesce(bool_or(t.finished_at is null), false),
        'paying', json_agg(json_build_object('opened_at', t.created_at, 'expires_at', t.expires_at, 'waits', t.waits,
            'provider_view', {_VIEW}) order by t.id) filter (where t.finished_at is null),
        'reached', case when bool_or(t.failed and t.outage) then json_agg(json_build_object(
                'begun_at', t.created_at, 'at', t.finished_at, 'out', t.outage) order by t.finished_at, t.id)
            filter (where t.failed) end)
    from (
        select t.*, t.cause = 'provider_unavailable' as outage,
               first_value(t.cause = 'provider_unavailable')
                   over (order by t.failed desc, t.finished_at desc, t.id desc)
                   as last_outage
        from (
            select t.id, coalesce(t.cause, 'declined') as cause, t.created_at, t.expires_at, t.finished_at, t.method_id,
                   t.provider, not t.off_session and t.state in ('opening', 'requires_action') as waits,
                   t.off_session and t.state in ('failed', 'returned') as failed, t.said, t.said_cause, t.said_at
            from attempt t where t.bucket = v.bucket and t.account_id = v.account_id and v.id = any(t.settles)
            union all
            select t.id, t.cause, t.created_at, t.expires_at, t.finished_at, t.method_id, t.provider, false, true,
                   t.said, t.said_cause, t.said_at
            from proof p join attempt t on t.bucket = p.bucket and t.id = p.attempt_id
            where p.bucket = v.bucket and p.id = v.proof_id and p.kind = 'grace'
              and t.cause is distinct from 'charge_held'
        ) t
    ) t)"""

# Grants that will expire, and that an attempt in flight counts on.
_RESERVED = """(select json_agg(c.id) from credit_grant c
    where c.bucket = a.bucket and c.account_id = a.id and c.remaining > 0 and c.expires_at is not null
      and exists (select from attempt t cross join json_array_elements(t.plan->'draws') d
                  where t.bucket = a.bucket and t.account_id = a.id and (d->>'grant_id')::uuid = c.id
                    and t.state in ('opening', 'requires_action', 'processing', 'unknown')))::text"""

# Payments that are no payments of a debt, as far as what begins against the account waits for them.
_UNDER_WAY = f"""(select json_agg(json_build_object('opened_at', t.created_at, 'expires_at', t.expires_at,
        'waits', not t.off_session and t.state in ('opening', 'requires_action'),
        'provider_view', {_VIEW}) order by t.id)
    from attempt t
    where t.bucket = a.bucket and t.account_id = a.id and t.settles is null
      and t.state in ('opening', 'requires_action', 'processing', 'unknown'))::text"""

# What dunning has to know of an open invoice: mostly for which product it is, whose usage crossed a threshold before
# its period was over, and what was told of it.
_ABOUT = """json_build_object(
    'product', (select c.product_id from invoice_line l join price c on c.id = l.price_id
        where l.bucket = v.bucket and l.invoice_id = v.id order by l.amount desc, l.position limit 1),
    'beyond', (select coalesce(json_agg(distinct c.product_id), '[]')
        from invoice_line l join price c on c.id = l.price_id
        where l.bucket = v.bucket and l.invoice_id = v.id and l.kind = 'usage' and c.threshold is not null
          and l.period_end > v.issued_at),
    'noticed', (select coalesce(json_agg(n.rung), '[]') from notice n
        where n.bucket = v.bucket and n.account_id = v.account_id and n.invoice_id = v.id))"""

# What is asked of everybody.
_ALWAYS = f"""
    {shapes.ACCOUNT}, {shapes.LIVE_SUBSCRIPTIONS},
    {shapes.KEPT_METHODS},
    (select coalesce(json_agg({shapes.GRANT} order by g.item_id), '[]')
     from entitlement g where g.bucket = a.bucket and g.account_id = a.id)::text,
    h.standing, h.recheck_at, h.debt::text, h.disputed::text,
    nullif(h.measures::text, '[]'),
    coalesce(h.measures <> '[]' and h.seal is distinct from sha256(convert_to(h.measures::text, 'UTF8')), false),
    nullif(h.withheld::text, '[]')"""

# To set up the whole statement takes the server longer than to run it, so it is kept for accounts with more to tell.
_PLAIN = f"""
select {_ALWAYS},
    exists (select from invoice v
        where v.bucket = a.bucket and v.account_id = a.id and v.state in ('open', 'uncollectible'))
    or exists (select from credit_grant c
        where c.bucket = a.bucket and c.account_id = a.id and c.currency = a.currency and c.remaining > 0)
    or exists (select from dispute d
        where d.bucket = a.bucket and d.account_id = a.id and d.decided_at is null)
    or exists (select from engine_hold k
        where k.bucket = a.bucket and k.account_id = a.id and k.released_at is null)
from account a left join health h on h.bucket = a.bucket and h.account_id = a.id
where a.bucket = %(bucket)s and a.id = any(%(accounts)b)"""

# What is null is so of most, and what only matters to whoever owes or has credit is asked of nobody else.
_WHOLE = f"""
select {_ALWAYS}, owed.invoices,
    case when owed.invoices is not null then
        (select max(m.usable_since) from method m
         where m.bucket = a.bucket and m.account_id = a.id and m.state = 'active' and m.off_session) end,
    credit.grants,
    case when owed.invoices is not null and credit.grants is not null then {shapes.OWED_LINES} end,
    case when credit.grants is not null then {_RESERVED} end,
    (select json_agg({shapes.DISPUTE} order by d.id)
     from dispute d where d.bucket = a.bucket and d.account_id = a.id and d.decided_at is null)::text,
    (select json_agg(json_build_object('id', k.id, 'consequence', k.consequence, 'reason', k.reason,
            'author', k.author, 'placed_at', k.placed_at, 'expires_at', k.expires_at) order by k.id)
     from engine_hold k where k.bucket = a.bucket and k.account_id = a.id and k.released_at is null)::text,
    case when owed.invoices is not null then {_UNDER_WAY} end
from account a left join health h on h.bucket = a.bucket and h.account_id = a.id
cross join lateral (
    select json_agg(json_build_object({shapes.INVOICE}, 'tries', {_TRIES}, 'about', {_ABOUT})
                    order by v.due_at, v.id)::text
    from invoice v where v.bucket = a.bucket and v.account_id = a.id and v.state in ('open', 'uncollectible')
) owed (invoices)
cross join lateral (select {shapes.CREDIT_GRANTS}) credit (grants)
where a.bucket = %(bucket)s and a.id = any(%(accounts)b)"""


_OPINIONS = 10  # columns of `_ALWAYS` behind those of the account
_FURTHER = 8  # columns of `_WHOLE` behind them


class _Tried(msgspec.Struct):
    """`Tries` without what is known per account."""

    failures: int
    last_cause: FailureCause | None
    last_at: datetime | None
    in_flight: bool
    methods: tuple[UUID, ...]
    provider: str | None
    reached: tuple[Reached, ...] | None
    paying: tuple[UnderWay, ...] | None


class _About(msgspec.Struct):
    product: str | None
    beyond: tuple[str, ...]
    noticed: frozenset[str]


class _OpenInvoice(shapes.InvoiceRow):
    tries: _Tried
    about: _About


_open_invoices = msgspec.json.Decoder(tuple[_OpenInvoice, ...])
_reserved = msgspec.json.Decoder(frozenset[UUID])
_withheld = msgspec.json.Decoder(tuple[str, ...])
_holds = msgspec.json.Decoder(tuple[Hold, ...])
_under_way = msgspec.json.Decoder(tuple[UnderWay, ...])
_debt = msgspec.json.Decoder(dict[str, int])


def read(
    connection: Connection,
    bucket: int,
    account_ids: Sequence[UUID],
    witnesses: Mapping[UUID, Witness] = MappingProxyType({}),
) -> list[Snapshot]:
    """The snapshots of these accounts of one bucket, with the `witnesses` that were read beside them; those that do not
    exist are left out."""
    found: dict[UUID, Snapshot] = {}
    more: list[UUID] = []
    for row in _rows(connection, _PLAIN, bucket, account_ids):
        if row[-1]:
            more.append(row[0])
        else:
            found[row[0]] = _plain(row[:-1], witnesses)
    if more:
        for row in _rows(connection, _WHOLE, bucket, more):
            found[row[0]] = _whole(row, witnesses)
    return [found[account_id] for account_id in sorted(found)]


def _rows(
    connection: Connection, query: str, bucket: int, account_ids: Sequence[UUID]
) -> list[tuple[Any, ...]]:
    scalars = {"bucket": bucket, "accounts": Column("uuid", account_ids)}
    return connection.execute(query, scalars, binary=True).fetchall()


def _plain(row: tuple[Any, ...], witnesses: Mapping[UUID, Witness]) -> Snapshot:
    """The snapshot behind `_ALWAYS`, of an account that has nothing else to tell."""
    subscriptions, methods, grants, standing, recheck_at, debt, disputed, measures, forged, withheld = row[
        -_OPINIONS:
    ]
    account = shapes.account_of(row)
    return Snapshot(
        account=account,
        subscriptions=shapes.subscriptions_of(subscriptions),
        methods=shapes.methods_of(methods),
        open_invoices=(),
        tries={},
        grants=shapes.grants_of(grants),
        credit_grants=(),
        standing=None if standing is None else Standing(standing),
        recheck_at=recheck_at,
        debt=None if debt is None else _debt.decode(debt),
        disputed={} if disputed is None else _debt.decode(disputed),
        in_effect=() if measures is None else shapes.measures_of(measures),
        forged=forged,
        withheld=() if withheld is None else _withheld.decode(withheld),
        witness=witnesses.get(account.id),
    )


def _whole(row: tuple[Any, ...], witnesses: Mapping[UUID, Witness]) -> Snapshot:
    """The snapshot behind a row of `_WHOLE`."""
    invoices, newest_method, credit_grants, owed_lines, reserved, disputes, holds, under_way = row[-_FURTHER:]
    opened = () if invoices is None else _open_invoices.decode(invoices)
    return replace(
        _plain(row[:-_FURTHER], witnesses),
        open_invoices=tuple([invoice.value() for invoice in opened]),
        tries={invoice.id: _tries(invoice.tries, newest_method) for invoice in opened},
        credit_grants=shapes.credit_grants_of(credit_grants),
        owed_lines=shapes.owed_lines_of(owed_lines),
        reserved=frozenset() if reserved is None else _reserved.decode(reserved),
        disputes=() if disputes is None else shapes.disputes_of(disputes),
        about={invoice.id: _about(invoice.about) for invoice in opened},
        holds=() if holds is None else _holds.decode(holds),
        under_way=() if under_way is None else _under_way.decode(under_way),
    )


def _tries(tried: _Tried, newest_method: datetime | None) -> Tries:
    return Tries(
        failures=tried.failures,
        last_cause=tried.last_cause,
        last_at=tried.last_at,
        in_flight=tried.in_flight,
        newest_method=newest_method,
        methods=tried.methods,
        provider=tried.provider,
        outages=() if tried.reached is None else outages(tried.reached),
        paying=tried.paying or (),
    )


def _about(about: _About) -> About:
    return About(product=about.product, beyond=about.beyond, noticed=about.noticed)
