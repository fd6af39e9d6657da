"""Somebody in the portal, with a browser that runs no script; and short words for what many tests of it do."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx

from tests.patience import PATIENCE_S
from tests.web.house import House


class PortalVisitor:
    """A customer who came by a link."""

    def __init__(self, house: House, account: str, **body: object) -> None:
        self.house = house
        self.link = house.post(f"/accounts/{account}/portal-links", body)
        self.browser = httpx.Client(base_url=house.url, timeout=PATIENCE_S, verify=False)
        self.entered = self.browser.get(self.link["url"])

    def look(self, path: str = "/portal", status: int = 200) -> str:
        """What a page says, after whatever it leads to."""
        response = self.browser.get(path, follow_redirects=True)
        assert response.status_code == status, response.text
        return unescape(response.text)

    def forms(self, page: str) -> dict[str, dict[str, str]]:
        """The forms of a page: what is hidden in each, by its address."""
        found: dict[str, dict[str, str]] = {}
        for action, inside in re.findall(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', page, re.DOTALL):
            hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', inside)
            found[unescape(action)] = dict(hidden)
        return found

    def send(self, path: str, action: str, /, headers: Any = None, **fields: str) -> httpx.Response:  # noqa: ANN401 -- as httpx takes them
        """Send the form of a page that is sent to `action`."""
        hidden = self.forms(self.look(path))[action]
        return self.browser.post(action, data=hidden | fields, headers=headers)

    def ways(self, page: str) -> dict[str, str]:
        """The ways to pay that a page offers, by their label."""
        found = re.findall(r'name="way"[^>]*value="([^"]+)"[^>]*><label[^>]*>([^<]+)<', page)
        return {label: value for value, label in found}
