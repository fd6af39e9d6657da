"""The tax numbers of legal entities and of their registrations: checked by their digits when they are declared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from solvent.core.catalog import CatalogError
from solvent.core.party import Entity, TaxId
from solvent.store import offers
from solvent.store.tax_numbers import WrongTaxNumber, check_registration, check_seller
from tests.store.worlds import NOW, World


def refused(check: Callable[[], None]) -> bool:
    try:
        check()
    except WrongTaxNumber:
        return True
    return False


@pytest.mark.parametrize(
    ("number", "country", "wrong"),
    [
        ("NL004495445B01", "NL", False),
        ("NL 0044.95.445 B01", "NL", False),  # printed as it is given
        ("NL123456789B01", "NL", True),
        ("DE136695976", "NL", False),  # registered abroad
        ("DE136695975", "NL", True),
        ("EL094259216", "GR", False),
        ("GR094259216", "GR", True),
        ("136695976", "DE", True),  # without the prefix it is none of the Union
        ("GB980780684", "GB", False),
        ("GB980780685", "GB", True),
        ("XI980780684", "GB", False),
        ("EU372022452", "US", False),  # the shop's own, of a seller from outside
        ("EU999022452", "US", True),
        ("whatever", "US", False),  # no check is known
    ],
)
def test_a_legal_entitys_number(number: str, country: str, wrong: bool) -> None:
    assert refused(lambda: check_seller(number, country)) is wrong


@pytest.mark.parametrize(
    ("number", "country", "region", "wrong"),
    [
        ("NL004495445B01", "NL", None, False),
        ("DE136695976", "NL", None, True),
        ("NL004495445B01", "EU", None, False),
        ("EU372022452", "EU", None, False),
        ("12345", "EU", None, True),
        ("EL094259216", "GR", None, False),
        ("GB980780685", "GB", None, True),
        ("1234567890TQ0001", "CA", "QC", False),  # a province numbers by itself
        ("1234567890TQ0001", "CA", None, True),
        ("DE136695976", "PT", "20", True),
        ("12-3456789", "US", None, False),
        ("T5835678256246", "JP", None, False),
        ("T5835678256247", "JP", None, True),
    ],
)
def test_a_registrations_number(number: str, country: str, region: str | None, wrong: bool) -> None:
    assert refused(lambda: check_registration(number, country, region)) is wrong


def test_a_wrong_number_is_named_by_its_field_and_nothing_is_applied(world: World) -> None:
    right = TaxId(scheme="VAT", value="NL004495445B01")
    wrong = Entity(
        id="dutch",
        name="Dutch B.V.",
        country="NL",
        series_prefix="DUT",
        tax_ids=(right, TaxId(scheme="VAT", value="NL004495446B01")),
    )
    with pytest.raises(CatalogError, match="check digits") as broken:
        offers.apply(world.database, entities=[wrong], now=NOW)
    assert broken.value.field == "entities.dutch.tax_ids[1].value"
    named = Entity(
        id="dutch",
        name="Dutch B.V.",
        country="NL",
        series_prefix="DUT",
        tax_ids=(right, TaxId(scheme="KvK", value="NL004495446B01")),
    )
    assert offers.apply(world.database, entities=[named], now=NOW)
