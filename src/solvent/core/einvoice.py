"""E-invoice: an invoice or a credit note as EN 16931 structures it, as one value.

Owns the norm's view of a document: numbers of the parties, quantities and unit prices, what counts as paid in advance,
and that amounts add up by its rules (BR-CO); and why there is none where the norm has no place for something. Does not
own the document (`document`, `credit_document`), VAT categories (`vat_category`), nor XML (`solvent.documents`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from solvent.core.code_lists import COUNTRIES, UNKNOWN_CURRENCIES
from solvent.core.credit_document import CreditNoteDocument
from solvent.core.document import InvoiceDocument
from solvent.core.document_parts import Buyer, DocumentLine, Seller, Transfer
from solvent.core.language import Language
from solvent.core.money import exponent
from solvent.core.party import VAT, TaxId
from solvent.core.phrase import Phrase, Sentence, Text
from solvent.core.tax import EUROPEAN_UNION, ONE_STOP_SHOP
from solvent.core.vat_category import (
    DECIMALS,
    Category,
    NoEInvoice,
    Obstacle,
    TaxGroup,
    breakdown,
    category_of,
)

_GREECE = {"GR": "EL"}  # its VAT numbers begin otherwise than its country's code
_VAT_PREFIXES = (EUROPEAN_UNION - {"GR"}) | {"EL", "XI"}


class Kind(StrEnum):
    """What it is (UNTDID 1001)."""

    INVOICE = "380"
    CREDIT_NOTE = "381"


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """By which numbers a party is known: for VAT, to another tax office, in a register, or otherwise."""

    vat: str | None = None
    tax: str | None = None
    register: str | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line. `price` minor units for each `price_of` of them; `quantity` is negative where `net` is, because a price
    must not be (BR-27). quantity × price ÷ price_of = net, exactly."""

    line: DocumentLine
    quantity: int
    price: int
    price_of: int
    net: int
    category: Category
    ppm: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EInvoice:
    """An e-invoice in minor units of `currency`. `line_total` + `tax` = `total`; that − `prepaid` = `due`.

    `period` is the time that its lines are for, first and last day. `refers_to` is the invoice that a credit note
    lowers, and when it was issued.
    """

    kind: Kind
    number: str
    issued_on: date
    currency: str
    seller: Seller
    buyer: Buyer
    seller_numbers: Numbers
    buyer_numbers: Numbers
    items: tuple[Item, ...]
    groups: tuple[TaxGroup, ...]
    period: tuple[date, date] | None
    language: Language
    notes: tuple[Text, ...]
    terms: Text
    due_on: date | None
    transfer: Transfer | None
    line_total: int
    tax: int
    total: int
    prepaid: int
    due: int
    refers_to: tuple[str, date] | None = None
    purchase_order: str | None = None


def of_document(document: InvoiceDocument | CreditNoteDocument) -> EInvoice | NoEInvoice:
    """The e-invoice of a document, or why there is none."""
    if isinstance(document, InvoiceDocument):
        return _of_invoice(document)
    return _of_credit_note(document)


def _of_invoice(document: InvoiceDocument) -> EInvoice | NoEInvoice:
    """The e-invoice of an invoice as it now stands.

    What credit notes took of the debt is not paid in advance: whoever reads both takes it off by the credit note.
    """
    totals = document.totals
    to_debt = sum(note.to_debt for note in document.credit_notes)
    made = _taxes(document.lines, document.seller, document.buyer, document.currency)
    if isinstance(made, NoEInvoice):
        return made
    due = totals.open + to_debt
    return _exact(
        EInvoice(
            kind=Kind.INVOICE,
            number=document.number,
            issued_on=document.issued_on,
            currency=document.currency,
            seller=document.seller,
            buyer=document.buyer,
            seller_numbers=made.seller,
            buyer_numbers=made.buyer,
            items=made.items,
            groups=made.groups,
            period=_period(document.lines),
            language=document.language,
            notes=(*document.notes, *_credited(document)),
            purchase_order=document.reference,
            terms=Phrase(Sentence.NET_DAYS, (document.terms_days,))
            if document.terms_days
            else Phrase(Sentence.ON_RECEIPT),
            due_on=document.due_on,
            transfer=document.transfer,
            line_total=totals.subtotal,
            tax=totals.total - totals.subtotal,
            total=totals.total,
            prepaid=totals.total - due,
            due=due,
        )
    )


def _of_credit_note(document: CreditNoteDocument) -> EInvoice | NoEInvoice:
    """The e-invoice of a credit note: amounts are what is given, and what is due is due to the customer.

    What became account credit is settled: it pays later invoices in advance.
    """
    made = _taxes(document.lines, document.seller, document.buyer, document.currency)
    if isinstance(made, NoEInvoice):
        return made
    return _exact(
        EInvoice(
            kind=Kind.CREDIT_NOTE,
            number=document.number,
            issued_on=document.issued_on,
            currency=document.currency,
            seller=document.seller,
            buyer=document.buyer,
            seller_numbers=made.seller,
            buyer_numbers=made.buyer,
            items=made.items,
            groups=made.groups,
            period=_period(document.lines),
            language=document.language,
            notes=(document.reason,),
            terms=_given(document),
            due_on=None,
            transfer=None,
            line_total=document.subtotal,
            tax=document.total - document.subtotal,
            total=document.total,
            prepaid=document.to_credit,
            due=document.total - document.to_credit,
            refers_to=(document.invoice_number, document.invoice_issued_on),
        )
    )


def _credited(document: InvoiceDocument) -> list[Phrase]:
    return [
        Phrase(Sentence.CREDITED_BY, (note.number, note.amount, document.currency))
        for note in document.credit_notes
    ]


def _given(document: CreditNoteDocument) -> Phrase:
    """What becomes of the amount, in words."""
    currency = document.currency
    ways = (
        (document.to_debt, Phrase(Sentence.SET_OFF, (document.to_debt, currency, document.invoice_number))),
        (document.to_refund, Phrase(Sentence.REFUNDED, (document.to_refund, currency))),
        (document.to_credit, Phrase(Sentence.TO_CREDIT, (document.to_credit, currency))),
    )
    return Phrase(Sentence.LISTED, tuple(told for amount, told in ways if amount))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    items: tuple[Item, ...]
    groups: tuple[TaxGroup, ...]
    seller: Numbers
    buyer: Numbers


def _taxes(lines: Sequence[DocumentLine], seller: Seller, buyer: Buyer, currency: str) -> _Made | NoEInvoice:
    """Lines with their categories, the breakdown, and the numbers of the parties that those ask for."""
    unknown = _unknown_code(seller, buyer, currency)
    if unknown is not None:
        return unknown
    of_lines: list[TaxGroup] = []
    for position, line in enumerate(lines):
        group = category_of(line, position)
        if isinstance(group, NoEInvoice):
            return group
        of_lines.append(group)
    groups = breakdown(of_lines, currency)
    if isinstance(groups, NoEInvoice):
        return groups
    numbers = _seller_numbers(seller, groups)
    if isinstance(numbers, NoEInvoice):
        return numbers
    buyers = _buyer_numbers(buyer, groups)
    if isinstance(buyers, NoEInvoice):
        return buyers
    items = tuple(_item(line, group) for line, group in zip(lines, of_lines, strict=True))
    return _Made(items=items, groups=groups, seller=numbers, buyer=buyers)


def _unknown_code(seller: Seller, buyer: Buyer, currency: str) -> NoEInvoice | None:
    for field, country in (("entity.country", seller.country), ("account.country", buyer.country)):
        if country not in COUNTRIES:
            rule = f"must be a country of ISO 3166, which {country} is not"
            return NoEInvoice(obstacle=Obstacle.CODE, field=field, rule=rule)
    if currency in UNKNOWN_CURRENCIES:
        rule = f"must be one that the norm's code list has, which {currency} is not"
        return NoEInvoice(obstacle=Obstacle.CODE, field="currency", rule=rule)
    return None


def _item(line: DocumentLine, group: TaxGroup) -> Item:
    """A price for each one where that is exact, else for the whole quantity; of nothing there is one."""
    quantity = line.quantity or 1
    per_one, rest = divmod(abs(line.amount), quantity)
    price, price_of = (abs(line.amount), quantity) if rest else (per_one, 1)
    return Item(
        line=line,
        quantity=-quantity if line.amount < 0 else quantity,
        price=price,
        price_of=price_of,
        net=line.amount,
        category=group.category,
        ppm=group.ppm,
    )


def _period(lines: Sequence[DocumentLine]) -> tuple[date, date] | None:
    first = min((line.first for line in lines if line.first is not None), default=None)
    through = max((line.through for line in lines if line.through is not None), default=None)
    return None if first is None or through is None else (first, through)


def _seller_numbers(seller: Seller, groups: Sequence[TaxGroup]) -> Numbers | NoEInvoice:
    """BR-CO-26, BR-S-02 and their like; BR-O-02 forbids a VAT number where nothing is subject to VAT."""
    outside = groups[0].category is Category.OUTSIDE
    other = next(
        (tax_id.value for tax_id in seller.tax_ids if tax_id.scheme != VAT or _of_shop(tax_id)), None
    )
    if outside:
        if seller.registration is None:
            rule = "must be given: nothing else may name a seller where nothing is subject to VAT (BR-CO-26)"
            return NoEInvoice(obstacle=Obstacle.SELLER_NUMBER, field="entity.registration", rule=rule)
        return Numbers(tax=other, register=seller.registration)
    vat = _vat_of(seller, {group.country for group in groups})
    if vat is None and None in (other, seller.registration):
        rule = (
            "must have a VAT number (scheme VAT) that begins with a country, or else a number of another scheme "
            "beside `registration` (BR-S-02, BR-CO-26)"
        )
        return NoEInvoice(obstacle=Obstacle.SELLER_NUMBER, field="entity.tax_ids", rule=rule)
    return Numbers(vat=vat, tax=other, register=seller.registration)


def _of_shop(tax_id: TaxId) -> bool:
    """One of the One Stop Shop's own: no country's, hence no VAT identifier of the norm's (BR-CO-09)."""
    return tax_id.value.startswith(ONE_STOP_SHOP)


def _vat_of(seller: Seller, countries: set[str]) -> str | None:
    """The VAT number of a country that is taxed, else the seller's own country's, else any."""
    found = [v for t in seller.tax_ids if t.scheme == VAT and (v := _vat_number(t.value, seller.country))]
    wanted = {_GREECE.get(country, country) for country in countries}
    own = _GREECE.get(seller.country, seller.country)
    return min(found, key=lambda vat: (vat[:2] not in wanted, vat[:2] != own), default=None)


def _vat_number(text: str, country: str) -> str | None:
    """The number without its separators, if it begins as a VAT number does (BR-CO-09)."""
    plain = "".join(character for character in text if character.isalnum()).upper()
    return plain if plain[:2] in _VAT_PREFIXES | {country} else None


def _buyer_numbers(buyer: Buyer, groups: Sequence[TaxGroup]) -> Numbers | NoEInvoice:
    """BR-AE-02 asks for a VAT number, BR-O-02 forbids it."""
    if groups[0].category is Category.OUTSIDE or buyer.tax_id is None:
        vat = None
    else:
        vat = _vat_number(buyer.tax_id, buyer.country)
    if vat is None and any(group.category is Category.REVERSE_CHARGE for group in groups):
        rule = (
            "must be a VAT number that begins with a country, where the customer accounts for VAT (BR-AE-02)"
        )
        return NoEInvoice(obstacle=Obstacle.BUYER_NUMBER, field="account.tax_id", rule=rule)
    return Numbers(vat=vat, other=buyer.tax_id if vat is None else None)


def _exact(einvoice: EInvoice) -> EInvoice | NoEInvoice:
    """BR-DEC: no amount has more than two decimals, which matters where a currency has three."""
    finer = 10 ** max(exponent(einvoice.currency) - DECIMALS, 0)
    amounts = [item.net for item in einvoice.items] + [group.tax for group in einvoice.groups]
    if any(amount % finer for amount in (*amounts, einvoice.prepaid)):
        rule = f"must have two decimals at most (BR-DEC), and amounts of {einvoice.currency} here have three"
        return NoEInvoice(obstacle=Obstacle.DECIMALS, field="lines", rule=rule)
    return einvoice
