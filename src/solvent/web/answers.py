"""Answers: pages and other bodies that wrap views."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from solvent.web.fields import AccountId
from solvent.web.handlers.catalog import PriceView, ProductView
from solvent.web.views import AccountView, InvoiceView, MethodView, SubscriptionView

Next = Annotated[str | None, Meta(description="The cursor of the next page, as `after`; null at the end.")]


class AccountPage(Struct, frozen=True):
    """A page of accounts."""

    data: list[AccountView]
    next: Next


class MethodPage(Struct, frozen=True):
    """Collection methods, in the order in which they are tried."""

    data: list[MethodView]
    next: Next


class ProductPage(Struct, frozen=True):
    """A page of products."""

    data: list[ProductView]
    next: Next


class PricePage(Struct, frozen=True):
    """A page of prices."""

    data: list[PriceView]
    next: Next


class SubscriptionPage(Struct, frozen=True):
    """A page of subscriptions."""

    data: list[SubscriptionView]
    next: Next


class InvoicePage(Struct, frozen=True):
    """A page of invoices."""

    data: list[InvoiceView]
    next: Next


class ClockView(Struct, frozen=True):
    """A test account's present. Not `arrived`: more fell due than one call runs; send the same again with a new key."""

    account_id: AccountId
    now: datetime
    arrived: bool


class HealthView(Struct, frozen=True):
    """That all is well."""

    status: Literal["ok", "ready"]
