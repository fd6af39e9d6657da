"""Granting: how account credit comes about and what is written of its use, as facts.

Owns the grants that a commit makes of money that is kept or that buys credit, and the uses of a plan's draws. Does
not own what a grant may pay (`credit`), its postings (`entries`) nor the writing.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from solvent.core import events as ev
from solvent.core.credit import CreditGrant, Draw, GrantKind
from solvent.core.facts import CreditUse, Desk, InvoiceFact, UseKind
from solvent.core.invoice import Line, LineKind


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
