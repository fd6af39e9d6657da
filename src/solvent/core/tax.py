"""Tax: which taxes hold where and when, and whether a sale bears them.

Owns: places, rates and the table of them, the seller's registrations, the buyer's tax status, and the treatment that
follows from both. Does not own amounts, rounding or the splitting of lines (`taxing`), the sources of rates
(`ports.tax`), nor the check of a VAT number (the web edge, which lets none pass whose check digits are wrong).

Whatever is looked up is looked up *as known at* an instant: a rate, a registration or a customer's status that came to
be known later changes nothing that was charged before.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from solvent.core.language import Names
from solvent.core.percent import percent
from solvent.core.phrase import Text, named

STANDARD = "standard"  # the category of a product that says nothing else
ONE_STOP_SHOP = "EU"  # a registration that covers every country of the European Union

_MEMBER_STATES = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EUROPEAN_UNION = frozenset(_MEMBER_STATES.split())


class TaxBehavior(StrEnum):
    """Whether tax is added to a price, or is contained in it."""

    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"


class Treatment(StrEnum):
    """What becomes of tax on a line."""

    TAXED = "taxed"
    REVERSE_CHARGE = "reverse_charge"  # the customer accounts for it
    EXEMPT = "exempt"
    NOT_COLLECTED = "not_collected"  # the seller has no registration, or no rate is known, for the place


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A country (ISO 3166-1), or a part of it: `region` is the ISO 3166-2 code without the country's, and what lies
    in it follows after a slash, e.g. ``NY/NYC``."""

    country: str
    region: str | None = None

    def __str__(self) -> str:
        return self.country if self.region is None else f"{self.country}-{self.region}"

    def within(self, other: "Place") -> bool:
        """Whether it is `other` or a part of it."""
        if self.country != other.country or other.region is None:
            return self.country == other.country
        return self.region is not None and f"{self.region}/".startswith(f"{other.region}/")

    @property
    def depth(self) -> int:
        """0 for a country, 1 for a region, 2 for what lies in it …"""
        return 0 if self.region is None else self.region.count("/") + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """One tax at one place, in parts per million (19 % is 190 000), for a category of products.

    It holds from the local day `valid_from` until a later one of the same place, category and name takes over, and
    counts for what was charged at or after `known_from` (UTC). `replaces_wider`: it stands in place of the taxes of
    the wider places around, instead of beside them (HST in place of GST). `names` is what it is called in languages
    where that is not its name. Immutable.
    """

    id: str
    country: str
    region: str | None
    category: str
    name: str
    ppm: int
    valid_from: date
    known_from: datetime
    replaces_wider: bool = False
    names: Names = field(default_factory=dict, hash=False)

    @property
    def called(self) -> Text:
        """What it is called, in each language."""
        return named(self.name, self.names)

    @property
    def place(self) -> Place:
        """Where it holds."""
        return Place(country=self.country, region=self.region)

    def __str__(self) -> str:
        return f"{self.name} {percent(self.ppm)}"


@dataclass(frozen=True, slots=True)
class TaxTable:
    """All rates that are known, found by place, category, day and knowledge."""

    rates: tuple[TaxRate, ...] = ()
    _by_country: Mapping[str, tuple[TaxRate, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_country: dict[str, list[TaxRate]] = {}
        for rate in self.rates:
            by_country.setdefault(rate.country, []).append(rate)
        object.__setattr__(self, "_by_country", {c: tuple(rates) for c, rates in by_country.items()})

    def at(self, place: Place, category: str, day: date, known: datetime) -> tuple[TaxRate, ...]:
        """The rates that hold at a place on a local day, as known at an instant; from the widest place to the
        narrowest. Where a place has no rate for the category, its standard rates hold.
        """
        current: dict[tuple[str | None, str, str], TaxRate] = {}
        for rate in self._known(place, known):
            slot = (rate.region, rate.category, rate.name)
            before = current.get(slot)
            if rate.valid_from <= day and (before is None or _order(before) < _order(rate)):
                current[slot] = rate
        special = {r.region for r in current.values() if r.category == category}
        holding = [
            r for r in current.values() if r.category == (category if r.region in special else STANDARD)
        ]
        floor = max((r.place.depth for r in holding if r.replaces_wider), default=0)
        chosen = (r for r in holding if r.place.depth >= floor)
        return tuple(sorted(chosen, key=lambda r: (r.place.depth, r.name)))

    def turns(self, place: Place, known: datetime) -> tuple[date, ...]:
        """The local days on which a rate at the place begins, as known at an instant, in order."""
        return tuple(sorted({rate.valid_from for rate in self._known(place, known)}))

    def _known(self, place: Place, known: datetime) -> Iterator[TaxRate]:
        for rate in self._by_country.get(place.country, ()):
            if rate.known_from <= known and place.within(rate.place):
                yield rate


def _order(rate: TaxRate) -> tuple[date, datetime, str]:
    """Of two rates for the same, the later one counts: by its first day, then by when it came to be known."""
    return rate.valid_from, rate.known_from, rate.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A legal entity's registration for tax: in a country, in a part of it, or (`EU`) in the One Stop Shop.

    It counts for what was charged at or after `known_from` and before `known_until` (UTC; None: still).
    """

    country: str
    region: str | None
    number: str
    known_from: datetime
    known_until: datetime | None = None

    def known(self, at: datetime) -> bool:
        """Whether it counted at an instant."""
        return self.known_from <= at and (self.known_until is None or at < self.known_until)

    def reaches(self, country: str) -> bool:
        """Whether it is about that country or any part of it."""
        return self.country == country or (self.country == ONE_STOP_SHOP and country in EUROPEAN_UNION)

    def covers(self, rate: TaxRate) -> bool:
        """Whether it obliges to collect that tax: a country's registration the taxes of the whole country and those
        that replace them in a part of it, a region's the taxes of that region and of what lies in it."""
        if self.region is None:
            return self.reaches(rate.country) and (rate.region is None or rate.replaces_wider)
        return rate.place.within(Place(country=self.country, region=self.region))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """A legal entity as tax sees it: where it is established, and where it is registered."""

    id: str
    country: str
    registrations: tuple[Registration, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """A customer as tax sees it. A `tax_id` has been checked, and is one of `country`."""

    country: str
    region: str | None = None
    tax_id: str | None = None
    exempt: bool = False

    @property
    def place(self) -> Place:
        """Where the customer is."""
        return Place(country=self.country, region=self.region)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastBuyer:
    """What a customer was for tax before `until` (UTC)."""

    until: datetime
    buyer: Buyer


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """How a sale is treated, where it counts as made (the place of supply), and which registrations then matter."""

    treatment: Treatment
    place: Place
    registrations: tuple[Registration, ...] = ()
    at_home: bool = False

    def bears(self, rate: TaxRate) -> bool:
        """Whether the seller collects that tax on it."""
        return any(registration.covers(rate) for registration in self.registrations)

    def number(self, rate: TaxRate | None = None) -> str | None:
        """The seller's number for it: of the registrations that cover the tax the narrowest one's, the One Stop Shop's
        last; without a tax, of all that matter."""
        covering = [each for each in self.registrations if rate is None or each.covers(rate)]
        return min(covering, key=_breadth).number if covering else None


def supply(seller: Seller, buyer: Buyer, known: datetime) -> Supply | None:
    """The treatment of a sale, as known at an instant; None when the seller is registered nowhere, hence taxes nothing.

    Exemption comes first. Then reverse charge: a business of the European Union, known by its number, that buys from
    another country accounts for the tax itself (directive 2006/112/EC, articles 44 and 196). Then the customer's place,
    if the seller is registered there. A consumer of the European Union in a country without a registration is taxed
    at the seller's home (article 59c: below the threshold for distance sales). Otherwise nothing is collected.
    """
    registered = tuple(r for r in seller.registrations if r.known(known))
    if not registered:
        return None
    if buyer.exempt:
        return Supply(treatment=Treatment.EXEMPT, place=buyer.place)
    there = tuple(r for r in registered if r.reaches(buyer.country))
    from_abroad = seller.country != buyer.country and buyer.country in EUROPEAN_UNION
    home = tuple(r for r in registered if r.country == seller.country and seller.country in EUROPEAN_UNION)
    if from_abroad and buyer.tax_id is not None and (seller.country in EUROPEAN_UNION or there):
        return Supply(treatment=Treatment.REVERSE_CHARGE, place=buyer.place, registrations=home or there)
    if there:
        return Supply(treatment=Treatment.TAXED, place=buyer.place, registrations=there)
    if from_abroad and home:
        place = Place(country=seller.country)
        return Supply(treatment=Treatment.TAXED, place=place, registrations=home, at_home=True)
    return Supply(treatment=Treatment.NOT_COLLECTED, place=buyer.place)


def _breadth(registration: Registration) -> tuple[bool, int]:
    place = Place(country=registration.country, region=registration.region)
    return registration.country == ONE_STOP_SHOP, -place.depth


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxShare:
    """One tax on one line, in minor units: `amount` on `base` (the net amount); the phrase lets a person check it.

    Where nothing is collected, it says why: `ppm` and `amount` are 0 and `name` is empty. `registration` is the
    seller's number under which it is collected, or under which it is sold where the customer accounts for the tax.
    """

    name: Text
    jurisdiction: str
    ppm: int
    treatment: Treatment
    base: int
    amount: int
    explanation: Text
    registration: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All that taxing looks up: rates, and the sellers by the id of their legal entity."""

    table: TaxTable = field(default_factory=TaxTable)
    sellers: Mapping[str, Seller] = field(default_factory=dict)
