"""Catalog: what is sold, and for how much."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.catalog import Aggregation, Meter, Price, Product
from solvent.core.entitlement import Feature
from solvent.core.language import Language
from solvent.core.money import format_scaled
from solvent.core.payment import Authentication
from solvent.core.tax import TaxBehavior
from solvent.web.endpoint import Call, Reply
from solvent.web.fields import AmountText, Currency, Minor
from solvent.web.handlers.paging import page_of
from solvent.web.params import PricesQuery, ProductsQuery
from solvent.web.present import interval_view
from solvent.web.views import IntervalView

Names = Annotated[
    dict[str, str], Meta(description="What it is called in some languages; `name` holds in all others.")
]


class ProductView(Struct, frozen=True, kw_only=True):
    """What is sold. Of one family an account has at most one on one object; `includes` are a bundle's parts. What does
    not take credit, or a bundle with it, cannot be paid by account credit."""

    id: str
    name: str
    family: str
    object_kind: str
    features: Annotated[dict[str, Feature], Meta(description="With those of the bundle's parts.")]
    includes: list[str]
    quantity_max: int | None
    tax_category: str
    takes_credit: bool
    ending: str | None
    authentication: Annotated[
        Authentication, Meta(description="Whether a payer who is present is authenticated on demand.")
    ]
    names: Names


class TierView(Struct, frozen=True):
    """Units up to and including `up_to` (null: all further ones)."""

    up_to: int | None
    unit_amount: Minor
    flat_amount: Minor


class MeterView(Struct, frozen=True):
    """What is counted, in which unit, and how events become one quantity: sum, max, last or unique."""

    id: str
    name: str
    unit: str
    aggregation: Aggregation
    names: Names
    units: Annotated[dict[str, str], Meta(description="The unit in some languages, as `names`.")]


class PriceView(Struct, frozen=True, kw_only=True):
    """What a product costs per interval, in advance, or once (null). `active`: on sale. `tax_behavior`: tax is
    added to the amounts, or contained in them.

    With `meter` it is charged in arrears, by usage: amounts are then in 10^-`scale` minor units, and usage of
    `threshold` minor units is invoiced at once."""

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
    meter: MeterView | None
    scale: int
    threshold: Minor | None
    tax_behavior: TaxBehavior


def products(call: Call) -> Reply:
    """A page of products."""
    query: ProductsQuery = call.query
    catalog = call.solvent.platform.store.catalog()
    found = sorted((p for p in catalog.products.values() if _sold(query, p)), key=_id)
    return page_of(
        found,
        query.after,
        query.limit,
        key=_id,
        view=lambda product: _product_view(product, catalog.features_of(product.id)),
    )


def prices(call: Call) -> Reply:
    """A page of the prices on sale, or of all."""
    query: PricesQuery = call.query
    catalog = call.solvent.platform.store.catalog()
    found = sorted((p for p in catalog.prices.values() if _asked(query, p)), key=_id)
    return page_of(
        found,
        query.after,
        query.limit,
        key=_id,
        view=lambda price: _price_view(price, catalog.meter_of(price.id)),
    )


def _sold(query: ProductsQuery, product: Product) -> bool:
    kind, family = query.object_kind, query.family
    return (family is None or product.family == family) and (kind is None or product.object_kind == kind)


def _asked(query: PricesQuery, price: Price) -> bool:
    return (
        (query.all or price.active)
        and (query.product is None or price.product_id == query.product)
        and (query.currency is None or price.currency == query.currency)
    )


def _id(thing: Product | Price) -> str:
    return thing.id


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
        takes_credit=product.takes_credit,
        ending=product.ending,
        authentication=product.authentication,
        names=names_view(product.names),
    )


def names_view(names: Mapping[Language, str]) -> dict[str, str]:
    """What something is called, by language."""
    return {language.value: name for language, name in names.items()}


def _meter_view(meter: Meter) -> MeterView:
    return MeterView(
        meter.id, meter.name, meter.unit, meter.aggregation, names_view(meter.names), names_view(meter.units)
    )


def _price_view(price: Price, meter: Meter | None) -> PriceView:
    return PriceView(
        id=price.id,
        product_id=price.product_id,
        version=price.version,
        currency=price.currency,
        interval=None if price.interval is None else interval_view(price.interval),
        scheme=price.scheme,
        unit_amount=price.unit_amount,
        unit_amount_text=f"{format_scaled(price.unit_amount, price.scale, price.currency)} {price.currency}",
        tiers=[TierView(t.up_to, t.unit_amount, t.flat_amount) for t in price.tiers],
        package_size=price.package_size,
        trial_days=price.trial_days,
        supersedes=price.supersedes,
        active=price.active,
        meter=None if meter is None else _meter_view(meter),
        scale=price.scale,
        threshold=price.threshold,
        tax_behavior=price.tax_behavior,
    )
