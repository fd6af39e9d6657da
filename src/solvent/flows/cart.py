"""Cart: keeping, changing and showing what a customer means to buy.

Owns that an edit is refused unless the cart can then be bought, and that nothing is changed while it is being paid.
Does not own what a cart comes to (`core.cart_plan`), nor its payment (`checkout`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.cart import Cart, CartState, decisive, state_of
from solvent.core.cart_plan import plan_cart
from solvent.core.cart_view import CartTold, instant, tell
from solvent.core.catalog import Catalog
from solvent.core.payment import AttemptState
from solvent.core.plan import Plan, Refusal
from solvent.core.registration import Registration
from solvent.core.way import Way
from solvent.flows.change import context
from solvent.flows.opening import Contended
from solvent.flows.platform import Platform, traced
from solvent.flows.ways import ways_to_pay
from solvent.ports.store import AccountView

EDIT_TRIES_MAX = 3

Edit = Callable[[Cart, Catalog], Cart | Refusal]

_NOT_OPEN = {
    CartState.PAYING: "is being paid: cancel that payment first",
    CartState.PAID: "is paid: open another one",
    CartState.EXPIRED: "has expired: open another one",
    CartState.CANCELED: "was cancelled: open another one",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyReused:
    """The idempotency key came with another cart before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A cart as it stands at a moment of its account's clock. `attempt` is the one that says how it stands; `problem`
    why it cannot be bought as it is, while it is open; `registrations` what became of names that it paid for."""

    cart: Cart
    view: AccountView
    state: CartState
    attempt: Attempt | None
    told: CartTold
    ways: tuple[Way, ...]
    problem: Refusal | None
    moment: datetime
    registrations: Sequence[Registration] = ()


def keep(
    platform: Platform, cart: Cart, key: str, input_hash: bytes, now: datetime
) -> Cart | Refusal | KeyReused:
    """Keep a new cart that can be bought; or the one that the caller's key stands for."""
    with platform.store.look() as tx:
        view = tx.accounts.view(cart.account_id)
        known = tx.carts.by_key(cart.account_id, key)
    if view is None:
        return Refusal(field="account_id", rule="must be an existing account")
    planned = None if known is not None else plan_of(platform, cart, view, view.account.moment(now))
    if isinstance(planned, Refusal):
        return planned
    with platform.store.begin() as tx:
        kept, hashed = known or tx.carts.add(cart, key, input_hash)
    return kept if hashed == input_hash else KeyReused()


def plan_of(platform: Platform, cart: Cart, view: AccountView, moment: datetime) -> Plan | Refusal:
    """The plan of a cart, made as of a moment."""
    return plan_cart(cart, context(platform, view, instant(moment), cart.coupons, view.subscriptions))


def read(platform: Platform, cart_id: UUID) -> Cart | None:
    """The cart as it is kept."""
    with platform.store.look() as tx:
        return tx.carts.get(cart_id)


@traced("cart_show")
def show(platform: Platform, cart_id: UUID, now: datetime) -> Shown | None:
    """A cart with what it comes to and how it can be paid. What is being paid, or was, is told as it was planned then.
    Writes nothing."""
    with platform.store.still() as tx:
        cart = tx.carts.get(cart_id)
        view = None if cart is None else tx.accounts.view(cart.account_id)
        attempts = tx.carts.attempts(cart_id)
    if cart is None or view is None:
        return None
    shown = _shown(platform, cart, view, attempts, view.account.moment(now))
    if shown.state is not CartState.PAID or shown.attempt is None:
        return shown
    with platform.store.look() as tx:
        return replace(shown, registrations=tx.registrations.of_attempt(shown.attempt.id))


@traced("cart_edit")
def edit(
    platform: Platform, cart_id: UUID, change: Edit, now: datetime, *, checked: bool = True
) -> Cart | Refusal:
    """Change an open cart; `checked` refuses what could not be bought afterwards, and then nothing is changed."""
    for _ in range(EDIT_TRIES_MAX):
        edited = _edited(platform, cart_id, change, now, checked=checked)
        if isinstance(edited, Refusal):
            return edited
        with platform.store.begin() as tx:
            if tx.carts.put(edited):
                return edited
    raise Contended(f"cart {cart_id}: {EDIT_TRIES_MAX} tries met another change each time")


def _edited(
    platform: Platform, cart_id: UUID, change: Edit, now: datetime, *, checked: bool
) -> Cart | Refusal:
    with platform.store.look() as tx:
        cart = tx.carts.get(cart_id)
        view = None if cart is None else tx.accounts.view(cart.account_id)
        attempts = tx.carts.attempts(cart_id)
    if cart is None or view is None:
        return Refusal(field="cart_id", rule="must be an existing cart")
    moment = view.account.moment(now)
    edited = closed(state_of(cart, attempts, moment)) or change(cart, platform.store.catalog())
    if isinstance(edited, Refusal) or not checked:
        return edited
    planned = plan_of(platform, edited, view, moment)
    return planned if isinstance(planned, Refusal) else edited


def cancel(platform: Platform, cart_id: UUID, now: datetime) -> Cart | Refusal:
    """Nobody can pay it any more. Cancelling it twice says so once."""

    def canceled(cart: Cart, _catalog: Catalog) -> Cart:
        return replace(cart, canceled_at=now, version=cart.version + 1)

    known = read(platform, cart_id)
    if known is not None and known.canceled_at is not None:
        return known
    return edit(platform, cart_id, canceled, now, checked=False)


def closed(state: CartState) -> Refusal | None:
    """Why a cart in that state can be neither changed nor paid."""
    rule = _NOT_OPEN.get(state)
    return None if rule is None else Refusal(field="cart", rule=rule)


def _shown(
    platform: Platform, cart: Cart, view: AccountView, attempts: Sequence[Attempt], moment: datetime
) -> Shown:
    state, attempt, catalog = state_of(cart, attempts, moment), decisive(attempts), platform.store.catalog()
    settled = attempt is not None and (attempt.in_flight or attempt.state is AttemptState.COMMITTED)
    planned = attempt.plan if attempt is not None and settled else plan_of(platform, cart, view, moment)
    plan = planned if isinstance(planned, Plan) else None
    policy = platform.policy_of(view.account, catalog, moment)
    return Shown(
        cart=cart,
        view=view,
        state=state,
        attempt=attempt,
        told=tell(cart, plan, view.account, catalog, policy, platform.convention),
        ways=ways_to_pay(platform, view, plan) if plan is not None and state is CartState.OPEN else (),
        problem=planned if isinstance(planned, Refusal) else None,
        moment=moment,
    )
