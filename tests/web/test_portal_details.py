"""Address, country and VAT number in the portal: each rule at its field; what follows for tax is read before saving."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import pytest

from solvent.core.language import Language
from solvent.core.party import Entity
from solvent.store import offers, tax_declaration
from solvent.store.tax_declaration import RegistrationDraft
from tests.core.places import rate
from tests.patience import eventually
from tests.web.house import House, fresh_key, start
from tests.web.portal_visitor import PortalVisitor

HOME = Entity(id="details-gmbh", name="Details GmbH", country="DE", series_prefix="DET")
EURO = "zone-pro-eur-month"
DETAILS = "/portal/details"
WHO = {"name": "Ada", "email": "ada@example.com"}
FILLED = WHO | {
    "lines": "Hauptstraße 1\r\n2. Stock",
    "postal_code": "10117",
    "city": "Berlin",
    "state": "",
    "country": "DE",
    "region": "",
    "tax_id": "",
}


@pytest.fixture(scope="module", autouse=True)
def registered(house: House) -> None:
    """A legal entity at home in Germany, which collects there and by the One Stop Shop."""
    now = datetime.now(UTC)
    offers.apply(house.solvent.database, entities=[HOME], now=now)
    tax_declaration.apply(
        house.solvent.database,
        rates=[
            rate("DE", 19),
            replace(rate("FR", 20), id="details-fr", names={Language.DE: "MwSt"}),
            rate("AT", 20),
        ],
        registrations=[
            RegistrationDraft(entity=HOME.id, country=place, region=None, number=number)
            for place, number in (("DE", "DE136695976"), ("FR", "FR40303265045"))
        ],
        now=now,
    )
    watcher = {"account_id": german(house), "change": start(EURO)}
    eventually(lambda: house.post("/quotes", watcher, 200)["tax"], "the rate did not come to be known")


def german(house: House, **fields: object) -> str:
    told = {"country": "DE", "currency": "EUR", "entity": HOME.id, "time_zone": "Europe/Berlin"}
    return house.account(**told | fields)


def filled(page: str) -> dict[str, str]:
    """What the fields of the form hold."""
    values = dict(re.findall(r'<input type="(?:text|email)" name="([^"]+)" id="[^"]+" value="([^"]*)"', page))
    (values["lines"],) = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    (values["country"],) = re.findall(r'<option value="(..)" selected>', page)
    return values


def agreed(page: str) -> str:
    return str(re.findall(r'name="agreed" value="([^"]*)"', page)[0])


def invoiced(house: House, account: str) -> tuple[int, str]:
    """The tax that a purchase would bear now, and its treatment."""
    other = start(EURO, "zone:other.example")
    quote = house.post("/quotes", {"account_id": account, "change": other}, 200)
    (share,) = quote["lines"][0]["taxes"]
    return quote["tax"], share["treatment"]


def test_an_address_is_saved_at_once_and_shown(house: House) -> None:
    account = german(house, name="Ada", email="ada@example.com")
    visitor = PortalVisitor(house, account)
    assert visitor.send(DETAILS, DETAILS, **FILLED).status_code == 303
    said = house.get(f"/accounts/{account}")
    assert said["address"] == {
        "lines": ["Hauptstraße 1", "2. Stock"],
        "city": "Berlin",
        "postal_code": "10117",
        "region": None,
    }
    assert "Hauptstraße 1<br>2. Stock<br>10117 Berlin<br>Germany" in visitor.look()
    held = filled(visitor.look(DETAILS))
    assert held == FILLED | {"lines": "Hauptstraße 1\n2. Stock"}
    (told,) = house.get(f"/events?account={account}&type=account.profile_changed")["data"]
    assert told["data"]["fields"] == ["address"]
    nothing = dict.fromkeys(("lines", "postal_code", "city"), "")
    assert visitor.send(DETAILS, DETAILS, **FILLED | nothing).status_code == 303
    assert house.get(f"/accounts/{account}")["address"] is None


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"lines": ""}, "Please give street and number"),
        ({"lines": "a\nb\nc\nd\ne"}, "in 1 to 4 lines"),
        ({"lines": f"a\n{'x' * 101}"}, "in 1 to 4 lines"),
        ({"city": ""}, "Please give a town or city"),
        ({"city": "x" * 101}, "Please give a town or city"),
        ({"postal_code": "1" * 21}, "Please give a postal code"),
        ({"state": "x" * 101}, "Please give a state or province"),
        ({"country": "ZZ"}, "Please choose a country."),
        ({"country": ""}, "Please choose a country."),
        ({"region": "New York"}, "Please give the code alone, such as NY"),
        ({"tax_id": "DE136695975"}, "This is no VAT number of Germany"),
        ({"tax_id": "FR40303265045"}, "This is no VAT number of Germany"),
        ({"country": "CH", "tax_id": "CHE107787577IVX"}, "This is no tax number of Switzerland"),
    ],
)
def test_what_breaks_a_rule_is_told_at_its_field_and_nothing_is_saved(
    house: House, fields: dict[str, str], says: str
) -> None:
    account = german(house)
    before, visitor = house.get(f"/accounts/{account}"), PortalVisitor(house, account)
    answer = visitor.send(DETAILS, DETAILS, **FILLED | fields)
    page = unescape(answer.text)
    field = list(fields)[-1]
    wrong = rf'id="{field}"[^>]*aria-invalid="true".*?<p class="wrong" id="{field}-hint">([^<]*)'
    (told,) = re.findall(wrong, page, re.DOTALL)
    assert (answer.status_code, says in told, page.count('aria-invalid="true"')) == (422, True, 1)
    assert house.get(f"/accounts/{account}") == before


def test_several_broken_rules_are_told_together_and_what_was_typed_stays(house: House) -> None:
    visitor = PortalVisitor(house, german(house))
    typed = FILLED | {"name": "", "city": "", "region": "??", "tax_id": "DE1"}
    answer = visitor.send(DETAILS, DETAILS, **typed)
    page = unescape(answer.text)
    assert page.count('aria-invalid="true"') == 4
    assert {field: value for field, value in filled(page).items() if field != "lines"} == {
        field: value for field, value in typed.items() if field != "lines"
    }


@pytest.mark.parametrize(
    ("fields", "says", "then"),
    [
        ({"country": "FR"}, "the tax of France is charged: VAT 20 %.", (380, "taxed")),
        (
            {"country": "FR", "tax_id": "fr 40 303 265 045"},
            "you account for it in France yourself (reverse charge)",
            (0, "reverse_charge"),
        ),
        ({"tax_id": "DE136695976"}, "the tax of Germany is charged: VAT 19 %.", (361, "taxed")),
        ({"country": "AT"}, "the tax of Germany is charged: VAT 19 %.", (361, "taxed")),
        ({"country": "US", "region": "ny"}, "we charge no tax in United States", (0, "not_collected")),
    ],
)
def test_what_follows_for_tax_is_read_before_it_is_saved(
    house: House, fields: dict[str, str], says: str, then: tuple[int, str]
) -> None:
    """As the API treats it; and what was issued does not change."""
    account = german(house)
    bought = house.buy(account, EURO)
    before, visitor = house.get(f"/accounts/{account}"), PortalVisitor(house, account)
    asked = visitor.send(DETAILS, DETAILS, **FILLED | fields)
    page = unescape(asked.text)
    assert (asked.status_code, says in page, "Invoices that were issued do not change" in page) == (
        200,
        True,
        True,
    )
    assert house.get(f"/accounts/{account}") == before
    saved = visitor.send(DETAILS, DETAILS, **FILLED | fields, agreed=agreed(page))
    assert saved.status_code == 303
    assert invoiced(house, account) == then
    assert house.get(f"/invoices/{bought['invoice_id']}")["tax"] == 361
    wanted = "".join(fields.get("tax_id", "").upper().split()) or None
    kept = house.get(f"/accounts/{account}")
    assert (kept["country"], kept["tax_id"]) == (fields.get("country", "DE"), wanted)


def test_who_agreed_to_one_country_has_not_agreed_to_another(house: House) -> None:
    account = german(house)
    visitor = PortalVisitor(house, account)
    page = unescape(visitor.send(DETAILS, DETAILS, **FILLED | {"country": "FR"}).text)
    other = visitor.send(DETAILS, DETAILS, **FILLED | {"country": "AT"}, agreed=agreed(page))
    assert (other.status_code, agreed(unescape(other.text))) == (200, "AT||")
    assert house.get(f"/accounts/{account}")["country"] == "DE"


def test_where_no_tax_is_collected_it_is_said(house: House) -> None:
    account = house.account()
    visitor = PortalVisitor(house, account)
    page = unescape(visitor.send(DETAILS, DETAILS, **FILLED | {"country": "CA", "region": "QC"}).text)
    assert "We charge no tax, and nothing changes there." in page
    assert visitor.send(
        DETAILS, DETAILS, **FILLED | {"country": "CA", "region": "QC"}, agreed=agreed(page)
    ).is_redirect
    said = house.get(f"/accounts/{account}")
    assert (said["country"], said["region"]) == ("CA", "QC")


def test_an_exempt_customer_stays_exempt(house: House) -> None:
    """Whether a customer bears tax is the merchant's to say: no field of the form reaches it."""
    account = german(house, tax_exempt=True)
    visitor = PortalVisitor(house, account)
    asked = visitor.send(DETAILS, DETAILS, **FILLED | {"country": "FR", "tax_exempt": ""})
    page = unescape(asked.text)
    assert "You are exempt: no tax is charged." in page
    visitor.send(DETAILS, DETAILS, **FILLED | {"country": "FR"}, agreed=agreed(page))
    said = house.get(f"/accounts/{account}")
    assert (said["country"], said["tax_exempt"]) == ("FR", True)


def test_it_is_asked_in_german(house: House) -> None:
    account = german(house, language="de")
    visitor = PortalVisitor(house, account)
    asked = unescape(visitor.send(DETAILS, DETAILS, **FILLED | {"country": "FR"}).text)
    assert "Ab jetzt wird die Steuer von Frankreich berechnet: MwSt 20 %." in asked
    assert "Ausgestellte Rechnungen ändern sich nicht" in asked
    wrong = unescape(visitor.send(DETAILS, DETAILS, **FILLED | {"tax_id": "DE1"}).text)
    assert "Das ist keine USt-IdNr. von Deutschland" in wrong
    names = re.findall(r"<option value=\"..\"[^>]*>([^<]+)", asked)
    assert (
        names.index("Ägypten") < names.index("Deutschland") < names.index("Österreich") < names.index("Polen")
    )


def test_an_address_in_any_script_fits_and_a_form_from_elsewhere_does_not(house: House) -> None:
    account = german(house)
    visitor = PortalVisitor(house, account)
    long = {"name": "漢" * 200, "lines": "\n".join(["漢" * 100] * 4), "city": "漢" * 100, "state": "漢" * 100}
    assert visitor.send(DETAILS, DETAILS, **FILLED | long).status_code == 303
    assert house.get(f"/accounts/{account}")["address"]["lines"] == ["漢" * 100] * 4
    forged = visitor.browser.post(DETAILS, data=FILLED)
    assert forged.status_code == 403
    elsewhere = visitor.send(DETAILS, DETAILS, {"sec-fetch-site": "cross-site"}, **FILLED)
    assert elsewhere.status_code == 403
    assert house.get(f"/accounts/{account}")["name"] == "漢" * 200


def test_what_the_api_knows_of_nobody_is_not_found_whatever_it_says(house: House) -> None:
    """The rules that need no account come first."""
    nobody = "/accounts/acc_0193a5b2c4d87e6fa1b2c3d4e5f60718"
    for body, status in (({"name": ""}, 422), ({"country": "ZZ"}, 404)):
        said = house.client.patch(nobody, json=body, headers={"idempotency-key": fresh_key()})
        assert said.status_code == status
