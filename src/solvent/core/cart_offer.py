"""Cart offer: what a customer could have instead of a line, for less.

Owns what is offered, out of the catalog alone: a bundle of what is bought with something else, and the same for a
longer interval. Does not own what happens when it is taken: that is an edit of the cart.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from solvent.core.cart import CartLine
from solvent.core.catalog import Catalog, Price
from solvent.core.interval_change import length
from solvent.core.period import Interval
from solvent.core.phrase import Text, named
from solvent.core.pricing import amount


@dataclass(frozen=True, slots=True, kw_only=True)
class CartOffer:
    """A price to take in the place of a line's: what it is called, for which interval, and how many minor units it
    `saves` in each of its periods."""

    price_id: str
    name: Text
    interval: Interval
    saves: int


def offer_for(line: CartLine, catalog: Catalog) -> CartOffer | None:
    """What saves most: a bundle before a longer interval, for that is a bigger step."""
    if line.price_id not in catalog.prices:
        return None
    price = catalog.price(line.price_id)
    if price.interval is None or price.meter is not None:
        return None
    found = list(_bundles(line, price, catalog)) or list(_longer(line, price, catalog))
    return max(found, key=lambda offer: (offer.saves, offer.price_id), default=None)


def _bundles(line: CartLine, price: Price, catalog: Catalog) -> Iterator[CartOffer]:
    """Bundles with this product, against what their parts cost one by one; of something single."""
    product = catalog.products[price.product_id]
    for other in _on_sale(price, catalog):
        bundle = catalog.products[other.product_id]
        if product.id not in bundle.includes or other.interval != price.interval or line.quantity != 1:
            continue
        if bundle.object_kind == product.object_kind:
            parts = [_cheapest(part, price, catalog) for part in bundle.includes]
            apart = [cost for cost in parts if cost is not None]
            if len(apart) == len(parts):
                yield from _offer(other, 1, sum(apart), catalog)


def _longer(line: CartLine, price: Price, catalog: Catalog) -> Iterator[CartOffer]:
    """The same for longer, against as many of the shorter periods."""
    assert price.interval is not None
    for other in _on_sale(price, catalog):
        if other.product_id == price.product_id and other.interval is not None and other.meter is None:
            times, rest = divmod(length(other.interval), length(price.interval))
            if times > 1 and not rest:
                apart = amount(price, line.quantity) * times
                yield from _offer(other, line.quantity, apart, catalog)


def _offer(price: Price, quantity: int, apart: int, catalog: Catalog) -> Iterator[CartOffer]:
    saves = apart - amount(price, quantity)
    if saves > 0:
        assert price.interval is not None, "only what has a period is offered"
        product = catalog.products[price.product_id]
        name = named(product.name, product.names)
        yield CartOffer(price_id=price.id, name=name, interval=price.interval, saves=saves)


def _on_sale(price: Price, catalog: Catalog) -> Iterator[Price]:
    return (x for x in catalog.prices.values() if x.active and x.currency == price.currency)


def _cheapest(product_id: str, like: Price, catalog: Catalog) -> int | None:
    """What one of a part costs by itself; None: it is not sold alone."""
    alone = [
        amount(x, 1)
        for x in _on_sale(like, catalog)
        if x.product_id == product_id and x.interval == like.interval and x.meter is None
    ]
    return min(alone, default=None)
