"""Checkout: what a customer's browser does with a cart, by the cart's token alone.

Owns that a token reaches its cart and nothing else, and that every answer is the cart as it then stands. Does not own
what becomes of a request (`flows.cart`, `flows.checkout`), nor the page.
"""

from dataclasses import replace
from hashlib import sha256
from uuid import UUID

import msgspec

from solvent.cart_links import CartLinks
from solvent.core.attempt import Attempt
from solvent.core.card_testing import TOO_OFTEN, wait
from solvent.core.cart import Cart, CartLine, CartState, changed, with_coupons, with_line, without
from solvent.core.catalog import Catalog
from solvent.core.document import of_invoice
from solvent.core.domain_search import candidates
from solvent.core.ids import bucket_of
from solvent.core.plan import Refusal
from solvent.flows import cart as carts
from solvent.flows import checkout as flow
from solvent.flows.acting import with_action
from solvent.flows.guarding import NOT_A_PERSON, may_search
from solvent.flows.opening import Conflict
from solvent.ports.registrar import RegistrarSilent
from solvent.web.checkout_bodies import (
    AddLineBody,
    ChangeLineBody,
    CodesBody,
    CompleteBody,
    DomainsQuery,
    PayBody,
)
from solvent.web.checkout_views import CheckoutView, DomainsView
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply, retry_after
from solvent.web.fields import uuid_in
from solvent.web.handlers.shared import opened, prices_of, refusal_problem
from solvent.web.present_cart import Around, checkout_view, domain_view
from solvent.web.problems import FieldError, Problem, not_found
from solvent.web.provider_parts import public_keys
from solvent.web.visitors import visitor_of

_STOPS = {NOT_A_PERSON: "bot_refused", TOO_OFTEN: "too_many_requests"}
RETRY = [("retry-after", "5")]
CLOSED = "cart"  # the field of a refusal of a cart that is not open
HEADERS = [
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
]


def show(call: Call) -> Reply:
    """The cart as it stands."""
    return _answer(call, _cart_id(call))


def search(call: Call) -> Reply:
    """Names that can be registered."""
    query: DomainsQuery = call.query
    cart_id, platform = _cart_id(call), call.solvent.platform
    digest = CartLinks(call.solvent.settings, call.solvent.database).digest(f"names {cart_id.hex}", call.now)
    if not may_search(platform, digest, call.now):
        raise Problem(
            "too_many_requests", "too many searches: wait a minute", headers=[("retry-after", "60")]
        )
    shown = carts.show(platform, cart_id, call.now)
    currency = "" if shown is None else shown.view.account.currency
    found = candidates(query.name, platform.store.catalog(), currency)
    try:
        seen = {a.name: a for a in platform.registrar.look([c.name for c in found])}
    except RegistrarSilent:
        raise Problem("unavailable", "the registrar does not answer", headers=RETRY) from None
    return Reply(DomainsView(data=[domain_view(c, seen[c.name]) for c in found]), 200, HEADERS)


def add_line(call: Call) -> Reply:
    """One line more."""
    body: AddLineBody = call.body
    cart_id, platform = _cart_id(call), call.solvent.platform
    price_id = prices_of(platform.store.catalog())(body.price_id)
    line = CartLine(
        id=platform.ids.draw(bucket_of(cart_id)),
        price_id=price_id,
        quantity=body.quantity,
        object=body.object,
    )
    return _edited(call, cart_id, lambda cart, _: with_line(cart, line), body.version)


def change_line(call: Call) -> Reply:
    """Another price, quantity or object of a line."""
    body: ChangeLineBody = call.body
    cart_id, line_id = _cart_id(call), _line_id(call)
    exact = prices_of(call.solvent.platform.store.catalog())
    price_id = None if body.price_id is None else exact(body.price_id)

    def edit(cart: Cart, catalog: Catalog) -> Cart | Refusal:
        return changed(cart, line_id, catalog, price_id=price_id, quantity=body.quantity, thing=body.object)

    return _edited(call, cart_id, edit, body.version)


def remove_line(call: Call) -> Reply:
    """One line less."""
    line_id = _line_id(call)
    return _edited(call, _cart_id(call), lambda cart, _: without(cart, line_id), None, checked=False)


def set_coupons(call: Call) -> Reply:
    """Other coupons."""
    body: CodesBody = call.body
    return _edited(call, _cart_id(call), lambda cart, _: with_coupons(cart, body.codes), body.version)


def pay(call: Call) -> Reply:
    """Open the payment, or join the one under way."""
    body: PayBody = call.body
    cart_id, platform = _cart_id(call), call.solvent.platform
    paying = flow.Paying(
        key=call.key,
        input_hash=sha256(msgspec.json.encode(body)).digest(),
        way=body.way.kind,
        seen_total=body.seen_total,
        seen_fingerprint=body.seen_fingerprint,
        id=platform.ids.draw(bucket_of(cart_id)),
        provider=body.provider,
        method_id=None if body.method_id is None else uuid_in(body.method_id),
        return_url=body.return_url,
        visitor=visitor_of(call, body.bot_token),
    )
    return _paid(call, cart_id, flow.pay(platform, cart_id, paying, call.now))


def complete(call: Call) -> Reply:
    """The customer's part of the payment."""
    body: CompleteBody = call.body
    cart_id = _cart_id(call)
    attempt = flow.complete(call.solvent.platform, cart_id, body.method, call.now)
    if attempt is not None:
        call.kept.forget(attempt.account_id)
    return _answer(call, cart_id)


def give_up(call: Call) -> Reply:
    """Stop the payment, so that the cart can be changed."""
    cart_id = _cart_id(call)
    conflict = flow.give_up(call.solvent.platform, cart_id, call.now)
    if conflict is not None:
        opened(conflict)
    return _answer(call, cart_id)


def invoice_pdf(call: Call) -> Reply:
    """The invoice of a cart that was paid."""
    shown = carts.show(call.solvent.platform, _cart_id(call), call.now)
    invoice_id = None if shown is None else _invoice_id(call, shown)
    facts = None if invoice_id is None else call.queries.printing.invoice(invoice_id)
    if facts is None:
        raise not_found("invoice", "of this cart")
    return Reply(call.solvent.typesetter.pdf(of_invoice(facts)), 200, HEADERS, "application/pdf")


def whole(call: Call, shown: carts.Shown) -> carts.Shown:
    """With what its customer needs to act."""
    if shown.attempt is None:
        return shown
    return replace(shown, attempt=with_action(call.solvent.platform, shown.attempt))


def around(call: Call, shown: carts.Shown, token: str) -> Around:
    """What a view says beside the cart."""
    invoice_id = _invoice_id(call, shown)
    found = None if invoice_id is None else call.queries.invoice(invoice_id)
    return Around(
        merchant=call.queries.entity_name(shown.view.account.entity),
        invoice=None if found is None else found[0],
        pdf_url=f"/v1/checkout/{token}/invoice.pdf",
        sells_domains=bool(
            candidates("name", call.solvent.platform.store.catalog(), shown.view.account.currency)
        ),
        bot_check=call.solvent.platform.bot_check,
        public_keys=public_keys(call.solvent.platform),
    )


def closed_problem(refusal: Refusal, view: CheckoutView | None = None) -> Problem:
    """A refusal of a cart that is not open, or of what is in it."""
    if refusal.field != CLOSED:
        return refusal_problem(refusal)
    more = {} if view is None else {"checkout": view}
    return Problem("cart_closed", f"the cart {refusal.rule}", more=more)


def _invoice_id(call: Call, shown: carts.Shown) -> UUID | None:
    attempt = shown.attempt
    paid = shown.state is CartState.PAID and attempt is not None and attempt.plan.total > 0
    return call.queries.invoice_of(attempt.id) if paid and attempt is not None else None


def _cart_id(call: Call) -> UUID:
    """The cart that the token reaches; what is forged and what is over are not told apart."""
    links = CartLinks(call.solvent.settings, call.solvent.database)
    cart_id = links.read(call.path["token"], call.now)
    if cart_id is None:
        raise Problem("not_found", "this link to a cart is not valid, or is over")
    return cart_id


def _line_id(call: Call) -> UUID:
    return public_id("cln", call.path["line_id"], "line_id")


def _view(call: Call, cart_id: UUID) -> CheckoutView:
    shown = carts.show(call.solvent.platform, cart_id, call.now)
    if shown is None:
        raise Problem("not_found", "this link to a cart is not valid, or is over")
    return checkout_view(whole(call, shown), around(call, shown, call.path["token"]))


def _answer(call: Call, cart_id: UUID) -> Reply:
    return Reply(_view(call, cart_id), 200, HEADERS)


def _edited(
    call: Call,
    cart_id: UUID,
    edit: carts.Edit,
    version: int | None,
    *,
    checked: bool = True,
) -> Reply:
    def guarded(cart: Cart, catalog: Catalog) -> Cart | Refusal:
        if version is not None and version != cart.version:
            return Refusal(field="version", rule=f"must be {cart.version}: the cart was changed meanwhile")
        return edit(cart, catalog)

    done = carts.edit(call.solvent.platform, cart_id, guarded, call.now, checked=checked)
    if isinstance(done, Refusal):
        if done.field == CLOSED:
            raise closed_problem(done, _view(call, cart_id))
        raise refusal_problem(done)
    return _answer(call, cart_id)


def _paid(call: Call, cart_id: UUID, result: Attempt | Refusal | Conflict) -> Reply:
    if isinstance(result, Refusal) and result.field == flow.PRICE_CHANGED:
        view = _view(call, cart_id)
        raise Problem("price_changed", f"{result.field}: {result.rule}", more={"checkout": view})
    if isinstance(result, Refusal) and result.field == CLOSED:
        raise closed_problem(result, _view(call, cart_id))
    if isinstance(result, Refusal) and result.field in _STOPS:
        headers = [retry_after(wait(result))] if result.field == TOO_OFTEN else []
        raise Problem(_STOPS[result.field], result.rule, [FieldError(result.field, result.rule)], headers)
    attempt = opened(result)
    call.kept.forget(attempt.account_id)
    return _answer(call, cart_id)
