"""Request: a requested difference, and everything that planning it looks at.

Owns the vocabulary of changes and the planning context, as values. Does not own their planning: readers import
these names from `change`, which does; this file only keeps the modules behind it free of a cycle.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from solvent.core.account import Account
from solvent.core.catalog import Catalog
from solvent.core.charged import Charged
from solvent.core.credit import CreditGrant
from solvent.core.policy import Policy
from solvent.core.proration import Convention
from solvent.core.subscription import Applied, Subscription
from solvent.core.taxing import Taxation
from solvent.core.unused_time import Unused


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """One price × quantity on one billable object, as asked for."""

    price_id: str
    quantity: int = 1
    object: str = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A new subscription with one or several items of one interval; begins with a trial when its prices have one."""

    items: tuple[NewItem, ...]
    coupons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddItem:
    """One more item, at once, prorated to the end of the current period."""

    subscription_id: UUID
    item: NewItem
    coupons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveItem:
    """One item less from the end of the current period on."""

    subscription_id: UUID
    item_id: UUID
    coupons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetQuantity:
    """Another quantity: more at once with proration, less at the end of the period.

    The quantity the item already has drops the reduction or the removal that was scheduled for it.
    """

    subscription_id: UUID
    item_id: UUID
    quantity: int
    coupons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchPrice:
    """Another price of the same interval: an upgrade at once with proration, a downgrade at the end of the period.

    Switching to the price the item already has drops the switch that was scheduled for it.
    """

    subscription_id: UUID
    item_id: UUID
    price_id: str
    coupons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeInterval:
    """Another interval for the whole subscription, with the price each item then has.

    To a longer interval at once (unused time credited, new anchor now); to a shorter one at the end of the period.
    `prices` pairs every item's id with its new price. Naming the current prices drops a scheduled interval.
    """

    subscription_id: UUID
    prices: tuple[tuple[UUID, str], ...]
    coupons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelNow:
    """End at once; with `credit` the unused paid time becomes account credit."""

    subscription_id: UUID
    credit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAtPeriodEnd:
    """End when the paid period ends."""

    subscription_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncancel:
    """Drop a scheduled cancellation."""

    subscription_id: UUID
    coupons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A one-off purchase of one or several one-off prices."""

    items: tuple[NewItem, ...]
    coupons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """Account credit bought for money: `amount` minor units of the account's currency."""

    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMethod:
    """Vault a collection method without paying anything. `reference` names what the customer agreed on at a provider
    before, which is then the method; None: the customer brings one."""

    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeem:
    """Coupons for what the subscription is charged from its next period on, without another change."""

    subscription_id: UUID
    coupons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveCoupon:
    """A coupon of the subscription counts for nothing more; what it took of the current period stays taken."""

    subscription_id: UUID
    coupon: str


def exchanges(change: "Change") -> UUID | None:
    """The subscription of which the change may give unused time back."""
    match change:
        case SetQuantity() | SwitchPrice() | ChangeInterval():
            return change.subscription_id
        case CancelNow() if change.credit:
            return change.subscription_id
        case _:
            return None


SubscriptionChange = (
    AddItem
    | RemoveItem
    | SetQuantity
    | SwitchPrice
    | ChangeInterval
    | CancelNow
    | CancelAtPeriodEnd
    | Uncancel
    | Redeem
    | RemoveCoupon
)

Change = Start | Purchase | TopUp | AddMethod | SubscriptionChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A quote that somebody was shown: of the plan with this fingerprint, as of `at` (the account's present)."""

    at: datetime
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything that planning looks at; the commit checks that it still stands. `credit_grants` are those in the
    account's currency; `overdue` says that debt restricts the account, `banned` that a debt was given up. `draw` gives
    new ids (randomness is an argument). `exhausted` says of which codes of coupons no redemption is left for this
    account, and why; `redeemed` are those that the change redeems, while it is planned, and `shares` what it has, by
    code, of fixed amounts that it shares with other parts of a cart. `charged` are the invoices that charged time in
    advance which the change may give back (None: that is looked at later, over several changes together).
    """

    account: Account
    subscriptions: tuple[Subscription, ...]
    credit_grants: tuple[CreditGrant, ...]
    overdue: bool
    banned: bool = False
    catalog: Catalog
    convention: Convention
    policy: Policy
    now: datetime
    draw: Callable[[], UUID]
    exhausted: Mapping[str, str] = field(default_factory=dict)
    redeemed: tuple[Applied, ...] = ()
    shares: Mapping[str, int] = field(default_factory=dict)
    charged: tuple[Charged, ...] | None = ()

    @property
    def unused(self) -> Unused | None:
        """What measuring unused time looks at."""
        if self.charged is None:
            return None
        return Unused(charged=self.charged, bases=self.subscriptions, at=self.now, convention=self.convention)

    @property
    def terms_days(self) -> int:
        """After how many days an invoice of the account is due; 0: at once."""
        return self.catalog.terms_days(self.account)

    @property
    def taxation(self) -> Taxation:
        """What taxing the lines of a change looks at."""
        return Taxation(account=self.account, catalog=self.catalog, convention=self.convention, at=self.now)
