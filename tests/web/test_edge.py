"""The edge itself: keys and scopes, idempotency keys, bodies, routes, the document, and the page for people."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec
import pytest
from openapi_spec_validator import validate

from solvent.store.keys import Keys
from solvent.web import problems, routes
from solvent.web.endpoint import Endpoint, Repeat, Scope
from tests.patience import PATIENCE_S
from tests.web.house import ACCOUNT, House, fresh_key, problem

ID = "0193a5b2c4d87e6fa1b2c3d4e5f60718"
GUARDED = [endpoint for endpoint in routes.API if endpoint.scope is not None]
MUTATING = [endpoint for endpoint in routes.API if endpoint.repeat is not Repeat.NEVER]


def _path(endpoint: Endpoint) -> str:
    kinds = {
        "account_id": "acc",
        "change_id": "att",
        "method_id": "mth",
        "subscription_id": "sub",
        "invoice_id": "inv",
    }
    path = endpoint.path
    for name, prefix in kinds.items():
        path = path.replace(f"{{{name}}}", f"{prefix}_{ID}")
    return path.replace("{provider}", "sandbox").removeprefix("/v1")


def _name(endpoint: Endpoint) -> str:
    return endpoint.name


@pytest.mark.parametrize("endpoint", GUARDED, ids=_name)
@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer sk_unknown-key-of-some-length", "Basic c2s6", "sk_x"]
)
def test_without_a_valid_key_nothing_is_said(house: House, endpoint: Endpoint, header: str | None) -> None:
    client = house.as_key("admin")
    client.headers.pop("authorization")
    if header is not None:
        client.headers["authorization"] = header
    response = client.request(endpoint.method, _path(endpoint))
    assert problem(house.said(response, 401)) == ("unauthorized", [])
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("endpoint", GUARDED, ids=_name)
def test_scopes_are_kept_apart(house: House, endpoint: Endpoint) -> None:
    allowed = {
        Scope.READ: ("read", "write", "admin"),
        Scope.WRITE: ("write", "admin"),
        Scope.CLOCK: ("clock", "admin"),
        Scope.ADMIN: ("admin",),
    }
    assert endpoint.scope is not None
    for name in ("read", "write", "clock", "admin"):
        response = house.as_key(name).request(endpoint.method, _path(endpoint))
        assert (response.status_code != 403) == (name in allowed[endpoint.scope]), f"{name}: {response.text}"


def test_a_revoked_key_is_refused(house: House) -> None:
    keys = Keys(house.solvent.database.pool, house.solvent.platform.ids)
    secret = keys.create("short-lived", ["read"], datetime.now(UTC))
    client = house.as_key("admin")
    record = next(r for r in keys.records() if r.key.label == "short-lived")
    keys.revoke(record.key.id, datetime.now(UTC))
    client.headers["authorization"] = f"Bearer {secret}"
    house.said(client.get("/products"), 401)


@pytest.mark.parametrize("endpoint", MUTATING, ids=_name)
def test_mutations_need_an_idempotency_key(house: House, endpoint: Endpoint) -> None:
    with house.nothing_written():
        for key in (None, b"", b"x" * 201, "caf\u00e9".encode("latin-1"), b"a\tb"):
            headers = {} if key is None else {b"idempotency-key": key}
            response = house.client.request(
                endpoint.method, _path(endpoint), headers=headers, json=endpoint.example
            )
            told = problem(house.said(response, 400))
            assert told == ("idempotency_key_missing", ["Idempotency-Key"]), key


@pytest.mark.parametrize("endpoint", [e for e in routes.API if e.body is not None], ids=_name)
def test_unreadable_and_unknown_bodies_are_refused(house: House, endpoint: Endpoint) -> None:
    def send(content: bytes) -> list[str]:
        headers = {"idempotency-key": fresh_key()}
        response = house.client.request(endpoint.method, _path(endpoint), headers=headers, content=content)
        code, fields = problem(house.said(response, 400))
        assert code == "invalid_request"
        return fields

    with house.nothing_written():
        assert send(b"") == ["body"]
        assert send(b"{") == ["body"]
        assert send(b"[]") == ["body"]
        assert send(b"\xff\xfe") == ["body"]
        assert send(b'"text"') == ["body"]
        assert send(b"[" * 60_000) == ["body"]
        assert len(send(json.dumps({f"k{n}": n for n in range(2_000)}).encode())) == 50
        assert "no_such_field" in send(json.dumps(endpoint.example | {"no_such_field": 1}).encode())


def test_a_null_character_is_refused(house: House) -> None:
    with house.nothing_written():
        said = house.post("/accounts", ACCOUNT | {"name": "a\x00b"}, 400)
    assert problem(said)[0] == "invalid_request"


def test_a_large_body_is_refused_before_it_is_read(house: House) -> None:
    with house.nothing_written():
        said = house.post("/accounts", ACCOUNT | {"name": "x" * 70_000}, 413)
        assert problem(said)[0] == "payload_too_large"
        response = house.client.post("/notifications/sandbox", content=b"x" * 270_000)
        assert problem(house.said(response, 413))[0] == "payload_too_large"


def test_a_large_body_without_a_length_is_refused(house: House) -> None:
    before = house.get("/accounts", 200)["data"]
    parts = urlsplit(house.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S)
    headers = {"Authorization": f"Bearer {house.keys['admin']}", "Idempotency-Key": fresh_key()}
    chunks = (b"x" * 1024 for _ in range(80))
    connection.request("POST", "/v1/accounts", body=chunks, headers=headers, encode_chunked=True)
    assert connection.getresponse().status == 413
    assert house.get("/accounts", 200)["data"] == before


def test_unknown_paths_and_methods(house: House) -> None:
    for path in ("/nothing", "/accounts/x/y/z", "/accounts/"):
        code = problem(house.said(house.client.get(path), 404 if path != "/accounts/" else 400))[0]
        assert code in {"not_found", "invalid_request"}
    response = house.client.put("/accounts")
    assert problem(house.said(response, 405)) == ("method_not_allowed", [])
    assert response.headers["allow"] == "GET, POST"


def test_parameters_that_an_endpoint_does_not_take_are_refused(house: House) -> None:
    assert problem(house.get("/ledger/accounts?limit=3", 400)) == ("invalid_request", ["query"])


def test_health_readiness_and_head(house: House) -> None:
    assert house.get("/healthz") == {"status": "ok"}
    assert house.get("/readyz") == {"status": "ready"}
    head = house.client.head("/healthz")
    assert (head.status_code, head.content) == (200, b"")


def test_the_page_for_people(house: House) -> None:
    page = house.client.get(house.url + "/")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "/v1/openapi.json" in page.text


def test_the_document_is_valid_and_complete(house: House) -> None:
    document = house.get("/openapi.json")
    validate(document)
    assert document["openapi"] == "3.1.0"
    documented = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert documented == {(endpoint.method, endpoint.path) for endpoint in routes.API}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert {"400", "500", "503"} <= set(operation["responses"]), where
            assert ("401" in operation["responses"]) == (operation.get("security") != []), where
            for status, response in operation["responses"].items():
                assert "$ref" in response or response["description"], f"{where} {status}"
    assert set(document["components"]["responses"]) == set(problems.KINDS)
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("description") or "enum" in schema, name


def _patterns(told: object) -> Iterator[str]:
    if isinstance(told, dict):
        if isinstance(told.get("pattern"), str):
            yield told["pattern"]
        for part in told.values():
            yield from _patterns(part)
    elif isinstance(told, list):
        for part in told:
            yield from _patterns(part)


def test_no_pattern_lets_a_line_feed_follow(house: House) -> None:
    """To a regular expression `$` is also the place before a last line feed: an id with one is no id."""
    loose = {
        x for x in _patterns(house.get("/openapi.json")) if x.endswith("$") and re.search(x, "\n") is None
    }
    assert loose <= {r"^[!-~]([ -~]{0,198}[!-~])?$"}, "of a header, which has no line feeds"


def test_an_id_with_a_line_feed_is_a_bad_request(house: House, account: str) -> None:
    start = {"type": "start", "items": [{"price_id": "zone-pro-usd-month"}]}
    said = house.post("/quotes", {"account_id": account + "\n", "change": start}, 400)
    assert problem(said) == ("invalid_request", ["account_id"])
    assert problem(house.get(f"/usage/events?account={account}%0A", 400)) == ("invalid_request", ["account"])


@pytest.mark.parametrize("endpoint", [e for e in routes.API if e.body is not None], ids=_name)
def test_every_example_decodes(endpoint: Endpoint) -> None:
    msgspec.convert(endpoint.example, endpoint.body)
