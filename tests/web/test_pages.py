"""What all pages share: files at addresses that change with their content, and nothing that a browser must not do."""

from __future__ import annotations

import httpx
import pytest

from solvent.core.language import Language
from solvent.web.pages.layout import ICON, STYLE, Frame, NavItem, address, page
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
