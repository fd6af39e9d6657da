"""E-invoices: golden invoices of every kind keep the norm's schema and every one of its rules, and so do their credit
notes; what the norm has no place for is named."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import facturx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pypdf import PdfReader

from solvent.core import money
from solvent.core.code_lists import COUNTRIES, UNKNOWN_CURRENCIES
from solvent.core.credit_document import CreditNoteDocument, CreditNoteFacts, of_credit_note
from solvent.core.credit_line import parts_of
from solvent.core.document import InvoiceDocument, InvoiceFacts, of_invoice
from solvent.core.einvoice import EInvoice, of_document
from solvent.core.proration import Convention, TaxRounding
from solvent.core.vat_category import NoEInvoice, Obstacle
from solvent.documents.typesetting import Document, Typesetter
from tests.documents import norm
from tests.documents.samples import account, credit_notes, issued, line, note_facts
from tests.documents.shelf import GOLDEN, IMPOSSIBLE, UNION, containing, of_category, person
from tests.drawing import examples

TYPESETTER = Typesetter()

Group = tuple[str, int | None, int, int]  # category, ppm, base and tax in minor units

# Total, paid in advance, due; and the breakdown.
FIGURES: dict[str, tuple[tuple[int, int, int], list[Group]]] = {
    "a consumer in France": ((2_400, 0, 2_400), [("S", 200_000, 2_000, 400)]),
    "three rates": (
        (245_405, 0, 245_405),
        [("S", 190_000, 193_333, 36_733), ("S", 70_000, 4_990, 349), ("Z", 0, 10_000, 0)],
    ),
    "reverse charge": ((190_000, 0, 190_000), [("AE", 0, 190_000, 0)]),
    "exempt": ((2_000, 0, 2_000), [("E", 0, 2_000, 0)]),
    "a customer in the United States": ((2_000, 0, 2_000), [("O", None, 2_000, 0)]),
    "a seller registered nowhere": ((1_050, 50, 1_000), [("O", None, 1_050, 0)]),
    "deductions, paid": ((13_566, 13_566, 0), [("S", 190_000, 11_400, 2_166)]),
    "stacked coupons, partly paid by credit": ((11_662, 4_000, 7_662), [("S", 190_000, 9_800, 1_862)]),
    "stacked coupons, tax inside, paid": ((2_125, 2_125, 0), [("S", 200_000, 1_770, 355)]),
    "tax inside the price": ((1_500, 0, 1_500), [("S", 200_000, 1_251, 249)]),
    "sixty small lines, rounded each": ((2_340, 0, 2_340), [("S", 190_000, 1_980, 360)]),
    "sixty small lines, rounded once": ((2_356, 0, 2_356), [("S", 190_000, 1_980, 376)]),
    "usage below a cent": ((5_926, 0, 5_926), [("S", 200_000, 4_938, 988)]),
    "a correction": ((10_200, 0, 10_200), [("S", 200_000, 8_500, 1_700)]),
    "yen": ((3_410, 0, 3_410), [("S", 100_000, 3_100, 310)]),
    "dinar": ((1_058_400, 0, 1_058_400), [("O", None, 1_058_400, 0)]),
    "Canary Islands": ((2_140, 0, 2_140), [("L", 70_000, 2_000, 140)]),
    "Ceuta": ((2_200, 0, 2_200), [("M", 100_000, 2_000, 200)]),
    "Greece, in dollars": ((2_480, 0, 2_480), [("S", 240_000, 2_000, 480)]),
    "nothing to pay": ((0, 0, 0), [("S", 190_000, 0, 0)]),
    "bought credit": ((5_000, 5_000, 0), [("O", None, 5_000, 0)]),
    "odd names": ((2_380, 1_000, 1_380), [("S", 190_000, 2_000, 380)]),
}


def einvoice(document: InvoiceDocument | CreditNoteDocument) -> EInvoice:
    made = of_document(document)
    assert isinstance(made, EInvoice), made
    return made


def xml(document: InvoiceDocument | CreditNoteDocument) -> bytes:
    made = TYPESETTER.einvoice(document)
    assert isinstance(made, bytes), made
    return made


def told(written: bytes, name: str) -> list[str | None]:
    """The texts of all elements of that name."""
    return [element.text for element in etree.fromstring(written).iter("{*}" + name) if not len(element)]


def test_every_golden_invoice_has_figures() -> None:
    assert FIGURES.keys() == GOLDEN.keys()


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_invoice_keeps_the_norm(name: str) -> None:
    document = of_invoice(GOLDEN[name]())
    made = einvoice(document)
    totals, groups = FIGURES[name]
    assert (made.total, made.prepaid, made.due) == totals
    assert [(g.category.value, g.ppm, g.base, g.tax) for g in made.groups] == groups
    for item in made.items:
        assert item.quantity * item.price == item.net * item.price_of
        assert item.price >= 0
    norm.check(xml(document))


@pytest.mark.unmeasured
@pytest.mark.parametrize("name", [name for name in GOLDEN if FIGURES[name][0][0] > 0 and name != "dinar"])
def test_credit_notes_of_a_golden_invoice_keep_the_norm(name: str) -> None:
    """A third of it, a quarter, and the rest: their sums are the invoice's, for each tax."""
    facts = GOLDEN[name]()
    total = facts.invoice.total
    third, quarter = total // 3, total // 4
    after, notes = credit_notes(facts, third, quarter, total - third - quarter)
    made = [einvoice(note) for note in notes]
    for note in notes:
        norm.check(xml(note))
    norm.check(xml(of_invoice(after)))
    whole = einvoice(of_invoice(facts))
    assert [(g.category, g.ppm, g.base, g.tax) for g in whole.groups] == [
        (g.category, g.ppm, sum(m.groups[n].base for m in made), sum(m.groups[n].tax for m in made))
        for n, g in enumerate(whole.groups)
    ]
    debt = sum(note.to_debt for note in notes)
    left = einvoice(of_invoice(after)).due - debt
    assert left == after.invoice.debt, "whoever reads all of them takes off what the credit notes lowered"


def test_shares_of_a_credit_note_may_be_too_fine_for_the_norm() -> None:
    _, (note,) = credit_notes(GOLDEN["dinar"](), 1_000)
    made = of_document(note)
    assert isinstance(made, NoEInvoice)
    assert made.obstacle is Obstacle.DECIMALS
    assert TYPESETTER.pdf(note).startswith(b"%PDF")


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_the_norm_has_no_place_for_is_named(name: str) -> None:
    make, obstacle, field = IMPOSSIBLE[name]
    document = of_invoice(make())
    made = TYPESETTER.einvoice(document)
    assert isinstance(made, NoEInvoice)
    assert (made.obstacle, made.field) == (obstacle, field)
    assert made.rule.startswith("must ")
    assert "factur-x.xml" not in PdfReader(BytesIO(TYPESETTER.pdf(document))).attachments
    _, (note,) = credit_notes(make(), 100)
    assert isinstance(of_document(note), NoEInvoice) is (
        obstacle != "tax_rounding" and name != "three decimals"
    )


def test_every_obstacle_is_met() -> None:
    assert {obstacle for _, obstacle, _ in IMPOSSIBLE.values()} == set(Obstacle)


def test_our_countries_and_currencies_are_the_norms() -> None:
    lists = norm.code_lists()
    assert COUNTRIES | {"1A"} in lists  # 1A: Kosovo, as the norm spells it
    (currencies,) = {frozenset(codes) for codes in lists if "EUR" in codes and len(codes) < 200}
    assert {code for code in money._EXPONENTS if code not in currencies} == UNKNOWN_CURRENCIES


def test_the_check_finds_what_is_wrong() -> None:
    """A planted wrong total, and a planted wrong element."""
    written = xml(of_invoice(GOLDEN["three rates"]()))
    wrong, _ = norm.report(written.replace(b"DuePayableAmount>2454.05", b"DuePayableAmount>2454.06"))
    assert [text for text in wrong if "BR-CO-16" in text]
    with pytest.raises(Exception, match="not valid against the official"):
        norm.check(written.replace(b"DuePayableAmount>", b"DuePayable>"))


AMOUNTS = st.integers(-20_000, 400_000)
LINES = st.lists(
    st.tuples(AMOUNTS, st.integers(0, 5_000), st.booleans(), st.sampled_from(["standard", "book", "solar"])),
    min_size=1,
    max_size=12,
)


@settings(max_examples=examples(10), deadline=None)
@given(LINES, st.sampled_from(TaxRounding), st.integers(0, 10**7), st.integers(1, 10**7))
def test_any_invoice_and_any_credit_note_of_it_keep_the_norm(
    drawn: list[tuple[int, int, bool, str]], rounding: TaxRounding, paid: int, credited: int
) -> None:
    lines = []
    for amount, quantity, inclusive, category in drawn:
        charged = of_category(line("Any", amount, quantity=quantity), category)
        lines.append(containing(charged) if inclusive else charged)
    convention = Convention(tax_rounding=rounding)
    facts = issued(*lines, of=person("DE"), rules=UNION, convention=convention)
    if facts.invoice.total <= 0:
        return
    settled = min(paid, facts.invoice.total)
    facts = issued(*lines, of=person("DE"), rules=UNION, convention=convention, paid=settled)
    after, notes = credit_notes(facts, min(credited, facts.invoice.total))
    documents: list[Document] = [of_invoice(facts), of_invoice(after), *notes]
    for document in documents:
        norm.check(xml(document))


def test_what_the_customer_and_the_seller_read() -> None:
    written = xml(of_invoice(GOLDEN["reverse charge"]()))
    assert told(written, "TypeCode") == ["380", "VAT", "58", "VAT"]
    assert told(written, "ExemptionReason") == ["Reverse charge"]
    assert told(written, "ExemptionReasonCode") == ["VATEX-EU-AE"]
    assert told(written, "ID")[2:] == ["KvK Amsterdam 12345678", "NL004495445B01", "DE136695976"]
    assert told(written, "IBANID") == ["NL91ABNA0417164300"]
    assert told(written, "PaymentReference") == ["SEU-07-000042"]
    assert told(written, "Description")[-1] == "14 days net"
    assert b'<udt:DateTimeString format="102">20261206<' in written, "due"


def test_the_customers_order_and_the_merchants_notes_are_told() -> None:
    plain = GOLDEN["reverse charge"]()
    noted = replace(plain.invoice, reference="PO-2026-0117", notes="Thank you.\n\nSee you in May.")
    document = of_invoice(replace(plain, invoice=noted))
    assert document.notes == ("Thank you.", "See you in May.")
    written = xml(document)
    assert told(written, "IssuerAssignedID") == ["PO-2026-0117"]
    assert told(written, "Content") == ["Thank you.", "See you in May."]
    assert told(xml(of_invoice(plain)), "IssuerAssignedID") == []


def test_a_deduction_has_a_negative_quantity() -> None:
    written = xml(of_invoice(GOLDEN["deductions, paid"]()))
    assert told(written, "BilledQuantity") == ["-1", "1"]
    assert told(written, "ChargeAmount") == ["12.67", "126.67"]
    assert told(written, "LineTotalAmount") == ["-12.67", "126.67", "114.00"]
    assert told(written, "TotalPrepaidAmount") == ["135.66"]
    assert told(written, "DuePayableAmount") == ["0.00"]
    assert told(written, "IBANID") == [], "nothing is to be paid"


def test_usage_below_a_cent_is_priced_by_its_whole_quantity() -> None:
    written = xml(of_invoice(GOLDEN["usage below a cent"]()))
    assert told(written, "ChargeAmount") == ["49.38"]
    assert told(written, "BasisQuantity") == told(written, "BilledQuantity") == ["12345678"]


def test_decimals_are_those_of_the_currency_but_two_at_most() -> None:
    assert told(xml(of_invoice(GOLDEN["yen"]())), "GrandTotalAmount") == ["3410"]
    dinars = xml(of_invoice(GOLDEN["dinar"]()))
    assert told(dinars, "GrandTotalAmount") == ["1058.40"]
    assert told(dinars, "ChargeAmount") == ["1061.500", "3.100"], "a unit price may be finer"


def test_numbers_of_the_parties() -> None:
    """A qualified issuer of Japan has no VAT number; a Greek one begins with EL; a stranger's is no VAT number."""
    assert einvoice(of_invoice(GOLDEN["yen"]())).seller_numbers.tax == "T5835678256246"
    assert einvoice(of_invoice(GOLDEN["Greece, in dollars"]())).seller_numbers.vat == "EL094259216"
    stranger = einvoice(of_invoice(GOLDEN["a customer in the United States"]()))
    assert (stranger.seller_numbers.vat, stranger.buyer_numbers.other) == (None, "12-3456789")


def under(facts: InvoiceFacts, number: str) -> InvoiceFacts:
    """The invoice as if its taxes were collected under another number."""
    lines = tuple(
        replace(line, taxes=tuple(replace(share, registration=number) for share in line.taxes))
        for line in facts.lines
    )
    return replace(facts, lines=lines)


@pytest.mark.parametrize(
    ("name", "number", "vat", "tax"),
    [
        ("a consumer in France", "FR40303265045", "FR40303265045", None),
        ("a consumer in France", "NL810433941B01", "NL810433941B01", None),
        ("a consumer in France", "EU372022452", None, "EU372022452"),
        ("Greece, in dollars", "EL 094259216", "EL094259216", None),
        ("reverse charge", "NL810433941B01", "NL810433941B01", None),
        ("yen", "T5835678256246", None, "T5835678256246"),
    ],
)
def test_the_seller_is_known_by_the_number_that_counts_for_the_supply(
    name: str, number: str, vat: str | None, tax: str | None
) -> None:
    """On the invoice and on what credits it. The One Stop Shop's own number is no country's (BR-CO-09)."""
    facts = under(GOLDEN[name](), number)
    _, notes = credit_notes(facts, facts.invoice.total)
    documents: list[Document] = [of_invoice(facts), *notes]
    for document in documents:
        numbers = einvoice(document).seller_numbers
        assert (numbers.vat, numbers.tax) == (vat, tax)
        norm.check(xml(document))


def test_a_transfer_without_an_iban() -> None:
    written = xml(of_invoice(GOLDEN["Greece, in dollars"]()))
    assert told(written, "ProprietaryID") == ["0001 2345"]
    assert told(written, "TypeCode")[2] == "30"


def test_what_xml_cannot_carry_is_marked() -> None:
    written = xml(of_invoice(GOLDEN["odd names"]()))
    assert told(written, "Name")[-1] == '"Quotes" & <tags> \ufffd 株式会社'
    assert told(written, "LineThree") == ["Yard 3, Door 4"]


def test_a_credit_note_names_the_invoice_that_it_lowers() -> None:
    after, (note,) = credit_notes(replace(GOLDEN["deductions, paid"]()), 5_001)
    written = xml(note)
    assert told(written, "TypeCode")[0] == "381"
    assert told(written, "IssuerAssignedID") == ["SEU-07-000042"]
    assert told(written, "Content") == ["Goodwill"]
    assert told(written, "GrandTotalAmount") == ["50.01"]
    assert (told(written, "TotalPrepaidAmount"), told(written, "DuePayableAmount")) == (["0.01"], ["50.00"])
    assert told(written, "Description")[-1] == (
        "50.00 EUR refunded to the method of payment; 0.01 EUR added to the account's credit"
    )
    assert told(xml(of_invoice(after)), "Content") == ["Credited by SEU-CN-07-000001: 50.01 EUR"]
    assert told(xml(of_invoice(after)), "DuePayableAmount") == ["0.00"]


def test_a_credit_note_over_nothing_changes_the_taxes_alone() -> None:
    """What charged 7 % goes back together with what paid for it at 19 %: 59.50 each."""
    month = containing(of_category(line("Month", -11_900), "standard"))
    year = containing(of_category(line("Year", 11_900), "book"))
    facts = issued(month, year, of=person("DE"), rules=UNION)
    assert facts.invoice.total == 0
    note = replace(note_facts(issued(line("Any", 100)), 100).note, amount=0, to_debt=0)
    parts = parts_of(facts.lines, {}, {1: -5_950, 2: 5_950})
    document = of_credit_note(
        CreditNoteFacts(
            note=note,
            lines=parts,
            charged=tuple(each.net for each in facts.lines),
            invoice=facts.invoice,
            account=facts.account,
            entity=facts.entity,
        )
    )
    made = einvoice(document)
    assert (made.total, made.due) == (0, 0)
    assert [(g.ppm, g.base, g.tax) for g in made.groups] == [(190_000, -5_000, -950), (70_000, 5_560, 390)]
    norm.check(xml(document))
    words = " ".join(page.extract_text() for page in PdfReader(BytesIO(TYPESETTER.pdf(document))).pages)
    assert "0.00" in words


def test_the_file_carries_the_e_invoice_and_says_so() -> None:
    facts = GOLDEN["three rates"]()
    _, notes = credit_notes(facts, 10_000)
    documents: list[Document] = [of_invoice(facts), *notes]
    for document in documents:
        made, written = TYPESETTER.pdf(document), xml(document)
        assert PdfReader(BytesIO(made)).attachments["factur-x.xml"] == [written]
        assert facturx.get_facturx_xml_from_pdf(made) == ("factur-x.xml", written)
        assert made == Typesetter().pdf(document)
        assert made.startswith(b"%PDF-1.7")
        root: Any = PdfReader(BytesIO(made)).root_object
        assert root["/AF"][0]["/AFRelationship"] == "/Alternative"
        assert {"/MarkInfo", "/StructTreeRoot", "/OutputIntents"} <= root.keys()
        said = re.sub(r"\s", "", root["/Metadata"].get_data().decode())
        assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in said
        assert "<fx:ConformanceLevel>EN16931</fx:ConformanceLevel>" in said
        assert "<pdfaSchema:prefix>fx</pdfaSchema:prefix>" in said


def test_a_credit_note_on_paper() -> None:
    _, (first, second) = credit_notes(GOLDEN["three rates"](), 10_000, 235_405)
    pages = PdfReader(BytesIO(TYPESETTER.pdf(first))).pages
    text = re.sub(r"\s+", " ", "\n".join(page.extract_text() for page in pages)).replace("\u200b", "")
    at = 0
    for part in (
        "Credit note Solvent Europe B.V.",
        "ISSUED TO",
        "SEU-CN-07-000001",
        "Issued 23 November 2026",
        "For invoice SEU-07-000042",
        "Invoice of 22 November 2026",
        "Credited to invoice SEU-07-000042 100.00 EUR",
        "Pro 22 Nov 2026 – 22 Dec 2026 77.42 EUR of the 1900.00 EUR of line 1 of the invoice; VAT 19 % on 1900.00 EUR",
        "Subtotal 84.89 EUR",
        "VAT 19 % on 78.78 EUR 14.97 EUR",
        "Total credited 100.00 EUR",
        "Set off against invoice SEU-07-000042 100.00 EUR",
        "Reason: Goodwill",
    ):
        found = text.find(part, at)
        assert found >= 0, f"{part!r} is not in {text[at:]!r}"
        at = found
    assert TYPESETTER.tag(first) != TYPESETTER.tag(second)


def test_an_invoice_shows_its_credit_notes() -> None:
    after, _ = credit_notes(GOLDEN["three rates"](), 10_000)
    told_ = PdfReader(BytesIO(TYPESETTER.pdf(of_invoice(after)))).pages[0].extract_text()
    text = re.sub(r"\s+", " ", told_)
    assert "Credit note SEU-CN-07-000001, 23 November 2026 −100.00 EUR" in text


def test_a_file_without_a_glyph_carries_none() -> None:
    """It is not archival, as a file with an e-invoice has to be; the XML is there all the same."""
    document = of_invoice(GOLDEN["odd names"]())
    made = PdfReader(BytesIO(TYPESETTER.pdf(document)))
    assert not made.attachments
    assert xml(document)


def test_an_amount_that_its_lines_do_not_come_to_is_no_credit_note() -> None:
    facts = note_facts(issued(line("Pro", 2_000), of=account()), 500)
    wrong = replace(facts, note=replace(facts.note, amount=501))
    with pytest.raises(ValueError, match="amount 501 must be what its lines come to: 500"):
        of_credit_note(wrong)
