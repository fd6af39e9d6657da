"""Policy: what the merchant decides, as data.

Owns the policy value and the questions it answers: how long service goes on unpaid, when a failed collection is
tried again, what becomes of stale money. Does not own the account's assessment (`health`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from solvent.core.payment import CAUSE_CLASS, CauseClass, FailureCause, StaleMoney


def _default_retries() -> Mapping[CauseClass, tuple[timedelta, ...]]:
    days = tuple(timedelta(days=n) for n in (1, 1, 1, 1, 1))
    return {
        CauseClass.TRANSIENT: days,
        CauseClass.ABANDONED: days,
        CauseClass.OUTAGE: tuple(timedelta(minutes=10) for _ in range(144)),
        CauseClass.PERMANENT: (),
        CauseClass.ACTION_NEEDED: (),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The merchant's choices.

    `grace`: how long service goes on after a period's end while its renewal is being collected or is unpaid.
    `retries`: by class of the last failure, how long to wait before each further try; its length bounds the tries.
    `attempt_lifetime`: how long a customer may take to confirm. `lease`: how long a caller may take for one
    provider call before the janitor looks. `processing_interval`: how often a delayed settlement is asked for.
    `unpaid_blocks`: whether overdue debt refuses purchases and upgrades.
    `usage_delay`: how long after a period's end its usage is billed, so that the last events arrive first.
    `prepaid_validity`: how long after it was bought account credit expires; None: never.
    """

    grace: timedelta = timedelta(days=5)
    retries: Mapping[CauseClass, tuple[timedelta, ...]] = field(default_factory=_default_retries)
    attempt_lifetime: timedelta = timedelta(minutes=30)
    lease: timedelta = timedelta(seconds=60)
    processing_interval: timedelta = timedelta(hours=6)
    stale_money: StaleMoney = StaleMoney.CREDIT
    unpaid_blocks: bool = True
    usage_delay: timedelta = timedelta(hours=1)
    prepaid_validity: timedelta | None = None


def next_try(policy: Policy, cause: FailureCause, failures: int, last: datetime) -> datetime | None:
    """When to try an unpaid invoice again after `failures` ≥ 1 failed tries, the last at `last`; None: never."""
    if failures < 1:
        raise ValueError(f"a next try follows at least one failure, got {failures}")
    waits = policy.retries.get(CAUSE_CLASS[cause], ())
    return last + waits[failures - 1] if failures <= len(waits) else None
