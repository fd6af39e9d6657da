"""The dashboard in a real Chromium: each page for each role, at a desk and on a phone; judged by axe; charts drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from solvent.commands.operators import operators_of
from solvent.core.operator import Role
from solvent.store import measures
from solvent.web.dashboard.routes import PAGES
from tests.web.browser import PACKED_BYTES_MAX, barriers, needs_browser, watched_page, weight
from tests.web.house import House
from tests.web.test_dashboard import Person
from tests.web.test_pay_page import owing

pytestmark = needs_browser

DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}
JUDGED = ((Role.OWNER, PHONE), (Role.READ_ONLY, DESK))  # all that there is, and least of it
NOT_ALLOWED = "the server responded with a status of 403"  # which a browser tells of any page


@pytest.fixture(scope="module")
def owed(house: House) -> Iterator[str]:
    """An account that owes; and figures of some days."""
    pool, now = house.solvent.database.pool, house.solvent.clock()
    for days in range(5):
        measures.keep(pool, now - timedelta(days=days), 1.0, {"accounts_in_drift": days}, {"L1": 0})
    yield owing(house)[0]
    with house.solvent.database.transaction() as connection:
        connection.execute("delete from kpi_day where day < %s", (now.date(),))


@contextmanager
def opened(chromium: Browser, house: House, role: Role, **context: Any) -> Iterator[Page]:  # noqa: ANN401 -- as Playwright takes them
    """A page of somebody who is in."""
    person = Person(house, role)
    with watched_page(chromium, forgiven=(NOT_ALLOWED,), **context) as page:
        cookie = {"name": "dashboard", "value": person.client.cookies["dashboard"], "url": house.url}
        page.context.add_cookies([cookie])  # type: ignore[list-item]  # a plain dictionary is what it takes
        yield page


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("context", [DESK, PHONE], ids=["desk", "phone"])
def test_each_page_for_each_role(
    house: House, owed: str, chromium: Browser, role: Role, context: dict[str, Any]
) -> None:
    with opened(chromium, house, role, **context) as page:
        for path, _, _, _ in PAGES:
            page.goto(house.url + path.format(account_id=owed))
            assert page.locator("h1").count() == 1, path
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= context["viewport"]["width"], f"{path} sticks out"
            assert weight(page) < PACKED_BYTES_MAX, path
            if (role, context) in JUDGED:
                assert barriers(page) == [], path


def test_figures_are_drawn(house: House, owed: str, chromium: Browser) -> None:
    del owed
    with opened(chromium, house, Role.READ_ONLY, **DESK) as page:
        page.goto(f"{house.url}/dashboard")
        chart = page.locator("solvent-chart canvas")
        chart.first.wait_for()
        box = chart.first.bounding_box()
        assert box is not None
        assert box["width"] > 200
        page.locator("summary").first.click()
        page.locator("details table").first.wait_for()


def test_support_holds_a_consequence_and_the_story_says_so(
    house: House, owed: str, chromium: Browser
) -> None:
    with opened(chromium, house, Role.SUPPORT, **DESK) as page:
        page.goto(f"{house.url}/dashboard/accounts")
        page.get_by_label("An id, an e-mail address").fill(owed)
        page.get_by_role("button", name="Find").click()
        page.locator("#hold-reason").fill("waits for a letter of theirs")
        page.get_by_role("button", name="Place the hold").click()
        page.get_by_text("The hold is in place.").wait_for()
        assert page.locator(".story").get_by_text("place hold").count() >= 1
        page.get_by_role("button", name="Observe").click()
        page.get_by_text("A recompute would now:").wait_for()


def test_a_link_is_used_up_by_its_button(house: House, chromium: Browser) -> None:
    person = Person(house, Role.OWNER)
    token = operators_of(house.solvent).let_in(person.operator, house.solvent.clock())
    with watched_page(chromium, **DESK) as page:
        page.goto(f"{house.url}/dashboard/enter/{token}")
        assert barriers(page) == []
        page.get_by_role("button", name="Open the dashboard").click()
        page.get_by_role("heading", name="Overview").wait_for()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_text("You have signed out").wait_for()
