"""The page to pay on in a real Chromium: its policies let it work, without any script, on a phone, in the dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.web.browser import PACKED_BYTES_MAX, barriers, needs_browser, watched_page, weight
from tests.web.house import House
from tests.web.test_pay_page import CHALLENGED, GOOD, NO_FUNDS, Visitor, debt, owing
from tests.web.test_portal import charges

A_MISTAKE = "the server responded with a status of 422"  # which a browser tells of any page
pytestmark = needs_browser


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A phone in the dark; whatever its browser complains about fails the test."""
    with watched_page(
        chromium,
        forgiven=(A_MISTAKE,),
        viewport={"width": 360, "height": 740},
        color_scheme="dark",
        java_script_enabled=request.param,
    ) as page:
        yield page


def test_a_card_that_is_challenged_pays_by_way_of_the_bank(house: House, page: Page) -> None:
    account, invoice = owing(house)
    page.goto(Visitor(house, account).link["url"])
    box = page.locator("main").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360, "nothing sticks out"
    page.get_by_label("Another card").check()
    page.get_by_label("Card number").fill(CHALLENGED)
    page.get_by_role("button", name="Pay $90.00").click()
    page.get_by_role("link", name="Continue to confirm").click()
    page.locator("button[name=choice][value=pass]").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    assert debt(house, invoice) == 0


@pytest.mark.parametrize(
    "look",
    [
        {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light", "locale": "en"},
        {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "locale": "de"},
    ],
    ids=["desk, light, English", "phone, dark, German"],
)
def test_nothing_stands_in_anybodys_way_and_the_page_is_light(
    house: House, chromium: Browser, look: dict[str, Any]
) -> None:
    account, invoice = owing(house, language=look["locale"])
    with watched_page(chromium, forgiven=(A_MISTAKE,), **look) as page:
        page.goto(Visitor(house, account).link["url"])
        assert weight(page) < PACKED_BYTES_MAX
        seen = [barriers(page)]
        for number in ("12", NO_FUNDS, GOOD):
            page.get_by_label(re.compile("^(Another card|Mit einer anderen Karte)$")).check()
            page.get_by_label(re.compile("^(Card number|Kartennummer)$")).fill(number)
            page.get_by_role("button", name=re.compile("90[.,]00")).click()
            page.locator("[role=status]" if number == GOOD else "[role=alert]").first.wait_for()
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= look["viewport"]["width"], number
            seen.append(barriers(page))
        assert [found for found in seen if found] == []
    assert debt(house, invoice) == 0


def test_a_mistake_is_told_and_mended(house: House, page: Page) -> None:
    account, invoice = owing(house)
    page.goto(Visitor(house, account).link["url"])
    page.get_by_label("Another card").check()
    page.get_by_label("Card number").fill("12")
    page.get_by_role("button", name="Pay $90.00").click()
    assert "12 to 19 digits" in page.get_by_role("alert").inner_text()
    page.get_by_label("Card number").fill(GOOD)
    page.get_by_role("button", name="Pay $90.00").click()
    page.get_by_role("status").wait_for()
    assert debt(house, invoice) == 0


def at_the_debt(house: House, page: Page, number: str = GOOD) -> tuple[str, str, str]:
    """The page of a debt of $90.00 with a card filled in; the account, the invoice and the link."""
    account, invoice = owing(house)
    link = Visitor(house, account).link["url"]
    page.goto(link)
    filled(page, number)
    return account, invoice, link


def filled(page: Page, number: str = GOOD) -> None:
    page.get_by_label("Another card").check()
    page.get_by_label("Card number").fill(number)


def pays(page: Page) -> Locator:
    return page.get_by_role("button", name="Pay $90.00")


def test_a_double_click_pays_once(house: House, page: Page) -> None:
    account, invoice, _ = at_the_debt(house, page)
    pays(page).dblclick()
    page.get_by_role("heading", name="Thank you").wait_for()
    assert (debt(house, invoice), charges(house, account)) == (0, [9_000])


def test_two_tabs_pay_once(house: House, page: Page) -> None:
    account, invoice, link = at_the_debt(house, page)
    other = page.context.new_page()
    other.goto(link)
    filled(other)
    pays(page).click()
    page.get_by_role("heading", name="Thank you").wait_for()
    pays(other).click()
    other.get_by_role("heading", name="Thank you").wait_for()
    assert (debt(house, invoice), charges(house, account)) == (0, [9_000])


def test_a_reload_and_the_back_button_pay_nothing_again(house: House, page: Page) -> None:
    account, invoice, link = at_the_debt(house, page)
    pays(page).click()
    page.get_by_role("heading", name="Thank you").wait_for()
    page.reload()
    page.get_by_role("heading", name="Thank you").wait_for()
    page.go_back()
    page.goto(link)
    page.get_by_text("Nothing is owed").wait_for()
    assert (debt(house, invoice), charges(house, account)) == (0, [9_000])


def test_who_came_back_from_the_bank_by_the_back_button_can_finish(house: House, page: Page) -> None:
    account, invoice, _ = at_the_debt(house, page, CHALLENGED)
    pays(page).click()
    page.get_by_role("link", name="Continue to confirm").click()
    page.locator("button[name=choice][value=pass]").wait_for()
    page.go_back()
    page.get_by_role("link", name="Continue to confirm").click()
    page.locator("button[name=choice][value=pass]").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    assert (debt(house, invoice), charges(house, account)) == (0, [9_000])


def test_who_left_the_bank_pays_with_another_card_by_the_same_link(house: House, page: Page) -> None:
    account, invoice, link = at_the_debt(house, page, CHALLENGED)
    pays(page).click()
    page.get_by_role("link", name="Continue to confirm").click()
    page.locator("button[name=choice][value=pass]").wait_for()
    page.goto(link)
    filled(page)
    pays(page).click()  # joins what is under way
    page.get_by_role("button", name="Pay in another way").click()
    filled(page)
    pays(page).click()
    page.get_by_role("heading", name="Thank you").wait_for()
    assert (debt(house, invoice), charges(house, account)) == (0, [9_000])
