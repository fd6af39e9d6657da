"""A customer at the checkout page: short words for what many tests do in a browser.

Owns how a cart is opened, how the page is found and filled. Owns no expectation beyond what a step must show.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Locator, Page

from tests.patience import eventually
from tests.web.browser import watched_page
from tests.web.house import House, Json

GOOD = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
CHALLENGED = "4000 0025 0000 3155"
DEBIT = "000123456789"
MEDIA = {"price_id": "media-usd-month", "object": "account"}
PRO = {"price_id": "zone-pro-usd-month", "object": "zone:example.com"}
SEATS = {"price_id": "seats-usd-month", "object": "account", "quantity": 5}
FOCUSED = "document.querySelector('solvent-checkout').shadowRoot.activeElement"
DESK = {"width": 1200, "height": 900}
PHONE = {"width": 360, "height": 740}
REFUSED = "the server responded with a status of 4"  # which a browser tells of any answer that refuses
LOST = "net::ERR_INTERNET_DISCONNECTED"  # and of one that never came


@dataclass
class Checkout:
    """One cart and one page that shows it."""

    house: House
    page: Page
    account: str
    cart: Json

    @property
    def api(self) -> str:
        """Where the browser's calls go."""
        return f"{self.house.url}/v1/checkout/{self.cart['token']}"

    @property
    def address(self) -> str:
        """The hosted page."""
        return f"{self.house.url}/checkout/{self.cart['token']}"

    def open(self, address: str | None = None) -> Checkout:
        """Look at the cart, until it is shown."""
        self.page.goto(address or self.address)
        self.page.locator(".order").wait_for()
        return self

    def choose(self, way: str) -> Checkout:
        """Choose how to pay."""
        self.page.get_by_role("radio", name=way).check()
        return self

    def card(self, number: str = GOOD) -> Checkout:
        """Fill the card form."""
        self.page.get_by_label("Card number").fill(number)
        self.page.get_by_label("Expiry").fill("12/39")
        self.page.get_by_label("Security code").fill("123")
        return self

    @property
    def button(self) -> Locator:
        """What pays."""
        return self.page.locator("form > button.act[class*=by-]")

    def pay(self) -> Checkout:
        """Press it."""
        self.button.click()
        return self

    def at_the_bank(self, choice: str) -> Checkout:
        """Press a button of the bank's page."""
        self.page.locator(f"button[value={choice}]").click()
        return self

    def shows(self, heading: str) -> Checkout:
        """Wait for a heading of the page."""
        self.page.get_by_role("heading", name=heading).wait_for()
        return self

    def tells(self, text: str) -> Checkout:
        """Wait for a notice, which has the focus."""
        notice = self.page.get_by_role("alert").filter(has_text=text)
        notice.wait_for()
        self.focuses("notice")
        return self

    def focuses(self, part: str) -> None:
        """Wait for the focus. It is asked for from here: the page's policy lets nothing be evaluated again in it."""
        eventually(lambda: self.page.evaluate(f"{FOCUSED}?.id") == part, f"{part} has not the focus")

    @property
    def due(self) -> str:
        """What is due, as it is shown."""
        return self.page.locator(".totals .due dd").inner_text()

    def payments(self) -> list[int]:
        """What the account has paid, each."""
        found = self.house.get(f"/payments?account={self.account}")["data"]
        return [one["amount"] for one in found]


@contextmanager
def checkout(
    house: House,
    browser: Browser,
    *lines: Json,
    account: str | None = None,
    refused: bool = False,
    more: Json | None = None,
    **context: Any,  # noqa: ANN401 -- as Playwright takes them
) -> Iterator[Checkout]:
    """A cart of those lines, opened in a browser of its own. `refused`: the browser may tell that the server refused
    something."""
    account = account or house.account()
    cart = house.post("/carts", {"account_id": account, "lines": lines or [MEDIA], **(more or {})})
    forgiven = (REFUSED, LOST) if refused else ()
    with watched_page(browser, forgiven=forgiven, **({"viewport": DESK} | context)) as page:
        yield Checkout(house, page, account, cart).open()
