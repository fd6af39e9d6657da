"""A card that ends, as it is seen: over the API, in the portal, at a debt's page; and the link of its e-mail."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from solvent.core.ids import parse
from solvent.portal_links import PortalLinks
from tests.patience import PATIENCE_S
from tests.web.house import BANK_KEY, House
from tests.web.test_pay_page import owing

ELSEWHERE = ("/portal", "/portal/invoices", "/portal/subscriptions", "/portal/usage", "/portal/pay")


def renewed(house: House, account: str, expires: str) -> dict[str, object]:
    """The account's first method, once its bank says until when it works and the worker has asked."""
    (method, *_) = house.get(f"/accounts/{account}/methods")["data"]
    with house.solvent.database.look() as tx:
        known = tx.accounts.method(parse("mth", method["id"]))
    assert known is not None
    told = httpx.post(
        f"{house.bank_url}/sandbox/control/renew_card",
        json={"token": known.token, "expires": expires, "quietly": True},
        headers={"authorization": f"Bearer {BANK_KEY}"},
        timeout=PATIENCE_S,
        verify=False,
    )
    assert told.status_code == 200, told.text
    with house.solvent.database.begin() as tx:
        assert tx.methods.changed("sandbox", known.token, datetime.now(UTC))
    house.work(account)
    (method, *_) = house.get(f"/accounts/{account}/methods")["data"]
    return dict(method)


def test_the_api_says_the_last_day(house: House) -> None:
    account = house.account()
    house.buy(account)
    (method,) = house.get(f"/accounts/{account}/methods")["data"]
    assert method["expires_on"] == f"{datetime.now(UTC).year + 4}-12-31"
    assert renewed(house, account, "2044-02")["expires_on"] == "2044-02-29"
    assert house.get(f"/accounts/{account}/state")["methods"][0]["expires_on"] == "2044-02-29"


@pytest.fixture
def visitor(house: House) -> httpx.Client:
    """A browser at the web server."""
    return httpx.Client(base_url=house.url, timeout=PATIENCE_S, verify=False)


def test_the_link_of_the_email_leads_to_the_methods_and_nowhere_else(
    house: House, visitor: httpx.Client
) -> None:
    account = house.account(language="de")
    house.buy(account)
    renewed(house, account, "2020-01")
    links = PortalLinks(house.solvent.settings, house.solvent.database)
    with house.solvent.database.look() as tx:
        view = tx.accounts.view(parse("acc", account))
    assert view is not None
    link = links.to_methods(view.account, house.solvent.platform.ids, datetime.now(UTC))
    path = link.url.removeprefix(links.base)
    for program in range(2):  # a scanner, a preview: what follows links uses nothing up
        seen = httpx.get(f"{house.url}{path}", timeout=PATIENCE_S, verify=False)
        assert (seen.status_code, f'action="{path}"' in seen.text) == (200, True), program
        assert "set-cookie" not in seen.headers
    assert "Ihre Zahlungsarten" in visitor.get(path).text, "in the language of the letter"
    foreign = visitor.post(path, headers={"origin": "https://elsewhere.example"})
    assert (foreign.status_code, "set-cookie" in foreign.headers) == (403, False)
    entered = visitor.post(path)
    assert (entered.status_code, entered.headers["location"]) == (303, "/portal/methods")
    page = visitor.get("/portal/methods")
    assert page.status_code == 200
    assert "Visa •••• 4242 · abgelaufen 01/2020" in page.text
    assert visitor.get("/portal/methods/add").status_code == 200
    for elsewhere in ELSEWHERE:
        refused = visitor.get(elsewhere)
        assert (refused.status_code, "für Ihre Zahlungsarten" in refused.text) == (403, True), elsewhere
    again = httpx.get(f"{house.url}{path}", timeout=PATIENCE_S, verify=False)
    assert again.status_code in (303, 410), "it is the same visit, or over"


def test_whoever_pays_a_debt_sees_until_when_the_card_works(house: House) -> None:
    account, invoice = owing(house)
    renewed(house, account, "2044-03")
    link = house.post(f"/accounts/{account}/pay-link", {"invoice_ids": [invoice]}, 200)["url"]
    page = httpx.get(link, timeout=PATIENCE_S, verify=False)
    assert " · 03/2044" in page.text
