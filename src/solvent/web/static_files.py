"""Static files: the built browser side, as pages load it.

Owns which files there are (those of the manifest), their kinds, how long a browser keeps them, and that they travel
compressed. Merchants' pages name them, so their names stay and an entity tag tells versions apart. Does not own what
they say: they are built from `frontend/`.
"""

import gzip
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from solvent.web.endpoint import Call, Endpoint, Reply
from solvent.web.problems import Problem

KINDS: Mapping[str, str] = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
KEPT_S = 300  # a new version is everywhere after so long
TAG_CHARS = 32


class _File(NamedTuple):
    kind: str
    tag: str
    plain: bytes
    packed: bytes


def endpoints() -> tuple[Endpoint, ...]:
    """The route of the built files; no part of what the API's document describes."""
    return (
        Endpoint(
            method="GET",
            path="/static/{name}",
            name="staticFile",
            summary="A file of the browser side",
            tag="pages",
            run=_serve,
            scope=None,
            answers={},
        ),
    )


def built() -> Mapping[str, str]:
    """The digest of each built file, by its name."""
    found: Mapping[str, str] = json.loads(_read("manifest.json"))["files"]
    return found


def _serve(call: Call) -> Reply:
    one = _files().get(call.path["name"])
    if one is None:
        raise Problem("not_found", "there is no such file")
    headers = [
        ("etag", one.tag),
        ("cache-control", f"public, max-age={KEPT_S}"),
        ("vary", "accept-encoding"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("x-content-type-options", "nosniff"),
    ]
    if one.tag in (call.header("if-none-match") or ""):
        return Reply(b"", 304, headers, one.kind)
    if "gzip" in (call.header("accept-encoding") or ""):
        return Reply(one.packed, 200, [*headers, ("content-encoding", "gzip")], one.kind)
    return Reply(one.plain, 200, headers, one.kind)


@cache
def _files() -> Mapping[str, _File]:
    found = {}
    for name, digest in built().items():
        plain = _read(name)
        kind = KINDS[name[name.rindex(".") :]]
        found[name] = _File(kind, f'"{digest[:TAG_CHARS]}"', plain, gzip.compress(plain, 9, mtime=0))
    return found


def _read(name: str) -> bytes:
    return (files("solvent.web") / "static" / name).read_bytes()
