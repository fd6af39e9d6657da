"""Shelf: golden invoices of every kind that an e-invoice has to cope with, each with its taxes, and two sellers more.

Owns no expectation: those are in `test_einvoice.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from solvent.core.account import Account
from solvent.core.document import InvoiceFacts
from solvent.core.invoice import Line, LineKind
from solvent.core.party import Address, BankAccount, Entity, TaxId
from solvent.core.proration import Convention, TaxRounding
from tests.core.places import CANADA, YORK, rate, rules
from tests.documents.samples import EUROPE, account, issued, line

UNION = rules(
    rate("NL", 21),
    rate("DE", 19),
    rate("DE", 7, category="book"),
    rate("DE", 0, category="solar"),
    rate("FR", 20),
    rate("GR", 24),
    rate("ES", 21),
    rate("ES-CN", 7, "IGIC", replaces=True),
    rate("ES-CE", 10, "IPSI", replaces=True),
    home="NL",
    at=("NL", "EU", "ES"),
)
JAPAN = Entity(
    id="solvent-jp",
    name="Solvent Japan K.K.",
    country="JP",
    series_prefix="SJP",
    address=Address(lines=("1-1 Marunouchi",), city="Chiyoda-ku", region="Tokyo", postal_code="100-0005"),
    registration="Tokyo 0100-01-234567",
    tax_ids=(TaxId(scheme="Qualified invoice issuer", value="T5835678256246"),),
)
GREECE = Entity(
    id="solvent-gr",
    name="Solvent Hellas A.E.",
    country="GR",
    series_prefix="SGR",
    tax_ids=(TaxId(scheme="VAT", value="EL 094259216"),),
    bank_accounts=(BankAccount(currency="USD", holder="Solvent Hellas", account="0001 2345"),),
)
TOKYO = rules(rate("JP", 10, "Consumption tax"), home="JP", at=("JP",))
AT_ONCE = Convention(tax_rounding=TaxRounding.INVOICE)


def person(country: str, **fields: str) -> Account:
    """A consumer."""
    region = fields.pop("region", None)
    return replace(account(country=country, address=None, **fields), tax_id=None, region=region)


def of_category(charged: Line, category: str) -> Line:
    return replace(charged, tax_category=category)


def containing(charged: Line) -> Line:
    """The line with its tax inside its amount."""
    return replace(charged, inclusive=True)


def _french() -> InvoiceFacts:
    return issued(line("Pro", 2_000), of=person("FR"), rules=UNION)


def _three_rates() -> InvoiceFacts:
    lines = (
        line("Pro", 190_000, quantity=2),
        of_category(line("Handbook", 4_990, period=None), "book"),
        of_category(line("Panel", 10_000, period=None), "solar"),
        line("Support", 3_333, quantity=3),
    )
    return issued(*lines, of=person("DE"), rules=UNION, terms_days=30)


def _reverse_charge() -> InvoiceFacts:
    buyer = replace(account(), tax_id="DE136695976")
    return issued(line("Pro", 190_000, quantity=2), of=buyer, rules=UNION, terms_days=14)


def _exempt() -> InvoiceFacts:
    return issued(line("Pro", 2_000), of=replace(person("DE"), tax_exempt=True), rules=UNION)


def _far_away() -> InvoiceFacts:
    buyer = replace(person("US", currency="USD"), tax_id="12-3456789")
    return issued(line("Pro", 2_000), of=buyer, rules=UNION)


def _registered_nowhere() -> InvoiceFacts:
    return issued(line("Pro", 2_000), line("Unused time", -950), credit=50, terms_days=30)


def _deductions() -> InvoiceFacts:
    lines = (line("Unused time on Pro", -1_267), line("Remaining time on Business", 12_667, quantity=1))
    return issued(*lines, of=person("DE"), rules=UNION, paid=13_566)


def _contained() -> InvoiceFacts:
    lines = (containing(line("Pro", 999, quantity=3)), containing(line("Extra", 501)))
    return issued(*lines, of=person("FR"), rules=UNION)


def _many_small(convention: Convention) -> InvoiceFacts:
    return issued(
        *(line(f"Zone {n}", 33) for n in range(60)), of=person("DE"), rules=UNION, convention=convention
    )


def _usage() -> InvoiceFacts:
    """0.004 a request: a price that no unit price in cents can say."""
    return issued(line("Requests", 4_938, quantity=12_345_678), of=person("FR"), rules=UNION)


def _correction() -> InvoiceFacts:
    lines = (line("Requests", 9_000, quantity=30), line("Later usage", -500, quantity=0))
    return issued(*lines, of=person("FR"), rules=UNION)


def _yen() -> InvoiceFacts:
    buyer = person("JP", currency="JPY", time_zone="Asia/Tokyo")
    return issued(
        containing(line("Pro", 3_300)), containing(line("Extra", 110)), of=buyer, entity=JAPAN, rules=TOKYO
    )


def _dinar() -> InvoiceFacts:
    buyer = person("KW", currency="KWD", time_zone="Asia/Kuwait")
    return issued(line("Business", 1_061_500), line("Unused time", -3_100), of=buyer, rules=UNION)


def _canary() -> InvoiceFacts:
    return issued(line("Pro", 2_000), of=person("ES", region="CN"), rules=UNION)


def _ceuta() -> InvoiceFacts:
    return issued(line("Pro", 2_000), of=person("ES", region="CE"), rules=UNION)


def _greek() -> InvoiceFacts:
    athens = rules(rate("GR", 24), home="GR", at=("GR",))
    return issued(line("Pro", 2_000), of=person("GR", currency="USD"), entity=GREECE, rules=athens)


def _free() -> InvoiceFacts:
    return issued(line("New", 500), line("Unused", -500), of=person("DE"), rules=UNION)


def _odd_names() -> InvoiceFacts:
    address = Address(lines=("c/o A & B", "<2nd floor>", "Yard 3", "Door 4"), city="Köln", region="NRW")
    buyer = replace(person("DE"), name='"Quotes" & <tags> \ufffe 株式会社', address=address)
    return issued(line("Pro & more <1>", 2_000), of=buyer, rules=UNION, paid=1_000)


def _off(amount: int, code: str) -> Line:
    """What a coupon takes off the line before."""
    return replace(line(f"{code.capitalize()} on it", -amount), kind=LineKind.DISCOUNT, coupon_id=f"{code}@1")


def _stacked_on_top() -> InvoiceFacts:
    """10 %, then 20 %, then 10.00 off both lines; tax on top; partly paid by account credit."""
    zone = (line("Zone", 10_000), _off(1_000, "PARTNER"), _off(1_800, "WELCOME"), _off(667, "TEN"))
    seats = (line("Seats", 5_000, quantity=5), _off(500, "PARTNER"), _off(900, "WELCOME"), _off(333, "TEN"))
    return issued(*zone, *seats, of=person("DE"), rules=UNION, credit=4_000)


def _stacked_inside() -> InvoiceFacts:
    """12.5 %, then 5.00 off, with the tax inside; paid by account credit and money."""
    lines = (line("Pro", 3_000), _off(375, "PARTNER"), _off(500, "FIVE"))
    return issued(*map(containing, lines), of=person("FR"), rules=UNION, credit=125, paid=2_000)


def _bought_credit() -> InvoiceFacts:
    """A multi-purpose voucher: what it will pay for bears the tax."""
    voucher = replace(line("Account credit", 5_000, period=None), kind=LineKind.PREPAID)
    return issued(voucher, of=person("DE"), paid=5_000)


GOLDEN: dict[str, Callable[[], InvoiceFacts]] = {
    "a consumer in France": _french,
    "three rates": _three_rates,
    "reverse charge": _reverse_charge,
    "exempt": _exempt,
    "a customer in the United States": _far_away,
    "a seller registered nowhere": _registered_nowhere,
    "deductions, paid": _deductions,
    "stacked coupons, partly paid by credit": _stacked_on_top,
    "stacked coupons, tax inside, paid": _stacked_inside,
    "tax inside the price": _contained,
    "sixty small lines, rounded each": lambda: _many_small(Convention()),
    "sixty small lines, rounded once": lambda: _many_small(AT_ONCE),
    "usage below a cent": _usage,
    "a correction": _correction,
    "yen": _yen,
    "dinar": _dinar,
    "Canary Islands": _canary,
    "Ceuta": _ceuta,
    "Greece, in dollars": _greek,
    "nothing to pay": _free,
    "odd names": _odd_names,
    "bought credit": _bought_credit,
}


def _york() -> InvoiceFacts:
    seller = rules(*YORK, home="US", at=("US-NY",))
    return issued(line("Pro", 2_000), of=person("US", currency="USD", region="NY"), rules=seller)


def _quebec() -> InvoiceFacts:
    seller = rules(*CANADA, home="CA", at=("CA", "CA-QC"))
    return issued(line("Pro", 2_000), of=person("CA", currency="USD", region="QC"), rules=seller)


def _mixed() -> InvoiceFacts:
    whole = _french()
    outside = replace(_far_away().lines[0], amount=1_000)
    taxes = (replace(outside.taxes[0], base=1_000),)
    invoice = replace(whole.invoice, total=whole.invoice.total + 1_000)
    return replace(whole, lines=(*whole.lines, replace(outside, taxes=taxes)), invoice=invoice)


def _hundreds() -> InvoiceFacts:
    """Each line of 0.03 bears 0.01 of tax, of which 0.0057 are due."""
    return issued(*(line(f"Zone {n}", 3) for n in range(240)), of=person("DE"), rules=UNION)


def _nameless(entity: Entity) -> Callable[[], InvoiceFacts]:
    """An exempt customer's, which is sold under no registration."""
    exempt = replace(person("FR"), tax_exempt=True)
    return lambda: issued(line("Pro", 2_000), of=exempt, entity=entity, rules=UNION)


def _foreign_number() -> InvoiceFacts:
    return replace(_reverse_charge(), account=replace(_reverse_charge().account, tax_id="12-34", tax_past=()))


IMPOSSIBLE: dict[str, tuple[Callable[[], InvoiceFacts], str, str]] = {
    "sales tax": (_york, "not_vat", "lines[0].taxes"),
    "two taxes": (_quebec, "several_taxes", "lines[0].taxes"),
    "partly not subject to VAT": (_mixed, "mixed", "lines"),
    "rounded too far": (_hundreds, "tax_rounding", "taxes"),
    "three decimals": (
        lambda: issued(line("Pro", 1_001), of=person("KW", currency="KWD"), rules=UNION),
        "decimals",
        "lines",
    ),
    "no country": (
        lambda: issued(line("Pro", 2_000), of=person("XX"), rules=UNION),
        "code",
        "account.country",
    ),
    "a seller without a country": (_nameless(replace(EUROPE, country="XX")), "code", "entity.country"),
    "a currency of the past": (
        lambda: issued(line("Pro", 2_000), of=person("BG", currency="BGN"), rules=UNION),
        "code",
        "currency",
    ),
    "no number": (_nameless(replace(EUROPE, tax_ids=())), "seller_number", "entity.tax_ids"),
    "a number of nowhere": (
        _nameless(replace(EUROPE, tax_ids=(TaxId(scheme="VAT", value="12345"),))),
        "seller_number",
        "entity.tax_ids",
    ),
    "not in a register": (
        lambda: issued(line("Pro", 2_000), entity=replace(EUROPE, registration=None)),
        "seller_number",
        "entity.registration",
    ),
    "reverse charge without a VAT number": (_foreign_number, "buyer_number", "account.tax_id"),
}
