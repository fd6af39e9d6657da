"""What a booking says of itself, as its tests read it, and what they book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from solvent.core import events as ev
from solvent.core.booking import Booking
from solvent.core.change import NewItem, Start
from solvent.core.collection import plan_debt
from solvent.core.invoice import Line, LineKind
from solvent.core.payment import FailureCause
from solvent.core.plan import Plan
from tests.core.funds import whole
from tests.core.till import Till, declined

if TYPE_CHECKING:
    from tests.core.conftest import Shop


def told(booking: Booking) -> list[str]:
    return [event.type for event in booking.events]


def proven(booking: Booking) -> tuple[str, int]:
    assert booking.proof is not None
    return booking.proof.kind.value, booking.proof.amount


def invoiced(booking: Booking) -> tuple[str, int, int]:
    """Number, total and what is paid of it."""
    assert booking.invoice is not None
    value = booking.invoice.value(booking.account_id)
    return value.number, value.total, value.paid


def rules(shop: Shop) -> dict[str, Any]:
    return {
        "catalog": shop.catalog,
        "policy": shop.policy,
        "convention": shop.convention,
        "now": shop.now,
    }


def pro(thing: str = "zone:example.com") -> Start:
    return Start(items=(NewItem(price_id="pro", object=thing),))


def manual(*amounts: int) -> tuple[Line, ...]:
    return tuple(
        Line(kind=LineKind.MANUAL, description="Migration", amount=a, explanation="as agreed")
        for a in amounts
    )


def granted(booking: Booking, amount: int, reason: str) -> ev.CreditGranted:
    """What is told of the one grant of a booking, out of money that is kept: it never expires."""
    (grant,) = booking.credit_grants
    return ev.CreditGranted(
        grant_id=grant.id, kind="returned", amount=amount, currency="USD", reason=reason, expires_at=None
    )


def owed(till: Till, invoice_id: UUID) -> Plan:
    shop = till.shop
    plan = plan_debt(
        shop.account,
        till.live.invoices[invoice_id],
        owed=whole(till.live.invoices[invoice_id]),
        credit_grants=shop.credit_grants,
        policy=shop.policy,
        now=shop.now,
    )
    assert isinstance(plan, Plan)
    return plan


def on_grace(shop: Shop, cause: FailureCause = FailureCause.INSUFFICIENT_FUNDS) -> tuple[Till, Booking]:
    """A renewal for 1 February of which credit paid 5.00 and the card nothing."""
    shop.zone()
    shop.credit = 500
    till = Till(shop)
    attempt = till.open(shop.at(2026, 2, 1).due())
    return till, till.settle(declined(attempt, cause))
