"""Overbilled: usage that comes to less than what was billed of it, and the credit notes by which that goes back.

Owns how much goes back of which invoice: of each period what was billed beyond the price of what was used in it, of the
invoices that billed it, the latest first, as far as credit notes have left their lines. It goes first, by a plan of its
own with nothing due; so its credit is there for the invoice of the rest. Does not own what is owed (`usage`), the parts
of a credit note (`credit_line`) nor their booking (`crediting`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from solvent.core.account import Account
from solvent.core.catalog import Catalog
from solvent.core.charged import Charged
from solvent.core.credit_line import CreditLine, Parts, part_of, with_price
from solvent.core.invoice import Line, LineKind
from solvent.core.payment import Path
from solvent.core.phrase import Phrase, Sentence
from solvent.core.plan import Billed, Intent, Plan, make_plan
from solvent.core.policy import Policy
from solvent.core.proration import Convention
from solvent.core.returning import Counted, Returned
from solvent.core.unused_time import PlannedNote
from solvent.core.usage import (
    Reading,
    UsagePeriod,
    billed_of,
    chosen,
    claim,
    explained,
    refuse_absurd,
    unbilled,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What goes back of one line of an invoice, and of which period."""

    invoice: Charged
    line: CreditLine
    price: int


def overbilled(
    readings: Sequence[Reading], catalog: Catalog, convention: Convention, now: datetime
) -> tuple[Reading, ...]:
    """Of what is to be billed at `now`, the periods that come to less than was billed of them."""
    rounding = convention.rounding
    found = chosen(readings, catalog, rounding, now)
    return tuple(r for r in found if unbilled(r, catalog, rounding) < 0)


def plan_overbilled(
    account: Account,
    readings: Sequence[Reading],
    charged: Sequence[Charged],
    *,
    catalog: Catalog,
    policy: Policy,
    convention: Convention,
    now: datetime,
) -> Plan | None:
    """Credit notes for all that was billed beyond what was used; None where nothing goes back. `charged` are the
    invoices that billed these periods."""
    latest_first = sorted(charged, key=lambda x: (x.invoice.issued_at, x.invoice.id), reverse=True)
    billed: list[Billed] = []
    parts: list[_Part] = []
    too_high = overbilled(readings, catalog, convention, now)
    refuse_absurd(account, too_high, catalog, convention.rounding)
    for reading in too_high:
        found = list(_parts(reading, latest_first, catalog, convention, account.time_zone))
        back = sum(part.price for part in found)
        if back:
            billed.append(billed_of(reading, -back, now))
            parts += found
    if not parts:
        return None
    return make_plan(
        account_id=account.id,
        path=Path.FINALISATION,
        intent=Intent.BILL_USAGE,
        claim=claim(account.id),
        currency=account.currency,
        lines=(),
        planned_at=now,
        lifetime=policy.attempt_lifetime,
        usage=tuple(billed),
        unused=_returned(parts),
    )


def rebilled(readings: Sequence[Reading], plan: Plan) -> tuple[Reading, ...]:
    """The readings as the plan's commit leaves their periods."""
    known = {(x.item_id, x.starts_at): x for x in plan.usage}
    return tuple(
        r
        if (x := known.get((r.period.item_id, r.period.starts_at))) is None
        else replace(r, period=_after(r.period, x))
        for r in readings
    )


def _after(period: UsagePeriod, billed: Billed) -> UsagePeriod:
    return replace(
        period,
        billed_quantity=billed.quantity,
        billed_amount=billed.amount,
        look_at=billed.look_at,
        version=period.version + 1,
    )


def _parts(
    reading: Reading, latest_first: Sequence[Charged], catalog: Catalog, convention: Convention, zone: str
) -> Iterator[_Part]:
    """Of which lines what was billed too much of a period goes back, the latest invoice first."""
    period, rounding = reading.period, convention.rounding
    back = -unbilled(reading, catalog, rounding)
    said: Phrase | None = None
    for charged in latest_first:
        for position, line in enumerate(charged.lines, start=1):
            if not _bills(line, period) or not back:
                continue
            before = charged.credited.get(position, 0)
            left = part_of(position, line, before, line.gross - before)
            price = min(back, left.amount if line.inclusive else left.net)
            if price <= 0:
                continue
            back -= price
            said = said or _said(reading, catalog, convention, zone)
            part = replace(with_price(position, line, before, price), explanation=said)
            yield _Part(invoice=charged, line=part, price=price)


def _said(reading: Reading, catalog: Catalog, convention: Convention, zone: str) -> Phrase:
    """How it comes about that something goes back."""
    rounding, price = convention.rounding, catalog.price(reading.period.price_id)
    used = explained(reading, catalog, rounding, zone)
    less = unbilled(reading, catalog, rounding)
    return Phrase(Sentence.LESS_BILLED, (used, reading.period.billed_amount, less, price.currency))


def _bills(line: Line, period: UsagePeriod) -> bool:
    if line.kind is not LineKind.USAGE or line.period is None:
        return False
    return (line.item_id, line.period.start) == (period.item_id, period.starts_at)


def _returned(parts: Sequence[_Part]) -> Returned:
    """One credit note of each invoice, in the order of its lines, with what it was planned against."""
    of: dict[UUID, list[_Part]] = {}
    for part in parts:
        of.setdefault(part.invoice.invoice.id, []).append(part)
    groups = [sorted(group, key=lambda part: part.line.position) for group in of.values()]
    return Returned(
        notes=tuple(_note(group[0].invoice, tuple(part.line for part in group)) for group in groups),
        counted=tuple(
            Counted(
                invoice_id=group[0].invoice.invoice.id,
                credited=tuple(
                    (part.line.position, part.invoice.credited.get(part.line.position, 0)) for part in group
                ),
            )
            for group in groups
        ),
    )


def _note(charged: Charged, lines: Parts) -> PlannedNote:
    amount = sum(line.amount for line in lines)
    return PlannedNote(
        invoice_id=charged.invoice.id,
        amount=amount,
        to_debt=min(amount, charged.invoice.debt),
        parts=lines,
        counted=None,
    )
