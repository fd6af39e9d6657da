"""Tax file: a merchant's declaration of tax rates and registrations, in YAML.

Owns the format and its errors, which name the field by its path. A rate is a text in percent (``"8.875"``) and exact.
Does not own what applying it does (`tax_declaration`).
"""

import re
from dataclasses import dataclass
from datetime import date

import msgspec

from solvent.core.catalog import CatalogError
from solvent.core.language import Language
from solvent.core.tax import STANDARD, TaxRate
from solvent.store import yaml_file
from solvent.store.tax_declaration import ALWAYS, RegistrationDraft

_PERCENT = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,4}))?")
_DECIMALS = 4  # of a percentage: parts per million


class _Rate(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    country: str
    name: str
    rate: str
    valid_from: date
    region: str | None = None
    category: str = STANDARD
    replaces_wider: bool = False
    names: dict[Language, str] = {}


class _Registration(msgspec.Struct, forbid_unknown_fields=True):
    entity: str
    country: str
    number: str
    region: str | None = None
    ended: bool = False


class _File(msgspec.Struct, forbid_unknown_fields=True):
    rates: tuple[_Rate, ...] = ()
    registrations: tuple[_Registration, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxDeclaration:
    """What a tax file says, as values. When its rates came to be known, it does not say."""

    rates: tuple[TaxRate, ...]
    registrations: tuple[RegistrationDraft, ...]


def parse(text: str | bytes) -> TaxDeclaration:
    """Read a tax file. Raises `CatalogError` with the path of the field (``rates[3].rate``) and the rule."""
    file = yaml_file.decode(text, _File)
    return TaxDeclaration(
        rates=tuple(_rate(rate, f"rates[{n}]") for n, rate in enumerate(file.rates)),
        registrations=tuple(
            RegistrationDraft(
                entity=r.entity, country=r.country, region=r.region, number=r.number, ended=r.ended
            )
            for r in file.registrations
        ),
    )


def parts_per_million(text: str, path: str) -> int:
    """Parts per million of an exact percentage, e.g. ``"8.875"``; raises `CatalogError` that names `path`."""
    found = _PERCENT.fullmatch(text)
    if found is None:
        raise CatalogError(path, f"must be a percentage of at most {_DECIMALS} decimals, as text")
    return int(found[1] + (found[2] or "").ljust(_DECIMALS, "0"))


def _rate(rate: _Rate, path: str) -> TaxRate:
    return TaxRate(
        id=rate.id,
        country=rate.country,
        region=rate.region,
        category=rate.category,
        name=rate.name,
        ppm=parts_per_million(rate.rate, f"{path}.rate"),
        valid_from=rate.valid_from,
        known_from=ALWAYS,
        replaces_wider=rate.replaces_wider,
        names=rate.names,
    )
