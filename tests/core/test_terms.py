"""Terms: whose hold, and until when they give."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from solvent.core.account import Segment
from solvent.core.terms import Terms, Together, due_at
from tests.core.conftest import CATALOG, Shop

CONTRACTS = replace(CATALOG, terms={Segment.CONTRACT: Terms(days=30)})


@pytest.mark.parametrize(
    ("issued", "days", "zone", "due"),
    [
        ("2027-01-10T08:00", 0, "UTC", "2027-01-10T08:00"),
        ("2027-01-10T08:00", 30, "UTC", "2027-02-09T08:00"),
        # 10:00 in New York both times: UTC−5 in winter, UTC−4 after 14 March
        ("2027-02-01T15:00", 60, "America/New_York", "2027-04-02T14:00"),
        # 02:30 on 28 March does not occur in Berlin: an hour later
        ("2027-02-26T01:30", 30, "Europe/Berlin", "2027-03-28T01:30"),
    ],
)
def test_due_at_the_same_local_time(issued: str, days: int, zone: str, due: str) -> None:
    moment = datetime.fromisoformat(issued).replace(tzinfo=UTC)
    assert due_at(moment, days, zone) == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("segment", "own", "days"),
    [
        (Segment.CONTRACT, None, 30),
        (Segment.CONTRACT, 60, 60),
        (Segment.CONTRACT, 0, 0),
        (Segment.STANDARD, None, 0),
        (Segment.STANDARD, 14, 14),
    ],
)
def test_an_accounts_own_terms_come_before_those_of_its_segment(
    shop: Shop, segment: Segment, own: int | None, days: int
) -> None:
    account = replace(shop.account, segment=segment, terms_days=own)
    assert CONTRACTS.terms_days(account) == days


@pytest.mark.parametrize(
    ("segments", "own", "holds"),
    [
        (Together.NEVER, None, Together.NEVER),
        (Together.NEVER, Together.INSTANT, Together.INSTANT),
        (Together.INSTANT, Together.NEVER, Together.NEVER),
        (Together.INSTANT, None, Together.INSTANT),
    ],
)
def test_an_account_may_say_itself_what_is_paid_together(
    shop: Shop, segments: Together, own: Together | None, holds: Together
) -> None:
    catalog = replace(CONTRACTS, terms={Segment.PARTNER: Terms(days=30, together=segments)})
    account = replace(shop.account, segment=Segment.PARTNER, terms_days=None, together=own)
    assert catalog.terms_of(account) == Terms(days=30, together=holds)


def test_a_segment_on_terms_needs_no_payment_and_no_mandate(shop: Shop) -> None:
    shop.catalog = CONTRACTS
    shop.account = replace(shop.account, segment=Segment.CONTRACT, terms_days=None)
    plan = shop.zone()
    assert (plan.total, plan.due, plan.terms_days, plan.proof) == (2000, 0, 30, "terms")
    assert not shop.start("media").needs_setup
