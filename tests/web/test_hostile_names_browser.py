"""Names that mean harm, in a real Chromium: nothing of them is run or becomes an element, and on a phone nothing sticks
out, on whichever page they stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from solvent.core.ids import bucket_of, parse
from solvent.core.operator import Role
from solvent.store import catalog_file, offers
from tests.patience import eventually
from tests.web.browser import needs_browser, watched_page
from tests.web.checkout_visitor import checkout
from tests.web.house import House
from tests.web.test_dashboard import Person
from tests.web.test_pay_page import Visitor, owing
from tests.web.test_portal import item_of

pytestmark = needs_browser

ACCOUNT_CHARS_MAX = 200
NAMES = {
    "script": "<script>window.harmed = 1</script>",
    "attribute": '"><img class="harm" src="/harm" onerror="window.harmed = 1"> \' onmouseover=\'window.harmed = 1',
    "right to left": "\u200fשלום 10.00 (עולם)\u200e",
    "template": "{{ 7 * 7 }} ${window.harmed = 1} javascript:window.harmed=1",
    "long": "W" * 500,
}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}
LABELLED = "update method set label = %s where bucket = %s and account_id = %s"
HARM = (
    "document.querySelectorAll('.harm, main script, [onmouseover], [onerror]').length + (window.harmed ?? 0)"
)
INSIDE = "document.querySelector('solvent-checkout').shadowRoot.querySelectorAll('.harm, script, [onerror]').length"
WIDTH = "document.documentElement.scrollWidth"
CATALOG = """
products:
  - {id: KEY, name: NAME, family: KEY, object_kind: account}
prices:
  - {key: KEY-usd-month, product: KEY, currency: USD, interval: month, amount: "10.00"}
"""


@pytest.fixture(scope="module")
def prices(house: House) -> dict[str, str]:
    """A price of a product of each name."""
    keys = {name: f"named-{number}" for number, name in enumerate(NAMES.values())}
    for name, key in keys.items():
        spelled = "".join(rf"\U{ord(sign):08x}" for sign in name)
        declared = catalog_file.parse(CATALOG.replace("KEY", key).replace("NAME", f'"{spelled}"'))
        offers.apply(
            house.solvent.database, products=declared.products, prices=declared.prices, now=datetime.now(UTC)
        )
    eventually(lambda: set(keys.values()) <= {one["id"] for one in house.get("/products?limit=500")["data"]})
    return {name: f"{key}-usd-month" for name, key in keys.items()}


def customer_called(house: House, name: str) -> str:
    """A debtor of that name, whose methods are labelled so too."""
    account, _ = owing(house, name=name[:ACCOUNT_CHARS_MAX])
    account_id = parse("acc", account)
    with house.solvent.database.transaction() as connection:
        connection.execute(LABELLED, (name, bucket_of(account_id), account_id))
    return account


def places(house: House, account: str, subscription: str) -> Iterator[str]:
    """Where a customer sees its name, what it has, and how it pays."""
    yield "/portal"
    yield "/portal/subscriptions"
    yield f"/portal/subscriptions/{subscription}"
    yield f"/portal/subscriptions/{subscription}/quote?do=quantity&item={item_of(house, subscription)}&quantity=2"
    yield "/portal/methods"
    yield f"/portal/methods/{house.get(f'/accounts/{account}/methods')['data'][0]['id']}/remove"
    yield "/portal/pay"
    yield "/portal/invoices"
    yield "/portal/details"
    yield "/portal/usage"


def wrong(page: Page) -> list[str]:
    """What is wrong with the page as it stands."""
    wide = page.evaluate(WIDTH)
    return [
        *([f"{page.url}: harmed"] if page.evaluate(HARM) else []),
        *([f"{page.url}: {wide} pixels wide"] if wide > PHONE["viewport"]["width"] else []),
    ]


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return NAMES[request.param]


def test_they_are_text_in_the_portal_and_where_a_debt_is_paid(
    house: House, chromium: Browser, name: str, prices: dict[str, str]
) -> None:
    account = customer_called(house, name)
    sub = str(house.buy(account, prices[name], "account")["subscription_id"])
    found: list[str] = []
    with watched_page(chromium, **PHONE) as page:
        page.goto(house.post(f"/accounts/{account}/portal-links", {})["url"])
        for path in places(house, account, sub):
            page.goto(house.url + path)
            found += wrong(page)
        page.goto(f"{house.url}/portal/subscriptions/{sub}")
        assert page.get_by_role("heading", level=1).inner_text().strip() == name.strip()
        page.goto(Visitor(house, account).link["url"])
        found += wrong(page)
        assert name[:ACCOUNT_CHARS_MAX] in page.locator("main").inner_text()
    assert found == []


def test_they_are_text_in_the_checkout(
    house: House, chromium: Browser, name: str, prices: dict[str, str]
) -> None:
    account = house.account(name=name[:ACCOUNT_CHARS_MAX])
    line = {"price_id": prices[name], "object": "account"}
    with checkout(house, chromium, line, account=account, **PHONE) as one:
        assert wrong(one.page) == []
        assert one.page.evaluate(INSIDE) == 0
        assert one.page.locator(".order .name").inner_text() == name
        one.card().pay().shows("Thank you")
        assert wrong(one.page) == []
        assert one.page.evaluate(INSIDE) == 0
    assert one.payments() == [1000]


def test_they_are_text_on_the_dashboard(
    house: House, chromium: Browser, name: str, prices: dict[str, str]
) -> None:
    account = customer_called(house, name)
    house.buy(account, prices[name], "account")
    person = Person(house, Role.OWNER)
    person.send(f"/accounts/{account}/hold", reason=name, consequence="restrict", days="7")
    found: list[str] = []
    with watched_page(chromium, **PHONE) as page:
        cookie = {"name": "dashboard", "value": person.client.cookies["dashboard"], "url": house.url}
        page.context.add_cookies([cookie])  # type: ignore[list-item]  # a plain dictionary is what it takes
        searched = httpx.QueryParams({"q": name[:60]})
        for path in (
            f"/accounts/{account}",
            f"/accounts?{searched}",
            "/audit",
            "/debt",
            "/trouble",
            "/payments",
        ):
            page.goto(f"{house.url}/dashboard{path}")
            found += wrong(page)
        page.goto(f"{house.url}/dashboard/accounts/{account}")
        assert page.get_by_role("heading", level=1).inner_text() == name[:ACCOUNT_CHARS_MAX]
    assert found == []
