"""Usage: events taken in, and path 4 for what they come to.

Owns the order of both: a batch of events is checked whole, then stored; what is owed of an account's
usage is claimed, read, planned, journaled and charged. Does not own what a period comes to (`store`), what is owed
(`core.usage`) nor what an outcome leads to (`settle`).
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TypeVar
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.catalog import Catalog
from solvent.core.charged import Charged
from solvent.core.ids import bucket_of
from solvent.core.meter import UsageEvent, event_rule
from solvent.core.overbilled import plan_overbilled
from solvent.core.plan import Refusal
from solvent.core.usage import LATE_MAX, Reach, Reading, UsagePeriod, crossed, owed, plan_usage, reach
from solvent.flows.collect import charge, off_session_attempt, with_holds
from solvent.flows.overbilled import Used, billed_on
from solvent.flows.platform import Platform, traced
from solvent.ports.store import Transaction
from solvent.ports.usage import UsageOf

EARLY_MAX = timedelta(minutes=5)  # how far the clock of whoever sends events may be ahead
MARK_EVERY = timedelta(seconds=60)  # events of one minute are looked at together,
STATEMENT_MAX = timedelta(seconds=60)  # when whoever records them must have ended, however clocks differ
_FIRST_MINUTE = datetime(2000, 1, 1, tzinfo=UTC)
REFUSALS_MAX = 50  # told together
PAGE = 1_000  # accounts of which usage is read together

log = logging.getLogger(__name__)

R = TypeVar("R")
Stuck = dict[UUID, tuple[int, str]]  # by account: how often it was put off before, and why it is now


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What became of a batch: how many events were new, and how many were known by their id."""

    accepted: int
    duplicates: int


@traced("ingest_usage")
def ingest(
    platform: Platform, events: Sequence[UsageEvent], clock: Callable[[], datetime]
) -> Ingested | tuple[Refusal, ...]:
    """Store events, each once by (account, id); or refuse all of them, each named by its place.

    Repeating a batch of which a part was stored completes it. The clock is read when the statement begins, behind all
    that may last: the marks of an earlier minute may have been taken meanwhile.
    """
    refusals = _refusals(platform, events, clock())
    if refusals:
        return refusals
    with platform.store.single() as tx:
        now = clock()
        accepted = tx.usage.record(events, now, look_at(now))
    return Ingested(accepted=accepted, duplicates=len(events) - accepted)


def look_at(now: datetime) -> datetime:
    """When usage that is told now is looked at: one moment for all of a minute, in which nobody is telling it any more.
    So what is there by then is all that was told under its mark, and nobody has to hold the mark while telling."""
    return now - (now - _FIRST_MINUTE) % MARK_EVERY + MARK_EVERY + STATEMENT_MAX


def overlooked(platform: Platform, now: datetime) -> int:
    """Accounts with usage that is to be billed now although no mark, no end of a period and no attempt makes anybody
    look at it: a mark was lost. All in one moment, a page at a time."""
    catalog = platform.store.catalog()
    found, after = 0, None
    with platform.store.still() as tx:
        while page := tx.usage.unmarked(now, after, PAGE):
            for bucket, group in groupby(sorted(page, key=_bucket), key=_bucket):
                held = list(group)
                reached = _apart(held, lambda of: _reached(of, catalog, now), {})
                sound = [of for of in held if of.account.id in reached]
                readings = _readings(platform, tx, bucket, sound, reached, catalog)
                billed = billed_on(platform, tx, bucket, catalog, _used(sound, readings), now)
                found += sum(
                    _owes(platform, of, readings.get(of.account.id, ()), billed, catalog, now) for of in sound
                )
            after = page[-1].account.id
    return found


def _bucket(of: UsageOf) -> int:
    return bucket_of(of.account.id)


def _owes(
    platform: Platform,
    of: UsageOf,
    readings: Sequence[Reading],
    billed: Mapping[UUID, Sequence[Charged]],
    catalog: Catalog,
    now: datetime,
) -> bool:
    """Whether something is to be billed of it, or to go back."""
    account, convention, moment = of.account, platform.convention, of.account.moment(now)
    due = owed(account, readings, catalog, convention, moment)
    back = plan_overbilled(
        account,
        readings,
        billed.get(account.id, ()),
        catalog=catalog,
        policy=platform.policy,
        convention=convention,
        now=moment,
    )
    return back is not None or (due is not None and due.lines != ())


def _refusals(platform: Platform, events: Sequence[UsageEvent], now: datetime) -> tuple[Refusal, ...]:
    """The events that break a rule, each with the first rule it breaks."""
    meters = platform.store.catalog().meters
    with platform.store.look() as tx:
        moments = tx.usage.moments({x.account_id for x in events})
    spans = {i: _span(now if clock is None else clock) for i, clock in moments.items()}
    found: list[Refusal] = []
    for n, event in enumerate(events):
        broken = _account_rule(event, spans) or event_rule(event, meters.get(event.meter))
        if broken is not None:
            found.append(Refusal(field=f"events[{n}].{broken[0]}", rule=broken[1]))
            if len(found) == REFUSALS_MAX:
                break
    return tuple(found)


def _span(moment: datetime) -> tuple[datetime, datetime]:
    return moment - LATE_MAX, moment + EARLY_MAX


def _account_rule(event: UsageEvent, spans: dict[UUID, tuple[datetime, datetime]]) -> tuple[str, str] | None:
    span = spans.get(event.account_id)
    if span is None:
        return "account", "must be an existing account"
    if not span[0] <= event.at <= span[1]:
        return "at", f"must be from {LATE_MAX.days} days ago to now, at most 5 minutes ahead"
    return None


def bill_usage(
    platform: Platform, bucket: int, now: datetime, limit: int, account: UUID | None = None
) -> int:
    """Path 4 for usage: bill up to `limit` accounts of one bucket whose periods are over, or whose events have come to
    a threshold; returns how many were. With `account`, only that one, on its own clock."""
    catalog = platform.store.catalog()
    with platform.store.begin() as tx:
        stuck: Stuck = {}
        claimed = tx.usage.claim(bucket, now, limit, account)
        reached = _apart(claimed, lambda of: _reached(of, catalog, now), stuck)
        sound = [of for of in claimed if of.account.id in reached]
        readings = _readings(platform, tx, bucket, sound, reached, catalog)
        billed = billed_on(platform, tx, bucket, catalog, _used(sound, readings), now)
        planned = _apart(
            sound,
            lambda of: _attempt(platform, catalog, of, readings.get(of.account.id, []), billed, now),
            stuck,
        )
        tx.usage.put_off(bucket, stuck, now)
        attempts = [attempt for attempt in planned.values() if attempt is not None]
        # What goes back goes first: the rest is billed when its credit is there.
        tx.usage.again(bucket, [a.account_id for a in attempts if a.plan.credit_notes], now)
        attempts = with_holds(tx, bucket, attempts, now)
        inserted = tx.journal.add(attempts)
    return len(charge(platform, [a for a in attempts if a.id in inserted], now))


def _used(sound: Iterable[UsageOf], readings: Mapping[UUID, Sequence[Reading]]) -> Used:
    return {of.account.id: (of.account, readings.get(of.account.id, ())) for of in sound}


def _apart(claimed: Iterable[UsageOf], work: Callable[[UsageOf], R], stuck: Stuck) -> dict[UUID, R]:
    """What comes of each account; one that nothing comes of is put off, and holds up no other."""
    done: dict[UUID, R] = {}
    for of in claimed:
        try:
            done[of.account.id] = work(of)
        except Exception as error:  # of one account: logged whole, put off, counted
            log.exception("usage of account %s cannot be billed", of.account.id)
            stuck[of.account.id] = (of.times, f"{type(error).__name__}: {error}")
    return done


def _reached(of: UsageOf, catalog: Catalog, now: datetime) -> Reach:
    """What has to be read of an account; raises for a period at a price that the catalog does not have."""
    for period in of.periods:
        catalog.price(period.price_id)
    return reach(of.periods, catalog, of.account.moment(now))


def _readings(
    platform: Platform,
    tx: Transaction,
    bucket: int,
    claimed: Iterable[UsageOf],
    reached: Mapping[UUID, Reach],
    catalog: Catalog,
) -> dict[UUID, list[Reading]]:
    """What was used, of accounts of which something is to be billed; of others no more is counted than says so."""
    whole: list[UsagePeriod] = []
    watched: dict[UUID, list[UsagePeriod]] = {}
    periods = {of.account.id: of.periods for of in claimed}
    for account_id, of_account in periods.items():
        if reached[account_id] is Reach.ALL:
            whole += of_account
        elif reached[account_id] is Reach.THRESHOLDS:
            watched[account_id] = [p for p in of_account if p.look_at and catalog.price(p.price_id).threshold]
    if watched:
        seen = tx.usage.read(bucket, [p for group in watched.values() for p in group], catalog)
        over = {r.period.account_id for r in seen if crossed([r], catalog, platform.convention.rounding)}
        whole += [p for account_id in over for p in periods[account_id]]
    readings: dict[UUID, list[Reading]] = {}
    for reading in tx.usage.read(bucket, whole, catalog):
        readings.setdefault(reading.period.account_id, []).append(reading)
    return readings


def _attempt(
    platform: Platform,
    catalog: Catalog,
    of: UsageOf,
    readings: list[Reading],
    billed: Mapping[UUID, Sequence[Charged]],
    now: datetime,
) -> Attempt | None:
    """The journal row of what goes back of one account's usage; where nothing does, of what is to be billed, if any."""
    moment = of.account.moment(now)
    plan = plan_overbilled(
        of.account,
        readings,
        billed.get(of.account.id, ()),
        catalog=catalog,
        policy=platform.policy,
        convention=platform.convention,
        now=moment,
    ) or plan_usage(
        of.account,
        readings,
        catalog=catalog,
        policy=platform.policy,
        convention=platform.convention,
        credit_grants=of.credit_grants,
        now=moment,
        waiting=of.waiting,
    )
    return None if plan is None else off_session_attempt(platform, of.account, plan, of.methods, now)
