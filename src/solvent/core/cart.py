"""Cart: what an account means to buy, kept until it is paid.

Owns the cart's value, its edits and its state. Does not own what it comes to (`cart_plan`, `cart_view`), nor the
payment: a cart changes nothing but itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from solvent.core.attempt import Attempt
from solvent.core.catalog import Catalog
from solvent.core.coupon import spelled
from solvent.core.payment import AttemptState
from solvent.core.plan import Refusal
from solvent.core.request import NewItem

LINES_MAX = 50  # of one cart
CODES_MAX = 10  # coupons of one cart
LASTS = timedelta(days=1)
LASTS_MIN, LASTS_MAX = timedelta(minutes=5), timedelta(days=30)
READABLE = timedelta(days=7)  # after its end, by its token: what became of it


class CartState(StrEnum):
    """Where a cart is. OPEN can be changed; PAYING has an attempt in flight; PAID has one that has committed."""

    OPEN = "open"
    PAYING = "paying"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLine:
    """One price × quantity on one billable object; `id` never changes, whatever is edited."""

    id: UUID
    price_id: str
    quantity: int = 1
    object: str = "account"

    @property
    def item(self) -> NewItem:
        """The same, as it is asked for."""
        return NewItem(price_id=self.price_id, quantity=self.quantity, object=self.object)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """A cart as of one `version`, which rises by one with every edit. It can be paid until `expires_at` (UTC).

    `coupons` are codes as they are declared. `success_url` and `cancel_url` are where the customer goes afterwards;
    `locale` is the language of its page, that of the account where it is None.
    """

    id: UUID
    account_id: UUID
    version: int
    lines: tuple[CartLine, ...]
    created_at: datetime
    expires_at: datetime
    coupons: tuple[str, ...] = ()
    canceled_at: datetime | None = None
    success_url: str | None = None
    cancel_url: str | None = None
    locale: str | None = None

    @property
    def claim(self) -> str:
        """What at most one attempt in flight is about."""
        return f"cart:{self.id}"


def decisive(attempts: Sequence[Attempt]) -> Attempt | None:
    """Of a cart's attempts the one that says how it stands: what has committed, then what may, then the last one."""
    ranked = sorted(attempts, key=lambda t: (t.state is AttemptState.COMMITTED, t.in_flight, t.id))
    return ranked[-1] if ranked else None


def state_of(cart: Cart, attempts: Sequence[Attempt], now: datetime) -> CartState:
    """Where the cart is: money before everything else, so that an end in time never hides a payment."""
    attempt = decisive(attempts)
    if attempt is not None and attempt.state is AttemptState.COMMITTED:
        return CartState.PAID
    if attempt is not None and attempt.in_flight:
        return CartState.PAYING
    if cart.canceled_at is not None:
        return CartState.CANCELED
    return CartState.OPEN if now < cart.expires_at else CartState.EXPIRED


def with_line(cart: Cart, line: CartLine) -> Cart | Refusal:
    """One line more; more of what is there already, where a line says the same."""
    if len(cart.lines) >= LINES_MAX:
        return Refusal(field="lines", rule=f"must not be more than {LINES_MAX} lines of one cart")
    same = next((x for x in cart.lines if (x.price_id, x.object) == (line.price_id, line.object)), None)
    if same is not None:
        return _edited(cart, _replaced(cart, replace(same, quantity=same.quantity + line.quantity)))
    return _edited(cart, (*cart.lines, line))


def changed(
    cart: Cart,
    line_id: UUID,
    catalog: Catalog,
    *,
    price_id: str | None = None,
    quantity: int | None = None,
    thing: str | None = None,
) -> Cart | Refusal:
    """Another price, quantity or object of a line. A bundle takes the place of the lines that it includes."""
    line = next((x for x in cart.lines if x.id == line_id), None)
    if line is None:
        return Refusal(field="line_id", rule="must be a line of the cart")
    new = replace(
        line,
        price_id=line.price_id if price_id is None else price_id,
        quantity=line.quantity if quantity is None else quantity,
        object=line.object if thing is None else thing,
    )
    kept = _replaced(cart, new)
    if price_id is not None and price_id in catalog.prices:
        within = catalog.parts_of(catalog.price(price_id).product_id)
        kept = tuple(x for x in kept if x.id == line_id or not _is_part(x, new.object, within, catalog))
    return _edited(cart, kept)


def without(cart: Cart, line_id: UUID) -> Cart | Refusal:
    """One line less; the last one may go too."""
    kept = tuple(x for x in cart.lines if x.id != line_id)
    if kept == cart.lines:
        return Refusal(field="line_id", rule="must be a line of the cart")
    return _edited(cart, kept)


def with_coupons(cart: Cart, codes: Sequence[str]) -> Cart | Refusal:
    """These codes in the place of those that it had; each counts once."""
    named = tuple(dict.fromkeys(spelled(code) for code in codes))
    if len(named) > CODES_MAX:
        return Refusal(field="codes", rule=f"must be at most {CODES_MAX} codes, got {len(named)}")
    return replace(cart, coupons=named, version=cart.version + 1)


def _is_part(line: CartLine, thing: str, within: frozenset[str], catalog: Catalog) -> bool:
    known = line.price_id in catalog.prices
    return known and line.object == thing and catalog.price(line.price_id).product_id in within


def _replaced(cart: Cart, new: CartLine) -> tuple[CartLine, ...]:
    return tuple(new if x.id == new.id else x for x in cart.lines)


def _edited(cart: Cart, lines: tuple[CartLine, ...]) -> Cart:
    return replace(cart, lines=lines, version=cart.version + 1)
