"""Granting: how account credit comes about and what is written of its use, as facts.

Owns the grants that a commit makes of money that is kept or that buys credit, and the uses of a plan's draws. Does
not own what a grant may pay (`credit`), its postings (`entries`) nor the writing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from solvent.core import events as ev
from solvent.core.credit import CreditGrant, Draw, GrantKind, draw_order
from solvent.core.facts import CreditUse, Desk, InvoiceFact, UseKind
from solvent.core.invoice import Line, LineKind

LASTS_MIN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Given credit that an invoice was paid with: `amount` of `grant`, less what credit notes gave back of it; when."""

    grant: CreditGrant
    amount: int
    used_at: datetime


def returned(amount: int, currency: str, reason: str, desk: Desk) -> tuple[CreditGrant, ...]:
    """Money of the customer's that is kept: a grant that never expires, and none for nothing."""
    if not amount:
        return ()
    grant = CreditGrant(
        id=desk.draw(),
        kind=GrantKind.RETURNED,
        currency=currency,
        amount=amount,
        remaining=amount,
        granted_at=desk.now,
        reason=reason,
    )
    return (grant,)


def given_back(
    amount: int, spent: Sequence[Spent], reason: str, by: str, desk: Desk
) -> tuple[CreditGrant, ...]:
    """Given credit that comes back as what it was: a promise, for what it could pay, and for as long as it had to go
    when it was used (a day at least). What was drawn on last comes back first."""
    grants: list[CreditGrant] = []
    for each in sorted(spent, key=lambda s: draw_order(s.grant), reverse=True):
        part = min(amount, each.amount)
        if part:
            grants.append(_again(each, part, reason, by, desk))
            amount -= part
    assert not amount, "no more comes back than was used"
    return tuple(grants)


def _again(spent: Spent, amount: int, reason: str, by: str, desk: Desk) -> CreditGrant:
    before, expires_at = spent.grant, spent.grant.expires_at
    if expires_at is not None:
        expires_at = desk.now + max(expires_at - spent.used_at, LASTS_MIN)
    return CreditGrant(
        id=desk.draw(),
        kind=before.kind,
        currency=before.currency,
        amount=amount,
        remaining=amount,
        granted_at=desk.now,
        expires_at=expires_at,
        priority=before.priority,
        excludes=before.excludes,
        reason=reason,
        granted_by=by,
        returns=before.id,
    )


def bought(invoice: InvoiceFact | None, desk: Desk) -> tuple[CreditGrant, ...]:
    """The credit that an invoice sells, if it does."""
    if invoice is None or not (amount := sold(invoice.lines)):
        return ()
    validity = desk.policy.prepaid_validity
    grant = CreditGrant(
        id=desk.draw(),
        kind=GrantKind.PREPAID,
        currency=invoice.currency,
        amount=amount,
        remaining=amount,
        granted_at=desk.now,
        expires_at=None if validity is None else desk.now + validity,
        reason="top_up",
        invoice_id=invoice.id,
    )
    return (grant,)


def sold(lines: Iterable[Line]) -> int:
    """How much account credit lines sell, in minor units."""
    return sum(line.amount for line in lines if line.kind is LineKind.PREPAID)


def uses_of(draws: Iterable[Draw]) -> tuple[CreditUse, ...]:
    """What a commit writes of its plan's draws."""
    return tuple(
        CreditUse(grant_id=x.grant_id, amount=x.amount, kind=UseKind.INVOICE, line=x.line) for x in draws
    )


def by_kind(draws: Sequence[Draw], grants: Mapping[UUID, CreditGrant]) -> dict[GrantKind, int]:
    """How much is drawn on credit of each kind, in the order in which it is drawn."""
    sums: dict[GrantKind, int] = {}
    for draw in draws:
        kind = grants[draw.grant_id].kind
        sums[kind] = sums.get(kind, 0) + draw.amount
    return sums


def told(grants: Iterable[CreditGrant]) -> tuple[ev.CreditGranted, ...]:
    """What new grants tell."""
    return tuple(
        ev.CreditGranted(
            grant_id=grant.id,
            kind=grant.kind,
            amount=grant.amount,
            currency=grant.currency,
            reason=grant.reason,
            expires_at=grant.expires_at,
        )
        for grant in grants
    )
