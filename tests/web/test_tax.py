"""Tax over HTTP: who a customer is for tax, and what quotes, changes and invoices then say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from solvent.core.party import Entity
from solvent.store import offers, tax_declaration
from solvent.store.tax_declaration import RegistrationDraft
from solvent.store.tax_numbers import WrongTaxNumber, checked
from tests.core.places import rate
from tests.patience import eventually
from tests.web.house import ACCOUNT, House, fresh_key, problem, start

HOME = Entity(id="tax-gmbh", name="Tax GmbH", country="DE", series_prefix="TAX")
EURO = "zone-pro-eur-month"


@pytest.fixture(scope="module", autouse=True)
def registered(house: House) -> None:
    """A legal entity of its own, at home in Germany, in the running house."""
    now = datetime.now(UTC)
    offers.apply(house.solvent.database, entities=[HOME], now=now)
    tax_declaration.apply(
        house.solvent.database,
        rates=[rate("DE", 19)],
        registrations=[RegistrationDraft(entity=HOME.id, country="DE", region=None, number="DE136695976")],
        now=now,
    )
    watcher = {"account_id": german(house), "change": start(EURO)}
    # the web's own process sees it a moment later
    eventually(lambda: house.post("/quotes", watcher, 200)["tax"], "the rate did not come to be known")


@pytest.fixture
def consumer(house: House) -> str:
    return german(house)


def german(house: House, **fields: object) -> str:
    return house.account(country="DE", currency="EUR", entity=HOME.id, **fields)


def test_quote_change_and_invoice_say_the_same(house: House, consumer: str) -> None:
    quote = house.post("/quotes", {"account_id": consumer, "change": start(EURO)}, 200)
    opened = house.open(consumer, start(EURO))
    done = house.confirm(opened)
    invoice = house.get(f"/invoices/{done['invoice_id']}")
    for said in (quote, opened["plan"], done["plan"], invoice):
        assert (said["net"], said["tax"], said["total"]) == (1900, 361, 2261)
        (line,) = said["lines"]
        assert (line["net"], line["tax"], line["gross"], line["inclusive"]) == (1900, 361, 2261, False)
        assert line["taxes"] == [
            {
                "name": "VAT",
                "jurisdiction": "DE",
                "rate": "19",
                "treatment": "taxed",
                "base": 1900,
                "amount": 361,
                "explanation": "VAT 19 % on 19.00 EUR = 3.61 EUR, rounded half-up",
                "registration": "DE136695976",
            }
        ]
    assert quote["tax_text"] == "3.61 EUR"
    assert done["amount_due"] == 2261


def test_a_manual_invoice_is_taxed_too(house: House, consumer: str) -> None:
    house.confirm(house.open(consumer, start(EURO)))
    lines = [{"description": "Onboarding", "amount": 10_000}]
    issued = house.post("/invoices", {"account_id": consumer, "lines": lines})
    assert (issued["plan"]["net"], issued["plan"]["tax"], issued["plan"]["total"]) == (10_000, 1_900, 11_900)


def test_a_manual_line_says_its_tax_category_and_whether_it_contains_tax(house: House, consumer: str) -> None:
    line = {"description": "Onboarding", "amount": 11_900, "tax_behavior": "inclusive"}
    body = {"account_id": consumer, "lines": [line | {"tax_category": "standard"}]}
    issued = house.post("/invoices", body)
    assert (issued["plan"]["net"], issued["plan"]["tax"], issued["plan"]["total"]) == (10_000, 1_900, 11_900)
    with house.nothing_written():
        other = {"account_id": consumer, "lines": [line, line | {"tax_category": "no-such"}]}
        said = house.post("/invoices", other, 422)
    assert problem(said) == ("refused", ["lines[1].tax_category"])
    assert said["errors"][0]["rule"] == "must be one that is declared: standard"
    invoice = issued["invoice_id"]
    whole = house.post("/credit-notes", {"invoice_id": invoice, "reason": "Goodwill", "issued_by": "carol"})
    (credited,) = whole["lines"]
    assert (credited["amount"], credited["tax"]) == (11_900, 1_900)
    (share,) = credited["taxes"]
    assert (share["rate"], share["base"], share["amount"]) == ("19", 10_000, 1_900)


def test_products_and_prices_say_how_they_are_taxed(house: House) -> None:
    assert {p["tax_category"] for p in house.get("/products")["data"]} == {"standard"}
    assert {p["tax_behavior"] for p in house.get("/prices")["data"]} == {"exclusive"}


def test_a_number_is_kept_as_it_is_printed(house: House) -> None:
    account = german(house, tax_id="DE 136.695.976", region="BY", tax_exempt=True)
    said = house.get(f"/accounts/{account}")
    assert (said["tax_id"], said["region"], said["tax_exempt"]) == ("DE136695976", "BY", True)


def changed(house: House, account: str, fields: object, status: int = 200) -> dict[str, object]:
    response = house.client.patch(
        f"/accounts/{account}", json=fields, headers={"idempotency-key": fresh_key()}
    )
    said: dict[str, object] = house.said(response, status)
    return said


def test_a_customer_changes_country_and_number_together(house: House, consumer: str) -> None:
    said = changed(house, consumer, {"country": "FR", "tax_id": "FR40303265045"})
    assert (said["country"], said["tax_id"], said["tax_exempt"]) == ("FR", "FR40303265045", False)
    assert said == house.get(f"/accounts/{consumer}")
    quote = house.post("/quotes", {"account_id": consumer, "change": start(EURO)}, 200)
    assert (quote["tax"], quote["lines"][0]["taxes"][0]["treatment"]) == (0, "reverse_charge")
    events = house.get(f"/events?account={consumer}")["data"]
    assert events[-1]["type"] == "account.tax_changed"
    assert changed(house, consumer, {}) == said
    assert changed(house, consumer, {"tax_exempt": False, "region": None}) == said
    assert house.get(f"/events?account={consumer}")["data"] == events, "nothing changed, nothing is told"
    exempt = changed(house, consumer, {"tax_exempt": True, "tax_id": None})
    assert (exempt["tax_id"], exempt["tax_exempt"]) == (None, True)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"tax_id": "DE136695975"}, "refused"),
        ({"tax_id": "FR40303265045"}, "refused"),
        ({"country": "Germany"}, "refused"),
        ({"region": "Bayern"}, "refused"),
        ({"region": 5}, "invalid_request"),
        ({"currency": "USD"}, "invalid_request"),
    ],
)
def test_what_cannot_be_is_refused_by_field_and_rule(
    house: House, consumer: str, fields: dict[str, object], code: str
) -> None:
    with house.nothing_written():
        said = changed(house, consumer, fields, 422 if code == "refused" else 400)
    assert problem(said) == (code, list(fields))


def test_a_number_must_fit_the_country_that_stays(house: House) -> None:
    account = german(house, tax_id="DE136695976")
    assert problem(changed(house, account, {"country": "FR"}, 422)) == ("refused", ["tax_id"])


def test_nobody_has_no_tax_status(house: House) -> None:
    assert problem(changed(house, "acc_" + "0" * 32, {"country": "FR"}, 404))[0] == "not_found"


def test_input_of_a_new_account_is_checked_like_a_change(house: House) -> None:
    bad = ACCOUNT | {"country": "DE", "tax_id": "DE1", "region": "x y"}
    assert problem(house.post("/accounts", bad, 422)) == ("refused", ["region", "tax_id"])


@pytest.mark.parametrize(
    ("number", "country", "kept"),
    [
        ("EL 094259216", "GR", "EL094259216"),
        ("ATU13585627", "AT", "ATU13585627"),
        ("GB 980 7806 84", "GB", "GB 980 7806 84"),  # checked, and left as it is written
        ("12-3456789", "US", "12-3456789"),  # no check is known
    ],
)
def test_numbers_that_can_be(number: str, country: str, kept: str) -> None:
    assert checked(number, country) == kept


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("136695976", "DE"),
        ("EL094259217", "GR"),
        ("GB980780685", "GB"),
        ("\n", "US"),
        ("x" * 41, "US"),
        ("", "KW"),
    ],
)
def test_numbers_that_cannot_be(number: str, country: str) -> None:
    with pytest.raises(WrongTaxNumber, match="must be"):
        checked(number, country)
