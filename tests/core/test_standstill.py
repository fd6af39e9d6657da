"""A debt does not age while its provider cannot be reached: which stretches count, for how long, and what moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.core.health import assess
from solvent.core.invoice import InvoiceState
from solvent.core.owed import Owed
from solvent.core.payment import FailureCause
from solvent.core.policy import Policy
from solvent.core.snapshot import Standing, Tries
from solvent.core.standstill import Outage, Reached, aged, outages, stretches
from tests.core.ladders import DAY, DUE, POLICY, measures, on_day, owed
from tests.core.test_health import FIRST, ISSUED_AT, Case, owing

if TYPE_CHECKING:
    from tests.core.conftest import Shop

WEEK = replace(POLICY, outage_max=7 * DAY)


def on(day: float) -> datetime:
    return DUE + day * DAY


def out(day: float) -> Reached:
    return Reached(begun_at=on(day), at=on(day), out=True)


def answered(day: float, over: float | None = None) -> Reached:
    """A try that its provider answered, and that was over then, or later."""
    return Reached(begun_at=on(day), at=on(day if over is None else over), out=False)


@pytest.mark.parametrize(
    ("tries", "met"),
    [
        ((), ()),
        ((answered(1), answered(2)), ()),
        ((out(1),), ((1, None),)),
        ((out(1), out(2), out(3)), ((1, None),)),
        ((answered(0), out(1), out(2), answered(4), answered(5)), ((1, 4),)),
        ((out(0), answered(3), out(6)), ((0, 3), (6, None))),
        (
            (out(1), answered(2, over=6)),
            ((1, 2),),
        ),  # a debit that failed after days was answered when it began
        ((out(3), answered(2, over=4)), ((3, 3),)),
    ],
)
def test_an_outage_lasts_until_a_try_that_is_answered_begins(
    tries: tuple[Reached, ...], met: tuple[tuple[float, float | None], ...]
) -> None:
    assert outages(tries) == tuple(
        Outage(since=on(since), until=None if until is None else on(until)) for since, until in met
    )


@pytest.mark.parametrize(
    ("met", "bound", "stood"),
    [
        (((2, 5),), 7, ((2, 5),)),
        (((2, None),), 7, ((2, 9),)),
        (((2, 12),), 7, ((2, 9),)),
        (((2, 5), (8, None)), 7, ((2, 5), (8, 12))),  # three days, and four are left
        (((2, 9), (10, 11)), 7, ((2, 9),)),
        (((-3, 2),), 7, ((0, 2),)),  # what was before it fell due is no age
        (((-3, -1), (1, 2)), 7, ((1, 2),)),
        (((2, None),), 0, ()),
    ],
)
def test_what_counts_is_bounded_in_all(
    met: tuple[tuple[float, float | None], ...], bound: float, stood: tuple[tuple[float, float], ...]
) -> None:
    given_ = [Outage(since=on(a), until=None if b is None else on(b)) for a, b in met]
    assert stretches(given_, DUE, bound * DAY) == tuple((on(a), on(b)) for a, b in stood)


@pytest.mark.parametrize(
    ("age", "comes"),
    [(0, 0), (1, 1), (2, 2), (2.5, 5.5), (4, 7), (5, 8), (6, 10), (20, 24)],
)
def test_an_age_comes_so_much_later_as_it_stood_still_before(age: float, comes: float) -> None:
    stood = ((on(2), on(5)), (on(8), on(9)))
    assert aged(DUE, age * DAY, stood) == on(comes)
    assert owed(stood=stood).aged(age * DAY) == on(comes)


@given(
    st.lists(st.integers(min_value=1, max_value=40), min_size=2, max_size=6, unique=True),
    st.integers(min_value=0, max_value=20),
    st.integers(min_value=0, max_value=60),
    st.integers(min_value=0, max_value=60),
)
def test_ages_keep_their_order_and_no_debt_stands_still_for_longer_than_it_may(
    days: list[int], bound: int, one: int, other: int
) -> None:
    met = [Outage(since=on(a), until=on(b)) for a, b in list(pairwise(sorted(days)))[::2]]
    stood = stretches(met, DUE, bound * DAY)
    young, old = (aged(DUE, age * DAY, stood) for age in sorted((one, other)))
    assert young <= old
    assert timedelta() <= old - DUE - max(one, other) * DAY <= bound * DAY


def test_rungs_and_what_they_begin_come_later() -> None:
    late = owed(stood=((on(4), on(7)),))
    assert measures(on_day(7.9, late)) == []
    begun = on_day(8, late)
    assert measures(begun) == ["restrict"]
    assert (begun.measures[0].since, begun.next_at) == (on(8), on(13))
    assert begun.rungs == {late.invoice_id: "restricted"}
    assert [n.rung for n in on_day(8, replace(late, trying=True)).notices] == []
    assert [n.rung for n in on_day(8 + 1 / 24, replace(late, trying=True)).notices] == ["restricted"]
    before = on_day(6, owed()).measures
    standing = owed(stood=((on(6), on(9)),))
    assert on_day(7, standing, before=before).measures == before  # what has begun stays, since when it began


def still(shop: Shop, *met: Outage) -> Case:
    tries = Tries(
        failures=3, last_cause=FailureCause.PROVIDER_UNAVAILABLE, last_at=ISSUED_AT + DAY, outages=met
    )
    return Case(shop, (owing(shop),), {FIRST: tries})


def verdict_on(case: Case, day: float, policy: Policy = WEEK) -> tuple[Standing, str, list[str], object]:
    """Standing, what is in effect, what is told of the age, and the next look."""
    found = assess(case.snapshot(), case.shop.catalog, policy, ISSUED_AT + day * DAY)
    told = [line for line in found.evidence if "still" in line]
    return found.standing, " ".join(m.measure for m in found.decision.measures), told, found.recheck_at


def test_the_verdict_stands_still_and_says_why(shop: Shop) -> None:
    lasting = still(shop, Outage(since=ISSUED_AT + DAY))
    said = (
        "the age of SOL-7F-000007 stands still from 2026-01-02 00:00 until 2026-01-09 00:00 UTC at the latest, "
        "because the payment provider could not be reached or took no payments"
    )
    standing, begun, told, at = verdict_on(lasting, 11.9)
    assert (standing, begun, told, at) == (Standing.GRACE, "", [said], ISSUED_AT + 12 * DAY)
    assert verdict_on(lasting, 12)[:2] == (Standing.RESTRICTED, "restrict")
    over = still(shop, Outage(since=ISSUED_AT + DAY, until=ISSUED_AT + 4 * DAY))
    standing, begun, told, _ = verdict_on(over, 7.9)
    assert (standing, begun) == (Standing.GRACE, "")
    assert told == [
        "the age of SOL-7F-000007 stood still from 2026-01-02 00:00 until 2026-01-05 00:00 UTC, "
        "because the payment provider could not be reached or took no payments"
    ]
    assert verdict_on(over, 8)[:2] == (Standing.RESTRICTED, "restrict")


def test_of_two_stretches_only_the_last_may_last(shop: Shop) -> None:
    both = still(
        shop,
        Outage(since=ISSUED_AT - DAY, until=ISSUED_AT + DAY),
        Outage(since=ISSUED_AT + 2 * DAY),
    )
    told = verdict_on(both, 3)[2]
    assert [("stands" in line, "at the latest" in line) for line in told] == [(False, False), (True, True)]
    assert verdict_on(still(shop, Outage(since=ISSUED_AT - DAY)), 3)[2][0].startswith(
        "the age of SOL-7F-000007 stands still from 2026-01-01 00:00"
    )


def test_a_policy_that_lets_nothing_stand_still_says_nothing(shop: Shop) -> None:
    none = still(shop, Outage(since=ISSUED_AT + DAY))
    assert verdict_on(none, 5, POLICY)[:3] == (Standing.RESTRICTED, "restrict", [])


def test_of_what_was_given_up_no_age_is_told(shop: Shop) -> None:
    lost = still(shop, Outage(since=ISSUED_AT + DAY))
    gone = tuple(replace(i, state=InvoiceState.UNCOLLECTIBLE) for i in lost.invoices)
    assert verdict_on(replace(lost, invoices=gone), 5)[2] == []


def test_invoices_that_were_never_tried_age(shop: Shop) -> None:
    never = replace(still(shop, Outage(since=ISSUED_AT + DAY)), tries={})
    assert verdict_on(never, 5)[:3] == (Standing.RESTRICTED, "restrict", [])


def test_an_owed_invoice_stands_still_by_its_own_tries() -> None:
    both: tuple[Owed, ...] = (owed(), owed(2, stood=((on(1), on(7)),)))
    begun = on_day(6, *both).measures
    assert [(m.measure, m.invoice_id) for m in begun] == [("restrict", both[0].invoice_id)]
