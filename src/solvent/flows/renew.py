"""Renew: the billing clock.

Owns turning due subscriptions into recorded attempts and having them charged (path 3), a batch of one bucket at a
time. Does not own the next period (`core.renewal`) nor scheduling: there is no schedule at any provider.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.catalog import Catalog
from solvent.core.credit import CreditGrant, after_draws
from solvent.core.invoice_item import InvoiceItem
from solvent.core.lapsing import lapsed
from solvent.core.overbilled import plan_overbilled
from solvent.core.renewal import belongs_with, plan_renewal, plan_together, waits_for_usage
from solvent.core.usage import Reading, UsagePeriod
from solvent.flows.collect import charge, off_session_attempt, with_holds
from solvent.flows.lapsing import sorted_out
from solvent.flows.overbilled import billed_on
from solvent.flows.platform import Platform
from solvent.ports.store import DueSubscription, Transaction

log = logging.getLogger(__name__)


def renew(platform: Platform, bucket: int, now: datetime, limit: int, account: UUID | None = None) -> int:
    """Renew, or end, up to `limit` subscriptions of one bucket that are due; returns how many were attempted.

    With `account`, only that one, on its own clock.
    """
    attempts, lapses = _record(platform, bucket, now, limit, account)
    ends = _record_ends(platform, bucket, lapses, now)
    return len(charge(platform, [*attempts, *ends], now))


def _record(
    platform: Platform, bucket: int, now: datetime, limit: int, account: UUID | None
) -> tuple[list[Attempt], list[DueSubscription]]:
    """Steps 1 to 3: plan each due subscription and journal it; a subscription with an attempt in flight is not due.
    What has lapsed is left for `_record_ends`."""
    catalog = platform.store.catalog()
    with platform.store.begin() as tx:
        claimed = _whole(tx.accounts.due(bucket, now, limit + 1, account), limit)
        lapses = [due for due in claimed if lapsed(due.subscription, due.account.moment(now))]
        going_on = [due for due in claimed if due not in lapses] if lapses else claimed
        ready, waits = _ready(platform, catalog, going_on, now)
        tx.accounts.wait(bucket, waits)
        readings = _readings(tx, bucket, catalog, ready, now)
        back = _back(platform, tx, bucket, catalog, ready, readings, now)
        first = {attempt.account_id for attempt in back}
        going_on = [due for due in ready if due.account.id not in first] if back else ready
        attempts, stuck = _plan(platform, catalog, going_on, readings, now)
        attempts = with_holds(tx, bucket, [*attempts, *back], now)
        tx.accounts.put_off(bucket, stuck, now)
        inserted = tx.journal.add(attempts)
    return [attempt for attempt in attempts if attempt.id in inserted], lapses


def _record_ends(
    platform: Platform, bucket: int, lapses: Sequence[DueSubscription], now: datetime
) -> list[Attempt]:
    """Plan and journal the end of what has lapsed and may end. Whether it may is asked with no transaction open, for it
    may take a permit; a subscription that is written meanwhile has another version, and its end is refused."""
    if not lapses:
        return []
    catalog = platform.store.catalog()
    ends, waits = sorted_out(platform, catalog, bucket, lapses, now)
    with platform.store.begin() as tx:
        tx.accounts.wait(bucket, waits)
        attempts, stuck = _plan(platform, catalog, ends, {}, now)
        tx.accounts.put_off(bucket, stuck, now)
        inserted = tx.journal.add(attempts)
    return [attempt for attempt in attempts if attempt.id in inserted]


def _ready(
    platform: Platform, catalog: Catalog, claimed: Sequence[DueSubscription], now: datetime
) -> tuple[list[DueSubscription], dict[UUID, datetime]]:
    """What is renewed now, and until when others wait for the usage that is invoiced with them. Of what is ready,
    `usage_at` is given where usage comes along."""
    ready: list[DueSubscription] = []
    waits: dict[UUID, datetime] = {}
    for due in claimed:
        moment = due.account.moment(now)
        at = None if due.usage_at is None else _usage_at(platform, catalog, due, moment)
        if at is not None and at > moment:
            waits[due.subscription.id] = at
        else:
            ready.append(due if at == due.usage_at else replace(due, usage_at=at))
    return ready, waits


def _usage_at(
    platform: Platform, catalog: Catalog, due: DueSubscription, moment: datetime
) -> datetime | None:
    """When usage comes along; not where it cannot be said: then the renewal is tried, and put off, by itself."""
    policy = platform.policy_of(due.account, catalog, moment)
    try:
        return waits_for_usage(
            due.account, due.subscription, due.usage_at, catalog, policy, platform.convention
        )
    except Exception:  # of one subscription, whose renewal will say so
        log.exception("subscription %s: nobody can say what its next period costs", due.subscription.id)
        return None


def _readings(
    tx: Transaction, bucket: int, catalog: Catalog, ready: Sequence[DueSubscription], now: datetime
) -> dict[UUID, list[Reading]]:
    """What was used, of accounts whose usage comes along. What cannot be read is left to the usage flow, which says
    so."""
    accounts = {due.account.id for due in ready if due.usage_at is not None}
    if not accounts:
        return {}
    known: list[UsagePeriod] = []
    for periods in tx.usage.of_accounts(bucket, accounts, now).values():
        if all(p.price_id in catalog.prices and p.meter in catalog.meters for p in periods):
            known += periods
    readings: dict[UUID, list[Reading]] = {}
    for reading in tx.usage.read(bucket, known, catalog):
        readings.setdefault(reading.period.account_id, []).append(reading)
    return readings


def _back(
    platform: Platform,
    tx: Transaction,
    bucket: int,
    catalog: Catalog,
    ready: Sequence[DueSubscription],
    readings: dict[UUID, list[Reading]],
    now: datetime,
) -> list[Attempt]:
    """The journal rows of what goes back of usage that was billed too high. It goes first: these accounts' renewals
    stay due, and find the credit. Where nobody can say what goes back, the renewal goes on without the usage."""
    held = {due.account.id: due for due in ready if due.account.id in readings}
    used = {i: (due.account, readings[i]) for i, due in held.items()}
    attempts = []
    for account_id, charged in billed_on(platform, tx, bucket, catalog, used, now).items():
        due = held[account_id]
        try:
            plan = plan_overbilled(
                due.account,
                readings[account_id],
                charged,
                catalog=catalog,
                policy=platform.policy,
                convention=platform.convention,
                now=due.account.moment(now),
            )
        except Exception:  # of the usage of one account: the usage flow puts it off, and says so
            log.exception("usage of account %s: nobody can say what goes back", account_id)
            del readings[account_id]
            continue
        if plan is not None:
            attempts.append(off_session_attempt(platform, due.account, plan, due.methods, now))
    return attempts


def _whole(claimed: Sequence[DueSubscription], limit: int) -> Sequence[DueSubscription]:
    """The first `limit` of what was claimed. One more than that says that there is more: then without the account that
    it is of, so that what falls due together is not cut apart. A single account with more than `limit` is."""
    if len(claimed) <= limit:
        return claimed
    cut = claimed[limit].account.id
    return [due for due in claimed[:limit] if due.account.id != cut] or claimed[:limit]


def _plan(
    platform: Platform,
    catalog: Catalog,
    claimed: Sequence[DueSubscription],
    readings: dict[UUID, list[Reading]],
    now: datetime,
) -> tuple[list[Attempt], dict[UUID, str]]:
    """The journal rows of renewals, and why others cannot be planned: those must not hold up the rest.

    Two subscriptions of one account share its credit, its usage and what waits for its next invoice: what the first
    takes is not there for the second.
    """
    attempts: list[Attempt] = []
    stuck: dict[UUID, str] = {}
    left: dict[UUID, _Left] = {}
    for found in _groups(claimed, catalog):
        group = [_with_left(due, left) for due in found]
        used = readings.get(group[0].account.id, ()) if any(due.usage_at for due in group) else ()
        if len(group) > 1 or used:
            try:
                together = _together(platform, catalog, group, used, now)
            except Exception:  # of one of them, or of usage: each is tried alone, so that the others go on
                log.exception("subscriptions of account %s cannot be renewed together", group[0].account.id)
            else:
                attempts += _share(left, group[0], together)
                if any(attempt.plan.bills_usage for attempt in together):
                    readings.pop(group[0].account.id)
                continue
        for one in group:
            due = _with_left(one, left)
            try:
                attempt = _attempt(platform, catalog, due, now)
            except Exception as error:  # of one subscription: logged whole, put off, counted
                log.exception("subscription %s cannot be renewed", due.subscription.id)
                stuck[due.subscription.id] = f"{type(error).__name__}: {error}"
                continue
            if attempt is not None:
                attempts += _share(left, due, [attempt])
    return attempts, stuck


class _Left(NamedTuple):
    """What earlier plans of a batch leave of an account's credit, and of what waits for its next invoice."""

    credit_grants: tuple[CreditGrant, ...]
    waiting: tuple[InvoiceItem, ...]


def _with_left(due: DueSubscription, left: Mapping[UUID, _Left]) -> DueSubscription:
    rest = left.get(due.account.id)
    return due if rest is None else replace(due, credit_grants=rest.credit_grants, waiting=rest.waiting)


def _share(left: dict[UUID, _Left], due: DueSubscription, attempts: Sequence[Attempt]) -> Sequence[Attempt]:
    """The attempts, when what they take is not `left` for those that come after them."""
    draws = [draw for attempt in attempts for draw in attempt.plan.draws]
    used = {use.item_id for attempt in attempts for use in attempt.plan.items}
    if draws or used:
        waiting = tuple(item for item in due.waiting if item.id not in used)
        left[due.account.id] = _Left(after_draws(due.credit_grants, draws), waiting)
    return attempts


def _groups(claimed: Sequence[DueSubscription], catalog: Catalog) -> Iterable[list[DueSubscription]]:
    """What falls due of an account at one instant is renewed together, unless its terms say otherwise."""
    groups: dict[object, list[DueSubscription]] = {}
    for due in claimed:
        groups.setdefault(belongs_with(due.account, due.subscription, catalog), []).append(due)
    return groups.values()


def _together(
    platform: Platform,
    catalog: Catalog,
    group: Sequence[DueSubscription],
    readings: Sequence[Reading],
    now: datetime,
) -> list[Attempt]:
    """The journal rows of subscriptions that fall due together: mostly one."""
    first = group[0]
    plans = plan_together(
        first.account,
        [due.subscription for due in group],
        catalog=catalog,
        policy=platform.policy,
        convention=platform.convention,
        credit_grants=first.credit_grants,
        now=first.account.moment(now),
        waiting=first.waiting,
        readings=readings,
    )
    return [off_session_attempt(platform, first.account, plan, first.methods, now) for plan in plans]


def _attempt(platform: Platform, catalog: Catalog, due: DueSubscription, now: datetime) -> Attempt | None:
    """The journal row of one renewal."""
    plan = plan_renewal(
        due.account,
        due.subscription,
        catalog=catalog,
        policy=platform.policy,
        convention=platform.convention,
        credit_grants=due.credit_grants,
        now=due.account.moment(now),
        waiting=due.waiting,
    )
    if plan is None:
        return None
    return off_session_attempt(platform, due.account, plan, due.methods, now)
