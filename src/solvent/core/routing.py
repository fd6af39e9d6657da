"""Routing: which providers serve an account, as the merchant decided.

Owns the routes and the order that follows from them. Does not own whether a provider is there, takes a currency, or
answers (`flows.routing` asks), nor stored methods, which belong to the provider that vaulted them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from solvent.core.account import Account, Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One provider, and whom and what it serves: each None leaves it open. `kinds` are kinds of methods."""

    provider: str
    kinds: frozenset[str] | None = None
    currencies: frozenset[str] | None = None
    segments: frozenset[Segment] | None = None
    entities: frozenset[str] | None = None

    def serves(self, account: Account, currency: str, kind: str | None = None) -> bool:
        """Whether the route is for payments of that account in that currency, by that kind of method or by any."""
        asked: tuple[tuple[frozenset[str] | None, str | None], ...] = (
            (None if kind is None else self.kinds, kind),
            (self.currencies, currency),
            (self.segments, account.segment),
            (self.entities, account.entity),
        )
        return all(allowed is None or value in allowed for allowed, value in asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """The merchant's routes, the preferred one first. Without any, every configured provider serves everybody."""

    routes: tuple[Route, ...] = ()

    def candidates(
        self, account: Account, currency: str, configured: Sequence[str], kind: str | None = None
    ) -> tuple[str, ...]:
        """The providers for a new payment of that account, the preferred one first. Where no kind of method was chosen,
        routes that are for any kind come before those that are for some."""
        if not self.routes:
            return tuple(configured)
        served = [route for route in self.routes if route.serves(account, currency, kind)]
        if kind is None:
            served.sort(key=lambda route: route.kinds is not None)
        return tuple(dict.fromkeys(route.provider for route in served))


EVERYBODY = Routing()
