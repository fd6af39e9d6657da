"""What all pages share: files at addresses that change with their content, and nothing that a browser must not do."""

from __future__ import annotations

import io

import httpx
import pytest

from solvent.core.language import Language
from solvent.web.api import Api
from solvent.web.endpoint import Call, Endpoint, Reply
from solvent.web.pages.layout import ICON, STYLE, Frame, NavItem, address, page
from solvent.web.pages.told import told_on_page
from solvent.web.problems import Problem
from tests.patience import PATIENCE_S
from tests.web.house import House


@pytest.mark.parametrize(("name", "kind"), [(STYLE, "text/css; charset=utf-8"), (ICON, "image/svg+xml")])
def test_a_file_is_kept_for_as_long_as_it_is_the_same(house: House, name: str, kind: str) -> None:
    answer = httpx.get(house.url + address(name), verify=False, timeout=PATIENCE_S)
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert "immutable" in answer.headers["cache-control"]
    other = httpx.get(f"{house.url}/assets/0123456789abcdef/{name}", verify=False, timeout=PATIENCE_S)
    assert (other.status_code, other.headers["cache-control"]) == (200, "no-store"), "of another version"


@pytest.mark.parametrize("name", ["base.html", "..", "%2e%2e", "solvent.css.map"])
def test_no_other_file_is_given(house: House, name: str) -> None:
    assert httpx.get(f"{house.url}/assets/x/{name}", verify=False, timeout=PATIENCE_S).status_code == 404


def test_a_frame_leads_to_its_places_and_out() -> None:
    frame = Frame(
        language=Language.DE,
        title="A & B",
        brand="<Brand>",
        who="Somebody",
        nav=[NavItem(label="Here", href="/here", current=True), NavItem(label="There", href="/there")],
        leave="/leave",
        form="token",
        wide=True,
    )
    reply = page("base.html", frame, {})
    html = reply.value.decode()
    assert "<title>A &amp; B · &lt;Brand&gt;</title>" in html
    assert '<a href="/here" aria-current="page">Here</a>' in html
    assert "Abmelden" in html
    assert "Zum Inhalt springen" in html
    headers = dict(reply.headers)
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert "style=" not in html
    assert "<script" not in html


BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-language": "de-DE,de;q=0.9"}


@pytest.mark.parametrize(
    ("path", "link"),
    [("/nothing", None), ("/portal/nothing", "/portal"), ("/dashboard/nothing", "/dashboard")],
)
def test_a_person_is_told_on_a_page_that_there_is_none_and_a_program_in_json(
    house: House, path: str, link: str | None
) -> None:
    page = httpx.get(house.url + path, headers=BROWSER, verify=False, timeout=PATIENCE_S)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert page.headers["x-frame-options"] == "DENY"
    english = path.startswith("/dashboard")
    assert ("There is no such page" if english else "Diese Seite gibt es nicht") in page.text
    assert (f'<a class="act whole" href="{link}">' in page.text) == (link is not None)
    assert httpx.get(house.url + path, verify=False, timeout=PATIENCE_S).json()["status"] == 404
    about_the_api = httpx.get(f"{house.url}/v1{path}", headers=BROWSER, verify=False, timeout=PATIENCE_S)
    assert about_the_api.headers["content-type"] == "application/problem+json"


def test_what_is_malformed_is_told_on_a_page_with_the_problems_headers(house: House) -> None:
    asked = httpx.get(
        f"{house.url}/pay/x?utm=1",
        headers=BROWSER | {"accept-language": "en"},
        verify=False,
        timeout=PATIENCE_S,
    )
    assert (asked.status_code, "This could not be read" in asked.text) == (400, True)
    put = httpx.put(f"{house.url}/portal/pay", headers=BROWSER, verify=False, timeout=PATIENCE_S)
    assert (put.status_code, put.headers["allow"]) == (405, "GET, POST")
    assert "Diese Seite gibt es nicht" in put.text


def test_a_fault_behind_a_page_gives_the_incident_and_no_more(house: House) -> None:
    def broken(_call: Call) -> Reply:
        raise ZeroDivisionError("a secret of the implementation")

    endpoint = Endpoint(
        method="GET", path="/x", name="x", summary="x", tag="x", scope=None, answers={}, run=broken
    )
    environ = {"HTTP_ACCEPT": "text/html"}
    sent = Api(house.solvent, [endpoint]).handle("GET", "/x", environ, io.BytesIO())
    html = sent.body.decode()
    assert sent.status == 500
    assert "Something went wrong on our side" in html
    assert "it was recorded as incident" in html
    assert "secret" not in html


def test_who_comes_while_nothing_answers_is_told_when_to_come_back() -> None:
    problem = Problem("unavailable", "the database does not answer", headers=[("retry-after", "1")])
    told = told_on_page(problem, "/portal", {"HTTP_ACCEPT": "text/html"})
    assert told is not None
    assert (told.status, dict(told.headers)["retry-after"]) == (503, "1")
    assert b"nothing is paid twice" in told.value
    assert b"the database" not in told.value
