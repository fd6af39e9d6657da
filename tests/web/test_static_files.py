"""The built browser side: it is what its sources say, it is complete in every language, and it travels small."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest

from frontend import build
from solvent.web import static_files
from tests.patience import PATIENCE_S
from tests.web.house import House

FRONTEND = Path(build.__file__).parent
WORDS = FRONTEND / "src" / "words"
PACKED_BYTES_MAX = 150_000
PLACE = re.compile(r"\{(\w+)\}")


def test_the_built_files_are_those_of_the_sources() -> None:
    told = json.loads(build.MANIFEST.read_text(encoding="utf-8"))
    assert told == build.manifest(), "frontend/ has changed: run `make frontend` and commit what it builds"


def test_the_client_is_that_of_the_api() -> None:
    served = build.as_text(build.contract(build.served_document()))
    assert build.CONTRACT.read_text(encoding="utf-8") == served, "the API has changed: run `make frontend`"


def test_a_contract_is_whole_and_says_nothing_of_the_rest() -> None:
    ref = {"$ref": "#/components/schemas/B"}
    document = {
        "openapi": "3.1.0",
        "info": {"version": "1"},
        "paths": {"/v1/checkout/{token}": {"get": {"$ref": "#/components/schemas/A"}}, "/v1/accounts": {}},
        "components": {"schemas": {"A": {"properties": {"b": ref}}, "B": {"items": ref}, "C": {}}},
    }
    taken = build.contract(document)
    assert list(taken["paths"]) == ["/v1/checkout/{token}"]
    assert sorted(taken["components"]["schemas"]) == ["A", "B"]


def test_the_lock_file_names_no_registry() -> None:
    text = (FRONTEND / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in text
    locked = json.loads(text)["packages"]
    assert [name for name, one in locked.items() if name and "integrity" not in one] == []


def test_every_language_says_the_same() -> None:
    catalogs = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(WORDS.glob("*.json"))
    }
    assert {"en", "de"} <= set(catalogs)
    english = catalogs["en"]
    for language, words in catalogs.items():
        assert list(words) == list(english), language
        assert all(words.values()), language
        for word, text in words.items():
            assert set(PLACE.findall(text)) == set(PLACE.findall(english[word])), f"{language}: {word}"


def test_no_word_is_there_for_nothing() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in sorted((FRONTEND / "src").rglob("*.ts")))
    words = json.loads((WORDS / "en.json").read_text(encoding="utf-8"))
    made = ("way_", "reason_", "each_", "coupon_open", "domain_open")  # put together from a kind
    unused = [word for word in words if f"'{word}'" not in sources and not word.startswith(made)]
    assert unused == []


def test_files_are_small_known_by_their_tags_and_free_to_load(house: House) -> None:
    total = 0
    for name in static_files.built():
        answer = httpx.get(
            f"{house.url}/static/{name}",
            headers={"accept-encoding": "gzip"},
            timeout=PATIENCE_S,
            verify=False,
        )
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        total += int(answer.headers["content-length"])
        plain = httpx.get(
            f"{house.url}/static/{name}",
            headers={"accept-encoding": "identity"},
            timeout=PATIENCE_S,
            verify=False,
        )
        assert plain.content == answer.content
        assert "content-encoding" not in plain.headers
        again = httpx.get(
            f"{house.url}/static/{name}",
            headers={"if-none-match": answer.headers["etag"]},
            timeout=PATIENCE_S,
            verify=False,
        )
        assert (again.status_code, again.content) == (304, b"")
    assert total < PACKED_BYTES_MAX


@pytest.mark.parametrize("name", ["nothing.js", "manifest.json", "..%2Fapp.py"])
def test_nothing_else_is_there(house: House, name: str) -> None:
    assert httpx.get(f"{house.url}/static/{name}", timeout=PATIENCE_S, verify=False).status_code == 404


@pytest.mark.parametrize(("wished", "language"), [("de-AT,de", "de"), ("fr", "en")])
def test_the_page_is_one_of_ours_alone(house: House, wished: str, language: str) -> None:
    answer = httpx.get(
        f"{house.url}/checkout/a%22onload%3Db",
        headers={"accept-language": wished},
        timeout=PATIENCE_S,
        verify=False,
    )
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert 'token="a&#34;onload=b"' in answer.text
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "http" not in policy, "with the sandbox provider nothing is loaded from elsewhere"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
