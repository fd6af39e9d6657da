"""Router: from a method and a path to an endpoint.

Owns the matching of paths such as ``/v1/accounts/{account_id}/state`` and ``/v1/invoices/{invoice_id}.pdf``. Does not
own what happens then (`api`).
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self

from solvent.web.endpoint import Endpoint
from solvent.web.problems import Problem


class _Segment(NamedTuple):
    """A part of a path: a text, or (`name`) a parameter with `text` behind it."""

    text: str
    name: str | None = None

    @classmethod
    def of(cls, part: str) -> Self:
        """The segment that a route's path writes as ``text``, ``{name}`` or ``{name}.pdf``."""
        name, brace, suffix = part.removeprefix("{").partition("}")
        return cls(suffix, name) if brace else cls(part)


class Router:
    """A fixed set of endpoints. Of two that match, the one whose text is longer wins: it is compared first."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._routes: dict[int, list[tuple[tuple[_Segment, ...], dict[str, Endpoint]]]] = {}
        paths: dict[str, dict[str, Endpoint]] = {}
        for endpoint in endpoints:
            methods = paths.setdefault(endpoint.path, {})
            assert endpoint.method not in methods, f"two endpoints for {endpoint.method} {endpoint.path}"
            methods[endpoint.method] = endpoint
        for path, methods in paths.items():
            segments = tuple(_Segment.of(part) for part in path.split("/"))
            self._routes.setdefault(len(segments), []).append((segments, methods))
        for routes in self._routes.values():
            routes.sort(key=lambda route: -sum(len(segment.text) for segment in route[0]))

    def find(self, method: str, path: str) -> tuple[Endpoint, Mapping[str, str]]:
        """The endpoint and the path's parameters; raises `Problem` where there is none."""
        parts = path.split("/")
        for segments, methods in self._routes.get(len(parts), ()):
            values = _match(segments, parts)
            if values is None:
                continue
            endpoint = methods.get(method)
            if endpoint is None:
                allowed = ", ".join(sorted(methods))
                raise Problem("method_not_allowed", f"allowed: {allowed}", headers=[("allow", allowed)])
            return endpoint, values
        raise Problem("not_found", "there is no such path; /v1/openapi.json lists them all")


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
