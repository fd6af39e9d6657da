"""Usage in the database: SQL counts what the core counts, marks lose nothing, and periods end where they must."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.core.account import Account
from solvent.core.catalog import Aggregation, CatalogError, Meter, Scheme
from solvent.core.change import CancelNow, ChangeInterval, NewItem
from solvent.core.meter import UsageEvent, quantity
from solvent.core.period import Interval, Unit
from solvent.core.usage import LATE_MAX, UsagePeriod
from solvent.flows.usage import look_at
from solvent.store import offers
from solvent.store.database import Database
from solvent.store.metering import CUT
from solvent.store.usage import UsageRoom
from solvent.store.usage_laws import USAGE_LAWS
from tests.drawing import examples
from tests.store.worlds import BUCKET, MONTH, NOW, World, draw

METERS = [Meter(id=str(a), name=str(a), unit="units", aggregation=a) for a in Aggregation]


@pytest.fixture
def counting(world: World) -> World:
    """A world with a meter of each aggregation, one of them sold by the month."""
    draft = offers.PriceDraft(
        key="units",
        product_id="seats",
        currency="USD",
        interval=MONTH,
        scheme=Scheme.PER_UNIT,
        unit_amount=1,
        meter="sum",
    )
    offers.apply(world.database, meters=METERS, prices=[draft], now=NOW)
    return world


def period(account: Account, meter: str, start: datetime = NOW, **known: object) -> UsagePeriod:
    """A day of one meter."""
    fields = {
        "item_id": draw(),
        "subscription_id": draw(),
        "account_id": account.id,
        "price_id": "units@1",
        "meter": meter,
        "object": "account",
        "starts_at": start,
        "ends_at": start + timedelta(days=1),
        "look_at": None,
    }
    return UsagePeriod(**(fields | known))  # type: ignore[arg-type]


def told(world: World, events: list[UsageEvent], now: datetime = NOW) -> int:
    """The events, as a batch."""
    with world.database.single() as tx:
        return tx.usage.record(events, now, look_at(now))


MINUTES = st.sampled_from(
    [*range(-90, 180, 20), *range(22 * 60, 26 * 60, 20)]
)  # within slots, and at their ends


@st.composite
def lawful_events(draw_: st.DrawFn, account: UUID) -> list[UsageEvent]:
    """Events of every meter, a third of them corrections: of what is there, of what is not, of other corrections."""
    events = []
    for meter in METERS:
        names = [f"{meter.id}-{n}" for n in range(draw_(st.integers(0, 9)))]
        for name in names:
            corrects = draw_(st.sampled_from([None, None, *(x for x in [*names, "unheard of"] if x != name)]))
            void = corrects is not None and draw_(st.booleans())
            unique = meter.aggregation is Aggregation.UNIQUE
            events.append(
                UsageEvent(
                    name,
                    account,
                    meter.id,
                    NOW + timedelta(minutes=draw_(MINUTES)),
                    draw_(st.sampled_from(["account", "account", "zone:a"])),
                    None if unique or void else draw_(st.integers(0, 5)),
                    draw_(st.sampled_from("abc")) if unique and not void else None,
                    corrects,
                )
            )
    return draw_(st.permutations(events))


@settings(
    max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_running_totals_give_what_the_core_counts(counting: World, data: st.DataObject) -> None:
    """Whatever the order, the batches, the duplicates and the corrections, and wherever periods begin and end."""
    account = counting.account()
    events = data.draw(lawful_events(account.id))
    cut = data.draw(st.integers(0, len(events)))
    assert told(counting, events[:cut]) == cut
    assert told(counting, events) == len(events) - cut
    spans = [
        (NOW + timedelta(minutes=a), NOW + timedelta(minutes=b))
        for a, b in data.draw(st.lists(st.tuples(MINUTES, MINUTES), min_size=1, max_size=4))
        if a < b
    ]
    spans.append((NOW - timedelta(days=2), NOW + timedelta(days=30)))
    periods = [
        period(account, meter.id, start, ends_at=end, object=thing)
        for meter in METERS
        for start, end in spans
        for thing in ("account", "zone:a", "zone:none")
    ]
    with counting.database.begin() as tx:
        readings = tx.usage.read(BUCKET, periods, counting.database.catalog())
    for reading in readings:
        asked = reading.period
        here = [x for x in events if x.meter == asked.meter and (x.object == asked.object or x.corrects)]
        assert reading.quantity == quantity(Aggregation(asked.meter), here, asked.period), asked
    assert astray(counting) == 0


def astray(world: World) -> int:
    """How many running totals are not what their events come to."""
    (law,) = USAGE_LAWS
    ((count,),) = world.rows(law.query)
    assert isinstance(count, int)
    return count


def test_the_law_sees_a_total_or_an_event_that_is_not_what_was_told(counting: World) -> None:
    account = counting.account()
    unique = UsageEvent("m", account.id, "unique", NOW, "account", None, "a", None)
    told(counting, [UsageEvent("e", account.id, "sum", NOW, "account", 1, None, None), unique])
    assert astray(counting) == 0
    for tampered in (
        "update usage_tally set total = total + 1 where meter = 'sum'",
        "update usage_member set member = 'b'",
        "delete from usage_member",
        "delete from usage_event where id = 'e'",
    ):
        with counting.database.transaction() as connection:
            connection.execute(tampered)
            assert connection.execute(USAGE_LAWS[0].query).fetchone() != (0,), tampered
            connection.rollback()
    assert astray(counting) == 0


def test_an_event_that_says_nothing_is_refused_by_the_database(counting: World) -> None:
    account = counting.account()
    for value, member in ((None, None), (1, "a")):
        with pytest.raises(psycopg.errors.CheckViolation):
            told(counting, [UsageEvent("e", account.id, "sum", NOW, "account", value, member, None)])


def test_two_batches_at_once_leave_no_total_behind(counting: World) -> None:
    accounts = [counting.account(bucket) for bucket in range(20)]

    def batch(n: int) -> int:
        events = [
            UsageEvent(f"e{n}-{k}", account.id, "sum", NOW, "account", 1, None, None)
            for account in accounts
            for k in range(5)
        ]
        return told(counting, events if n % 2 else events[::-1])

    with ThreadPoolExecutor(4) as senders:
        assert list(senders.map(batch, range(8))) == [100] * 8
    assert counting.rows("select distinct total::bigint, events from usage_tally") == [(40, 40)]
    assert astray(counting) == 0


def test_where_buckets_have_servers_of_their_own_each_is_a_transaction(counting: World) -> None:
    accounts = [counting.account(bucket) for bucket in (3, 5, 250)]
    events = [
        UsageEvent(f"e{n}", accounts[n % 3].id, "sum", NOW, "account", 1, None, None) for n in range(30)
    ]
    with counting.database.autocommit() as connection:
        room = UsageRoom(connection, distributed=True)
        assert room.record(events, NOW, look_at(NOW)) == 30
        assert room.record(events, NOW, look_at(NOW)) == 0
    transactions = "select count(distinct xmin::text), count(distinct bucket) from usage_event"
    assert counting.rows(transactions) == [(3, 3)]
    assert astray(counting) == 0


def test_a_batch_may_be_of_many_buckets_and_is_stored_once(counting: World) -> None:
    accounts = [counting.account(bucket) for bucket in (3, 5, 250)]
    events = [
        UsageEvent(f"e{n}", accounts[n % 3].id, "sum", NOW, "account", 1, None, None) for n in range(30)
    ]
    assert told(counting, events[:20]) == 20
    assert told(counting, events) == 10
    assert counting.rows("select bucket, count(*) from usage_event group by 1 order by 1") == [
        (3, 10),
        (5, 10),
        (250, 10),
    ]


def test_an_account_is_marked_once_a_minute_and_not_for_what_was_known(counting: World) -> None:
    account = counting.account()
    events = [UsageEvent(f"e{n}", account.id, "sum", NOW, "account", 1, None, None) for n in range(4)]
    marks = "select look_at, xmin from usage_mark order by 1"
    first, second = look_at(NOW), look_at(NOW + timedelta(minutes=1))
    assert first == look_at(NOW + timedelta(seconds=59)) == NOW + timedelta(minutes=2)
    told(counting, events[:1])
    ((_, written),) = counting.rows(marks)
    told(counting, events[:2], NOW + timedelta(seconds=59))  # the mark stands, and is not written again
    assert counting.rows(marks) == [(first, written)]
    told(counting, events[:3], NOW + timedelta(seconds=60))
    assert [row[0] for row in counting.rows(marks)] == [first, second]
    with counting.database.begin() as tx:
        assert tx.usage.claim(BUCKET, first - timedelta(seconds=1), 10, None) == []
        assert [of.account.id for of in tx.usage.claim(BUCKET, first, 10, None)] == [account.id]
        assert [of.account.id for of in tx.usage.claim(BUCKET, second, 10, None)] == [account.id]
    assert counting.rows(marks) == []
    told(counting, events[:3], second)
    assert counting.rows(marks) == []


def test_news_of_an_account_that_is_put_off_do_not_shorten_its_pause(counting: World) -> None:
    account = counting.account()
    events = [UsageEvent(f"e{n}", account.id, "sum", NOW, "account", 1, None, None) for n in range(2)]
    with counting.database.begin() as tx:
        tx.usage.put_off(BUCKET, {account.id: (6, "why")}, NOW)
        tx.usage.put_off(BUCKET, {account.id: (7, "why")}, NOW)
    ((until, times),) = counting.rows("select look_at, stuck_times from usage_mark")
    assert isinstance(until, datetime)
    assert times == 8
    told(counting, events)
    with counting.database.begin() as tx:
        assert tx.usage.claim(BUCKET, until - timedelta(seconds=1), 10, None) == []
        (of,) = tx.usage.claim(BUCKET, until, 10, None)
    assert of.times == 8
    assert counting.rows("select from usage_mark") == []


def test_a_mark_that_others_hold_is_left_to_them(counting: World, database: Database) -> None:
    account = counting.account()
    told(counting, [UsageEvent("e", account.id, "sum", NOW, "account", 1, None, None)])
    with database.begin() as held, database.begin() as tx:
        held.connection.execute("select from usage_mark for update")
        assert tx.usage.claim(BUCKET, NOW + timedelta(hours=1), 10, None) == []


def test_only_accounts_that_exist_are_found_with_their_clocks(counting: World) -> None:
    wall, clock = counting.account(), counting.account(9, test_now=NOW)
    with counting.database.look() as tx:
        found = tx.usage.moments({wall.id, draw(), clock.id})
    assert found == {wall.id: None, clock.id: NOW}


def test_cancelling_cuts_the_period_and_has_it_billed(counting: World) -> None:
    account, _, _ = counting.subscribed([NewItem(price_id="units@1")])
    (whole,) = counting.rows("select starts_at, ends_at, look_at from usage_period")
    assert whole[2] == whole[1] + timedelta(hours=1)  # type: ignore[operator]
    (subscription,) = counting.rows("select id from subscription")
    now = NOW + timedelta(days=3)
    plan = counting.plan(account.id, CancelNow(subscription_id=subscription[0]), now)  # type: ignore[arg-type]
    attempt = counting.attempt(plan)
    counting.journal(attempt)
    counting.settle(attempt)
    (cut,) = counting.rows("select starts_at, ends_at, look_at from usage_period")
    assert cut == (whole[0], now, now + timedelta(hours=1))
    with counting.database.begin() as tx:
        (of,) = tx.usage.claim(BUCKET, now + timedelta(hours=1), 10, None)
        tx.usage.put_off(BUCKET, {account.id: (0, "why")}, now + timedelta(hours=1))
        assert tx.usage.claim(BUCKET, now + timedelta(hours=1), 10, None) == []
    assert of.periods[0].ends_at == now


def test_a_period_is_forgotten_when_nothing_late_can_come_any_more(counting: World) -> None:
    account, _, _ = counting.subscribed([NewItem(price_id="units@1")])
    with counting.database.transaction() as connection:
        connection.execute("update usage_period set look_at = null")
    (row,) = counting.rows("select ends_at from usage_period")
    assert isinstance(row[0], datetime)
    over = row[0] + LATE_MAX
    with counting.database.begin() as tx:
        assert len(tx.usage.of_account(account.id, over - timedelta(seconds=1))) == 1
        assert tx.usage.of_account(account.id, over) == ()


def test_an_event_is_never_changed(counting: World) -> None:
    account = counting.account()
    told(counting, [UsageEvent("e", account.id, "sum", NOW, "account", 1, None, None)])
    with pytest.raises(Exception, match="immutable"), counting.database.transaction() as connection:
        connection.execute("update usage_event set value = 2")


def test_a_meter_keeps_how_it_counts(counting: World) -> None:
    changed = Meter(id="sum", name="sum", unit="units", aggregation=Aggregation.MAX)
    with pytest.raises(CatalogError, match=r"meters\.sum\.aggregation: must stay sum"):
        offers.apply(counting.database, meters=[changed], now=NOW)
    renamed = Meter(id="sum", name="Sum", unit="units", aggregation=Aggregation.SUM)
    assert offers.apply(counting.database, meters=[renamed], now=NOW) == ["meter sum: changed"]


def test_a_longer_interval_cuts_the_period_and_another_begins(counting: World) -> None:
    yearly = offers.PriceDraft(
        key="units-year",
        product_id="seats",
        currency="USD",
        interval=Interval(unit=Unit.YEAR),
        scheme=Scheme.PER_UNIT,
        unit_amount=1,
        meter="sum",
    )
    offers.apply(counting.database, prices=[yearly], now=NOW)
    counting.database.catalog(needs=["units-year@1"])
    account, _, _ = counting.subscribed([NewItem(price_id="units@1")])
    ((subscription, item),) = counting.rows("select subscription_id, id from item")
    now = NOW + timedelta(days=3)
    change = ChangeInterval(subscription_id=subscription, prices=((item, "units-year@1"),))  # type: ignore[arg-type]
    attempt = counting.attempt(counting.plan(account.id, change, now))
    counting.journal(attempt)
    counting.settle(attempt)
    assert counting.rows("select starts_at, ends_at, price_id from usage_period order by 1") == [
        (NOW, now, "units@1"),
        (now, now.replace(year=now.year + 1), "units-year@1"),
    ]


def test_an_end_after_its_period_counts_until_then_and_is_billed_again(counting: World) -> None:
    counting.subscribed([NewItem(price_id="units@1")])
    ((subscription, end),) = counting.rows("select subscription_id, ends_at from usage_period")
    assert isinstance(end, datetime)
    later = end + timedelta(days=4)
    with counting.database.transaction() as connection:
        connection.execute("update usage_period set look_at = null")
        cut = [(subscription, later, later + timedelta(hours=1), end)]
        CUT.run(connection, cut, bucket=BUCKET)
        CUT.run(connection, cut, bucket=BUCKET)
    assert counting.rows("select ends_at, look_at from usage_period") == [(later, later + timedelta(hours=1))]
