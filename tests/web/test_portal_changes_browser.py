"""Changes in the portal, in a real Chromium: downgrade, quantity, the order of backups, usage so far; and what comes
between: the back button after a change, and a connection that is lost while a form is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.web.browser import needs_browser, watched_page
from tests.web.house import BUSINESS, DECLINED, PRO, House
from tests.web.test_pay_page import owing
from tests.web.test_portal import SEATS, charges
from tests.web.test_portal_browser import enter, lead_back, pay_by_card, to_business

A_MISTAKE = tuple(f"the server responded with a status of {n}" for n in (409, 422))
CUT_OFF = "net::ERR_INTERNET_DISCONNECTED"
BY_NOW = "net::ERR_CACHE_MISS"
pytestmark = needs_browser


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A phone in the dark; whatever its browser complains about fails the test."""
    with watched_page(
        chromium,
        forgiven=(*A_MISTAKE, CUT_OFF, BY_NOW),
        viewport={"width": 360, "height": 740},
        color_scheme="dark",
        java_script_enabled=request.param,
    ) as page:
        yield page


def at_subscription(house: House, page: Page, price: str, thing: str, quantity: int = 1) -> tuple[str, str]:
    """Somebody has a subscription and is on its page: the account, and the subscription."""
    account = house.account()
    sub = str(house.buy(account, price, thing, quantity)["subscription_id"])
    enter(house, page, account)
    page.get_by_role("link", name="See and change").click()
    return account, sub


def ask(page: Page, heading: str) -> None:
    """From a form of the page of a subscription to the quote of what it asks for."""
    form = page.locator("section").filter(has=page.get_by_role("heading", name=heading))
    form.get_by_role("button", name="See what it costs").click()


def done(page: Page) -> None:
    page.get_by_role("heading", name="Done").wait_for()


def test_a_downgrade_costs_nothing_waits_and_is_dropped(house: House, page: Page) -> None:
    account, sub = at_subscription(house, page, BUSINESS, "zone:down.example")
    before = charges(house, account)
    page.get_by_label("Pro").check()
    ask(page, "Change the plan")
    page.get_by_role("heading", name="Change to Pro").wait_for()
    assert page.get_by_role("radio").count() == 0, "nothing is paid, so no way to pay is asked for"
    page.get_by_role("button", name="Confirm").click()
    done(page)
    lead_back(page, "Subscriptions")
    assert house.get(f"/subscriptions/{sub}")["pending"]["items"][0]["price_id"] == f"{PRO}@1"
    assert "Pro (down.example), $20.00 per month" in page.locator("main").inner_text()
    page.get_by_role("link", name="Keep it as it is").click()
    page.get_by_role("button", name="Confirm").click()
    done(page)
    assert house.get(f"/subscriptions/{sub}")["pending"] is None
    assert charges(house, account) == before


def test_more_seats_are_paid_now_and_fewer_wait_for_the_end_of_the_period(house: House, page: Page) -> None:
    account, sub = at_subscription(house, page, SEATS, "account", 5)
    before = charges(house, account)
    page.get_by_label("Quantity").fill("8")
    ask(page, "Change the quantity")
    page.get_by_text("How this is worked out").last.click()
    page.get_by_text("8 × 7.00 USD = 56.00 USD per month").wait_for()
    assert not page.get_by_text("5 × 7.00 USD = 35.00 USD per month").is_visible(), "it is folded"
    page.get_by_role("button", name="Confirm and pay").click()
    done(page)
    assert house.get(f"/subscriptions/{sub}")["items"][0]["quantity"] == 8
    paid = charges(house, account)
    assert len(paid) == len(before) + 1
    lead_back(page, "Subscriptions")
    assert page.get_by_label("Quantity").input_value() == "8"
    page.get_by_label("Quantity").fill("2")
    ask(page, "Change the quantity")
    page.get_by_role("button", name="Confirm").click()
    done(page)
    after = house.get(f"/subscriptions/{sub}")
    assert (after["items"][0]["quantity"], after["pending"]["items"][0]["quantity"]) == (8, 2)
    assert charges(house, account) == paid


def test_a_quantity_that_is_none_leads_back_to_the_subscription(house: House, page: Page) -> None:
    _, sub = at_subscription(house, page, SEATS, "account", 5)
    field = page.get_by_label("Quantity")
    page.locator("form").filter(has=field).evaluate("form => form.noValidate = true")
    field.fill("0")
    with house.nothing_written():
        ask(page, "Change the quantity")
        page.get_by_text("The quantity must be a whole number from 1 on.").wait_for()
    page.get_by_role("main").get_by_role("link", name="Back to Subscriptions").click()
    assert page.url == f"{house.url}/portal/subscriptions/{sub}"


def test_several_backups_are_put_in_order(house: House, page: Page) -> None:
    def order() -> list[str]:
        return [m["label"] for m in house.get(f"/accounts/{account}/methods")["data"]]

    def becomes(*labels: str) -> None:
        """What the page shows, and what is so."""
        for place, label in enumerate(labels):
            page.locator("main li strong").nth(place).filter(has_text=label).wait_for()
        assert order() == [*labels]

    account = house.account()
    house.buy(account)
    for token in ("tok_5555555555554444", "tok_378282246310005"):
        house.confirm(house.post(f"/accounts/{account}/methods", {}), token)
    first, second, third = order()
    enter(house, page, account)
    page.get_by_role("link", name="Payment methods").click()
    becomes(first, second, third)
    page.get_by_role("button", name=re.compile(f"^Move {third} .*up$")).click()
    becomes(first, third, second)
    page.get_by_text("The order is changed.").wait_for()
    page.get_by_role("button", name=re.compile(f"^Move {first} .*down$")).click()
    becomes(third, first, second)
    page.get_by_role("button", name=f"Try first: {second}").click()
    becomes(second, third, first)
    page.go_back()
    page.get_by_role("heading", name="Payment methods").wait_for()
    page.reload()
    becomes(second, third, first)  # neither going back nor a reload moves anything


def test_usage_so_far_is_read_with_what_it_costs(house: House, page: Page) -> None:
    account = house.account()
    house.buy(account, "requests-usd-month", "account")
    enter(house, page, account)
    page.get_by_role("link", name="Usage").click()
    card = page.locator("section").filter(has=page.get_by_role("heading", name="Requests answered"))
    assert "0 requests" in card.inner_text()
    assert "none" not in card.inner_text(), "nothing is computed of nothing"
    event = {"account": account, "meter": "requests", "at": datetime.now(UTC).isoformat()}
    house.post("/usage", {"events": [{"id": account, **event, "value": 10_000_000}]}, 200)
    page.reload()
    text = card.inner_text()
    assert "10,000,000 requests" in text
    assert "$3.00" in text


def test_the_back_button_after_a_change_pays_nothing_again(house: House, page: Page) -> None:
    account, sub = at_subscription(house, page, PRO, "zone:back.example")
    before = charges(house, account)
    to_business(page)
    quoted = page.url
    page.get_by_role("button", name="Confirm and pay").click()
    done(page)
    page.go_back()
    page.wait_for_url(quoted)
    page.get_by_text("It is so already, or will be when the period ends.").wait_for()
    assert page.get_by_role("button", name="Confirm").count() == 0
    assert len(charges(house, account)) == len(before) + 1
    assert house.get(f"/subscriptions/{sub}")["items"][0]["price_id"] == f"{BUSINESS}@1"


@pytest.mark.parametrize("arrives", [True, False], ids=["answer lost", "order lost"])
def test_a_connection_that_is_lost_while_a_change_is_sent_loses_nothing(
    house: House, page: Page, arrives: bool
) -> None:
    def lose(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        if arrives:
            route.fetch(max_redirects=0)
        route.abort("internetdisconnected")

    account, sub = at_subscription(house, page, PRO, "zone:lost.example")
    before = charges(house, account)
    to_business(page)
    quoted = page.url
    page.route("**/portal/**", lose)
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Confirm and pay").click()
    page.unroute("**/portal/**")
    page.wait_for_url("chrome-error://**")
    assert len(charges(house, account)) == len(before) + arrives
    page.goto(f"{house.url}/portal/subscriptions/{sub}" if arrives else quoted)
    if arrives:
        page.get_by_role("heading", name="Business").wait_for()
    else:
        page.get_by_role("button", name="Confirm and pay").click()
        done(page)
    assert len(charges(house, account)) == len(before) + 1
    assert house.get(f"/subscriptions/{sub}")["items"][0]["price_id"] == f"{BUSINESS}@1"


def test_a_connection_that_is_lost_while_a_debt_is_paid_pays_once(house: House, page: Page) -> None:
    def lose(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort("internetdisconnected")

    account, _ = owing(house)
    enter(house, page, account)
    page.get_by_role("link", name="Pay $90.00").click()
    page.route("**/portal/pay", lose)
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Pay $90.00").click()
    page.unroute("**/portal/pay")
    page.wait_for_url("chrome-error://**")
    page.goto(f"{house.url}/portal/pay")
    page.get_by_text("Nothing is owed").wait_for()
    assert charges(house, account) == [9_000]


def test_a_declined_quantity_can_be_paid_by_another_card(house: House, page: Page) -> None:
    account, sub = at_subscription(house, page, SEATS, "account", 5)
    before = charges(house, account)
    page.get_by_label("Quantity").fill("6")
    ask(page, "Change the quantity")
    pay_by_card(page, DECLINED.removeprefix("tok_"))
    page.get_by_role("heading", name="This did not work").wait_for()
    assert house.get(f"/subscriptions/{sub}")["items"][0]["quantity"] == 5
    page.get_by_role("link", name="Try again").click()
    pay_by_card(page, "4242 4242 4242 4242")
    done(page)
    assert len(charges(house, account)) == len(before) + 1
