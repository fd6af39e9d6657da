"""When an unpaid invoice is tried again, by the class of its last failure."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from solvent.core.account import CollectionMethod, Segment
from solvent.core.ladder import Schedule
from solvent.core.payment import CAUSE_CLASS, CauseClass, FailureCause
from solvent.core.policy import Policy, in_order, next_try, schedule_of
from solvent.core.policy_book import Edition, PolicyBook

LAST = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cause", "failures", "wait"),
    [
        (FailureCause.INSUFFICIENT_FUNDS, 1, timedelta(days=1)),
        (FailureCause.INSUFFICIENT_FUNDS, 5, timedelta(days=1)),
        (FailureCause.INSUFFICIENT_FUNDS, 6, None),  # five retries over five days, then no more
        (FailureCause.PROVIDER_UNAVAILABLE, 144, timedelta(minutes=10)),  # a day of outage
        (FailureCause.PROVIDER_UNAVAILABLE, 145, None),
        (FailureCause.CARD_LOST, 1, None),  # permanent: never on that method
        (FailureCause.AUTHENTICATION_REQUIRED, 1, None),  # the customer must come back
    ],
)
def test_the_class_of_a_failure_decides_about_the_next_try(
    cause: FailureCause, failures: int, wait: timedelta | None
) -> None:
    assert next_try(Policy(), cause, failures, LAST) == (None if wait is None else LAST + wait)


def test_a_class_without_retries_is_never_tried_again() -> None:
    assert next_try(Policy(retries={}), FailureCause.DECLINED, 1, LAST) is None


def test_a_next_try_follows_a_failure() -> None:
    with pytest.raises(ValueError, match="at least one failure, got 0"):
        next_try(Policy(), FailureCause.DECLINED, 0, LAST)


def test_the_default_has_an_answer_for_every_cause() -> None:
    """Five retries over five days of grace; permanent causes and customers who must act are never retried."""
    policy = Policy()
    retried = {cause for cause in FailureCause if next_try(policy, cause, 1, LAST) is not None}
    assert {CAUSE_CLASS[cause] for cause in retried} == {
        CauseClass.TRANSIENT,
        CauseClass.ABANDONED,
        CauseClass.OUTAGE,
    }
    assert set(policy.retries) == set(CauseClass)
    assert sum(policy.retries[CauseClass.TRANSIENT], timedelta()) == policy.grace


FRIDAY = datetime(2026, 5, 1, 8, tzinfo=UTC)
NO_MONEY = FailureCause.INSUFFICIENT_FUNDS
DAY = timedelta(days=1)


def special(**days: object) -> Policy:
    whole = {"causes": frozenset({NO_MONEY}), "waits": (DAY,)} | days
    return Policy(schedules=(Schedule(**whole),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days", "zone", "at"),
    [
        ({}, "UTC", datetime(2026, 5, 2, 8, tzinfo=UTC)),
        ({"weekdays": frozenset({5})}, "UTC", datetime(2026, 5, 2, 8, tzinfo=UTC)),  # a Saturday already
        ({"weekdays": frozenset(range(5))}, "UTC", datetime(2026, 5, 4, 9, tzinfo=UTC)),  # Monday, at nine
        ({"paydays": frozenset({15}), "hour": 6}, "UTC", datetime(2026, 5, 15, 6, tzinfo=UTC)),
        ({"paydays": frozenset({31})}, "UTC", datetime(2026, 5, 31, 9, tzinfo=UTC)),
        ({"paydays": frozenset({15})}, "America/New_York", datetime(2026, 5, 15, 13, tzinfo=UTC)),
        ({"weekdays": frozenset({5})}, "Pacific/Kiritimati", datetime(2026, 5, 2, 8, tzinfo=UTC)),
        ({"weekdays": frozenset({4})}, "Pacific/Kiritimati", datetime(2026, 5, 7, 19, tzinfo=UTC)),
    ],
)
def test_a_special_schedule_waits_for_its_day_in_the_account_s_zone(
    days: dict[str, object], zone: str, at: datetime
) -> None:
    assert next_try(special(**days), NO_MONEY, 1, FRIDAY, time_zone=zone) == at


def test_a_payday_that_a_month_has_not_is_its_last_day() -> None:
    last = datetime(2026, 2, 10, tzinfo=UTC)
    at = next_try(special(paydays=frozenset({31})), NO_MONEY, 1, last)
    assert at == datetime(2026, 2, 28, 9, tzinfo=UTC)


def test_a_special_schedule_has_its_own_number_of_tries() -> None:
    assert next_try(special(), NO_MONEY, 2, FRIDAY) is None
    assert next_try(special(), FailureCause.DECLINED, 5, FRIDAY) == FRIDAY + DAY


def test_the_most_special_schedule_counts() -> None:
    """One for the provider before one for the cause, before one for its class."""
    of_class = Schedule(causes=frozenset({CauseClass.TRANSIENT}), waits=(1 * DAY,))
    of_cause = Schedule(causes=frozenset({NO_MONEY}), waits=(2 * DAY,))
    of_provider = Schedule(
        causes=frozenset({CauseClass.TRANSIENT}), providers=frozenset({"sandpal"}), waits=(3 * DAY,)
    )
    policy = Policy(schedules=(of_class, of_cause, of_provider))
    assert schedule_of(policy, NO_MONEY, "sandpal") is of_provider
    assert schedule_of(policy, NO_MONEY, "sandbox") is of_cause
    assert schedule_of(policy, FailureCause.DECLINED, None) is of_class
    assert schedule_of(policy, FailureCause.CARD_LOST, "sandpal") is None


def method(number: int, kind: str) -> CollectionMethod:
    return CollectionMethod(
        id=UUID(int=number),
        account_id=UUID(int=1),
        provider="sandbox",
        token=f"tok_{number}",
        kind=kind,
        label=kind,
        off_session=True,
        priority=number,
    )


def test_policy_orders_methods_by_kind_and_keeps_the_customer_s_order_within() -> None:
    card, debit, second, wallet = (
        method(n, kind) for n, kind in enumerate(("card", "debit", "card", "wallet"))
    )
    methods = (card, debit, second, wallet)
    assert in_order(Policy(), methods) == methods
    assert in_order(Policy(method_order=("wallet", "card")), methods) == (wallet, card, second, debit)


def test_an_unpaid_period_and_a_renewal_are_served_as_policy_says() -> None:
    assert (Policy().unpaid_service, Policy().collecting) == (5 * DAY, 5 * DAY)
    longer = Policy(service=20 * DAY, renewal_window=3 * DAY)
    assert (longer.unpaid_service, longer.collecting) == (20 * DAY, 3 * DAY)


def test_a_segment_has_the_edition_of_the_moment_and_all_else_of_the_settings() -> None:
    first, second = Policy(name="first", grace=DAY, service=9 * DAY), Policy(name="second")
    editions = (Edition(effective_from=LAST, policy=first), Edition(effective_from=LAST + DAY, policy=second))
    book = PolicyBook(editions={Segment.STANDARD: editions})
    base = Policy(grace=3 * DAY, lease=timedelta(seconds=7), unpaid_blocks=False)
    moments = (LAST - DAY, LAST, LAST + DAY)
    held = [book.policy(base, Segment.STANDARD, at) for at in moments]
    assert [p.name for p in held] == ["built in", "first", "second"]
    assert [book.next_edition(Segment.STANDARD, at) for at in moments] == [LAST, LAST + DAY, None]
    assert (held[1].grace, held[1].service, held[1].lease) == (DAY, 9 * DAY, base.lease)
    assert (held[1].collecting, held[1].unpaid_blocks) == (3 * DAY, False)
    assert book.policy(base, Segment.CONTRACT, LAST) is base
    assert book.next_edition(Segment.CONTRACT, LAST) is None
