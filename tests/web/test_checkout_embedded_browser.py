"""The checkout in a merchant's own page, at another origin; and a check whether the customer is a person.

Both are asked of a web process of its own, because they are settings: the example page's origin may embed, and the
sandbox's bot check is on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Route

from tests.ports import free_port
from tests.web.browser import barriers, needs_browser, watched_page
from tests.web.checkout_visitor import CHALLENGED, DESK, MEDIA, PHONE, Checkout, checkout
from tests.web.house import BANK_KEY, EXAMPLES, SERVE, House, process

pytestmark = needs_browser

NO_ICON = ("the server responded with a status of 404",)  # the shop has none for its tab


class Quiet(SimpleHTTPRequestHandler):
    """A merchant's web server: files of a folder."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name in the base class
        """Says nothing."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The merchant's own site, and the folder of its pages."""
    folder = tmp_path_factory.mktemp("shop")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()


@pytest.fixture(scope="module")
def guarded(house: House, shop: tuple[str, Path]) -> Iterator[House]:
    """The house by way of a web process that the shop may embed and that asks whether somebody is a person."""
    port = free_port()
    environment = {
        "SOLVENT_SANDBOX_URL": house.bank_url,
        "SOLVENT_SANDBOX_SECRET": BANK_KEY,
        "SOLVENT_HOST": "127.0.0.1",
        "SOLVENT_PORT": str(port),
        "SOLVENT_BOT_CHECK": "sandbox",
        "SOLVENT_CHECKOUT_ORIGINS": shop[0],
    }
    url = f"http://127.0.0.1:{port}"
    with process([sys.executable, "-c", SERVE, house.database_url], environment, f"{url}/v1/healthz"):
        yield replace(house, url=url)


def test_five_lines_embed_it_and_a_redirect_comes_back_to_the_same_place(
    guarded: House, chromium: Browser, shop: tuple[str, Path]
) -> None:
    origin, folder = shop
    account = guarded.account()
    cart = guarded.post("/carts", {"account_id": account, "lines": [MEDIA]})
    example = (EXAMPLES / "embed.html").read_text(encoding="utf-8")
    assert len(example.splitlines()) == 5
    page_text = example.replace("https://billing.example.com", guarded.url)
    (folder / "embed.html").write_text(
        page_text.replace("THE-TOKEN-OF-THE-CART", cart["token"]), encoding="utf-8"
    )
    with watched_page(chromium, forgiven=NO_ICON, viewport=DESK) as page:
        one = Checkout(guarded, page, account, cart).open(f"{origin}/embed.html?from=mail")
        assert page.get_by_role("heading", level=1).all_inner_texts() == ["Check out"], "the page's own"
        page.get_by_label("I am a person").check()
        one.card(CHALLENGED).pay().at_the_bank("pass").shows("Thank you")
        assert urlsplit(page.url)[1:4] == (urlsplit(origin).netloc, "/embed.html", "from=mail")
        assert one.payments() == [1000]


def test_a_page_of_another_origin_cannot_embed_it(
    guarded: House, chromium: Browser, shop: tuple[str, Path]
) -> None:
    origin, folder = shop
    example = (EXAMPLES / "embed.html").read_text(encoding="utf-8")
    (folder / "other.html").write_text(
        example.replace("https://billing.example.com", guarded.url), encoding="utf-8"
    )
    with watched_page(chromium, forgiven=("CORS", "net::ERR_FAILED", *NO_ICON)) as page:
        with page.expect_event("requestfailed"):
            page.goto(f"{origin.replace('127.0.0.1', 'localhost')}/other.html")
        assert page.evaluate("customElements.get('solvent-checkout') === undefined")


def test_whoever_is_no_person_is_refused_and_can_try_again(guarded: House, chromium: Browser) -> None:
    def as_a_bot(route: Route) -> None:
        sent = route.request.post_data_json
        route.continue_(post_data={**(sent or {}), "bot_token": "a-bot"})

    with checkout(guarded, chromium, refused=True, viewport=PHONE) as one:
        one.card().pay()
        one.page.get_by_text("Please confirm this before you pay.").wait_for()
        one.page.get_by_label("I am a person").check()
        one.page.route("**/pay", as_a_bot)
        one.pay().tells("We could not make sure that you are a person")
        assert barriers(one.page) == []
        assert one.payments() == []
        one.page.unroute("**/pay")
        one.page.get_by_label("I am a person").check()
        one.pay().shows("Thank you")
        assert one.payments() == [1000]
