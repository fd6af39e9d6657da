"""Change views: an attempt as answers show it.

Owns the public shape of a change on its way, short and whole. Does not own what a change may come to (`core`).
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from solvent.core.attempt import Attempt
from solvent.core.ids import spell
from solvent.core.payment import (
    CAUSE_CLASS,
    ActionKind,
    AttemptState,
    FailureCause,
    NextAction,
    Outcome,
    ProviderView,
)
from solvent.store.queries import Queries
from solvent.web.fields import AccountId, AmountText, ChangeId, Currency, InvoiceId, Minor, SubscriptionId
from solvent.web.present import amount_text, plan_view
from solvent.web.views import PlanView

State = Annotated[
    AttemptState,
    Meta(
        description="`committed`: everything is written. `returned`: the money came for a plan that no longer "
        "applied, and was credited or refunded. `failed`: nothing was written. All others may still succeed."
    ),
]


class NextActionView(Struct, frozen=True, kw_only=True):
    """What the customer must still do: confirm in the page with `client_secret`, visit `url`, or follow the
    `instructions`, e.g. to transfer the money. Nothing that lets somebody act is stored: `client_secret` and `url` are
    asked of the provider and told where one change is opened, confirmed or read; in lists, and while the provider does
    not answer, they are null."""

    provider: str
    attempt_id: ChangeId
    kind: ActionKind
    client_secret: str | None
    url: str | None
    instructions: str | None
    expires_at: datetime


class ProviderSaidView(Struct, frozen=True, kw_only=True):
    """What the provider last said of an attempt, by answer, notification or poll, and when that was heard."""

    outcome: Outcome
    cause: Annotated[FailureCause | None, Meta(description="Why it failed.")]
    at: datetime


class AttemptView(Struct, frozen=True, kw_only=True):
    """One attempt in short."""

    id: ChangeId
    account_id: AccountId
    intent: str
    state: State
    amount_due: Minor
    amount_text: AmountText
    currency: Currency
    provider: str | None
    off_session: bool
    created_at: datetime
    expires_at: datetime
    next_action: NextActionView | None
    cause: Annotated[str | None, Meta(description="Why it failed.")]
    cause_class: Annotated[str | None, Meta(description="What the cause means for the next step.")]
    provider_view: Annotated[
        ProviderSaidView | None, Meta(description="Null: it was not asked, or has not answered yet.")
    ]


class AttemptPage(Struct, frozen=True):
    """A page of attempts, in short."""

    data: list[AttemptView]
    next: Annotated[str | None, Meta(description="The cursor of the next page, as `after`; null at the end.")]


class ChangeView(AttemptView, frozen=True, kw_only=True):
    """A change: the attempt, its plan, and what came of it. `invoice_id` is there once it is committed; where several
    invoices were paid together, the first of `settles`."""

    plan: PlanView
    subscription_id: SubscriptionId | None
    invoice_id: InvoiceId | None
    settles: list[InvoiceId]


def summary(attempt: Attempt) -> AttemptView:
    """An attempt in short."""
    return AttemptView(**_common(attempt))


def change_view(attempt: Attempt, invoice_id: UUID | None) -> ChangeView:
    """An attempt with its plan."""
    after = attempt.plan.after
    return ChangeView(
        **_common(attempt),
        plan=plan_view(attempt.plan),
        subscription_id=None if after is None else spell("sub", after.id),
        invoice_id=None if invoice_id is None else spell("inv", invoice_id),
        settles=[spell("inv", debt.invoice_id) for debt in attempt.plan.settles],
    )


def issued_by(queries: Queries, attempt: Attempt) -> UUID | None:
    """The invoice that the commit of an attempt has issued, if it did; looked up where that was not just now."""
    if attempt.state is not AttemptState.COMMITTED or attempt.plan.invoiced == ():
        return None
    return attempt.issued or queries.invoice_of(attempt.id)


def _common(attempt: Attempt) -> dict[str, Any]:
    plan = attempt.plan
    waiting = attempt.state is AttemptState.REQUIRES_ACTION or (
        attempt.state is AttemptState.PROCESSING
        and attempt.action is not None
        and attempt.action.instructions
    )
    return {
        "id": spell("att", attempt.id),
        "account_id": spell("acc", attempt.account_id),
        "intent": plan.intent,
        "state": attempt.state,
        "amount_due": plan.due,
        "amount_text": amount_text(plan.due, plan.currency),
        "currency": plan.currency,
        "provider": attempt.provider if attempt.needs_provider else None,
        "off_session": attempt.off_session,
        "created_at": attempt.created_at,
        "expires_at": attempt.expires_at,
        "next_action": _action_view(attempt.action) if waiting and attempt.action is not None else None,
        "cause": attempt.cause,
        "cause_class": None if attempt.cause is None else CAUSE_CLASS[attempt.cause],
        "provider_view": None if attempt.provider_view is None else _said(attempt.provider_view),
    }


def _said(view: ProviderView) -> ProviderSaidView:
    return ProviderSaidView(outcome=view.outcome, cause=view.cause, at=view.at)


def _action_view(action: NextAction) -> NextActionView:
    return NextActionView(
        provider=action.provider,
        attempt_id=spell("att", action.attempt_id),
        kind=action.kind,
        client_secret=action.client_secret,
        url=action.url,
        instructions=None if action.instructions is None else str(action.instructions),
        expires_at=action.expires_at,
    )
