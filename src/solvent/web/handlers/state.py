"""State: the one picture of a customer, and what products may let the customer do.

Owns `accounts/{id}/state` and `accounts/{id}/entitlements`. The verdict is computed now by the function that the
recompute uses; nothing is applied. Does not own that verdict (`core.health`) nor the grants (`core.entitlement`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec

from solvent.core.account import Account
from solvent.core.attempt import Attempt
from solvent.core.entitlement import Grant, active, entitlements
from solvent.core.health import Assessment, assess
from solvent.core.ids import bucket_of, spell
from solvent.core.snapshot import Snapshot
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.handlers.change_view import summary
from solvent.web.handlers.credit import balance_views
from solvent.web.handlers.invoices import invoice_view
from solvent.web.handlers.state_views import (
    CreditView,
    DisagreementView,
    EntitlementsView,
    HeldView,
    OwedView,
    StateView,
)
from solvent.web.present import account_view, amount_text, grant_view, method_view, subscription_view
from solvent.web.problems import not_found

FRESH_MAX = timedelta(seconds=30)  # how long a reader may use entitlements without asking again
STALE_S = 86_400  # how long it may go on using them while this service does not answer


def state(call: Call) -> Reply:
    """Everything that is known about one account."""
    account_id = public_id("acc", call.path["account_id"], "account_id")
    with call.solvent.database.begin() as tx:
        found = tx.queue.snapshots(bucket_of(account_id), [account_id])
    if not found:
        raise not_found("account", call.path["account_id"])
    snapshot, attempts = found[0], call.queries.in_flight(account_id)
    moment = snapshot.account.moment(call.now)
    catalog = call.solvent.platform.store.catalog()
    assessment = assess(
        snapshot,
        catalog,
        call.solvent.platform.policy_of(snapshot.account, catalog, moment),
        moment,
    )
    return Reply(_state_view(call, snapshot, attempts, assessment, moment))


def _state_view(
    call: Call, snapshot: Snapshot, attempts: Sequence[Attempt], assessment: Assessment, moment: datetime
) -> StateView:
    return StateView(
        account=account_view(snapshot.account),
        as_of=moment,
        standing=assessment.standing,
        debt=_sums(assessment.debt),
        disputed=_sums(assessment.disputed),
        oldest_due=assessment.oldest_due,
        recheck_at=assessment.recheck_at,
        credit=_credit(call, snapshot.account),
        subscriptions=[subscription_view(s) for s in snapshot.subscriptions],
        entitlements=[grant_view(g) for g in active(snapshot.grants, moment)],
        held=_held(call, snapshot, attempts),
        methods=[method_view(m) for m in snapshot.methods],
        open_invoices=[invoice_view(i) for i in snapshot.open_invoices],
        open_attempts=[summary(a) for a in attempts],
        disagreements=_disagreements(snapshot, assessment),
        evidence=list(assessment.evidence),
    )


def _credit(call: Call, account: Account) -> CreditView:
    balances = call.queries.credit.balances(account.id)
    own = sum(one.amount for one in balances if one.currency == account.currency)
    return CreditView(account.currency, own, amount_text(own, account.currency), balance_views(balances))


def _sums(amounts: Mapping[str, int]) -> list[OwedView]:
    return [OwedView(c, amount, amount_text(amount, c)) for c, amount in sorted(amounts.items())]


def _held(call: Call, snapshot: Snapshot, attempts: Sequence[Attempt]) -> list[HeldView]:
    """What attempts in flight would grant beyond what is granted: it waits for its payment."""
    platform = call.solvent.platform
    granted = {_gist(g) for g in snapshot.grants}
    held = []
    for attempt in attempts:
        if attempt.plan.after is None:
            continue
        after = entitlements((attempt.plan.after,), platform.store.catalog(), platform.policy)
        held += [
            HeldView(
                change_id=spell("att", attempt.id),
                state=attempt.state,
                product_id=grant.product_id,
                object=grant.object,
                quantity=grant.quantity,
                features=dict(grant.features),
            )
            for grant in after
            if _gist(grant) not in granted
        ]
    return held


def _gist(grant: Grant) -> tuple[object, ...]:
    return grant.product_id, grant.object, grant.quantity, grant.ends_at


def _disagreements(snapshot: Snapshot, assessment: Assessment) -> list[DisagreementView]:
    if not assessment.drifted:
        return []
    stored = sorted(f"{g.product_id} on {g.object}" for g in snapshot.grants)
    right = sorted(f"{g.product_id} on {g.object}" for g in assessment.grants)
    evidence = f"stored: {', '.join(stored) or 'none'}; by the facts: {', '.join(right) or 'none'}"
    return [DisagreementView("entitlement_drift", evidence)]


def entitled(call: Call) -> Reply:
    """What the account may use now; cheap to ask again, and useful while this service does not answer."""
    account_id = public_id("acc", call.path["account_id"], "account_id")
    found = call.queries.entitled(account_id, call.now)
    if found is None:
        raise not_found("account", call.path["account_id"])
    now_active = active(found.grants, found.moment)
    edges = [g.ends_at for g in now_active] + [
        g.starts_at for g in found.grants if g.starts_at > found.moment
    ]
    valid_until = min(edges, default=None)
    view = EntitlementsView(
        account_id=call.path["account_id"],
        entitlements=[grant_view(g) for g in now_active],
        valid_until=valid_until,
    )
    body = msgspec.json.encode(view)
    tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    fresh = FRESH_MAX if valid_until is None else max(min(FRESH_MAX, valid_until - found.moment), timedelta())
    cache = f"private, max-age={int(fresh.total_seconds())}, stale-if-error={STALE_S}"
    headers = [("etag", tag), ("cache-control", cache)]
    if tag in (call.header("if-none-match") or ""):
        return Reply(b"", 304, headers)
    return Reply(body, 200, headers)
