"""The desk of the dashboard: pages of what happened lose nothing where they are parted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from solvent.core.operator import Ability
from solvent.store.insight import Ended
from solvent.web.dashboard.desk import MAY, untorn
from solvent.web.dashboard.payments import daily

FIRST = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    at: datetime
    number: int


def entries(*minutes: int) -> list[Entry]:
    """Entries, the latest first, at so many minutes after the first moment."""
    return [Entry(FIRST + timedelta(minutes=m), n) for n, m in enumerate(sorted(minutes, reverse=True))]


def read_on(told: list[Entry], most: int) -> list[Entry]:
    """What somebody sees who goes on to the end."""
    seen, before = list[Entry](), None
    while True:
        rest = [e for e in told if before is None or e.at < datetime.fromisoformat(before)]
        shown, before = untorn(rest[: most + 1], most)
        seen += shown
        if before is None:
            return seen


def test_what_happened_at_one_moment_is_on_one_page() -> None:
    told = entries(9, 8, 8, 8, 7, 6, 6, 1)
    assert read_on(told, 3) == told
    assert untorn(told[:4], 3)[0] == told[:1], "the three of a moment follow together"


def test_all_that_fit_are_the_last_page() -> None:
    told = entries(3, 2, 2)
    assert untorn(told, 3) == (told, None)
    assert untorn([], 3) == ([], None)


def test_of_a_moment_with_more_than_a_page_a_page_is_shown_and_the_next_goes_on_below() -> None:
    told = entries(5, 5, 5, 5, 4)
    assert read_on(told, 3) == [*told[:3], told[4]]


def ended(day: int, state: str, attempts: int) -> Ended:
    return Ended(
        day=date(2026, 3, day),
        provider="sandbox",
        method="card",
        path="renewal",
        off_session=True,
        state=state,
        cause="",
        attempts=attempts,
    )


def test_days_without_a_payment_are_zeros_and_no_slope() -> None:
    rows = [
        ended(1, "committed", 4),
        ended(1, "failed", 1),
        ended(2, "committed", 2),
        ended(9, "returned", 3),
    ]
    rows += [ended(11, "failed", 2), ended(11, "processing", 5)]
    assert daily(rows) == [
        ("2026-03-01", 4, 1),
        ("2026-03-02", 2, 0),
        ("2026-03-03", 0, 0),
        ("2026-03-08", 0, 0),
        ("2026-03-09", 3, 0),
        ("2026-03-10", 0, 0),
        ("2026-03-11", 0, 2),
    ]
    assert daily([]) == []


def test_each_ability_is_said_in_words() -> None:
    assert set(MAY) == set(Ability)
