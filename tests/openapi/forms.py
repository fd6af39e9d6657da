"""Forms and query strings: ``a[b][0]=x`` read into nested values, and text into what a schema says it is.

Owns the decoding; the documents say ``deepObject`` and mean brackets at any depth. Does not own the judging (`judge`).
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from tests.openapi.documents import Document, Json


def nested(text: str) -> dict[str, Any]:
    """The fields of a form or query; numbered and unnumbered brackets become lists."""
    fields: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)):
        _place(fields, _path(name), value)
    return {name: _listed(value) for name, value in fields.items()}


def _path(name: str) -> list[str]:
    head, _, rest = name.partition("[")
    if not rest:
        return [name]
    if not rest.endswith("]"):
        raise ValueError(f"field {name!r}: brackets do not match")
    return [head, *rest[:-1].split("][")]


def _place(fields: dict[str, Any], path: Sequence[str], value: str) -> None:
    for part in path[:-1]:
        inner = fields.setdefault(part, {})
        if not isinstance(inner, dict):
            raise ValueError(f"field {'.'.join(path)}: {part!r} is both a value and a group")  # noqa: TRY004 - bad input
        fields = inner
    last = path[-1] or str(len(fields))
    if last in fields and len(path) == 1:
        raise ValueError(f"field {last!r} is given twice")
    fields[last] = value


def _listed(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(each) for name, each in value.items()}
    numbers = [str(n) for n in range(len(inner))]
    return [inner[n] for n in numbers] if inner and set(inner) == set(numbers) else inner


def typed(value: Json, schema: dict[str, Any], document: Document) -> Json:
    """Text as the integer, number or truth value that the schema asks for; whatever cannot be one stays text."""
    schema = document.resolve(schema)
    for choice in ("anyOf", "oneOf", "allOf"):
        for alternative in schema.get(choice, ()):
            better = typed(value, alternative, document)
            if better != value:
                return better
    if isinstance(value, dict):
        return _typed_object(value, schema, document)
    if isinstance(value, list):
        items = schema.get("items")
        return [typed(each, items, document) for each in value] if items else value
    return _scalar(value, schema.get("type"))


def _typed_object(value: dict[str, Any], schema: dict[str, Any], document: Document) -> dict[str, Any]:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties")
    fallback = others if isinstance(others, dict) else {}
    return {name: typed(each, properties.get(name, fallback), document) for name, each in value.items()}


def _scalar(value: str, kind: str | None) -> Json:
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    if kind in ("integer", "number"):
        for read in (int, float):
            try:
                return read(value)
            except ValueError:
                continue
    return value
