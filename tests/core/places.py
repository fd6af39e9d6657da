"""Rates, registrations and customers that the tests of tax share.

Owns no expectation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from solvent.core.tax import STANDARD, Buyer, Registration, Rules, Seller, TaxRate, TaxTable

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
GERMAN = Buyer(country="DE")
FRENCH = Buyer(country="FR")
FIRM = Buyer(country="FR", tax_id="FR40303265045")
YORKER = Buyer(country="US", region="NY/NYC")


def rate(
    place: str,
    percent: float,
    name: str = "VAT",
    *,
    since: date = date(2000, 1, 1),
    known: datetime = ALWAYS,
    category: str = STANDARD,
    replaces: bool = False,
) -> TaxRate:
    """A rate of ``DE`` or ``US-NY/NYC``."""
    country, _, region = place.partition("-")
    return TaxRate(
        id=f"{place}-{name}-{category}-{since}-{known:%Y%m%d}-{percent}".replace(" ", "").replace("/", "-"),
        country=country,
        region=region or None,
        category=category,
        name=name,
        ppm=round(percent * 10_000),
        valid_from=since,
        known_from=known,
        replaces_wider=replaces,
    )


# Their check digits are right. In the One Stop Shop a seller is known by the number of its home.
NUMBERS = {
    "NL": "NL004495445B01",
    "DE": "DE136695976",
    "FR": "FR40303265045",
    "ES": "ESB58378431",
    "GR": "EL094259216",
    "JP": "T5835678256246",
}


def registered(
    place: str, known: datetime = ALWAYS, until: datetime | None = None, *, home: str = "DE"
) -> Registration:
    country, _, region = place.partition("-")
    number = NUMBERS.get(home if place == "EU" else place, "1")
    return Registration(
        country=country, region=region or None, number=number, known_from=known, known_until=until
    )


def rules(*rates: TaxRate, home: str = "DE", at: Mapping[str, datetime] | tuple[str, ...] = ("DE",)) -> Rules:
    """The rates, and one seller of that home with registrations `at` places (since when, if given)."""
    places = at if isinstance(at, Mapping) else dict.fromkeys(at, ALWAYS)
    registrations = tuple(registered(place, known, home=home) for place, known in places.items())
    seller = Seller(id="solvent-inc", country=home, registrations=registrations)
    return Rules(table=TaxTable(rates), sellers={seller.id: seller})


EUROPE = (
    rate("DE", 19),
    rate("DE", 7, category="book"),
    rate("FR", 20),
    rate("PT", 23),
    rate("PT-30", 22, replaces=True),
)
CANADA = (
    rate("CA", 5, "GST"),
    rate("CA-QC", 9.975, "QST"),
    rate("CA-ON", 13, "HST", replaces=True),
)
YORK = (
    rate("US-NY", 4, "Sales tax"),
    rate("US-NY/NYC", 4.5, "City sales tax"),
    rate("US-NY/NYC", 0.375, "MCTD surcharge"),
)
