"""Drift: what was seen of it, and looking at one account now.

Owns how a request becomes one read or one flow. Does not own what drift is (`core.drift`) nor the looking
(`flows.drift`).
"""

from datetime import timedelta

from solvent.core.drift_kinds import KINDS, DriftKind
from solvent.core.ids import spell
from solvent.flows.drift import ask_providers
from solvent.store.drift import Age, Stored, WhichDrift
from solvent.web.drift_views import AgesView, DriftPage, DriftView, LookView
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers.recomputing import recompute_now
from solvent.web.handlers.shared import account_in_path, existing_account
from solvent.web.params import DriftQuery


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
    found = [drift_view(row) for row in call.queries.drift.page(which, after, query.limit + 1)]
    buckets, oldest_at = call.queries.drift.looked()
    page = found[: query.limit]
    return Reply(
        DriftPage(
            data=page,
            next=page[-1].id if len(found) > query.limit else None,
            ages=[ages_view(age) for age in call.queries.drift.ages(call.now)],
            look=LookView(buckets=buckets, oldest_at=oldest_at),
        )
    )


def ask(call: Call) -> Reply:
    """Ask an account's providers, and recompute it; its state as it then is."""
    account = account_in_path(call)
    ask_providers(call.solvent.platform, account.id, call.now)
    return recompute_now(call)


def drift_view(row: Stored) -> DriftView:
    """A disagreement as it is shown."""
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


def ages_view(age: Age) -> AgesView:
    """How many accounts have a kind of drift, by age."""
    return AgesView(
        kind=DriftKind(age.kind),
        accounts=age.accounts,
        oldest_seen_at=age.oldest,
        under_an_hour=age.hour,
        under_a_day=age.day,
        under_a_week=age.week,
        longer=age.older,
    )
