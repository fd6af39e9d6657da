"""Who is let into the portal, and who is not: for every route there is."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from solvent.core.ids import parse
from solvent.portal_links import PortalLinks
from solvent.web.endpoint import Endpoint
from solvent.web.portal.door import FORMS_MAX, Door
from solvent.web.portal.routes import portal_endpoints
from tests.patience import PATIENCE_S
from tests.web.house import House, fresh_key, problem
from tests.web.portal_visitor import PortalVisitor
from tests.web.test_pay_page import owing

ENTER = "/portal/enter/{token}"


def routes(house: House) -> list[Endpoint]:
    """Every route of the portal but the way in."""
    return [e for e in portal_endpoints(house.solvent) if e.path != ENTER]


@pytest.fixture(scope="module")
def things(house: House) -> dict[str, str]:
    """Something of an account for every parameter of a path; who adds a route with another one adds it here."""
    account, invoice = owing(house)
    why = {"reason": "Sorry", "issued_by": "support"}
    note = house.post("/credit-notes", {"invoice_id": invoice, "amount": 500, **why})["id"]
    bought = house.buy(account, thing="zone:theirs.example")
    state = house.get(f"/accounts/{account}/state")
    return {
        "account": account,
        "invoice_id": invoice,
        "credit_note_id": note,
        "subscription_id": bought["subscription_id"],
        "change_id": bought["id"],
        "method_id": state["methods"][0]["id"],
    }


def filled(path: str, things: dict[str, str]) -> str:
    return re.sub(r"{(\w+)}", lambda found: things[found[1]], path)


def ask(visitor: httpx.Client, route: Endpoint, path: str, **fields: str) -> httpx.Response:
    return visitor.get(path) if route.method == "GET" else visitor.post(path, data=fields)


def test_nothing_of_another_account_is_reachable(house: House, things: dict[str, str]) -> None:
    """Whatever names something of somebody else's is answered as if it did not exist, with a form that is genuine."""
    stranger = PortalVisitor(house, house.account())
    session = PortalLinks(house.solvent.settings, house.solvent.database).session(
        stranger.browser.cookies["portal"], house.solvent.clock()
    )
    assert session is not None
    links = PortalLinks(house.solvent.settings, house.solvent.database)
    walked = [e for e in routes(house) if "{" in e.path]
    assert walked
    with house.nothing_written():
        for route in walked:
            path = filled(route.path, things)
            form = links.form(session, path, house.solvent.clock())
            answer = ask(stranger.browser, route, path, form=form, way="card", number="4242424242424242")
            assert answer.status_code == 404, f"{route.method} {path}: {answer.status_code}"
            assert "does not exist, or is not yours" in answer.text


def test_pages_without_a_name_show_only_ones_own(house: House, things: dict[str, str]) -> None:
    stranger = PortalVisitor(house, house.account(name="Stranger Ltd"))
    number = house.get(f"/invoices/{things['invoice_id']}")["number"]
    for route in routes(house):
        if route.method == "GET" and "{" not in route.path:
            page = stranger.browser.get(route.path).text
            assert number not in page, route.path
            assert "theirs.example" not in page, route.path
            assert "9.00" not in page, route.path


@pytest.mark.parametrize("cookie", [None, "", "forged", "A" * 42, "A" * 500, "ended"])
def test_without_a_visit_there_is_no_page(house: House, things: dict[str, str], cookie: str | None) -> None:
    """Nor with one that is forged, or has ended."""
    browser = httpx.Client(base_url=house.url, verify=False, timeout=PATIENCE_S)
    if cookie == "ended":
        visitor = PortalVisitor(house, things["account"])
        browser.cookies["portal"] = visitor.browser.cookies["portal"]
        assert visitor.send("/portal", "/portal/leave").status_code == 200
    elif cookie is not None:
        browser.cookies["portal"] = cookie
    with house.nothing_written():
        for route in routes(house):
            answer = ask(browser, route, filled(route.path, things))
            assert answer.status_code == 401, f"{route.method} {route.path}"
            assert "Your visit has ended" in answer.text
            assert "set-cookie" not in answer.headers


def test_no_form_works_without_its_proof(house: House, things: dict[str, str]) -> None:
    """Not without, not with that of another form, of another visit, nor from another site."""
    links, now = PortalLinks(house.solvent.settings, house.solvent.database), house.solvent.clock()
    others = links.session(PortalVisitor(house, things["account"]).browser.cookies["portal"], now)
    assert others is not None
    forms = [e for e in routes(house) if e.method == "POST"]
    assert forms
    for route in forms:
        visitor = PortalVisitor(
            house, house.account()
        )  # of an account of its own: who asks too often has to wait
        own, path = links.session(visitor.browser.cookies["portal"], now), filled(route.path, things)
        assert own is not None
        genuine = {"form": links.form(own, path, now)}
        with house.nothing_written():
            for form in ("", "AAAA", links.form(own, path + "x", now), links.form(others, path, now)):
                answer = visitor.browser.post(path, data={"form": form})
                assert answer.status_code == 403, f"{path}: {answer.status_code}"
                assert "Nothing was changed" in answer.text
            for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
                assert visitor.browser.post(path, data=genuine, headers=headers).status_code == 403


def test_who_asks_too_often_waits(house: House, account: str) -> None:
    visitor = PortalVisitor(house, account)
    answers = [visitor.browser.post("/portal/leave", data={}).status_code for _ in range(FORMS_MAX + 1)]
    assert answers == [403] * FORMS_MAX + [429]


def test_the_cookie_is_for_us_alone(house: House, account: str) -> None:
    visitor = PortalVisitor(house, account)
    assert (visitor.entered.status_code, visitor.entered.headers["location"]) == (303, "/portal")
    cookie = visitor.entered.headers["set-cookie"]
    assert re.fullmatch(r"portal=[\w-]+; Path=/; HttpOnly; SameSite=Lax", cookie)
    headers = visitor.browser.get("/portal").headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"
    assert "unsafe" not in headers["content-security-policy"]


def test_over_tls_the_cookie_is_for_tls_alone(house: House) -> None:
    settings = house.solvent.settings.model_copy(update={"public_url": "https://billing.example.com"})
    name, value = Door(replace(house.solvent, settings=settings))._set_cookie("x")
    assert (name, value) == ("set-cookie", "__Host-portal=x; Path=/; HttpOnly; SameSite=Lax; Secure")


def test_signing_out_ends_the_visit_and_its_link(house: House, account: str) -> None:
    visitor = PortalVisitor(house, account, return_url="https://shop.example.com/me")
    gone = visitor.send("/portal", "/portal/leave")
    assert "You are signed out" in gone.text
    assert 'href="https://shop.example.com/me"' in gone.text
    assert "Max-Age=0" in gone.headers["set-cookie"]
    again = httpx.get(visitor.link["url"], verify=False, timeout=PATIENCE_S)
    assert again.status_code == 410
    assert "This link has ended" in again.text


def test_a_link_ends_but_whoever_is_in_stays(house: House, account: str) -> None:
    links = PortalLinks(house.solvent.settings, house.solvent.database)
    long_ago = house.solvent.clock() - timedelta(minutes=16)
    _, url = links.make(parse("acc", account), house.solvent.platform.ids, long_ago)
    late = httpx.get(url, headers={"accept-language": "de"}, verify=False, timeout=PATIENCE_S)
    assert late.status_code == 410
    assert "Dieser Link ist abgelaufen" in late.text


def test_coming_again_by_the_link_is_the_same_visit(house: House, account: str) -> None:
    visitor = PortalVisitor(house, account)
    again = httpx.Client(base_url=house.url, verify=False, timeout=PATIENCE_S)
    assert again.get(visitor.link["url"]).status_code == 303
    assert again.cookies["portal"] == visitor.browser.cookies["portal"]


@pytest.mark.parametrize("token", ["x", "AAAA", "A" * 300, "%00", "ä"])
def test_what_is_no_link_leads_nowhere(house: House, token: str) -> None:
    answer = httpx.get(f"{house.url}/portal/enter/{token}", verify=False, timeout=PATIENCE_S)
    assert answer.status_code == 404
    assert "This link leads nowhere" in answer.text


def test_a_visit_that_is_over_says_where_to_go(house: House, account: str) -> None:
    links = PortalLinks(house.solvent.settings, house.solvent.database)
    then = house.solvent.clock() - timedelta(minutes=61)
    session, _ = links.make(
        parse("acc", account), house.solvent.platform.ids, then, return_url="https://shop.example.com/me"
    )
    entered = links.enter(session, then)
    assert entered is not None
    browser = httpx.Client(
        base_url=house.url, cookies={"portal": links.kept(entered, then)}, verify=False, timeout=PATIENCE_S
    )
    answer = browser.get("/portal/invoices")
    assert answer.status_code == 401
    assert "Your visit has ended" in answer.text
    assert 'href="https://shop.example.com/me"' in answer.text


def test_it_speaks_the_language_of_the_link_or_of_the_account(house: House) -> None:
    german = house.account(language="de", country="DE", currency="EUR", time_zone="Europe/Berlin")
    assert "Alles in Ordnung" in PortalVisitor(house, german).look()
    assert "All is well" in PortalVisitor(house, german, locale="en").look()


def test_the_api_makes_a_link_once_for_a_key(house: House, account: str) -> None:
    key = fresh_key()
    one = house.post(f"/accounts/{account}/portal-links", {"expires_in": 60}, key=key)
    two = house.post(f"/accounts/{account}/portal-links", {"expires_in": 60}, key=key)
    assert one == two
    said = house.post(f"/accounts/{account}/portal-links", {"expires_in": 61}, 409, key=key)
    assert problem(said)[0] == "idempotency_key_reused"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"locale": "fr"}, "locale"),
        ({"expires_in": 59}, "expires_in"),
        ({"expires_in": 86_401}, "expires_in"),
        ({"return_url": "javascript:alert(1)"}, "return_url"),
        ({"return_url": "http://shop.example.com"}, "return_url"),
    ],
)
def test_bad_input_names_its_field(house: House, account: str, body: dict[str, object], field: str) -> None:
    said = house.post(f"/accounts/{account}/portal-links", body, 400)
    assert problem(said) == ("invalid_request", [field])


def test_a_link_is_of_an_account_that_exists_and_of_a_key_that_may(house: House, account: str) -> None:
    house.post(f"/accounts/acc_{'0' * 32}/portal-links", {}, 404)
    answer = house.as_key("read").post(
        f"/accounts/{account}/portal-links", json={}, headers={"idempotency-key": fresh_key()}
    )
    assert answer.status_code == 403
