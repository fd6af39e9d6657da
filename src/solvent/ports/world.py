"""The rest of the outside world: providers by name, new ids, and a way to make many slow calls at once."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from solvent.ports.provider import Provider

A = TypeVar("A")
B = TypeVar("B")


class Providers(Protocol):
    """The configured providers."""

    @property
    def default(self) -> Provider: ...

    def get(self, name: str) -> Provider:
        """The provider of that name; raises `LookupError` when none is configured under it."""
        ...

    def names(self) -> Sequence[str]: ...

    def answers(self, name: str) -> bool:
        """Whether new attempts may go there: False while its circuit is open."""
        ...


class Addresses(Protocol):
    """Addresses to which customers come back, as the journal keeps them: a link to pay or to a cart is as good as its
    owner's word."""

    def close(self, address: str) -> str:
        """As it is kept."""
        ...

    def open(self, kept: str) -> str | None:
        """As it was; None: it can no longer be read."""
        ...


class Plain:
    """Addresses kept as they are."""

    def close(self, address: str) -> str:
        """As it is."""
        return address

    def open(self, kept: str) -> str | None:
        """As it was."""
        return kept


PLAIN = Plain()


class Ids(Protocol):
    """New time-ordered ids; randomness enters the flows only here."""

    def draw(self, bucket: int) -> UUID: ...

    def account(self, bucket: int | None = None) -> UUID:
        """An account's id; it chooses the bucket of everything the account will own."""
        ...


class Spread(Protocol):
    """Apply a call to each item, several at once where calls are slow; answers in the order of the items."""

    def __call__(self, call: Callable[[A], B], items: Sequence[A]) -> list[B]: ...
