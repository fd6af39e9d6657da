"""Aside: what is due and cannot be worked on, put off for a while so that it holds up nothing else.

Owns the pause, which grows with every time, and the reason that is kept beside the row until it has been worked on
again. Does not own the finding out (the claims of `accounts` and `journal`, and the flows) nor the counting (`laws`).
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from psycopg import Connection

from solvent.store.rows import Statement

log = logging.getLogger(__name__)

R = TypeVar("R")
Row = tuple[Any, ...]

PAUSE = "least(interval '1 minute' * power(2, least({times}, 20)), interval '6 hours')"

# Of a subscription the next version, whoever writes it, takes this back.
_SUBSCRIPTIONS = Statement(
    "id uuid, reason text",
    f"""
update subscription s set stuck_reason = v.reason, stuck_times = coalesce(s.stuck_times, 0) + 1,
    stuck_until = %(now)s + {PAUSE.format(times="coalesce(s.stuck_times, 0)")}
from {{rows}} where s.bucket = %(bucket)s and s.id = v.id""",
)

# Of an attempt the next look takes it back.
_ATTEMPTS = Statement(
    "id uuid, reason text",
    f"""
update attempt t set stuck_reason = v.reason, tries = t.tries + 1,
    look_at = %(now)s + {PAUSE.format(times="t.tries")}
from {{rows}} where t.bucket = %(bucket)s and t.id = v.id and t.look_at is not null""",
)


# Of an account's usage the next look takes it back. What was due is due again after the pause, not before.
_USAGE = Statement(
    "account_id uuid, times integer, reason text",
    f"""
with put_off as (
    insert into usage_mark (bucket, account_id, look_at, stuck_times, stuck_reason)
    select %(bucket)s, v.account_id, %(now)s + {PAUSE.format(times="v.times")}, v.times + 1, v.reason from {{rows}}
    on conflict (bucket, account_id) where stuck_reason is not null do update set look_at = excluded.look_at,
        stuck_times = excluded.stuck_times, stuck_reason = excluded.stuck_reason
    returning account_id, look_at)
update usage_period u set look_at = p.look_at from put_off p
where u.bucket = %(bucket)s and u.account_id = p.account_id and u.look_at <= %(now)s""",
)


def put_off_subscriptions(
    connection: Connection, bucket: int, reasons: Mapping[UUID, str], now: datetime
) -> None:
    """These are due and cannot be renewed: they are looked at again after a pause."""
    if reasons:
        _SUBSCRIPTIONS.run(connection, list(reasons.items()), bucket=bucket, now=now)


def put_off_attempts(connection: Connection, bucket: int, reasons: Mapping[UUID, str], now: datetime) -> None:
    """What is known about these cannot be used: they are looked at again after a pause. Those that ended stay so."""
    if reasons:
        _ATTEMPTS.run(connection, list(reasons.items()), bucket=bucket, now=now)


def put_off_usage(
    connection: Connection, bucket: int, reasons: Mapping[UUID, tuple[int, str]], now: datetime
) -> None:
    """Usage of these accounts is due and cannot be billed: it is looked at again after a pause, which grows with how
    often it was put off before."""
    if reasons:
        _USAGE.run(connection, [(i, *why) for i, why in reasons.items()], bucket=bucket, now=now)


def readable(
    what: str, rows: Iterable[Row], read: Callable[[Row], R], id_of: Callable[[Row], UUID]
) -> tuple[list[R], dict[UUID, str]]:
    """The values of rows, and why others have none: one that nobody can read must not hide the rest."""
    values, broken = [], {}
    for row in rows:
        try:
            values.append(read(row))
        except Exception as error:  # whatever is wrong with one row: logged whole, put off, counted
            log.exception("%s %s cannot be read", what, id_of(row))
            broken[id_of(row)] = f"{type(error).__name__}: {error}"
    return values, broken
