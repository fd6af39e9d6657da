"""Invoices and credit notes as files over HTTP: PDF, and XML by EN 16931."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from solvent.core.party import Entity
from solvent.store import offers
from tests.documents import norm
from tests.web.house import DECLINED, House, problem, start

LATER = "tok_4000000000000341"  # succeeds while the customer is there, is declined without
ADDRESS = {"lines": ["Unter den Linden 77"], "city": "Berlin", "postal_code": "10117", "region": None}
GERMAN = {
    "name": "Beispiel GmbH",
    "country": "DE",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "entity": "solvent-eu",
    "address": ADDRESS,
    "tax_id": "DE136695976",
}


def _text(content: bytes) -> str:
    read = " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    return " ".join(read.split())


def test_a_paid_invoice_on_paper(house: House, account: str) -> None:
    bought = house.buy(account)
    invoice = house.get(f"/invoices/{bought['invoice_id']}")
    response = house.as_key("read").get(f"/invoices/{invoice['id']}.pdf")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/pdf")
    assert response.headers["content-disposition"] == f'inline; filename="{invoice["number"]}.pdf"'
    told = _text(response.content)
    for part in (
        invoice["number"],
        "Solvent, Inc.",
        "Example Ltd",
        "Paid",
        invoice["lines"][0]["description"],
    ):
        assert part in told
    assert invoice["total_text"] in told.replace("\u00a0", " ")


def test_who_has_the_file_is_not_sent_it_again_until_it_changes(house: House) -> None:
    account = house.account(**GERMAN)
    house.confirm(house.open(account, {"type": "add_method"}), LATER)
    lines = [{"description": "Onboarding", "amount": 9000}]
    invoice_id = house.post("/invoices", {"account_id": account, "lines": lines})["invoice_id"]
    path = f"/invoices/{invoice_id}.pdf"
    first = house.client.get(path)
    told = _text(first.content)
    for part in (
        "Open",
        "90.00 EUR",
        "IBAN NL91 ABNA 0417 1643 00",
        "10117 Berlin",
        "Tax number DE136695976",
    ):
        assert part in told
    assert house.client.get(path).content == first.content
    again = house.client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    debt = house.post(f"/accounts/{account}/pay-debt", {"invoice_id": invoice_id})
    assert house.confirm(debt)["state"] == "committed"
    paid = house.client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert paid.status_code == 200
    assert "IBAN" not in _text(paid.content)


def test_an_invoice_and_its_credit_notes_as_e_invoices(house: House) -> None:
    account = house.account(**GERMAN)
    lines = [{"description": "Onboarding", "amount": 9000}]
    invoice = house.post("/invoices", {"account_id": account, "lines": lines})["invoice_id"]
    body = {"invoice_id": invoice, "amount": 1_500, "reason": "Goodwill", "issued_by": "carol"}
    note = house.post("/credit-notes", body)
    reader = house.as_key("read")
    for path, number, kind in (
        (f"/invoices/{invoice}", house.get(f"/invoices/{invoice}")["number"], b">380<"),
        (f"/credit-notes/{note['id']}", note["number"], b">381<"),
    ):
        with house.nothing_written():
            xml = reader.get(f"{path}.xml")
            pdf = reader.get(f"{path}.pdf")
        assert (xml.status_code, xml.headers["content-type"]) == (200, "application/xml")
        assert xml.headers["content-disposition"] == f'inline; filename="{number}.xml"'
        assert kind in xml.content
        norm.check(xml.content)
        assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
        assert PdfReader(BytesIO(pdf.content)).attachments["factur-x.xml"] == [xml.content]
        assert number in _text(pdf.content)
        for ending, first in (("xml", xml), ("pdf", pdf)):
            again = reader.get(f"{path}.{ending}", headers={"if-none-match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
    assert xml.headers["etag"] != pdf.headers["etag"]
    assert b"<ram:IssuerAssignedID>" + house.get(f"/invoices/{invoice}")["number"].encode() in xml.content
    assert f"Credit note {note['number']}" in _text(reader.get(f"/invoices/{invoice}.pdf").content)


def test_a_credit_note_names_the_legal_entity_as_it_was_when_it_was_issued(house: House) -> None:
    paper = Entity(
        id="paper-bv", name="Paper B.V.", country="NL", series_prefix="PAP", registration="KvK 12345678"
    )
    offers.apply(house.solvent.database, entities=[paper], now=datetime.now(UTC))
    account = house.account(**GERMAN | {"entity": paper.id})
    lines = [{"description": "Onboarding", "amount": 9000}]
    invoice = house.post("/invoices", {"account_id": account, "lines": lines})["invoice_id"]
    body = {"invoice_id": invoice, "amount": 1_500, "reason": "Goodwill", "issued_by": "carol"}
    before = house.post("/credit-notes", body)["id"]
    offers.apply(house.solvent.database, entities=[replace(paper, name="Ink B.V.")], now=datetime.now(UTC))
    after = house.post("/credit-notes", body)["id"]
    named = [
        house.client.get(f"{path}.xml").content.count(b"Paper B.V.")
        for path in (f"/invoices/{invoice}", f"/credit-notes/{before}", f"/credit-notes/{after}")
    ]
    assert named == [1, 1, 0]


def test_what_the_norm_has_no_place_for_is_named_and_printed_all_the_same(house: House) -> None:
    account = house.account(**GERMAN | {"currency": "KWD"})
    lines = [{"description": "Onboarding", "amount": 9001}]
    invoice = house.post("/invoices", {"account_id": account, "lines": lines})["invoice_id"]
    said = house.get(f"/invoices/{invoice}.xml", 409)
    assert problem(said) == ("no_e_invoice", ["lines"])
    assert said["detail"].startswith("decimals: lines must have two decimals at most")
    note = house.post("/credit-notes", {"invoice_id": invoice, "reason": "Goodwill", "issued_by": "carol"})
    assert problem(house.get(f"/credit-notes/{note['id']}.xml", 409)) == ("no_e_invoice", ["lines"])
    for path in (f"/invoices/{invoice}.pdf", f"/credit-notes/{note['id']}.pdf"):
        assert not PdfReader(BytesIO(house.client.get(path).content)).attachments


@pytest.mark.parametrize("ending", ["pdf", "xml"])
@pytest.mark.parametrize(("thing", "prefix"), [("invoices", "inv"), ("credit-notes", "crn")])
def test_what_does_not_exist_is_no_file(house: House, thing: str, prefix: str, ending: str) -> None:
    assert problem(house.get(f"/{thing}/{prefix}_{'0' * 32}.{ending}", 404))[0] == "not_found"
    assert problem(house.get(f"/{thing}/acc_{'0' * 32}.{ending}", 400))[0] == "invalid_request"


@pytest.mark.parametrize(
    ("invoice", "status", "code"),
    [
        ("inv_" + "0" * 32, 404, "not_found"),
        ("acc_" + "0" * 32, 400, "invalid_request"),
        ("", 400, "invalid_request"),
    ],
)
def test_what_is_no_invoice(house: House, invoice: str, status: int, code: str) -> None:
    assert problem(house.get(f"/invoices/{invoice}.pdf", status))[0] == code


def test_it_needs_a_key(house: House) -> None:
    response = house.client.get("/invoices/inv_0.pdf", headers={"authorization": ""})
    assert response.status_code == 401


def test_nothing_is_written_by_printing(house: House, account: str) -> None:
    invoice_id = house.buy(account)["invoice_id"]
    with house.nothing_written():
        assert house.client.get(f"/invoices/{invoice_id}.pdf").status_code == 200


def test_a_declined_purchase_has_no_paper(house: House, account: str) -> None:
    declined = house.confirm(house.open(account, start()), DECLINED)
    assert declined["invoice_id"] is None


def test_an_account_keeps_what_its_invoices_say(house: House) -> None:
    account = house.get(f"/accounts/{house.account(**GERMAN)}")
    assert (account["address"], account["tax_id"]) == (ADDRESS, "DE136695976")
    bare = house.get(f"/accounts/{house.account()}")
    assert (bare["address"], bare["tax_id"]) == (None, None)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"tax_id": ""}, "tax_id"),
        ({"tax_id": "x" * 41}, "tax_id"),
        ({"address": ADDRESS | {"city": ""}}, "address.city"),
        ({"address": ADDRESS | {"lines": ["a"] * 5}}, "address.lines"),
        ({"address": ADDRESS | {"lines": ["two\nlines"]}}, "address.lines[0]"),
    ],
)
def test_bad_addresses_are_refused(house: House, fields: dict[str, object], field: str) -> None:
    with house.nothing_written():
        said = house.post("/accounts", {**GERMAN, "email": "a@example.com", **fields}, 422)
    assert problem(said) == ("refused", [field])


@pytest.mark.parametrize(
    ("address", "field"),
    [({"lines": ["a"]}, "address.city"), (ADDRESS | {"street": "a"}, "address.street")],
)
def test_addresses_of_another_shape_are_refused(house: House, address: dict[str, object], field: str) -> None:
    with house.nothing_written():
        said = house.post("/accounts", {**GERMAN, "email": "a@example.com", "address": address}, 400)
    assert problem(said) == ("invalid_request", [field])
