"""Entity views and bodies: legal entities in requests and answers.

Owns their shapes. Does not own their rules (`core.party`, `store.entities`).
"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from solvent.core.party import BankAccount, Entity, TaxId
from solvent.web.bodies import AddressBody
from solvent.web.change_bodies import Body
from solvent.web.fields import Limit
from solvent.web.params import PAGE, Query


class TaxIdBody(Body):
    """A number under which a tax office knows the entity; `scheme` is how documents call it."""

    scheme: Annotated[str, Meta(examples=["VAT"])]
    value: Annotated[str, Meta(examples=["NL123456789B01"])]


class BankAccountBody(Body):
    """Where customers transfer money of one currency to: by IBAN, or by account number and routing code."""

    currency: Annotated[str, Meta(examples=["EUR"])]
    holder: str
    bank: str | None = None
    iban: Annotated[str, Meta(description="Without spaces.", examples=["NL91ABNA0417164300"])] | None = None
    bic: str | None = None
    account: str | None = None
    routing: str | None = None


class EntityBody(Body):
    """A legal entity, whole: what is left out, it does not have. Its invoices are numbered in series that begin with
    `series_prefix`, which stays; so does its country once it bills accounts."""

    name: str
    country: Annotated[str, Meta(description="ISO 3166-1 alpha-2 code.", examples=["NL"])]
    series_prefix: Annotated[
        str,
        Meta(description="2 to 12 capital letters or digits, starting with a letter.", examples=["SEU"]),
    ]
    address: AddressBody | None = None
    registration: Annotated[str, Meta(description="Its entry in the commercial register.")] | None = None
    tax_ids: tuple[TaxIdBody, ...] = ()
    email: str | None = None
    bank_accounts: tuple[BankAccountBody, ...] = ()
    currencies: Annotated[
        tuple[str, ...],
        Meta(description="ISO 4217 codes of what it bills in; none: every currency.", examples=[["EUR"]]),
    ] = ()

    def core(self, entity_id: str) -> Entity:
        """The entity as the core keeps it."""
        return Entity(
            id=entity_id,
            name=self.name,
            country=self.country,
            series_prefix=self.series_prefix,
            address=None if self.address is None else self.address.core(),
            registration=self.registration,
            tax_ids=tuple(TaxId(scheme=one.scheme, value=one.value) for one in self.tax_ids),
            email=self.email,
            bank_accounts=tuple(
                BankAccount(
                    currency=one.currency,
                    holder=one.holder,
                    bank=one.bank,
                    iban=one.iban,
                    bic=one.bic,
                    account=one.account,
                    routing=one.routing,
                )
                for one in self.bank_accounts
            ),
            currencies=self.currencies,
        )


class EntityView(Struct, frozen=True, kw_only=True):
    """A legal entity that bills, as its invoices say it from `valid_from` on (null: they always did). An issued invoice
    keeps what held when it was issued."""

    id: str
    name: str
    country: str
    series_prefix: str
    address: AddressBody | None
    registration: str | None
    tax_ids: list[TaxIdBody]
    email: str | None
    bank_accounts: list[BankAccountBody]
    currencies: list[str]
    valid_from: datetime | None


class EntityPage(Struct, frozen=True):
    """A page of legal entities, or of one's versions."""

    data: list[EntityView]
    next: Annotated[str | None, Meta(description="The cursor of the next page, as `after`; null at the end.")]


class EntitiesQuery(Query):
    """A page of legal entities, by id."""

    after: Annotated[str, Meta(max_length=64, description="The `next` of the page before.")] | None = None
    limit: Limit = PAGE
