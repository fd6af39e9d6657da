"""Generator of the Python client: models and operations of `solvent_client`, from the OpenAPI document.

Owns how a schema becomes a type and an operation a method. Run from the root of the repository it writes both files
anew; a test holds what is committed equal to what it would write. Does not own how a request is sent (`transport`).
Only what Solvent's own document contains is understood; anything else ends the generator rather than be left out.
"""

from __future__ import annotations

import json
import keyword
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "solvent_client" / "src" / "solvent_client"
WIDTH = 108
HEAD = '"""{says}\n\nMade from the OpenAPI document by `clients/python/generate_client.py`; not edited by hand.\n"""\n'
_PREFIX = "#/components/schemas/"
_SCALARS = {"integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_FORMATS = {"date-time": "datetime", "date": "date"}

Schema = Mapping[str, Any]


def generate(document: Schema) -> dict[str, str]:
    """The generated files by name."""
    texts = {"models.py": _Models(document).text(), "operations.py": _operations(document)}
    return {name: _formatted(text) for name, text in texts.items()}


def _formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--line-length", "110", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def _referred(schema: object) -> Iterator[str]:
    """The names of the components that a schema refers to directly."""
    if isinstance(schema, Mapping):
        if "$ref" in schema:
            yield schema["$ref"].removeprefix(_PREFIX)
        for name, inner in schema.items():
            if name not in ("discriminator", "examples", "example"):
                yield from _referred(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _referred(inner)


def _each(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


class _Models:
    """Structs and words. What only answers carry tolerates words and fields that a later server adds."""

    def __init__(self, document: Schema) -> None:
        self._schemas: Mapping[str, Schema] = document["components"]["schemas"]
        self._asked = self._reached(o.get("requestBody") for _, _, o in _each(document))
        self._tags = {
            ref.removeprefix(_PREFIX): (union["propertyName"], word)
            for union in _discriminators(document)
            for word, ref in union["mapping"].items()
        }
        self._codes = sorted(document["components"]["responses"])

    def _reached(self, roots: Iterator[Any]) -> set[str]:
        found: set[str] = set()
        waiting = [name for root in roots for name in _referred(root)]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += _referred(self._schemas[name])
        return found

    def text(self) -> str:
        """The file."""
        parts = [
            HEAD.format(says="Models: what requests and answers carry."),
            "from __future__ import annotations\n",
            "from datetime import date, datetime\nfrom typing import Any, Literal\n",
            "from msgspec import UNSET, Struct, UnsetType\n",
            f"ProblemCode = Literal[{', '.join(json.dumps(code) for code in self._codes)}]",
            '"""The end of the `type` of a problem."""\n',
        ]
        words = {n: s for n, s in self._schemas.items() if "enum" in s}
        parts += [line for name in sorted(words) for line in self._words(name, words[name])]
        parts += [self._struct(n, s) for n, s in sorted(self._schemas.items()) if n not in words]
        return "\n".join(parts)

    def _words(self, name: str, schema: Schema) -> Iterator[str]:
        yield f"{name} = {_literal(schema['enum'])}"
        if "description" in schema:
            yield _docstring(schema["description"], "")

    def _struct(self, name: str, schema: Schema) -> str:
        assert schema["type"] == "object", name
        asked = name in self._asked
        tag = self._tags.get(name)
        options = ["frozen=True", "kw_only=True"]
        options += [f"tag_field={tag[0]!r}", f"tag={tag[1]!r}"] if tag else []
        fields = [
            self._field(schema, field, asked) for field in schema["properties"] if not tag or field != tag[0]
        ]
        renamed = {_name(f): f for f in schema["properties"] if _name(f) != f}
        options += [f"rename={renamed!r}"] if renamed else []
        says = [_docstring(schema.get("description", name), "    ")]
        return "\n".join([f"\n\nclass {name}(Struct, {', '.join(options)}):", *says, *fields])

    def _field(self, schema: Schema, field: str, asked: bool) -> str:
        shape = schema["properties"][field]
        kind = self._type(shape, asked)
        default = ""
        if field not in schema.get("required", ()):
            kind, default = (f"{kind} | UnsetType", " = UNSET") if asked else (kind, _default(shape))
        line = f"    {_name(field)}: {kind}{default}"
        says = _says(shape)
        return f"{line}\n{_docstring(says, '    ')}" if says else line

    def _type(self, schema: Schema, asked: bool) -> str:  # noqa: PLR0911 -- one for each shape
        match schema:
            case {"$ref": str(ref)}:
                name = ref.removeprefix(_PREFIX)
                return name if asked or "enum" not in self._schemas[name] else "str"
            case {"anyOf": list(kinds)}:
                return " | ".join(dict.fromkeys(self._type(kind, asked) for kind in kinds))
            case {"enum": list(words)}:
                return _literal(words) if asked else "str"
            case {"type": "array", "prefixItems": list(kinds)}:
                return f"tuple[{', '.join(self._type(kind, asked) for kind in kinds)}]"
            case {"type": "array", "items": inner}:
                return f"list[{self._type(inner, asked)}]"
            case {"type": "object", "additionalProperties": Mapping() as inner}:
                return f"dict[str, {self._type(inner, asked)}]"
            case {"type": "object"}:
                return "dict[str, Any]"
            case {"type": "string"}:
                return _FORMATS.get(schema.get("format", ""), "str")
            case {"type": str(kind)}:
                return _SCALARS[kind]
            case _:
                assert not set(schema) - {"description", "examples", "title", "default"}, schema
                return "Any"


def _discriminators(value: object) -> Iterator[Schema]:
    if isinstance(value, Mapping):
        if "discriminator" in value:
            yield value["discriminator"]
        for inner in value.values():
            yield from _discriminators(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _discriminators(inner)


def _default(shape: Schema) -> str:
    match shape.get("default"):
        case list() | tuple() | dict() as empty:
            assert not empty, shape
            empty = {} if isinstance(empty, dict) else []
            return f" = {empty}"  # of each its own: msgspec copies
        case value:
            return f" = {value!r}"


def _says(shape: Schema) -> str:
    if "description" in shape:
        return str(shape["description"])
    described = [kind["description"] for kind in shape.get("anyOf", ()) if "description" in kind]
    return described[0] if len(described) == 1 else ""


def _literal(words: list[str]) -> str:
    return f"Literal[{', '.join(json.dumps(word) for word in words)}]"


def _name(field: str) -> str:
    return f"{field}_" if keyword.iskeyword(field) else field.replace("-", "_")


def _docstring(says: str, indent: str) -> str:
    text = " ".join(says.split()).replace("\\", "\\\\").replace('"""', "'''")
    text = text if text.endswith((".", "?", "!", ":")) else f"{text}."
    text = f"{text} " if text.endswith('"') else text
    lines = textwrap.wrap(text, WIDTH - len(indent) - 6, break_long_words=False, break_on_hyphens=False)
    return f"\n{indent}".join([f'{indent}"""{lines[0]}', *lines[1:]]) + '"""'


def _operations(document: Schema) -> str:
    methods = [_method(document, *told) for told in _each(document)]
    return "\n".join(
        [
            HEAD.format(says="Operations: every endpoint of the API as a method."),
            "from __future__ import annotations\n",
            "from collections.abc import Mapping\nfrom datetime import date, datetime\nfrom typing import Literal\n",
            "from solvent_client import models as m",
            "from solvent_client.pages import Pages",
            "from solvent_client.transport import Operation, Transport\n\n",
            "class Operations:",
            '    """What can be asked of Solvent. Whoever makes it gives the way in which requests travel."""\n',
            "    def __init__(self, transport: Transport) -> None:",
            "        self._transport = transport\n",
            *methods,
        ]
    )


def _method(document: Schema, method: str, path: str, operation: Schema) -> str:
    """One operation: `self`, what the path names, the body; then by name the query, and the key."""
    parameters = [_resolved(document, p) for p in operation["parameters"]]
    in_path = [p["name"] for p in parameters if p["in"] == "path"]
    query = [p for p in parameters if p["in"] == "query"]
    keyed = any(p["in"] == "header" for p in parameters)
    body = _body(operation)
    answer, media = _answer(operation)
    paged = _item(document, answer) if any(p["name"] == "after" for p in query) else None
    arguments = ["self", *(f"{name}: str" for name in in_path)]
    arguments += [f"body: {body}"] if body else []
    named = [_argument(p) for p in query] + (["idempotency_key: str | None = None"] if keyed else [])
    named += ["headers: Mapping[str, str] | None = None"] if body == "bytes" else []
    arguments += ["*", *named] if named else []
    gives = f"Pages[m.{answer}, {paged}]" if paged else _given(answer, media)
    call = [f"path={_mapping(in_path)}"] if in_path else []
    call += [f"query={_mapping([p['name'] for p in query])}"] if query else []
    call += ["body=body"] if body else []
    call += ["key=idempotency_key"] if keyed else []
    call += ["headers=headers"] if body == "bytes" else []
    about = [f'"{method}"', f'"{path}"']
    about += ["keyed=True"] if keyed else []
    about += ["public=True"] if operation.get("security") == [] else []
    wanted = f"m.{answer}" if answer else "bytes"
    back = "" if gives == "None" else "return "
    send = "pages" if paged else "send"
    says = operation["summary"] + ". " + operation.get("description", "")
    return "\n".join(
        [
            f"    def {snake(operation['operationId'])}({', '.join(arguments)}) -> {gives}:",
            _docstring(says, "        "),
            f"        operation = Operation({', '.join(about)})",
            f"        {back}self._transport.{send}({', '.join(['operation', wanted, *call])})\n",
        ]
    )


def snake(name: str) -> str:
    """`createAccount` as `create_account`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _mapping(names: list[str]) -> str:
    """Names of the API, each with the argument of that name."""
    return "{" + ", ".join(f"{json.dumps(name)}: {_name(name)}" for name in names) + "}"


def _resolved(document: Schema, parameter: Schema) -> Schema:
    if "$ref" not in parameter:
        return parameter
    found: Schema = document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    return found


def _argument(parameter: Schema) -> str:
    shape = parameter["schema"]
    kinds = shape.get("anyOf", [shape])
    (kind,) = [k for k in kinds if k.get("type") != "null"]
    if "$ref" in kind:
        told = "m." + kind["$ref"].removeprefix(_PREFIX)
    elif "enum" in kind:
        told = _literal(kind["enum"])
    else:
        told = _FORMATS.get(kind.get("format", ""), "") or {"string": "str", **_SCALARS}[kind["type"]]
    name = _name(parameter["name"])
    return f"{name}: {told}" if parameter["required"] else f"{name}: {told} | None = None"


def _body(operation: Schema) -> str | None:
    if "requestBody" not in operation:
        return None
    content = operation["requestBody"]["content"]
    if "application/json" not in content:
        return "bytes"
    return "m." + str(content["application/json"]["schema"]["$ref"].removeprefix(_PREFIX))


def _answer(operation: Schema) -> tuple[str | None, str]:
    """The component of what success answers, and its media type; neither where there is no body."""
    told = {
        (media, content.get("schema", {}).get("$ref", "").removeprefix(_PREFIX) or None)
        for status, response in operation["responses"].items()
        if status.startswith("2")
        for media, content in response.get("content", {}).items()
    }
    assert len(told) <= 1, operation["operationId"]
    media, name = told.pop() if told else ("", None)
    return name, media


def _item(document: Schema, answer: str | None) -> str | None:
    """The type of what a page lists."""
    properties = document["components"]["schemas"][answer]["properties"]
    if "next" not in properties:
        return None
    return "m." + str(properties["data"]["items"]["$ref"].removeprefix(_PREFIX))


def _given(answer: str | None, media: str) -> str:
    return f"m.{answer}" if answer else ("bytes" if media else "None")


def _document() -> Schema:
    from solvent.web import routes  # noqa: PLC0415 -- the package itself does not need the server
    from solvent.web.openapi import document  # noqa: PLC0415 -- likewise

    return document(routes.API)


if __name__ == "__main__":
    for name, text in generate(_document()).items():
        (TARGET / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{TARGET / name}\n")
