"""Policy: what the merchant decides, as data.

Owns the policy value of one segment at one moment, and the questions that a failed collection asks of it: when it is
tried again, by which method. Does not own the account's assessment (`health`), what follows from age (`dunning`), nor
which policy holds when (`policy_book`).
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from solvent.core.account import CollectionMethod
from solvent.core.expiry import ExpiryNotice
from solvent.core.ladder import Fate, Ladder, Lift, Schedule, Unpaid
from solvent.core.payment import CAUSE_CLASS, CauseClass, FailureCause, ReturnedRefund, StaleMoney


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

    `grace`: how long an invoice may be unpaid before it is overdue. `service`: how long a period's service goes on that
    is not paid; None: for the grace. `renewal_window`: how long it goes on after a period's end while its renewal is
    being collected; None: for the grace.
    `retries`: by class of the last failure, how long to wait before each further try; its length bounds the tries.
    `attempt_lifetime`: how long a customer may take to confirm. `lease`: how long a caller may take for one
    provider call before the janitor looks. `processing_interval`: how often a delayed settlement is asked for.
    `unpaid_blocks`: whether overdue debt refuses purchases and upgrades.
    `usage_delay`: how long after a period's end its usage is billed, so that the last events arrive first.
    `prepaid_validity`: how long after it was bought account credit expires; None: never.

    `schedules` come before `retries`, where they name a cause or a provider. `backups`: whether the other methods are
    tried, one after the other, when the first has failed; `method_order`: the kinds that come first. `ladders`: what
    follows from age; without any, overdue debt restricts and no more. `lift`, `upgrades`, `profile`, `fate`: what ends
    measures, what an upgrade and an edit of the profile may do meanwhile, what becomes of debt that was given up.
    `free`: the products that paid plans drop to, one of a family; None: those of the catalog that cost nothing.
    `threshold_suspends`: whether unpaid usage beyond its threshold suspends what it is of. `expiry`: when a customer is
    told that a method ends; None: nobody is. `outage_max`: for how long in all a debt does not age while its provider
    cannot be reached.
    """

    grace: timedelta = timedelta(days=5)
    retries: Mapping[CauseClass, tuple[timedelta, ...]] = field(default_factory=_default_retries)
    attempt_lifetime: timedelta = timedelta(minutes=30)
    lease: timedelta = timedelta(seconds=60)
    processing_interval: timedelta = timedelta(hours=6)
    stale_money: StaleMoney = StaleMoney.CREDIT
    returned_refund: ReturnedRefund = ReturnedRefund.CREDIT
    unpaid_blocks: bool = True
    usage_delay: timedelta = timedelta(hours=1)
    prepaid_validity: timedelta | None = None
    service: timedelta | None = None
    renewal_window: timedelta | None = None
    schedules: tuple[Schedule, ...] = ()
    backups: bool = True
    method_order: tuple[str, ...] = ()
    ladders: tuple[Ladder, ...] = ()
    lift: Lift = Lift.ALL
    upgrades: Unpaid = Unpaid.REFUSED
    profile: Unpaid = Unpaid.REFUSED
    fate: Fate = Fate.OWED
    free: tuple[str, ...] | None = None
    threshold_suspends: bool = False
    expiry: ExpiryNotice | None = None
    outage_max: timedelta = timedelta()
    name: str = "built in"

    @property
    def unpaid_service(self) -> timedelta:
        """How long the service of an unpaid period goes on, from its start."""
        return self.grace if self.service is None else self.service

    @property
    def collecting(self) -> timedelta:
        """How long service goes on after a paid period, while the next one is being collected."""
        return self.grace if self.renewal_window is None else self.renewal_window


def next_try(
    policy: Policy,
    cause: FailureCause,
    failures: int,
    last: datetime,
    *,
    provider: str | None = None,
    time_zone: str = "UTC",
) -> datetime | None:
    """When to try an unpaid invoice again after `failures` ≥ 1 failed rounds, the last at `last`; None: never.

    `provider` is that of the method which failed last; `time_zone` says which day it is for the account.
    """
    if failures < 1:
        raise ValueError(f"a next try follows at least one failure, got {failures}")
    special = schedule_of(policy, cause, provider)
    waits = policy.retries.get(CAUSE_CLASS[cause], ()) if special is None else special.waits
    if failures > len(waits):
        return None
    at = last + waits[failures - 1]
    return at if special is None else _on_a_day(at, special, ZoneInfo(time_zone))


def schedule_of(policy: Policy, cause: FailureCause, provider: str | None) -> Schedule | None:
    """The special schedule for a cause: one that names the provider before others, the cause before its class."""
    fitting = [
        (bool(schedule.providers), cause in schedule.causes, -n)
        for n, schedule in enumerate(policy.schedules)
        if schedule.causes & {cause, CAUSE_CLASS[cause]}
        and (not schedule.providers or provider in schedule.providers)
    ]
    return policy.schedules[-max(fitting)[2]] if fitting else None


OUTAGE_MAX = timedelta(days=7)  # where a policy does not say


def promised(policy: Policy) -> Iterator[timedelta]:
    """For how long after an outage each schedule that may answer for it tries again."""
    yield sum(policy.retries.get(CauseClass.OUTAGE, ()), timedelta())
    for schedule in policy.schedules:
        if schedule.causes & {CauseClass.OUTAGE, FailureCause.PROVIDER_UNAVAILABLE}:
            yield sum(schedule.waits, timedelta())


def longest(schedule: Schedule) -> timedelta:
    """How long after the first failure the last try of a schedule can come: its waits, each with the days that are
    waited for, from whatever day of a year it begins."""
    if not (schedule.weekdays or schedule.paydays):
        return sum(schedule.waits, timedelta())
    found = timedelta()
    for day in range(366):
        first = at = datetime(2027, 1, 1, tzinfo=UTC) + timedelta(days=day)
        for wait in schedule.waits:
            at = _on_a_day(at + wait, schedule, ZoneInfo("UTC"))
        found = max(found, at - first)
    return found


def _on_a_day(at: datetime, schedule: Schedule, zone: ZoneInfo) -> datetime:
    """The first moment from `at` on that is on one of the schedule's days."""
    first = at.astimezone(zone).date()
    if not (schedule.weekdays or schedule.paydays) or _suits(first, schedule):
        return at
    day = next(day for n in range(1, 32) if _suits(day := first + timedelta(days=n), schedule))
    return datetime.combine(day, time(schedule.hour), zone).astimezone(UTC)


def _suits(day: date, schedule: Schedule) -> bool:
    last = monthrange(day.year, day.month)[1]
    return day.weekday() in schedule.weekdays or day.day in {min(p, last) for p in schedule.paydays}


def in_order(policy: Policy, methods: tuple[CollectionMethod, ...]) -> tuple[CollectionMethod, ...]:
    """Usable methods as policy wants them tried: its kinds first, each as the customer ranked them."""
    ranks = {kind: n for n, kind in enumerate(policy.method_order)}
    return tuple(sorted(methods, key=lambda m: ranks.get(m.kind, len(ranks))))
