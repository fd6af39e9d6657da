"""Expiry: the last day of a card, the looks ahead of it, and when its customer is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from solvent.core.account import CollectionMethod, MethodState
from solvent.core.expiry import (
    LOOK_AHEAD,
    LOOK_EVERY,
    LOOK_ON,
    NEVER,
    ExpiryNotice,
    HeldMethod,
    Look,
    ends_at,
    expired,
    first_look,
    labelled,
    last_day,
    look,
)
from solvent.core.health import Assessment, assess
from solvent.core.ladder import Channel
from solvent.core.messages import Kind, ended, of_expiry
from solvent.core.payment import FailureCause, MethodSeen
from solvent.core.snapshot import Snapshot
from tests.core.ladders import POLICY
from tests.core.test_health import ASKED, FIRST, ISSUED_AT, Case, owing

if TYPE_CHECKING:
    from tests.core.conftest import Shop

DAY = timedelta(days=1)
LAST = date(2027, 3, 31)
ENDS = datetime(2027, 4, 1, tzinfo=UTC)
NOTICE = ExpiryNotice(ahead=30 * DAY, notify=(Channel.EMAIL, Channel.PORTAL))
CARD = CollectionMethod(
    id=UUID(int=1),
    account_id=UUID(int=2),
    provider="sandbox",
    token="vm_1",
    kind="card",
    label="Visa •••• 4242",
    off_session=True,
    priority=0,
    expires_on=LAST,
)
TIMELESS = replace(CARD, expires_on=None)


def looked(moment: datetime, **other: object) -> Look:
    values: dict[str, object] = {
        "told": None,
        "needed": True,
        "notice": NOTICE,
        "time_zone": "UTC",
        "moment": moment,
    }
    return look(CARD, **(values | other))  # type: ignore[arg-type] # by name


@pytest.mark.parametrize(
    ("year", "month", "day"), [(2027, 2, 28), (2028, 2, 29), (2027, 12, 31), (2027, 4, 30)]
)
def test_a_month_ends_with_its_last_day(year: int, month: int, day: int) -> None:
    assert last_day(year, month) == date(year, month, day)


def test_what_is_good_for_ever_ends_while_there_is_a_day_after_it() -> None:
    assert last_day(9999, 12) == date(9998, 12, 31)
    assert not expired(replace(CARD, expires_on=last_day(9999, 12)), "America/Adak", ENDS)


def test_it_works_to_the_end_of_its_last_day_where_the_customer_lives() -> None:
    assert ends_at(CARD, "UTC") == ENDS
    assert ends_at(CARD, "Europe/Berlin") == ENDS - timedelta(hours=2), "summer time"
    assert not expired(CARD, "UTC", ENDS - timedelta(microseconds=1))
    assert expired(CARD, "UTC", ENDS)
    assert ends_at(TIMELESS, "UTC") is None
    assert not expired(TIMELESS, "UTC", ENDS)
    assert first_look(None) is None
    assert (labelled(CARD), labelled(TIMELESS)) == ("Visa •••• 4242 · 03/2027", "Visa •••• 4242")


def test_it_is_looked_at_weekly_and_when_the_customer_is_to_be_told_and_at_its_end() -> None:
    first = first_look(LAST)
    assert first == datetime(2027, 1, 30, tzinfo=UTC) == datetime(2027, 3, 31, tzinfo=UTC) - LOOK_AHEAD
    assert looked(first - 400 * DAY) == Look(tell=False, again_at=first), "renewed: years ahead again"
    assert looked(first) == Look(tell=False, again_at=first + LOOK_EVERY)
    begins = ENDS - 30 * DAY
    assert looked(begins - DAY) == Look(tell=False, again_at=begins)
    assert looked(begins) == Look(tell=True, again_at=begins + LOOK_EVERY)
    assert looked(ENDS - DAY, told=LAST) == Look(tell=False, again_at=ENDS)
    assert looked(ENDS) == Look(tell=False, again_at=ENDS + LOOK_EVERY), "too late to warn"
    assert looked(ENDS + LOOK_ON - DAY) == Look(tell=False, again_at=ENDS + LOOK_ON + LOOK_EVERY - DAY)
    assert looked(ENDS + LOOK_ON) == NEVER
    assert look(TIMELESS, None, needed=True, notice=NOTICE, time_zone="UTC", moment=ENDS) == NEVER


def test_nobody_is_told_twice_nor_of_what_is_not_needed_nor_without_a_policy() -> None:
    moment = ENDS - 10 * DAY
    assert looked(moment).tell
    assert not looked(moment, told=LAST).tell
    assert looked(moment, told=date(2023, 3, 31)).tell, "of the card before it"
    assert not looked(moment, needed=False).tell
    assert looked(moment, notice=None) == Look(tell=False, again_at=moment + LOOK_EVERY)


def test_nobody_is_told_of_a_card_that_is_out_of_use() -> None:
    out = replace(CARD, state=MethodState.INVALID)
    moment = ENDS - 10 * DAY
    assert look(CARD, None, needed=True, notice=NOTICE, time_zone="UTC", moment=moment).tell
    assert not look(out, None, needed=True, notice=NOTICE, time_zone="UTC", moment=moment).tell


@pytest.mark.parametrize(
    ("before", "after", "cause", "state"),
    [
        (LAST, LAST + 365 * DAY, FailureCause.CARD_EXPIRED, MethodState.ACTIVE),
        (None, LAST, FailureCause.CARD_LOST, MethodState.ACTIVE),
        (LAST, LAST, FailureCause.CARD_EXPIRED, MethodState.INVALID),
        (LAST, LAST - 365 * DAY, FailureCause.CARD_INVALID, MethodState.INVALID),
        (LAST, None, FailureCause.CARD_EXPIRED, MethodState.INVALID),
        (None, None, FailureCause.CARD_EXPIRED, MethodState.INVALID),
        (LAST, LAST + 365 * DAY, FailureCause.FRAUD_SUSPECTED, MethodState.INVALID),
    ],
)
def test_a_card_is_in_use_again_when_its_bank_renewed_it(
    before: date | None, after: date | None, cause: FailureCause, state: MethodState
) -> None:
    held = HeldMethod(
        method=replace(CARD, state=MethodState.INVALID, expires_on=before), told=None, invalid_by=cause
    )
    seen = held.seen(MethodSeen(label="Visa •••• 1881", expires_on=after))
    assert (seen.label, seen.expires_on, seen.state) == ("Visa •••• 1881", after, state)
    assert held.seen(None) == held.method
    used = replace(held, method=replace(CARD, expires_on=before), invalid_by=None)
    assert used.seen(MethodSeen(label="x", expires_on=after)).state is MethodState.ACTIVE


def test_a_message_is_for_one_last_day_and_true_as_long_as_that_stands() -> None:
    (message,) = of_expiry(CARD, NOTICE)
    assert (message.kind, message.channel, message.rung) == (
        Kind.EXPIRING,
        Channel.EMAIL,
        "expires 2027-03-31",
    )
    assert (message.about, message.method_id, message.invoice_id) == (CARD.id, CARD.id, None)
    assert ended(message, CARD) is None
    assert ended(message, replace(CARD, expires_on=date(2031, 3, 31))) == "the method was renewed"
    gone = replace(CARD, state=MethodState.DETACHED)
    assert ended(message, gone) == "the method is not used any more"
    assert list(of_expiry(CARD, ExpiryNotice(ahead=DAY, notify=(Channel.WEBHOOK,)))) == []


@pytest.fixture
def owes(shop: Shop) -> Snapshot:
    """An account that owes, with a card that ends ten days later."""
    snapshot = Case(shop, (owing(shop, due_at=ISSUED_AT),), {FIRST: ASKED}).snapshot()
    (card,) = snapshot.methods
    return replace(snapshot, methods=(replace(card, expires_on=(ISSUED_AT + 9 * DAY).date()),))


def expiries(verdict: Assessment) -> list[str]:
    return [said for said in verdict.evidence if " expired on " in said]


def test_the_verdict_of_whoever_owes_is_looked_at_when_the_card_ends_and_says_that_it_has(
    shop: Shop, owes: Snapshot
) -> None:
    ends = ISSUED_AT + 10 * DAY
    unruled = replace(POLICY, ladders=(), grace=40 * DAY, service=40 * DAY)
    before = assess(owes, shop.catalog, unruled, ISSUED_AT)
    assert (before.recheck_at, expiries(before)) == (ends, [])
    after = assess(owes, shop.catalog, unruled, ends)
    assert expiries(after) == ["Visa (sandbox) expired on 2026-01-10"]
    assert after.recheck_at != ends
    gone = replace(owes, methods=(replace(owes.methods[0], state=MethodState.INVALID),))
    assert expiries(assess(gone, shop.catalog, unruled, ends)) == [], "it is out of use for another reason"


def test_of_whoever_owes_nothing_no_card_calls_for_a_look(shop: Shop, owes: Snapshot) -> None:
    rests = replace(owes, open_invoices=())
    assert assess(rests, shop.catalog, POLICY, ISSUED_AT).recheck_at is None
    assert expiries(assess(rests, shop.catalog, POLICY, ISSUED_AT + 10 * DAY)) != []
