"""Query strings: what reads may be asked for, as structs."""

from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.credit import GrantKind
from solvent.core.difference import DifferenceKind, Repair
from solvent.core.drift_kinds import DriftKind
from solvent.core.facts import UseKind
from solvent.web.fields import (
    AccountId,
    CouponCode,
    CreditGrantId,
    CreditUseId,
    DecisionId,
    DriftId,
    HoldId,
    InvoiceId,
    Limit,
    Moment,
    PostingId,
    ProviderName,
    ReconciliationId,
    RedemptionId,
    SubscriptionId,
)

PAGE = 50
EVENTS_PAGE = 100

EventType = Annotated[str, Meta(pattern=r"^[a-z_]{1,40}\.[a-z_]{1,40}$(?!\n)", examples=["invoice.paid"])]


_Entity = Annotated[str, Meta(max_length=64, description="Only the books of this legal entity.")]
_Currency = Annotated[str, Meta(max_length=3, description="Only this ISO 4217 code.")]
_AFTER = "The `next` of the page before."
_After = Annotated[str, Meta(max_length=128, description=_AFTER)]
_TestClocks = Annotated[bool, Meta(description="Also accounts that live on a test clock.")]


class Query(Struct, forbid_unknown_fields=True, kw_only=True):
    """What every query string has in common."""


class AccountsQuery(Query):
    """A page of accounts, in the order of their creation."""

    after: AccountId | None = None
    limit: Limit = PAGE


class SubscriptionsQuery(Query):
    """A page of one account's subscriptions, ended ones included."""

    account: AccountId
    after: SubscriptionId | None = None
    limit: Limit = PAGE


class HoldsQuery(Query):
    """A page of an account's holds, oldest first."""

    after: HoldId | None = None
    limit: Limit = PAGE


class DecisionsQuery(Query):
    """A page of what was decided about an account, oldest first."""

    after: DecisionId | None = None
    limit: Limit = PAGE


class DriftQuery(Query):
    """A page of drift, of one account, of one kind or of all, in the order in which it was seen first."""

    account: AccountId | None = None
    kind: DriftKind | None = None
    older_than_hours: (
        Annotated[int, Meta(ge=0, le=87_600, description="Only what was seen first so long ago.")] | None
    ) = None
    gone: Annotated[bool, Meta(description="Also what is gone.")] = False
    after: DriftId | None = None
    limit: Limit = PAGE


class CreditQuery(Query):
    """A page of an account's grants of credit, of one kind or of all, in the order in which they came about."""

    kind: GrantKind | None = None
    all: Annotated[bool, Meta(description="Also those of which nothing is left.")] = False
    after: CreditGrantId | None = None
    limit: Limit = PAGE


class CreditUsesQuery(Query, rename={"from_": "from"}):
    """A page of what became of an account's credit from `from` to before `to`: of one grant, on one invoice, in one
    way, or all."""

    grant: CreditGrantId | None = None
    invoice: InvoiceId | None = None
    kind: UseKind | None = None
    from_: Moment | None = None
    to: Moment | None = None
    after: CreditUseId | None = None
    limit: Limit = PAGE


class EventsQuery(Query):
    """A page of events. `after` is the `next` of the page before."""

    after: Annotated[str, Meta(max_length=4096)] | None = None
    account: AccountId | None = None
    type: EventType | None = None
    limit: Limit = EVENTS_PAGE


class ProductsQuery(Query):
    """A page of products by their ids: of one family, or of one kind of object, or all."""

    family: Annotated[str, Meta(max_length=64)] | None = None
    object_kind: Annotated[str, Meta(max_length=64)] | None = None
    after: _After | None = None
    limit: Limit = PAGE


class PricesQuery(Query):
    """A page of prices by their ids: of one product, in one currency, and whether those no longer on sale are shown."""

    product: Annotated[str, Meta(max_length=64)] | None = None
    currency: _Currency | None = None
    all: bool = False
    after: _After | None = None
    limit: Limit = PAGE


class UsageQuery(Query):
    """A page of an account's usage periods, in the order of their start: of one subscription, of one meter, on one
    object, or all."""

    subscription: SubscriptionId | None = None
    meter: Annotated[str, Meta(max_length=64)] | None = None
    object: Annotated[str, Meta(max_length=320)] | None = None
    after: Annotated[str, Meta(pattern=r"^[0-9]{20}_[0-9a-f]{32}$(?!\n)", description=_AFTER)] | None = None
    limit: Limit = PAGE


class MethodsQuery(Query):
    """A page of an account's collection methods, in the order in which they are tried."""

    after: Annotated[str, Meta(pattern=r"^[0-9]{10}_[0-9a-f]{32}$(?!\n)", description=_AFTER)] | None = None
    limit: Limit = PAGE


class DifferencesQuery(Query):
    """A page of what one comparison with a provider found: of one kind, to be repaired in one way, or all."""

    kind: DifferenceKind | None = None
    repair: Repair | None = None
    repaired: bool | None = None
    after: Annotated[str, Meta(pattern=r"^[0-9]{9}$(?!\n)", description=_AFTER)] | None = None
    limit: Limit = PAGE


class EntityVersionsQuery(Query):
    """A page of a legal entity's versions, the oldest first."""

    after: Annotated[str, Meta(pattern=r"^[0-9]{6}$(?!\n)", description=_AFTER)] | None = None
    limit: Limit = PAGE


class CouponsQuery(Query):
    """A page of coupons by their codes: those that can be redeemed, or every version that ever could."""

    all: Annotated[bool, Meta(description="Also versions that are not on offer.")] = False
    code: CouponCode | None = None
    product: Annotated[str, Meta(max_length=64, description="Only those that lower this product.")] | None = (
        None
    )
    currency: _Currency | None = None
    after: Annotated[str, Meta(max_length=90, description="The `next` of the page before.")] | None = None
    limit: Limit = PAGE


class RedemptionsQuery(Query):
    """A page of redemptions, in the order in which they were made: of one account, one subscription, one code, or all;
    those that still count, or wait to, or those that have ended."""

    account: AccountId | None = None
    subscription: SubscriptionId | None = None
    code: CouponCode | None = None
    ended: bool | None = None
    after: RedemptionId | None = None
    limit: Limit = PAGE


class TrialBalanceQuery(Query):
    """A trial balance: as of when, and of whose books."""

    at: Moment | None = None
    entity: _Entity | None = None
    test_clocks: _TestClocks = False


class AgeingQuery(Query):
    """Receivables: as of when, of whose books, and a page of the accounts that owe them."""

    at: Moment | None = None
    entity: _Entity | None = None
    currency: _Currency | None = None
    account: AccountId | None = None
    test_clocks: _TestClocks = False
    after: AccountId | None = None
    limit: Limit = PAGE


class PostingsQuery(Query, rename={"from_": "from"}):
    """A page of postings booked from `from` to before `to`. `ledger_account` is one on either side."""

    account: AccountId | None = None
    invoice: InvoiceId | None = None
    ledger_account: Annotated[str, Meta(max_length=80)] | None = None
    entity: _Entity | None = None
    currency: _Currency | None = None
    from_: Moment | None = None
    to: Moment | None = None
    test_clocks: _TestClocks = False
    after: PostingId | None = None
    limit: Limit = PAGE


class ReconciliationsQuery(Query):
    """A page of comparisons with providers, the latest first."""

    provider: ProviderName | None = None
    after: ReconciliationId | None = None
    limit: Limit = PAGE
