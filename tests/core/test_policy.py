"""When an unpaid invoice is tried again, by the class of its last failure."""

from datetime import UTC, datetime, timedelta

import pytest

from solvent.core.payment import CAUSE_CLASS, CauseClass, FailureCause
from solvent.core.policy import Policy, next_try

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
