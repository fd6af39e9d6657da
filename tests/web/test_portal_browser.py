"""The portal in a real Chromium: on a phone and a desk, light and dark, with script and without; judged by axe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.web.browser import PACKED_BYTES_MAX, barriers, needs_browser, watched_page, weight
from tests.web.house import BUSINESS, House
from tests.web.test_pay_page import debt, owing
from tests.web.test_portal import CHALLENGE, MASTERCARD, SEATS, charges, item_of

DESK: dict[str, Any] = {"viewport": {"width": 1200, "height": 800}, "color_scheme": "light"}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}
MISTAKES = ("the server responded with a status of 422", "the server responded with a status of 409")
BROKE = "4000 0000 0000 9995"
pytestmark = needs_browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A phone in the dark, whose browser runs no script: what works there works everywhere."""
    with watched_page(chromium, forgiven=MISTAKES, java_script_enabled=False, **PHONE) as page:
        yield page


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Page]:
    """A desk by day."""
    with watched_page(chromium, forgiven=MISTAKES, **DESK) as page:
        yield page


def enter(house: House, page: Page, account: str) -> None:
    page.goto(house.post(f"/accounts/{account}/portal-links", {})["url"])


def subscribed(house: House, page: Page) -> tuple[str, str]:
    """Somebody with a subscription is in the portal, on its page."""
    account = house.account()
    sub = str(house.buy(account, thing="zone:browser.example")["subscription_id"])
    enter(house, page, account)
    page.get_by_role("link", name="See and change").click()
    return account, sub


def to_business(page: Page) -> None:
    """From the page of a subscription to the quote of its upgrade."""
    page.get_by_label("Business").check()
    page.get_by_role("button", name="See what it costs").first.click()
    page.get_by_role("heading", name="Change to Business").wait_for()


def pay_by_card(page: Page, number: str) -> None:
    page.get_by_label(re.compile("^(Another card|Card)$")).check()
    page.get_by_label("Card number").fill(number)
    page.get_by_role("button", name="Confirm and pay").click()


def lead_back(page: Page, where: str) -> None:
    """By the link of the page that tells how it went: the page before has one to the same place."""
    page.locator("a:not(.back)").filter(has_text=f"Back to {where}").click()


def at_the_bank(page: Page, choice: str) -> None:
    page.get_by_role("link", name="Continue to confirm").click()
    page.locator(f"button[name=choice][value={choice}]").click()


def test_an_upgrade_is_declined_then_challenged_and_comes_back_to_the_same_place(
    house: House, page: Page
) -> None:
    account, sub = subscribed(house, page)
    before = charges(house, account)
    to_business(page)
    pay_by_card(page, BROKE)
    page.get_by_role("heading", name="This did not work").wait_for()
    page.get_by_role("link", name="Try again").click()
    pay_by_card(page, CHALLENGE)
    at_the_bank(page, "fail")
    assert "Nothing was taken" in page.get_by_role("alert").inner_text()
    page.get_by_role("link", name="Try again").click()
    pay_by_card(page, CHALLENGE)
    at_the_bank(page, "pass")
    page.get_by_role("heading", name="Done").wait_for()
    page.reload()
    page.get_by_role("heading", name="Done").wait_for()
    page.go_back()
    assert len(charges(house, account)) == len(before) + 1
    assert house.get(f"/subscriptions/{sub}")["items"][0]["price_id"] == f"{BUSINESS}@1"


def test_a_double_click_pays_once_and_another_tab_sees_the_new_price(house: House, desk: Page) -> None:
    page = desk
    account, _ = subscribed(house, page)
    before = charges(house, account)
    to_business(page)
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_role("button", name="Confirm and pay").dblclick()
    page.get_by_role("heading", name="Done").wait_for()
    other.get_by_role("button", name="Confirm and pay").click()
    other.get_by_role("alert").wait_for()
    assert len(charges(house, account)) == len(before) + 1


def test_a_free_plan_is_changed_into_one_that_costs_something_and_only_then_asks_for_a_card(
    house: House, page: Page
) -> None:
    account = house.account()
    change = {"type": "start", "items": [{"price_id": "zone-free-usd-month", "object": "zone:first.example"}]}
    assert house.open(account, change)["state"] == "committed"
    enter(house, page, account)
    page.get_by_role("link", name="See and change").click()
    page.get_by_label("Pro").check()
    page.get_by_role("button", name="See what it costs").first.click()
    pay_by_card(page, BROKE)
    page.get_by_role("link", name="Try again").click()
    pay_by_card(page, "4242 4242 4242 4242")
    page.get_by_role("heading", name="Done").wait_for()
    assert charges(house, account) == [2000]
    assert len(house.get(f"/accounts/{account}/methods")["data"]) == 1


def test_cancelling_and_taking_it_back(house: House, page: Page) -> None:
    _, sub = subscribed(house, page)
    page.get_by_role("link", name="Cancel at the end of the period").click()
    page.get_by_role("button", name="Confirm").click()
    lead_back(page, "Subscriptions")
    assert house.get(f"/subscriptions/{sub}")["pending"]["cancel"] is True
    page.get_by_role("link", name="Do not cancel").click()
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("heading", name="Done").wait_for()
    assert house.get(f"/subscriptions/{sub}")["pending"] is None


def test_a_method_is_added_made_first_and_the_other_removed(house: House, page: Page) -> None:
    account, _ = subscribed(house, page)
    page.get_by_role("link", name="Payment methods").click()
    page.get_by_role("link", name="Add a method").click()
    page.get_by_label("Card number").fill("12")
    page.get_by_role("button", name="Add").click()
    assert "12 to 19 digits" in page.get_by_role("alert").inner_text()
    page.get_by_label("Card number").fill(MASTERCARD)
    page.get_by_role("button", name="Add").click()
    lead_back(page, "Payment methods")
    page.get_by_role("button", name="Try first: Mastercard •••• 4444").click()
    page.get_by_role("link", name="Remove: Visa •••• 4242 · until").click()
    page.get_by_role("button", name="Remove").click()
    assert "Visa •••• 4242 was removed" in page.get_by_role("status").inner_text()
    assert [m["label"] for m in house.get(f"/accounts/{account}/methods")["data"]] == ["Mastercard •••• 4444"]


def test_what_is_owed_is_paid_in_two_clicks(house: House, page: Page) -> None:
    account, invoice = owing(house)
    enter(house, page, account)
    page.get_by_role("link", name="Pay $90.00").click()
    page.get_by_role("button", name="Pay $90.00").click()
    page.get_by_role("heading", name="Done").wait_for()
    assert debt(house, invoice) == 0


def test_a_debt_is_paid_once_by_a_double_click_and_by_two_tabs(house: House, desk: Page) -> None:
    account, invoice = owing(house)
    enter(house, desk, account)
    desk.get_by_role("link", name="Pay $90.00").click()
    other = desk.context.new_page()
    other.goto(desk.url)
    desk.get_by_role("button", name="Pay $90.00").dblclick()
    desk.get_by_text("There is nothing left for you to do").or_(
        desk.get_by_role("heading", name="Done")
    ).wait_for()
    other.get_by_role("button", name="Pay $90.00").click()
    other.get_by_text("There is nothing left for you to do").wait_for()
    assert other.get_by_role("alert").count() == 0
    desk.reload()
    desk.go_back()
    assert (debt(house, invoice), charges(house, account)) == (0, [9_000])


def test_the_name_on_invoices_is_changed(house: House, page: Page) -> None:
    account = house.account()
    enter(house, page, account)
    page.get_by_role("link", name="Change your details").click()
    page.get_by_label("Name on invoices").fill("  ")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Please give a name").wait_for()
    page.get_by_label("Name on invoices").fill("Browser & Sons")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Your details are saved.").wait_for()
    assert house.get(f"/accounts/{account}")["name"] == "Browser & Sons"


def test_address_and_number_are_changed_once_what_follows_for_tax_was_read(house: House, desk: Page) -> None:
    account = house.account(country="DE", currency="EUR")
    enter(house, desk, account)
    desk.get_by_role("link", name="Change your details").click()
    desk.get_by_label("Street and number").fill("1 rue de la Paix\nBâtiment B")
    desk.get_by_label("Postal code").fill("75002")
    desk.get_by_label("Town or city").fill("Paris")
    desk.get_by_label("Country").select_option(label="France")
    desk.get_by_label("VAT or tax number").fill("FR40303265046")
    desk.get_by_role("button", name="Save").click()
    desk.get_by_text("This is no VAT number of France").wait_for()
    assert barriers(desk) == []
    desk.get_by_label("VAT or tax number").fill("FR40303265045")
    desk.get_by_role("button", name="Save").click()
    desk.get_by_role("heading", name="What changes for tax").wait_for()
    assert barriers(desk) == []
    assert house.get(f"/accounts/{account}")["country"] == "DE"
    desk.get_by_role("button", name="Save").click()
    desk.get_by_text("Your details are saved.").wait_for()
    said = house.get(f"/accounts/{account}")
    assert (said["country"], said["tax_id"], said["address"]["lines"]) == (
        "FR",
        "FR40303265045",
        ["1 rue de la Paix", "Bâtiment B"],
    )


def test_signing_out(house: House, page: Page) -> None:
    enter(house, page, house.account())
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="You are signed out").wait_for()
    assert page.context.cookies() == []


def places(house: House) -> tuple[str, list[str]]:
    """An account that has something of everything, and every page of its portal."""
    account, invoice = owing(house)
    sub = str(house.buy(account, SEATS, "account", 5)["subscription_id"])
    house.confirm(house.post(f"/accounts/{account}/methods", {}), "tok_5555555555554444")
    house.buy(account, "requests-usd-month", "account")
    why = {"reason": "Sorry", "issued_by": "support"}
    house.post("/credit-notes", {"invoice_id": invoice, "amount": 500, **why})
    gift = {"kind": "goodwill", "amount": 900, "reason": "Sorry", "granted_by": "support"}
    house.post(f"/accounts/{account}/credit", gift)
    waiting = house.open(
        account, {"type": "start", "items": [{"price_id": BUSINESS, "object": "zone:w.example"}]}
    )
    method = house.get(f"/accounts/{account}/methods")["data"][0]["id"]
    quote = f"/portal/subscriptions/{sub}/quote?do=quantity&item={item_of(house, sub)}&quantity="
    return account, [
        "/portal",
        "/portal/subscriptions",
        f"/portal/subscriptions/{sub}",
        f"{quote}9",
        f"{quote}0",
        f"/portal/subscriptions/{sub}/quote?do=cancel_now",
        f"/portal/changes/{waiting['id']}",
        "/portal/pay",
        "/portal/methods",
        "/portal/methods/add",
        f"/portal/methods/{method}/remove",
        "/portal/invoices",
        f"/portal/invoices/{invoice}",
        "/portal/usage",
        "/portal/details",
    ]


@pytest.mark.parametrize(
    ("look", "language", "every"),
    [(DESK, "en", 3), (PHONE, "de", 1)],
    ids=["desk, light", "phone, dark, German"],
)
def test_no_page_has_a_barrier_or_sticks_out(
    house: House, chromium: Browser, look: dict[str, Any], language: str, every: int
) -> None:
    """On the phone all of them; on the desk, where the same is wider, some."""
    account, paths = places(house)
    paths = paths[::every]
    width = look["viewport"]["width"]
    with watched_page(chromium, forgiven=MISTAKES, **look) as page:
        page.goto(house.post(f"/accounts/{account}/portal-links", {"locale": language})["url"])
        found = {}
        for path in paths:
            page.goto(house.url + path)
            found[path] = barriers(page)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found[path].append("sticks out")
            if weight(page) >= PACKED_BYTES_MAX:
                found[path].append("is too heavy")
        page.get_by_role("button", name="Sign out" if language == "en" else "Abmelden").click()
        found["signed out"] = barriers(page)
    assert {path: said for path, said in found.items() if said} == {}
