"""What a customer does in the portal, over real HTTP and without any script."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO

import httpx
import pytest
from pypdf import PdfReader

from solvent.core.request import Quoted
from solvent.portal_links import PortalLinks
from tests.patience import PATIENCE_S
from tests.web.house import BUSINESS, PRO, House, Json, fresh_key, problem, start
from tests.web.portal_visitor import PortalVisitor
from tests.web.test_pay_page import LATER_DECLINED, NO_FUNDS, debt, owing

CARD, CHALLENGE = "4242 4242 4242 4242", "4000 0025 0000 3155"
MASTERCARD = "5555 5555 5555 4444"
SEATS, ZONE = "seats-usd-month", "zone:portal.example"


def subscriber(
    house: House, price: str = PRO, thing: str = ZONE, quantity: int = 1
) -> tuple[PortalVisitor, str, str]:
    """Somebody in the portal who has a subscription: with it and the account."""
    account = house.account()
    bought = house.buy(account, price, thing, quantity)
    return PortalVisitor(house, account), account, str(bought["subscription_id"])


def item_of(house: House, subscription: str) -> str:
    return str(house.get(f"/subscriptions/{subscription}")["items"][0]["id"])


def charges(house: House, account: str) -> list[int]:
    """What was charged, in minor units."""
    found = house.get(f"/events?account={account}&type=invoice.paid&limit=200")["data"]
    return [x["data"]["total"] for x in found]


def quote(visitor: PortalVisitor, subscription: str, **fields: str) -> tuple[str, str]:
    """The page of a quote and its address."""
    path = str(httpx.URL(f"/portal/subscriptions/{subscription}/quote", params=fields))
    return visitor.look(path), path


def accept(
    visitor: PortalVisitor, page: str, subscription: str, number: str | None = CARD, way: str | None = None
) -> httpx.Response:
    """Say yes to a quote that was shown."""
    action = f"/portal/subscriptions/{subscription}/quote"
    fields = {} if number is None else {"way": way or "card", "number": number}
    return visitor.browser.post(action, data=visitor.forms(page)[action] | fields)


def follow(visitor: PortalVisitor, answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return visitor.look(answer.headers["location"])


def test_an_upgrade_is_shown_before_it_is_made_and_costs_what_was_shown(house: House) -> None:
    visitor, account, sub = subscriber(house)
    assert "See what it costs" in visitor.look(f"/portal/subscriptions/{sub}")
    with house.nothing_written():
        page, _ = quote(visitor, sub, do="price", item=item_of(house, sub), price=f"{BUSINESS}@1")
    due = re.search(r"Confirm and pay \$([\d.]+)", page)
    assert due is not None
    assert "Change to Business" in page
    assert re.search(r"Next renewal, [^<]+</dt><dd>\$200\.00", page)
    assert (
        "31 days" in page or "30 days" in page or "28 days" in page or "full period" in page or "of" in page
    )
    done = follow(visitor, accept(visitor, page, sub))
    assert "Your change is in effect" in done
    assert charges(house, account)[-1] == round(float(due[1]) * 100)
    assert house.get(f"/subscriptions/{sub}")["items"][0]["price_id"] == f"{BUSINESS}@1"


def test_the_price_that_was_shown_holds_while_it_is_read(house: House) -> None:
    """Seconds later the rest of the period is worth less: what is charged is what was shown all the same."""
    visitor, account, sub = subscriber(house, "zone-business-usd-month")
    page, _ = quote(visitor, sub, do="interval", interval="year:1")
    links = PortalLinks(house.solvent.settings, house.solvent.database)
    now = house.solvent.clock()
    session = links.session(visitor.browser.cookies["portal"], now)
    assert session is not None
    hidden = visitor.forms(page)[f"/portal/subscriptions/{sub}/quote"]
    shown = links.was_shown(hidden["shown"], session, now)
    assert shown is not None
    assert "Your change is in effect" in follow(visitor, accept(visitor, page, sub))
    attempt = house.get(f"/invoices?account={account}")["data"][-1]
    due = re.search(r"Confirm and pay \$([\d.,]+)", page)
    assert due is not None
    assert attempt["total"] == round(float(due[1].replace(",", "")) * 100)


def test_a_quote_that_does_not_hold_is_shown_again_and_takes_nothing(house: House) -> None:
    visitor, account, sub = subscriber(house, SEATS, "account", 5)
    item, before = item_of(house, sub), charges(house, account)
    page, _ = quote(visitor, sub, do="quantity", item=item, quantity="8")
    other, _ = quote(visitor, sub, do="quantity", item=item, quantity="7")
    follow(visitor, accept(visitor, other, sub))
    again = accept(visitor, page, sub)
    assert again.status_code == 409
    assert "The price has changed" in again.text
    assert "Nothing was charged" in again.text
    assert len(charges(house, account)) == len(before) + 1
    done = follow(visitor, accept(visitor, again.text, sub))
    assert "Your change is in effect" in done, "the page that was shown again can be agreed to"
    assert house.get(f"/subscriptions/{sub}")["items"][0]["quantity"] == 8


@pytest.mark.parametrize("change", ["old", "other", "none"])
def test_no_other_price_can_be_agreed_to(house: House, change: str) -> None:
    visitor, account, sub = subscriber(house, SEATS, "account", 5)
    before = charges(house, account)
    page, _ = quote(visitor, sub, do="quantity", item=item_of(house, sub), quantity="8")
    action = f"/portal/subscriptions/{sub}/quote"
    hidden = visitor.forms(page)[action]
    links, now = PortalLinks(house.solvent.settings, house.solvent.database), house.solvent.clock()
    session = links.session(visitor.browser.cookies["portal"], now)
    assert session is not None
    shown = links.was_shown(hidden["shown"], session, now)
    assert shown is not None
    old = Quoted(at=shown.at - timedelta(minutes=11), fingerprint=shown.fingerprint)
    other = Quoted(at=shown.at, fingerprint="0" * 32)
    hidden["shown"] = {
        "old": links.shown(old, session, now),
        "other": links.shown(other, session, now),
        "none": "AAAA",
    }[change]
    answer = visitor.browser.post(action, data=hidden | {"way": "card", "number": CARD})
    assert answer.status_code == 409
    assert charges(house, account) == before


def test_a_double_click_and_two_tabs_pay_once(house: House) -> None:
    visitor, account, sub = subscriber(house)
    before, item = charges(house, account), item_of(house, sub)
    one, _ = quote(visitor, sub, do="price", item=item, price=f"{BUSINESS}@1")
    two, _ = quote(visitor, sub, do="price", item=item, price=f"{BUSINESS}@1")
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda page: accept(visitor, page, sub), [one, one, two]))
    assert {a.status_code for a in answers} <= {303, 409, 422}, [a.text for a in answers]
    assert len(charges(house, account)) == len(before) + 1


def test_a_downgrade_waits_and_can_be_dropped(house: House) -> None:
    visitor, account, sub = subscriber(house, "zone-business-usd-month")
    before = charges(house, account)
    page, _ = quote(visitor, sub, do="price", item=item_of(house, sub), price=f"{PRO}@1")
    assert "Nothing is charged now" in page
    assert 'name="way"' not in page
    assert "takes effect when the current period ends" in follow(visitor, accept(visitor, page, sub, None))
    shown = visitor.look(f"/portal/subscriptions/{sub}")
    assert re.search(r"From [^:]+: Pro \(portal.example\), \$20\.00 per month", shown)
    kept, _ = quote(visitor, sub, do="keep", item=item_of(house, sub))
    follow(visitor, accept(visitor, kept, sub, None))
    assert house.get(f"/subscriptions/{sub}")["pending"] is None
    assert charges(house, account) == before


def test_a_shorter_interval_waits_and_can_be_dropped(house: House) -> None:
    visitor, _, sub = subscriber(house, "zone-pro-usd-year")
    page, _ = quote(visitor, sub, do="interval", interval="month:1")
    follow(visitor, accept(visitor, page, sub, None))
    assert "it is billed per month" in visitor.look(f"/portal/subscriptions/{sub}")
    kept, _ = quote(visitor, sub, do="keep")
    follow(visitor, accept(visitor, kept, sub, None))
    assert house.get(f"/subscriptions/{sub}")["pending"] is None


def test_cancelling_at_the_end_and_taking_it_back(house: House) -> None:
    visitor, _, sub = subscriber(house)
    page, _ = quote(visitor, sub, do="cancel")
    assert "is not renewed" in page
    follow(visitor, accept(visitor, page, sub, None))
    assert house.get(f"/subscriptions/{sub}")["pending"]["cancel"] is True
    assert "Do not cancel" in visitor.look(f"/portal/subscriptions/{sub}")
    page, _ = quote(visitor, sub, do="resume")
    follow(visitor, accept(visitor, page, sub, None))
    assert house.get(f"/subscriptions/{sub}")["pending"] is None


def test_cancelling_now_gives_credit_where_the_merchant_says_so(house: House) -> None:
    visitor, account, sub = subscriber(house)
    page, _ = quote(visitor, sub, do="cancel_now")
    assert "Becomes credit" in page
    follow(visitor, accept(visitor, page, sub, None))
    assert house.get(f"/subscriptions/{sub}")["state"] == "ended"
    (balance,) = house.get(f"/accounts/{account}/state")["credit"]["balances"]
    assert balance["amount"] > 1990
    ended = visitor.look(f"/portal/subscriptions/{sub}")
    assert "Cancel now" not in ended
    assert "Returned to you" in visitor.look("/portal/invoices")


def test_an_item_is_removed_and_kept(house: House) -> None:
    account = house.account()
    items = [
        {"price_id": PRO, "object": ZONE, "quantity": 1},
        {"price_id": SEATS, "object": "account", "quantity": 5},
    ]
    done = house.confirm(house.open(account, {"type": "start", "items": items}))
    sub, visitor = done["subscription_id"], PortalVisitor(house, account)
    seats = next(
        i["id"] for i in house.get(f"/subscriptions/{sub}")["items"] if i["price_id"].startswith(SEATS)
    )
    page, _ = quote(visitor, sub, do="remove", item=seats)
    assert "Remove 5 × Seats" in page
    follow(visitor, accept(visitor, page, sub, None))
    assert re.search(r"5 × Seats ends on", visitor.look(f"/portal/subscriptions/{sub}"))
    kept, _ = quote(visitor, sub, do="keep", item=seats)
    follow(visitor, accept(visitor, kept, sub, None))
    assert house.get(f"/subscriptions/{sub}")["pending"] is None


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 400),
        ({"do": "destroy"}, 400),
        ({"do": "price", "price": f"{BUSINESS}@1"}, 404),
        ({"do": "price", "item": "itm_" + "0" * 32, "price": f"{BUSINESS}@1"}, 404),
        ({"do": "price", "item": "own", "price": "nonsense"}, 422),
        ({"do": "price", "item": "own"}, 422),
        ({"do": "quantity", "item": "own", "quantity": "0"}, 422),
        ({"do": "quantity", "item": "own", "quantity": "-1"}, 422),
        ({"do": "quantity", "item": "own", "quantity": "9" * 10}, 422),
        ({"do": "quantity", "item": "own", "quantity": "٣"}, 422),
        ({"do": "interval", "interval": "week:1"}, 400),
        ({"do": "resume"}, 422),
        ({"do": "keep", "item": "own"}, 422),
        ({"do": "remove", "item": "own"}, 422),
    ],
)
def test_bad_input_is_told_on_a_page(house: House, fields: dict[str, str], status: int) -> None:
    visitor, _, sub = subscriber(house)
    fields = {name: item_of(house, sub) if value == "own" else value for name, value in fields.items()}
    with house.nothing_written():
        path = str(httpx.URL(f"/portal/subscriptions/{sub}/quote", params=fields))
        assert "<h1>" in visitor.look(path, status)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "choose how to pay"),
        ({"way": "card", "number": "12"}, "12 to 19 digits"),
        ({"way": "x"}, "choose how"),
    ],
)
def test_a_way_to_pay_is_needed(house: House, fields: dict[str, str], says: str) -> None:
    visitor, account, sub = subscriber(house)
    before = charges(house, account)
    page, _ = quote(visitor, sub, do="price", item=item_of(house, sub), price=f"{BUSINESS}@1")
    action = f"/portal/subscriptions/{sub}/quote"
    answer = visitor.browser.post(action, data=visitor.forms(page)[action] | fields)
    assert answer.status_code == 422
    assert says in answer.text
    assert charges(house, account) == before


def at_the_bank(visitor: PortalVisitor, page: str, choice: str) -> str:
    """Go to the bank's page and come back by what it answers; what is then shown."""
    bank = re.search(r'href="([^"]+/(?:challenge|approve)/[^"]+)"', page)
    assert bank is not None, page
    answer = httpx.post(bank[1], data={"choice": choice}, verify=False, timeout=PATIENCE_S)
    assert answer.status_code == 303
    return visitor.look(answer.headers["location"])


@pytest.mark.parametrize(
    ("choice", "says"), [("pass", "Your change is in effect"), ("fail", "Nothing was taken")]
)
def test_a_challenge_leads_to_the_bank_and_back_to_the_same_place(
    house: House, choice: str, says: str
) -> None:
    visitor, account, sub = subscriber(house)
    before = charges(house, account)
    page, _ = quote(visitor, sub, do="price", item=item_of(house, sub), price=f"{BUSINESS}@1")
    waiting = follow(visitor, accept(visitor, page, sub, CHALLENGE))
    assert "One step is left" in waiting
    assert "Waiting for you" in visitor.look("/portal"), "it can be finished from the overview"
    assert says in at_the_bank(visitor, waiting, choice)
    assert len(charges(house, account)) == len(before) + (choice == "pass")


def test_a_declined_card_leads_back_to_the_quote(house: House) -> None:
    visitor, account, sub = subscriber(house)
    before = charges(house, account)
    page, _ = quote(visitor, sub, do="price", item=item_of(house, sub), price=f"{BUSINESS}@1")
    failed = follow(visitor, accept(visitor, page, sub, NO_FUNDS))
    assert "there was not enough money" in failed
    again = re.search(r'href="(/portal/subscriptions/[^"]+/quote[^"]*)"', failed)
    assert again is not None
    assert "Change to Business" in visitor.look(again[1])
    assert charges(house, account) == before
    assert house.get(f"/subscriptions/{sub}")["items"][0]["price_id"] == f"{PRO}@1"


def test_what_waits_for_a_card_can_be_finished(house: House) -> None:
    """A payment that was begun elsewhere: the overview leads to it, with a form for the card."""
    account = house.account()
    begun = house.open(account, start())
    visitor = PortalVisitor(house, account)
    where = f"/portal/changes/{begun['id']}"
    page = visitor.look("/portal")
    assert f'href="{where}"' in page
    assert "New: Pro (example.com): $20.00 is not confirmed yet" in page
    assert visitor.send(where, where, way="card", number="12").status_code == 422
    done = visitor.send(where, where, way="card", number=CARD)
    assert "Your change is in effect" in follow(visitor, done)
    assert house.get(f"/changes/{begun['id']}")["state"] == "committed"


def test_a_method_is_added_ordered_and_removed(house: House) -> None:
    visitor, account, _ = subscriber(house)
    done = visitor.send("/portal/methods/add", "/portal/methods/add", way="card", number=MASTERCARD)
    assert "The payment method is on file" in follow(visitor, done)
    first, second = (m["id"] for m in house.get(f"/accounts/{account}/methods")["data"])

    def order() -> list[str]:
        return [m["id"] for m in house.get(f"/accounts/{account}/methods")["data"]]

    assert "The order is changed" in follow(
        visitor, visitor.send("/portal/methods", f"/portal/methods/{second}/first")
    )
    assert order() == [second, first]
    follow(visitor, visitor.send("/portal/methods", f"/portal/methods/{second}/down"))
    assert order() == [first, second]
    follow(visitor, visitor.send("/portal/methods", f"/portal/methods/{second}/up"))
    assert order() == [second, first]
    assert len(house.get(f"/events?account={account}&type=method.ordered")["data"]) == 3
    gone = visitor.send(f"/portal/methods/{second}/remove", f"/portal/methods/{second}/remove")
    assert "was removed" in follow(visitor, gone)
    assert order() == [first]
    assert "was removed" not in visitor.look(f"/portal/methods?removed={first}")
    stranger = PortalVisitor(house, house.account())
    assert stranger.browser.get(f"/portal/methods?removed={second}").status_code == 404
    kept = visitor.send(f"/portal/methods/{first}/remove", f"/portal/methods/{first}/remove")
    assert kept.status_code == 422
    assert "This is the only method that can be charged" in kept.text
    assert order() == [first]


def test_the_order_of_methods_over_the_api(house: House) -> None:
    account = house.account()
    for card in ("tok_4242424242424242", "tok_5555555555554444"):
        house.confirm(house.post(f"/accounts/{account}/methods", {}), card)
    first, second = (m["id"] for m in house.get(f"/accounts/{account}/methods")["data"])
    path = f"/accounts/{account}/methods/order"
    said = house.post(path, {"method_ids": [second, first]}, 200)
    assert [m["id"] for m in said["data"]] == [second, first]
    assert problem(house.post(path, {"method_ids": [first]}, 422)) == ("refused", ["method_ids"])
    assert problem(house.post(path, {"method_ids": []}, 400)) == ("invalid_request", ["method_ids"])


def test_adding_a_method_can_fail_and_be_challenged(house: House) -> None:
    account = house.account()
    visitor = PortalVisitor(house, account)
    add = "/portal/methods/add"
    assert "No payment method" in visitor.look("/portal/methods")
    assert visitor.send(add, add, way="card", number="1").status_code == 422
    assert "Try again" in follow(visitor, visitor.send(add, add, way="card", number="4000000000000002"))
    challenged = follow(visitor, visitor.send(add, add, way="card", number=CHALLENGE))
    assert "The payment method is on file" in at_the_bank(visitor, challenged, "pass")
    wallet = follow(visitor, visitor.send(add, add, way="sandpal"))
    assert "The payment method is on file" in at_the_bank(visitor, wallet, "approve")
    assert len(house.get(f"/accounts/{account}/methods")["data"]) == 2


def test_what_is_owed_is_told_in_plain_words_and_paid_in_two_clicks(house: House) -> None:
    account, invoice = owing(house)
    house.work(account)
    visitor = PortalVisitor(house, account)
    page = visitor.look()
    assert "A payment is open" in page
    number = house.get(f"/invoices/{invoice}")["number"]
    assert f"Invoice {number}: $90.00, due since" in page
    assert "The bank declined the payment" in page
    assert "Pay $90.00" in visitor.look(f"/portal/invoices/{invoice}")
    (stored,) = (v for label, v in visitor.ways(visitor.look("/portal/pay")).items() if "as on file" in label)
    done = follow(visitor, visitor.send("/portal/pay", "/portal/pay", way=stored))
    assert "What you paid is settled" in done
    assert debt(house, invoice) == 0
    assert "All is well" in visitor.look()
    assert "Nothing" in visitor.look("/portal/pay")


def test_a_debt_that_has_become_another_is_shown_again(house: House) -> None:
    account, invoice = owing(house)
    visitor = PortalVisitor(house, account)
    hidden = visitor.forms(visitor.look("/portal/pay"))["/portal/pay"]
    why = {"reason": "Sorry", "issued_by": "support"}
    house.post("/credit-notes", {"invoice_id": invoice, "amount": 500, **why})
    answer = visitor.browser.post("/portal/pay", data=hidden | {"way": "card", "number": CARD})
    assert answer.status_code == 409
    assert "$85.00" in answer.text
    assert debt(house, invoice) == 8500
    assert visitor.send("/portal/pay", "/portal/pay", way="card", number="12").status_code == 422
    declined = follow(visitor, visitor.send("/portal/pay", "/portal/pay", way="card", number=NO_FUNDS))
    assert 'href="/portal/pay"' in declined
    follow(visitor, visitor.send("/portal/pay", "/portal/pay", way="card", number=CARD))
    assert debt(house, invoice) == 0


def test_one_of_two_debts_can_be_paid(house: House) -> None:
    account, first = owing(house)
    lines = [{"description": "More", "amount": 500}]
    second = house.post("/invoices", {"account_id": account, "lines": lines})["invoice_id"]
    visitor = PortalVisitor(house, account)
    page = visitor.look(f"/portal/pay?invoice={second}")
    assert "$90.00" not in page
    hidden = visitor.forms(page)["/portal/pay"]
    follow(visitor, visitor.browser.post("/portal/pay", data=hidden | {"way": "card", "number": CARD}))
    assert (debt(house, first), debt(house, second)) == (9000, 0)
    stranger = PortalVisitor(house, house.account())
    assert stranger.browser.get(f"/portal/pay?invoice={first}").status_code == 404
    assert "/portal/pay" not in stranger.forms(stranger.look("/portal/pay")), "who owes nothing has no form"


def test_what_credit_pays_of_a_debt_is_said(house: House) -> None:
    account, invoice = owing(house)
    gift = {"kind": "goodwill", "amount": 1000, "reason": "Sorry", "granted_by": "support"}
    house.post(f"/accounts/{account}/credit", gift)
    visitor = PortalVisitor(house, account)
    page = visitor.look("/portal/pay")
    assert "Of this, your account credit pays $10.00." in page
    assert "Pay $80.00" in page
    follow(visitor, visitor.send("/portal/pay", "/portal/pay", way="card", number=CARD))
    assert debt(house, invoice) == 0


def test_invoices_and_credit_notes_have_their_files(house: House) -> None:
    account, invoice = owing(house)
    why = {"reason": "Sorry", "issued_by": "support"}
    note = house.post("/credit-notes", {"invoice_id": invoice, "amount": 500, **why})
    visitor = PortalVisitor(house, account)
    page = visitor.look("/portal/invoices")
    assert note["number"] in page
    for path in (f"/portal/invoices/{invoice}.pdf", f"/portal/credit-notes/{note['id']}.pdf"):
        assert path in page
        answer = visitor.browser.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF")


def test_many_invoices_come_page_by_page_the_newest_first(house: House) -> None:
    account = house.account()
    lines = [{"description": "Advice", "amount": 100}]
    made = [house.post("/invoices", {"account_id": account, "lines": lines})["invoice_id"] for _ in range(22)]
    visitor = PortalVisitor(house, account)
    first = visitor.look("/portal/invoices")
    older = re.search(r'href="(/portal/invoices\?before=[^"]+)"', first)
    assert older is not None
    second = visitor.look(older[1])
    shown = [
        list(dict.fromkeys(re.findall(r"/portal/invoices/(inv_\w+)\"", page))) for page in (first, second)
    ]
    assert shown[0] + shown[1] == made[::-1]
    assert visitor.browser.get("/portal/invoices?before=x").status_code == 404


def test_usage_so_far_and_the_next_invoice(house: House) -> None:
    account = house.account()
    house.buy(account)
    house.buy(account, "requests-usd-month", "account")
    at = datetime.now(UTC).isoformat()
    event: Json = {"id": account, "account": account, "meter": "requests", "at": at, "value": 10_000_000}
    house.post("/usage", {"events": [event]}, 200)
    page = PortalVisitor(house, account).look("/portal/usage")
    assert "Requests answered" in page
    assert "10,000,000 requests" in page
    assert "$3.00" in page
    assert "Your next invoice" in page
    assert "$20.00" in page


def test_restricted_by_debt_an_upgrade_is_refused_in_plain_words(house: House) -> None:
    clock = datetime(2026, 1, 1, tzinfo=UTC)
    account = house.account(test_clock=clock.isoformat())
    bought = house.confirm(house.open(account, start()), LATER_DECLINED)
    sub = bought["subscription_id"]
    until = clock + timedelta(days=38)
    house.post("/clock", {"account_id": account, "now": until.isoformat()}, 200)
    visitor = PortalVisitor(house, account)
    page = visitor.look()
    assert "A payment is overdue" in page
    assert "$20.00, due since February 1, 2026. The bank declined the payment" in page
    path = f"/portal/subscriptions/{sub}/quote?do=price&item={item_of(house, sub)}&price={BUSINESS}@1"
    refused = visitor.look(path, 422)
    assert "possible again as soon as what is open has been paid" in refused
    assert 'href="/portal/pay"' in refused
    (method,) = (m["id"] for m in house.get(f"/accounts/{account}/methods")["data"])
    kept = visitor.send(f"/portal/methods/{method}/remove", f"/portal/methods/{method}/remove")
    assert kept.status_code == 422
    assert "This is the only method that can be charged" in kept.text
    named = visitor.send("/portal/details", "/portal/details", name="Elsewhere", email="else@where.example")
    assert (named.status_code, "Please pay first" in named.text) == (422, True)
    assert house.get(f"/accounts/{account}")["name"] != "Elsewhere"


def test_name_and_email_are_changed_and_told(house: House) -> None:
    visitor, account, _ = subscriber(house)
    before = house.get(f"/accounts/{account}")
    page = visitor.look("/portal/details")
    assert f'value="{before["name"]}"' in page
    odd = {"name": 'Zoë "Z" & Söhne', "email": " zoe@example.com "}
    assert "Your details are saved." in follow(
        visitor, visitor.send("/portal/details", "/portal/details", **odd)
    )
    after = house.get(f"/accounts/{account}")
    assert (after["name"], after["email"]) == ('Zoë "Z" & Söhne', "zoe@example.com")
    assert {name for name in before if before[name] != after[name]} == {"name", "email"}
    (told,) = house.get(f"/events?account={account}&type=account.profile_changed")["data"]
    assert told["data"]["fields"] == ["name", "email"]
    assert "Zoë" in visitor.look()
    again = visitor.send("/portal/details", "/portal/details", **odd)
    assert again.status_code == 303
    assert len(house.get(f"/events?account={account}&type=account.profile_changed")["data"]) == 1


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": "", "email": "a@example.com"}, "Please give a name of 1 to 200 characters."),
        ({"name": "A\x1b", "email": "a@example.com"}, "Please give a name of 1 to 200 characters."),
        ({"name": "Ada", "email": "nobody"}, "Please give a whole e-mail address"),
        ({"name": "Ada"}, "Please give a whole e-mail address"),
    ],
)
def test_details_that_break_a_rule_are_told_at_their_field(
    house: House, fields: dict[str, str], says: str
) -> None:
    account = house.account()
    before, visitor = house.get(f"/accounts/{account}"), PortalVisitor(house, account)
    answer = visitor.send("/portal/details", "/portal/details", **fields)
    assert (answer.status_code, says in answer.text, 'aria-invalid="true"' in answer.text) == (
        422,
        True,
        True,
    )
    assert house.get(f"/accounts/{account}") == before


def test_it_speaks_german(house: House) -> None:
    account = house.account(language="de", country="DE", currency="EUR", time_zone="Europe/Berlin")
    done = house.buy(account, "zone-pro-eur-month")
    visitor, sub = PortalVisitor(house, account), done["subscription_id"]
    page = visitor.look(f"/portal/subscriptions/{sub}")
    assert "19,00\xa0€ pro Monat" in page
    assert '<html lang="de">' in page
    assert "Ihre Angaben ändern" in visitor.look()
    named = visitor.send("/portal/details", "/portal/details", name="", email="x")
    assert "Bitte geben Sie einen Namen" in named.text
    shown, _ = quote(visitor, sub, do="price", item=item_of(house, sub), price="zone-business-eur-month@1")
    assert re.search(r"Bestätigen und [\d.,]+\xa0€ zahlen", shown)
    assert "Wie möchten Sie zahlen?" in shown
    assert re.search(r"Ungenutzte Zeit: Pro.*kaufmännisch gerundet = -[\d,]+ EUR", shown, re.DOTALL)
    invoice = done["invoice_id"]
    printed = visitor.look(f"/portal/invoices/{invoice}")
    assert "pauschal 19,00 EUR pro Monat, im Voraus für" in printed
    later = house.client.patch(
        f"/accounts/{account}", json={"language": "en"}, headers={"idempotency-key": fresh_key()}
    )
    assert later.json()["language"] == "en"
    paper = PdfReader(BytesIO(visitor.browser.get(f"/portal/invoices/{invoice}.pdf").content))
    said = paper.pages[0].extract_text()
    assert "Rechnungsnummer" in said, "as it was issued, whatever the account speaks later"


def test_a_challenged_renewal_is_finished_in_the_portal(house: House) -> None:
    """An off-session charge that wants the customer fails; in the portal the customer confirms it."""
    account = house.account()
    visitor = PortalVisitor(house, account)
    add = "/portal/methods/add"
    challenged = follow(visitor, visitor.send(add, add, way="card", number="4000002760003184"))
    at_the_bank(visitor, challenged, "pass")
    lines = [{"description": "Advice", "amount": 700}]
    invoice = house.post("/invoices", {"account_id": account, "lines": lines})["invoice_id"]
    assert debt(house, invoice) == 700
    assert "Your bank wants you to confirm this payment yourself" in visitor.look()
    (stored,) = (v for label, v in visitor.ways(visitor.look("/portal/pay")).items() if "as on file" in label)
    page = follow(visitor, visitor.send("/portal/pay", "/portal/pay", way=stored))
    assert "What you paid is settled" in at_the_bank(visitor, page, "pass")
    assert debt(house, invoice) == 0


def test_the_account_is_the_one_of_the_link(house: House) -> None:
    one, other = house.account(name="One Ltd"), house.account(name="Other Ltd")
    visitor = PortalVisitor(house, one)
    visitor.browser.get(house.post(f"/accounts/{other}/portal-links", {})["url"])
    assert "Other Ltd" in visitor.look()
