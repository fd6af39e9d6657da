"""Decoding: bodies and query strings into structs, or the fields and rules they break.

Owns the translation of decoding errors into problem details, with all broken fields of a flat body together. Does
not own the structs (`bodies`) nor rules that need the database.
"""

import re
from functools import cache
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
import msgspec.inspect
from msgspec.structs import FieldInfo

from solvent.core.ids import InvalidId, parse
from solvent.web.problems import FieldError, Problem, invalid

QUERY_FIELDS_MAX = 20
ERRORS_MAX = 50  # told together
WHOLE_MAX = 2**53  # above it, one float stands for several whole numbers
NAME_MAX = 100  # characters told of a field's name that we do not know
_PLACE = re.compile(r" - at `\$(.*)`$", re.DOTALL)
_FIELD = re.compile(r"Object (?:missing required|contains unknown) field `(.*)`$", re.DOTALL)
_PATTERN = re.compile(r"Expected `str` matching regex '(.*)'$", re.DOTALL)
_NUMBER = re.compile(r"[+-]?[0-9.]+(e[+-]?[0-9]+)?|[+-]?(inf|infinity|nan)", re.IGNORECASE)
_END = re.compile(r"\$\(\?!\\+n\)$")  # how a pattern says that nothing follows, not even a new line
_EXPECTED = re.compile(r"Expected (.*)$", re.DOTALL)


def decode_body(raw: bytes, kind: Any) -> Any:  # noqa: ANN401 - the endpoint knows its type
    """The body as a value of `kind`; raises a problem that names every broken field it can find."""
    try:
        value = _decoded(raw, kind)
    except RecursionError:
        raise invalid(FieldError("body", "must not be nested so deeply")) from None
    if b"\\u0000" in raw:
        raise invalid(FieldError("body", "must not contain the character U+0000"))
    return value


def _decoded(raw: bytes, kind: Any) -> Any:  # noqa: ANN401 - the endpoint knows its type
    try:
        return _decoder(kind).decode(raw)
    except msgspec.ValidationError as error:
        return _read_anew(raw, kind, error)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise invalid(FieldError("body", f"must be JSON: {error}")) from None


def decode_query(query: str, kind: Any) -> Any:  # noqa: ANN401 - the endpoint knows its type
    """The query string as a value of `kind`; unknown and repeated names are refused."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=QUERY_FIELDS_MAX, errors="strict")
    except ValueError:
        rule = f"must be UTF-8, and at most {QUERY_FIELDS_MAX} names and values"
        raise invalid(FieldError("query", rule)) from None
    values = dict(pairs)
    if len(values) != len(pairs):
        raise invalid(FieldError("query", "must not name anything twice"))
    if "\x00" in query or "%00" in query:
        raise invalid(FieldError("query", "must not contain the character U+0000"))
    numbers = [name for name in _moments(kind) & values.keys() if _NUMBER.fullmatch(values[name].strip())]
    if numbers:  # which would be taken for seconds since 1970
        raise invalid(*(FieldError(name, "must be RFC 3339 with a time zone") for name in sorted(numbers)))
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(*_errors_by_field(values, kind, error, strict=False)) from None


def public_id(prefix: str, text: str, field: str) -> UUID:
    """The id behind its public spelling; a problem that names the field when it is of another kind."""
    try:
        return parse(prefix, text)
    except InvalidId as error:
        raise invalid(FieldError(field, str(error))) from None


@cache
def _moments(kind: Any) -> frozenset[str]:  # noqa: ANN401 - any struct
    """The names in a query string whose values are moments."""
    shape = msgspec.inspect.type_info(kind)
    fields = shape.fields if isinstance(shape, msgspec.inspect.StructType) else ()  # a page takes any names
    return frozenset(field.encode_name for field in fields if _is_moment(field.type))


def _is_moment(shape: msgspec.inspect.Type) -> bool:
    match shape:
        case msgspec.inspect.UnionType(types=kinds):
            return any(map(_is_moment, kinds))
        case msgspec.inspect.Metadata(type=inner):
            return _is_moment(inner)
        case _:
            return isinstance(shape, msgspec.inspect.DateTimeType)


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:  # noqa: ANN401 - any struct
    return msgspec.json.Decoder(kind)


def _read_anew(raw: bytes, kind: Any, first: msgspec.ValidationError) -> Any:  # noqa: ANN401
    """The value after all, where `9000.0` stands for a whole number, which it is in JSON; else every error."""
    try:
        values = _untyped.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:  # behind what was wrong already
        raise invalid(FieldError("body", f"must be JSON: {error}")) from None
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError:
        raise invalid(*_errors_by_field(values, kind, first, strict=True)[:ERRORS_MAX]) from None


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < WHOLE_MAX else number


_untyped = msgspec.json.Decoder(float_hook=_number)


def _errors_by_field(
    values: object,
    kind: Any,  # noqa: ANN401 - any struct
    first: msgspec.ValidationError,
    *,
    strict: bool,
) -> list[FieldError]:
    """Each top-level field's first error: msgspec itself stops at the first of all."""
    if not isinstance(values, dict):
        return [error_of(first)]
    errors = []
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name, field in fields.items():
        error = _field_error(values, name, field, strict=strict)
        if error is not None:
            errors.append(error)
    errors += [FieldError(n[:NAME_MAX], "is not a field of this request") for n in values if n not in fields]
    return errors or [error_of(first)]


def _field_error(values: dict[str, Any], name: str, field: FieldInfo, *, strict: bool) -> FieldError | None:
    if name not in values:
        return FieldError(name, "is required") if field.required else None
    try:
        msgspec.convert(values[name], field.type, strict=strict)
    except msgspec.ValidationError as error:
        broken, choices = error_of(error, name), _choices(field.type)
        if choices and broken.field == name and broken.rule.startswith("invalid enum value"):
            return FieldError(name, f"must be one of {', '.join(choices)}")
        return broken
    return None


def _choices(kind: Any) -> list[str]:  # noqa: ANN401 - whatever a field may be
    """The words that a field may be, where only certain ones may."""
    told = msgspec.inspect.type_info(kind)
    parts = told.types if isinstance(told, msgspec.inspect.UnionType) else (told,)
    plain = [part.type if isinstance(part, msgspec.inspect.Metadata) else part for part in parts]
    enums = [part.cls for part in plain if isinstance(part, msgspec.inspect.EnumType)]
    literals = [part.values for part in plain if isinstance(part, msgspec.inspect.LiteralType)]
    return [str(member.value) for cls in enums for member in cls] + [str(x) for v in literals for x in v]


def error_of(error: msgspec.ValidationError, root: str = "") -> FieldError:
    """A decoding error as the path and the rule: ``change.items[0].quantity``, ``must be `int` >= 1``."""
    message = str(error)
    place = _PLACE.search(message)
    path = root + (place[1] if place else "")
    text = message[: place.start()] if place else message
    named = _FIELD.match(text)
    if named is not None:
        path = f"{path}.{named[1][:NAME_MAX]}"
        text = "is required" if "missing" in text else "is not a field of this request"
    return FieldError(path.lstrip(".") or "body", _rule(text))


def _rule(text: str) -> str:
    pattern = _PATTERN.match(text)
    if pattern is not None:
        return f"must match {_END.sub('$', pattern[1])}"
    if text.startswith("Invalid RFC3339"):
        if text.rstrip().endswith("date"):
            return "must be a day like 2026-01-31"
        return "must be a moment like 2026-01-31T12:00:00Z"
    expected = _EXPECTED.match(text)
    if expected is not None:
        return f"must be {expected[1]}"
    return text[:1].lower() + text[1:]


def unreadable(detail: str) -> Problem:
    """The request cannot be read as HTTP says it should."""
    return invalid(FieldError("body", detail))
