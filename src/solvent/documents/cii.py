"""CII: an e-invoice as XML, in the syntax of UN/CEFACT's Cross Industry Invoice.

Owns the library that writes it and checks it by its schema, and how amounts, rates and days are spelled. Does not own
what the e-invoice says (`core.einvoice`), nor the file that carries it (`hybrid`).
"""

import re
from collections.abc import Iterable
from decimal import Decimal

from drafthorse.models.accounting import ApplicableTradeTax
from drafthorse.models.document import Document
from drafthorse.models.note import IncludedNote
from drafthorse.models.party import TaxRegistration, TradeParty
from drafthorse.models.payment import PaymentMeans, PaymentTerms
from drafthorse.models.trade import TradeSettlement
from drafthorse.models.tradelines import LineItem

from solvent.core.einvoice import EInvoice, Item, Numbers
from solvent.core.money import exponent
from solvent.core.party import Address
from solvent.core.phrase import spoken
from solvent.core.vat_category import DECIMALS, REASON_CODES

NORM = "urn:cen.eu:en16931:2017"
_SCHEMA = "FACTUR-X_EN16931"
_EACH = "C62"  # UN/ECE recommendation 20: one
_SEPA_TRANSFER, _TRANSFER = "58", "30"  # UNTDID 4461
_EMAIL = "EM"  # of electronic addresses (CEF EAS)
_VAT, _TAX = "VA", "FC"  # kinds of a tax registration
_PPM_OF_PERCENT = 10_000

# What XML 1.0 cannot carry, though a name may hold it.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml(einvoice: EInvoice) -> bytes:
    """The e-invoice as XML, which keeps the schema; the same one is the same bytes."""
    document = Document()
    document.context.guideline_parameter.id = NORM
    document.header.id = _text(einvoice.number)
    document.header.type_code = einvoice.kind.value
    document.header.issue_date_time = einvoice.issued_on
    for note in einvoice.notes:
        document.header.notes.add(IncludedNote(content=_text(spoken(note, einvoice.language))))
    for position, item in enumerate(einvoice.items, start=1):
        document.trade.items.add(_item(position, item, einvoice))
    _parties(document, einvoice)
    _settlement(document.trade.settlement, einvoice)
    written: bytes = document.serialize(schema=_SCHEMA)
    return written


def _text(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)


def _amount(minor: int, currency: str) -> Decimal:
    """With as many decimals as the currency has, but two at most."""
    decimals = exponent(currency)
    kept = min(decimals, DECIMALS)
    return Decimal(minor // 10 ** (decimals - kept)).scaleb(-kept)


def _percent(ppm: int) -> Decimal:
    return Decimal(ppm) / _PPM_OF_PERCENT


def _parties(document: Document, einvoice: EInvoice) -> None:
    seller, buyer = einvoice.seller, einvoice.buyer
    agreement = document.trade.agreement
    if einvoice.purchase_order is not None:
        agreement.buyer_order.issuer_assigned_id = _text(einvoice.purchase_order)
    _party(agreement.seller, seller.name, seller.country, seller.address, seller.email)
    _numbers(agreement.seller, einvoice.seller_numbers)
    _party(agreement.buyer, buyer.name, buyer.country, buyer.address, buyer.email)
    _numbers(agreement.buyer, einvoice.buyer_numbers)
    document.trade.delivery.ship_to.address.country_id = buyer.country  # services reach the customer there


def _party(party: TradeParty, name: str, country: str, address: Address | None, email: str | None) -> None:
    party.name = _text(name)
    party.address.country_id = country
    if address is not None:
        # The norm has three lines: what is beyond stands on the third.
        first, *rest = address.lines
        party.address.line_one = _text(first)
        party.address.line_two = _text("".join(rest[:1]))
        party.address.line_three = _text(", ".join(rest[1:]))
        party.address.city_name = _text(address.city)
        party.address.postcode = _text(address.postal_code or "")
        party.address.country_subdivision = _text(address.region or "")
    if email is not None:
        party.electronic_address.uri_ID = (_EMAIL, _text(email))


def _numbers(party: TradeParty, numbers: Numbers) -> None:
    if numbers.other is not None:
        party.id = _text(numbers.other)
    if numbers.register is not None:
        party.legal_organization.id = _text(numbers.register)
    for scheme, number in ((_TAX, numbers.tax), (_VAT, numbers.vat)):
        if number is not None:
            party.tax_registrations.add(TaxRegistration(id=(scheme, _text(number))))


def _item(position: int, item: Item, einvoice: EInvoice) -> LineItem:
    line, currency, language = LineItem(), einvoice.currency, einvoice.language
    line.document.line_id = str(position)
    line.product.name = _text(spoken(item.line.description, language))
    line.product.description = _text(spoken(item.line.explanation, language))
    line.agreement.net.amount = Decimal(item.price).scaleb(-exponent(currency))
    if item.price_of != 1:
        line.agreement.net.basis_quantity = (item.price_of, _EACH)
    line.delivery.billed_quantity = (item.quantity, _EACH)
    line.settlement.trade_tax.type_code = "VAT"
    line.settlement.trade_tax.category_code = item.category.value
    if item.ppm is not None:
        line.settlement.trade_tax.rate_applicable_percent = _percent(item.ppm)
    if item.line.first is not None:
        line.settlement.period.start = item.line.first
        line.settlement.period.end = item.line.through
    line.settlement.monetary_summation.total_amount = _amount(item.net, currency)
    return line


def _settlement(settlement: TradeSettlement, einvoice: EInvoice) -> None:
    settlement.currency_code = einvoice.currency
    for tax in _taxes(einvoice):
        settlement.trade_tax.add(tax)
    if einvoice.period is not None:
        settlement.period.start, settlement.period.end = einvoice.period
    if einvoice.transfer is not None:
        settlement.payment_reference = _text(einvoice.transfer.reference)
        settlement.payment_means.add(_means(einvoice))
    terms = PaymentTerms(description=_text(spoken(einvoice.terms, einvoice.language)))
    if einvoice.due_on is not None:
        terms.due = einvoice.due_on
    settlement.terms.add(terms)
    if einvoice.refers_to is not None:
        number, issued_on = einvoice.refers_to
        settlement.invoice_referenced_document.issuer_assigned_id = _text(number)
        settlement.invoice_referenced_document.issue_date_time = issued_on
    _totals(settlement, einvoice)


def _taxes(einvoice: EInvoice) -> Iterable[ApplicableTradeTax]:
    currency = einvoice.currency
    for group in einvoice.groups:
        tax = ApplicableTradeTax()
        tax.calculated_amount = _amount(group.tax, currency)
        tax.type_code = "VAT"
        tax.exemption_reason = _text(spoken(group.reason, einvoice.language))
        tax.basis_amount = _amount(group.base, currency)
        tax.category_code = group.category.value
        tax.exemption_reason_code = REASON_CODES.get(group.category, "")
        if group.ppm is not None:
            tax.rate_applicable_percent = _percent(group.ppm)
        yield tax


def _means(einvoice: EInvoice) -> PaymentMeans:
    assert einvoice.transfer is not None, "asked for by the caller"
    bank = einvoice.transfer.to
    means = PaymentMeans()
    means.type_code = _SEPA_TRANSFER if bank.iban is not None and bank.currency == "EUR" else _TRANSFER
    if bank.iban is not None:
        means.payee_account.iban = bank.iban
    else:
        means.payee_account.proprietary_id = f"{bank.routing or ''} {bank.account}".strip()
    means.payee_account.account_name = _text(bank.holder)
    if bank.bic is not None:
        means.payee_institution.bic = bank.bic
    return means


def _totals(settlement: TradeSettlement, einvoice: EInvoice) -> None:
    """BR-CO-10, 13, 15 and 16 hold of the e-invoice; nothing is taken off or added for the whole document."""
    sums, currency = settlement.monetary_summation, einvoice.currency
    sums.line_total = _amount(einvoice.line_total, currency)
    sums.tax_basis_total = _amount(einvoice.line_total, currency)
    sums.tax_total = (_amount(einvoice.tax, currency), currency)
    sums.grand_total = _amount(einvoice.total, currency)
    if einvoice.prepaid:
        sums.prepaid_total = _amount(einvoice.prepaid, currency)
    sums.due_amount = _amount(einvoice.due, currency)
