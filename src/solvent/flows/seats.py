"""Seats: coupons with a limit, redeemed by one customer each at a time.

Owns taking a seat of every limit for an attempt that redeems coupons, after it is in the journal and before its
provider is asked, and what a seat is worth: as much as its attempt. It is held while that is in flight, kept once it
has committed, and free again when it has ended otherwise, without anybody having to give it back. Does not own the
seats' rows (`store`), nor which coupons a change may redeem (`core.redemption`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.catalog import Catalog
from solvent.core.coupon import Limit, limits, spelled
from solvent.core.ids import bucket_of
from solvent.core.payment import IN_FLIGHT, AttemptState, FailureCause
from solvent.core.plan import Refusal
from solvent.flows.platform import Platform

HELD_MAX = 200  # seats whose attempts are looked at together
ROUNDS_MAX = 50  # of them, before a code counts as used up


def take_seats(platform: Platform, attempt: Attempt, now: datetime) -> bool:
    """Whether the attempt has a seat of every limit of the coupons that its plan redeems; repeating it is harmless."""
    wanted = dict.fromkeys(  # one seat, for however many parts of a cart
        limit
        for use in attempt.plan.redeems
        for limit in limits(use.code, attempt.account_id, use.limit, use.limit_per_account)
    )
    return all(_take(platform, limit, attempt.id, now) for limit in wanted)


def none_left(opened: object) -> Refusal | None:
    """The refusal of an attempt that came too late for a coupon, also for whoever repeats it."""
    if not isinstance(opened, Attempt) or opened.cause is not FailureCause.COUPON_USED_UP:
        return None
    codes = ", ".join(dict.fromkeys(use.code for use in opened.plan.redeems))
    return Refusal(field="coupons", rule=f"must have a redemption left, others were faster: {codes}")


def exhausted(
    platform: Platform, account_id: UUID, codes: Sequence[str], catalog: Catalog
) -> Mapping[str, str]:
    """Of which codes no redemption is left for the account, however attempts in flight end, and by which rule. Writes
    nothing."""
    found: dict[str, str] = {}
    for code in map(spelled, codes):
        coupon = catalog.coupon_of(code)
        if coupon is None:
            continue
        for limit in limits(code, account_id, coupon.limit, coupon.limit_per_account):
            if _is_used_up(platform, limit):
                found[code] = limit.rule
    return found


def _take(platform: Platform, limit: Limit, attempt_id: UUID, now: datetime) -> bool:
    for _ in range(ROUNDS_MAX):
        with platform.store.begin() as tx:
            if tx.seats.take(limit, attempt_id, now):
                return True
            seen = tx.seats.held(limit, HELD_MAX)
        committed, ended = _fates(platform, seen.held)
        if not committed and not ended:
            return False
        with platform.store.begin() as tx:
            tx.seats.sort_out(limit, committed, ended)
    return False


def _is_used_up(platform: Platform, limit: Limit) -> bool:
    """Whether every seat is taken for good. Where very many are held, nobody is refused before the seat is taken."""
    with platform.store.look() as tx:
        seen = tx.seats.held(limit, HELD_MAX)
    if seen.taken < limit.most or len(seen.held) == HELD_MAX:
        return False
    committed, _ = _fates(platform, seen.held)
    return seen.taken - len(seen.held) + len(committed) >= limit.most


def _fates(platform: Platform, attempt_ids: Iterable[UUID]) -> tuple[list[UUID], list[UUID]]:
    """Which of these attempts have committed, and which have ended otherwise; read bucket by bucket."""
    committed: list[UUID] = []
    ended: list[UUID] = []
    for bucket, group in groupby(sorted(attempt_ids, key=bucket_of), key=bucket_of):
        ids = list(group)
        with platform.store.look() as tx:
            states = tx.journal.states(bucket, ids)
        committed += [i for i in ids if states.get(i) is AttemptState.COMMITTED]
        ended += [i for i in ids if states.get(i) not in (AttemptState.COMMITTED, *IN_FLIGHT)]
    return committed, ended
