"""What a checkout page shows of a cart that changes, ends or cannot be reached; and that everybody can use it."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, Page

from solvent.core.ids import bucket_of, parse
from solvent.flows.reconcile import resolve
from tests.patience import PATIENCE_S
from tests.web.browser import PACKED_BYTES_MAX, barriers, needs_browser, watched_page, weight
from tests.web.checkout_visitor import (
    CHALLENGED,
    DECLINED,
    DESK,
    FOCUSED,
    LOST,
    PHONE,
    PRO,
    SEATS,
    Checkout,
    checkout,
)
from tests.web.house import House

pytestmark = needs_browser


def test_lines_are_edited_with_a_live_total(house: House, chromium: Browser) -> None:
    with checkout(house, chromium, PRO, SEATS) as one:
        assert one.due == "$55.00"
        one.page.get_by_role("button", name="One more of Seats").click(click_count=2)
        one.page.locator(".due").filter(has_text="$69.00").wait_for()
        one.page.get_by_role("status").filter(has_text="Due today is now $69.00").wait_for()
        one.page.get_by_role("textbox", name="Quantity of Seats").fill("1")
        one.page.keyboard.press("Tab")
        one.page.locator(".due").filter(has_text="$27.00").wait_for()
        one.page.get_by_role("button", name="Remove Seats").click()
        one.page.locator(".due").filter(has_text="$20.00").wait_for()
        one.page.get_by_role("button", name=re.compile("Switch to Pro: yearly")).click()
        one.page.locator(".due").filter(has_text="$200.00").wait_for()


def test_a_coupon_counts_and_a_wrong_one_is_told_at_its_field(house: House, chromium: Browser) -> None:
    with checkout(house, chromium, PRO, refused=True) as one:
        one.page.get_by_role("button", name="Add a coupon").click()
        one.page.get_by_label("Coupon code").fill("nothing")
        one.page.keyboard.press("Enter")
        one.page.locator("#coupon-wrong:not(:empty)").wait_for()
        assert one.due == "$20.00"
        one.page.get_by_label("Coupon code").fill("partner")
        one.page.keyboard.press("Enter")
        one.page.locator(".due").filter(has_text="$17.50").wait_for()
        one.page.get_by_role("button", name="Remove coupon PARTNER").click()
        one.page.locator(".due").filter(has_text="$20.00").wait_for()


def test_a_price_that_changed_meanwhile_is_shown_before_it_is_paid(house: House, chromium: Browser) -> None:
    with checkout(house, chromium, refused=True) as one:
        one.card()
        httpx.post(
            f"{one.api}/lines", json=PRO | {"quantity": 1}, timeout=PATIENCE_S, verify=False
        ).raise_for_status()
        one.pay().tells("It was $10.00 and is $30.00 now")
        assert one.payments() == []
        one.pay().shows("Thank you")
        assert one.payments() == [3000]


def test_a_payment_that_ended_elsewhere_can_be_begun_again(house: House, chromium: Browser) -> None:
    with checkout(house, chromium) as one:
        one.card(CHALLENGED).pay()
        one.page.wait_for_url("**/challenge/**")
        httpx.post(f"{one.api}/cancel-payment", json={}, timeout=PATIENCE_S, verify=False).raise_for_status()
        one.at_the_bank("pass").tells("Nothing was taken")
        one.card().pay().shows("Thank you")
        assert one.payments() == [1000]


def test_an_attempt_that_expired_takes_nothing_and_another_pays(house: House, chromium: Browser) -> None:
    with checkout(house, chromium) as one:
        one.card(CHALLENGED).pay()
        one.page.wait_for_url("**/challenge/**")
        account_id, later = parse("acc", one.account), house.solvent.clock() + timedelta(minutes=31)
        resolve(house.solvent.platform, bucket_of(account_id), later, 10, account_id)
        one.at_the_bank("pass")  # too late
        one.tells("Nothing was taken")
        assert one.payments() == []
        one.card().pay().shows("Thank you")
        assert one.payments() == [1000]


def test_what_is_free_needs_no_method_which_is_asked_for_when_it_is_changed(
    house: House, chromium: Browser
) -> None:
    """Deferred collection: nothing is on file until there is something to pay."""
    free = {"price_id": "zone-free-usd-month", "object": "zone:free.example"}
    with checkout(house, chromium, free) as one:
        assert one.page.get_by_role("radio").count() == 1
        assert one.button.inner_text() == "Subscribe now"
        one.pay().shows("Thank you")
        assert house.get(f"/accounts/{one.account}/methods")["data"] == []
    pro = PRO | {"object": "zone:free.example"}
    with checkout(house, chromium, pro, account=one.account) as two:
        assert two.due == "$20.00"
        two.card().pay().shows("Thank you")
        assert two.payments() == [2000]
        assert len(house.get(f"/accounts/{one.account}/methods")["data"]) == 1


def test_a_cart_that_has_expired_or_was_cancelled_says_so(house: House, chromium: Browser) -> None:
    with checkout(house, chromium, refused=True, more={"cancel_url": "https://shop.example.com/"}) as one:
        house.post(f"/carts/{one.cart['id']}/cancel", None, 200)
        one.card().pay().shows("This checkout was closed")
        assert (
            one.page.get_by_role("link", name="Back to").get_attribute("href") == "https://shop.example.com/"
        )
    with checkout(house, chromium, refused=True) as two:
        with psycopg.connect(house.database_url) as connection:
            connection.execute(
                "update cart set created_at = created_at - interval '2 days', "
                "expires_at = expires_at - interval '2 days' where account_id = %s",
                [two.account.removeprefix("acc_")],
            )
        two.page.reload()
        two.shows("This checkout has ended")


def test_a_link_that_leads_nowhere_says_so(house: House, chromium: Browser) -> None:
    with watched_page(chromium, forgiven=("status of 404",), viewport=PHONE) as page:
        page.goto(f"{house.url}/checkout/nothing")
        page.get_by_role("heading", name="This link leads nowhere").wait_for()


def test_a_lost_connection_is_told_and_mends_itself(house: House, chromium: Browser) -> None:
    with checkout(house, chromium, SEATS) as one:
        pass
    with watched_page(chromium, forgiven=(LOST,), viewport=DESK) as page:
        lost = Checkout(house, page, one.account, one.cart).open()
        page.context.set_offline(True)
        lost.card().pay().tells("The connection was lost")
        page.context.set_offline(False)
        page.get_by_role("alert").wait_for(state="detached")
        lost.pay().shows("Thank you")
        assert lost.payments() == [3500]


def test_keys_alone_are_enough(house: House, chromium: Browser) -> None:
    with checkout(house, chromium) as one:
        typed = {"card-number": "4242424242424242", "card-expiry": "1239", "card-code": "123"}
        for _ in range(40):
            one.page.keyboard.press("Tab")
            name = one.page.evaluate(f"{FOCUSED}?.id")
            if name in typed:
                one.page.keyboard.type(typed.pop(name))
            if one.page.evaluate(f"{FOCUSED}?.matches('form > button.act')"):
                break
        assert not typed
        one.page.keyboard.press("Enter")
        one.shows("Thank you")
        one.focuses("outcome")  # where the news is


def test_what_was_typed_wrong_is_told_at_its_field(house: House, chromium: Browser) -> None:
    with checkout(house, chromium) as one:
        one.page.get_by_label("Card number").fill("12")
        one.pay()
        one.page.get_by_text("A card number has 12 to 19 digits.").wait_for()
        number = one.page.get_by_label("Card number")
        number.and_(one.page.locator("[aria-invalid=true]")).wait_for()
        assert one.page.get_by_label("Expiry").get_attribute("aria-invalid") == "true"
        assert one.payments() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_anybodys_way(house: House, chromium: Browser, scheme: str) -> None:
    with checkout(
        house, chromium, PRO, SEATS, viewport=PHONE, color_scheme=scheme, more={"coupons": ["PARTNER"]}
    ) as one:
        found = barriers(one.page)
        one.page.get_by_role("button", name="Add a coupon").click()
        one.page.locator("summary").last.click()
        found += barriers(one.page)
        assert _fits(one.page)
        one.card(DECLINED).pay().tells("The payment was not accepted")
        found += barriers(one.page)
        for way, choice in (("Card", "fail"), ("PayPal", "refuse")):
            one.choose(way)
            (one.card(CHALLENGED) if way == "Card" else one).pay()
            one.page.locator(f"button[value={choice}]").wait_for()
            found += barriers(one.page)
            one.at_the_bank(choice).tells("Nothing was taken")
        one.choose("Apple Pay").pay()
        one.page.get_by_role("dialog").wait_for()
        found += barriers(one.page)
        one.page.get_by_role("button", name="Confirm with Apple Pay").click()
        one.shows("Thank you")
        found += barriers(one.page)
        assert found == []


def test_it_speaks_german(house: House, chromium: Browser) -> None:
    account = house.account(language="de", country="DE", currency="EUR", entity="solvent-eu")
    line = {"price_id": "media-eur-month", "object": "account"}
    with checkout(house, chromium, line, account=account, viewport=PHONE) as one:
        assert one.page.get_by_role("heading", name="Ihre Bestellung").count() == 1
        assert one.page.locator("html").get_attribute("lang") == "de"
        assert one.page.title().startswith("Bezahlen")
        assert re.fullmatch(r"\d+,\d\d\s€", one.due)
        offer = one.page.locator("button.offer").inner_text()
        assert re.search(r"Wechseln zu .+: (jährlich|monatlich) · spart", offer)
        one.page.get_by_role("button", name="Gutschein hinzufügen").click()
        one.page.get_by_label("Gutscheincode").fill("partner")
        one.page.keyboard.press("Enter")
        one.page.get_by_text("Partner (12,5\u00a0% Rabatt)").wait_for()
        assert "pro Monat, im Voraus für" in (one.page.locator("details.worked").text_content() or "")
        assert _fits(one.page)
        one.page.get_by_role("radio", name="Karte").check()
        one.page.get_by_label("Kartennummer").fill("4242 4242 4242 4242")
        one.page.get_by_label("Gültig bis").fill("12/39")
        one.page.get_by_label("Prüfnummer").fill("123")
        one.pay().shows("Vielen Dank")


def test_the_page_is_light_and_says_when_it_is_of_use(house: House, chromium: Browser) -> None:
    with checkout(house, chromium) as one:
        assert 20_000 < weight(one.page) < PACKED_BYTES_MAX
        assert one.page.evaluate("performance.getEntriesByName('solvent-usable')[0].startTime") > 0


def _fits(page: Page) -> bool:
    """Whether nothing sticks out to the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
