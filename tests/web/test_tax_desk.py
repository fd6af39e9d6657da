"""Legal entities, tax rates and registrations over HTTP: listed, declared, and what charges then bear."""

from __future__ import annotations

from typing import Any

import pytest

from tests.patience import eventually
from tests.web.house import ACCOUNT, House, fresh_key, problem, start

EURO = "zone-pro-eur-month"
BANK = {"currency": "EUR", "holder": "Ísland ehf.", "iban": "NL91ABNA0417164300"}
ENTITY = {
    "name": "Ísland ehf.",
    "country": "IS",
    "series_prefix": "ISL",
    "address": {"lines": ["Laugavegur 1"], "city": "Reykjavík", "postal_code": "101", "region": None},
    "tax_ids": [{"scheme": "VSK", "value": "12345"}],
}
RATE = {
    "id": "is-vat-2015",
    "country": "IS",
    "name": "VSK",
    "rate": "24",
    "valid_from": "2015-01-01",
    "names": {"de": "MwSt"},
}
PLACE = {"entity": "island", "country": "IS"}


@pytest.fixture(scope="module", autouse=True)
def island(house: House) -> Any:  # noqa: ANN401 -- JSON
    """A legal entity of this module's own."""
    return put(house, "island", ENTITY, 201)


def put(house: House, entity: str, body: object, status: int = 200, key: str | None = None) -> Any:  # noqa: ANN401
    headers = {"idempotency-key": key or fresh_key()}
    return house.said(house.client.put(f"/entities/{entity}", json=body, headers=headers), status)


def taxed(house: House, account: str, tax: int) -> None:
    """That a quote bears that tax in a moment: every process then knows what was declared."""
    body = {"account_id": account, "change": start(EURO, "zone:asked.example")}
    eventually(lambda: house.post("/quotes", body, 200)["tax"] == tax, f"no quote bears a tax of {tax}")


def test_a_rate_and_a_registration_count_from_now_on_and_an_end_ends_them(house: House) -> None:
    account = house.account(country="IS", currency="EUR", entity="island")
    made = house.post("/tax/rates", RATE)
    assert made == house.get("/tax/rates/is-vat-2015")
    assert (made["rate"], made["category"], made["region"]) == ("24", "standard", None)
    assert (made["name"], made["names"]) == ("VSK", {"de": "MwSt"})
    assert made["known_from"] is not None
    assert house.post("/tax/rates", RATE) == made
    taxed(house, account, 0)
    registered = house.post("/tax/registrations", PLACE | {"number": "12345"})
    assert (registered["number"], registered["known_until"]) == ("12345", None)
    assert house.post("/tax/registrations", PLACE | {"number": "12345"}) == registered
    taxed(house, account, 456)  # 24 % of 19.00
    lines = {"account_id": account, "lines": [{"price_id": EURO, "object": "zone:cart.example"}]}
    for locale, label in (("de", "MwSt IS"), ("en", "VSK IS")):
        cart = house.post("/carts", lines | {"locale": locale})
        assert [tax["label"] for tax in cart["checkout"]["taxes"]] == [label]
    bought = house.confirm(house.open(account, start(EURO)))
    ended = house.post("/tax/registrations/end", PLACE, 200)
    assert ended["known_until"] is not None
    assert house.post("/tax/registrations/end", PLACE, 200) == ended
    taxed(house, account, 0)
    assert house.get(f"/invoices/{bought['invoice_id']}")["tax"] == 456
    note = {"invoice_id": bought["invoice_id"], "reason": "Sorry", "issued_by": "carol@example.com"}
    assert house.post("/credit-notes", note)["lines"][0]["tax"] == 456
    other = house.post("/tax/registrations", PLACE | {"number": "54321"})
    listed = house.get("/tax/registrations?entity=island&ended=true")["data"]
    assert listed == [ended, other]
    assert house.get("/tax/registrations?entity=island&country=IS")["data"] == [other]
    house.post("/tax/registrations/end", PLACE, 200)
    assert house.get("/tax/registrations?entity=island")["data"] == []


def test_rates_and_registrations_are_paged_and_filtered(house: House) -> None:
    for n, region in enumerate((None, "1", "1/RVK")):
        body = RATE | {"id": f"gl-{n}", "country": "GL", "region": region, "rate": "1.5"}
        house.post("/tax/rates", body)
        house.post("/tax/registrations", PLACE | {"region": region, "number": f"1234{n}"})
    rates = house.get("/tax/rates?country=GL&limit=2")
    assert [one["id"] for one in rates["data"]] == ["gl-0", "gl-1"]
    rest = house.get(f"/tax/rates?country=GL&limit=2&after={rates['next']}")
    assert ([one["id"] for one in rest["data"]], rest["next"]) == (["gl-2"], None)
    assert [one["id"] for one in house.get("/tax/rates?country=GL&region=1/RVK")["data"]] == ["gl-2"]
    page = house.get("/tax/registrations?entity=island&limit=2")
    following = house.get(f"/tax/registrations?entity=island&limit=2&after={page['next']}")
    found = [one["region"] for one in (*page["data"], *following["data"])]
    assert (found, following["next"]) == ([None, "1", "1/RVK"], None)


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("/tax/rates", RATE | {"id": "is-x", "rate": "24.00001"}, 422, "rate"),
        ("/tax/rates", RATE | {"id": "is-x", "rate": "101"}, 422, "rate"),
        ("/tax/rates", RATE | {"id": "is-x", "rate": 24}, 400, "rate"),
        ("/tax/rates", RATE | {"id": "is x"}, 400, "id"),
        ("/tax/rates", RATE | {"id": "is-x", "valid_from": "2026-02-30"}, 400, "valid_from"),
        ("/tax/rates", RATE | {"id": "is-x", "name": "VS\u202eK"}, 422, "name"),
        ("/tax/rates", RATE | {"id": "is-x", "names": {"de": "\u2066MwSt"}}, 422, "names.de"),
        ("/tax/rates", RATE | {"id": "is-x", "names": {"de": " "}}, 422, "names.de"),
        ("/tax/rates", RATE | {"id": "is-x", "names": {"xx": "V"}}, 400, "names"),
        ("/tax/rates", RATE | {"id": "is-x", "name": " "}, 422, "name"),
        ("/tax/rates", RATE | {"id": "is-x", "country": "Iceland"}, 400, "country"),
        ("/tax/rates", RATE | {"id": "is-x", "replaces_wider": True}, 422, "replaces_wider"),
        ("/tax/registrations", PLACE | {"entity": "nobody", "number": "1"}, 422, "entity"),
        ("/tax/registrations", PLACE | {"number": ""}, 422, "number"),
        ("/tax/registrations", PLACE | {"country": "NL", "number": "NL123456789B01"}, 422, "number"),
        ("/tax/registrations", PLACE | {"country": "EU", "number": "DE136695975"}, 422, "number"),
        ("/tax/registrations/end", PLACE | {"entity": "nobody"}, 422, "entity"),
        ("/tax/registrations/end", PLACE | {"country": "NO"}, 422, "country"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_its_field(
    house: House, path: str, body: object, status: int, field: str
) -> None:
    with house.nothing_written():
        assert problem(house.post(path, body, status))[1] == [field]


def test_a_day_that_is_none_is_told_to_be_a_day(house: House) -> None:
    told = house.post("/tax/rates", RATE | {"id": "is-x", "valid_from": "2026-02-30"}, 400)
    assert told["errors"][0]["rule"] == "must be a day like 2026-01-31"


def test_a_rate_is_immutable(house: House) -> None:
    first = RATE | {"id": "is-old", "valid_from": "1990-01-01"}
    house.post("/tax/rates", first)
    refused = house.post("/tax/rates", first | {"rate": "22"}, 422)
    assert problem(refused) == ("refused", ["id"])
    assert house.get("/tax/rates/is-nothing", 404)["detail"] == "no tax rate is-nothing"
    assert problem(house.get("/tax/registrations?entity=nobody", 422))[1] == ["entity"]


def test_a_legal_entity_is_its_versions_and_an_invoice_keeps_its_own(house: House, island: Any) -> None:  # noqa: ANN401
    assert (island["valid_from"] is not None, island["bank_accounts"]) == (True, [])
    assert put(house, "island", ENTITY)["valid_from"] == house.get("/entities/island")["valid_from"]
    named = ENTITY | {"email": "hello@island.example", "bank_accounts": [BANK]}
    later = put(house, "island", named)
    assert later["valid_from"] > island["valid_from"]
    assert later["bank_accounts"][0]["iban"] == BANK["iban"]
    versions = house.get("/entities/island/versions")["data"]
    assert (versions[0], versions[-1]) == (island, house.get("/entities/island"))
    everybody = house.get("/entities")["data"]
    assert [one["id"] for one in everybody] == sorted(one["id"] for one in everybody)
    first = house.get("/entities?limit=1")
    assert first["next"] == everybody[0]["id"]
    assert house.get(f"/entities?after={first['next']}")["data"] == everybody[1:]


def test_what_must_stay_of_a_legal_entity_stays(house: House) -> None:
    house.account(country="IS", currency="EUR", entity="island")
    put(house, "moving", ENTITY | {"series_prefix": "MOV"}, 201)
    put(house, "moving", ENTITY | {"series_prefix": "MOV", "country": "NO"})  # it bills nobody yet
    with house.nothing_written():
        for body, field in (
            (ENTITY | {"country": "NO"}, "country"),
            (ENTITY | {"series_prefix": "ICE"}, "series_prefix"),
            (ENTITY | {"currencies": ["ISK", "USD"]}, "currencies"),
            (ENTITY | {"bank_accounts": [BANK | {"iban": "NL92ABNA0417164300"}]}, "bank_accounts[0].iban"),
        ):
            assert problem(put(house, "island", body, 422)) == ("refused", [field])
        assert problem(put(house, "Is land", ENTITY, 400))[1] == ["entity_id"]
    assert house.get("/entities/nobody", 404)["detail"] == "no legal entity nobody"
    house.get("/entities/nobody/versions", 404)


def test_an_account_is_billed_in_a_currency_of_its_entity(house: House) -> None:
    fjord = ENTITY | {"series_prefix": "FJO", "currencies": ["NOK", "EUR"]}
    assert put(house, "fjord", fjord, 201)["currencies"] == ["NOK", "EUR"]
    house.account(country="NO", currency="NOK", entity="fjord")
    said = house.post("/accounts", ACCOUNT | {"currency": "USD", "entity": "fjord"}, 422)
    assert problem(said) == ("refused", ["currency"])
    assert "must be one in which fjord bills: NOK, EUR" in str(said)
    put(house, "fjord", fjord | {"currencies": ["NOK"]})
    said = put(house, "fjord", fjord | {"currencies": ["EUR"]}, 422)
    assert "must have NOK: it bills accounts in that" in str(said)


def test_the_same_key_is_the_same_declaration(house: House) -> None:
    key = fresh_key()
    body = RATE | {"id": "is-once", "valid_from": "1980-01-01"}
    first = house.post("/tax/rates", body, key=key)
    assert house.post("/tax/rates", body, key=key) == first
    assert (
        problem(house.post("/tax/rates", body | {"id": "is-twice"}, 409, key=key))[0]
        == "idempotency_key_reused"
    )
