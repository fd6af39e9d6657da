"""Tax views and bodies: rates and registrations in requests and answers, and what lists of them may be asked for.

Owns their shapes. Does not own their rules (`store.tax_declaration`) nor what a line says of its tax (`views`).
"""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct, field

from solvent.core.language import Language
from solvent.core.tax import STANDARD
from solvent.web.change_bodies import Body
from solvent.web.fields import Limit
from solvent.web.params import PAGE, Query

RateId = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$(?!\n)",
        description="The merchant's name for it.",
        examples=["de-vat-2021"],
    ),
]
Country = Annotated[
    str, Meta(pattern=r"^[A-Z]{2}$(?!\n)", description="ISO 3166-1 alpha-2 code.", examples=["DE"])
]
RegistrationCountry = Annotated[
    str,
    Meta(
        pattern=r"^[A-Z]{2}$(?!\n)",
        description="ISO 3166-1 alpha-2 code, or `EU` for the One Stop Shop.",
        examples=["NL"],
    ),
]
Region = Annotated[
    str,
    Meta(
        pattern=r"^[A-Z0-9]{1,3}(/[A-Z0-9-]{1,20})*$(?!\n)",
        max_length=90,
        description="ISO 3166-2 code without its country, and what lies in it after a slash.",
        examples=["NY/NYC"],
    ),
]
Category = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$(?!\n)", description="The `tax_category` of products."),
]
Percent = Annotated[
    str,
    Meta(max_length=12, description="Percent, exact, with at most 4 decimals.", examples=["8.875"]),
]
Since = Annotated[
    datetime | None,
    Meta(
        description="It counts for what is charged at or after this; null: always, for it was there before any account."
    ),
]


class TaxRateBody(Body):
    """One tax at one place for one category of products, from its first local day on. Immutable: another percentage is
    a rate with an id of its own."""

    id: RateId
    country: Country
    name: Annotated[str, Meta(max_length=40, description="As invoices call it.", examples=["VAT"])]
    rate: Percent
    valid_from: date
    region: Region | None = None
    category: Category = STANDARD
    replaces_wider: Annotated[
        bool, Meta(description="It stands in place of the taxes of the wider places around.")
    ] = False
    names: Annotated[
        dict[Language, str],
        Meta(
            description="What it is called in a language, where that is not `name`.",
            examples=[{"de": "USt"}],
            extra_json_schema={"propertyNames": {"enum": [language.value for language in Language]}},
        ),
    ] = field(default_factory=dict)


class TaxRateView(Struct, frozen=True, kw_only=True):
    """One tax at one place. It holds from the local day `valid_from` until a later rate of the same place, category and
    name takes over."""

    id: str
    country: str
    region: str | None
    category: str
    name: str
    rate: Annotated[str, Meta(description="Percent, exact.", examples=["19"])]
    valid_from: date
    known_from: Since
    replaces_wider: bool
    names: dict[Language, str]


class TaxRatePage(Struct, frozen=True):
    """A page of rates."""

    data: list[TaxRateView]
    next: Annotated[str | None, Meta(description="The cursor of the next page, as `after`; null at the end.")]


class TaxRatesQuery(Query):
    """A page of tax rates by their ids: of one country, region or category, or all."""

    country: Country | None = None
    region: Region | None = None
    category: Category | None = None
    after: RateId | None = None
    limit: Limit = PAGE


_EntityName = Annotated[str, Meta(max_length=64, description="The legal entity.", examples=["solvent-eu"])]


class TaxPlaceBody(Body):
    """Where a legal entity is registered: in a country, or in a region of it."""

    entity: _EntityName
    country: RegistrationCountry
    region: Region | None = None


class TaxRegistrationBody(Body):
    """Register a legal entity for tax from five seconds on, under a number. Another number ends the one before."""

    entity: _EntityName
    country: RegistrationCountry
    number: Annotated[str, Meta(max_length=40, description="As the tax office writes it.")]
    region: Region | None = None


class TaxRegistrationView(Struct, frozen=True, kw_only=True):
    """Where a legal entity collects tax, from `known_from` until `known_until` (null: still)."""

    entity: str
    country: str
    region: str | None
    number: str
    known_from: Since
    known_until: datetime | None


class TaxRegistrationPage(Struct, frozen=True):
    """A page of registrations."""

    data: list[TaxRegistrationView]
    next: Annotated[str | None, Meta(description="The cursor of the next page, as `after`; null at the end.")]


class TaxRegistrationsQuery(Query):
    """A page of registrations by legal entity and place: of one entity, in one country, or all."""

    entity: Annotated[str, Meta(max_length=64, description="Only this legal entity's.")] | None = None
    country: RegistrationCountry | None = None
    ended: Annotated[bool, Meta(description="Also those that count no more.")] = False
    after: Annotated[str, Meta(max_length=240, description="The `next` of the page before.")] | None = None
    limit: Limit = PAGE
