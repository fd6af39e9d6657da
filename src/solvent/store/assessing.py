"""Assessing: the record of verdicts, and stored entitlements brought back to the facts.

Owns the health rows and the realignment of drifted grants. Does not own the verdict (`core.health`).
"""

from collections.abc import Sequence

from psycopg import Connection

from solvent.core.events import StandingChanged
from solvent.core.health import Assessment, Standing
from solvent.store import codec, events, grants
from solvent.store.rows import insert

_HEALTH = insert(
    "health",
    "account_id uuid, standing text, debt jsonb, disputed jsonb, oldest_due timestamptz, recheck_at timestamptz,"
    "evidence jsonb, assessed_at timestamptz",
    """
on conflict (bucket, account_id) do update set standing = excluded.standing, debt = excluded.debt,
    disputed = excluded.disputed, oldest_due = excluded.oldest_due, recheck_at = excluded.recheck_at,
    evidence = excluded.evidence, assessed_at = excluded.assessed_at""",
)


def assess(connection: Connection, bucket: int, assessments: Sequence[Assessment]) -> None:
    """Record verdicts about accounts of one bucket, which are locked since their facts were read."""
    _HEALTH.run(connection, [_row(a) for a in assessments], bucket=bucket)
    _realign(connection, bucket, [a for a in assessments if a.drifted])
    happened = [
        (a.account_id, StandingChanged(before=a.before or Standing.GOOD, after=a.standing), a.assessed_at)
        for a in assessments
        if a.standing is not (a.before or Standing.GOOD)
    ]
    if happened:
        events.append(connection, bucket, happened)


def _realign(connection: Connection, bucket: int, drifted: Sequence[Assessment]) -> None:
    granted = [g for a in drifted for g in a.grants]
    if drifted:
        grants.end_others(connection, bucket, [a.account_id for a in drifted], granted)
    if granted:
        grants.put(connection, bucket, granted)


def _row(assessment: Assessment) -> tuple[object, ...]:
    return (
        assessment.account_id,
        assessment.standing,
        codec.encode(assessment.debt),
        codec.encode(assessment.disputed),
        assessment.oldest_due,
        assessment.recheck_at,
        codec.encode(assessment.evidence),
        assessment.assessed_at,
    )
