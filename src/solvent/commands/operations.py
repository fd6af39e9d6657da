"""Operations: the API's own operations on the command line, for whoever is at the machine.

Owns how words of a command become a request, how its answer is printed, and how a problem names the option that it is
about. Does not own what an operation does, checks and demands (`web`): it is the one that the API serves, in this
process, without an API key. Which command is which operation stands in `cli_operations`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import msgspec
import msgspec.inspect as shapes

from solvent.commands.console import FAILED, USAGE, CommandError
from solvent.commands.export import instant
from solvent.commands.saying import as_json, lined
from solvent.flows.opening import Contended
from solvent.web.api import Api
from solvent.web.decoding import decode_body
from solvent.web.endpoint import Endpoint, Repeat
from solvent.web.fields import LIMIT_MAX
from solvent.web.problems import KINDS, Problem
from solvent.web.routes import API
from solvent.wiring import Solvent

EMPTY = "none"  # how a field is emptied that can be
KEPT = frozenset({Repeat.JOURNAL, Repeat.ANSWER})  # what asks for a key
PAGE_FIELDS = frozenset({"after", "limit"})

_EMPTIES = f" {EMPTY} empties it."
_SHORT = {"ManualLine": "'AMOUNT WHAT IT IS FOR', ", "NewItem": "A price, "}
_NAMED = re.compile(r"\{([a-z_]+)\}")
_ROOT = re.compile(r"([A-Za-z_]+)(.*)", re.DOTALL)
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_LINE = re.compile(r"(-?[0-9]{1,15})\s+(\S.*)")


class Kind(Enum):
    """What the words of an option are read as."""

    FLAG = "flag"
    WHOLE = "whole number"
    MOMENT = "moment"
    TEXT = "text"
    STRUCT = "JSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """An argument or an option of a command: `field` as the API names it, `option` as the command line does."""

    field: str
    option: str
    kind: Kind
    many: bool = False
    required: bool = False
    nullable: bool = False
    struct: str = ""
    says: str = ""

    @property
    def name(self) -> str:
        """As a parameter of Python."""
        return self.field + "_" if self.field == "from" else self.field


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a command may be told: of the path and what else stands without an option, the rest by options."""

    arguments: tuple[Word, ...]
    options: tuple[Word, ...]
    pages: bool
    keyed: bool

    @property
    def words(self) -> tuple[Word, ...]:
        """All of them."""
        return (*self.arguments, *self.options)


@cache
def endpoint_of(operation: str) -> Endpoint:
    """The endpoint that serves an operation."""
    return next(endpoint for endpoint in API if endpoint.name == operation)


@cache
def wanted(operation: str, positional: tuple[str, ...]) -> Wanted:
    """The words of the command for an operation, of which those fields stand without an option."""
    endpoint = endpoint_of(operation)
    path = tuple(_argument(name) for name in _NAMED.findall(endpoint.path))
    fields = {word.field: word for kind in (endpoint.query, endpoint.body) if kind for word in _words(kind)}
    for several in [name for name in fields if name.endswith("_ids")]:
        fields.pop(several.removesuffix("s"), None)  # one of several
    pages = endpoint.query is not None and fields.keys() >= PAGE_FIELDS
    left_out = {*positional, *(PAGE_FIELDS if pages else ())}
    return Wanted(
        arguments=(*path, *(_placed(fields[name]) for name in positional)),
        options=tuple(word for name, word in fields.items() if name not in left_out),
        pages=pages,
        keyed=endpoint.repeat in KEPT,
    )


def lines(
    solvent: Solvent,
    operation: str,
    positional: tuple[str, ...],
    given: Mapping[str, Any],
    columns: Sequence[str],
    *,
    for_programs: bool,
) -> Iterator[str]:
    """Ask an operation, and tell its answer."""
    words = wanted(operation, positional)
    try:
        answer = _asked(solvent, endpoint_of(operation), words, given)
    except Problem as problem:
        code = FAILED if KINDS[problem.code].status in (404, 409) else USAGE
        raise CommandError(_told(problem, words), code) from None
    except Contended:
        raise CommandError("other requests about the same thing came between: try again") from None
    if for_programs:
        yield as_json(answer)
    elif isinstance(answer, list):
        yield from lined(columns, [[_cell(row, name) for name in columns] for row in answer])
    else:
        yield from _facts(answer) if answer else ("done",)


def _asked(solvent: Solvent, endpoint: Endpoint, words: Wanted, given: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- as the endpoint answers
    path = {name: given[name] for name in _NAMED.findall(endpoint.path)}
    values = {
        word.field: value
        for word in words.words
        if word.field not in path and (value := _value(word, given.get(word.name))) is not msgspec.UNSET
    }
    if words.pages:
        return list(_paged(solvent, endpoint, path, values, int(given["limit"])))
    query = values if endpoint.query is not None else {}
    body = values if endpoint.body is not None else {}
    key = f"cli:{given.get('key') or uuid4()}"
    answer = _sent(solvent, endpoint, path, query, body, key)
    return (
        answer["data"]
        if isinstance(answer, dict) and answer.keys() <= {"data", "next"} and answer
        else answer
    )


def _paged(
    solvent: Solvent, endpoint: Endpoint, path: Mapping[str, str], query: Mapping[str, Any], limit: int
) -> Iterator[Any]:
    """The first rows of a list, page by page."""
    cursor: dict[str, str] = {}
    while limit > 0:
        asked = {**query, **cursor, "limit": min(limit, LIMIT_MAX)}
        page = _sent(solvent, endpoint, path, asked, {}, "")
        yield from page["data"]
        limit -= len(page["data"])
        if page["next"] is None or len(page["data"]) < asked["limit"]:
            return
        cursor = {"after": page["next"]}


def _sent(
    solvent: Solvent,
    endpoint: Endpoint,
    path: Mapping[str, str],
    query: Mapping[str, Any],
    body: Mapping[str, Any],
    key: str,
) -> Any:  # noqa: ANN401 -- as the endpoint answers
    raw = b"" if endpoint.body is None else msgspec.json.encode(body)
    spelled = {
        name: str(value).lower() if value is True or value is False else value
        for name, value in query.items()
    }
    environ = {"QUERY_STRING": urlencode(spelled), "HTTP_AUTHORIZATION": f"Bearer {_seal(solvent)}"}
    sent = Api(solvent, ()).at_home(endpoint, path, environ, raw, key)
    return msgspec.json.decode(sent.body) if sent.body else {}


def _seal(solvent: Solvent) -> str:
    """What answers under a key are sealed with here, in the place of an API key: nobody has it who has the database."""
    return f"sk_{sha256(f'command line {solvent.settings.secret_text}'.encode()).hexdigest()}"


def _value(word: Word, told: Any) -> Any:  # noqa: ANN401 -- whatever the field is
    """What a word says, as the API takes it; unset where nothing was said."""
    if told is None or told in ((), []):
        return msgspec.UNSET
    if word.nullable and told == EMPTY:
        return None
    if word.many:
        return [_one(word, text) for text in told]
    return _one(word, told)


def _one(word: Word, text: Any) -> Any:  # noqa: ANN401 -- whatever the field is
    match word.kind:
        case Kind.WHOLE:
            return int(text) if _WHOLE.fullmatch(text) else text
        case Kind.MOMENT:
            return instant(text, word.option).isoformat().replace("+00:00", "Z")
        case Kind.STRUCT:
            return _struct(word, text)
        case Kind.FLAG | Kind.TEXT:
            return text


def _struct(word: Word, text: str) -> Any:  # noqa: ANN401 -- any JSON
    """JSON, a file of it, or a short form: a line is an amount and what it is for, an item is a price."""
    line = _LINE.fullmatch(text)
    if word.struct == "ManualLine" and line is not None:
        return {"amount": int(line[1]), "description": line[2]}
    if word.struct == "NewItem" and not text.startswith(("{", "@")):
        return {"price_id": text}
    try:
        source = Path(text[1:]).read_bytes() if text.startswith("@") else text.encode()
        return decode_body(source, Any)
    except OSError as error:
        raise CommandError(f"{word.option}: {error.strerror or error}: {text[1:]}", USAGE) from None
    except Problem as problem:
        rule = problem.errors[0].rule.removeprefix("must be JSON: ")
        raise CommandError(f"{word.option}: must be JSON, or @FILE that holds it: {rule}", USAGE) from None


def _told(problem: Problem, words: Wanted) -> str:
    """Each broken field by the option that it came in, and its rule."""
    options = {word.field: word.option for word in words.words}
    named = []
    for error in problem.errors:
        root = _ROOT.fullmatch(error.field)
        field = options.get(root[1], root[1]) + root[2] if root else error.field
        named.append(f"{field}: {error.rule}")
    return "; ".join(named) or problem.detail


def _argument(name: str) -> Word:
    return Word(field=name, option=_spelled(name), kind=Kind.TEXT, required=True)


def _placed(word: Word) -> Word:
    changed = {"option": _spelled(word.field)}
    return Word(**{name: changed.get(name, getattr(word, name)) for name in Word.__dataclass_fields__})


def _spelled(name: str) -> str:
    return name.removesuffix("_ids").removesuffix("_id").upper().replace("_", "-")


def _words(kind: Any) -> Iterator[Word]:  # noqa: ANN401 -- any struct
    shape = shapes.type_info(kind)
    assert isinstance(shape, shapes.StructType), f"{kind} is a struct"
    for field in shape.fields:
        yield _word(field)


def _word(field: shapes.Field) -> Word:
    inner, says, nullable = _plain(field.type)
    many = isinstance(inner, shapes.VarTupleType | shapes.ListType | shapes.CollectionType)
    if isinstance(inner, shapes.VarTupleType | shapes.ListType | shapes.CollectionType):
        inner, told, _ = _plain(inner.item_type)
        says = says or told
    name = field.encode_name
    kind, struct = _kind(inner)
    defaults = (field.default, field.default_factory)
    empties = nullable and not field.required and set(defaults) == {msgspec.NODEFAULT}  # left out, it stays
    return Word(
        field=name,
        option=f"--{_short(name, many=many)}".replace("_", "-"),
        kind=kind,
        many=many,
        required=field.required,
        nullable=empties,
        struct=struct,
        says=f"{says} {_form(inner, kind, struct)}{_EMPTIES if empties else ''}".strip(),
    )


def _form(inner: shapes.Type, kind: Kind, struct: str) -> str:
    """What may be written, where that is more than a text."""
    if isinstance(inner, shapes.EnumType):
        return f"{', '.join(str(member.value) for member in inner.cls)}."
    if kind is Kind.STRUCT:
        return f"{_SHORT.get(struct, '')}JSON, or @FILE of it."
    return "Or a day, 2026-01-31." if kind is Kind.MOMENT else ""


def _plain(shape: shapes.Type) -> tuple[shapes.Type, str, bool]:
    """What a field is beside nothing, what is said of it, and whether it may be null."""
    if isinstance(shape, shapes.Metadata):
        inner, told, nullable = _plain(shape.type)
        return inner, (shape.extra_json_schema or {}).get("description", told), nullable
    if isinstance(shape, shapes.UnionType):
        nullable = any(isinstance(part, shapes.NoneType) for part in shape.types)
        parts = [part for part in shape.types if not isinstance(part, shapes.NoneType)]
        if len(parts) == 1:
            inner, told, _ = _plain(parts[0])
            return inner, told, nullable
        return shape, "", nullable
    return shape, "", False


def _kind(shape: shapes.Type) -> tuple[Kind, str]:
    match shape:
        case shapes.BoolType():
            return Kind.FLAG, ""
        case shapes.IntType():
            return Kind.WHOLE, ""
        case shapes.DateTimeType():
            return Kind.MOMENT, ""
        case shapes.StructType():
            return Kind.STRUCT, shape.cls.__name__
        case shapes.UnionType() | shapes.DictType():
            return Kind.STRUCT, ""
        case _:
            return Kind.TEXT, ""


def _short(name: str, *, many: bool) -> str:
    """The name of an option: of a list that of one of it, as it may be repeated, and of an id what it is an id of."""
    if many:
        name = f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")
    return name if name == "tax_id" else name.removesuffix("_id")


def _cell(row: Mapping[str, Any], name: str) -> str:
    return _text(row.get(f"{name}_text", row.get(name)))


def _text(value: object) -> str:
    match value:
        case None | [] | {}:
            return "–"
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(
                f"{name} {_text(inner)}" for name, inner in value.items() if inner not in (None, [], {})
            )
        case list():
            return ", ".join(map(_text, value))
        case _:
            return str(value)


def _facts(thing: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """A line for each thing that is known; what holds others has them below it."""
    for name, value in thing.items():
        if value in (None, [], {}) or (name.endswith("_text") and name.removesuffix("_text") in thing):
            continue
        if isinstance(value, dict):
            yield f"{indent}{name}"
            yield from _facts(value, f"{indent}  ")
        elif isinstance(value, list) and isinstance(value[0], dict):
            yield f"{indent}{name}"
            yield from (f"{indent}  {_row(row)}" for row in value)
        else:
            yield f"{indent}{name}  {_cell(thing, name)}"


def _row(row: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{name} {_cell(row, name)}"
        for name, value in row.items()
        if value not in (None, [], {}) and not (name.endswith("_text") and name.removesuffix("_text") in row)
    )
