"""Money at the peer: charges, refunds, disputes, and the balance transactions of each.

Owns what moves. Does not own intents (`acts`) nor paths (`server`).
"""

from typing import Any

from tests.peers.stripe.methods import Behaviour
from tests.peers.stripe.state import Book, Thing, invalid, missing

NOT_TAKEN = frozenset({"irr", "kpw", "syp", "cup", "sdg"})
MINIMUM = {"usd": 50, "eur": 50, "jpy": 50, "gbp": 30}
DISPUTE_FEE = 1500
BILLING: Thing = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}


def checked_amount(amount: int, currency: str) -> None:
    """Refuse what Stripe does not charge."""
    if currency in NOT_TAKEN:
        raise invalid(f"Invalid currency: {currency}.", param="currency")
    if amount < MINIMUM.get(currency, 1):
        raise invalid("Amount must be at least the minimum", code="amount_too_small", param="amount")
    if currency in ("kwd", "bhd", "jod", "omr", "tnd") and amount % 10:
        raise invalid("Amount must be a multiple of ten", code="invalid_charge_amount", param="amount")
    if currency in ("isk", "ugx") and amount % 100:
        raise invalid("Amount must be a multiple of a hundred", code="invalid_charge_amount", param="amount")


def charge(book: Book, intent: Thing, method: Thing) -> Thing:
    """Take the money of an intent."""
    row = _balance(
        book, "charge", intent["amount"], intent["currency"], fee=intent["amount"] * 29 // 1000 + 30
    )
    details = {"type": method["type"], method["type"]: _used(book, intent, method)}
    made = book.add(
        "charge",
        "ch",
        amount=intent["amount"],
        amount_captured=intent["amount"],
        amount_refunded=0,
        balance_transaction=row["id"],
        billing_details=BILLING,
        captured=True,
        currency=intent["currency"],
        customer=intent["customer"],
        disputed=False,
        metadata=dict(intent["metadata"]),
        outcome={
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "type": "authorized",
        }
        | {"network_advice_code": None, "network_decline_code": None, "seller_message": "Payment complete."},
        paid=True,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=details,
        refunded=False,
        status="succeeded",
    )
    row["source"] = made["id"]
    return made


def _used(book: Book, intent: Thing, method: Thing) -> Thing:
    """What a charge tells of its method: of a debit, the mandate."""
    if method["type"] == "card":
        shown = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
        return {name: method["card"][name] for name in shown} | {
            "checks": None,
            "three_d_secure": None,
            "wallet": None,
        }
    if method["type"] == "us_bank_account":
        return {
            **{n: method["us_bank_account"][n] for n in ("last4", "fingerprint")},
            "mandate": mandate(book, method),
        }
    if method["type"] == "sepa_debit":
        return {
            **{n: method["sepa_debit"][n] for n in ("last4", "fingerprint")},
            "mandate": mandate(book, method),
        }
    return {}


def mandate(book: Book, method: Thing) -> str:
    """The mandate of a method: one, made when it is first needed."""
    known = next((one for one in book.of("mandate").values() if one["payment_method"] == method["id"]), None)
    if known is not None:
        return str(known["id"])
    made = book.add(
        "mandate",
        "mandate",
        customer_acceptance={"accepted_at": book.now(), "offline": {}, "type": "offline"},
        multi_use={},
        payment_method=method["id"],
        payment_method_details={"type": method["type"], method["type"]: {}},
        status="active",
        type="multi_use",
    )
    return str(made["id"])


def _balance(
    book: Book, kind: str, amount: int, currency: str, *, fee: int = 0, source: str | None = None
) -> Thing:
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": "fees",
            "type": "stripe_fee",
        }
    ]
    return book.add(
        "balance_transaction",
        "txn",
        amount=amount,
        available_on=book.now(),
        balance_type="payments",
        currency=currency,
        description=None,
        exchange_rate=None,
        fee=fee,
        fee_details=details if fee else [],
        net=amount - fee,
        reporting_category=kind if kind != "adjustment" else "dispute",
        source=source,
        status="available",
        type=kind,
    )


def refund(book: Book, form: dict[str, Any], behaviour: Behaviour, paid: Thing) -> Thing:
    """Give some of a charge back."""
    amount = int(form.get("amount", paid["amount"] - paid["amount_refunded"]))
    if paid["disputed"]:
        raise invalid("Charge has been charged back", code="charge_disputed", param=None)
    if paid["refunded"]:
        raise invalid("Charge has already been refunded", code="charge_already_refunded")
    if amount < 1 or amount > paid["amount"] - paid["amount_refunded"]:
        raise invalid("Refund amount is greater than unrefunded amount on charge", param="amount")
    made = book.add(
        "refund",
        "re",
        amount=amount,
        balance_transaction=None,
        charge=paid["id"],
        currency=paid["currency"],
        metadata=form.get("metadata", {}),
        payment_intent=paid["payment_intent"],
        reason=None,
        receipt_number=None,
        source_transfer_reversal=None,
        status=behaviour.refund,
        transfer_reversal=None,
    )
    paid["amount_refunded"] += amount
    paid["refunded"] = paid["amount_refunded"] == paid["amount"]
    if behaviour.refund == "succeeded":
        _refunded(book, made)
    if behaviour.refund != behaviour.refund_ends:
        days = 3 if behaviour.refund == "succeeded" else 1
        book.after(days, lambda: _ended(book, made, paid, behaviour.refund_ends))
    book.tell("refund.created", made)
    return made


def _refunded(book: Book, made: Thing) -> None:
    row = _balance(book, "refund", -made["amount"], made["currency"], source=made["id"])
    made["balance_transaction"] = row["id"]


def _ended(book: Book, made: Thing, paid: Thing, status: str) -> None:
    made["status"] = status
    if status == "succeeded":
        _refunded(book, made)
        book.tell("refund.updated", made)
        return
    made["failure_reason"] = "expired_or_canceled_card"
    if made["balance_transaction"] is not None:  # it had succeeded: the money is on the balance again
        row = _balance(book, "refund_failure", made["amount"], made["currency"], source=made["id"])
        made["failure_balance_transaction"] = row["id"]
        book.tell("charge.refund.updated", made)
    paid["amount_refunded"] -= made["amount"]
    paid["refunded"] = False
    book.tell("refund.failed", made)


def pay_out(book: Book, amount: int, currency: str) -> Thing:
    """Money leaves for the merchant's bank."""
    made = book.add(
        "payout",
        "po",
        amount=amount,
        arrival_date=book.now(),
        automatic=True,
        currency=currency,
        method="standard",
        reconciliation_status="completed",
        source_type="card",
        status="paid",
        type="bank_account",
    )
    _balance(book, "payout", -amount, currency, source=made["id"])
    return made


def open_dispute(book: Book, paid: Thing, *, reason: str = "fraudulent", inquiry: bool = False) -> Thing:
    """The payer contests a charge."""
    made = book.add(
        "dispute",
        "dp",
        amount=paid["amount"],
        balance_transactions=[],
        charge=paid["id"],
        currency=paid["currency"],
        enhanced_eligibility_types=[],
        evidence={"enhanced_evidence": {}, "uncategorized_text": None},
        evidence_details={
            "due_by": book.now() + 9 * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=inquiry,
        metadata={},
        payment_intent=paid["payment_intent"],
        reason=reason,
        status="warning_needs_response" if inquiry else "needs_response",
    )
    if not inquiry:
        paid["disputed"] = True
        _withdraw(book, made)
    book.tell("charge.dispute.created", made)
    return made


def _withdraw(book: Book, dispute: Thing) -> None:
    row = _balance(
        book, "adjustment", -dispute["amount"], dispute["currency"], fee=DISPUTE_FEE, source=dispute["id"]
    )
    dispute["balance_transactions"].append(row)
    book.tell("charge.dispute.funds_withdrawn", dispute)


def close_dispute(book: Book, dispute: Thing, status: str) -> Thing:
    """The bank decides: won, lost, or (of an inquiry) closed."""
    dispute["status"] = status
    if status == "won":
        row = _balance(book, "adjustment", dispute["amount"], dispute["currency"], source=dispute["id"])
        dispute["balance_transactions"].append(row)
        book.tell("charge.dispute.funds_reinstated", dispute)
    book.tell("charge.dispute.closed", dispute)
    return dispute


def answer_dispute(book: Book, dispute: Thing, form: dict[str, Any]) -> Thing:
    """The merchant submits evidence."""
    if dispute["status"] not in ("needs_response", "warning_needs_response"):
        raise invalid("This dispute is already closed, or its evidence was submitted", param="id")
    dispute["evidence"]["uncategorized_text"] = form.get("evidence", {}).get("uncategorized_text")
    dispute["evidence_details"] |= {"has_evidence": True, "submission_count": 1}
    if form.get("submit") == "true":
        warned = dispute["status"].startswith("warning")
        dispute["status"] = "warning_under_review" if warned else "under_review"
    book.tell("charge.dispute.updated", dispute)
    return dispute


def charge_of(book: Book, intent_ref: object) -> Thing:
    """The charge of an intent."""
    if str(intent_ref) not in book.of("payment_intent"):
        raise missing("payment_intent", intent_ref, "payment_intent")
    intent = book.of("payment_intent")[str(intent_ref)]
    if intent["latest_charge"] is None:
        raise invalid(
            "This PaymentIntent does not have a successful charge to refund.", param="payment_intent"
        )
    return book.of("charge")[intent["latest_charge"]]
