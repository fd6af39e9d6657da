"""Movements: Stripe's balance transactions, in our words.

Owns the table of what a balance transaction is about, and whose name it bears in our books: of a charge its payment
intent. What Stripe keeps stands beside each, in the currency of the balance. Does not own what is made of it.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe

from solvent.core.movement import Movement, MovementKind
from solvent.ports.provider import ProviderSilent
from solvent.providers.stripe.calls import Refused, pages
from solvent.providers.stripe.currencies import from_stripe
from solvent.providers.stripe.reading import REFUND_KEY, Told, key_of, uuid_of

_KINDS = {
    "adjustment": MovementKind.OTHER,  # a dispute's bears a dispute
    "charge": MovementKind.PAYMENT,
    "payment": MovementKind.PAYMENT,
    "payment_failure_refund": MovementKind.REFUND,
    "payment_refund": MovementKind.REFUND,
    "payout": MovementKind.PAYOUT,
    "payout_cancel": MovementKind.PAYOUT,
    "payout_failure": MovementKind.PAYOUT,
    "refund": MovementKind.REFUND,
    "refund_failure": MovementKind.REFUND,
    "stripe_fee": MovementKind.FEE,
    "stripe_fx_fee": MovementKind.FEE,
    "tax_fee": MovementKind.FEE,
}


def movements(client: stripe.StripeClient, since: datetime, until: datetime) -> Iterator[Movement]:
    """The balance transactions created from `since` to before `until`."""
    created = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
    parameters = {"created": created, "expand": ["data.source"]}
    try:
        for row in pages(client.v1.balance_transactions.list, parameters):
            yield _told(row)
    except Refused as refusal:
        raise ProviderSilent(f"Stripe refused a list: {refusal}") from None


def _told(row: Told) -> Movement:
    """A row in our words; one that lacks what it must say cannot be read."""
    try:
        return _read(row)
    except (KeyError, TypeError, ValueError) as fault:
        raise ProviderSilent(f"Stripe's answer cannot be read: {type(fault).__name__}") from None


def _read(row: Told) -> Movement:
    source = row["source"] if isinstance(row.get("source"), Mapping) else {}
    about = source.get("object")
    kind = MovementKind.DISPUTE if about == "dispute" else _KINDS.get(row["type"], MovementKind.OTHER)
    ref, key = _named(source)
    balance = row["currency"].upper()
    amount, currency = _amount(row, source, kind)
    return Movement(
        name=row["id"],
        kind=kind,
        ref=ref,
        key=key,
        amount=amount,
        currency=currency,
        moved_at=datetime.fromtimestamp(row["created"], UTC),
        fee=from_stripe(row["fee"], balance),
        fee_currency=balance if row["fee"] else None,
    )


def _named(source: Mapping[str, Any]) -> tuple[str | None, UUID | None]:
    """Under which name our books have it, and which id of ours it bears."""
    match source.get("object"):
        case "charge":
            return source.get("payment_intent") or source["id"], key_of(source)
        case "refund":
            return source["id"], uuid_of((source.get("metadata") or {}).get(REFUND_KEY))
        case _:
            return source.get("id"), None


def _amount(row: Told, source: Mapping[str, Any], kind: MovementKind) -> tuple[int, str]:
    """In the currency in which the payer paid, where Stripe says it: the balance may be kept in another."""
    told = source if kind in (MovementKind.PAYMENT, MovementKind.REFUND, MovementKind.DISPUTE) else row
    currency = str(told.get("currency") or row["currency"]).upper()
    amount = from_stripe(int(told.get("amount", row["amount"])), currency)
    return (abs(amount) if row["amount"] >= 0 else -abs(amount)), currency
