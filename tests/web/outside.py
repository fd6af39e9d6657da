"""The outside world as a browser meets it: hosts of providers and of the bot check, answered on this machine.

Owns which address is answered by which script, page or peer. What a page's policy forbids never gets here. Owns no
expectation.
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Route

from tests.peers.http import Call
from tests.peers.paypal.server import PayPalPeer
from tests.peers.stripe import browser as stripe_browser
from tests.peers.stripe.server import StripeAccount

SCRIPTS = Path(__file__).parents[1] / "peers" / "scripts"
KINDS = {".js": "text/javascript", ".html": "text/html; charset=utf-8"}
STRIPE_HOSTS = frozenset({"js.stripe.com", "api.stripe.com", "hooks.stripe.com"})
PAYPAL_HOSTS = frozenset({"www.paypal.com"})
TURNSTILE_HOSTS = frozenset({"challenges.cloudflare.com"})


def with_stripe(context: BrowserContext, account: StripeAccount) -> None:
    """Stripe.js, its fields, its API for browsers and its 3-D Secure."""

    def script(route: Route) -> None:
        name = urlsplit(route.request.url).path.rsplit("/", 1)[1]
        _file(route, name)

    def api(route: Route) -> None:
        sent = route.request
        url = urlsplit(sent.url)
        call = Call(
            method=sent.method,
            url=f"{url.path}?{url.query}",
            headers=sent.headers,
            body=(sent.post_data or "").encode(),
        )
        reply = stripe_browser.answer(account, call)
        headers = {"access-control-allow-origin": "*", "content-type": "application/json"}
        route.fulfill(status=reply.status, headers=headers, body=json.dumps(reply.body))

    def bank(route: Route) -> None:
        if route.request.method == "GET":
            return _file(route, "challenge.html")
        ref = urlsplit(route.request.url).path.rsplit("/", 1)[1]
        stripe_browser.challenge(account, ref, passed=route.request.post_data == "passed")
        return route.fulfill(status=200, body="")

    context.route("https://js.stripe.com/**", script)
    context.route("https://api.stripe.com/**", api)
    context.route("https://hooks.stripe.com/**", bank)


def with_paypal(context: BrowserContext, peer: PayPalPeer) -> None:
    """PayPal's script, and its window."""

    def answer(route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.path == "/sdk/js":
            return _file(route, "paypal.js")
        if route.request.method == "GET":
            return _file(route, "checkoutnow.html")
        token = parse_qs(url.query)["token"][0]
        peer.approve(f"setup:{token}" if token in peer.book.setups else token)
        return route.fulfill(status=200, body="")

    context.route("https://www.paypal.com/**", answer)


def with_turnstile(context: BrowserContext, tokens: list[str]) -> None:
    """Turnstile's script and widget; `tokens` are given in this order."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/token":
            return route.fulfill(status=200, content_type="text/plain", body=tokens.pop(0))
        return _file(route, "turnstile.js" if path.endswith(".js") else "widget.html")

    context.route("https://challenges.cloudflare.com/**", answer)


def _file(route: Route, name: str) -> None:
    path = SCRIPTS / name
    route.fulfill(status=200, content_type=KINDS[path.suffix], body=path.read_text(encoding="utf-8"))
