"""The judge finds what is wrong with an exchange, by a small document of our own."""

import json
from typing import Any

import pytest

from tests.openapi.documents import Document, read
from tests.openapi.forms import nested
from tests.openapi.judge import Exchange, Judge
from tests.openapi.witness import Witness

THING: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name", "secret"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "name": {"type": "string", "maxLength": 5},
        "secret": {"$ref": "#/components/schemas/secret"},
        "size": {"type": "integer", "nullable": True},
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/part"}},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "kind": {"anyOf": [{"type": "string", "enum": ["a", "b"]}, {"type": "boolean"}]},
    },
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "paths": {
        "/things": {
            "get": {
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 10}},
                    {"name": "made", "in": "query", "schema": {"$ref": "#/components/schemas/range"}},
                    {"$ref": "#/components/parameters/who"},
                ],
                "responses": {"200": {"content": {"application/json": {"schema": {"type": "array"}}}}},
            },
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {
                        kind: {"schema": {"$ref": "#/components/schemas/thing"}}
                        for kind in ("application/json", "application/x-www-form-urlencoded")
                    },
                },
                "responses": {
                    "201": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/thing"}}}
                    },
                    "4XX": {"description": "refused"},
                },
            },
        },
        "/things/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^t"}}
            ],
            "delete": {"responses": {"204": {"description": "gone"}}},
        },
    },
    "components": {
        "parameters": {
            "who": {"name": "Who", "in": "header", "required": True, "schema": {"type": "string"}}
        },
        "schemas": {
            "thing": THING,
            "secret": {"type": "string", "writeOnly": True},
            "part": {
                "allOf": [{"type": "object", "properties": {"no": {"type": "integer"}}}, {"required": ["no"]}]
            },
            "range": {"type": "object", "properties": {"gte": {"type": "integer"}}},
        },
    },
}
GOOD_ANSWER: dict[str, Any] = {"id": "t1", "name": "n"}


@pytest.fixture(scope="module")
def document() -> Document:
    return read("things", DOCUMENT)


@pytest.fixture
def judge(document: Document) -> Judge:
    return Judge([document], outside=("/token",))


def exchange(method: str, url: str, body: object = None, answer: object = None, **other: object) -> Exchange:
    values: dict[str, Any] = {
        "method": method,
        "url": url,
        "headers": {"content-type": "application/json", "who": "me"},
        "body": b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode(),
        "status": 201,
        "answer_headers": {"content-type": "application/json; charset=utf-8"},
        "answer": b"" if answer is None else json.dumps(answer).encode(),
    }
    return Exchange(**(values | other))


def made(body: object, answer: object = GOOD_ANSWER) -> Exchange:
    return exchange("POST", "/things", body, answer)


def test_what_is_as_documented_passes(judge: Judge) -> None:
    body = {"name": "n", "secret": "s", "size": None, "parts": [{"no": 1}], "labels": {"x": "y"}, "kind": "a"}
    assert judge.exchange(made(body)) == []
    listed = exchange("GET", "/things?limit=3&made[gte]=5", answer=[], status=200)
    assert judge.exchange(listed) == []
    assert judge.exchange(exchange("DELETE", "/things/t%201", status=204)) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"name": "n"}, "body: 'secret' is a required property"),
        ({"name": "n", "secret": "s", "id": "t1"}, "id: "),
        ({"name": "too long", "secret": "s"}, "name: 'too long' is too long"),
        ({"name": None, "secret": "s"}, "name: None is not of type 'string'"),
        ({"name": "n", "secret": "s", "colour": 1}, "colour: is not declared"),
        ({"name": "n", "secret": "s", "parts": [{"no": 1}, {}]}, "parts.1: 'no' is a required property"),
        ({"name": "n", "secret": "s", "parts": [{"no": 1, "xx": 2}]}, "parts[0].xx: is not declared"),
        ({"name": "n", "secret": "s", "labels": {"x": 1}}, "labels.x: 1 is not of type 'string'"),
        ({"name": "n", "secret": "s", "kind": "c"}, "kind: "),
    ],
)
def test_a_request_with_a_wrong_body_is_found(judge: Judge, body: object, fault: str) -> None:
    (found,) = judge.exchange(made(body))
    assert found.startswith(f"request POST /things: {fault}")


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"name": "n"}, "body: 'id' is a required property"),
        ({"id": "t1", "name": "n", "secret": "s"}, "secret: "),
        ({"id": "t1", "name": "n", "size": "x"}, "size: 'x' is not of type 'integer'"),
        ({"id": "t1", "name": "n", "nmae": "x"}, "nmae: is not declared"),
        (None, "a body of 0 bytes"),
    ],
)
def test_a_wrong_answer_is_found(judge: Judge, answer: object, fault: str) -> None:
    (found,) = judge.exchange(made({"name": "n", "secret": "s"}, answer))
    assert found.startswith(f"answer 201 to POST /things: {fault}")


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (exchange("GET", "/nothing"), "GET /nothing: no such operation"),
        (exchange("PUT", "/things"), "PUT /things: no such operation"),
        (exchange("DELETE", "/things/x", status=204), "path id id: 'x' does not match"),
        (exchange("GET", "/things?limit=11", answer=[], status=200), "query limit body: 11 is greater"),
        (exchange("GET", "/things?limit=ten", answer=[], status=200), "query limit body: 'ten' is not"),
        (exchange("GET", "/things?page=1", answer=[], status=200), "query page: is not declared"),
        (exchange("GET", "/things", answer=[], status=200, headers={}), "header who: is required"),
        (exchange("POST", "/things", answer=GOOD_ANSWER), "body: is required"),
        (exchange("POST", "/things", b"{", GOOD_ANSWER), "body: cannot be read"),
        (
            exchange("POST", "/things", b"x", GOOD_ANSWER, headers={"content-type": "a/b"}),
            "body: its type is",
        ),
        (exchange("DELETE", "/things/t1", answer={}, status=204), "a body of 2 bytes, declared are []"),
        (exchange("DELETE", "/things/t1", status=500), "this status is not declared, only ['204']"),
        (exchange("GET", "/things", answer=[], status=200, answer_headers={}), "the body's type is ''"),
    ],
)
def test_what_is_wrong_around_the_body_is_found(judge: Judge, wrong: Exchange, fault: str) -> None:
    (found,) = judge.exchange(wrong)
    assert fault.replace("id id", "id") in found.replace("id body", "id").replace("id id", "id")


def test_a_form_is_read_by_its_brackets_and_types(judge: Judge) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    good = b"name=n&secret=s&size=3&parts[0][no]=1&parts[1][no]=2&labels[x]=5&kind=true"
    assert judge.exchange(exchange("POST", "/things", good, GOOD_ANSWER, headers=form)) == []
    bad = b"name=n&secret=s&parts[0][no]=one"
    (found,) = judge.exchange(exchange("POST", "/things", bad, GOOD_ANSWER, headers=form))
    assert "parts.0.no: 'one' is not of type 'integer'" in found


@pytest.mark.parametrize("form", ["a[b=1", "a=1&a[b]=2", "a=1&a=2"])
def test_a_form_that_contradicts_itself_cannot_be_read(form: str) -> None:
    with pytest.raises(ValueError, match="field"):
        nested(form)


def test_a_form_without_numbers_is_a_list_too() -> None:
    assert nested("a[]=x&a[]=y&b[c][]=z") == {"a": ["x", "y"], "b": {"c": ["z"]}}


def test_a_request_that_was_refused_is_judged_as_any_other(judge: Judge) -> None:
    refused = exchange("POST", "/things", {"nmae": 1}, status=400)
    assert judge.exchange(refused) == judge.request(refused) != []


def test_what_is_in_no_document_is_passed_over_only_where_said(judge: Judge, document: Document) -> None:
    token = exchange("POST", "/token", b"x", {})
    assert judge.exchange(token) == []
    assert Judge([document]).exchange(token) == ["POST /token: no such operation"]


def test_a_witness_keeps_what_was_wrong(judge: Judge) -> None:
    witness = Witness(judge)
    witness.see(made({"name": "n", "secret": "s"}))
    assert (witness.seen, witness.faults) == (1, [])
    assert witness.see(made({"name": "n"})) == witness.faults != []
    assert Witness(None).see(made({})) == []


def test_a_fault_of_the_document_itself_is_pardoned_by_name(document: Document) -> None:
    lenient = Judge([document], pardoned=(r"kind: 'c' is not",))
    assert lenient.exchange(made({"name": "n", "secret": "s", "kind": "c"})) == []
    assert len(lenient.exchange(made({"name": "n", "kind": "c"}))) == 1
