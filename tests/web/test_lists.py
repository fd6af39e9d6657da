"""Lists: that none of them is without an end, and the pages and filters of what a merchant has declared and sold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from solvent.web.openapi import document
from solvent.web.routes import API
from tests.web.house import House, fresh_key, problem, walked

CART = "a cart has 50 lines and 10 coupons at most; ways to pay are kinds of methods and what is on file"
DECLARED = "what is declared of one thing, in one request of bounded size"
ONE_ACCOUNT = "what one account has at this moment, read whole to be assessed"
ONE_CHANGE = "what one plan settles, 100 debts at most"
# Answers with lists that have no pages, by their name in the document, and what bounds each.
BOUNDED: Mapping[str, str] = {
    "ChangeView": ONE_CHANGE,
    "ChartView": "the chart of accounts is part of the program",
    "CheckoutView": CART,
    "CouponView": DECLARED,
    "CreditGrantView": "products and open changes of one grant",
    "DomainsView": "one for each ending that is sold",
    "EngineHistory": "the last settings, a fixed number of them",
    "EngineView": DECLARED,
    "EntitlementsView": ONE_ACCOUNT,
    "EntityView": DECLARED,
    "FullCreditNoteView": "lines of one invoice",
    "FullDraftView": DECLARED,
    "FullMeterView": DECLARED,
    "ReceiptsView": "debts that one payment from outside pays",
    "FullInvoiceView": "lines of one invoice",
    "KpisView": "figures are part of the program, days as many as were asked for",
    "KeysView": "signing keys whose tokens still count",
    "ManyEntitlementsView": "as many as were asked for in one request of bounded size",
    "MethodImportView": "as many as were named in one request, 25 at most",
    "MethodPage": "methods of one account, 500 at most",
    "ParityReport": "one for each consequence, with 100 examples at most",
    "PlanView": "lines of one plan",
    "PollList": "one for each provider and thing that it is asked for",
    "ReconciliationView": "what one comparison keeps, with a bound of its own",
    "StateView": ONE_ACCOUNT,
    "StuckListView": "the oldest, as many as `limit` says: what is gone from it has moved on",
    "SubscriptionView": "100 items of one subscription at most",
    "TrialBalanceView": "ledger accounts by legal entity and currency",
    "UpcomingView": "invoices of usage that is not over, or over for 90 days at most",
    "WebhookEndpointPage": "50 endpoints at most",
    "WebhookEndpointView": DECLARED,
}


def _told() -> Iterator[tuple[str, str, Mapping[str, Any], set[str]]]:
    """Each operation, its answer's name and shape, and the names in its query string."""
    described = document(API)
    schemas, known = described["components"]["schemas"], described["components"].get("parameters", {})
    for methods in described["paths"].values():
        for operation in methods.values():
            told = [
                p if "name" in p else known[p["$ref"].split("/")[-1]] for p in operation.get("parameters", [])
            ]
            for status, answer in operation["responses"].items():
                for media in answer.get("content", {}).values() if status.startswith("2") else ():
                    name = media.get("schema", {}).get("$ref", "").split("/")[-1]
                    if name:
                        yield operation["operationId"], name, schemas[name], {p["name"] for p in told}


def test_no_list_is_without_pages_or_a_bound() -> None:
    unbounded, bounded, pages = set(), set(), 0
    for operation, name, schema, asked in _told():
        lists = [key for key, value in schema.get("properties", {}).items() if value.get("type") == "array"]
        if not lists:
            continue
        if "next" in schema["properties"] and asked >= {"limit", "after"}:
            pages += 1
        elif name in BOUNDED:
            bounded.add(name)
        else:
            unbounded.add((operation, name, *lists))
    assert unbounded == set()
    assert bounded == BOUNDED.keys(), "named here, and no answer any more"
    assert pages > 30


@pytest.mark.parametrize("path", ["/products", "/prices", "/prices?all=true&currency=USD"])
def test_the_catalog_has_pages(house: House, path: str) -> None:
    whole = house.get(f"{path}{'&' if '?' in path else '?'}limit=500")
    assert whole["next"] is None
    assert [one["id"] for one in whole["data"]] == sorted(one["id"] for one in whole["data"])
    assert len(whole["data"]) > 3
    assert walked(house, path, 2) == whole["data"]


def test_products_and_prices_are_found(house: House) -> None:
    products, prices = house.get("/products?limit=500")["data"], house.get("/prices?limit=500")["data"]
    family = products[0]["family"]
    assert house.get(f"/products?family={family}")["data"] == [p for p in products if p["family"] == family]
    kind = products[-1]["object_kind"]
    assert {p["object_kind"] for p in house.get(f"/products?object_kind={kind}")["data"]} == {kind}
    yen = house.get("/prices?currency=JPY&limit=500")["data"]
    assert yen == [price for price in prices if price["currency"] == "JPY"] != []
    assert problem(house.get("/prices?limit=0", 400)) == ("invalid_request", ["limit"])


def test_versions_of_a_legal_entity_have_pages(house: House) -> None:
    body = {"name": "Paged", "country": "US", "series_prefix": "PGD"}
    for n in range(5):
        headers = {"idempotency-key": fresh_key()}
        house.client.put("/entities/paged", json={**body, "name": f"Paged {n}"}, headers=headers)
    whole = house.get("/entities/paged/versions")["data"]
    assert [one["name"] for one in whole] == [f"Paged {n}" for n in range(5)]
    assert walked(house, "/entities/paged/versions", 2) == whole
    assert problem(house.get("/entities/paged/versions?after=x", 400)) == ("invalid_request", ["after"])


def test_methods_have_pages_in_the_order_in_which_they_are_tried(house: House) -> None:
    account = house.account()
    house.buy(account)
    for card in ("tok_5555555555554444", "tok_378282246310005"):
        house.confirm(house.post(f"/accounts/{account}/methods", {}), card)
    whole = house.get(f"/accounts/{account}/methods")["data"]
    assert len(whole) == 3
    assert walked(house, f"/accounts/{account}/methods", 1) == whole
    turned = [one["id"] for one in reversed(whole)]
    answer = house.post(f"/accounts/{account}/methods/order", {"method_ids": turned}, 200)
    assert walked(house, f"/accounts/{account}/methods", 2) == answer["data"]
    assert [one["id"] for one in answer["data"]] == turned
