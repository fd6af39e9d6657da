"""Router: from a method and a path to an endpoint.

Owns the matching of paths such as ``/v1/accounts/{account_id}/state`` and ``/v1/invoices/{invoice_id}.pdf``. Does not
own what happens then (`api`).
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self

from solvent.web.endpoint import Endpoint
from solvent.web.problems import Problem

TELLING = 2  # of ["", "v1", "accounts", …]


class _Segment(NamedTuple):
    """A part of a path: a text, or (`name`) a parameter with `text` behind it."""

    text: str
    name: str | None = None

    @classmethod
    def of(cls, part: str) -> Self:
        """The segment that a route's path writes as ``text``, ``{name}`` or ``{name}.pdf``."""
        name, brace, suffix = part.removeprefix("{").partition("}")
        return cls(suffix, name) if brace else cls(part)


_Route = tuple[tuple[_Segment, ...], dict[str, Endpoint]]


class Router:
    """A fixed set of endpoints. Of two that match, the one whose text is longer wins: it is compared first.

    Nearly all paths differ at one place, so only those are compared that could match there.
    """

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        paths: dict[str, dict[str, Endpoint]] = {}
        for endpoint in endpoints:
            methods = paths.setdefault(endpoint.path, {})
            assert endpoint.method not in methods, f"two endpoints for {endpoint.method} {endpoint.path}"
            methods[endpoint.method] = endpoint
        routes: list[_Route] = [
            (tuple(_Segment.of(part) for part in path.split("/")), methods) for path, methods in paths.items()
        ]
        routes.sort(key=lambda route: -sum(len(segment.text) for segment in route[0]))
        places = {(len(segments), _telling(segments)) for segments, _ in routes}
        self._routes = {
            (count, text): [r for r in routes if len(r[0]) == count and _telling(r[0]) in (text, None)]
            for count, text in places
        }

    def find(self, method: str, path: str) -> tuple[Endpoint, Mapping[str, str]]:
        """The endpoint and the path's parameters; raises `Problem` where there is none."""
        parts = path.split("/")
        count = len(parts)
        told = parts[TELLING] if count > TELLING else None
        for segments, methods in self._routes.get((count, told)) or self._routes.get((count, None)) or ():
            values = _match(segments, parts)
            if values is None:
                continue
            endpoint = methods.get(method)
            if endpoint is None:
                allowed = ", ".join(sorted(methods))
                raise Problem("method_not_allowed", f"allowed: {allowed}", headers=[("allow", allowed)])
            return endpoint, values
        raise Problem("not_found", "there is no such path; /v1/openapi.json lists them all")


def _telling(segments: tuple[_Segment, ...]) -> str | None:
    """The text at the place at which most paths differ; None where a parameter stands there, or nothing."""
    if len(segments) <= TELLING or segments[TELLING].name is not None:
        return None
    return segments[TELLING].text


def _match(segments: tuple[_Segment, ...], parts: list[str]) -> dict[str, str] | None:
    values = {}
    for segment, part in zip(segments, parts, strict=True):
        if segment.name is None:
            if segment.text != part:
                return None
        elif part.endswith(segment.text):
            values[segment.name] = part.removesuffix(segment.text)
        else:
            return None
    return values
