"""Drift: what was seen of it, and looking at one account now.

Owns how a request becomes one read or one flow. Does not own what drift is (`core.drift`) nor the looking
(`flows.drift`).
"""

from datetime import timedelta

from solvent.core.drift import KINDS, DriftKind
from solvent.core.ids import bucket_of, spell
from solvent.flows.drift import ask_providers
from solvent.flows.recompute import recompute
from solvent.store.drift import Age, Stored, WhichDrift
from solvent.web.drift_views import AgesView, DriftPage, DriftView, LookView
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers.shared import account_in_path, existing_account
from solvent.web.handlers.state import state
from solvent.web.params import DriftQuery

REASON = "asked for"


def drift(call: Call) -> Reply:
    """A page of drift, and its gauge."""
    query: DriftQuery = call.query
    hours = query.older_than_hours
    which = WhichDrift(
        account=None if query.account is None else existing_account(call, uuid_in(query.account)).id,
        kind=query.kind,
        before=None if hours is None else call.now - timedelta(hours=hours),
        gone=query.gone,
    )
    after = None if query.after is None else uuid_in(query.after)
    found = [_view(row) for row in call.queries.drift.page(which, after, query.limit + 1)]
    buckets, oldest_at = call.queries.drift.looked()
    page = found[: query.limit]
    return Reply(
        DriftPage(
            data=page,
            next=page[-1].id if len(found) > query.limit else None,
            ages=[_ages(age) for age in call.queries.drift.ages(call.now)],
            look=LookView(buckets=buckets, oldest_at=oldest_at),
        )
    )


def recompute_account(call: Call) -> Reply:
    """Recompute one account now, after asking its providers; its state as it then is."""
    account, platform = account_in_path(call), call.solvent.platform
    ask_providers(platform, account.id, call.now)
    with platform.store.begin() as tx:
        tx.queue.mark([account.id], REASON, call.now)
    recompute(platform, bucket_of(account.id), account.moment(call.now), 1, account.id, call.now)
    return state(call)


def _view(row: Stored) -> DriftView:
    kind = DriftKind(row.kind)
    meaning = KINDS[kind]
    return DriftView(
        id=spell("drt", row.id),
        account_id=spell("acc", row.account_id),
        kind=kind,
        stores=list(meaning.stores),
        means=meaning.means,
        evidence=row.evidence,
        done=meaning.done,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        gone_at=row.gone_at,
    )


def _ages(age: Age) -> AgesView:
    return AgesView(
        kind=DriftKind(age.kind),
        accounts=age.accounts,
        oldest_seen_at=age.oldest,
        under_an_hour=age.hour,
        under_a_day=age.day,
        under_a_week=age.week,
        longer=age.older,
    )
