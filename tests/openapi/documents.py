"""The providers' own OpenAPI documents: found by `SOLVENT_SPECS`, parsed once, made into JSON Schema.

Owns the folder, the cache, and the difference between a schema as OpenAPI 3.0 writes it and one that a JSON Schema
validator reads: `nullable`, and that a request bears no `readOnly` property and an answer no `writeOnly` one; and each
schema compiled, for the quick look that nearly every value passes. Does not own what is judged by them (`judge`).
"""

import json
import os
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote

import jsonschema_rs
import pytest
from referencing import Registry
from referencing.jsonschema import DRAFT4

SETTING = "SOLVENT_SPECS"
FILES = {"stripe": ("stripe/spec3.json",), "paypal": ("paypal/*.json",)}
Json: TypeAlias = Any
HOW_TO_SUPPLY = (
    f"set {SETTING} to a folder with the providers' OpenAPI documents "
    "(stripe/spec3.json, paypal/*.json): see tests/openapi/README.md"
)


class Direction(Enum):
    """Which way a body goes; the value is the mark of properties that do not go that way."""

    REQUEST = "readOnly"
    ANSWER = "writeOnly"


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One OpenAPI document, as it holds for requests and as it holds for answers; `registry` finds references."""

    name: str
    content: dict[Direction, dict[str, Any]]
    registry: Registry[Any]
    compiled: jsonschema_rs.Registry
    _checks: dict[int, tuple[dict[str, Any], jsonschema_rs.Draft4Validator]] = field(default_factory=dict)

    def is_valid(self, value: Json, schema: dict[str, Any]) -> bool:
        """Whether a value is as a schema of this document says, at a tenth of the time in which it is said why not. The
        schema is kept with what was compiled of it, so that its id stays its own."""
        known = self._checks.get(id(schema))
        if known is None:
            made = jsonschema_rs.Draft4Validator(schema, registry=self.compiled, validate_formats=True)
            known = self._checks[id(schema)] = schema, made
        return known[1].is_valid(value)

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        """A schema, parameter, body or answer itself, where the document refers to it."""
        while "$ref" in node:
            uri = node["$ref"].partition("#")[0]
            node = at(self.registry.contents(uri), node["$ref"])
        return node


def at(content: Json, ref: str) -> Json:
    """What a reference within a document points to."""
    for part in ref.partition("#/")[2].split("/"):
        name = unquote(part).replace("~1", "/").replace("~0", "~")
        content = content[int(name)] if isinstance(content, list) else content[name]
    return content


def folder() -> Path | None:
    """The folder of the documents; None where none was supplied."""
    given = os.environ.get(SETTING)
    return Path(given) if given else None


@cache
def documents(provider: str) -> tuple[Document, ...]:
    """The documents of a provider; the test skips, saying how to supply them, where there are none."""
    where = folder()
    files = sorted(file for pattern in FILES[provider] for file in where.glob(pattern)) if where else []
    if not files:
        pytest.skip(HOW_TO_SUPPLY)
    return tuple(read(file.name, json.loads(file.read_bytes())) for file in files)


def read(name: str, content: dict[str, Any]) -> Document:
    """A document made ready; every reference names the direction whose schemas it means."""
    ways = {way: _converted(content, content, way, f"urn:{name}:{way.name.lower()}") for way in Direction}
    named = {f"urn:{name}:{way.name.lower()}": ready for way, ready in ways.items()}
    registry: Registry[Any] = Registry().with_resources(
        (uri, DRAFT4.create_resource(ready)) for uri, ready in named.items()
    )
    compiled = jsonschema_rs.Registry(list(named.items()), draft=jsonschema_rs.Draft4)
    return Document(name=name, content=ways, registry=registry, compiled=compiled)


def _converted(node: Json, root: Json, way: Direction, uri: str) -> Json:
    if isinstance(node, list):
        return [_converted(each, root, way, uri) for each in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        schema: dict[str, Any] = {"$ref": uri + node["$ref"]}
    else:
        schema = {key: _converted(value, root, way, uri) for key, value in _one_way(node, root, way).items()}
    if node.get("nullable") is True:
        schema.pop("nullable", None)
        return {"anyOf": [schema, {"type": "null"}]}
    return schema


def _one_way(node: dict[str, Any], root: Json, way: Direction) -> dict[str, Any]:
    """A schema of an object without what does not go this way: neither required nor allowed."""
    properties = node.get("properties")
    if not isinstance(properties, dict) or isinstance(properties.get("type"), str):
        return node
    barred = {name for name, schema in properties.items() if _bears(schema, root, way.value)}
    if not barred:
        return node
    kept = {name: {"not": {}} if name in barred else schema for name, schema in properties.items()}
    required = [name for name in node.get("required", ()) if name not in barred]
    rest = {key: value for key, value in node.items() if key != "required"}
    return rest | {"properties": kept} | ({"required": required} if required else {})


def _bears(schema: Json, root: Json, mark: str) -> bool:
    """Whether a property is marked, itself or where it refers to."""
    if not isinstance(schema, dict):
        return False
    if schema.get(mark) is True:
        return True
    return "$ref" in schema and _bears(at(root, schema["$ref"]), root, mark)
