"""Bodies: what requests carry, as structs.

Owns their shapes and their translation into the requests of the core. Unknown fields are refused, so that a typing
error is not lost. Does not own rules that need the catalog or what is stored.
"""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from solvent.core.account import Segment
from solvent.core.collection import DEBTS_MAX
from solvent.core.language import Language
from solvent.core.party import Address
from solvent.core.tax import Buyer
from solvent.core.terms import Together
from solvent.web.change_bodies import Body, Change
from solvent.web.fields import (
    AccountId,
    InvoiceId,
    MethodId,
    MethodKind,
    Moment,
    ProviderName,
    ReturnUrl,
    Token,
)


class QuoteBody(Body):
    """What a change would cost; nothing is written."""

    account_id: AccountId
    change: Change


class ChangeBody(Body):
    """Open a change. `method_id` pays with a stored method; `method_kind` says which kind of method the customer
    brings, and `provider` who takes it.

    `return_url` is where the customer comes back to after a redirect (3-D Secure, approval).
    """

    account_id: AccountId
    change: Change
    provider: ProviderName | None = None
    method_id: MethodId | None = None
    method_kind: MethodKind | None = None
    return_url: ReturnUrl | None = None


class ConfirmBody(Body):
    """The customer's part. `method` is the provider's token; left out for a stored method or after a redirect."""

    method: Token | None = None


class MethodBody(Body):
    """Open a setup that vaults a collection method, of a kind and at a provider that may be chosen."""

    provider: ProviderName | None = None
    method_kind: MethodKind | None = None


class PayDebtBody(Body):
    """Pay what is owed on one invoice, or on several in one payment; without a name, on all of them."""

    invoice_id: InvoiceId | None = None
    invoice_ids: Annotated[tuple[InvoiceId, ...], Meta(min_length=1, max_length=DEBTS_MAX)] | None = None
    provider: ProviderName | None = None
    method_id: MethodId | None = None
    method_kind: MethodKind | None = None


class ClockBody(Body):
    """Move a test account's clock forward to `now`, through everything that falls due."""

    account_id: AccountId
    now: Moment


class AddressBody(Body):
    """A postal address in the account's country, printed on invoices."""

    lines: Annotated[
        tuple[str, ...],
        Meta(description="1 to 4 lines of at most 100 characters.", examples=[["Unter den Linden 77"]]),
    ]
    city: Annotated[str, Meta(description="At most 100 characters.", examples=["Berlin"])]
    postal_code: Annotated[str | None, Meta(description="At most 20 characters.", examples=["10117"])] = None
    region: Annotated[
        str | None,
        Meta(description="State or province, where addresses have one. At most 100 characters."),
    ] = None

    def core(self) -> Address:
        """The address as the core keeps it."""
        return Address(lines=self.lines, city=self.city, postal_code=self.postal_code, region=self.region)


_Region = Annotated[
    str,
    Meta(
        description="Decides about tax: an ISO 3166-2 code without its country, or within it a place: NY/NYC.",
        examples=["NY"],
    ),
]
_TaxNumber = Annotated[
    str,
    Meta(
        description="Printed on invoices. Its check digits are checked. In the European Union the VAT number with its "
        "prefix: a business that buys from another country accounts for the tax itself.",
        examples=["DE136695976"],
    ),
]


_TermsDays = Annotated[
    int,
    Meta(
        description="0 to 120. Above 0 invoices are issued first and due so many days later; null: as the terms of the "
        "account's segment say.",
        examples=[30],
    ),
]


_Together = Annotated[
    Together,
    Meta(
        description="`instant`: what falls due at one instant is one invoice and one payment, with the usage of what "
        "ended then; `in_advance`: usage has its own; `never`: each subscription has. Null: as the terms of the "
        "account's segment say."
    ),
]


_Language = Annotated[Language, Meta(description="In which the customer is written to.")]


class AccountChangeBody(Body):
    """Who a customer is on documents, what decides about its tax, its terms and its language. What is left out stays;
    null empties. It counts for later documents, charges and messages."""

    name: Annotated[str, Meta(description="1 to 200 characters.")] | UnsetType = UNSET
    email: Annotated[str, Meta(description="At most 254 characters.")] | UnsetType = UNSET
    address: AddressBody | UnsetType | None = UNSET
    country: str | UnsetType = UNSET
    region: _Region | UnsetType | None = UNSET
    tax_id: _TaxNumber | UnsetType | None = UNSET
    tax_exempt: bool | UnsetType = UNSET
    terms_days: _TermsDays | UnsetType | None = UNSET
    together: _Together | UnsetType | None = UNSET
    language: _Language | UnsetType = UNSET


class AccountBody(Body):
    """A new customer. `test_clock` makes a test account whose time only moves by `POST /v1/clock`."""

    currency: Annotated[str, Meta(description="ISO 4217 code; never changes.", examples=["USD"])]
    country: Annotated[str, Meta(description="ISO 3166-1 alpha-2 code.", examples=["US"])]
    email: Annotated[str, Meta(description="At most 254 characters.", examples=["billing@example.com"])]
    name: Annotated[str, Meta(description="1 to 200 characters.", examples=["Example Ltd"])]
    time_zone: Annotated[
        str, Meta(description="IANA name; days begin in it.", examples=["Europe/Berlin"])
    ] = "UTC"
    segment: Segment = Segment.STANDARD
    entity: Annotated[
        str | None,
        Meta(description="The legal entity that bills; may be left out where there is only one."),
    ] = None
    terms_days: _TermsDays | None = None
    together: _Together | None = None
    language: _Language = Language.EN
    test_clock: Moment | None = None
    address: AddressBody | None = None
    region: _Region | None = None
    tax_id: _TaxNumber | None = None
    tax_exempt: bool = False

    @property
    def buyer(self) -> Buyer:
        """What the customer is for tax, not checked yet."""
        return Buyer(country=self.country, region=self.region, tax_id=self.tax_id, exempt=self.tax_exempt)
