"""Parties: rules of legal entities, addresses and bank accounts, and how addresses are written."""

from dataclasses import replace

import pytest

from solvent.core.party import (
    Address,
    BankAccount,
    Entity,
    TaxId,
    address_block,
    address_problems,
    bank_problems,
    entity_problems,
    is_iban,
    printable,
)

ADDRESS = Address(lines=("Herengracht 182",), city="Amsterdam", postal_code="1016 BR")
BANK = BankAccount(currency="EUR", holder="Europe B.V.", iban="NL91ABNA0417164300", bic="ABNANL2A")
ENTITY = Entity(
    id="eu",
    name="Europe B.V.",
    country="NL",
    series_prefix="EU",
    address=ADDRESS,
    registration="KvK 12345678",
    tax_ids=(TaxId(scheme="VAT", value="NL004495445B01"),),
    email="billing@example.com",
    bank_accounts=(
        BANK,
        BankAccount(currency="USD", holder="Europe", account="0001-23", routing="110000000"),
    ),
)


def test_a_whole_entity_and_a_bare_one_break_no_rule() -> None:
    assert list(entity_problems(ENTITY)) == []
    assert list(entity_problems(Entity(id="x", name="X", country="US", series_prefix="XX"))) == []


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (replace(ENTITY, name=" Europe"), "name"),
        (replace(ENTITY, name="x" * 101), "name"),
        (replace(ENTITY, name="Europe \u2067B.V."), "name"),
        (replace(ENTITY, country="nl"), "country"),
        (replace(ENTITY, series_prefix="1A"), "series_prefix"),
        (replace(ENTITY, registration="two\nlines"), "registration"),
        (replace(ENTITY, email=""), "email"),
        (replace(ENTITY, address=replace(ADDRESS, city="")), "address.city"),
        (replace(ENTITY, tax_ids=ENTITY.tax_ids * 5), "tax_ids"),
        (replace(ENTITY, tax_ids=(TaxId(scheme="VAT", value=""),)), "tax_ids[0].value"),
        (replace(ENTITY, bank_accounts=(BANK, BANK)), "bank_accounts[1].currency"),
        (replace(ENTITY, bank_accounts=(replace(BANK, bic="x"),)), "bank_accounts[0].bic"),
        (replace(ENTITY, currencies=("EUR", "ECU")), "currencies[1]"),
        (replace(ENTITY, currencies=("EUR", "EUR")), "currencies[1]"),
    ],
)
def test_what_an_entity_may_not_be(broken: Entity, field: str) -> None:
    assert [name for name, _ in entity_problems(broken)] == [field]


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (replace(ADDRESS, lines=()), "lines"),
        (replace(ADDRESS, lines=("a",) * 5), "lines"),
        (replace(ADDRESS, lines=("a", "b\x07")), "lines[1]"),
        (replace(ADDRESS, postal_code="1" * 21), "postal_code"),
        (replace(ADDRESS, region=" "), "region"),
    ],
)
def test_what_an_address_may_not_be(broken: Address, field: str) -> None:
    assert [name for name, _ in address_problems(broken)] == [field]


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (replace(BANK, currency="XXX"), "currency"),
        (replace(BANK, holder=""), "holder"),
        (replace(BANK, bank="x" * 101), "bank"),
        (replace(BANK, iban=None), "iban"),
        (replace(BANK, account="12"), "iban"),
        (replace(BANK, iban="NL92ABNA0417164300"), "iban"),
        (replace(BANK, routing="#1"), "routing"),
    ],
)
def test_what_a_bank_account_may_not_be(broken: BankAccount, field: str) -> None:
    assert [name for name, _ in bank_problems(broken)] == [field]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("GB82WEST12345698765432", True),
        ("DE89370400440532013000", True),
        ("KW81CBKU0000000000001234560101", True),
        ("DE89370400440532013001", False),
        ("DE89 3704 0044 0532 0130 00", False),
        ("", False),
    ],
)
def test_the_check_digits_of_an_iban(text: str, right: bool) -> None:
    assert is_iban(text) is right


@pytest.mark.parametrize(
    ("address", "country", "lines"),
    [
        (ADDRESS, "NL", ("Herengracht 182", "1016 BR Amsterdam")),
        (replace(ADDRESS, postal_code=None, region="North"), "NL", ("Herengracht 182", "Amsterdam", "North")),
        (
            Address(
                lines=("548 Market Street", "Suite 2"), city="San Francisco", postal_code="94104", region="CA"
            ),
            "US",
            ("548 Market Street", "Suite 2", "San Francisco, CA 94104"),
        ),
        (Address(lines=("1 Queen's Road",), city="Hong Kong"), "HK", ("1 Queen's Road", "Hong Kong")),
    ],
)
def test_an_address_is_written_as_its_country_does(
    address: Address, country: str, lines: tuple[str, ...]
) -> None:
    assert address_block(address, country) == lines


def test_the_bank_account_of_a_currency() -> None:
    assert ENTITY.bank_account("EUR") == BANK
    assert ENTITY.bank_account("JPY") is None


def test_absent_is_printable_and_spaces_are_not() -> None:
    assert printable(None, 1)
    assert not printable("   ", 5)
