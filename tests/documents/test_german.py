"""Documents in German: every word, day and amount, on paper and in the e-invoice; the English ones stay as they are."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from io import BytesIO

from pypdf import PdfReader

from solvent.core.credit_document import of_credit_note
from solvent.core.document import InvoiceFacts, of_invoice
from solvent.core.einvoice import of_document
from solvent.core.language import Language
from solvent.core.phrase import Phrase, Sentence
from solvent.core.tax import TaxShare
from solvent.core.vat_category import NoEInvoice
from solvent.documents import credit_wording, labels_de, labels_en, wording
from solvent.documents.cii import xml
from solvent.documents.labels import Labels
from solvent.documents.typesetting import Document, Typesetter
from solvent.documents.words import Pen
from tests.documents import norm
from tests.documents.samples import account, issued, line, note_facts
from tests.documents.shelf import UNION

TYPESETTER = Typesetter()
SEATS = Phrase(Sentence.GOODS, ("Plätze", 1200, ""))
PRICE = Phrase(Sentence.PER_UNIT, (1200, 150, 0, "EUR", 180_000, "half_up"))
MONTHLY = Phrase(Sentence.IN_ADVANCE, (PRICE, 1, "month", "2026-11-22", "2026-12-22"))
SOLD = replace(line("", 180_000, quantity=1200), description=SEATS, explanation=MONTHLY)
FACTS = issued(SOLD, rules=UNION, of=replace(account(), tax_id=None), credit=5_050, terms_days=30)
GERMAN = replace(FACTS, invoice=replace(FACTS.invoice, language=Language.DE))
NOTE = note_facts(GERMAN, 21_420)


def text(document: Document) -> str:
    """All that can be read, every run of spaces as one."""
    pages = PdfReader(BytesIO(TYPESETTER.pdf(document))).pages
    return re.sub(r"\s+", " ", "\n".join(page.extract_text() for page in pages)).replace("\u200b", "")


def in_order(told: str, *parts: str) -> None:
    at = 0
    for part in parts:
        found = told.find(part, at)
        assert found >= 0, f"{part!r} is not in {told[at:]!r}"
        at = found + len(part)


def test_an_invoice() -> None:
    in_order(
        text(of_invoice(GERMAN)),
        "Rechnung Solvent Europe B.V.",
        "Niederlande",
        "Deutschland",
        "Rechnungsnummer SEU-07-000042 Ausgestellt 22. November 2026 Fällig 22. Dezember 2026",
        "30 Tage netto",
        "Offen Fällig am 22. Dezember 2026 2.091,50 EUR",
        "BESCHREIBUNG MENGE BETRAG (EUR)",
        "Plätze × 1.200 22.11.2026 – 22.12.2026 1.200 × 1,50 EUR = 1.800,00 EUR pro Monat, im Voraus für 22.11.2026 bis"
        " 22.12.2026; VAT 19 % auf 1.800,00 EUR = 342,00 EUR, kaufmännisch gerundet",
        "1.200 1.800,00",
        "Zwischensumme 1.800,00 EUR VAT 19 % auf 1.800,00 EUR 342,00 EUR Gesamtbetrag 2.142,00 EUR",
        "Guthaben verwendet, 22. November 2026 −50,50 EUR",
        "Zahlung per Überweisung",
        "Tage beginnen in der Zeitzone Europe/Berlin.",
        "Seite 1 von 1",
    )


def test_a_tax_is_called_as_german_calls_it_on_paper_and_stays_english_elsewhere() -> None:
    called = Phrase(Sentence.NAMED, ("VAT", "de", "USt"))

    def renamed(share: TaxShare) -> TaxShare:
        explained = share.explanation
        assert isinstance(explained, Phrase)
        return replace(
            share, name=called, explanation=replace(explained, parts=(called, *explained.parts[1:]))
        )

    def with_name(facts: InvoiceFacts) -> InvoiceFacts:
        lines = [replace(x, taxes=tuple(renamed(share) for share in x.taxes)) for x in facts.lines]
        return replace(facts, lines=tuple(lines))

    in_order(
        text(of_invoice(with_name(GERMAN))),
        "USt 19 % auf 1.800,00 EUR = 342,00 EUR, kaufmännisch gerundet",
        "Zwischensumme 1.800,00 EUR USt 19 % auf 1.800,00 EUR 342,00 EUR Gesamtbetrag",
    )
    assert text(of_invoice(with_name(FACTS))) == text(of_invoice(FACTS))
    note = of_credit_note(note_facts(with_name(GERMAN), 21_420))
    in_order(text(note), "in Zeile 1 der Rechnung; USt 19 % auf 1.800,00 EUR", "USt 19 %")
    made = of_document(of_invoice(with_name(GERMAN)))
    assert not isinstance(made, NoEInvoice)
    norm.check(xml(made))


def test_a_credit_note_speaks_the_language_of_its_invoice() -> None:
    in_order(
        text(of_credit_note(NOTE)),
        "Gutschrift Solvent Europe B.V.",
        "Zu Rechnung SEU-07-000042",
        "Gutgeschrieben zu Rechnung SEU-07-000042 214,20 EUR",
        "180,00 EUR von 1.800,00 EUR in Zeile 1 der Rechnung; VAT 19 % auf 1.800,00 EUR",
        "Gutgeschrieben insgesamt 214,20 EUR",
        "Mit Rechnung SEU-07-000042 verrechnet 214,20 EUR",
        "Grund:",
    )


def test_what_goes_back_of_usage_says_how_it_came_about_and_keeps_the_norm() -> None:
    used = Phrase(
        Sentence.USED,
        (
            "Anfragen",
            Phrase(Sentence.PER_UNIT, (1_080, 150, 0, "EUR", 162_000, "half_up")),
            "2026-10-22",
            "2026-11-22",
        ),
    )
    less = Phrase(Sentence.LESS_BILLED, (used, 180_000, -18_000, "EUR"))
    note = of_credit_note(replace(NOTE, lines=tuple(replace(part, explanation=less) for part in NOTE.lines)))
    in_order(
        text(note),
        "180,00 EUR von 1.800,00 EUR in Zeile 1 der Rechnung; Anfragen: 1.080 × 1,50 EUR = 1.620,00 EUR, ",
        "abzüglich 1.800,00 früher berechnet = -180,00 EUR",
    )
    made = of_document(note)
    assert not isinstance(made, NoEInvoice)
    written = xml(made)
    norm.check(written)
    assert "1.080 × 1,50 EUR = 1.620,00 EUR" in written.decode()


def test_the_e_invoice_has_the_same_figures_in_german() -> None:
    told = {}
    for facts in (FACTS, GERMAN):
        made = of_document(of_invoice(facts))
        assert not isinstance(made, NoEInvoice)
        told[facts.invoice.language] = re.findall(r">([^<>]*[^<>\s][^<>]*)<", xml(made).decode())
    differ = {pair for pair in zip(told[Language.EN], told[Language.DE], strict=True) if pair[0] != pair[1]}
    assert {german for _, german in differ} == {
        "Plätze × 1.200",
        "1.200 × 1,50 EUR = 1.800,00 EUR pro Monat, im Voraus für 22.11.2026 bis 22.12.2026",
        "30 Tage netto",
    }


def test_the_same_german_document_is_the_same_file_and_another_than_the_english_one() -> None:
    first, again = (Typesetter().pdf(of_invoice(GERMAN)) for _ in range(2))
    assert first == again
    assert TYPESETTER.tag(of_invoice(GERMAN)) != TYPESETTER.tag(of_invoice(FACTS))


def test_both_languages_have_every_label_with_the_same_places() -> None:
    for field in fields(Labels):
        english, german = (getattr(x.LABELS, field.name) for x in (labels_en, labels_de))
        assert re.findall(r"{\w+}", english) == re.findall(r"{\w+}", german), field.name


def test_a_country_decides_how_its_german_is_set() -> None:
    content = wording.content(of_invoice(GERMAN))
    assert (content["language"], content["region"]) == ("de", "de")
    in_austria = replace(GERMAN, account=replace(GERMAN.account, country="AT"))
    assert wording.content(of_invoice(in_austria))["region"] == "at"
    assert credit_wording.content(of_credit_note(NOTE))["language"] == "de"
    assert Pen(Language.DE, "JP").long(of_invoice(GERMAN).issued_on) == "22.\u00a0November\u00a02026"
