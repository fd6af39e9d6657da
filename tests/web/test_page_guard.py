"""What stands before a payment stands there on every page: of a link to pay, and of the portal, as of the checkout.

Asked of a web process of its own, because they are settings: the sandbox's box must be ticked, one declined payment is
enough, and names are looked for twice in a minute.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from itertools import count

import httpx
import pytest

from tests.patience import PATIENCE_S
from tests.ports import free_port
from tests.web.house import BANK_KEY, BUSINESS, SERVE, House, process
from tests.web.portal_visitor import PortalVisitor
from tests.web.test_pay_page import Visitor, debt, owing
from tests.web.test_portal import item_of

BOX = {"bot": "sandbox-person"}
CARD = {"way": "card", "number": "4242 4242 4242 4242"}
BAD = {"way": "card", "number": "4000 0000 0000 0002"}


@pytest.fixture(scope="module")
def strict(house: House) -> Iterator[House]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {
        "SOLVENT_SANDBOX_URL": house.bank_url,
        "SOLVENT_SANDBOX_SECRET": BANK_KEY,
        "SOLVENT_HOST": "127.0.0.1",
        "SOLVENT_PORT": str(port),
        "SOLVENT_PROXIES": "1",
        "SOLVENT_BOT_CHECK": "sandbox",
        "SOLVENT_DECLINES_MAX_ACCOUNT": "1",
        "SOLVENT_ORDERS_MAX_ADDRESS": "2",
        "SOLVENT_DOMAIN_SEARCHES_MAX": "2",
    }
    with process([sys.executable, "-c", SERVE, house.database_url], settings, f"{url}/v1/healthz"):
        yield replace(house, url=url)


def bank_moved(house: House, since: datetime) -> list[object]:
    """Every payment and setup that the banks have opened or changed since then."""
    found: list[object] = []
    for bank in ("sandbox", "sandpal"):
        answer = httpx.post(
            f"{house.bank_url}/{bank}/v1/changes",
            json={"since": since.isoformat(), "after": None, "limit": 100},
            headers={"authorization": f"Bearer {BANK_KEY}"},
            timeout=PATIENCE_S,
            verify=False,
        )
        assert answer.status_code == 200, answer.text
        found += answer.json()["data"]
    return found


def paid(visitor: Visitor, house: House, fields: dict[str, str]) -> httpx.Response:
    """Send the form of the page."""
    hidden = PortalVisitor.forms(visitor, visitor.browser.get(visitor.path).text)[visitor.path]  # type: ignore[arg-type]  # reads nothing of it
    return visitor.browser.post(f"{house.url}{visitor.path}", data=hidden | fields)


def test_a_link_to_pay_asks_whether_somebody_is_a_person_once_for_each_form(strict: House) -> None:
    account, invoice = owing(strict)
    visitor = Visitor(strict, account)
    page = visitor.browser.get(visitor.path).text
    assert "I am a person" in page
    hidden = PortalVisitor.forms(visitor, page)[visitor.path]  # type: ignore[arg-type]  # reads nothing of it
    refused = visitor.browser.post(visitor.path, data=hidden | CARD)
    assert refused.status_code == 403
    assert "could not make sure that you are a person" in refused.text
    assert debt(strict, invoice) == 9000
    done = visitor.browser.post(visitor.path, data=hidden | CARD | BOX)
    again = visitor.browser.post(visitor.path, data=hidden | CARD | BOX)
    assert (done.status_code, again.status_code) == (303, 200)
    assert "Nothing is owed" in again.text
    assert debt(strict, invoice) == 0


def test_declines_count_on_every_page(strict: House) -> None:
    account, invoice = owing(strict)
    visitor = Visitor(strict, account)
    assert paid(visitor, strict, BAD | BOX).status_code == 303
    late = paid(visitor, strict, CARD | BOX)
    assert (late.status_code, "Too many payments were tried" in late.text) == (429, True)
    assert late.headers["retry-after"] == "3600"
    portal = PortalVisitor(strict, account)
    answer = portal.send("/portal/pay", "/portal/pay", **CARD, **BOX)
    assert (answer.status_code, "Too many payments were tried" in answer.text) == (429, True)
    assert answer.headers["retry-after"] == "3600"
    assert debt(strict, invoice) == 9000
    cart = strict.post(
        "/carts", {"account_id": account, "lines": [{"price_id": "media-usd-month", "object": "account"}]}
    )
    view = httpx.get(f"{strict.url}/v1/checkout/{cart['token']}", timeout=PATIENCE_S, verify=False).json()
    body = {
        "way": "card",
        "seen_total": view["due_now"],
        "seen_fingerprint": view["fingerprint"],
        "bot_token": "sandbox-person",
    }
    order = httpx.post(
        f"{strict.url}/v1/checkout/{cart['token']}/pay",
        json=body,
        headers={"idempotency-key": "one"},
        timeout=PATIENCE_S,
        verify=False,
    )
    assert (order.status_code, order.headers["retry-after"]) == (429, "3600")


TOLD = {
    "en": (
        "We could not make sure that you are a person",
        "from your connection",
        "try again in ten minutes",
    ),
    "de": ("dass Sie ein Mensch sind", "Über Ihren Internetanschluss", "in zehn Minuten noch einmal"),
}
HOSTS = count(1)


@pytest.mark.parametrize("language", ["en", "de"])
def test_orders_of_an_address_count_over_all_pages_and_reach_no_provider(
    strict: House, language: str
) -> None:
    account, invoice = owing(strict, language=language)
    sub = str(strict.buy(account, thing=f"zone:{language}.guard.example")["subscription_id"])
    quote = f"/portal/subscriptions/{sub}/quote"
    asked = f"{quote}?do=price&item={item_of(strict, sub)}&price={BUSINESS}@1"
    visitor, portal = Visitor(strict, account), PortalVisitor(strict, account, locale=language)
    address = {"x-forwarded-for": f"192.0.2.{next(HOSTS)}"}
    visitor.browser.headers.update(address)
    portal.browser.headers.update(address)
    nobody, here, ten_minutes = TOLD[language]
    began = datetime.now(UTC)
    refused = [paid(visitor, strict, CARD), portal.send("/portal/pay", "/portal/pay", **CARD)]
    assert [(one.status_code, nobody in unescape(one.text)) for one in refused] == [(403, True)] * 2
    assert [one.headers.get("retry-after") for one in refused] == [None, None]
    stopped = [
        paid(visitor, strict, CARD | BOX),
        portal.send("/portal/pay", "/portal/pay", **CARD, **BOX),
        portal.send("/portal/methods/add", "/portal/methods/add", **CARD, **BOX),
        portal.send(asked, quote, **CARD, **BOX),
    ]
    for one in stopped:
        assert (one.status_code, one.headers["retry-after"]) == (429, "600")
        assert here in unescape(one.text)
        assert ten_minutes in unescape(one.text)
    assert bank_moved(strict, began) == []
    assert debt(strict, invoice) == 9000
    elsewhere = {"x-forwarded-for": f"192.0.2.{next(HOSTS)}"}
    visitor.browser.headers.update(elsewhere)
    assert paid(visitor, strict, CARD | BOX).status_code == 303
    assert debt(strict, invoice) == 0
    assert bank_moved(strict, began) != []


def test_the_portal_asks_before_a_debt_a_change_and_a_method(strict: House) -> None:
    account, invoice = owing(strict)
    sub = str(strict.buy(account, thing="zone:guard.example")["subscription_id"])
    portal = PortalVisitor(strict, account)
    quote = f"/portal/subscriptions/{sub}/quote"
    asked = f"{quote}?do=price&item={item_of(strict, sub)}&price={BUSINESS}@1"
    for path, action in (
        ("/portal/pay", "/portal/pay"),
        ("/portal/methods/add", "/portal/methods/add"),
        (asked, quote),
    ):
        refused = portal.send(path, action, **CARD)
        assert refused.status_code == 403, path
        assert "could not make sure that you are a person" in refused.text
    assert debt(strict, invoice) == 9000
    assert portal.send("/portal/methods/add", "/portal/methods/add", **CARD, **BOX).status_code == 303
    assert portal.send(asked, quote, **CARD, **BOX).status_code == 303
    assert portal.send("/portal/pay", "/portal/pay", **CARD, **BOX).status_code == 303
    assert debt(strict, invoice) == 0


def test_what_costs_nothing_is_not_asked_about(strict: House) -> None:
    account = strict.account()
    sub = str(strict.buy(account, thing="zone:free.guard")["subscription_id"])
    portal = PortalVisitor(strict, account)
    quote = f"/portal/subscriptions/{sub}/quote"
    assert portal.send(f"{quote}?do=cancel", quote).status_code == 303


def test_names_are_looked_for_within_bounds(strict: House) -> None:
    cart = strict.post(
        "/carts",
        {"account_id": strict.account(), "lines": [{"price_id": "media-usd-month", "object": "account"}]},
    )
    path = f"{strict.url}/v1/checkout/{cart['token']}/domains?name=shop"
    answers = [httpx.get(path, timeout=PATIENCE_S, verify=False) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert answers[-1].headers["retry-after"] == "60"
    assert answers[-1].json()["type"].endswith("too_many_requests")
