"""Phrases: each is said in each language, of the same parts."""

import inspect

import pytest

from solvent.core import phrases_de, phrases_en
from solvent.core.language import TURNING_RULE, Language, names_problems
from solvent.core.phrase import Phrase, Sentence, Text, listed, named, spoken

PRICE = Phrase(Sentence.PER_UNIT, (3, 500, 0, "EUR", 1500, "half_up"))
GOODS = Phrase(Sentence.GOODS, (named("Seats", {Language.DE: "Plätze"}), 1200, "zone:example.com"))
SHARE = 1_296_000, 2_678_400, "second", 4839, "2026-01-17T00:00", "2026-02-01T00:00"
TAX = "VAT", 81_500, 1900, 155, "EUR", "half_up"

SAID = [
    (Phrase(Sentence.NONE, (0, "EUR")), "none = 0.00 EUR", "nichts = 0,00 EUR"),
    (Phrase(Sentence.FLAT, (150_000, "JPY")), "flat 150000 JPY", "pauschal 150.000 JPY"),
    (PRICE, "3 × 5.00 EUR = 15.00 EUR", "3 × 5,00 EUR = 15,00 EUR"),
    (
        Phrase(Sentence.PER_UNIT, (1200, -25, 4, "EUR", -3, "half_up")),
        "1200 × -0.000025 EUR = -0.03 EUR",
        "1.200 × -0,000025 EUR = -0,03 EUR",
    ),
    (
        Phrase(Sentence.PER_UNIT, (12_345_678, 3, 5, "USD", 370, "half_up")),
        "12345678 × 0.0000003 USD = 3.7037034, rounded half-up to 3.70 USD",
        "12.345.678 × 0,0000003 USD = 3,7037034, kaufmännisch gerundet 3,70 USD",
    ),
    (
        Phrase(Sentence.PACKAGES, (1, 1000, 500, 0, "EUR", 500, "half_up")),
        "1 package of 1000 × 5.00 = 5.00 EUR",
        "1 Paket zu 1.000 × 5,00 = 5,00 EUR",
    ),
    (
        Phrase(Sentence.PACKAGES, (2, 10, 500, 0, "EUR", 1000, "half_up")),
        "2 packages of 10 × 5.00 = 10.00 EUR",
        "2 Pakete zu 10 × 5,00 = 10,00 EUR",
    ),
    (
        Phrase(Sentence.PACKAGES, (3, 10, 5, 1, "EUR", 1, "truncate")),
        "3 packages of 10 × 0.005 = 0.015, rounded truncate to 0.01 EUR",
        "3 Pakete zu 10 × 0,005 = 0,015, abgeschnitten 0,01 EUR",
    ),
    (
        Phrase(Sentence.VOLUME, (12, 100, 300, 0, "EUR", 1500, "half_up")),
        "all 12 × 1.00 + 3.00 flat = 15.00 EUR",
        "alle 12 × 1,00 + 3,00 pauschal = 15,00 EUR",
    ),
    (
        Phrase(Sentence.VOLUME, (5, 5, 0, 1, "EUR", 2, "half_even")),
        "all 5 × 0.005 = 0.025, rounded half-even to 0.02 EUR",
        "alle 5 × 0,005 = 0,025, zur geraden Ziffer gerundet 0,02 EUR",
    ),
    (
        Phrase(Sentence.GRADUATED, (0, "EUR", 1200, "half_up", 10, 100, 0, 4, 50, 0)),
        "first 10 × 1.00 + 4 × 0.50 = 12.00 EUR",
        "die ersten 10 × 1,00 + 4 × 0,50 = 12,00 EUR",
    ),
    (
        Phrase(Sentence.GRADUATED, (3, "EUR", 389, "half_up", 1000, 333, 0, 501, 111, 0)),
        "first 1000 × 0.00333 + 501 × 0.00111 = 3.88611, rounded half-up to 3.89 EUR",
        "die ersten 1.000 × 0,00333 + 501 × 0,00111 = 3,88611, kaufmännisch gerundet 3,89 EUR",
    ),
    (GOODS, "Seats × 1,200, zone:example.com", "Plätze × 1.200, zone:example.com"),
    (Phrase(Sentence.GOODS, ("Pro", 1, "")), "Pro", "Pro"),
    (Phrase(Sentence.UNUSED_TIME, ("Pro",)), "Unused time on Pro", "Ungenutzte Zeit: Pro"),
    (Phrase(Sentence.REMAINING_TIME, ("Pro",)), "Remaining time on Pro", "Restliche Zeit: Pro"),
    (Phrase(Sentence.USAGE, ("A", "Calls", "")), "Usage of A: Calls", "Verbrauch A: Calls"),
    (Phrase(Sentence.USAGE, ("A", "Calls", "z")), "Usage of A: Calls, z", "Verbrauch A: Calls, z"),
    (
        Phrase(Sentence.LATER_USAGE, ("A", "Calls", "z")),
        "Later usage of A: Calls, z",
        "Nachträglicher Verbrauch A: Calls, z",
    ),
    (
        Phrase(Sentence.LATER_USAGE, ("A", "C", "")),
        "Later usage of A: C",
        "Nachträglicher Verbrauch A: C",
    ),
    (Phrase(Sentence.PREPAID), "Prepaid credit", "Guthaben im Voraus"),
    (
        Phrase(Sentence.DISCOUNT_SHARE, ("Sale", 125_000, "Pro")),
        "Sale (12.5 % off) on Pro",
        "Sale (12,5 % Rabatt) auf Pro",
    ),
    (
        Phrase(Sentence.DISCOUNT_AMOUNT, ("Sale", 500, "EUR", "Pro")),
        "Sale (5.00 EUR off) on Pro",
        "Sale (5,00 EUR Rabatt) auf Pro",
    ),
    (
        Phrase(Sentence.IN_ADVANCE, (PRICE, 1, "month", "2026-01-31", "2026-02-28")),
        "3 × 5.00 EUR = 15.00 EUR per month, in advance for 2026-01-31 to 2026-02-28",
        "3 × 5,00 EUR = 15,00 EUR pro Monat, im Voraus für 31.01.2026 bis 28.02.2026",
    ),
    (
        Phrase(Sentence.IN_ADVANCE, ("x", 3, "month", "2026-01-31", "2026-04-30")),
        "x per 3 months, in advance for 2026-01-31 to 2026-04-30",
        "x je 3 Monate, im Voraus für 31.01.2026 bis 30.04.2026",
    ),
    (Phrase(Sentence.ONCE, ("x",)), "x, once", "x, einmalig"),
    (
        Phrase(Sentence.UNUSED, ("x", 1, "year", *SHARE, "half_up", -726, "EUR")),
        "x per year, unused 1,296,000 of 2,678,400 seconds (48.39 %) from 2026-01-17 00:00 to 2026-02-01 00:00, "
        "rounded half-up = -7.26 EUR",
        "x pro Jahr, ungenutzt 1.296.000 von 2.678.400 Sekunden (48,39 %) vom 17.01.2026 00:00 bis 01.02.2026 "
        "00:00, kaufmännisch gerundet = -7,26 EUR",
    ),
    (
        Phrase(Sentence.REMAINING, ("x", 2, "week", 1, 14, "day", 714, *SHARE[4:], "half_even", 5, "EUR")),
        "x per 2 weeks, remaining 1 of 14 days (7.14 %) from 2026-01-17 00:00 to 2026-02-01 00:00, "
        "rounded half-even = 0.05 EUR",
        "x je 2 Wochen, restliche 1 von 14 Tagen (7,14 %) vom 17.01.2026 00:00 bis 01.02.2026 00:00, "
        "zur geraden Ziffer gerundet = 0,05 EUR",
    ),
    (
        Phrase(Sentence.USED, ("calls", "x", "2026-01-01", "2026-02-01")),
        "calls: x, used from 2026-01-01 through 2026-02-01",
        "calls: x, verbraucht vom 01.01.2026 bis einschließlich 01.02.2026",
    ),
    (
        Phrase(Sentence.USED_SO_FAR, ("calls", "x", "2026-01-01", "2026-02-01")),
        "calls: x, used so far from 2026-01-01 through 2026-02-01",
        "calls: x, bisher verbraucht vom 01.01.2026 bis einschließlich 01.02.2026",
    ),
    (
        Phrase(Sentence.LESS_BILLED, ("x", 100, 30, "EUR")),
        "x, less 1.00 billed before = 0.30 EUR",
        "x, abzüglich 1,00 früher berechnet = 0,30 EUR",
    ),
    (
        Phrase(Sentence.PREPAID_CREDIT, (5000, "EUR")),
        "50.00 EUR of account credit; tax is due on what it pays for",
        "50,00 EUR Guthaben; Steuer fällt auf das an, was damit bezahlt wird",
    ),
    (Phrase(Sentence.AS_ENTERED), "entered by the merchant", "wie vom Anbieter eingetragen"),
    (
        Phrase(Sentence.COUPON_SHARE, ("SAVE", 200_000, 2900, 580, "EUR", "truncate")),
        "coupon SAVE: 20 % of 29.00 EUR = 5.80 EUR, rounded truncate",
        "Gutschein SAVE: 20 % von 29,00 EUR = 5,80 EUR, abgeschnitten",
    ),
    (
        Phrase(Sentence.COUPON_AMOUNT, ("SAVE", 1000, 5000, 2000, 400, "EUR")),
        "coupon SAVE: 10.00 EUR off 50.00 EUR, of it 4.00 EUR on this line, the share of its 20.00 EUR, rounded so "
        "that the lines sum to it",
        "Gutschein SAVE: 10,00 EUR Rabatt auf 50,00 EUR, davon 4,00 EUR auf diese Zeile, der Anteil ihrer 20,00 EUR, "
        "so gerundet, dass die Zeilen ihn ergeben",
    ),
    (
        Phrase(Sentence.COUPON_AMOUNT, ("SAVE", 1000, 800, 800, 800, "EUR")),
        "coupon SAVE: 10.00 EUR off 8.00 EUR, of it 8.00 EUR on this line",
        "Gutschein SAVE: 10,00 EUR Rabatt auf 8,00 EUR, davon 8,00 EUR auf diese Zeile",
    ),
    (
        Phrase(Sentence.COUPON_PART, ("SAVE", 667, 1000, 2000, 2000, 667, "EUR")),
        "coupon SAVE, of its 10.00 EUR the share of this part of the cart: 6.67 EUR off 20.00 EUR, of it 6.67 EUR on "
        "this line",
        "Gutschein SAVE, von 10,00 EUR der Anteil dieses Teils des Warenkorbs: 6,67 EUR Rabatt auf 20,00 EUR, davon "
        "6,67 EUR auf diese Zeile",
    ),
    (
        Phrase(Sentence.COUPON_KEPT, ("SAVE", 400, 2000, 1000, 0, 0, 200, "EUR", "half_up")),
        "coupon SAVE had taken 4.00 EUR of 20.00 EUR: of the 10.00 EUR credited 2.00 EUR was never charged, rounded "
        "half-up",
        "Gutschein SAVE hatte 4,00 EUR von 20,00 EUR abgezogen: von den gutgeschriebenen 10,00 EUR wurden 2,00 EUR "
        "nie berechnet, kaufmännisch gerundet",
    ),
    (
        Phrase(Sentence.COUPON_KEPT, ("SAVE", 400, 2000, 1000, 300, 150, 200, "EUR", "half_up")),
        "coupon SAVE had taken 4.00 EUR of 20.00 EUR, after 3.00 EUR by others: of the 10.00 EUR credited 2.00 EUR "
        "was never charged, rounded half-up together with the 1.50 EUR of the others",
        "Gutschein SAVE hatte 4,00 EUR von 20,00 EUR abgezogen, nach 3,00 EUR durch andere: von den gutgeschriebenen "
        "10,00 EUR wurden 2,00 EUR nie berechnet, kaufmännisch gerundet zusammen mit den 1,50 EUR der anderen",
    ),
    (
        Phrase(Sentence.GIVEN_BEFORE, ("x", -571, -2375, "EUR")),
        "x; less -5.71 EUR that credit notes gave back of it before = -23.75 EUR",
        "x; abzüglich -5,71 EUR, die Gutschriften davon schon zurückgegeben haben = -23,75 EUR",
    ),
    (
        Phrase(Sentence.BY_CREDIT_NOTE, ("x", -571, -2375, "EUR")),
        "x; less -5.71 EUR by credit note = -23.75 EUR",
        "x; abzüglich -5,71 EUR als Gutschrift = -23,75 EUR",
    ),
    (
        Phrase(Sentence.STRETCH, ("x", "2026-01-01", "2026-01-16", 15, 31, "second", 4839, 611, "EUR")),
        "x; of it 15 of 31 seconds (48.39 %) from 2026-01-01 to 2026-01-16, because the tax rate changes, rounded so "
        "that its parts sum to it = 6.11 EUR",
        "x; davon 15 von 31 Sekunden (48,39 %) vom 01.01.2026 bis 16.01.2026, weil sich der Steuersatz ändert, so "
        "gerundet, dass die Teile das Ganze ergeben = 6,11 EUR",
    ),
    (
        Phrase(Sentence.OF_LINE, (2, 1000, 1900, "EUR")),
        "10.00 EUR of the 19.00 EUR of line 2 of the invoice",
        "10,00 EUR von 19,00 EUR in Zeile 2 der Rechnung",
    ),
    (
        Phrase(Sentence.OF_LINE, (2, 1900, 1900, "EUR")),
        "all of the 19.00 EUR of line 2 of the invoice",
        "alles von 19,00 EUR in Zeile 2 der Rechnung",
    ),
    (
        Phrase(Sentence.PART_OF, ("GST", 190, 1000, "EUR")),
        "GST; of it 1.90 EUR on 10.00 EUR",
        "GST; davon 1,90 EUR auf 10,00 EUR",
    ),
    (
        Phrase(Sentence.TAX_ADDED, TAX),
        "VAT 8.15 % on 19.00 EUR = 1.55 EUR, rounded half-up",
        "VAT 8,15 % auf 19,00 EUR = 1,55 EUR, kaufmännisch gerundet",
    ),
    (
        Phrase(Sentence.TAX_CONTAINED, ("GST", 50_000, 149_750, 11_498, 500, "CAD", "half_up")),
        "GST 5 % of 14.975 % contained in 114.98 CAD = 5.00 CAD, rounded half-up",
        "GST 5 % von 14,975 % enthalten in 114,98 CAD = 5,00 CAD, kaufmännisch gerundet",
    ),
    (
        Phrase(Sentence.TAX_CONTAINED, (TAX[0], TAX[1], *TAX[1:])),
        "VAT 8.15 % contained in 19.00 EUR = 1.55 EUR, rounded half-up",
        "VAT 8,15 % enthalten in 19,00 EUR = 1,55 EUR, kaufmännisch gerundet",
    ),
    (Phrase(Sentence.ONCE_FOR_ALL, ("x",)), "x once for the invoice", "x, einmal für die Rechnung"),
    (
        Phrase(Sentence.WITH_DISCOUNTS, ("x",)),
        "x over the line with its discounts",
        "x, über die Zeile mit ihren Rabatten",
    ),
    (
        Phrase(Sentence.AT_HOME, ("x", "NL")),
        "x; taxed in NL, where the seller is established",
        "x; versteuert in NL, wo der Verkäufer seinen Sitz hat",
    ),
    (
        Phrase(Sentence.EXEMPT, ("DE",)),
        "exempt: no tax is charged to this customer in DE",
        "steuerbefreit: diesem Kunden wird in DE keine Steuer berechnet",
    ),
    (
        Phrase(Sentence.REVERSE_CHARGE, ("DE",)),
        "reverse charge: the customer accounts for VAT in DE",
        "Steuerschuldnerschaft des Leistungsempfängers: der Kunde führt die Umsatzsteuer in DE ab",
    ),
    (
        Phrase(Sentence.NOT_COLLECTED, ("BR",)),
        "not collected: the seller is registered for no tax that holds in BR",
        "nicht erhoben: der Verkäufer ist für keine Steuer registriert, die in BR gilt",
    ),
    (listed("x", PRICE), "x; 3 × 5.00 EUR = 15.00 EUR", "x; 3 × 5,00 EUR = 15,00 EUR"),
    (Phrase(Sentence.NET_DAYS, (30,)), "30 days net", "30 Tage netto"),
    (Phrase(Sentence.ON_RECEIPT), "Due on receipt", "Sofort fällig"),
    (
        Phrase(Sentence.CREDITED_BY, ("CN-1", 500, "EUR")),
        "Credited by CN-1: 5.00 EUR",
        "Gutgeschrieben mit CN-1: 5,00 EUR",
    ),
    (
        Phrase(Sentence.SET_OFF, (500, "EUR", "A-1")),
        "5.00 EUR set off against invoice A-1",
        "5,00 EUR mit Rechnung A-1 verrechnet",
    ),
    (
        Phrase(Sentence.REFUNDED, (500, "EUR")),
        "5.00 EUR refunded to the method of payment",
        "5,00 EUR auf das Zahlungsmittel erstattet",
    ),
    (
        Phrase(Sentence.TO_CREDIT, (500, "EUR")),
        "5.00 EUR added to the account's credit",
        "5,00 EUR dem Guthaben des Kontos zugeschrieben",
    ),
    (
        Phrase(Sentence.REASON_REVERSE_CHARGE),
        "Reverse charge",
        "Steuerschuldnerschaft des Leistungsempfängers",
    ),
    (Phrase(Sentence.REASON_OUTSIDE), "Not subject to VAT", "Nicht steuerbar"),
]


@pytest.mark.parametrize(("phrase", "english", "german"), SAID, ids=[x[1] for x in SAID])
def test_each_sentence_in_each_language(phrase: Text, english: str, german: str) -> None:
    assert (str(phrase), spoken(phrase, Language.DE)) == (english, german)


def test_no_sentence_is_left_untold_and_languages_take_the_same_parts() -> None:
    told = {phrase.say for phrase, *_ in SAID if isinstance(phrase, Phrase)}
    assert told == set(Sentence) - {Sentence.NAMED}
    for sentence in told:
        takes = [inspect.signature(getattr(book, sentence)) for book in (phrases_en, phrases_de)]
        assert takes[0] == takes[1], sentence


def test_a_name_is_that_of_the_language_or_the_one_for_all() -> None:
    seats = named("Seats", {Language.DE: "Plätze"})
    assert (spoken(seats, Language.EN), spoken(seats, Language.DE)) == ("Seats", "Plätze")
    assert named("Seats", {}) == "Seats"
    assert listed("one") == "one"


def test_names_are_checked_by_language() -> None:
    def broken(german: str) -> list[str]:
        names = {Language.DE: german, Language.EN: "x"}
        return [f"{field} {rule}" for field, holds, rule in names_problems("names", names) if not holds]

    assert broken("y" * 200) == []
    assert broken(" ") == broken("x" * 201) == ["names.de must be 1 to 200 characters, not only blanks"]
    for mark in "\u202a\u202e\u2066\u2069":
        assert broken(f"x{mark}y") == [f"names.de {TURNING_RULE}"]
