"""State views: the shapes of an account's state."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.drift_kinds import DriftKind, Remedy, Store
from solvent.core.snapshot import Standing
from solvent.web.credit_views import CreditBalanceView
from solvent.web.fields import AmountText, Currency, Minor
from solvent.web.handlers.change_view import AttemptView
from solvent.web.handlers.entitlement_views import HeldView
from solvent.web.views import AccountView, GrantView, InvoiceView, MethodView, SubscriptionView


class OwedView(Struct, frozen=True):
    """What is owed in one currency on all open invoices together, or contested in all open disputes."""

    currency: Currency
    amount: Minor
    amount_text: AmountText


class CreditView(Struct, frozen=True):
    """The account's credit in its own currency, which the next invoices use first; and all of it by kind."""

    currency: Currency
    amount: Minor
    amount_text: AmountText
    balances: list[CreditBalanceView]


class DisagreementView(Struct, frozen=True):
    """Two stores that contradict each other about this account. `done` is what is done about it: the next recompute
    writes what the facts say, it passes by itself, or a person has to say which is right."""

    kind: DriftKind
    stores: list[Store]
    means: str
    evidence: str
    done: Remedy


class CoverageView(Struct, frozen=True):
    """How many of the account's open invoices the verdict followed from: `examined` of `owing`."""

    examined: int
    owing: int


class StateView(Struct, frozen=True, kw_only=True):
    """The one picture of a customer, as of `as_of` (the account's own present)."""

    account: AccountView
    as_of: datetime
    standing: Standing
    debt: list[OwedView]
    disputed: Annotated[list[OwedView], Meta(description="What payers contest and is not decided.")]
    oldest_due: datetime | None
    recheck_at: Annotated[datetime | None, Meta(description="When time alone would change this verdict.")]
    credit: CreditView
    subscriptions: list[SubscriptionView]
    entitlements: list[GrantView]
    held: list[HeldView]
    methods: list[MethodView]
    open_invoices: list[InvoiceView]
    open_attempts: list[AttemptView]
    disagreements: list[DisagreementView]
    coverage: CoverageView
    evidence: Annotated[list[str], Meta(description="Why the account stands as it does, in sentences.")]
