"""The page to pay on in a real Chromium: its policies let it work, without any script, on a phone, in the dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.web.browser import needs_browser, watched_page
from tests.web.house import House
from tests.web.test_pay_page import CHALLENGED, GOOD, Visitor, debt, owing

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
