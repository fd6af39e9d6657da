"""Tallies: running totals of usage, so that a period is read without counting its events.

Owns one row for each account, meter, object and slot of time with what the events in it come to, written by the
statement that records them; a row for each member of a slot; and the reading of periods, which says in SQL what
`core.meter.quantity` says: tallies of slots that lie whole in the period, events one by one of those at its ends and of
those with a corrected event. Does not own the recording (`usage`) nor the law that holds tallies to events (`laws`).
"""

from collections.abc import Mapping

from solvent.core.catalog import Aggregation
from solvent.store.rows import Statement

# An hour for values. A day for members, of which a slot keeps a row each.
_WIDTH = "interval '1 hour'"
_MEMBERS_WIDTH = "interval '1 day'"
SLOT = (
    f"date_bin(case when {{0}}.member is null then {_WIDTH} else {_MEMBERS_WIDTH} end, {{0}}.at, "
    "timestamptz '2000-01-01 00:00:00+00')"
)

# What events come to, by slot. A correction is no part of it: it is looked up when a period is read, so it may come
# before or after what it corrects, in another transaction at the same moment.
COUNTED = f"""
select e.bucket, e.account_id, e.meter, e.object, {SLOT.format("e")} as slot, count(*) as events, min(e.at) as first_at,
       max(e.at) as last_at, coalesce(sum(e.value), 0) as total, max(e.value) as largest,
       (array_agg(e.id order by e.at desc, e.id desc))[1] as last_id,
       (array_agg(e.value order by e.at desc, e.id desc))[1] as last_value
from {{source}} e where e.corrects is null group by 1, 2, 3, 4, 5"""
MEMBERS = f"""
select distinct e.bucket, e.account_id, e.meter, e.object, {SLOT.format("e")} as slot, e.member
from {{source}} e where e.corrects is null and e.member is not null"""

_KEY = "bucket, account_id, meter, object, slot"

# Rows in one order for everybody, as with events: two batches about the same slots wait for each other one way only.
TALLIED = f"""
tallied as (
    insert into usage_tally as t
        ({_KEY}, events, first_at, last_at, total, largest, last_id, last_value)
    {COUNTED.format(source="told")} order by 1, 2, 3, 4, 5
    on conflict ({_KEY}) do update set
        events = t.events + excluded.events, first_at = least(t.first_at, excluded.first_at),
        last_at = greatest(t.last_at, excluded.last_at), total = t.total + excluded.total,
        largest = greatest(t.largest, excluded.largest),
        last_id = case when (excluded.last_at, excluded.last_id) > (t.last_at, t.last_id) then excluded.last_id
                       else t.last_id end,
        last_value = case when (excluded.last_at, excluded.last_id) > (t.last_at, t.last_id) then excluded.last_value
                          else t.last_value end
), listed as (
    insert into usage_member ({_KEY}, member) {MEMBERS.format(source="told")} order by 1, 2, 3, 4, 5, 6
    on conflict do nothing)"""

_READ = """
with correction as materialized (
    select distinct on (c.account_id, c.corrects) c.account_id, c.corrects, c.value, c.member from usage_event c
    where c.bucket = %(bucket)s and c.account_id = any(%(accounts)b) and c.corrects is not null
    order by c.account_id, c.corrects, c.at desc, c.id desc),
corrected as materialized (
    select e.account_id, e.meter, e.object, {slot} as slot
    from correction c join usage_event e on e.bucket = %(bucket)s and e.account_id = c.account_id and e.id = c.corrects
    where e.corrects is null group by 1, 2, 3, 4),
slot as materialized (
    select v.item_id, v.starts_at, v.account_id, v.meter, v.object, t.slot, greatest(v.starts_at, t.first_at) as since,
           least(v.ends_at, t.last_at + interval '1 microsecond') as until,
           t.total, t.largest, t.last_at, t.last_id, t.last_value,
           t.first_at >= v.starts_at and t.last_at < v.ends_at and k.slot is null as whole
    from {rows}
    join usage_tally t on t.bucket = %(bucket)s and t.account_id = v.account_id and t.meter = v.meter
        and t.object = v.object and t.slot > v.starts_at - {width} and t.slot < v.ends_at
    left join corrected k on k.account_id = t.account_id and k.meter = t.meter and k.object = t.object
        and k.slot = t.slot
    where t.last_at >= v.starts_at and t.first_at < v.ends_at),
single as (
    select s.item_id, s.starts_at, e.at, e.id,
           case when c.corrects is null then e.value else c.value end as value,
           case when c.corrects is null then e.member else c.member end as member
    from slot s
    join usage_event e on e.bucket = %(bucket)s and e.account_id = s.account_id and e.meter = s.meter
        and e.object = s.object and e.at >= s.since and e.at < s.until and e.corrects is null
    left join correction c on c.account_id = e.account_id and c.corrects = e.id
    where not s.whole)
select item_id, starts_at, {quantity} from ({parts}) part group by item_id, starts_at"""
_COLUMNS = (
    "item_id uuid, starts_at timestamptz, ends_at timestamptz, account_id uuid, meter text, object text"
)
_VALUES = """
    select item_id, starts_at, {0} as value, last_at as at, last_id as id from slot where whole
    union all select item_id, starts_at, value, at, id from single where value is not null"""
_MEMBERS = """
    select s.item_id, s.starts_at, m.member from slot s
    join usage_member m on m.bucket = %(bucket)s and m.account_id = s.account_id and m.meter = s.meter
        and m.object = s.object and m.slot = s.slot where s.whole
    union all select item_id, starts_at, member from single"""


def _read(quantity: str, parts: str, width: str = _WIDTH) -> Statement:
    text = _READ.replace("{quantity}", quantity).replace("{parts}", parts)
    return Statement(_COLUMNS, text.replace("{width}", width).replace("{slot}", SLOT.format("e")))


READ: Mapping[Aggregation, Statement] = {
    Aggregation.SUM: _read("coalesce(sum(value), 0)::bigint", _VALUES.format("total")),
    Aggregation.MAX: _read("coalesce(max(value), 0)", _VALUES.format("largest")),
    Aggregation.LAST: _read(
        "coalesce((array_agg(value order by at desc, id desc))[1], 0)", _VALUES.format("last_value")
    ),
    Aggregation.UNIQUE: _read("count(distinct member)", _MEMBERS, _MEMBERS_WIDTH),
}
