"""The routing file: the merchant's routes, as YAML.

Owns what the file may say, and how a mistake names its field. Does not own what a route means (`core.routing`).
"""

from collections.abc import Mapping, Sequence, Set
from typing import TypeVar

import msgspec

from solvent.core.account import Segment
from solvent.core.money import UnknownCurrency, exponent
from solvent.core.routing import Route, Routing

T = TypeVar("T")


class RoutingRefused(ValueError):
    """A file that cannot be followed; the message names the field and the rule."""


class _Route(msgspec.Struct, forbid_unknown_fields=True):
    provider: str
    methods: list[str] | None = None
    currencies: list[str] | None = None
    segments: list[str] | None = None
    entities: list[str] | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    routes: list[_Route]


def parse(text: bytes, configured: Mapping[str, Set[str] | None]) -> Routing:
    """The routes of a file, to providers that are configured, each with the kinds of methods that it says it takes.
    Raises `RoutingRefused`."""
    try:
        file = msgspec.yaml.decode(text, type=_File)
    except msgspec.MsgspecError as fault:
        raise RoutingRefused(f"SOLVENT_ROUTING: {fault}") from None
    if not file.routes:
        raise RoutingRefused("SOLVENT_ROUTING: routes: must have at least one")
    return Routing(routes=tuple(_route(n, route, configured) for n, route in enumerate(file.routes)))


def _route(number: int, route: _Route, configured: Mapping[str, Set[str] | None]) -> Route:
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
    for segment in route.segments or ():
        if segment not in set(Segment):
            raise RoutingRefused(f"{place}.segments: must be of {', '.join(Segment)}, got {segment!r}")
    taken = configured[route.provider]
    for kind in route.methods or ():
        if taken is not None and kind not in taken:
            raise RoutingRefused(
                f"{place}.methods: must be of {', '.join(sorted(taken))}, which {route.provider} takes, got {kind!r}"
            )
    segments = None if route.segments is None else [Segment(segment) for segment in route.segments]
    return Route(
        provider=route.provider,
        kinds=_named(place, "methods", route.methods),
        currencies=_named(place, "currencies", route.currencies),
        segments=_named(place, "segments", segments),
        entities=_named(place, "entities", route.entities),
    )


def _named(place: str, field: str, values: Sequence[T] | None) -> frozenset[T] | None:
    """What a list of a route names; left out it is open, but it is never empty: such a route would serve nobody."""
    if values is None:
        return None
    if not values:
        raise RoutingRefused(f"{place}.{field}: must name at least one, or be left out")
    return frozenset(values)
