"""Whether every property of a body is one that the schema declares.

OpenAPI lets a body have more properties than are declared, so a misspelt one would pass; a provider ignores it, or
never sends it. Owns that look; a schema that leaves an object open leaves it open here.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from tests.openapi.documents import Document, Json

Schemas = Sequence[dict[str, Any]]


def undeclared(value: Json, schemas: Schemas, document: Document, path: str = "") -> Iterator[str]:
    """Where a value has properties that none of the schemas which hold for it declares."""
    flat = [part for schema in schemas for part in _parts(schema, document)]
    if isinstance(value, list):
        items = [part["items"] for part in flat if isinstance(part.get("items"), dict)]
        for number, each in enumerate(value if items else ()):
            yield from undeclared(each, items, document, f"{path}[{number}]")
    if not isinstance(value, dict) or not flat:
        return
    others = [part["additionalProperties"] for part in flat if part.get("additionalProperties")]
    is_open = bool(others) or not any("properties" in part for part in flat)
    for name, each in value.items():
        declared = [part["properties"][name] for part in flat if name in part.get("properties", ())]
        if not declared and not is_open:
            yield f"{path}.{name}".lstrip(".") + ": is not declared"
        yield from undeclared(
            each, declared or [o for o in others if isinstance(o, dict)], document, f"{path}.{name}"
        )


def _parts(schema: dict[str, Any], document: Document) -> Iterator[dict[str, Any]]:
    """A schema and all it is put together from, alternatives included."""
    schema = document.resolve(schema)
    yield schema
    for choice in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(choice, ()):
            yield from _parts(part, document)
