"""Checkout: paying a cart, by whoever holds it.

Owns that what is paid is what was seen, and that a cart is paid once: a repetition, a second tab and a reload join the
attempt that is under way, and find the one that has committed. Does not own the attempt's life (`opening`), nor what
may be bought (`cart`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.cart import Cart, CartState, decisive
from solvent.core.cart_view import HOLDS, fingerprint, same, seen_at
from solvent.core.payment import ActionKind, AttemptState
from solvent.core.plan import Plan, Refusal
from solvent.core.way import METHOD_KINDS, Way, WayKind
from solvent.flows.cart import Shown, closed, plan_of, show
from solvent.flows.guarding import NOBODY, Visitor, stopped
from solvent.flows.opening import Asked, Conflict, confirm, open_attempt, stop
from solvent.flows.platform import Platform, traced
from solvent.flows.ways import ways_to_pay
from solvent.ports.store import AccountView

PRICE_CHANGED = (
    "seen_total"  # the field of a refusal that says that something else would be paid than was seen
)
GONE = Refusal(field="cart_id", rule="must be an existing cart")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paying:
    """A customer's order to pay. `key` and `input_hash` make a repetition the same attempt; `seen_total` and
    `seen_fingerprint` say what was shown as due. `id` is the attempt's id if this order opens a new one."""

    key: str
    input_hash: bytes
    way: WayKind
    seen_total: int
    seen_fingerprint: str
    id: UUID
    provider: str | None = None
    method_id: UUID | None = None
    return_url: str | None = None
    visitor: Visitor = NOBODY


@traced("checkout_pay")
def pay(platform: Platform, cart_id: UUID, paying: Paying, now: datetime) -> Attempt | Refusal | Conflict:
    """Open the payment of a cart, or join the one that is under way or has committed. A method on file is confirmed at
    once, as far as that needs nobody."""
    shown = show(platform, cart_id, now)
    if shown is None:
        return GONE
    known = _under_way(shown, paying)
    if known is not None:
        return known
    refusal = None if shown.state is CartState.PAYING else closed(shown.state) or shown.problem
    way = refusal or _chosen(_ways(platform, shown), paying)
    if isinstance(way, Refusal):
        return way
    asked = Asked(
        account_id=shown.cart.account_id,
        key=f"cart:{cart_id.hex}:{paying.key}",
        input_hash=paying.input_hash,
        provider=way.provider,
        method_id=way.method_id,
        method_kind=_brought(platform, way),
        return_url=paying.return_url,
        id=paying.id,
    )
    stop_sign = stopped(platform, paying.visitor, asked, shown.moment, cart_id)
    if stop_sign is not None:
        return stop_sign

    def planner(view: AccountView, moment: datetime) -> Plan | Refusal:
        return _planned(platform, cart_id, view, paying, moment)

    opened = open_attempt(platform, asked, planner, now)
    if isinstance(opened, Refusal):  # another tab may have been faster: then that is what there is to say
        fresh = show(platform, cart_id, now)
        return (fresh and _under_way(fresh, paying)) or opened
    return _confirmed(platform, opened, now) if isinstance(opened, Attempt) else opened


@traced("checkout_complete")
def complete(platform: Platform, cart_id: UUID, method: str | None, now: datetime) -> Attempt | None:
    """Step 4 of the payment that is under way, or how it went; None: none was ever opened. Repeating it is harmless."""
    attempt = _decisive(platform, cart_id)
    if attempt is None or not attempt.in_flight:
        return attempt
    return confirm(platform, attempt.id, method, now)


def give_up(platform: Platform, cart_id: UUID, now: datetime) -> Conflict | None:
    """Make sure that the payment under way, if any, cannot succeed, so that the cart can be changed again; a conflict
    where it already may have."""
    attempt = _decisive(platform, cart_id)
    if attempt is None or not attempt.in_flight or stop(platform, attempt, now):
        return None
    return Conflict(
        code="in_flight",
        detail="the payment can no longer be stopped: wait for it to end",
        attempt_id=attempt.id,
    )


def _decisive(platform: Platform, cart_id: UUID) -> Attempt | None:
    with platform.store.look() as tx:
        return decisive(tx.carts.attempts(cart_id))


def _under_way(shown: Shown, paying: Paying) -> Attempt | None:
    """The attempt that this order is about already: what has committed, or is in flight in the same way."""
    attempt = shown.attempt
    if shown.state is CartState.PAID:
        return attempt
    if shown.state is not CartState.PAYING or attempt is None:
        return None
    same_way = attempt.method_id == paying.method_id and paying.provider in (None, attempt.provider)
    return attempt if same_way else None


def _ways(platform: Platform, shown: Shown) -> Sequence[Way]:
    """What may be chosen; beside a payment under way, in another way than that."""
    if shown.state is not CartState.PAYING or shown.attempt is None:
        return shown.ways
    return ways_to_pay(platform, shown.view, shown.attempt.plan)


def _chosen(ways: Sequence[Way], paying: Paying) -> Way | Refusal:
    for way in ways:
        same_provider = paying.provider in (None, way.provider)
        if way.kind is paying.way and way.method_id == paying.method_id and same_provider:
            return way
    some = "must be one of the ways of this cart, as they are listed"
    return Refusal(field="way", rule=some if ways else "none that is configured takes what this cart costs")


def _brought(platform: Platform, way: Way) -> str | None:
    """The kind of method that the customer brings, as the provider of the way calls it."""
    kind = METHOD_KINDS.get(way.kind)
    known = way.provider is not None and platform.providers.get(way.provider).capabilities.brings(kind)
    return kind if known else None


def _planned(
    platform: Platform, cart_id: UUID, view: AccountView, paying: Paying, moment: datetime
) -> Plan | Refusal:
    """The plan of the cart as it now is, made for the moment at which the customer saw its price."""
    with platform.store.look() as tx:
        cart = tx.carts.get(cart_id)
    assert cart is not None, f"cart {cart_id} was there"
    lifetime = platform.policy.attempt_lifetime
    plan = plan_of(platform, cart, view, seen_at(paying.seen_fingerprint, moment, min(HOLDS, lifetime)))
    seen = plan if isinstance(plan, Refusal) else _as_seen(plan, cart, paying)
    return seen if isinstance(seen, Refusal) else replace(seen, expires_at=moment + lifetime)


def _as_seen(plan: Plan, cart: Cart, paying: Paying) -> Plan | Refusal:
    """The plan, if what would be paid reads the same as what was seen."""
    if plan.due == paying.seen_total and same(paying.seen_fingerprint, fingerprint(plan, cart)):
        return plan
    return Refusal(
        field=PRICE_CHANGED, rule=f"must be what is due now, {plan.due}: the cart or its price has changed"
    )


def _confirmed(platform: Platform, attempt: Attempt, now: datetime) -> Attempt:
    action = attempt.action
    waits = attempt.state is AttemptState.REQUIRES_ACTION and action is not None
    if not waits or action is None or action.kind is not ActionKind.CONFIRM or attempt.method_token is None:
        return attempt
    return confirm(platform, attempt.id, None, now) or attempt
