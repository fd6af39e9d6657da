"""Catalog: what is sold, and for how much."""

from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.catalog import Price, Product
from solvent.core.entitlement import Feature
from solvent.core.tax import TaxBehavior
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import AmountText, Currency, Minor
from solvent.web.params import PricesQuery
from solvent.web.present import amount_text, interval_view
from solvent.web.views import IntervalView


class ProductView(Struct, frozen=True, kw_only=True):
    """What is sold. Of one family an account has at most one on one object; `includes` are a bundle's parts."""

    id: str
    name: str
    family: str
    object_kind: str
    features: Annotated[dict[str, Feature], Meta(description="With those of the bundle's parts.")]
    includes: list[str]
    quantity_max: int | None
    tax_category: str


class TierView(Struct, frozen=True):
    """Units up to and including `up_to` (null: all further ones)."""

    up_to: int | None
    unit_amount: Minor
    flat_amount: Minor


class PriceView(Struct, frozen=True, kw_only=True):
    """What a product costs per interval, in advance, or once (null). `active`: on sale. `tax_behavior`: tax is
    added to the amounts, or contained in them."""

    id: str
    product_id: str
    version: int
    currency: Currency
    interval: IntervalView | None
    scheme: str
    unit_amount: Minor
    unit_amount_text: AmountText
    tiers: list[TierView]
    package_size: int
    trial_days: int
    supersedes: str | None
    active: bool
    tax_behavior: TaxBehavior


def products(call: Call) -> Reply:
    """All products."""
    catalog = call.solvent.platform.store.catalog()
    views = [_product_view(p, catalog.features_of(p.id)) for p in catalog.products.values()]
    return Reply({"data": views, "next": None})


def prices(call: Call) -> Reply:
    """The prices on sale, or all."""
    query: PricesQuery = call.query
    found = call.solvent.platform.store.catalog().prices.values()
    views = [
        _price_view(p)
        for p in found
        if (query.all or p.active) and (query.product is None or p.product_id == query.product)
    ]
    return Reply({"data": views, "next": None})


def _product_view(product: Product, features: dict[str, Feature]) -> ProductView:
    return ProductView(
        id=product.id,
        name=product.name,
        family=product.family,
        object_kind=product.object_kind,
        features=features,
        includes=list(product.includes),
        quantity_max=product.quantity_max,
        tax_category=product.tax_category,
    )


def _price_view(price: Price) -> PriceView:
    return PriceView(
        id=price.id,
        product_id=price.product_id,
        version=price.version,
        currency=price.currency,
        interval=None if price.interval is None else interval_view(price.interval),
        scheme=price.scheme,
        unit_amount=price.unit_amount,
        unit_amount_text=amount_text(price.unit_amount, price.currency),
        tiers=[TierView(t.up_to, t.unit_amount, t.flat_amount) for t in price.tiers],
        package_size=price.package_size,
        trial_days=price.trial_days,
        supersedes=price.supersedes,
        active=price.active,
        tax_behavior=price.tax_behavior,
    )
