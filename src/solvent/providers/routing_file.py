"""The routing file: the merchant's routes, as YAML.

Owns what the file may say, and how a mistake names its field. Does not own what a route means (`core.routing`).
"""

from collections.abc import Sequence

import msgspec

from solvent.core.account import Segment
from solvent.core.money import UnknownCurrency, exponent
from solvent.core.routing import Route, Routing


class RoutingRefused(ValueError):
    """A file that cannot be followed; the message names the field and the rule."""


class _Route(msgspec.Struct, forbid_unknown_fields=True):
    provider: str
    currencies: list[str] | None = None
    segments: list[Segment] | None = None
    entities: list[str] | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    routes: list[_Route]


def parse(text: bytes, configured: Sequence[str]) -> Routing:
    """The routes of a file, to providers that are configured. Raises `RoutingRefused`."""
    try:
        file = msgspec.yaml.decode(text, type=_File)
    except msgspec.MsgspecError as fault:
        raise RoutingRefused(f"SOLVENT_ROUTING: {fault}") from None
    if not file.routes:
        raise RoutingRefused("SOLVENT_ROUTING: routes: must have at least one")
    return Routing(routes=tuple(_route(n, route, configured) for n, route in enumerate(file.routes)))


def _route(number: int, route: _Route, configured: Sequence[str]) -> Route:
    place = f"SOLVENT_ROUTING: routes[{number}]"
    if route.provider not in configured:
        raise RoutingRefused(
            f"{place}.provider: must be one of {', '.join(configured)}, got {route.provider!r}"
        )
    for currency in route.currencies or ():
        try:
            exponent(currency)
        except UnknownCurrency as fault:
            raise RoutingRefused(f"{place}.currencies: {fault}") from None
    return Route(
        provider=route.provider,
        currencies=None if route.currencies is None else frozenset(route.currencies),
        segments=None if route.segments is None else frozenset(route.segments),
        entities=None if route.entities is None else frozenset(route.entities),
    )
