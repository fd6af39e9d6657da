"""Products and prices at the peer.

Owns their names, each taken once. Does not own what they are sold by (`billing`).
"""

from typing import Any

from tests.peers.stripe.state import Book, Thing, invalid, missing

Form = dict[str, Any]


def product(book: Book, form: Form) -> Thing:
    """A product, under an id of the merchant's own choice."""
    ref = form["id"]
    if ref in book.of("product"):
        raise invalid("Product already exists.", code="resource_already_exists", param="id")
    made = book.add(
        "product",
        "prod",
        active=True,
        images=[],
        marketing_features=[],
        metadata={},
        name=form["name"],
        updated=book.now(),
    )
    del book.of("product")[made["id"]]
    made["id"] = ref
    book.of("product")[ref] = made
    return made


def price(book: Book, form: Form) -> Thing:
    """A price; look-up keys are taken once."""
    if form["product"] not in book.of("product"):
        raise missing("product", form["product"], "product")
    if any(row["lookup_key"] == form["lookup_key"] for row in book.of("price").values()):
        raise invalid("A price already uses that lookup key.", param="lookup_key")
    every = form["recurring"]
    return book.add(
        "price",
        "price",
        active=True,
        billing_scheme="per_unit",
        currency=form["currency"],
        lookup_key=form["lookup_key"],
        metadata={},
        product=form["product"],
        recurring={
            "interval": every["interval"],
            "interval_count": int(every.get("interval_count", 1)),
            "usage_type": "licensed",
            "meter": None,
        },
        type="recurring",
        unit_amount=int(form["unit_amount"]),
        unit_amount_decimal=form["unit_amount"],
    )
