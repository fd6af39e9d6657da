"""Usage: what is billed of a period, and when; the invoices of a period sum to the price of what was used in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.core.account import Account, Segment
from solvent.core.catalog import (
    Aggregation,
    Catalog,
    CatalogError,
    Meter,
    Price,
    Product,
    Scheme,
    Tier,
    validate,
)
from solvent.core.document_parts import days_of
from solvent.core.invoice import LineKind
from solvent.core.money import Rounding, parse_scaled
from solvent.core.period import Interval, Unit
from solvent.core.plan import Intent, OnFailure, Plan
from solvent.core.policy import Policy
from solvent.core.pricing import amount
from solvent.core.proration import Convention
from solvent.core.usage import CHARGED_MAX, Reach, Reading, UsagePeriod, crossed, plan_usage, reach
from tests.core.checking import check_lines
from tests.core.funds import grants

START = datetime(2027, 1, 31, 12, tzinfo=UTC)
END = datetime(2027, 2, 28, 12, tzinfo=UTC)
POLICY = Policy()
ACCOUNT = Account(
    id=UUID(int=1),
    segment=Segment.STANDARD,
    currency="USD",
    country="US",
    time_zone="America/New_York",
    email="ada@example.com",
    name="Ada",
    entity="solvent-us",
)


def _price(name: str, scheme: Scheme = Scheme.PER_UNIT, **terms: object) -> Price:
    return Price(
        id=name,
        product_id="calls",
        version=1,
        currency="USD",
        interval=Interval(unit=Unit.MONTH),
        scheme=scheme,
        meter="calls",
        **terms,  # type: ignore[arg-type]
    )


TIERS = (Tier(up_to=1000, unit_amount=0), Tier(up_to=5000, unit_amount=50), Tier(up_to=None, unit_amount=20))
PRICES = [
    _price("unit", unit_amount=3, scale=5, threshold=1000),
    _price("cent", unit_amount=1),
    _price("graduated", Scheme.GRADUATED, tiers=TIERS, scale=2),
    _price("volume", Scheme.VOLUME, tiers=TIERS, scale=2, threshold=100),
    _price("package", Scheme.PACKAGE, unit_amount=25, package_size=1000, scale=1),
]
METER = Meter(id="calls", name="Calls answered", unit="calls", aggregation=Aggregation.SUM)
PRODUCT = Product(id="calls", name="Calls", family="calls", features={})
CATALOG = Catalog.checked([PRODUCT], PRICES, [METER])


def period(price: str = "unit", **known: object) -> UsagePeriod:
    """A month's period that is open."""
    base = UsagePeriod(
        item_id=UUID(int=5),
        subscription_id=UUID(int=6),
        account_id=ACCOUNT.id,
        price_id=price,
        meter="calls",
        object="account",
        starts_at=START,
        ends_at=END,
        look_at=END + POLICY.usage_delay,
    )
    return replace(base, **known)  # type: ignore[arg-type]


def planned(readings: Sequence[Reading], now: datetime, credit: int = 0) -> Plan | None:
    """The plan of what is owed."""
    return plan_usage(
        ACCOUNT,
        readings,
        catalog=CATALOG,
        policy=POLICY,
        convention=Convention(),
        credit_grants=grants(credit),
        now=now,
    )


def committed(state: UsagePeriod, plan: Plan | None) -> UsagePeriod:
    """The period as the plan's commit leaves it."""
    if plan is None:
        return state
    (billed,) = plan.usage
    assert (billed.item_id, billed.starts_at, billed.base) == (state.item_id, state.starts_at, state.version)
    assert billed.amount == state.billed_amount + billed.charged
    return replace(
        state,
        billed_quantity=billed.quantity,
        billed_amount=billed.amount,
        look_at=billed.look_at,
        version=state.version + 1,
    )


DUE = END + POLICY.usage_delay


def test_nothing_is_billed_before_the_period_is_over_and_the_last_events_have_come() -> None:
    reading = Reading(period=period("cent"), quantity=500)
    assert planned([reading], END) is None
    plan = planned([reading], DUE)
    assert plan is not None
    assert (plan.intent, plan.on_failure, plan.total) == (Intent.BILL_USAGE, OnFailure.GRACE, 500)
    assert (plan.claim, plan.after) == (f"use:{ACCOUNT.id}", None)
    (line,) = plan.lines
    assert (line.kind, line.amount, line.quantity) == (LineKind.USAGE, 500, 500)
    assert str(line.description) == "Usage of Calls: Calls answered"
    assert (
        str(line.explanation) == "calls: 500 × 0.01 USD = 5.00 USD, used from 2027-01-31 through 2027-02-28"
    )


@pytest.mark.parametrize("ends", [datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 3, 1, 9, tzinfo=UTC)])
def test_the_last_day_is_that_of_the_document(ends: datetime) -> None:
    """The last day of which a period has any time, whether it ends with the day or within it."""
    plan = planned([Reading(period=period("cent", ends_at=ends), quantity=500)], ends + POLICY.usage_delay)
    assert plan is not None
    (line,) = plan.lines
    _, _, through = days_of(line.period, ZoneInfo("UTC"))
    assert str(line.explanation).endswith(f"used from 2027-01-31 through {through}")


def test_a_price_below_a_cent_is_rounded_once() -> None:
    plan = planned([Reading(period=period(), quantity=1_234_567)], DUE)
    assert plan is not None
    # 1,234,567 × 0.00003 cents = 37.03701 cents
    assert plan.total == 37
    assert str(plan.lines[0].explanation).startswith(
        "calls: 1234567 × 0.0000003 USD = 0.3703701, rounded half-up to 0.37 USD"
    )


def test_what_costs_nothing_is_closed_without_an_invoice() -> None:
    plan = planned([Reading(period=period(), quantity=0)], DUE)
    assert plan is not None
    assert (plan.lines, plan.total, plan.usage[0].look_at) == ((), 0, None)


def test_late_usage_waits_for_an_invoice_unless_none_is_to_come() -> None:
    late = Reading(period=period("cent", look_at=None, billed_amount=100, version=2), quantity=130)
    current = Reading(
        period=period(
            "cent", starts_at=END, ends_at=DUE + timedelta(days=31), look_at=DUE + timedelta(days=32)
        ),
        quantity=9,
    )
    assert planned([late, current], DUE) is None
    assert planned([replace(late, quantity=100)], DUE) is None
    alone = planned([late], DUE)
    both = planned([current, late], DUE + timedelta(days=32))
    assert alone is not None
    assert both is not None
    assert alone.total == 30
    assert [line.amount for line in both.lines] == [30, 9]
    assert str(both.lines[0].description) == "Later usage of Calls: Calls answered"
    assert str(both.lines[0].explanation).endswith("less 1.00 billed before = 0.30 USD")


def test_a_threshold_bills_what_was_used_so_far() -> None:
    reading = Reading(period=period(object="zone:a"), quantity=33_333_333)
    assert crossed([reading], CATALOG, Rounding.HALF_UP)
    assert not crossed([replace(reading, quantity=33_000_000)], CATALOG, Rounding.HALF_UP)
    assert not crossed([replace(reading, period=period("cent"))], CATALOG, Rounding.HALF_UP)
    assert not crossed([replace(reading, period=period(look_at=None))], CATALOG, Rounding.HALF_UP)
    plan = planned([reading], START + timedelta(days=2))
    assert plan is not None
    assert (plan.total, plan.usage[0].look_at) == (1000, DUE)
    assert "used so far from" in str(plan.lines[0].explanation)
    assert str(plan.lines[0].description).endswith(", zone:a")


def test_of_what_was_billed_too_high_nothing_is_charged() -> None:
    plan = planned([Reading(period=period("cent", billed_amount=100, version=2), quantity=40)], DUE)
    assert plan is not None
    assert (plan.lines, plan.total, plan.credit_granted) == ((), 0, 0)
    (billed,) = plan.usage
    assert (billed.amount, billed.charged, billed.look_at) == (100, 0, None)


def test_an_absurd_amount_is_not_billed() -> None:
    with pytest.raises(ValueError, match="minor units is not billed"):
        planned([Reading(period=period("cent"), quantity=CHARGED_MAX + 1)], DUE)


def test_a_plan_of_other_usage_has_another_fingerprint() -> None:
    plans = [planned([Reading(period=period("unit"), quantity=n)], DUE) for n in (100_000, 100_001, 100_000)]
    first, second, third = (plan.fingerprint for plan in plans if plan is not None)
    assert first == third != second  # both cost 3 cents


def test_what_has_to_be_read() -> None:
    open_, over = period("unit"), period("cent", look_at=None)
    assert reach([period("cent"), over], CATALOG, END) is Reach.NONE
    assert reach([open_, over], CATALOG, END) is Reach.THRESHOLDS
    assert reach([open_, over], CATALOG, DUE) is Reach.ALL
    assert reach([over], CATALOG, END) is Reach.ALL


@given(
    name=st.sampled_from([p.id for p in PRICES]),
    steps=st.lists(st.tuples(st.integers(0, 9000), st.booleans()), min_size=1, max_size=12),
)
def test_the_invoices_of_a_period_sum_to_the_highest_price_that_it_came_to(
    name: str, steps: list[tuple[int, bool]]
) -> None:
    """Whatever the quantity does in between: thresholds, the period's end, late events and corrections. What goes back
    of that is not theirs to say: `test_overbilled`."""
    state, charged, now = period(name), 0, START
    last, highest = 0, 0
    for n, (quantity, ends) in enumerate([*steps, (steps[-1][0], True)]):
        last = quantity
        now = max(now, DUE) if ends else now
        plan = planned([Reading(period=state, quantity=quantity)], now)
        charged += 0 if plan is None else plan.total
        check_lines(() if plan is None else plan.lines)
        highest = max(highest, amount(CATALOG.price(name), last) if plan is not None else 0)
        state = committed(state, plan)
        assert state.billed_amount == charged, n
    assert state.look_at is None
    assert charged == highest
    assert planned([Reading(period=state, quantity=last)], now) is None


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"interval": None}, "interval"),
        ({"scheme": Scheme.FLAT}, "scheme"),
        ({"scale": 13}, "scale"),
        ({"scale": -1}, "scale"),
        ({"threshold": 0}, "threshold"),
        ({"meter": None, "scale": 2, "threshold": None}, "scale"),
        ({"meter": None, "scale": 0}, "threshold"),
        ({"meter": "none"}, "meter"),
    ],
)
def test_the_rules_of_a_metered_price(changed: dict[str, object], field: str) -> None:
    price = replace(PRICES[0], **changed)  # type: ignore[arg-type]
    with pytest.raises(CatalogError) as found:
        Catalog.checked([PRODUCT], [price], [METER])
    assert found.value.field == f"prices.unit.{field}"


def test_a_meter_is_sold_by_one_family() -> None:
    other = Product(id="chats", name="Chats", family="chats", features={})
    with pytest.raises(CatalogError, match="one family, got calls and chats"):
        Catalog.checked([PRODUCT, other], [PRICES[0], replace(PRICES[1], product_id="chats")], [METER])
    with pytest.raises(CatalogError, match="must name a product"):
        Catalog.checked([PRODUCT], [replace(PRICES[0], product_id="gone")], [METER])
    misplaced = Catalog(products={}, prices={}, meters={"calls": replace(METER, id="other")})
    assert [x.field for x in validate(misplaced)] == ["meters.calls.id"]


def test_amounts_below_a_minor_unit_are_read_exactly() -> None:
    assert parse_scaled("0.00000030", "USD") == (3, 5)
    assert parse_scaled("2.50", "USD") == (250, 0)
    assert parse_scaled("0.15", "JPY") == (15, 2)
    with pytest.raises(ValueError, match="plain decimal"):
        parse_scaled("1e-7", "USD")
