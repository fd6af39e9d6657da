"""Holdings: what an account has, as bookings leave it: subscriptions, their items and their entitlements.

Owns the merge of several bookings of one subscription (the last one says how it stands) and the rows that follow.
What an item and a period were committed as is written twice: the copies (`booked_*`) are what
is read, so that whoever changes the row by hand grants and charges nothing by it. Does not own the check that they were
written (`writer`) nor what a grant gives (`core.entitlement`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solvent.core.entitlement import Grant
from solvent.core.subscription import Item, Subscription, SubscriptionState
from solvent.store import codec, grants
from solvent.store.rows import Column, Statement, insert
from solvent.store.writer import Booked, Row, Writer

_SUBSCRIPTION = insert(
    "subscription",
    "id uuid, account_id uuid, state text, currency text, interval_unit text, interval_count integer,"
    "anchor_at timestamptz, time_zone text, period_index integer, period_start timestamptz, period_end timestamptz,"
    "pending json, grace_until timestamptz, grace_invoice uuid, ended_at timestamptz, end_reason text,"
    "coupons json, version integer, due_at timestamptz, proof_id uuid, booked_end timestamptz",
)

_SUBSCRIPTION_CHANGED = Statement(
    "base integer, id uuid, state text, interval_unit text, interval_count integer, anchor_at timestamptz,"
    "time_zone text, period_index integer, period_start timestamptz, period_end timestamptz, pending json,"
    "grace_until timestamptz, grace_invoice uuid, ended_at timestamptz, end_reason text, coupons json,"
    "version integer, due_at timestamptz, proof_id uuid, booked_end timestamptz",
    """
update subscription s set state = v.state, interval_unit = v.interval_unit, interval_count = v.interval_count,
    anchor_at = v.anchor_at, time_zone = v.time_zone, period_index = v.period_index, period_start = v.period_start,
    period_end = v.period_end, pending = v.pending::json, grace_until = v.grace_until,
    grace_invoice = v.grace_invoice, ended_at = v.ended_at, end_reason = v.end_reason, coupons = v.coupons::json,
    version = v.version, due_at = v.due_at, proof_id = v.proof_id, booked_end = v.booked_end,
    stuck_until = null, stuck_times = null, stuck_reason = null, waits_until = null
from {rows} where s.bucket = %(bucket)s and s.id = v.id and s.version = v.base""",
)

_ITEM_ENDED = Statement(
    "subscription_id uuid, ended_at timestamptz",
    """
update item i set ended_at = v.ended_at from {rows}
where i.bucket = %(bucket)s and i.subscription_id = v.subscription_id and i.ended_at is null
  and i.id <> all(%(kept)b)""",
)

_ITEM = Statement(
    "id uuid, account_id uuid, subscription_id uuid, price_id text, object text, quantity integer, position integer,"
    "changed_at timestamptz",
    """
insert into item (bucket, id, account_id, subscription_id, price_id, family, object, quantity, position, changed_at,
    booked_price, booked_quantity)
select %(bucket)s, v.id, v.account_id, v.subscription_id, v.price_id, d.family, v.object, v.quantity, v.position,
    v.changed_at, v.price_id, v.quantity
from {rows} join price c on c.id = v.price_id join product d on d.id = c.product_id
on conflict (bucket, id) do update set price_id = excluded.price_id, family = excluded.family,
    object = excluded.object, quantity = excluded.quantity, position = excluded.position,
    changed_at = excluded.changed_at, booked_price = excluded.booked_price,
    booked_quantity = excluded.booked_quantity, ended_at = null""",
)


@dataclass(slots=True)
class _Change:
    """What a batch does to one subscription: from version `base` to `after`, the last of its bookings."""

    base: int
    after: Subscription
    proof_id: UUID
    grants: tuple[Grant, ...]
    items_changed: bool
    moment: datetime

    @property
    def live_items(self) -> tuple[Item, ...]:
        return () if self.after.state is SubscriptionState.ENDED else self.after.items


def write_subscriptions(writer: Writer, booked: Booked) -> None:
    """Subscriptions, new or changed, with their items and grants."""
    changes = _changes(booked)
    writer.put("subscription", _SUBSCRIPTION, [_new_row(c) for c in changes if c.base == 0])
    writer.put("subscription", _SUBSCRIPTION_CHANGED, [(c.base, *_changed_row(c)) for c in changes if c.base])
    _write_items(writer, [c for c in changes if c.items_changed])
    granted = [g for c in changes for g in c.grants]
    # A renewal gives the same items a further window; only another list of items can leave a grant behind.
    shrunk = [c.after for c in changes if c.base and (c.items_changed or len(c.grants) != len(c.live_items))]
    if shrunk:
        accounts, ids = {s.account_id for s in shrunk}, {s.id for s in shrunk}
        grants.end_others(writer.connection, writer.bucket, accounts, granted, ids)
    given = [grants.row(g, c.proof_id) for c in changes for g in c.grants]
    writer.put("entitlement", grants.GIVEN, given)


def _changes(booked: Booked) -> list[_Change]:
    changes: dict[UUID, _Change] = {}
    for b, moment in booked:
        after = b.subscription
        if after is None:
            continue
        proof_id = b.stands_on if b.proof is None else b.proof.id
        if proof_id is None:
            raise ValueError(f"subscription {after.id}: a version without a proof")
        earlier = changes.get(after.id)
        changes[after.id] = _Change(
            base=after.version - 1 if earlier is None else earlier.base,
            after=after,
            proof_id=proof_id,
            grants=b.grants,
            items_changed=b.items_changed or (earlier is not None and earlier.items_changed),
            moment=moment,
        )
    return list(changes.values())


def _new_row(change: _Change) -> Row:
    after = change.after
    identifier, state, *rest = _changed_row(change)
    return (identifier, after.account_id, state, after.currency, *rest)


def _changed_row(change: _Change) -> Row:
    after = change.after
    return (
        after.id,
        after.state,
        after.interval.unit,
        after.interval.count,
        after.anchor.at,
        after.anchor.time_zone,
        after.index,
        after.period.start,
        after.period.end,
        codec.optional(after.pending),
        after.grace_until,
        after.grace_invoice,
        after.ended_at,
        after.end_reason,
        codec.encode(after.coupons) if after.coupons else None,
        after.version,
        after.due_at,
        change.proof_id,
        after.period.end,
    )


def _write_items(writer: Writer, changes: Sequence[_Change]) -> None:
    existing = [(c.after.id, c.after.ended_at or c.moment) for c in changes if c.base]
    if existing:
        kept = Column("uuid", [i.id for c in changes for i in c.live_items])
        _ITEM_ENDED.run(writer.connection, existing, bucket=writer.bucket, kept=kept)
    rows = [
        (i.id, c.after.account_id, c.after.id, i.price_id, i.object, i.quantity, position, i.changed_at)
        for c in changes
        for position, i in enumerate(c.live_items, start=1)
    ]
    writer.put("item", _ITEM, rows)
