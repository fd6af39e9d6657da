"""Invoices on paper: what is read from the file is what the invoice says, and the same invoice is the same file."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from solvent.core.document import InvoiceDocument, of_invoice
from solvent.core.document_parts import TaxTotal
from solvent.core.invoice import LineKind
from solvent.documents import typesetting
from solvent.documents.typesetting import Typesetter
from tests.documents.samples import account, invoice, issued, line
from tests.documents.shelf import GOLDEN

pytestmark = pytest.mark.unmeasured

TYPESETTER = Typesetter()


def read(document: InvoiceDocument) -> PdfReader:
    """The file, opened."""
    return PdfReader(BytesIO(TYPESETTER.pdf(document)))


def text(document: InvoiceDocument) -> str:
    """All that can be read on all pages, every run of spaces as one."""
    pages = (page.extract_text() for page in read(document).pages)
    return re.sub(r"\s+", " ", "\n".join(pages)).replace("\u200b", "")


def in_order(told: str, *parts: str) -> None:
    """The parts stand in the text, one after the other."""
    at = 0
    for part in parts:
        found = told.find(part, at)
        assert found >= 0, f"{part!r} is not in {told[at:]!r}"
        at = found + len(part)


def test_the_number_under_which_it_is_taxed_is_printed() -> None:
    """The One Stop Shop's, of a seller whose own number is another by now."""
    facts = GOLDEN["a consumer in France"]()
    (tax,) = facts.lines[0].taxes
    lines = (replace(facts.lines[0], taxes=(replace(tax, registration="NL810433941B01"),)),)
    told = text(of_invoice(replace(facts, lines=lines)))
    in_order(told, "Solvent Europe B.V.", "billing@solvent.example VAT NL810433941B01 BILLED TO")
    assert "NL004495445B01" not in told


def test_an_open_invoice_in_euros() -> None:
    told = text(
        invoice(line("Pro", 190_000, quantity=2), line("Unused time", -950), credit=5_050, terms_days=30)
    )
    in_order(
        told,
        "Invoice Solvent Europe B.V. Herengracht 182 1016 BR Amsterdam Netherlands",
        "billing@solvent.example VAT NL004495445B01",
        "Beispiel GmbH Unter den Linden 77 10117 Berlin Germany billing@example.com Tax number DE123456789",
        "SEU-07-000042",
        "Issued 22 November 2026",
        "Due 22 December 2026",
        "30 days net",
        "Open Due 22 December 2026 1,840.00 EUR",
        "Pro 22 Nov 2026 – 22 Dec 2026 explained: Pro 2 1,900.00",
        "Unused time",
        "1 −9.50",
        "Total 1,890.50 EUR",
        "Account credit used, 22 November 2026 −50.50 EUR",
        "Open 1,840.00 EUR",
        "Paying by bank transfer",
        "Amount 1,840.00 EUR Reference SEU-07-000042 Account holder Solvent Europe B.V. Bank Voorbeeldbank",
        "IBAN NL91 ABNA 0417 1643 00 BIC ABNANL2A",
        "Scan with a banking app",
        "Days begin in the time zone Europe/Berlin.",
        "KvK Amsterdam 12345678 SEU-07-000042 Page 1 of 1",
    )


def test_an_order_and_notes_are_printed_where_there_are_some() -> None:
    plain = issued(line("Advice", 10_000))
    noted = replace(plain.invoice, reference="PO-2026-0117", notes="Thank you.\nSee you in May.")
    told = text(of_invoice(replace(plain, invoice=noted)))
    in_order(told, "Your reference PO-2026-0117", "Issued", "Thank you.", "See you in May.", "Days begin in")
    assert "Your reference" not in text(of_invoice(plain))


def test_a_paid_invoice_in_yen_asks_for_nothing() -> None:
    buyer = account("Example KK", country="JP", currency="JPY", time_zone="Asia/Tokyo", address=None)
    told = text(invoice(line("Pro", 300_000), of=buyer, paid=300_000))
    in_order(
        told,
        "Paid 25 November 2026 300,000 JPY",
        "1 300,000",
        "Total 300,000 JPY",
        "Payment received, 25 November 2026 −300,000 JPY",
        "Open 0 JPY",
    )
    assert "Paying" not in told
    assert "Subtotal" not in told


def test_three_decimals_and_no_bank_account_in_that_currency() -> None:
    buyer = account("Example WLL", country="KW", currency="KWD", time_zone="Asia/Kuwait", address=None)
    told = text(invoice(line("Business", 1_061_500), line("Unused time", -3_100), of=buyer))
    in_order(
        told, "Open Due on receipt 1,058.400 KWD", "1,061.500", "−3.100", "Total 1,058.400 KWD Open 1,058.400"
    )
    assert "Paying" not in told


def test_american_customers_read_american_days_on_american_paper() -> None:
    buyer = account("Example Inc.", country="US", currency="USD", time_zone="America/New_York", address=None)
    document = invoice(line("Pro", 2000), of=buyer)
    in_order(text(document), "November 22, 2026", "Nov 22, 2026 – Dec 22, 2026", "Account number 0001 2345")
    assert "Scan" not in text(document)
    assert [float(edge) for edge in read(document).pages[0].mediabox.upper_right] == [612, 792]


def test_a_country_that_writes_no_english_of_its_own() -> None:
    buyer = account(country="MC", address=None)
    in_order(text(invoice(line("Pro", 2000), of=buyer)), "Monaco", "22 November 2026")


def test_what_nobody_had_to_pay_is_resolved() -> None:
    in_order(text(invoice(line("New", 500), line("Unused", -500))), "Resolved Nothing is due 0.00 EUR")


def test_sixty_lines_repeat_the_head_of_the_table_on_every_page() -> None:
    lines = [
        line(f"Pro, zone:z{n}.example", 1900, period=None if n % 2 else line("", 0).period) for n in range(60)
    ]
    document = invoice(*lines)
    pages = [re.sub(r"\s+", " ", page.extract_text()) for page in read(document).pages]
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        in_order(page, "DESCRIPTION QUANTITY AMOUNT (EUR)", f"Page {number} of {len(pages)}")
    in_order(" ".join(pages), *(f"zone:z{n}.example" for n in range(60)), "Total 1,140.00 EUR")


@pytest.mark.parametrize("count", range(9, 14))
def test_the_totals_never_stand_alone_on_a_page(count: int) -> None:
    document = invoice(*(line(f"Line {n}.", 1900) for n in range(count)))
    with_totals = [told for page in read(document).pages if "Total" in (told := page.extract_text())]
    assert len(with_totals) == 1
    assert f"Line {count - 1}." in with_totals[0]


def test_tax_is_printed_where_there_is_some() -> None:
    document = invoice(line("Pro", 2000))
    share = TaxTotal(name="VAT", ppm=215_000, base=2000, amount=430)
    taxed = replace(document, totals=replace(document.totals, taxes=(share,), total=2430, open=2430))
    in_order(
        text(taxed), "Subtotal 20.00 EUR VAT 21.5 % on 20.00 EUR 4.30 EUR Total 24.30 EUR Open 24.30 EUR"
    )


@pytest.mark.parametrize(
    "name",
    [
        "Максим Иванов и сыновья",
        "Ελληνική Εταιρεία Παραδείγματος",
        "Żółć Gęślą Jaźń Sp. z o.o.",
        "Công ty TNHH Ví Dụ",
        "#let x = 1 *not markup* $1$ \\ @name <tag>",
    ],
)
def test_names_are_printed_as_they_are(name: str) -> None:
    document = invoice(line("Pro", 2000), of=account(name))
    assert name in text(document)
    assert b"pdfaid" in TYPESETTER.pdf(document)


def test_a_word_too_long_for_its_column_stays_on_the_page() -> None:
    word = "zone:" + "averylongname" * 12 + ".example"
    document = invoice(line(f"Pro, {word}", 2000))
    assert word in text(document).replace(" ", "")
    found = []
    page = read(document).pages[0]
    page.extract_text(
        visitor_text=lambda t, _cm, tm, _font, _size: found.append(tm[4]) if t.strip() else None
    )
    assert max(found) < float(page.mediabox.right) - 60


def test_a_script_that_no_font_has_is_an_ordinary_file_with_boxes() -> None:
    made = TYPESETTER.pdf(invoice(line("Pro", 2000), of=account("株式会社")))
    assert made.startswith(b"%PDF-1.7")
    assert b"pdfaid" not in made


def test_more_fonts_are_taken_from_the_folder_that_is_set(tmp_path: Path) -> None:
    ours = Path(typesetting.__file__).parent / "fonts" / "IBMPlexSans-Regular.ttf"
    shutil.copy(ours, tmp_path)
    document = invoice(line("Pro", 2000))
    assert Typesetter(tmp_path).pdf(document) == TYPESETTER.pdf(document)
    shutil.copy(ours, tmp_path / "Other.ttf")
    assert Typesetter(tmp_path).tag(document) != TYPESETTER.tag(document)


def test_the_same_invoice_is_the_same_file_also_from_another_process_and_many_threads() -> None:
    document = invoice(line("Pro", 2000), terms_days=14)
    made = TYPESETTER.pdf(document)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: TYPESETTER.pdf(document), range(12))) == {made}
    program = (
        "import sys; from tests.documents.samples import invoice, line; "
        "from solvent.documents.typesetting import Typesetter; "
        "sys.stdout.buffer.write(Typesetter().pdf(invoice(line('Pro', 2000), terms_days=14)))"
    )
    root = Path(__file__).parents[2]
    other = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, check=True)
    assert other.stdout == made


def test_the_file_says_what_it_is() -> None:
    document = invoice(line("Pro", 2000))
    reader = read(document)
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("Invoice SEU-07-000042", "Solvent Europe B.V.")
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date == document.issued_at
    xmp = re.sub(rb"\s", b"", TYPESETTER.pdf(document))
    assert b"<pdfaid:part>3</pdfaid:part>" in xmp


def test_the_tag_changes_with_the_document_alone() -> None:
    opened, paid = invoice(line("Pro", 2000)), invoice(line("Pro", 2000), paid=2000)
    assert TYPESETTER.tag(opened) == Typesetter().tag(opened)
    assert TYPESETTER.tag(opened) != TYPESETTER.tag(paid)


def test_a_discount_stands_below_the_line_that_it_lowers() -> None:
    off = replace(line("Welcome (20 % off) on Pro", -5_800), kind=LineKind.DISCOUNT)
    told = text(invoice(line("Pro", 29_000), off, line("Seats", 500, quantity=3)))
    in_order(
        told,
        "Pro 22 Nov 2026 – 22 Dec 2026 explained: Pro 1 290.00",
        "Welcome (20 % off) on Pro explained: Welcome (20 % off) on Pro −58.00",
        "Seats 22 Nov 2026 – 22 Dec 2026 explained: Seats 3 5.00",
        "Total 237.00 EUR",
    )
