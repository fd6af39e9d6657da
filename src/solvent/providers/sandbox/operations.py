"""Operations: what a merchant may ask the bank to do.

Owns one function per operation and the idempotency of keys. Does not own how a payment is decided (`acts`), how an
answer looks (`render`), nor what customers and the bank's staff may do (`controls`).
"""

import heapq
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from solvent.providers.sandbox import acts, render
from solvent.providers.sandbox.book import Book, ref_of
from solvent.providers.sandbox.protocol import (
    Between,
    ByDispute,
    ByRefund,
    Confirm,
    Detach,
    EvidencePayload,
    Lookup,
    Payment,
    RefundPayload,
    Since,
)
from solvent.providers.sandbox.records import Dispute, Intent, Movement, Refund, Status
from solvent.providers.sandbox.render import Answer, error

_CANCELABLE = frozenset({Status.OPEN, Status.ACTION, Status.APPROVED})
_DECIDED = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELED})

Row = TypeVar("Row", bound=Intent | Movement | Refund | Dispute)


def open_intent(book: Book, payload: Payment, now: datetime) -> Answer:
    """Open an intent or order, or a setup; moves no money. An order on an agreement needs no further approval."""
    start = Status.OPEN
    if book.personality.redirect:
        start = Status.ACTION if payload["method"] is None else Status.APPROVED
    return _once(book, "open", payload, start, now)


def charge(book: Book, payload: Payment, now: datetime) -> Answer:
    """Charge a stored method while the payer is away."""
    start = Status.APPROVED if book.personality.redirect else Status.OPEN
    return _once(book, "charge", payload, start, now)


def _once(book: Book, operation: str, payload: Payment, start: Status, now: datetime) -> Answer:
    """Do it for a new key; for a known one give the first answer again, or refuse another request under it."""
    method, amount, setup = payload["method"], payload["amount"], payload["setup"]
    request = (operation, payload["customer"], amount, payload["currency"], setup, method)
    known = book.by_key.get(payload["key"])
    if known is not None:
        return _again(book, known, request)
    if (amount == 0) is not setup or amount < 0:
        return error("invalid_request", "amount must be positive, and 0 exactly for a setup")
    takes = book.personality.currencies
    if takes is not None and payload["currency"] not in takes:
        return error("invalid_request", f"{book.personality.name} does not take {payload['currency']}")
    intent = Intent(
        ref=ref_of(book.personality.prefix, payload["key"]),
        key=payload["key"],
        request=request,
        customer=payload["customer"],
        amount=amount,
        currency=payload["currency"],
        setup=setup,
        method=method,
        expires_at=payload["expires_at"],
        status=start,
        changed_at=now,
        return_url=payload.get("return_url"),
        authenticate=payload.get("authenticate", False),
    )
    book.add(intent)
    if not book.taking:
        book.move(intent, Status.FAILED, now, "merchant_closed")
    elif operation == "charge":
        acts.charge_stored(book, intent, method, now)
    answer = render.payment(book, intent)
    if intent.status not in _DECIDED:
        intent.first = answer
        book.save(intent)
    return answer


def _again(book: Book, known: Intent, request: tuple[Any, ...]) -> Answer:
    if known.request != request:
        return error("idempotency_mismatch", "this key was used before with another request")
    return render.payment(book, known) if known.first is None else known.first


def confirm(book: Book, payload: Confirm, now: datetime) -> Answer:
    """Show the bank the method, or capture an approved order. Repeating it changes nothing that is decided."""
    intent = _find(book, payload["key"], payload["ref"], now)
    if intent is None:
        return _not_found()
    method = payload["method"]
    if book.personality.redirect:
        if intent.status is Status.APPROVED:
            acts.capture(book, intent, now)
        elif intent.setup and intent.status is Status.ACTION and method is not None:
            acts.take_over(book, intent, method, now)
    elif intent.status is Status.OPEN:
        method = method or intent.method
        if method is not None:
            acts.present(book, intent, method, now)
    elif intent.status is Status.ACTION and method not in (None, intent.method):
        acts.present(book, intent, str(method), now)
    return render.payment(book, intent)


def get(book: Book, payload: Lookup, now: datetime) -> Answer:
    """How a payment stands now."""
    intent = _find(book, payload["key"], payload["ref"], now)
    return _not_found() if intent is None else render.payment(book, intent)


def payments(book: Book, payload: Lookup, now: datetime) -> Answer:
    """Every charge that was really made for a key."""
    intent = _find(book, payload["key"], payload["ref"], now)
    charges = [] if intent is None else book.charges_of(intent)
    return {"data": [render.movement(book, one) for one in charges]}


def cancel(book: Book, payload: Lookup, now: datetime) -> Answer:
    """Give a payment up while it is still possible; otherwise say how it stands."""
    intent = _find(book, payload["key"], payload["ref"], now)
    if intent is None:
        return _not_found()
    if intent.status in _CANCELABLE:
        book.move(intent, Status.CANCELED, now, "canceled")
    return render.payment(book, intent)


def _find(book: Book, key: str, ref: str | None, now: datetime) -> Intent | None:
    intent = book.by_key.get(key) if ref is None else book.by_ref.get(ref)
    if intent is not None:
        acts.settle(book, intent, now)
    return intent


def _not_found() -> Answer:
    return error("not_found", "no such payment")


def refund(book: Book, payload: RefundPayload, now: datetime) -> Answer:
    """Send money back. A refusal is remembered under the key like a success."""
    request = (payload["payment"], payload["amount"], payload["currency"])
    known = book.refunds.get(payload["key"])
    if known is not None and known.request != request:
        return error("idempotency_mismatch", "this key was used before with another request")
    if known is not None:
        acts.settle_refund(book, known, now)
        return render.refund(book, known)
    if payload["payment"] not in book.charges:
        return error("no_such_payment", "nothing was charged under that reference")
    record = Refund(
        ref=ref_of("re", payload["key"]),
        key=payload["key"],
        request=request,
        payment=payload["payment"],
        amount=payload["amount"],
        currency=payload["currency"],
        status=Status.PROCESSING,
        opened_at=now,
        changed_at=now,
    )
    record.reason = _refund_refused(book, record)
    acts.begin_refund(book, record, now)
    return render.refund(book, record)


def _refund_refused(book: Book, record: Refund) -> str | None:
    paid = book.charges[record.payment]
    given = sum(one.amount for one in book.refunded.get(paid.ref, ()) if one.status is not Status.FAILED)
    dispute = book.disputes.get(ref_of("dp", paid.ref))
    if record.currency != paid.currency:
        return "currency_mismatch"
    if record.amount < 1 or record.amount > paid.amount - given:
        return "exceeds_payment"
    if dispute is not None and dispute.state in ("open", "in_review"):
        return "payment_disputed"
    if dispute is not None and dispute.state in ("lost", "accepted"):
        return "charged_back" if record.amount > paid.amount - given - dispute.amount else None
    return None


def refund_of(book: Book, payload: ByRefund, now: datetime) -> Answer:
    """How a refund stands, by the bank's own name for it."""
    key = book.refund_keys.get(payload["ref"])
    if key is None:
        return error("not_found", "no such refund")
    acts.settle_refund(book, book.refunds[key], now)
    return render.refund(book, book.refunds[key])


def refunds(book: Book, payload: Since, now: datetime) -> Answer:
    """One page of the refunds that changed since then, oldest first."""
    acts.sweep(book, now)
    return {"data": [render.refund(book, one) for one in _page(book.refunds.values(), payload)]}


def detach(book: Book, payload: Detach, now: datetime) -> Answer:  # noqa: ARG001 - one signature for all operations
    """Forget a vaulted method; a second time, or an unknown one, is no error."""
    vaulted = book.vault.get(payload["token"])
    if vaulted is not None and vaulted.state == "active":
        vaulted.state = "detached"
        book.vault_in(vaulted)
    return {}


def method(book: Book, payload: Detach, now: datetime) -> Answer:  # noqa: ARG001 - as above
    """A vaulted method as it is."""
    vaulted = book.vault.get(payload["token"])
    if vaulted is None or vaulted.state == "detached":
        return error("not_found", "no such method")
    return render.method(vaulted)


def changes(book: Book, payload: Since, now: datetime) -> Answer:
    """One page of the payments that changed since then and of the charges made once more, oldest first."""
    acts.sweep(book, now)
    rows: list[Intent | Movement] = [*book.by_key.values(), *book.charged_again()]
    return {"data": [_rendered(book, row) for row in _page(rows, payload)]}


def _rendered(book: Book, row: Intent | Movement) -> Answer:
    return render.movement(book, row) if isinstance(row, Movement) else render.payment(book, row)


def disputes(book: Book, payload: Since, now: datetime) -> Answer:
    """One page of the disputes that changed since then, oldest first."""
    acts.sweep(book, now)
    return {"data": [render.dispute(one) for one in _page(book.disputes.values(), payload)]}


def movements(book: Book, payload: Between, now: datetime) -> Answer:
    """One page of the statement, in its order; each row bears its place there."""
    acts.sweep(book, now)
    places = range(payload["after"], len(book.statement))
    meant = (n for n in places if payload["since"] <= book.statement[n].at < payload["until"])
    return {"data": [render.statement_row(book, n) for n in islice(meant, payload["limit"])]}


def dispute(book: Book, payload: ByDispute, now: datetime) -> Answer:  # noqa: ARG001 - as above
    """How a dispute stands."""
    known = book.disputes.get(payload["ref"])
    return error("not_found", "no such dispute") if known is None else render.dispute(known)


def submit_evidence(book: Book, payload: EvidencePayload, now: datetime) -> Answer:
    """Answer a dispute: the bank looks at it next. What is decided, or only asked, stays as it is."""
    known = book.disputes.get(payload["ref"])
    if known is not None and known.state == "open":
        acts.move_dispute(book, known, "in_review", now)
    return error("not_found", "no such dispute") if known is None else render.dispute(known)


def accept_dispute(book: Book, payload: ByDispute, now: datetime) -> Answer:
    """Leave the money to the payer."""
    known = book.disputes.get(payload["ref"])
    if known is not None:
        acts.move_dispute(book, known, "accepted", now)
    return error("not_found", "no such dispute") if known is None else render.dispute(known)


def _page(rows: Iterable[Row], payload: Since) -> list[Row]:
    since, after = payload["since"], payload["after"]
    fresh = (row for row in rows if row.changed_at >= since)
    if after is not None:
        fresh = (row for row in fresh if (row.changed_at, row.ref) > after)
    return heapq.nsmallest(payload["limit"], fresh, key=lambda row: (row.changed_at, row.ref))


OPERATIONS: Mapping[str, Callable[[Book, Any, datetime], Answer]] = {
    "open": open_intent,
    "charge": charge,
    "confirm": confirm,
    "get": get,
    "payments": payments,
    "cancel": cancel,
    "refund": refund,
    "refund_of": refund_of,
    "refunds": refunds,
    "detach": detach,
    "method": method,
    "changes": changes,
    "disputes": disputes,
    "movements": movements,
    "dispute": dispute,
    "submit_evidence": submit_evidence,
    "accept_dispute": accept_dispute,
}
