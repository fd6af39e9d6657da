"""State: the one picture of a customer.

Owns `accounts/{id}/state`. The verdict is computed now by the function that the recompute uses; nothing is applied.
Does not own that verdict (`core.health`) nor what product services read (`entitlements`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from solvent.core.account import Account
from solvent.core.attempt import Attempt
from solvent.core.drift import Disagreement
from solvent.core.drift_kinds import KINDS
from solvent.core.entitlement import Grant, active
from solvent.core.health import Assessment, assess
from solvent.core.ids import bucket_of
from solvent.core.snapshot import Snapshot
from solvent.core.unproven import Tried, unproven
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.handlers.change_view import summary
from solvent.web.handlers.credit import balance_views
from solvent.web.handlers.entitlement_views import HeldView, held_view
from solvent.web.handlers.invoices import invoice_view
from solvent.web.handlers.state_views import (
    CoverageView,
    CreditView,
    DisagreementView,
    OwedView,
    StateView,
)
from solvent.web.present import account_view, amount_text, grant_view, method_view, subscription_view
from solvent.web.problems import not_found


def state(call: Call) -> Reply:
    """Everything that is known about one account."""
    account_id = public_id("acc", call.path["account_id"], "account_id")
    with call.solvent.database.still() as tx:
        found = tx.queue.examined(bucket_of(account_id), [account_id], call.now)
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
    granted = active(snapshot.grants, moment)
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
        entitlements=[grant_view(g) for g in granted],
        held=_held(call, granted, attempts),
        methods=[method_view(m) for m in snapshot.methods],
        open_invoices=[invoice_view(i) for i in snapshot.open_invoices],
        open_attempts=[summary(a) for a in attempts],
        disagreements=[disagreement_view(d) for d in assessment.disagreements],
        coverage=CoverageView(assessment.coverage.examined, assessment.coverage.owing),
        evidence=list(assessment.evidence),
    )


def _credit(call: Call, account: Account) -> CreditView:
    balances = call.queries.credit.balances(account.id)
    own = sum(one.amount for one in balances if one.currency == account.currency)
    return CreditView(account.currency, own, amount_text(own, account.currency), balance_views(balances))


def _sums(amounts: Mapping[str, int]) -> list[OwedView]:
    return [OwedView(c, amount, amount_text(amount, c)) for c, amount in sorted(amounts.items())]


def _held(call: Call, granted: Sequence[Grant], attempts: Sequence[Attempt]) -> list[HeldView]:
    """What attempts in flight would grant beyond what is granted: it waits for its payment."""
    platform = call.solvent.platform
    tried = [
        Tried(attempt_id=t.id, state=t.state, cause=t.cause, after=tuple(t.plan.subscriptions))
        for t in attempts
    ]
    return [held_view(x) for x in unproven(tried, granted, platform.store.catalog(), platform.policy)]


def disagreement_view(disagreement: Disagreement) -> DisagreementView:
    """A disagreement with what its kind means."""
    meaning = KINDS[disagreement.kind]
    return DisagreementView(
        kind=disagreement.kind,
        stores=list(meaning.stores),
        means=meaning.means,
        evidence=disagreement.evidence,
        done=meaning.done,
    )
