"""Customers: providers that keep who our accounts are, by name and e-mail.

Owns the port. Does not own when it is told (`customers`), nor what the provider calls the account (`ports.payers`).
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable
from uuid import UUID


class CustomerRefused(Exception):
    """The provider will not keep that name or e-mail: asking the same again is no use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who an account is."""

    account_id: UUID
    name: str
    email: str


@runtime_checkable
class CustomerKeeper(Protocol):
    """A provider that keeps customers."""

    def keep_customer(self, customer: Customer) -> None:
        """See to it that the provider has this name and e-mail, if it knows the account at all. Doing it twice is doing
        it once. Raises `CustomerRefused`, `ProviderDown` or `ProviderSilent`."""
        ...
