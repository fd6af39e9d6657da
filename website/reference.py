"""The reference of the API: the OpenAPI document as pages, one for each tag, and one with every model.

Owns their wording and order. Static text: no script reads the document in the browser. Does not own the document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_PREFIX = "#/components/schemas/"
_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "at least so long:",
    "maxLength": "at most so long:",
    "minItems": "at least so many:",
    "maxItems": "at most so many:",
    "pattern": "like",
}

Schema = Mapping[str, Any]


def pages(document: Schema) -> dict[str, str]:
    """The pages by their names."""
    tags = [tag["name"] for tag in document["tags"]]
    found = {f"reference/{tag}.md": "\n".join(_page(document, tag)) for tag in tags}
    found["reference/models.md"] = "\n".join(_models(document))
    tree = "\n".join(["```{toctree}", ":maxdepth: 1", "", *tags, "models", "```"])
    head = "# API reference\n\n" + document["info"]["description"]
    more = "\n\nThe same as an OpenAPI 3.1 document is served at `/v1/openapi.json`.\n\n"
    found["reference/index.md"] = head + more + tree + "\n\n" + "\n".join(_overview(document))
    return found


def _each(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _overview(document: Schema) -> Iterator[str]:
    yield "| operation | what it does |\n|---|---|"
    for method, path, operation in _each(document):
        anchor = _slug(f"{method} {path}")
        yield f"| [`{method} {path}`]({operation['tags'][0]}.md#{anchor}) | {_cell(operation['summary'])} |"


def _page(document: Schema, tag: str) -> Iterator[str]:
    yield f"# {tag.replace('-', ' ').capitalize()}\n"
    for method, path, operation in _each(document):
        if operation["tags"][0] == tag:
            yield from _operation(document, method, path, operation)


def _operation(document: Schema, method: str, path: str, operation: Schema) -> Iterator[str]:
    yield f"## `{method} {path}`\n"
    yield f"{operation['summary']}. {operation.get('description', '')}\n"
    scope = operation.get("x-scope")
    yield f"Operation `{operation['operationId']}`; " + (
        f"needs a key of scope `{scope}`.\n" if scope else "needs no key.\n"
    )
    parameters = [_resolved(document, p) for p in operation["parameters"]]
    if parameters:
        yield "| parameter | in | what it is | |\n|---|---|---|---|"
        for p in parameters:
            says = p.get("description") or _says(p["schema"])
            demand = "required" if p["required"] else _default(p["schema"])
            kind = _kind(p["schema"]) + _bounds(p["schema"])
            yield f"| `{p['name']}` | {p['in']} | {kind}. {_cell(says)} | {demand} |"
        yield ""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        yield f"The body is {_kind(body['schema'])}:\n"
        yield f"```json\n{json.dumps(body['example'], indent=2, ensure_ascii=False)}\n```\n"
    yield "| status | answer |\n|---|---|"
    yield from (_answer(document, status, told) for status, told in operation["responses"].items())
    yield ""


def _answer(document: Schema, status: str, told: Schema) -> str:
    if "$ref" in told:
        code = told["$ref"].rpartition("/")[2]
        return f"| {status} | `{code}`: {_cell(document['components']['responses'][code]['description'])} |"
    for content in told.get("content", {}).values():
        if "examples" in content:
            return f"| {status} | {_words(list(content['examples']))}: {_cell(told['description'])} |"
        if "schema" in content:
            return f"| {status} | {_kind(content['schema'])}: {_cell(told['description'])} |"
    kinds = ", ".join(f"`{media}`" for media in told.get("content", {}))
    return f"| {status} | {kinds + ': ' if kinds else ''}{_cell(told['description'])} |"


def _models(document: Schema) -> Iterator[str]:
    yield "# Models\n\nWhat requests and answers carry. Requests refuse fields that are not named here.\n"
    for name, schema in sorted(document["components"]["schemas"].items()):
        yield f"## {name}\n"
        yield f"{_text(schema.get('description', ''))}\n"
        if "enum" in schema:
            yield f"One of {_words(schema['enum'])}.\n"
            continue
        yield "| field | what it is | |\n|---|---|---|"
        for field, shape in schema["properties"].items():
            demand = "always" if field in schema.get("required", ()) else _default(shape)
            yield f"| `{field}` | {_kind(shape)}{_bounds(shape)}. {_cell(_says(shape))} | {demand} |"
        yield ""


def _kind(shape: Schema) -> str:  # noqa: PLR0911 -- one for each shape
    match shape:
        case {"$ref": str(ref)}:
            name = ref.removeprefix(_PREFIX)
            return f"[{name}](models.md#{name.lower()})"
        case {"anyOf": list(kinds)}:
            return " or ".join(dict.fromkeys(_kind(kind) for kind in kinds))
        case {"enum": list(words)}:
            return _words(words)
        case {"type": "array", "prefixItems": list(kinds)}:
            return "list of " + ", ".join(map(_kind, kinds))
        case {"type": "array", "items": inner}:
            return f"list of {_kind(inner)}"
        case {"type": "object", "additionalProperties": Mapping() as inner}:
            return f"object of {_kind(inner)}"
        case {"type": "string", "format": str(kind)}:
            return kind
        case {"type": str(kind)}:
            return kind
        case _:
            return "anything"


def _bounds(shape: Schema) -> str:
    kinds = [kind for kind in shape.get("anyOf", [shape]) if kind.get("type") != "null"]
    shown = kinds[0] if len(kinds) == 1 else {}
    told = [f"{word} `{shown[name]}`" for name, word in _BOUNDS.items() if name in shown]
    return "".join(f", {_cell(one)}" for one in told)


def _default(shape: Schema) -> str:
    default = shape.get("default")
    return "" if default in (None, [], {}, ()) else f"else `{json.dumps(default)}`"


def _says(shape: Schema) -> str:
    if "description" in shape:
        return str(shape["description"])
    told = [kind["description"] for kind in shape.get("anyOf", ()) if "description" in kind]
    return told[0] if len(told) == 1 else ""


def _words(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _text(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|")


def _slug(text: str) -> str:
    """As the heading's anchor: small letters, hyphens for spaces, nothing else but letters, digits and hyphens."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def _resolved(document: Schema, parameter: Schema) -> Schema:
    if "$ref" not in parameter:
        return parameter
    found: Schema = document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    return found
