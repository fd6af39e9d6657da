"""The page to pay on, over real HTTP: what is owed, paid once, however a customer goes about it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import httpx
import pytest

from solvent.core.ids import parse
from solvent.core.pay_token import pay_token
from solvent.store.link_keys import LinkKeys
from solvent.web.pay_pages import PAYMENTS_MAX
from tests.patience import PATIENCE_S
from tests.web.house import ANWEISUNG, INSTRUCTIONS, House, problem

GOOD = "4242 4242 4242 4242"
CHALLENGED = "4000 0025 0000 3155"
NO_FUNDS = "4000000000009995"
LATER_DECLINED = "tok_4000000000000341"


def owing(house: House, **fields: object) -> tuple[str, str]:
    """A customer who owes $90.00, with a card on file that is declined; and the invoice."""
    account = house.account(**fields)
    lines = [{"description": "Advice", "amount": 9000}]
    house.confirm(house.post(f"/accounts/{account}/methods", {}), LATER_DECLINED)
    done = house.post("/invoices", {"account_id": account, "lines": lines})
    return account, str(done["invoice_id"])


class Visitor:
    """Somebody who has a link, with a browser that runs no script."""

    def __init__(self, house: House, account: str, **body: object) -> None:
        self.link = house.post(f"/accounts/{account}/pay-link", body, 200)
        self.path = self.link["url"].removeprefix(house.url)
        self.browser = httpx.Client(base_url=house.url, timeout=PATIENCE_S, verify=False)
        self.seen = ""  # the debt that the form was shown for

    def look(self, path: str | None = None, status: int = 200) -> str:
        """What the page says."""
        response = self.browser.get(path or self.path)
        assert response.status_code == status, response.text
        return unescape(response.text)

    def ways(self) -> dict[str, str]:
        """The ways to pay that are offered, by their label."""
        found = re.findall(r'value="([^"]+)" required[^>]*><label[^>]*>([^<]+)</label>', self.look())
        return {label: value for value, label in found}

    def form(self) -> str:
        """What the form carries."""
        found = re.search(
            r'name="form" value="([^"]+)">\s*<input type="hidden" name="seen" value="([^"]+)"', self.look()
        )
        assert found is not None
        self.seen = found[2]
        return found[1]

    def send(self, headers: dict[str, str] | None = None, /, **fields: str) -> httpx.Response:
        """Send the form."""
        form = fields.pop("form", None) or self.form()
        return self.browser.post(self.path, data={"form": form, "seen": self.seen, **fields}, headers=headers)

    def pay(self, number: str = GOOD) -> str:
        """Pay with another card; what the page that follows says."""
        response = self.send(way="card", number=number)
        assert response.status_code == 303, response.text
        return self.look(response.headers["location"])


@pytest.fixture
def debtor(house: House) -> tuple[str, str]:
    return owing(house)


def debt(house: House, invoice: str) -> int:
    return int(house.get(f"/invoices/{invoice}")["debt"])


def test_it_shows_what_is_owed_and_how_it_can_be_paid(house: House, debtor: tuple[str, str]) -> None:
    account, invoice = debtor
    visitor = Visitor(house, account)
    page = visitor.look()
    assert house.get(f"/invoices/{invoice}")["number"] in page
    assert "$90.00" in page
    assert "Solvent, Inc." in page
    assert '<html lang="en">' in page
    ways = visitor.ways()
    assert [w for w in ways if "as on file" in w]
    assert ways["Another card"] == "card"
    assert ways["PayPal: you confirm there"] == "sandpal"
    assert ways["Bank transfer: you transfer the amount yourself"] == "manual"


def test_the_button_says_what_is_paid_beside_the_credit(house: House, debtor: tuple[str, str]) -> None:
    account, invoice = debtor
    gift = {"kind": "goodwill", "amount": 2_500, "reason": "Sorry", "granted_by": "carol"}
    house.post(f"/accounts/{account}/credit", gift)
    visitor = Visitor(house, account)
    page = visitor.look()
    assert "Pay $65.00" in page
    assert "Of this, your account credit pays $25.00." in page
    assert "$90.00" in page
    visitor.pay()
    assert debt(house, invoice) == 0
    (paid,) = house.get(f"/payments?account={account}&invoice={invoice}")["data"]
    assert paid["amount"] == 6_500


def test_another_card_pays(house: House, debtor: tuple[str, str]) -> None:
    account, invoice = debtor
    visitor = Visitor(house, account)
    assert "Thank you" in visitor.pay()
    assert debt(house, invoice) == 0
    again = visitor.look()
    assert "Nothing is owed on this any more" in again
    assert "<form" not in again


def test_a_transfer_says_where_to_and_how_much(house: House) -> None:
    account, invoice = owing(house, language="de")
    visitor = Visitor(house, account)
    page = visitor.look(visitor.send(way="manual").headers["location"])
    assert "Bitte überweisen Sie 90,00\u00a0$" in page
    assert ANWEISUNG in page
    assert INSTRUCTIONS not in page
    assert "Sie können diese Seite schließen" in page
    assert "doppelt" not in page, "nothing is under way yet: it waits for the customer"
    assert debt(house, invoice) == 9000


def test_a_declined_card_says_why_and_another_can_be_tried(house: House, debtor: tuple[str, str]) -> None:
    account, invoice = debtor
    visitor = Visitor(house, account)
    page = visitor.pay(NO_FUNDS)
    assert 'role="alert"' in page
    assert "Nothing was taken. The bank says that there was not enough money on the account." in page
    assert debt(house, invoice) == 9000
    assert "Thank you" in visitor.pay()
    assert debt(house, invoice) == 0


def test_a_challenge_leads_to_the_bank_and_back(house: House, debtor: tuple[str, str]) -> None:
    account, invoice = debtor
    visitor = Visitor(house, account)
    page = visitor.pay(CHALLENGED)
    assert "One step is left" in page
    bank = re.search(r'href="([^"]+/challenge/[^"]+)"', page)
    assert bank is not None
    answer = httpx.post(bank[1], data={"choice": "pass"}, verify=False, timeout=PATIENCE_S)
    assert answer.status_code == 303
    back = visitor.browser.get(answer.headers["location"])
    assert back.status_code == 303
    assert "Thank you" in visitor.look(back.headers["location"])
    assert debt(house, invoice) == 0


def test_a_wallet_is_approved_elsewhere_and_captured_on_the_way_back(
    house: House, debtor: tuple[str, str]
) -> None:
    account, invoice = debtor
    visitor = Visitor(house, account)
    response = visitor.send(way="sandpal")
    page = visitor.look(response.headers["location"])
    wallet = re.search(r'href="([^"]+/approve/[^"]+)"', page)
    assert wallet is not None
    answer = httpx.post(wallet[1], data={"choice": "approve"}, verify=False, timeout=PATIENCE_S)
    added = "?token=EC-60U79048BN7719609&PayerID=7E7MGXCWTTKK2"  # as wallets do
    back = visitor.browser.get(answer.headers["location"] + added)
    assert "Thank you" in visitor.look(back.headers["location"])
    assert debt(house, invoice) == 0


def test_the_card_on_file_is_charged_as_it_is(house: House, debtor: tuple[str, str]) -> None:
    account, invoice = debtor
    visitor = Visitor(house, account)
    (stored,) = (value for label, value in visitor.ways().items() if "as on file" in label)
    response = visitor.send(way=stored)
    assert "Thank you" in visitor.look(response.headers["location"]), "with the customer present, it is taken"
    assert debt(house, invoice) == 0


def test_a_double_click_and_two_tabs_pay_once(house: House, debtor: tuple[str, str]) -> None:
    account, invoice = debtor
    visitor, other = Visitor(house, account), Visitor(house, account)
    form = visitor.form()
    sent = [("card", form), ("card", form), ("card", other.form())]
    with ThreadPoolExecutor(3) as pool:
        answers = list(
            pool.map(
                lambda at: (visitor if at < 2 else other).send(
                    way=sent[at][0], number=GOOD, form=sent[at][1]
                ),
                range(3),
            )
        )
    assert {answer.status_code for answer in answers} <= {303, 409, 200}, [a.text for a in answers]
    assert debt(house, invoice) == 0
    paid = [
        x for x in house.get(f"/events?account={account}&limit=200")["data"] if x["type"] == "invoice.paid"
    ]
    assert [x["data"]["invoice_id"] for x in paid] == [invoice]
    assert not [
        x
        for x in house.get(f"/events?account={account}&limit=200")["data"]
        if x["type"] == "payment.stranded"
    ]


@pytest.mark.parametrize(("language", "says"), [("en", "has changed since"), ("de", "hat sich geändert")])
def test_a_debt_that_grew_meanwhile_is_shown_before_it_is_paid(
    house: House, language: str, says: str
) -> None:
    account, invoice = owing(house, language=language)
    visitor = Visitor(house, account)
    form = visitor.form()
    more = house.post(
        "/invoices", {"account_id": account, "lines": [{"description": "More", "amount": 5000}]}
    )
    refused = visitor.send(way="card", number=GOOD, form=form)
    assert refused.status_code == 409
    assert says in unescape(refused.text)
    assert "140" in refused.text
    assert house.get(f"/payments?account={account}&invoice={invoice}")["data"] == [], "nothing was charged"
    assert visitor.send(way="card", number=GOOD).status_code == 303
    assert [debt(house, owed) for owed in (invoice, str(more["invoice_id"]))] == [0, 0]


def test_a_credit_that_came_meanwhile_is_shown_before_it_is_used(
    house: House, debtor: tuple[str, str]
) -> None:
    account, invoice = debtor
    visitor = Visitor(house, account)
    form = visitor.form()
    gift = {"kind": "goodwill", "amount": 2_500, "reason": "Sorry", "granted_by": "carol"}
    house.post(f"/accounts/{account}/credit", gift)
    refused = visitor.send(way="card", number=GOOD, form=form)
    assert refused.status_code == 409
    assert "Pay $65.00" in refused.text
    assert debt(house, invoice) == 9000


def test_a_form_that_was_changed_and_sent_again_is_asked_for_anew(
    house: House, debtor: tuple[str, str]
) -> None:
    account, invoice = debtor
    visitor = Visitor(house, account)
    form = visitor.form()
    visitor.send(way="card", number=NO_FUNDS, form=form)
    again = visitor.send(way="card", number=GOOD, form=form)
    assert again.status_code == 409
    assert "had been sent before" in unescape(again.text)
    assert debt(house, invoice) == 9000


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"way": "card", "number": "12"}, "must be 12 to 19 digits"),
        ({"way": "card", "number": "4242abcd42424242"}, "must be 12 to 19 digits"),
        ({"way": "card"}, "must be 12 to 19 digits"),
        ({"way": "mth_" + "0" * 32}, "choose how to pay"),
        ({}, "choose how to pay"),
        ({"way": "card", "number": GOOD, "form": "AAAA"}, "check it and send it again"),
    ],
)
def test_bad_input_is_told_on_the_page_and_takes_nothing(
    house: House, debtor: tuple[str, str], fields: dict[str, str], says: str
) -> None:
    account, invoice = debtor
    answer = Visitor(house, account).send(**fields)
    assert answer.status_code == 422
    assert says in unescape(answer.text)
    assert debt(house, invoice) == 9000


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_a_form_from_another_site_is_turned_away(
    house: House, debtor: tuple[str, str], headers: dict[str, str]
) -> None:
    account, invoice = debtor
    answer = Visitor(house, account).send(headers, way="card", number=GOOD)
    assert answer.status_code == 403
    assert debt(house, invoice) == 9000


def test_our_own_page_is_not(house: House, debtor: tuple[str, str]) -> None:
    headers = {"sec-fetch-site": "same-origin", "origin": house.url}
    assert Visitor(house, debtor[0]).send(headers, way="card", number=GOOD).status_code == 303
    assert debt(house, debtor[1]) == 0


def test_our_own_page_is_not_behind_a_proxy_that_asks_for_another_host(
    house: House, debtor: tuple[str, str]
) -> None:
    headers = {"origin": house.url, "host": "inside.example"}
    assert Visitor(house, debtor[0]).send(headers, way="card", number=GOOD).status_code == 303


def test_no_page_can_do_more_than_it_shows(house: House, debtor: tuple[str, str]) -> None:
    visitor = Visitor(house, debtor[0])
    response = visitor.browser.get(visitor.path)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "<script" not in response.text
    assert not re.search(r'(src|href)="(?!/pay/|/assets/|#content)', response.text)
    assert "set-cookie" not in response.headers
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["referrer-policy"] == "same-origin"


def test_it_speaks_german_to_whoever_reads_german(house: House) -> None:
    account, _ = owing(house, language="de", country="DE", currency="EUR", time_zone="Europe/Berlin")
    page = Visitor(house, account).look()
    assert '<html lang="de">' in page
    assert "90,00\xa0€ zahlen" in page
    assert "Wie möchten Sie zahlen?" in page


@pytest.mark.parametrize("token", ["x", "AAAA", "A" * 300, "%00", "ä"])
def test_what_is_no_link_leads_nowhere(house: House, token: str) -> None:
    answer = httpx.get(f"{house.url}/pay/{token}", verify=False, timeout=PATIENCE_S)
    assert answer.status_code == 404
    assert "This link leads nowhere" in answer.text
    german = httpx.get(
        f"{house.url}/pay/{token}", headers={"accept-language": "de-DE,de"}, verify=False, timeout=PATIENCE_S
    )
    assert "Dieser Link führt nirgendwohin" in unescape(german.text)


def test_an_old_link_says_so(house: House, debtor: tuple[str, str]) -> None:
    now = house.solvent.clock()
    token = pay_token(parse("acc", debtor[0]), (), now, LinkKeys(house.solvent.database.pool, None).key(now))
    answer = httpx.get(f"{house.url}/pay/{token}", verify=False, timeout=PATIENCE_S)
    assert answer.status_code == 410
    assert "This link has ended" in answer.text


def test_the_payment_of_another_is_not_shown(house: House, debtor: tuple[str, str]) -> None:
    mine, other = Visitor(house, debtor[0]), Visitor(house, owing(house)[0])
    where = mine.send(way="card", number=GOOD).headers["location"].rpartition("/")[2]
    for path in (f"{other.path}/{where}", f"{other.path}/{where}/back", f"{other.path}/att_x"):
        assert other.browser.get(path).status_code == 404


def test_who_asks_too_often_waits(house: House, debtor: tuple[str, str]) -> None:
    visitor = Visitor(house, debtor[0])
    form = visitor.form()
    answers = [visitor.send(way="card", number="12", form=form).status_code for _ in range(PAYMENTS_MAX + 1)]
    assert answers == [422] * PAYMENTS_MAX + [429]


def test_a_link_is_for_the_invoices_that_it_names(house: House, debtor: tuple[str, str]) -> None:
    account, first = debtor
    second = house.post(
        "/invoices", {"account_id": account, "lines": [{"description": "More", "amount": 500}]}
    )["invoice_id"]
    visitor = Visitor(house, account, invoice_ids=[second])
    page = visitor.look()
    assert "$5.00" in page
    assert "$90.00" not in page
    visitor.pay()
    assert (debt(house, first), debt(house, second)) == (9000, 0)


def test_a_link_for_some_invoices_tells_nothing_of_payments_of_others(
    house: House, debtor: tuple[str, str]
) -> None:
    account, first = debtor
    lines = [{"description": "More", "amount": 500}]
    second = str(house.post("/invoices", {"account_id": account, "lines": lines})["invoice_id"])
    mine, whole = Visitor(house, account, invoice_ids=[second]), Visitor(house, account)
    of_both = whole.send(way="card", number=CHALLENGED).headers["location"].rpartition("/")[2]
    for path in (f"{mine.path}/{of_both}", f"{mine.path}/{of_both}/back"):
        assert mine.browser.get(path).status_code == 404
    assert mine.browser.post(f"{mine.path}/{of_both}").status_code == 404
    waiting = house.get(f"/changes/{of_both}")["state"]
    assert waiting == "requires_action", "whoever has a link for some gives up no payment of others"
    whole.browser.post(f"{whole.path}/{of_both}")
    other = Visitor(house, account, invoice_ids=[first])
    paid = mine.send(way="card", number=GOOD).headers["location"].rpartition("/")[2]
    assert other.browser.get(f"{other.path}/{paid}").status_code == 404
    assert "Thank you" in mine.look(f"{mine.path}/{paid}")
    assert "Thank you" in whole.look(f"{whole.path}/{paid}")
    assert (debt(house, first), debt(house, second)) == (9000, 0)


def test_nobody_gets_a_link_who_owes_nothing(house: House, account: str, debtor: tuple[str, str]) -> None:
    said = house.post(f"/accounts/{account}/pay-link", {}, 422)
    assert problem(said) == ("refused", ["account_id"])
    said = house.post(f"/accounts/{account}/pay-link", {"invoice_ids": [debtor[1]]}, 422)
    assert problem(said) == ("refused", ["invoice_ids[0]"])
    house.post(f"/accounts/acc_{'0' * 32}/pay-link", {}, 404)


def test_a_payment_that_waits_is_given_up_for_another_way(house: House) -> None:
    account, invoice = owing(house)
    visitor = Visitor(house, account)
    waits = visitor.send(way="card", number=CHALLENGED)
    page = visitor.browser.get(waits.headers["location"])
    assert "Pay in another way" in page.text
    foreign = visitor.browser.post(waits.headers["location"], headers={"origin": "https://evil.example"})
    assert (foreign.status_code, "was not sent from our page" in foreign.text) == (403, True)
    given_up = visitor.browser.post(waits.headers["location"])
    assert (given_up.status_code, given_up.headers["location"]) == (303, visitor.path)
    visitor.send(way="card", number=GOOD)
    assert debt(house, invoice) == 0
    paid = visitor.browser.post(waits.headers["location"])
    assert paid.status_code == 303, "what has ended already is left"
    nowhere = visitor.browser.post(f"{visitor.path}/att_{'0' * 32}")
    assert nowhere.status_code == 404
