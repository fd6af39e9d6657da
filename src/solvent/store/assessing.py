"""Assessing: the record of verdicts, and stored entitlements brought back to the facts.

Owns the health rows and the realignment of drifted grants. Does not own the verdict (`core.health`).
"""

from collections.abc import Iterable, Iterator, Sequence

from psycopg import Connection

from solvent.core.decisions import changed
from solvent.core.entitlement_events import EntitlementsChanged
from solvent.core.events import DunningChanged, DunningNotice, Event, MeasureTold, StandingChanged
from solvent.core.health import Assessment
from solvent.core.messages import kind_of
from solvent.core.owed import InEffect
from solvent.core.snapshot import Standing
from solvent.store import codec, events, grants, messages
from solvent.store.rows import Statement

# The seal says that these measures were decided: whoever else sets a flag does not write it (`snapshots`).
_HEALTH = Statement(
    "account_id uuid, standing text, debt jsonb, disputed jsonb, measures jsonb, oldest_due timestamptz,"
    "recheck_at timestamptz, evidence jsonb, assessed_at timestamptz, withheld jsonb",
    """
insert into health (bucket, account_id, standing, debt, disputed, measures, seal, oldest_due, recheck_at, evidence,
    assessed_at, withheld)
select %(bucket)s, v.account_id, v.standing, v.debt::jsonb, v.disputed::jsonb, v.measures::jsonb,
    sha256(convert_to(v.measures::jsonb::text, 'UTF8')), v.oldest_due, v.recheck_at, v.evidence::jsonb, v.assessed_at,
    v.withheld::jsonb
from {rows}
on conflict (bucket, account_id) do update set standing = excluded.standing, debt = excluded.debt,
    disputed = excluded.disputed, measures = excluded.measures, seal = excluded.seal,
    oldest_due = excluded.oldest_due, recheck_at = excluded.recheck_at, evidence = excluded.evidence,
    assessed_at = excluded.assessed_at, withheld = excluded.withheld""",
)

_NOTICE = Statement(
    "account_id uuid, invoice_id uuid, rung text, channels text, kind text, told_at timestamptz",
    """
insert into notice (bucket, account_id, invoice_id, rung, channels, kind, told_at)
select %(bucket)s, v.account_id, v.invoice_id, v.rung, v.channels::text[], v.kind, v.told_at from {rows}""",
)


def assess(connection: Connection, bucket: int, assessments: Sequence[Assessment]) -> None:
    """Record verdicts about accounts of one bucket, which are locked since their facts were read."""
    _HEALTH.run(connection, [_row(a) for a in assessments], bucket=bucket)
    _realign(connection, bucket, [a for a in assessments if a.drifted])
    notices = [row for a in assessments for row in _notices(a)]
    if notices:
        _NOTICE.run(connection, notices, bucket=bucket)
        messages.put_notices(connection, bucket, assessments)
    happened = [(a.account_id, event, a.assessed_at) for a in assessments for event in _told(a)]
    if happened:
        events.append(connection, bucket, happened)


def _told(assessment: Assessment) -> Iterator[Event]:
    """What a verdict tells beyond the one before it."""
    before, after = assessment.before or Standing.GOOD, assessment.standing
    if after is not before:
        yield StandingChanged(before=before, after=after)
    begun, lifted = changed(assessment.in_effect, assessment.decision.measures)
    if begun or lifted:
        yield DunningChanged(
            before=_names(assessment.in_effect),
            after=_names(assessment.decision.measures),
            begun=tuple(_measure(m) for m in begun),
            lifted=tuple(_measure(m) for m in lifted),
            policy=assessment.policy,
        )
    if assessment.drifted:
        yield EntitlementsChanged(products=tuple(sorted({g.product_id for g in assessment.grants})))
    for notice in assessment.decision.notices:
        yield DunningNotice(
            invoice_id=notice.invoice_id,
            rung=notice.rung,
            channels=notice.channels,
            cause=notice.trouble,
            debt=notice.debt,
            currency=notice.currency,
        )


def _measure(measure: InEffect) -> MeasureTold:
    return MeasureTold(
        measure=measure.measure,
        subscription_id=measure.subscription_id,
        products=measure.products,
        invoice_id=measure.invoice_id,
        rung=measure.rung,
    )


def _names(measures: Iterable[InEffect]) -> tuple[str, ...]:
    return tuple(sorted({m.measure for m in measures}))


def _notices(assessment: Assessment) -> Iterator[tuple[object, ...]]:
    for notice in assessment.decision.notices:
        channels = "{" + ",".join(notice.channels) + "}"
        kind = kind_of(notice, assessment.prospects[notice.invoice_id])
        yield (
            assessment.account_id,
            notice.invoice_id,
            notice.rung,
            channels,
            kind.value,
            assessment.assessed_at,
        )


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
        codec.encode(assessment.decision.measures),
        assessment.oldest_due,
        assessment.recheck_at,
        codec.encode(assessment.evidence),
        assessment.assessed_at,
        codec.encode(assessment.withheld),
    )
