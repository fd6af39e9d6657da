"""Checkout routes: the part of the table of endpoints that is about carts and their payment.

Owns their public names. Does not own what happens behind them (`handlers.carts`, `handlers.checkout`).
"""

from solvent.web import checkout_bodies as bodies
from solvent.web import examples
from solvent.web.checkout_views import CartPage, CartView, CheckoutView, DomainsView
from solvent.web.endpoint import Endpoint, Repeat, Scope
from solvent.web.handlers import carts, checkout

_BASE = "/v1/checkout/{token}"
_SHOWN = {200: (CheckoutView, "The cart as it now stands.")}
_EDITING = ("not_found", "cart_closed", "in_flight", "refused")

CARTS = (
    Endpoint(
        method="POST",
        path="/v1/carts",
        name="openCart",
        tag="carts",
        summary="Open a cart for a customer to change and pay",
        description="Several products in one payment and on one invoice, all or nothing. Nothing is reserved or "
        "owed until it is paid. Give `url` (or `token`) to the customer alone: whoever has it can pay the cart.",
        run=carts.open_cart,
        scope=Scope.WRITE,
        repeat=Repeat.JOURNAL,
        body=bodies.CartBody,
        example=examples.CART,
        answers={
            201: (CartView, "Opened."),
            200: (CartView, "It was there: the same key again. As it stands now."),
        },
        problems=("not_found", "idempotency_key_reused", "refused"),
    ),
    Endpoint(
        method="GET",
        path="/v1/carts",
        name="listCarts",
        tag="carts",
        summary="List an account's carts",
        run=carts.page,
        query=bodies.CartsQuery,
        answers={200: (CartPage, "A page.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="GET",
        path="/v1/carts/{cart_id}",
        name="getCart",
        tag="carts",
        summary="Read a cart",
        run=carts.read,
        scope=Scope.WRITE,
        answers={200: (CartView, "The cart as it stands.")},
        problems=("not_found",),
    ),
    Endpoint(
        method="POST",
        path="/v1/carts/{cart_id}/cancel",
        name="cancelCart",
        tag="carts",
        summary="Cancel a cart: nobody can pay it any more",
        description="While it is being paid it cannot be cancelled.",
        run=carts.cancel,
        scope=Scope.WRITE,
        repeat=Repeat.HARMLESS,
        answers={200: (CartView, "The cart as it now stands.")},
        problems=("not_found", "cart_closed", "in_flight"),
    ),
)

CHECKOUT = (
    Endpoint(
        method="GET",
        path=_BASE,
        name="getCheckout",
        tag="checkout",
        summary="Read a cart by its token",
        description="What the browser shows, always: after a reload, in a second tab, and on the way back from a bank.",
        run=checkout.show,
        scope=None,
        answers=_SHOWN,
        problems=("not_found",),
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/domains",
        name="searchDomains",
        tag="checkout",
        summary="Look for names that can be registered",
        description="With every ending that is sold in the cart's currency. To buy one, put its `price_id` into the "
        "cart with the object `domain:` and the name. It is registered once it is paid; if the registrar then refuses "
        "it, that line is credited and refunded, and all others stay.",
        run=checkout.search,
        scope=None,
        query=bodies.DomainsQuery,
        answers={200: (DomainsView, "The names, as typed first.")},
        problems=("not_found", "too_many_requests"),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/lines",
        name="addCheckoutLine",
        tag="checkout",
        summary="Put something into a cart",
        description="What a line has already is raised by the quantity. What could not be bought is refused, and the "
        "cart stays as it was; `lines[n]` in an error counts the cart's lines from 0.",
        run=checkout.add_line,
        scope=None,
        body=bodies.AddLineBody,
        example=examples.CART_LINE,
        answers=_SHOWN,
        problems=_EDITING,
    ),
    Endpoint(
        method="PATCH",
        path=f"{_BASE}/lines/{{line_id}}",
        name="changeCheckoutLine",
        tag="checkout",
        summary="Change the price, the quantity or the object of a line",
        description="To take an `offer` is to change the price. A bundle replaces the lines that it includes.",
        run=checkout.change_line,
        scope=None,
        body=bodies.ChangeLineBody,
        example=examples.CART_LINE_CHANGE,
        answers=_SHOWN,
        problems=_EDITING,
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/lines/{{line_id}}",
        name="removeCheckoutLine",
        tag="checkout",
        summary="Take a line out of a cart",
        run=checkout.remove_line,
        scope=None,
        answers=_SHOWN,
        problems=_EDITING,
    ),
    Endpoint(
        method="PUT",
        path=f"{_BASE}/coupons",
        name="setCheckoutCoupons",
        tag="checkout",
        summary="Set the coupons of a cart",
        description="Each counts for the part of the cart, a subscription or what is bought once, of which it is for "
        "the most. An empty list removes them all.",
        run=checkout.set_coupons,
        scope=None,
        body=bodies.CodesBody,
        example=examples.CART_CODES,
        answers=_SHOWN,
        problems=_EDITING,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/pay",
        name="payCheckout",
        tag="checkout",
        summary="Pay a cart",
        description="What is paid is what was seen: `seen_total` and `seen_fingerprint` are `due_now` and "
        "`fingerprint` as they were shown, and hold for ten minutes. If it comes to something else, the answer is 409 "
        "`price_changed` with the cart as it now is in `checkout`, and nothing is opened. A cart is paid once: a "
        "repetition and a second tab join the payment under way; paying in another way ends that first.",
        run=checkout.pay,
        scope=None,
        repeat=Repeat.JOURNAL,
        body=bodies.PayBody,
        example=examples.CART_PAY,
        answers=_SHOWN,
        problems=(
            "not_found",
            "price_changed",
            "idempotency_key_reused",
            *_EDITING[1:],
            "payment_method_required",
        ),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/confirm",
        name="confirmCheckout",
        tag="checkout",
        summary="Complete the customer's part of the payment",
        description="With the token of the provider's browser part, or without one when the customer comes back from a "
        "page of the bank or wallet. Doing it again is harmless.",
        run=checkout.complete,
        scope=None,
        body=bodies.CompleteBody,
        example=examples.CONFIRM,
        answers=_SHOWN,
        problems=("not_found",),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/cancel-payment",
        name="cancelCheckoutPayment",
        tag="checkout",
        summary="Stop the payment under way, so that the cart can be changed",
        run=checkout.give_up,
        scope=None,
        answers=_SHOWN,
        problems=("not_found", "in_flight"),
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/invoice.pdf",
        name="getCheckoutInvoicePdf",
        tag="checkout",
        summary="The invoice of a cart that was paid, as a PDF file",
        run=checkout.invoice_pdf,
        scope=None,
        answers={200: (bytes, "The file.")},
        media="application/pdf",
        problems=("not_found",),
    ),
)
