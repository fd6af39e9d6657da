"""The page to pay on in a real Chromium: its own policies let it work, without any script, on a phone and in the dark.

Needs the package `playwright` (its own browsers are not used) and a Chromium of the distribution on PATH.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.house import House
from tests.web.test_pay_page import CHALLENGED, GOOD, Visitor, debt, owing

A_MISTAKE = "the server responded with a status of 422"  # which a browser tells of any page
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
api = pytest.importorskip(
    "playwright.sync_api", reason="needs the package playwright: pip install playwright"
)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Chromium on PATH (Debian: apt-get install chromium)"
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def page(request: pytest.FixtureRequest, chromium: Any) -> Iterator[Any]:  # noqa: ANN401 -- has no types
    """A phone in the dark; whatever its browser complains about fails the test."""
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, color_scheme="dark", java_script_enabled=request.param
    )
    page, complaints = context.new_page(), []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert [text for text in complaints if A_MISTAKE not in text] == []


def test_a_card_that_is_challenged_pays_by_way_of_the_bank(house: House, page: Any) -> None:  # noqa: ANN401
    account, invoice = owing(house)
    page.goto(Visitor(house, account).link["url"])
    box = page.locator("main").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360, "nothing sticks out"
    page.get_by_label("Another card").check()
    page.get_by_label("Card number").fill(CHALLENGED)
    page.get_by_role("button", name="Pay $90.00").click()
    page.get_by_role("link", name="Continue to confirm").click()
    page.locator("button[name=choice][value=pass]").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    assert debt(house, invoice) == 0


def test_a_mistake_is_told_and_mended(house: House, page: Any) -> None:  # noqa: ANN401
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
