"""Carts: what a merchant's server does with carts.

Owns opening, reading and cancelling them with an API key. Does not own what the customer does (`checkout`).
"""

from datetime import timedelta

from solvent.cart_links import CartLinks
from solvent.core.cart import Cart, CartLine
from solvent.core.coupon import spelled
from solvent.core.ids import bucket_of, spell
from solvent.core.plan import Refusal
from solvent.flows import cart as flow
from solvent.web.checkout_bodies import CartBody, CartsQuery
from solvent.web.checkout_views import CartView
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import uuid_in
from solvent.web.handlers.accounts import paged
from solvent.web.handlers.checkout import around, closed_problem, whole
from solvent.web.handlers.shared import existing_account, fingerprint, prices_of, refusal_problem
from solvent.web.present_cart import cart_summary, checkout_view, state_shown
from solvent.web.problems import Problem, not_found


def open_cart(call: Call) -> Reply:
    """Open a cart for an account."""
    body: CartBody = call.body
    account = existing_account(call, uuid_in(body.account_id))
    platform = call.solvent.platform
    prices, bucket = prices_of(platform.store.catalog()), bucket_of(account.id)
    now = account.moment(call.now)
    cart = Cart(
        id=platform.ids.draw(bucket),
        account_id=account.id,
        version=1,
        lines=tuple(
            CartLine(
                id=platform.ids.draw(bucket),
                price_id=prices(line.price_id),
                quantity=line.quantity,
                object=line.object,
            )
            for line in body.lines
        ),
        coupons=tuple(dict.fromkeys(map(spelled, body.coupons))),
        created_at=now,
        expires_at=now + timedelta(seconds=body.expires_in),
        success_url=body.success_url,
        cancel_url=body.cancel_url,
        locale=body.locale,
    )
    kept = flow.keep(platform, cart, call.key, fingerprint(call, "cart"), call.now)
    if isinstance(kept, Refusal):
        raise refusal_problem(kept)
    if isinstance(kept, flow.KeyReused):
        raise Problem("idempotency_key_reused", "this idempotency key came with another cart before")
    location = ("location", f"/v1/carts/{spell('crt', kept.id)}")
    return Reply(_view(call, kept), 201 if kept.id == cart.id else 200, [location])


def read(call: Call) -> Reply:
    """One cart as it stands."""
    return Reply(_view(call, _existing(call)))


def page(call: Call) -> Reply:
    """A page of an account's carts."""
    query: CartsQuery = call.query
    account = existing_account(call, uuid_in(query.account))
    after = None if query.after is None else uuid_in(query.after)
    with call.solvent.database.look() as tx:
        found = tx.carts.of_account(account.id, after, query.limit + 1)
    return paged([cart_summary(cart) for cart in found], query.limit)


def cancel(call: Call) -> Reply:
    """Nobody can pay it any more."""
    cart = flow.cancel(call.solvent.platform, _existing(call).id, call.now)
    if isinstance(cart, Refusal):
        raise closed_problem(cart)
    return Reply(_view(call, cart))


def _existing(call: Call) -> Cart:
    named = call.path["cart_id"]
    found = flow.read(call.solvent.platform, public_id("crt", named, "cart_id"))
    if found is None:
        raise not_found("cart", named)
    return found


def _view(call: Call, cart: Cart) -> CartView:
    links = CartLinks(call.solvent.settings, call.solvent.database)
    shown = flow.show(call.solvent.platform, cart.id, call.now)
    assert shown is not None, f"cart {cart.id} is kept"
    token = links.token(cart, call.now)
    return CartView(
        id=spell("crt", cart.id),
        account_id=spell("acc", cart.account_id),
        state=state_shown(shown),
        version=shown.cart.version,
        url=links.url(token),
        token=token,
        checkout=checkout_view(whole(call, shown), around(call, shown, token)),
        created_at=cart.created_at,
    )
