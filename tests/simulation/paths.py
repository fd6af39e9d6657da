"""Paths: the five payment paths, each as a preparation and an act on a platform, whoever runs it.

Owns what one payment does from the request to the commit, through the flows alone, so that a world in this process
and a process that is about to be killed do the same. Does not own what must be true afterwards.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.ids import bucket_of
from solvent.core.invoice import Line, LineKind
from solvent.core.request import Change, NewItem, Start, SwitchPrice
from solvent.flows.change import open_change
from solvent.flows.collect import pay_now
from solvent.flows.invoicing import finalise
from solvent.flows.opening import Asked, confirm
from solvent.flows.platform import Platform
from solvent.flows.recompute import recompute
from solvent.flows.renew import renew
from solvent.ports.store import AccountView
from tests.simulation.goods import price

GOOD = "4242424242424242"
NOT_WITHOUT_ME = "4000000000000341"  # pays on-session, is declined off-session
ZONE = "zone:example.com"
LIMIT = 100

Act = Callable[[Platform, UUID, datetime], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """`prepare` brings an account to where the path begins and returns the time it has then; `act` walks the path.

    With `recovers` its card, which was declined, works again in between. `certain` says that it ends with a charge
    even if nobody repeats it; otherwise the customer, or the merchant, may be told of nothing and go away.
    """

    prepare: Callable[[Platform, UUID, datetime], datetime]
    act: Act
    recovers: bool = False
    certain: bool = False


def view_of(platform: Platform, account_id: UUID) -> AccountView:
    """The account as planning sees it."""
    with platform.store.begin() as tx:
        view = tx.accounts.view(account_id)
    assert view is not None
    return view


def pay(platform: Platform, answer: object, now: datetime, number: str = GOOD) -> Attempt:
    """Confirm what was opened, as a customer with that card."""
    assert isinstance(answer, Attempt), answer
    return confirm(platform, answer.id, f"tok_{number}", now) or answer


def buy(
    platform: Platform, account_id: UUID, change: Change, key: str, now: datetime, number: str = GOOD
) -> Attempt:
    """A change from the request to the commit."""
    asked = Asked(account_id=account_id, key=key, input_hash=key.encode())
    return pay(platform, open_change(platform, asked, change, now), now, number)


def _start(platform: Platform, account_id: UUID, now: datetime, number: str = GOOD) -> Attempt:
    pro = Start(items=(NewItem(price_id=price("zone-pro"), object=ZONE),))
    return buy(platform, account_id, pro, "start", now, number)


def _nothing(platform: Platform, account_id: UUID, now: datetime) -> datetime:
    return now


def _subscribed(platform: Platform, account_id: UUID, now: datetime) -> datetime:
    _start(platform, account_id, now)
    return now + timedelta(days=10)


def _due(platform: Platform, account_id: UUID, now: datetime) -> datetime:
    _start(platform, account_id, now)
    (subscription,) = view_of(platform, account_id).subscriptions
    return subscription.period.end


def _indebted(platform: Platform, account_id: UUID, now: datetime) -> datetime:
    _start(platform, account_id, now, NOT_WITHOUT_ME)
    (subscription,) = view_of(platform, account_id).subscriptions
    due = subscription.period.end
    _renew(platform, account_id, due)
    recompute(platform, bucket_of(account_id), due, LIMIT, account_id)
    assert view_of(platform, account_id).open_invoices
    return due + timedelta(days=1)


def _upgrade(platform: Platform, account_id: UUID, now: datetime) -> Attempt:
    (subscription,) = view_of(platform, account_id).subscriptions
    up = SwitchPrice(
        subscription_id=subscription.id,
        item_id=subscription.items[0].id,
        price_id=price("zone-business"),
    )
    return buy(platform, account_id, up, "upgrade", now)


def _renew(platform: Platform, account_id: UUID, now: datetime) -> int:
    return renew(platform, bucket_of(account_id), now, LIMIT, account_id)


def _finalise(platform: Platform, account_id: UUID, now: datetime) -> object:
    line = Line(kind=LineKind.MANUAL, description="Advice", amount=9_900, explanation="3 hours at $33.00")
    asked = Asked(account_id=account_id, key="invoice", input_hash=b"invoice")
    return finalise(platform, asked, (line,), now)


def _pay_now(platform: Platform, account_id: UUID, now: datetime) -> Attempt | None:
    open_invoices = view_of(platform, account_id).open_invoices
    asked = Asked(account_id=account_id, key="pay", input_hash=b"pay")
    if not open_invoices:  # a repetition after the commit: there is nothing left to pay
        return None
    return pay(platform, pay_now(platform, asked, [open_invoices[0].id], now), now)


def _collect(platform: Platform, account_id: UUID, now: datetime) -> int:
    return recompute(platform, bucket_of(account_id), now, LIMIT, account_id)


PATHS: Mapping[str, Path] = {
    "purchase": Path(prepare=_nothing, act=_start),
    "change": Path(prepare=_subscribed, act=_upgrade),
    "renewal": Path(prepare=_due, act=_renew, certain=True),
    "finalisation": Path(prepare=_subscribed, act=_finalise),
    "collection by the customer": Path(prepare=_indebted, act=_pay_now),
    "collection by schedule": Path(prepare=_indebted, act=_collect, recovers=True, certain=True),
}
