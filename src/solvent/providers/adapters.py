"""Adapters from outside this package, by the address of a function.

Owns the finding of that function, what it is given and what it must return; what an adapter needs of the boundary is
named here too. Does not own the adapter, nor the boundary
that is put around it (`wiring`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module

from solvent.ports.payers import Payers
from solvent.ports.provider import Provider
from solvent.providers.boundary import Limits, sending

__all__ = ["AdapterMissing", "Connected", "Surroundings", "connected", "sending"]


class AdapterMissing(ValueError):
    """An address at which there is no adapter; the message says what was looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an adapter may need: the present, who our accounts are at the provider, and the usual time-outs."""

    clock: Callable[[], datetime]
    payers: Payers
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """An adapter that is ready; `secrets` are what must never be read in a message of it."""

    provider: Provider
    limits: Limits = field(default_factory=Limits)
    secrets: tuple[str, ...] = field(default=(), repr=False)


def connected(addresses: str, surroundings: Surroundings) -> list[Connected]:
    """The adapters at ``module:function, …``, each called once. Raises `AdapterMissing`."""
    return [_called(each.strip(), surroundings) for each in addresses.split(",") if each.strip()]


def _called(address: str, surroundings: Surroundings) -> Connected:
    module, _, function = address.partition(":")
    try:
        connect: Callable[[Surroundings], object] = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as fault:
        raise AdapterMissing(
            f"SOLVENT_ADAPTERS: nothing at {address!r}, wanted module:function: {fault}"
        ) from fault
    made = connect(surroundings)
    if not isinstance(made, Connected):
        raise AdapterMissing(f"SOLVENT_ADAPTERS: {address!r} returned no Connected")
    return made
