"""Document parts: what invoices and credit notes say alike.

Owns parties, lines, taxes and the way to pay as values of a document, and how they come of facts. Does not own what a
whole document says (`document`, `credit_document`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from solvent.core.account import Account
from solvent.core.party import VAT, Address, BankAccount, Entity, TaxId
from solvent.core.period import Period
from solvent.core.phrase import Text
from solvent.core.tax import EUROPEAN_UNION, TaxShare, Treatment

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxTotal:
    """One tax on the whole invoice: `amount` on `base`, both in minor units, at `ppm` parts per million.

    Where no tax is charged, `name` is empty and `note` says why, e.g. reverse charge.
    """

    name: Text
    ppm: int
    base: int
    amount: int
    note: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One line; `amount` is without the `taxes` beside it. The period's days are local: from `first` to `last`, on
    which the next one begins; `through` is the last day of which it has any time."""

    description: Text
    explanation: Text
    quantity: int
    amount: int
    first: date | None
    last: date | None
    through: date | None
    taxes: tuple[TaxShare, ...] = ()
    lowers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """How to pay what is open by hand. `epc`: a SEPA credit transfer that a QR code can describe (EPC069-12)."""

    to: BankAccount
    amount: int
    reference: str
    epc: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """The legal entity that bills, as it was when the invoice was issued."""

    name: str
    country: str
    address: Address | None
    registration: str | None
    tax_ids: tuple[TaxId, ...]
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The customer."""

    name: str
    country: str
    email: str
    address: Address | None
    tax_id: str | None


Days = tuple[date | None, date | None, date | None]


def days_of(period: Period | None, zone: ZoneInfo) -> Days:
    """The first day of a period, the one on which the next begins, and the last of which it has any time."""
    if period is None:
        return None, None, None
    return day_in(zone, period.start), day_in(zone, period.end), day_in(zone, period.end - _INSTANT)


def tax_totals(lines: Sequence[Sequence[TaxShare]]) -> tuple[TaxTotal, ...]:
    """Each tax once, in the order of the lines; and once each reason that law wants to be told why none is charged."""
    totals: dict[tuple[Text, str, int, Text], TaxTotal] = {}
    for share in (share for shares in lines for share in shares):
        if share.treatment is Treatment.NOT_COLLECTED:
            continue
        note: Text = "" if share.name else share.explanation
        key = (share.name, share.jurisdiction, share.ppm, note)
        before = totals.get(key) or TaxTotal(name=share.name, ppm=share.ppm, base=0, amount=0, note=note)
        totals[key] = replace(before, base=before.base + share.base, amount=before.amount + share.amount)
    return tuple(totals.values())


def seller_of(entity: Entity, lines: Sequence[Sequence[TaxShare]]) -> Seller:
    """The legal entity as the document names it whose lines bear these taxes."""
    return Seller(
        name=entity.name,
        country=entity.country,
        address=entity.address,
        registration=entity.registration,
        tax_ids=_numbers(entity, lines),
        email=entity.email,
    )


def _numbers(entity: Entity, lines: Sequence[Sequence[TaxShare]]) -> tuple[TaxId, ...]:
    """The numbers under which the lines are taxed, in their order, each once; and of its own those of other schemes: of
    two VAT numbers, nobody could tell which one counts."""
    under: dict[str, TaxId] = {}
    for share in (share for shares in lines for share in shares):
        if share.registration is not None:
            number = TaxId(scheme=_scheme(share), value=share.registration)
            under.setdefault(share.registration, number)
    schemes = {number.scheme for number in under.values()}
    return (*under.values(), *(number for number in entity.tax_ids if number.scheme not in schemes))


def _scheme(share: TaxShare) -> str:
    """In the Union it is a VAT number; elsewhere it is called as the first tax under it is."""
    country = share.jurisdiction.partition("-")[0]
    return VAT if country in EUROPEAN_UNION else str(share.name)


def buyer_of(account: Account, issued_at: datetime) -> Buyer:
    """With the country and the tax number that the invoice was issued for, as the customer was named then."""
    for_tax, named = account.buyer_at(issued_at), account.profile_at(issued_at)
    return Buyer(
        name=named.name,
        country=for_tax.country,
        email=named.email,
        address=named.address,
        tax_id=for_tax.tax_id,
    )


def day_in(zone: ZoneInfo, moment: datetime) -> date:
    """The local day of a moment."""
    return moment.astimezone(zone).date()
