"""Router: from a method and a path to an endpoint.

Owns the matching of paths such as ``/v1/accounts/{account_id}/state``. Does not own what happens then (`api`).
"""

from collections.abc import Iterable, Mapping

from solvent.web.endpoint import Endpoint
from solvent.web.problems import Problem


class Router:
    """A fixed set of endpoints. Fixed segments win over parameters, because they are compared first."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._routes: dict[
            int, list[tuple[tuple[str | None, ...], tuple[str, ...], dict[str, Endpoint]]]
        ] = {}
        paths: dict[str, dict[str, Endpoint]] = {}
        for endpoint in endpoints:
            methods = paths.setdefault(endpoint.path, {})
            assert endpoint.method not in methods, f"two endpoints for {endpoint.method} {endpoint.path}"
            methods[endpoint.method] = endpoint
        for path, methods in paths.items():
            parts = path.split("/")
            literals = tuple(None if part.startswith("{") else part for part in parts)
            names = tuple(part[1:-1] for part in parts if part.startswith("{"))
            self._routes.setdefault(len(parts), []).append((literals, names, methods))

    def find(self, method: str, path: str) -> tuple[Endpoint, Mapping[str, str]]:
        """The endpoint and the path's parameters; raises `Problem` where there is none."""
        parts = path.split("/")
        for literals, names, methods in self._routes.get(len(parts), ()):
            values = _match(literals, parts)
            if values is None:
                continue
            endpoint = methods.get(method)
            if endpoint is None:
                allowed = ", ".join(sorted(methods))
                raise Problem("method_not_allowed", f"allowed: {allowed}", headers=[("allow", allowed)])
            return endpoint, dict(zip(names, values, strict=True))
        raise Problem("not_found", "there is no such path; /v1/openapi.json lists them all")


def _match(literals: tuple[str | None, ...], parts: list[str]) -> list[str] | None:
    values = []
    for literal, part in zip(literals, parts, strict=True):
        if literal is None:
            values.append(part)
        elif literal != part:
            return None
    return values
