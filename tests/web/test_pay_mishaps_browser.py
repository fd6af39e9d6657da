"""What comes between on the page to pay on, in a real Chromium with script and without: a reload in the
middle, a lost connection, a debt that changed, a link that has ended. Nothing is paid twice, and no result is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from solvent.core.ids import parse
from solvent.core.pay_token import pay_token
from solvent.store.link_keys import LinkKeys
from tests.web.browser import needs_browser, watched_page
from tests.web.house import House
from tests.web.test_pay_page import CHALLENGED, GOOD, Visitor, debt, owing

A_MISTAKE = tuple(
    f"the server responded with a status of {n}" for n in (409, 410, 422)
)  # a browser tells of any page
CUT_OFF = "net::ERR_INTERNET_DISCONNECTED"
pytestmark = needs_browser


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A phone in the dark; whatever its browser complains about fails the test."""
    with watched_page(
        chromium,
        forgiven=(*A_MISTAKE, CUT_OFF),
        viewport={"width": 360, "height": 740},
        color_scheme="dark",
        java_script_enabled=request.param,
    ) as page:
        yield page


def by_card(page: Page, number: str = GOOD, amount: str = "$90.00") -> None:
    """Fill in the form, up to its button."""
    page.get_by_label("Another card").check()
    page.get_by_label("Card number").fill(number)
    page.get_by_role("button", name=f"Pay {amount}").wait_for()


def pay(page: Page, number: str = GOOD, amount: str = "$90.00") -> None:
    by_card(page, number, amount)
    page.get_by_role("button", name=f"Pay {amount}").click()


def thanks(page: Page) -> None:
    page.get_by_role("heading", name="Thank you").wait_for()


def payments(house: House, account: str) -> list[int]:
    """What was taken for what is owed."""
    return [one["amount"] for one in house.get(f"/payments?account={account}")["data"]]


def test_a_reload_and_the_back_button_in_the_middle_of_a_challenge_lose_nothing(
    house: House, page: Page
) -> None:
    account, invoice = owing(house)
    page.goto(Visitor(house, account).link["url"])
    pay(page, CHALLENGED)
    go_on = page.get_by_role("link", name="Continue to confirm")
    go_on.wait_for()
    page.reload()
    go_on.click()
    page.wait_for_url("**/challenge/**")
    page.go_back()
    go_on.click()
    page.locator("button[name=choice][value=pass]").click()
    thanks(page)
    assert payments(house, account) == [9000]
    assert debt(house, invoice) == 0


@pytest.mark.parametrize("arrives", [True, False], ids=["answer lost", "order lost"])
def test_a_connection_that_is_lost_while_it_is_paid_loses_nothing(
    house: House, page: Page, arrives: bool
) -> None:
    def lose(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        if arrives:
            route.fetch(max_redirects=0)
        route.abort("internetdisconnected")

    account, invoice = owing(house)
    link = Visitor(house, account).link["url"]
    page.goto(link)
    page.route("**/pay/**", lose)
    with page.expect_event("requestfailed"):
        pay(page)
    page.unroute("**/pay/**")
    assert debt(house, invoice) == (0 if arrives else 9000)
    page.wait_for_url("chrome-error://**")
    page.goto(link)
    if not arrives:
        pay(page)
    thanks(page)
    assert payments(house, account) == [9000]


def test_a_debt_that_grew_meanwhile_is_shown_before_it_is_paid(house: House, page: Page) -> None:
    account, invoice = owing(house)
    page.goto(Visitor(house, account).link["url"])
    by_card(page)
    more = house.post(
        "/invoices", {"account_id": account, "lines": [{"description": "More", "amount": 5000}]}
    )
    page.get_by_role("button", name="Pay $90.00").click()
    assert "has changed since you opened this page" in page.get_by_role("alert").inner_text()
    assert payments(house, account) == []
    pay(page, amount="$140.00")
    thanks(page)
    assert sum(payments(house, account)) == 14000
    assert [debt(house, one) for one in (invoice, str(more["invoice_id"]))] == [0, 0]


def test_a_link_that_has_ended_says_so_and_asks_for_nothing(house: House, page: Page) -> None:
    account, _ = owing(house)
    now = house.solvent.clock()
    token = pay_token(parse("acc", account), (), now, LinkKeys(house.solvent.database.pool, None).key(now))
    page.goto(f"{house.url}/pay/{token}")
    page.get_by_role("heading", name="This link has ended").wait_for()
    assert page.get_by_role("button").count() == 0
