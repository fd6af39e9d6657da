"""Movements: what PayPal's captures and refunds say that moved, and what it kept of each.

Owns the reading of their breakdowns. PayPal's interface for statements is one of its own, which a merchant has to apply
for; so captures and refunds that PayPal told of are asked about, one by one. Payouts and what disputes move are not
among them. Does not own the list of what it told (`history`).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from solvent.core.movement import Movement, MovementKind
from solvent.ports.provider import ProviderSilent, Subject
from solvent.providers.paypal.amounts import read
from solvent.providers.paypal.line import Line
from solvent.providers.paypal.notifications import Told
from solvent.providers.paypal.reading import Thing, captures_of, key_of, moment

REFUNDS = "/v2/payments/refunds"
TAKEN = frozenset({"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"})


def refs_of(told: Iterable[Told], subject: Subject, until: datetime) -> dict[str, None]:
    """The orders (or captures), or the refunds, that PayPal told of before `until`, each once, in that order."""
    meant = (each for each in told if each.subject is subject and each.at < until)
    return dict.fromkeys(ref for each in meant if (ref := each.order or each.ref) is not None)


def of_order(order: Thing) -> Iterator[Movement]:
    """The captures of an order that took money."""
    for capture in _captures(order):
        yield _read(capture, MovementKind.PAYMENT, 1, "seller_receivable_breakdown")


def of_refund(line: Line, ref: str) -> Iterator[Movement]:
    """A refund, once its money has left."""
    answer = line.get(f"{REFUNDS}/{ref}")
    if answer.missing:
        return
    if answer.issue is not None:
        raise ProviderSilent(f"PayPal does not tell of a refund: {answer.issue}")
    if answer.body.get("status") == "COMPLETED":
        yield _read(answer.body, MovementKind.REFUND, -1, "seller_payable_breakdown")


def _captures(order: Thing) -> list[Thing]:
    try:
        return [capture for capture in captures_of(order) if capture["status"] in TAKEN]
    except (KeyError, IndexError) as fault:
        raise ProviderSilent(f"PayPal's order cannot be read: {type(fault).__name__}") from None


def _read(thing: Thing, kind: MovementKind, sign: int, breakdown: str) -> Movement:
    """PayPal keeps its fee of a capture, and gives some of it back with a refund."""
    try:
        amount, currency = read(thing["amount"])
        told = thing.get(breakdown, {})
        kept = told.get("paypal_fee_in_receivable_currency") or told.get("paypal_fee")
        fee, fee_currency = (0, None) if kept is None else read(kept)
        return Movement(
            name=str(thing["id"]),
            kind=kind,
            ref=str(thing["id"]),
            key=key_of(thing),
            amount=sign * amount,
            currency=currency,
            moved_at=moment(thing["create_time"]),
            fee=sign * fee,
            fee_currency=fee_currency,
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise ProviderSilent(f"PayPal's answer cannot be read: {type(fault).__name__}") from None
