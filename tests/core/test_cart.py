"""Carts: edits give the next version or a refusal, states follow from attempts, and tokens reach one cart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from solvent.core.account import Segment
from solvent.core.attempt import Attempt
from solvent.core.cart import (
    CODES_MAX,
    LINES_MAX,
    READABLE,
    Cart,
    CartLine,
    CartState,
    changed,
    decisive,
    state_of,
    with_coupons,
    with_line,
    without,
)
from solvent.core.cart_offer import offer_for
from solvent.core.cart_token import cart_token, read_cart_token
from solvent.core.catalog import Catalog, Product, Scheme
from solvent.core.payment import AttemptState
from solvent.core.plan import Refusal
from solvent.core.product import Price
from solvent.core.sealed import seal
from solvent.core.way import Way, WayKind, in_order
from tests.core.conftest import CATALOG, MONTH, PRICES, PRODUCTS, Shop
from tests.core.test_cart_plan import cart_of, planned

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = b"k" * 32


def edited(edit: Cart | Refusal) -> Cart:
    assert isinstance(edit, Cart), edit
    return edit


def refused(edit: Cart | Refusal) -> str:
    assert isinstance(edit, Refusal), edit
    return edit.field


def test_every_edit_is_the_next_version() -> None:
    cart = cart_of("pro@zone:a", "seats")
    more = edited(with_line(cart, CartLine(id=UUID(int=77), price_id="setup")))
    assert ([x.price_id for x in more.lines], more.version) == (["pro", "seats", "setup"], 2)
    again = edited(with_line(more, CartLine(id=UUID(int=78), price_id="setup", quantity=2)))
    assert [x.quantity for x in again.lines] == [1, 1, 3]
    other = edited(changed(again, UUID(int=1), CATALOG, price_id="business", quantity=1, thing="zone:b"))
    assert other.lines[0] == CartLine(id=UUID(int=1), price_id="business", object="zone:b")
    less = edited(without(other, UUID(int=77)))
    assert ([x.price_id for x in less.lines], less.version) == (["business", "seats"], 5)
    named = edited(with_coupons(less, ["save", "SAVE", "more"]))
    assert (named.coupons, named.version) == (("SAVE", "MORE"), 6)


def test_what_is_not_there_cannot_be_edited_and_nothing_grows_without_end() -> None:
    cart = cart_of("seats")
    assert refused(changed(cart, UUID(int=9), CATALOG, quantity=2)) == "line_id"
    assert refused(without(cart, UUID(int=9))) == "line_id"
    assert refused(with_coupons(cart, [f"C{n}" for n in range(CODES_MAX + 1)])) == "codes"
    full = replace(cart, lines=tuple(CartLine(id=UUID(int=n), price_id="seats") for n in range(LINES_MAX)))
    assert refused(with_line(full, CartLine(id=UUID(int=99), price_id="setup"))) == "lines"


def test_a_bundle_takes_the_place_of_its_parts() -> None:
    bundle = Product(id="both", name="Both", family="both", features={}, includes=("media", "support"))
    catalog = Catalog.checked([*PRODUCTS, bundle], [*PRICES, _monthly("both", 1500)])
    cart = cart_of("media", "support", "support@zone:a", "unknown")
    taken = edited(changed(cart, UUID(int=1), catalog, price_id="both"))
    assert [(x.price_id, x.object) for x in taken.lines] == [
        ("both", "account"),
        ("support", "zone:a"),
        ("unknown", "account"),
    ]
    offer = offer_for(cart.lines[0], catalog)
    assert offer is not None
    assert (offer.price_id, offer.saves, offer.name, str(offer.interval)) == ("both", 400, "Both", "month")
    assert len(edited(changed(cart, UUID(int=1), catalog, price_id="nowhere")).lines) == 4


def _monthly(product: str, amount: int) -> Price:
    return Price(
        id=product,
        product_id=product,
        version=1,
        currency="USD",
        interval=MONTH,
        scheme=Scheme.PER_UNIT,
        unit_amount=amount,
    )


def test_nothing_is_offered_that_does_not_save() -> None:
    line = cart_of("pro@zone:a").lines[0]
    offer = offer_for(line, CATALOG)
    assert offer is not None
    assert (offer.price_id, offer.saves) == ("pro-year", 12 * 2000 - 20000)
    seats = offer_for(replace(line, price_id="seats", quantity=3), CATALOG)
    assert seats is not None
    assert seats.saves == 3 * (12 * 500 - 5000)
    for price_id in ("pro-year", "setup", "team", "nowhere"):
        assert offer_for(replace(line, price_id=price_id), CATALOG) is None
    dear = Product(id="dear", name="Dear", family="dear", features={}, includes=("team",))
    catalog = Catalog.checked([*PRODUCTS, dear], [*PRICES, _monthly("dear", 900)])
    assert offer_for(replace(line, price_id="team"), catalog) is None
    odd = Product(id="odd", name="Odd", family="odd", features={}, includes=("team", "free"))
    elsewhere = replace(odd, id="there", object_kind="zone", includes=("team",))
    alone = [replace(p, active=False) if p.id == "free" else p for p in PRICES]
    catalog = Catalog.checked([*PRODUCTS, odd, elsewhere], [*alone, _monthly("odd", 1), _monthly("there", 1)])
    assert offer_for(replace(line, price_id="team"), catalog) is None


def test_money_says_how_a_cart_stands_before_time_does(shop: Shop) -> None:
    cart = cart_of("seats")
    end, late = cart.expires_at, cart.expires_at + timedelta(seconds=1)
    attempt = Attempt(
        id=UUID(int=5),
        account_id=cart.account_id,
        plan=planned(shop, cart),
        state=AttemptState.OPENING,
        off_session=False,
        created_at=NOW,
        expires_at=late,
        look_at=late,
    )
    failed = replace(attempt, id=UUID(int=9), state=AttemptState.FAILED)
    done = replace(attempt, id=UUID(int=4), state=AttemptState.COMMITTED)
    assert decisive([]) is None
    assert state_of(cart, [], NOW) is CartState.OPEN
    assert state_of(cart, [failed], end) is CartState.EXPIRED
    assert state_of(replace(cart, canceled_at=NOW), [failed], NOW) is CartState.CANCELED
    assert state_of(cart, [failed, attempt], late) is CartState.PAYING
    assert state_of(replace(cart, canceled_at=NOW), [done, failed, attempt], late) is CartState.PAID
    assert decisive([failed, attempt, done]) is done


def test_a_token_reaches_one_cart_until_it_is_over() -> None:
    cart = cart_of("seats")
    token = cart_token(cart, KEY)
    assert token == cart_token(replace(cart, version=9), KEY)
    assert read_cart_token(token, KEY, NOW) == cart.id
    assert read_cart_token(token, b"x" * 32, NOW) is None
    assert read_cart_token(token, KEY, cart.expires_at + READABLE) is None
    assert read_cart_token(seal(b"\x02" + bytes(21), b"cart", KEY), KEY, NOW) is None
    assert read_cart_token(seal(bytes(22), b"link", KEY), KEY, NOW) is None


@pytest.mark.parametrize(
    ("country", "segment", "first"),
    [
        ("US", Segment.STANDARD, [WayKind.CARD, WayKind.AGREEMENT, WayKind.BANK_DEBIT, WayKind.TRANSFER]),
        ("DE", Segment.STANDARD, [WayKind.AGREEMENT, WayKind.BANK_DEBIT, WayKind.CARD, WayKind.TRANSFER]),
        ("DE", Segment.CONTRACT, [WayKind.TRANSFER, WayKind.BANK_DEBIT, WayKind.CARD, WayKind.AGREEMENT]),
    ],
)
def test_ways_come_in_the_order_that_suits_the_account(
    shop: Shop, country: str, segment: Segment, first: list[WayKind]
) -> None:
    account = replace(shop.account, country=country, segment=segment)
    kinds = [
        WayKind.BANK_DEBIT,
        WayKind.TRANSFER,
        WayKind.AGREEMENT,
        WayKind.CARD,
        WayKind.SAVED,
        WayKind.SAVED_CARD,
    ]
    found = [way.kind for way in in_order([Way(kind=kind) for kind in kinds], account)]
    assert found == [WayKind.SAVED, WayKind.SAVED_CARD, *first]
