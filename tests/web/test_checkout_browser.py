"""Checkout in a real browser: every way to pay, and whatever may come between, ends with one payment or none."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Browser, Route

from tests.patience import PATIENCE_S
from tests.web.browser import needs_browser
from tests.web.checkout_visitor import CHALLENGED, DEBIT, DECLINED, PRO, checkout
from tests.web.house import House

pytestmark = needs_browser


def test_a_card_pays_and_the_next_time_takes_two_clicks(house: House, chromium: Browser) -> None:
    with checkout(house, chromium, more={"success_url": "https://shop.example.com/thanks"}) as first:
        first.card().pay().shows("Thank you")
        assert first.payments() == [1000]
        assert (
            first.page.get_by_role("link", name="Continue").get_attribute("href")
            == "https://shop.example.com/thanks"
        )
        pdf = first.page.get_by_role("link", name="Download the invoice").get_attribute("href")
        assert httpx.get(pdf or "", timeout=PATIENCE_S, verify=False).content.startswith(b"%PDF")
    with checkout(house, chromium, PRO, account=first.account) as second:
        assert second.page.get_by_role("radio").count() == 1, "what is on file comes first, alone"
        second.pay().shows("Thank you")  # the first click opened the page
        assert sorted(second.payments()) == [1000, 2000]


@pytest.mark.parametrize("wallet", ["Apple Pay", "Google Pay"])
def test_a_wallet_shows_its_sheet(house: House, chromium: Browser, wallet: str) -> None:
    with checkout(house, chromium) as one:
        sheet = one.page.get_by_role("dialog", name=wallet)
        one.choose(wallet).pay()
        sheet.wait_for()
        one.page.keyboard.press("Escape")
        sheet.wait_for(state="hidden")
        assert one.payments() == []
        one.pay()
        sheet.get_by_role("button", name=f"Confirm with {wallet}").click()
        one.shows("Thank you")
        assert one.payments() == [1000]


def test_paypal_is_approved_there(house: House, chromium: Browser) -> None:
    with checkout(house, chromium) as one:
        one.choose("PayPal").pay().at_the_bank("approve").shows("Thank you")
        assert one.payments() == [1000]
        assert one.page.url == one.address, "the address is as it was"


def test_a_redirect_that_is_cancelled_takes_nothing(house: House, chromium: Browser) -> None:
    with checkout(house, chromium) as one:
        one.choose("PayPal").pay().at_the_bank("refuse").tells("Nothing was taken")
        assert one.page.get_by_role("radio", name="PayPal").is_checked(), "as it was chosen"
        one.page.reload()
        one.tells("Nothing was taken")
        assert one.page.get_by_role("radio", name="PayPal").is_checked()
        one.choose("Card").card().pay().shows("Thank you")
        assert one.payments() == [1000]


def test_a_debit_and_a_transfer_take_their_time(house: House, chromium: Browser) -> None:
    with checkout(house, chromium) as one:
        one.choose("Bank debit")
        one.page.get_by_label("Account number").fill(DEBIT)
        one.pay().shows("Your payment is under way")
    with checkout(house, chromium) as other:
        other.choose("Bank transfer").pay().shows("Please transfer $10.00")
        assert "DE02" in other.page.locator(".panel").inner_text()
        other.page.get_by_role("button", name="Pay in another way").click()
        other.choose("Card").card().pay().shows("Thank you")
        assert other.payments() == [1000]


def test_a_decline_is_told_and_another_card_pays(house: House, chromium: Browser) -> None:
    with checkout(house, chromium) as one:
        one.card(DECLINED).pay().tells("The payment was not accepted")
        one.page.reload()
        one.tells("The payment was not accepted")
        one.card().pay().shows("Thank you")
        assert one.payments() == [1000]


def test_three_d_secure_passes_and_fails(house: House, chromium: Browser) -> None:
    with checkout(house, chromium) as one:
        one.card(CHALLENGED).pay().at_the_bank("fail").tells("Nothing was taken")
        one.card(CHALLENGED).pay().at_the_bank("pass").shows("Thank you")
        assert one.payments() == [1000]


def test_the_way_that_was_chosen_is_kept_when_the_bank_refuses(house: House, chromium: Browser) -> None:
    with checkout(house, chromium) as first:
        first.card().pay().shows("Thank you")
    with checkout(house, chromium, PRO, account=first.account) as one:
        card = one.page.locator("input[value='sandbox:card']")
        one.page.get_by_role("button", name="Pay in another way").click()
        card.check()
        one.card(CHALLENGED).pay().at_the_bank("fail").tells("was not confirmed with your bank")
        assert card.is_checked(), "not what is on file, which comes first"
        one.page.reload()
        one.tells("Nothing was taken")
        assert card.is_checked()
        one.card().pay().shows("Thank you")
        assert sorted(one.payments()) == [1000, 2000]


def test_the_back_button_leads_to_the_step_that_is_left(house: House, chromium: Browser) -> None:
    with checkout(house, chromium) as one:
        one.card(CHALLENGED).pay()
        one.page.wait_for_url("**/challenge/**")
        one.page.go_back()
        one.shows("One step is left")
        one.page.get_by_role("link", name="Continue to confirm").click()
        one.page.wait_for_url("**/challenge/**")
        one.page.go_back()
        one.page.get_by_role("button", name="Pay in another way").click()
        one.card().pay().shows("Thank you")
        one.page.reload()
        one.shows("Thank you")
        assert one.payments() == [1000]


def test_a_double_click_pays_once(house: House, chromium: Browser) -> None:
    with checkout(house, chromium) as one:
        one.card().button.dblclick()
        one.shows("Thank you")
        assert one.payments() == [1000]


def test_two_tabs_pay_once(house: House, chromium: Browser) -> None:
    with checkout(house, chromium, refused=True) as one:
        tab = one.page.context.new_page()
        tab.goto(one.address)
        other = type(one)(one.house, tab, one.account, one.cart)
        other.card()
        one.card().pay().shows("Thank you")
        other.pay().shows("Thank you")
        assert one.payments() == [1000]


def test_a_reload_between_opening_and_confirming_loses_nothing(house: House, chromium: Browser) -> None:
    with checkout(house, chromium, refused=True) as one:
        one.page.route("**/confirm", lambda route: route.abort("internetdisconnected"))
        with one.page.expect_event("requestfailed"):
            one.card().pay()
        one.tells("The connection was lost")
        one.page.unroute("**/confirm")
        one.page.reload()
        one.shows("Please finish the payment")
        one.page.get_by_role("button", name="Try again").click()
        one.card().pay().shows("Thank you")
        assert one.payments() == [1000]


def test_an_answer_that_is_lost_is_found_again(house: House, chromium: Browser) -> None:
    def lose(route: Route) -> None:
        route.fetch()  # the server has it
        route.abort("internetdisconnected")

    with checkout(house, chromium, refused=True) as one:
        one.page.route("**/confirm", lose)
        one.card().pay().shows("Thank you")
        assert one.payments() == [1000]


def test_a_cart_of_three_loses_the_name_that_the_registry_refuses(house: House, chromium: Browser) -> None:
    with checkout(house, chromium, PRO) as one:
        for name in ("fails-shop.com", "shop.dev"):
            one.page.get_by_role("button", name="Add a domain").click()
            one.page.get_by_label("Domain name").fill(name)
            one.page.keyboard.press("Enter")
            one.page.get_by_role("button", name=f"Add {name}").click()
            one.page.locator(".line").filter(has_text=name).wait_for()
        assert one.due == "$42.64"
        one.card().pay().at_the_bank("pass").shows(
            "Thank you"
        )  # a name asks for it, and is paid with the rest
        one.page.get_by_text("Being set up").first.wait_for()
        house.work(one.account)
        one.shows("Thank you. One thing could not be delivered")  # the page has looked again by itself
        one.page.get_by_text("Refunded", exact=True).wait_for()
        lines = one.page.locator(".line").all_inner_texts()
        assert ["Refunded" in line for line in lines] == [False, True, False]
        assert "The registry refused the name." in lines[1]
        assert one.payments() == [4264]
