"""Clock: test clocks, the whole of an account's future on demand.

Owns stepping one account's own clock from one due moment to the next and running at each all that the worker would
have run. Does not own that work; it calls the same flows with `account`.
"""

from datetime import datetime
from uuid import UUID

from solvent.core.ids import bucket_of
from solvent.flows.expiring import look_at_methods
from solvent.flows.notify import process
from solvent.flows.platform import Platform, traced
from solvent.flows.recompute import recompute
from solvent.flows.reconcile import refund, resolve
from solvent.flows.registering import register
from solvent.flows.renew import renew
from solvent.flows.usage import bill_usage

STEPS_MAX = 2_000
ROUNDS_MAX = 20
BATCH = 100


class TooFar(RuntimeError):
    """More falls due on the way than one call runs; the clock stands at the last moment that it reached."""


@traced("advance_clock")
def advance(platform: Platform, account_id: UUID, to: datetime, wall: datetime) -> int:
    """Move an account's test clock forward to `to` (UTC), through everything that falls due; returns the steps.

    `wall` is the real present, on which notifications are received. Raises ValueError for a move into the past, and
    `TooFar` after `STEPS_MAX` moments.
    """
    with platform.store.begin() as tx:
        present = tx.accounts.moment(account_id, wall)
    if to < present:
        raise ValueError("a test clock only moves forward")
    for step in range(STEPS_MAX):
        with platform.store.begin() as tx:
            due = tx.accounts.next_moment(account_id)
        target = to if due is None or due > to else max(due, present)
        with platform.store.begin() as tx:
            tx.accounts.set_clock(account_id, target)
        busy = work_account(platform, account_id, target, wall)
        if target == to and not busy:
            return step + 1
        present = target
    raise TooFar(f"account {account_id}: more than {STEPS_MAX} due moments before {to:%Y-%m-%d}")


def work_account(platform: Platform, account_id: UUID, now: datetime, wall: datetime) -> int:
    """Everything that is due for one account at `now`, until nothing is; returns how much was done."""
    bucket, total = bucket_of(account_id), 0
    for _ in range(ROUNDS_MAX):
        done = process(platform, bucket, wall, BATCH)
        done += resolve(platform, bucket, now, BATCH, account_id)
        done += renew(platform, bucket, now, BATCH, account_id)
        done += bill_usage(platform, bucket, now, BATCH, account_id)
        done += refund(platform, bucket, now, BATCH, account_id)
        done += register(platform, bucket, now, BATCH, account_id)
        done += look_at_methods(platform, bucket, now, BATCH, account_id)
        done += recompute(platform, bucket, now, BATCH, account_id, wall)
        total += done
        if done == 0:
            break
    return total
