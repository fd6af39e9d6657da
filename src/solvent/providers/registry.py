"""The registry: which providers this installation has, by name.

Owns the look-up and the choice of the default. Does not own how a provider is built (wiring does).
"""

from collections.abc import Mapping

from solvent.ports.provider import Provider
from solvent.providers.boundary import Boundary
from solvent.providers.boundary.breaker import Circuit


class UnknownProvider(LookupError):
    """A provider name that is not configured; the message names the ones that are."""


class Registry:
    """The configured providers. The first one is the default: new methods are taken with it."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        if not providers:
            raise ValueError("at least one payment provider must be configured")
        for name, provider in providers.items():
            if provider.name != name:
                raise ValueError(f"provider registered as {name!r} calls itself {provider.name!r}")
        self._providers = dict(providers)

    def get(self, name: str) -> Provider:
        """The provider of that name; raises `UnknownProvider`."""
        try:
            return self._providers[name]
        except KeyError:
            known = ", ".join(sorted(self._providers))
            raise UnknownProvider(f"no payment provider is called {name!r}; configured: {known}") from None

    def names(self) -> tuple[str, ...]:
        """Every configured name, the default first."""
        return tuple(self._providers)

    def answers(self, name: str) -> bool:
        """Whether new attempts may go there: False while the boundary around it lets no call through."""
        provider = self.get(name)
        return not (isinstance(provider, Boundary) and provider.circuit is Circuit.OPEN)

    @property
    def default(self) -> Provider:
        """The provider used where nothing names one."""
        return next(iter(self._providers.values()))
