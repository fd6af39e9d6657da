"""Routing: which providers serve an account, as the merchant decided.

Owns the routes and the order that follows from them. Does not own whether a provider is there, takes a currency, or
answers (`flows.routing` asks), nor stored methods, which belong to the provider that vaulted them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from solvent.core.account import Account, Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One provider, and whom it serves: each None leaves it open."""

    provider: str
    currencies: frozenset[str] | None = None
    segments: frozenset[Segment] | None = None
    entities: frozenset[str] | None = None

    def serves(self, account: Account, currency: str) -> bool:
        """Whether the route is for payments of that account in that currency."""
        asked = (
            (self.currencies, currency),
            (self.segments, account.segment),
            (self.entities, account.entity),
        )
        return all(allowed is None or value in allowed for allowed, value in asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """The merchant's routes, the preferred one first. Without any, every configured provider serves everybody."""

    routes: tuple[Route, ...] = ()

    def candidates(self, account: Account, currency: str, configured: Sequence[str]) -> tuple[str, ...]:
        """The providers for a new payment of that account, the preferred one first."""
        if not self.routes:
            return tuple(configured)
        served = (route.provider for route in self.routes if route.serves(account, currency))
        return tuple(dict.fromkeys(served))


EVERYBODY = Routing()
