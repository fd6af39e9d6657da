"""Moments in the OpenAPI document: the format of every field that is a date and time.

Owns adding `format: date-time` where msgspec leaves it out: it says so only of fields that demand a time zone, and
answers state theirs without demanding it. Does not own any other part of the document (`openapi`).
"""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import inspect


def tell_moments(kinds: Iterable[Any], components: dict[str, Any]) -> None:
    """Write the format into the components of these types, and of all that they are made of."""
    for struct in _structs(inspect.multi_type_info(kinds), set()):
        properties = components[struct.cls.__name__]["properties"]
        for field in struct.fields:
            if _has_moment(field.type):
                _mark(properties[field.encode_name])


def _structs(shapes: Iterable[inspect.Type], seen: set[type]) -> Iterator[inspect.StructType]:
    for shape in shapes:
        if isinstance(shape, inspect.StructType):
            if shape.cls in seen:
                continue
            seen.add(shape.cls)
            yield shape
            yield from _structs([field.type for field in shape.fields], seen)
        else:
            yield from _structs(_parts(shape), seen)


def _parts(shape: inspect.Type) -> list[inspect.Type]:
    """What a type is made of, without entering structs."""
    match shape:
        case inspect.UnionType(types=types):
            return list(types)
        case inspect.Metadata(type=inner):
            return [inner]
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return [item]
        case inspect.TupleType(item_types=types):
            return list(types)
        case inspect.DictType(value_type=value):
            return [value]
        case _:
            return []


def _has_moment(shape: inspect.Type) -> bool:
    return isinstance(shape, inspect.DateTimeType) or any(map(_has_moment, _parts(shape)))


def _mark(schema: dict[str, Any]) -> None:
    """The text in it is a moment."""
    for part in schema.get("anyOf", ()):
        _mark(part)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            _mark(schema[name])
    if schema.get("type") == "string":
        schema["format"] = "date-time"
