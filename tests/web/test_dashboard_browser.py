"""The dashboard in a real Chromium: each page for each role, at a desk and on a phone; judged by axe; charts drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

import solvent
from solvent.commands.operators import operators_of
from solvent.core.ids import bucket_of, parse
from solvent.core.operator import Role
from solvent.store import measures
from tests.web.browser import PACKED_BYTES_MAX, barriers, needs_browser, watched_page, weight
from tests.web.dashboard_table import OFFERED, SEEN
from tests.web.house import House, start
from tests.web.test_dashboard import Person
from tests.web.test_pay_page import owing

pytestmark = needs_browser

STANDARD = Path(solvent.__file__).parent / "policies" / "standard.yaml"
NAV_ROWS = "new Set([...document.querySelectorAll('nav li')].map(place => place.offsetTop)).size"
STALE = "update attempt set expires_at = %s where id = %s"
DRIFT = """
insert into drift (bucket, id, account_id, kind, evidence, first_seen_at, last_seen_at)
values (%s, %s, %s, 'flags_by_hand', 'told by a test', %s, %s)"""

Size = dict[str, int]
WIDE: Size = {"width": 1280, "height": 900}
SMALL: Size = {"width": 360, "height": 740}
DESK: dict[str, Any] = {"viewport": WIDE}
Look = tuple[Size, str]
LOOKS: list[Look] = [(size, scheme) for size in (WIDE, SMALL) for scheme in ("light", "dark")]
ALL_LOOKS = frozenset({Role.OWNER, Role.READ_ONLY})  # all that there is, and least of it
REFUSED = tuple(f"the server responded with a status of {status}" for status in (401, 403, 404, 410, 422))
OURS = "a[href^='/dashboard'], a[href^='?']"


@pytest.fixture(scope="module")
def owed(house: House) -> Iterator[str]:
    """An account that owes, under a hold, in drift; bad debt, something stuck, and figures of some days."""
    solvent, pool, now = house.solvent, house.solvent.database.pool, house.solvent.clock()
    for days in range(5):
        measures.keep(pool, now - timedelta(days=days), 1.0, {"accounts_in_drift": days}, {"L1": 0})
    account, _ = owing(house)
    _, lost = owing(house)
    scope = {"reason": "gone", "by": "carol", "scope": "subscription"}
    house.post(f"/invoices/{lost}/give-up", scope, 200)
    Person(house, Role.OWNER).send(
        f"/accounts/{account}/hold", reason="a letter", consequence="restrict", days="7"
    )
    left = house.open(house.account(), start())["id"]
    account_id = parse("acc", account)
    bucket = bucket_of(account_id)
    drift = solvent.platform.ids.draw(bucket)
    with solvent.database.transaction() as connection:
        connection.execute(STALE, (now - timedelta(days=2), parse("att", left)))
        connection.execute(DRIFT, (bucket, drift, account_id, now, now))
    yield account
    with solvent.database.transaction() as connection:
        connection.execute("delete from kpi_day where day < %s", (now.date(),))
        connection.execute("delete from drift where id = %s", (drift,))
        connection.execute(STALE, (now + timedelta(days=1), parse("att", left)))


@contextmanager
def opened(chromium: Browser, house: House, role: Role, **context: Any) -> Iterator[Page]:  # noqa: ANN401 -- as Playwright takes them
    """A page of somebody who is in."""
    person = Person(house, role)
    with watched_page(chromium, forgiven=REFUSED, **context) as page:
        cookie = {"name": "dashboard", "value": person.client.cookies["dashboard"], "url": house.url}
        page.context.add_cookies([cookie])  # type: ignore[list-item]  # a plain dictionary is what it takes
        yield page


def go(page: Page, address: str) -> int:
    """Open an address; the status of its answer."""
    answer = page.goto(address)
    assert answer is not None
    return answer.status


def judge(page: Page, what: str, looks: Sequence[Look] = LOOKS) -> None:
    """The page as it stands, at a desk and on a phone, by day and by night: nothing sticks out, axe finds nothing."""
    assert page.locator("h1").count() == 1, what
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
    for size, scheme in looks:
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dictionary is what it takes
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], f"{what} sticks out at {size['width']}"
        assert page.evaluate(NAV_ROWS) <= 2, f"{what}: the places take too much room"
        assert barriers(page) == [], f"{what}, {size['width']} wide, {scheme}"


def told_so(page: Page, role: Role) -> None:
    """A page that is not for a role says so, and leads on."""
    assert page.get_by_role("heading", level=1).inner_text() == "Not for your role"
    assert role.replace("_", " ") in page.get_by_role("alert").inner_text()
    page.get_by_role("link", name="Back to Overview").click()
    page.get_by_role("heading", level=1, name="Overview").wait_for()


@pytest.mark.parametrize("role", list(Role))
def test_each_page_for_each_role(house: House, owed: str, chromium: Browser, role: Role) -> None:
    with opened(chromium, house, role, **DESK) as page:
        offered: set[str] = set()
        links: set[str] = set()
        for path, seen_by in SEEN.items():
            status = go(page, house.url + path.format(account_id=owed))
            assert status == (200 if role in seen_by else 403), path
            assert weight(page) < PACKED_BYTES_MAX, path
            judge(page, path, LOOKS if role in ALL_LOOKS else [LOOKS[0], LOOKS[-1]])
            actions = page.locator("form[method=post]").evaluate_all("all => all.map(f => f.action)")
            offered |= {a.removeprefix(house.url).replace(owed, "{account_id}") for a in actions}
            links |= set(page.locator(OURS).evaluate_all("all => all.map(a => a.href)"))
            if role not in seen_by:
                told_so(page, role)
        assert offered == {path for path, roles in OFFERED.items() if role in roles}
        dead = {link for link in links if page.request.get(link).status != 200}
        assert dead == set(), "no link leads where its reader may not be"


def test_what_pages_say_after_something_was_asked_of_them(house: House, owed: str, chromium: Browser) -> None:
    with opened(chromium, house, Role.OWNER, **DESK) as page:
        page.goto(f"{house.url}/dashboard/trouble")
        for text in ("attempt waiting", "told by a test"):
            page.get_by_text(text).wait_for()
        for path, status, leads_to in (
            ("/accounts?q=Example", 200, ""),
            ("/accounts?q=nobody+of+that+name", 200, ""),
            ("/accounts/acc_x", 404, "Accounts"),
            ("/payments?days=0", 422, "Payments"),
            ("/policy?segment=contract", 200, ""),
            ("/sign-in", 200, ""),
        ):
            assert go(page, f"{house.url}/dashboard{path}") == status, path
            judge(page, path)
            if leads_to:
                page.get_by_role("link", name=f"Back to {leads_to}").click()
                page.get_by_role("heading", level=1, name=leads_to).wait_for()
        account = f"{house.url}/dashboard/accounts/{owed}"
        page.goto(account)
        page.locator("summary", has_text="Observe").click()
        page.get_by_role("button", name="Observe now").click()
        page.get_by_text("A recompute would now:").wait_for()
        judge(page, "observed")
        page.goto(account)
        page.locator("summary", has_text="Link to pay").click()
        page.locator("#link-reason").fill("asked on the phone")
        page.get_by_role("button", name="Make a link").click()
        page.get_by_text("For the customer alone").wait_for()
        judge(page, "a link to pay")
        page.goto(f"{house.url}/dashboard/policy")
        page.locator("#policy-file").fill("version: 1\nsegments: {rich: {}}")
        page.get_by_role("button", name="Try it").click()
        page.get_by_role("alert").wait_for()
        judge(page, "a policy that is wrong")
        page.locator("#policy-file").fill(STANDARD.read_text(encoding="utf-8"))
        page.get_by_role("button", name="Try it").click()
        page.get_by_text("on what happened since").wait_for()
        judge(page, "a policy that was tried")


def test_somebody_who_is_not_in_is_told_how_to_come_in(house: House, chromium: Browser) -> None:
    with watched_page(chromium, forgiven=REFUSED, **DESK) as page:
        for path in SEEN:
            assert go(page, house.url + path.format(account_id="acc_x")) == 401
            assert "solvent operators link" in page.inner_text("main")
        judge(page, "not signed in")
        assert go(page, f"{house.url}/dashboard/enter/used") == 200
        page.get_by_role("button", name="Open the dashboard").click()
        page.get_by_role("heading", name="Not signed in").wait_for()
        judge(page, "a link that is used up")


def test_who_loses_a_role_over_an_open_page_is_told_and_led_back(
    house: House, owed: str, chromium: Browser
) -> None:
    operators, now = operators_of(house.solvent), house.solvent.clock()
    with opened(chromium, house, Role.BILLING, **DESK) as page:
        page.goto(f"{house.url}/dashboard/accounts/{owed}")
        page.locator("summary", has_text="Give credit").click()
        page.locator("#amount").fill("1.00")
        page.locator("#credit-reason").fill("sorry")
        operators.put("billing@merchant.example", Role.READ_ONLY, now)
        page.get_by_role("button", name="Give it").click()
        page.get_by_role("heading", name="Not for your role").wait_for()
        assert "credit" in page.get_by_role("alert").inner_text()
        page.get_by_role("link", name="Back to the account").click()
        page.get_by_role("heading", name="Why it stands so").wait_for()
        assert page.get_by_role("button", name="Give it").count() == 0


def test_figures_are_drawn(house: House, owed: str, chromium: Browser) -> None:
    del owed
    with opened(chromium, house, Role.READ_ONLY, **DESK) as page:
        page.goto(f"{house.url}/dashboard")
        chart = page.locator("solvent-chart canvas")
        chart.first.wait_for()
        box = chart.first.bounding_box()
        assert box is not None
        assert box["width"] > 200
        figure = page.locator("figure").filter(has_text="accounts in drift")
        legend = figure.locator(".u-legend")
        assert legend.get_by_text(f"{house.solvent.clock():%Y-%m-%d}").count() == 1, "the last day, of itself"
        figure.locator(".u-over").hover(position={"x": 2, "y": 40})
        earlier = f"{house.solvent.clock() - timedelta(days=4):%Y-%m-%d}"
        legend.get_by_text(earlier).wait_for()
        page.locator("summary").first.click()
        page.locator("details table").first.wait_for()


def test_support_holds_a_consequence_and_the_story_says_so(
    house: House, owed: str, chromium: Browser
) -> None:
    with opened(chromium, house, Role.SUPPORT, **DESK) as page:
        page.goto(f"{house.url}/dashboard/accounts")
        page.get_by_label("An id, an e-mail address").fill(owed)
        page.get_by_role("button", name="Find").click()
        page.locator("summary", has_text="Hold").click()
        page.locator("#hold-reason").fill("waits for a letter of theirs")
        page.get_by_role("button", name="Place the hold").click()
        page.get_by_text("The hold is in place.").wait_for()
        assert page.locator(".story").get_by_text("place hold").count() >= 1
        page.locator("summary", has_text="Observe").click()
        page.get_by_role("button", name="Observe now").click()
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
