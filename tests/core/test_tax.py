"""Which taxes hold where and when, as known when, and whether a sale bears them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from solvent.core.account import Account, Segment
from solvent.core.percent import percent
from solvent.core.tax import (
    Buyer,
    Place,
    Registration,
    Rules,
    TaxTable,
    Treatment,
    supply,
)
from tests.core.conftest import ACCOUNT_ID
from tests.core.places import (
    ALWAYS,
    CANADA,
    EUROPE,
    FIRM,
    FRENCH,
    GERMAN,
    YORK,
    rate,
    registered,
    rules,
)

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
TODAY = NOW.date()


def at(place: str) -> Place:
    country, _, region = place.partition("-")
    return Place(country=country, region=region or None)


def held(table: TaxTable, place: str, category: str = "standard", day: date = TODAY) -> list[str]:
    return [str(r) for r in table.at(at(place), category, day, NOW)]


@pytest.mark.parametrize(
    ("place", "other", "within"),
    [
        ("US", "US", True),
        ("US-NY", "US", True),
        ("US-NY/NYC", "US-NY", True),
        ("US-NY", "US-NY/NYC", False),
        ("US", "US-NY", False),
        ("US-NYX", "US-NY", False),
        ("CA-NY", "US-NY", False),
    ],
)
def test_a_place_lies_within_another(place: str, other: str, within: bool) -> None:
    assert at(place).within(at(other)) is within


def test_places_and_rates_read_like_sentences() -> None:
    assert (str(at("US-NY/NYC")), str(at("DE"))) == ("US-NY/NYC", "DE")
    assert [percent(n) for n in (190_000, 88_750, 255_000, 0, 1)] == [
        "19 %",
        "8.875 %",
        "25.5 %",
        "0 %",
        "0.0001 %",
    ]


def test_a_later_rate_ends_the_one_before_and_knowledge_decides_among_equals() -> None:
    table = TaxTable(
        (
            rate("DE", 19),
            rate("DE", 16, since=date(2020, 7, 1)),
            rate("DE", 19.5, since=date(2021, 1, 1)),
            rate("DE", 19, since=date(2021, 1, 1), known=datetime(2021, 1, 5, tzinfo=UTC)),  # a correction
            rate(
                "DE", 30, since=date(2026, 1, 1), known=datetime(2027, 1, 1, tzinfo=UTC)
            ),  # nobody knows it yet
        )
    )
    assert held(table, "DE", day=date(2020, 6, 30)) == ["VAT 19 %"]
    assert held(table, "DE", day=date(2020, 7, 1)) == ["VAT 16 %"]
    assert held(table, "DE", day=date(1999, 12, 31)) == []
    assert held(table, "DE") == ["VAT 19 %"]
    assert [str(r) for r in table.at(at("DE"), "standard", TODAY, datetime(2021, 1, 4, tzinfo=UTC))] == [
        "VAT 19.5 %"
    ]
    assert table.turns(at("DE"), NOW) == (date(2000, 1, 1), date(2020, 7, 1), date(2021, 1, 1))


def test_taxes_of_wider_and_narrower_places_stand_beside_each_other_or_replace() -> None:
    table = TaxTable((*EUROPE, *CANADA, *YORK))
    assert held(table, "CA-QC") == ["GST 5 %", "QST 9.975 %"]
    assert held(table, "CA-ON") == ["HST 13 %"]
    assert held(table, "CA-AB") == ["GST 5 %"]
    assert held(table, "PT-30") == ["VAT 22 %"]
    assert held(table, "US-NY/NYC") == ["Sales tax 4 %", "City sales tax 4.5 %", "MCTD surcharge 0.375 %"]
    assert held(table, "US-NY") == ["Sales tax 4 %"]
    assert held(table, "US") == held(table, "JP") == []


def test_a_category_without_a_rate_bears_the_standard_one() -> None:
    table = TaxTable(EUROPE)
    assert held(table, "DE", "book") == ["VAT 7 %"]
    assert held(table, "FR", "book") == ["VAT 20 %"]


@pytest.mark.parametrize(
    ("registration", "place", "covers"),
    [
        ("DE", "DE", True),
        ("DE", "FR", False),
        ("EU", "FR", True),
        ("EU", "GB", False),
        ("CA", "CA-QC", False),
        ("CA", "CA-ON", True),  # HST takes the place of GST
        ("CA-QC", "CA-QC", True),
        ("CA-QC", "CA", False),
        ("US-NY", "US-NY/NYC", True),
        ("US-NY/NYC", "US-NY", False),
    ],
)
def test_what_a_registration_obliges_to_collect(registration: str, place: str, covers: bool) -> None:
    (tax,) = (
        r
        for r in (*EUROPE, *CANADA, *YORK, rate("GB", 20))
        if str(r.place) == place and r.name != "MCTD surcharge" and r.category == "standard"
    )
    assert registered(registration).covers(tax) is covers


def treated(buyer: Buyer, world: Rules, known: datetime = NOW) -> tuple[Treatment, str, bool] | None:
    sale = supply(world.sellers["solvent-inc"], buyer, known)
    return None if sale is None else (sale.treatment, str(sale.place), sale.at_home)


@pytest.mark.parametrize(
    ("buyer", "home", "places", "expected"),
    [
        (GERMAN, "DE", (), None),
        (GERMAN, "DE", ("DE",), (Treatment.TAXED, "DE", False)),
        (replace(GERMAN, exempt=True), "DE", ("DE",), (Treatment.EXEMPT, "DE", False)),
        (replace(GERMAN, tax_id="DE136695976"), "DE", ("DE",), (Treatment.TAXED, "DE", False)),  # at home
        (FIRM, "DE", ("DE",), (Treatment.REVERSE_CHARGE, "FR", False)),
        (FIRM, "DE", ("DE", "FR"), (Treatment.REVERSE_CHARGE, "FR", False)),
        (FIRM, "US", ("EU",), (Treatment.REVERSE_CHARGE, "FR", False)),
        (FIRM, "US", ("US-NY",), (Treatment.NOT_COLLECTED, "FR", False)),
        (FRENCH, "DE", ("DE",), (Treatment.TAXED, "DE", True)),  # below the threshold
        (FRENCH, "DE", ("DE", "FR"), (Treatment.TAXED, "FR", False)),
        (FRENCH, "DE", ("DE", "EU"), (Treatment.TAXED, "FR", False)),
        (FRENCH, "DE", ("GB",), (Treatment.NOT_COLLECTED, "FR", False)),
        (FRENCH, "US", ("US-NY",), (Treatment.NOT_COLLECTED, "FR", False)),
        (Buyer(country="GB", tax_id="GB980780684"), "DE", ("DE",), (Treatment.NOT_COLLECTED, "GB", False)),
        (Buyer(country="US"), "DE", ("DE", "EU"), (Treatment.NOT_COLLECTED, "US", False)),
    ],
)
def test_the_treatment_follows_from_both_sides(
    buyer: Buyer, home: str, places: tuple[str, ...], expected: tuple[Treatment, str, bool] | None
) -> None:
    assert treated(buyer, rules(*EUROPE, home=home, at=places)) == expected


@pytest.mark.parametrize(
    ("buyer", "home", "places", "number"),
    [
        (GERMAN, "DE", ("EU", "DE"), "DE136695976"),
        (FRENCH, "DE", ("DE", "EU"), "DE136695976"),  # the One Stop Shop knows a seller by its home's number
        (FRENCH, "DE", ("DE", "EU", "FR"), "FR40303265045"),
        (FRENCH, "DE", ("DE",), "DE136695976"),
        (FIRM, "DE", ("FR", "DE"), "DE136695976"),  # what the customer accounts for is sold from home
        (FIRM, "US", ("EU",), "1"),
        (replace(GERMAN, exempt=True), "DE", ("DE",), None),
        (Buyer(country="US"), "DE", ("DE", "EU"), None),
    ],
)
def test_the_number_under_which_it_is_sold(
    buyer: Buyer, home: str, places: tuple[str, ...], number: str | None
) -> None:
    sale = supply(rules(home=home, at=places).sellers["solvent-inc"], buyer, NOW)
    assert sale is not None
    assert sale.number() == number


def test_a_tax_is_collected_under_the_narrowest_registration_that_covers_it() -> None:
    world = rules(*CANADA, home="CA", at=("CA", "CA-QC"))
    numbered = replace(
        world.sellers["solvent-inc"],
        registrations=(registered("CA"), replace(registered("CA-QC"), number="1234567890TQ0001")),
    )
    sale = supply(numbered, Buyer(country="CA", region="QC"), NOW)
    assert sale is not None
    assert [(tax.name, sale.number(tax)) for tax in CANADA] == [
        ("GST", "1"),
        ("QST", "1234567890TQ0001"),
        ("HST", "1"),
    ]
    assert sale.number(EUROPE[0]) is None


def test_a_registration_counts_from_when_it_was_known_until_it_ended() -> None:
    first, last = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    registration = registered("DE", first, last)
    assert isinstance(registration, Registration)
    assert [registration.known(d) for d in (ALWAYS, first, last)] == [False, True, False]


def test_a_customer_is_for_earlier_charges_what_it_was_then() -> None:
    account = Account(
        id=ACCOUNT_ID,
        segment=Segment.STANDARD,
        currency="EUR",
        country="DE",
        time_zone="UTC",
        email="a@example.com",
        name="A",
        entity="e",
    )
    assert account.now_buying_as(GERMAN, NOW) is account
    first, second = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    moved = account.now_buying_as(FIRM, first).now_buying_as(replace(FRENCH, exempt=True), second)
    assert moved.buyer == moved.buyer_at(second) == Buyer(country="FR", exempt=True)
    assert moved.buyer_at(first) == FIRM
    assert moved.buyer_at(NOW) == GERMAN
