"""Providers' own parts in the checkout, in a real browser: Stripe's fields and wallets, PayPal's button, Turnstile.

Their scripts and hosts are answered on this machine by what stands for them; their servers are the peers of the
adapters' tests. So the whole way is walked: script, fields, our attempt, confirmation at the provider, settlement;
under the page's own policy, which would refuse any other host.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, Route
from playwright.sync_api import Error as Gone

from tests.patience import eventually
from tests.peers.http import Call, PeerServer, Reply
from tests.peers.paypal import server as paypal
from tests.peers.stripe import StripePeer
from tests.peers.stripe.browser import PUBLISHABLE_KEY
from tests.peers.stripe.server import SECRET_KEY, WEBHOOK_SECRET
from tests.ports import free_port
from tests.web.browser import barriers, needs_browser, watched_page
from tests.web.checkout_visitor import (
    CHALLENGED,
    DEBIT,
    DECLINED,
    DESK,
    GOOD,
    MEDIA,
    PHONE,
    PRO,
    REFUSED,
    Checkout,
)
from tests.web.house import BANK_KEY, SERVE, House, Json, process
from tests.web.outside import (
    PAYPAL_HOSTS,
    STRIPE_HOSTS,
    TURNSTILE_HOSTS,
    with_paypal,
    with_stripe,
    with_turnstile,
)
from tests.web.test_pay_page import debt, owing
from tests.web.test_portal_browser import lead_back

pytestmark = needs_browser

PAID = "the server responded with a status of 402"  # as Stripe answers a browser whose card is declined
TRIAL = {"price_id": "zone-pro-trial-usd-month", "object": "zone:example.com"}


@dataclass
class Abroad:
    """A web process on the same database that has Stripe and PayPal, and those two."""

    house: House
    stripe: StripePeer
    paypal: paypal.ServedPeer


def wall() -> datetime:
    """The present."""
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def abroad(house: House) -> Iterator[Abroad]:
    stripe, wallet, port = StripePeer(wall), paypal.ServedPeer(wall), free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {
        "SOLVENT_HOST": "127.0.0.1",
        "SOLVENT_PORT": str(port),
        "SOLVENT_PROXIES": "1",
        "SOLVENT_STRIPE_SECRET_KEY": SECRET_KEY,
        "SOLVENT_STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
        "SOLVENT_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "SOLVENT_STRIPE_URL": stripe.url,
        "SOLVENT_PAYPAL_CLIENT_ID": paypal.CLIENT_ID,
        "SOLVENT_PAYPAL_SECRET": paypal.SECRET,
        "SOLVENT_PAYPAL_WEBHOOK_ID": paypal.WEBHOOK_ID,
        "SOLVENT_PAYPAL_URL": wallet.url,
        "SOLVENT_PAYPAL_PROOF": "api",
    }
    with process([sys.executable, "-c", SERVE, house.database_url], settings, f"{url}/v1/healthz"):
        yield Abroad(replace(house, url=url), stripe, wallet)
    stripe.close()
    wallet.close()


@contextmanager
def shopping(
    abroad: Abroad,
    browser: Browser,
    *lines: Json,
    account: str | None = None,
    hosts: frozenset[str] = STRIPE_HOSTS,
    forgiven: tuple[str, ...] = (),
    **context: Any,  # noqa: ANN401 -- as Playwright takes them
) -> Iterator[Checkout]:
    """A cart of those lines in a browser that reaches these hosts, and no others."""
    house = abroad.house
    account = account or house.account()
    cart = house.post("/carts", {"account_id": account, "lines": lines or [MEDIA]})
    with watched_page(browser, forgiven=forgiven, hosts=hosts, **({"viewport": DESK} | context)) as page:
        if hosts & STRIPE_HOSTS:
            with_stripe(page.context, abroad.stripe)
        if hosts & PAYPAL_HOSTS:
            with_paypal(page.context, abroad.paypal)
        one = Checkout(house, page, account, cart).open()
        # A part that comes moves what is below it, perhaps away from under a click.
        page.locator(".card-form[aria-busy=true]").wait_for(state="detached")
        yield one


def leave(window: Page, button: str) -> None:
    """Press what closes its own window, which may be gone before the press is over."""
    pressed = window.get_by_role("button", name=button)
    pressed.wait_for()
    with window.expect_event("close"), suppress(Gone):
        pressed.click()


def fields(page: Page) -> FrameLocator:
    """Stripe's own fields."""
    return page.frame_locator("iframe[src*='fields.html']").last


def typed(one: Checkout, number: str = GOOD) -> Checkout:
    """A card in Stripe's own fields, once those of the chosen way are there: others may just be going."""
    one.page.locator(".card-form[aria-busy=false]").wait_for()
    fields(one.page).get_by_label("Card number").fill(number)
    return one


def challenge(one: Checkout, choice: str) -> Checkout:
    """An answer to 3-D Secure, in the page."""
    one.page.frame_locator("iframe[title='3D Secure authentication']").get_by_role(
        "button", name=choice
    ).click()
    return one


def test_stripes_fields_pay_and_the_card_is_kept(abroad: Abroad, chromium: Browser) -> None:
    with shopping(abroad, chromium) as one:
        one.pay()
        fields(one.page).get_by_text("Your card number is incomplete.").wait_for()
        assert one.payments() == []
        typed(one)
        assert barriers(one.page) == []
        one.pay().shows("Thank you")
        assert one.payments() == [1000]
    with shopping(abroad, chromium, PRO, account=one.account, hosts=frozenset()) as two:
        two.page.get_by_role("radio", name="Visa •••• 4242").wait_for()
        two.pay().shows("Thank you")  # and nothing of Stripe's was loaded
        assert sorted(two.payments()) == [1000, 2000]


def test_a_decline_at_stripe_is_told_and_another_card_pays(abroad: Abroad, chromium: Browser) -> None:
    with shopping(abroad, chromium, forgiven=(PAID,)) as one:
        typed(one, DECLINED).pay().tells("The payment was not accepted")
        typed(one).pay().shows("Thank you")
        assert one.payments() == [1000]


def test_stripes_three_d_secure_is_shown_in_the_page(abroad: Abroad, chromium: Browser) -> None:
    with shopping(abroad, chromium) as one:
        challenge(typed(one, CHALLENGED).pay(), "Fail").tells("Nothing was taken")
        challenge(typed(one, CHALLENGED).pay(), "Complete").shows("Thank you")
        assert one.payments() == [1000]
        assert one.page.url == one.address


def test_a_reload_in_the_middle_of_three_d_secure_loses_nothing(abroad: Abroad, chromium: Browser) -> None:
    with shopping(abroad, chromium) as one:
        typed(one, CHALLENGED).pay()
        one.page.locator("iframe[title='3D Secure authentication']").wait_for()
        one.page.reload()
        one.shows("Please finish the payment")
        one.page.get_by_role("button", name="Try again").click()
        typed(one).pay().shows("Thank you")
        assert one.payments() == [1000]


def test_the_amount_follows_what_is_edited_after_the_fields_are_there(
    abroad: Abroad, chromium: Browser
) -> None:
    seats = {"price_id": "seats-usd-month", "object": "account", "quantity": 5}
    with shopping(abroad, chromium, seats) as one:
        typed(one)
        one.page.get_by_role("button", name="One more of Seats").click()
        one.page.locator(".due").filter(has_text="$42.00").wait_for()
        one.pay().shows("Thank you")
        assert one.payments() == [4200]


def test_a_part_that_comes_late_never_shows(abroad: Abroad, chromium: Browser) -> None:
    """Its script arrives when another way has been chosen meanwhile."""
    with shopping(abroad, chromium, hosts=STRIPE_HOSTS | PAYPAL_HOSTS) as one:
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        one.page.context.route("https://js.stripe.com/dahlia/stripe.js", hold)
        with one.page.expect_request("https://js.stripe.com/dahlia/stripe.js"):
            one.page.reload()
        one.choose("PayPal").page.locator(".pp-button").wait_for()
        one.page.evaluate(
            "window.seen = []; new MutationObserver(all => seen.push(...all.flatMap(one => [...one.addedNodes])))"
            ".observe(document.querySelector('solvent-checkout'), {childList: true})"
        )
        held.pop().fallback()
        eventually(lambda: one.page.evaluate("window.Stripe !== undefined"))
        typed(one.choose("Card"))  # once more, and now it is there at once
        assert one.page.evaluate("seen.length") == 1, "the one part that was wanted"
        one.pay().shows("Thank you")


def test_a_part_that_comes_moves_nothing_below_it(abroad: Abroad, chromium: Browser) -> None:
    """Room is kept for it while its script is awaited: a click meets what it was meant for."""
    with shopping(abroad, chromium, hosts=STRIPE_HOSTS | PAYPAL_HOSTS) as one:
        for way, script, part in (
            ("Card", "https://js.stripe.com/dahlia/stripe.js", "iframe[src*='fields.html']"),
            ("Google Pay", "https://js.stripe.com/dahlia/stripe.js", "iframe[src*='express.html']"),
            ("PayPal", "https://www.paypal.com/sdk/js**", ".pp-button"),
        ):
            with held_back(one.page, script):
                one.page.reload()
                one.choose(way)
                one.page.locator(".card-form[aria-busy=true]").wait_for()
                before = _places(one.page)
            one.page.locator(".card-form[aria-busy=false]").wait_for()
            one.page.locator(part).wait_for()
            assert _places(one.page) == before, way


@contextmanager
def held_back(page: Page, address: str) -> Iterator[None]:
    """What is asked for there is answered when the block ends, and not before."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.context.route(address, hold)
    with page.expect_request(address):
        yield
    page.context.unroute(address, hold)
    for route in held:
        route.fallback()


def _places(page: Page) -> list[float]:
    """How far down each way to pay begins."""
    return [box["y"] for way in page.locator(".ways .way").all() if (box := way.bounding_box())]


@pytest.mark.parametrize("wallet", ["Google Pay", "Link"])
def test_a_wallet_of_the_device_has_its_own_button(abroad: Abroad, chromium: Browser, wallet: str) -> None:
    with shopping(abroad, chromium) as one:
        one.choose(wallet)
        # The fields of the way that was chosen before may still be coming, to be taken away again.
        one.page.frame_locator("iframe[src*='express.html']").get_by_role("button").click()
        one.shows("Thank you")
        assert one.payments() == [1000]


def test_a_wallet_that_this_device_lacks_is_told(abroad: Abroad, chromium: Browser) -> None:
    with shopping(abroad, chromium, viewport=PHONE) as one:
        one.choose("Apple Pay").tells("This device has none that is set up")
        typed(one.choose("Card")).pay().shows("Thank you")


def test_a_debit_at_stripe_takes_days(abroad: Abroad, chromium: Browser) -> None:
    with shopping(abroad, chromium) as one:
        typed(one.choose("Bank debit"), DEBIT).pay().shows("Your payment is under way")
        assert one.payments() == []


def test_a_card_is_kept_without_money_for_what_begins_with_a_trial(abroad: Abroad, chromium: Browser) -> None:
    with shopping(abroad, chromium, TRIAL) as one:
        typed(one).pay().shows("Thank you")
        assert one.payments() == []
        methods = abroad.house.get(f"/accounts/{one.account}/methods")["data"]
        assert [m["label"] for m in methods] == ["Visa •••• 4242"]


def test_paypals_button_is_approved_in_its_window(abroad: Abroad, chromium: Browser) -> None:
    with shopping(abroad, chromium, hosts=STRIPE_HOSTS | PAYPAL_HOSTS) as one:
        one.choose("PayPal")
        button = one.page.get_by_role("button", name="PayPal")
        with one.page.expect_popup() as opened:
            button.click()
        leave(opened.value, "Cancel and return")
        one.tells("You ended the payment before it was finished")
        assert barriers(one.page) == []
        with one.page.expect_popup() as again:
            button.click()
        leave(again.value, "Approve")
        one.shows("Thank you")
        assert one.payments() == [1000]


def test_paypal_is_visited_where_its_script_does_not_load(abroad: Abroad, chromium: Browser) -> None:
    with shopping(abroad, chromium, hosts=STRIPE_HOSTS | PAYPAL_HOSTS, forgiven=("ERR_FAILED",)) as one:
        one.page.context.unroute("https://www.paypal.com/**")
        one.page.context.route("https://www.paypal.com/**", lambda route: route.abort())
        one.choose("PayPal").page.get_by_role("button", name="Pay $10.00 with PayPal").wait_for()
        one.page.locator("form > button.act[aria-disabled=false]").click()
        one.page.wait_for_url("**/checkoutnow**")
        one.page.get_by_role("button", name="Pay now").click()
        one.shows("Thank you")
        assert one.payments() == [1000]


def indebted(abroad: Abroad) -> tuple[str, str]:
    """An account that owes $42.00, and the link to pay it."""
    account = abroad.house.account()
    lines = [{"description": "Advice", "amount": 4200}]
    abroad.house.post("/invoices", {"account_id": account, "lines": lines})
    return account, str(abroad.house.post(f"/accounts/{account}/pay-link", {}, 200)["url"])


def test_a_debt_is_paid_by_paypals_button_on_the_page_of_its_link(abroad: Abroad, chromium: Browser) -> None:
    account, link = indebted(abroad)
    with watched_page(chromium, hosts=PAYPAL_HOSTS, viewport=PHONE) as page:
        with_paypal(page.context, abroad.paypal)
        page.goto(link)
        assert page.locator("script").count() == 0, "nothing of it is loaded before it was chosen"
        page.get_by_label("PayPal: you confirm there").check()
        page.get_by_role("button", name="Pay $42.00").click()
        button = page.get_by_role("button", name="PayPal")
        button.wait_for()
        page.get_by_role("link", name="Continue to confirm").wait_for(state="hidden")
        assert barriers(page) == []
        with page.expect_popup() as opened:
            button.click()
        leave(opened.value, "Cancel and return")
        page.reload()
        with page.expect_popup() as again:
            button.click()
        leave(again.value, "Approve")
        page.get_by_role("heading", name="Thank you").wait_for()
    assert [p["amount"] for p in abroad.house.get(f"/payments?account={account}")["data"]] == [4200]


@pytest.mark.parametrize("scripted", [True, False], ids=["its script does not load", "without script"])
def test_a_debt_is_paid_at_paypal_where_there_is_no_button(
    abroad: Abroad, chromium: Browser, scripted: bool
) -> None:
    account, link = indebted(abroad)
    with watched_page(
        chromium, hosts=PAYPAL_HOSTS, forgiven=("ERR_FAILED",), viewport=DESK, java_script_enabled=scripted
    ) as page:
        page.context.route("https://www.paypal.com/**", lambda route: route.abort())
        page.goto(link)
        page.get_by_label("PayPal: you confirm there").check()
        page.get_by_role("button", name="Pay $42.00").click()
        page.get_by_role("link", name="Continue to confirm").click()
        page.wait_for_url("**/checkoutnow**")
        page.get_by_role("button", name="Pay now").click()
        page.get_by_role("heading", name="Thank you").wait_for()
    assert [p["amount"] for p in abroad.house.get(f"/payments?account={account}")["data"]] == [4200]


def test_an_agreement_is_made_in_the_portal_by_paypals_button(abroad: Abroad, chromium: Browser) -> None:
    house, account = abroad.house, abroad.house.account()
    link = house.post(f"/accounts/{account}/portal-links", {})["url"]
    with watched_page(chromium, hosts=PAYPAL_HOSTS, viewport=DESK) as page:
        with_paypal(page.context, abroad.paypal)
        page.goto(link)
        page.goto(f"{house.url}/portal/methods/add")
        page.get_by_label("PayPal: you confirm there").check()
        page.get_by_role("button", name="Add").click()
        button = page.get_by_role("button", name="PayPal")
        button.wait_for()
        page.get_by_text("New payment method is not confirmed yet.", exact=True).wait_for()
        assert barriers(page) == []
        with page.expect_popup() as opened:
            button.click()
        leave(opened.value, "Approve")
        lead_back(page, "Payment methods")
    assert [m["provider"] for m in house.get(f"/accounts/{account}/methods")["data"]] == ["paypal"]


def test_a_debt_is_paid_by_stripes_fields_on_the_page_of_its_link(abroad: Abroad, chromium: Browser) -> None:
    house, account = abroad.house, abroad.house.account()
    house.post("/invoices", {"account_id": account, "lines": [{"description": "Advice", "amount": 4200}]})
    link = house.post(f"/accounts/{account}/pay-link", {}, 200)["url"]
    with watched_page(chromium, forgiven=(PAID,), hosts=STRIPE_HOSTS, viewport=PHONE) as page:
        with_stripe(page.context, abroad.stripe)
        for number, told in ((DECLINED, "Nothing was taken."), (CHALLENGED, "Thank you")):
            page.goto(link)
            page.get_by_label("Card, wallet or bank account").check()
            page.get_by_role("button", name="Pay $42.00").click()
            fields(page).get_by_label("Card number").fill(number)
            assert barriers(page) == []
            page.get_by_role("button", name="Pay $42.00").click()
            if number == CHALLENGED:
                page.frame_locator("iframe[title='3D Secure authentication']").get_by_role(
                    "button", name="Complete"
                ).click()
            page.get_by_text(told).first.wait_for()
        assert [p["amount"] for p in house.get(f"/payments?account={account}")["data"]] == [4200]


def test_a_method_is_added_in_the_portal_by_stripes_fields(abroad: Abroad, chromium: Browser) -> None:
    house, account = abroad.house, abroad.house.account()
    link = house.post(f"/accounts/{account}/portal-links", {})["url"]
    with watched_page(chromium, hosts=STRIPE_HOSTS, viewport=DESK) as page:
        with_stripe(page.context, abroad.stripe)
        page.goto(link)
        page.goto(f"{house.url}/portal/methods/add")
        page.get_by_label("Card, wallet or bank account").check()
        page.get_by_role("button", name="Add").click()
        fields(page).get_by_label("Card number").fill(GOOD)
        assert barriers(page) == []
        page.get_by_role("button", name="Add").click()
        lead_back(page, "Payment methods")
        page.get_by_text("Visa •••• 4242").first.wait_for()
        methods = house.get(f"/accounts/{account}/methods")["data"]
        assert [m["provider"] for m in methods] == ["stripe"]


def test_the_policy_of_the_page_names_who_is_on(abroad: Abroad, house: House) -> None:
    cart = abroad.house.post("/carts", {"account_id": abroad.house.account(), "lines": [MEDIA]})
    policies = [
        one.client.get(f"{one.url}/checkout/{cart['token']}").headers for one in (abroad.house, house)
    ]
    assert "https://js.stripe.com" in policies[0]["content-security-policy"]
    assert policies[0]["cross-origin-opener-policy"] == "same-origin-allow-popups"
    assert "https:" not in policies[1]["content-security-policy"]
    assert policies[1]["cross-origin-opener-policy"] == "same-origin"


@pytest.fixture(scope="module")
def asking(house: House) -> Iterator[tuple[House, list[str]]]:
    """The house by way of a process that asks Turnstile, and the tokens that it was asked about."""
    asked: list[str] = []

    def siteverify(call: Call) -> Reply:
        form = parse_qs(call.body.decode())
        asked.append(form["response"][0])
        return Reply(body={"success": form["response"] == ["a-person"] and form["secret"] == ["s3cret"]})

    peer, port = PeerServer(siteverify), free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {
        "SOLVENT_HOST": "127.0.0.1",
        "SOLVENT_PORT": str(port),
        "SOLVENT_SANDBOX_URL": house.bank_url,
        "SOLVENT_SANDBOX_SECRET": BANK_KEY,
        "SOLVENT_BOT_CHECK": "turnstile",
        "SOLVENT_TURNSTILE_SITE_KEY": "0x4AAAAAAA",
        "SOLVENT_TURNSTILE_SECRET": "s3cret",
        "SOLVENT_TURNSTILE_URL": f"{peer.url}/siteverify",
    }
    with process([sys.executable, "-c", SERVE, house.database_url], settings, f"{url}/v1/healthz"):
        yield replace(house, url=url), asked
    peer.close()


def person(widget: FrameLocator) -> None:
    """Somebody passes the check, which may be the next one after one that was spent."""
    widget.locator("#person:not(:checked)").click()
    widget.locator("body[data-given]").wait_for()


def test_turnstile_is_asked_and_shown_again_after_it_refused(
    asking: tuple[House, list[str]], chromium: Browser
) -> None:
    house, asked = asking
    account = house.account()
    cart = house.post("/carts", {"account_id": account, "lines": [MEDIA]})
    with watched_page(chromium, forgiven=(REFUSED,), hosts=TURNSTILE_HOSTS, viewport=DESK) as page:
        with_turnstile(page.context, ["a-bot", "a-person"])
        one = Checkout(house, page, account, cart).open()
        widget = page.frame_locator("iframe[title^='Widget']")
        one.card().pay()
        page.get_by_text("Please confirm this before you pay.").wait_for()
        person(widget)
        one.pay().tells("We could not make sure that you are a person")
        assert one.payments() == []
        person(widget)
        one.pay().shows("Thank you")
        assert (asked, one.payments()) == (["a-bot", "a-person"], [1000])


def test_turnstile_stands_on_the_page_of_a_link_to_pay(
    asking: tuple[House, list[str]], chromium: Browser
) -> None:
    house, asked = asking
    account, invoice = owing(house)
    link = house.post(f"/accounts/{account}/pay-link", {}, 200)["url"]
    with watched_page(chromium, forgiven=(REFUSED,), hosts=TURNSTILE_HOSTS, viewport=PHONE) as page:
        with_turnstile(page.context, ["a-bot", "a-person"])
        page.goto(link)
        before = len(asked)
        for verdict in ("could not make sure that you are a person", "Thank you"):
            page.get_by_label("Another card").check()
            page.get_by_label("Card number").fill(GOOD)
            person(page.frame_locator("iframe[title^='Widget']"))
            page.locator("[name=cf-turnstile-response][value]").wait_for(state="attached")
            page.get_by_role("button", name="Pay $90.00").click()
            page.get_by_text(verdict).wait_for()
        assert asked[before:] == ["a-bot", "a-person"]
        assert debt(house, invoice) == 0
