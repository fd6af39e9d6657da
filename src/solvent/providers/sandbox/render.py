"""Rendering: the bank's records as it answers them, in the words of its personality.

Owns the shape of every answer. Does not own how Solvent reads them (`translation`).
"""

from typing import Any

from solvent.providers.sandbox.book import Book, ref_of
from solvent.providers.sandbox.records import Dispute, Intent, Movement, Personality, Refund, Status, Vaulted

Answer = dict[str, Any]
_WAITS_FOR_PAYER = frozenset({Status.OPEN, Status.ACTION, Status.APPROVED})
_TOOK_METHOD = frozenset({Status.PROCESSING, Status.SUCCEEDED})


def error(code: str, message: str) -> Answer:
    """A refusal: nothing was done."""
    return {"error": {"code": code, "message": message}}


def _reason(personality: Personality, reason: str | None) -> str | None:
    return reason.upper() if reason is not None and personality.shout else reason


def payment(book: Book, intent: Intent) -> Answer:
    """How a payment stands: status, reason, amount, and, where they apply, the next action and the vaulted method."""
    personality = book.personality
    answer: Answer = {
        "id": intent.ref,
        "status": personality.words[intent.status],
        "reason": _reason(personality, intent.reason),
        "amount": intent.amount,
        "currency": intent.currency,
        "key": intent.key,
        "changed_at": intent.changed_at,
    }
    if intent.status in _WAITS_FOR_PAYER:
        answer["next_action"] = _next_action(book, intent)
    elif intent.status in _TOOK_METHOD and intent.request[0] == "open":
        answer["method"] = _method(book, intent.token)
    return answer


def _next_action(book: Book, intent: Intent) -> Answer:
    action: Answer = {"type": "none", "expires_at": intent.expires_at}
    if intent.status is Status.OPEN:
        action["type"] = "confirm"
        action["client_secret"] = ref_of(f"{intent.ref}_secret", intent.customer)
    elif intent.status is Status.ACTION:
        page = "approve" if book.personality.redirect else "challenge"
        action["type"] = "redirect"
        action["url"] = f"{book.base_url}/{page}/{intent.ref}"
    return action


def _method(book: Book, token: str | None) -> Answer | None:
    vaulted = book.vault.get(token or "")
    return None if vaulted is None else method(vaulted)


def method(vaulted: Vaulted) -> Answer:
    """A method in the vault."""
    return {
        "id": vaulted.token,
        "type": vaulted.kind,
        "label": vaulted.label,
        "fingerprint": vaulted.fingerprint,
        "reusable": vaulted.state == "active",
        "expires": vaulted.expires,
    }


def movement(book: Book, charge: Movement) -> Answer:
    """One charge that really happened, shaped like the payment it belongs to."""
    return {
        "id": charge.ref,
        "status": book.personality.words[Status.SUCCEEDED],
        "reason": None,
        "amount": charge.amount,
        "currency": charge.currency,
        "key": charge.key,
        "changed_at": charge.at,
    }


def statement_row(book: Book, place: int) -> Answer:
    """One row of the statement by its place; a refund bears its own key, and all else that of its payment."""
    row = book.statement[place]
    return {
        "place": place + 1,
        "id": row.ref,
        "kind": row.kind,
        "key": book.refund_keys.get(row.ref, row.key),
        "amount": row.amount,
        "currency": row.currency,
        "fee": row.fee,
        "at": row.at,
    }


def refund(book: Book, record: Refund) -> Answer:
    """How a refund stands."""
    return {
        "id": record.ref,
        "status": book.personality.words[record.status],
        "reason": _reason(book.personality, record.reason),
        "amount": record.amount,
        "currency": record.currency,
        "key": record.key,
        "changed_at": record.changed_at,
    }


def dispute(record: Dispute) -> Answer:
    """How a dispute stands."""
    return {
        "id": record.ref,
        "payment": record.payment,
        "key": record.key,
        "amount": record.amount,
        "currency": record.currency,
        "state": record.state,
        "reason": record.reason,
        "due_by": record.due_by if record.state in ("inquiry", "open") else None,
        "fee": record.fee_charged,
        "opened_at": record.opened_at,
        "changed_at": record.changed_at,
    }
