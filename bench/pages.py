"""Pages: how soon a page is of use in a real browser that has nothing of it yet, and what it weighs.

Owns the course: the running house, a browser with an empty cache for each look, and the marks that the pages set. Does
not own the pages. Needs a Chromium (`SOLVENT_BROWSER`, or on PATH); without one it says so and measures nothing.
"""

import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from bench.ground import Ground
from bench.report import Row, fact
from solvent.core.operator import Role
from solvent.web.dashboard.routes import PAGES as DASHBOARD
from tests.web.browser import CHROMIUM, launched, watched_page, weight
from tests.web.checkout_visitor import MEDIA, PRO
from tests.web.house import House, running
from tests.web.test_dashboard import Person
from tests.web.test_pay_page import owing

LOOKS = 20
DESK = {"width": 1280, "height": 900}
USABLE = "performance.getEntriesByName('solvent-usable')[0]?.startTime"  # the checkout says it itself
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A page, what says that it is of use, and the cookie that lets somebody in."""

    address: str
    mark: str = LOADED
    cookie: str | None = None


def run(ground: Ground, looks: int = LOOKS) -> list[Row]:
    """Measure each page that somebody opens first."""
    if CHROMIUM is None:
        return [fact("pages: no browser here", "not measured")]
    url = ground.url(ground.new("pages"))
    with running(url) as house, launched() as browser:
        found = _pages(house)
        return [row for name, look in found.items() for row in _looked(browser, name, look, looks)]


def _pages(house: House) -> Mapping[str, Look]:
    account, _ = owing(house)
    cart = house.post("/carts", {"account_id": house.account(), "lines": [MEDIA, PRO]})
    link = house.post(f"/accounts/{account}/pay-link", {}, 200)["url"]
    portal = house.post(f"/accounts/{account}/portal-links", {"expires_in": 3600})["url"]
    cookie = Person(house, Role.OWNER).client.cookies["dashboard"]
    return {
        "checkout": Look(address=f"{house.url}/checkout/{cart['token']}", mark=USABLE),
        "page to pay a debt": Look(address=link),
        "portal, overview": Look(address=portal),
        **{
            f"dashboard, {name.lower()}": Look(
                address=house.url + path.format(account_id=account), cookie=cookie
            )
            for path, name, _, _ in DASHBOARD
        },
    }


def _looked(browser: Browser, name: str, look: Look, looks: int) -> Iterator[Row]:
    took, size = [], 0
    for _ in range(looks + 1):  # the first one warms the server
        with watched_page(browser, viewport=DESK) as page:
            if look.cookie is not None:
                page.context.add_cookies([{"name": "dashboard", "value": look.cookie, "url": look.address}])
            page.goto(look.address)
            took.append(_marked(page, look.mark))
            size = weight(page)
    took = sorted(took[1:])
    yield fact(f"{name}: of use, median", f"{statistics.median(took):,.0f} ms", "1,000 ms")
    yield fact(f"  slowest of {looks}", f"{took[-1]:,.0f} ms")
    yield fact("  with all that it loads", f"{size / 1000:,.0f} kB", "150 kB")


def _marked(page: Page, mark: str) -> float:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        at = page.evaluate(mark)
        if at:
            return float(at)
        page.wait_for_timeout(20)
    raise TimeoutError(f"{page.url} was not of use within 30 s")
