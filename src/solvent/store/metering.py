"""Metering: usage periods, as bookings leave them.

Owns the rows of usage periods: opened, cut and billed. Does not own events nor what they come to (`usage`), nor the
rule of what is billed (`core.usage`).
"""

from solvent.store.rows import Statement
from solvent.store.writer import Booked, Writer

# An item that is being counted already goes on as it is.
_OPENED = Statement(
    "item_id uuid, starts_at timestamptz, ends_at timestamptz, account_id uuid, subscription_id uuid, price_id text,"
    "meter text, object text, look_at timestamptz",
    """
insert into usage_period (bucket, item_id, starts_at, ends_at, account_id, subscription_id, price_id, meter, object,
    look_at)
select %(bucket)s, v.item_id, v.starts_at, v.ends_at, v.account_id, v.subscription_id, v.price_id, v.meter, v.object,
    v.look_at
from {rows}
where v.starts_at < v.ends_at and not exists (
    select from usage_period u where u.bucket = %(bucket)s and u.item_id = v.item_id and u.ends_at > v.starts_at)
on conflict do nothing""",
)

CUT = Statement(
    "subscription_id uuid, at timestamptz, look_at timestamptz, ending timestamptz",
    """
update usage_period u
set ends_at = greatest(v.at, u.starts_at + interval '1 microsecond'), look_at = greatest(v.look_at, u.starts_at)
from {rows} where u.bucket = %(bucket)s and u.subscription_id = v.subscription_id and u.ends_at <> v.at
  and case when v.ending is null then u.starts_at < v.at and u.ends_at > v.at else u.ends_at = v.ending end""",
)

# A period that was made longer since it was planned stays to be billed.
_BILLED = Statement(
    "item_id uuid, starts_at timestamptz, base integer, quantity bigint, amount bigint,"
    "look_at timestamptz, moment timestamptz",
    """
update usage_period u set billed_quantity = v.quantity, billed_amount = v.amount,
    version = u.version + 1,
    look_at = case when u.look_at > v.moment then u.look_at else v.look_at end
from {rows}
where u.bucket = %(bucket)s and u.item_id = v.item_id and u.starts_at = v.starts_at and u.version = v.base""",
)


def write_usage(writer: Writer, booked: Booked) -> None:
    """Periods that were cut, those that are open from now on, and what was billed of them."""
    cuts = [(c.subscription_id, c.at, c.look_at, c.ending) for b, _ in booked if (c := b.cut) is not None]
    if cuts:
        CUT.run(writer.connection, cuts, bucket=writer.bucket)  # first: what follows sees where they end
    opened = {
        (p.item_id, p.starts_at): (
            p.item_id,
            p.starts_at,
            p.ends_at,
            p.account_id,
            p.subscription_id,
            p.price_id,
            p.meter,
            p.object,
            p.look_at,
        )
        for b, _ in booked
        for p in b.periods
    }
    billed = [
        (x.item_id, x.starts_at, x.base, x.quantity, x.amount, x.look_at, moment)
        for b, moment in booked
        for x in b.usage
    ]
    writer.put("usage_period", _OPENED, list(opened.values()), all_of=False)
    writer.put("usage_period", _BILLED, billed)
