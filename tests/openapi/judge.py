"""The judge: whether a request, and the answer to it, are what a provider's own OpenAPI document says.

Owns the finding of the operation and the checks of path, method, parameters and bodies. Both sides are judged by the
same document: what our adapter sends, and what a local server of the tests answers in the provider's place. Does not
own the documents (`documents`) nor the reading of forms (`forms`).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError, relevance

from tests.openapi.declared import undeclared
from tests.openapi.documents import Direction, Document, Json
from tests.openapi.forms import nested, typed

FORM = "application/x-www-form-urlencoded"
FAULT_CHARS_MAX = 300


class Match(NamedTuple):
    """An operation: the document it is in, its path and method there, and the values of the path's parameters."""

    document: Document
    path: str
    method: str
    path_values: dict[str, str]

    def operation(self, way: Direction) -> dict[str, Any]:
        """The operation as it holds for requests, or for answers."""
        found: dict[str, Any] = self.document.content[way]["paths"][self.path][self.method]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, as they went over the wire. Header names are lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    answer_headers: Mapping[str, str]
    answer: bytes


@dataclass(eq=False)
class Judge:
    """Judges by the documents of one provider. Paths that begin with one of `outside` are in no document; a fault
    that matches one of `pardoned` is the document's own, as whoever pardons it must explain."""

    documents: Sequence[Document]
    outside: tuple[str, ...] = ()
    pardoned: tuple[str, ...] = ()

    def exchange(self, seen: Exchange) -> list[str]:
        """What is wrong with an exchange: with its request, also where that was refused, and with its answer."""
        every = self.request(seen) + self.answer(seen)
        return [fault for fault in every if not any(re.search(known, fault) for known in self.pardoned)]

    def request(self, seen: Exchange) -> list[str]:
        """What is wrong with a request."""
        called = urlsplit(seen.url).path
        if self._is_outside(called):
            return []
        match = self._match(seen.method, called)
        if match is None:
            return [f"{seen.method} {called}: no such operation"]
        faults = [*self._parameters(match, seen), *self._request_body(match, seen)]
        return [f"request {seen.method} {called}: {fault}" for fault in faults]

    def answer(self, seen: Exchange) -> list[str]:
        """What is wrong with an answer; an unknown path may be answered in any way."""
        called = urlsplit(seen.url).path
        match = None if self._is_outside(called) else self._match(seen.method, called)
        faults = [] if match is None else self._answer_faults(match, seen)
        return [f"answer {seen.status} to {seen.method} {called}: {fault}" for fault in faults]

    def _is_outside(self, path: str) -> bool:
        return bool(self.outside) and path.startswith(self.outside)

    @cached_property
    def _routes(self) -> list[tuple[re.Pattern[str], Document, str]]:
        """Every path as a pattern; one with fewer parameters is tried first."""
        paths = [(path, each) for each in self.documents for path in each.content[Direction.REQUEST]["paths"]]
        return [
            (re.compile(re.sub(r"\\{([^/]+?)\\}", r"(?P<\1>[^/]+)", re.escape(path))), document, path)
            for path, document in sorted(paths, key=lambda each: each[0].count("{"))
        ]

    def _match(self, method: str, called: str) -> Match | None:
        for pattern, document, path in self._routes:
            found = pattern.fullmatch(called)
            if found and method.lower() in document.content[Direction.REQUEST]["paths"][path]:
                values = {name: unquote(value) for name, value in found.groupdict().items()}
                return Match(document, path, method.lower(), values)
        return None

    def _parameters(self, match: Match, seen: Exchange) -> Iterator[str]:
        item = match.document.content[Direction.REQUEST]["paths"][match.path]
        listed = [*item.get("parameters", []), *item[match.method].get("parameters", [])]
        declared = [match.document.resolve(each) for each in listed]
        query = nested(urlsplit(seen.url).query)
        known = {each["name"] for each in declared if each["in"] == "query"}
        yield from (f"query {name}: is not declared" for name in query if name not in known)
        given: dict[str, Mapping[str, Any]] = {
            "query": query,
            "header": seen.headers,
            "path": match.path_values,
        }
        for each in declared:
            name = each["name"].lower() if each["in"] == "header" else each["name"]
            values = given.get(each["in"], {})
            if name in values:
                value = typed(values[name], each["schema"], match.document)
                for fault in faults_of(value, each["schema"], match.document):
                    yield f"{each['in']} {name} {fault}"
            elif each.get("required"):
                yield f"{each['in']} {name}: is required"

    def _request_body(self, match: Match, seen: Exchange) -> Iterable[str]:
        body = match.document.resolve(match.operation(Direction.REQUEST).get("requestBody", {}))
        kinds = body.get("content", {})
        if not seen.body:
            return ["body: is required"] if body.get("required") else []
        sent = _content_type(seen.headers)
        if sent not in kinds:
            return [f"body: its type is {sent!r}, declared are {sorted(kinds)}"]
        if sent.startswith("multipart/"):
            return []  # its parts are not read
        schema = kinds[sent].get("schema", {})
        try:
            value = nested(seen.body.decode()) if sent == FORM else json.loads(seen.body)
        except ValueError as fault:
            return [f"body: cannot be read: {fault}"]
        value = typed(value, schema, match.document) if sent == FORM else value
        return faults_of(value, schema, match.document)

    def _answer_faults(self, match: Match, seen: Exchange) -> Iterable[str]:
        answers = match.operation(Direction.ANSWER)["responses"]
        among = (str(seen.status), f"{seen.status // 100}XX", "default")
        declared = next((answers[each] for each in among if each in answers), None)
        if declared is None:
            return [f"this status is not declared, only {sorted(answers)}"]
        kinds = match.document.resolve(declared).get("content", {})
        if bool(kinds) != bool(seen.answer):
            return [f"a body of {len(seen.answer)} bytes, declared are {sorted(kinds)}"]
        if not kinds:
            return []
        sent = _content_type(seen.answer_headers)
        if sent not in kinds:
            return [f"the body's type is {sent!r}, declared are {sorted(kinds)}"]
        try:
            value = json.loads(seen.answer)
        except ValueError as fault:
            return [f"the body cannot be read: {fault}"]
        return faults_of(value, kinds[sent].get("schema", {}), match.document)


def faults_of(value: Json, schema: dict[str, Any], document: Document) -> list[str]:
    """What is wrong with a value: by JSON Schema, and properties that nobody declares."""
    wrong = [] if document.is_valid(value, schema) else _wrong(value, schema, document)
    return wrong + list(undeclared(value, [schema], document))


def _wrong(value: Json, schema: dict[str, Any], document: Document) -> list[str]:
    checker = Draft4Validator(
        schema, registry=document.registry, format_checker=Draft4Validator.FORMAT_CHECKER
    )
    return [_told(error) for error in checker.iter_errors(value)]


def _told(error: ValidationError) -> str:
    """An error in one line; of alternatives that all failed, the one that came nearest."""
    while error.context:
        error = max(error.context, key=relevance)
    where = ".".join(str(part) for part in error.absolute_path) or "body"
    return f"{where}: {error.message}"[:FAULT_CHARS_MAX]


def _content_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip()
