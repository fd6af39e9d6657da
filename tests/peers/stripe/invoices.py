"""Invoices at the peer: each of a subscription, finalised as it is made, with an intent where something is to be paid.

Owns what waits for its payment: a subscription that begins, or an update. Does not own subscriptions (`billing`).
"""

from typing import Any

from tests.peers.stripe.state import Book, Thing, invalid

Form = dict[str, Any]


def void(book: Book, invoice: Thing) -> Thing:
    """Nobody will pay an invoice any more: what waited for it is off."""
    if invoice["status"] != "open":
        raise invalid("You can only pass in open invoices.", code="invoice_not_editable")
    made = book.of("subscription")[invoice["parent"]["subscription_details"]["subscription"]]
    intent = book.of("payment_intent")[book.intents[invoice["id"]]]
    if intent["status"] == "processing":
        raise invalid("This invoice has a payment in progress.")
    invoice["status"] = "void"
    intent |= {"status": "canceled", "cancellation_reason": "void_invoice", "next_action": None}
    intent["canceled_at"] = book.now()
    if made["latest_invoice"] == invoice["id"]:
        made["pending_update"] = None
    book.tell("payment_intent.canceled", intent)
    book.tell("invoice.voided", invoice)
    return invoice


def paid(book: Book, intent: Thing) -> None:
    """The money of an intent has come: if it was an invoice's, what waited for it holds from now on."""
    ref = next((ref for ref, of in book.intents.items() if of == intent["id"]), None)
    if ref is None:
        return
    invoice = book.of("invoice")[ref]
    made = book.of("subscription")[invoice["parent"]["subscription_details"]["subscription"]]
    invoice |= {"status": "paid", "amount_paid": invoice["total"], "amount_remaining": 0}
    if made["status"] == "incomplete":
        made["status"] = "active"
    if made["pending_update"] is not None and made["latest_invoice"] == ref:
        made["items"]["data"] = made["pending_update"]["subscription_items"]
        made["pending_update"] = None
    book.tell("invoice.paid", invoice)


def ismake(book: Book, intent: Thing) -> bool:
    """Whether an intent belongs to an invoice, and ends with it alone."""
    return intent["id"] in book.intents.values()


def payments(book: Book, ref: str) -> Thing:
    """The payments of an invoice, where they are asked for."""
    invoice = book.of("invoice")[ref]
    intent = book.intents.get(ref)
    row = {
        "id": f"inpay_{ref}",
        "object": "invoice_payment",
        "amount_paid": invoice["amount_paid"] or None,
        "amount_requested": invoice["total"],
        "created": invoice["created"],
        "currency": invoice["currency"],
        "invoice": ref,
        "is_default": True,
        "livemode": False,
        "payment": {"type": "payment_intent", "payment_intent": intent},
        "status": {"open": "open", "paid": "paid"}.get(invoice["status"], "canceled"),
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
    data = [] if intent is None else [row]
    return {"object": "list", "data": data, "has_more": False, "url": "/v1/invoice_payments"}


def make(book: Book, made: Thing, form: Form, total: int, reason: str) -> None:
    """An invoice, finalised, with an intent where something is to be paid."""
    for more in form.get("add_invoice_items", []):
        data = more["price_data"]
        book.find("product", data["product"], "add_invoice_items[0][price_data][product]")
        total += int(data["unit_amount"]) * int(more.get("quantity", 1))
    invoice = draw(book, made, total, reason)
    made["latest_invoice"] = invoice["id"]
    settings = form.get("payment_settings") or made.get("settings", {})
    if total <= 0:
        invoice |= {"status": "paid", "amount_remaining": 0}
        return
    if made["pause_collection"] is not None:
        invoice["status"] = "void"
        return
    assert book.makes_intent is not None
    intent = book.makes_intent(
        {
            "amount": total + invoice["starting_balance"],
            "currency": made["currency"],
            "customer": made["customer"],
            "payment_method_types": settings.get("payment_method_types", ["card", "link"]),
            "payment_method_options": settings.get("payment_method_options", {}),
            "setup_future_usage": "off_session",
        }
    )
    book.intents[invoice["id"]] = intent["id"]
    book.tell("invoice.finalized", invoice)


def draw(book: Book, made: Thing, total: int, reason: str) -> Thing:
    """An invoice of a subscription."""
    begins, until = period(made)
    zeros: tuple[str, ...] = (
        "amount_overpaid",
        "amount_paid",
        "amount_paid_off_stripe",
        "amount_shipping",
        "attempt_count",
    )
    zeros += (
        "post_payment_credit_notes_amount",
        "pre_payment_credit_notes_amount",
    )
    balance = book.balances.get(made["customer"], 0)
    return book.add(
        "invoice",
        "in",
        **dict.fromkeys(zeros, 0),
        amount_due=total,
        amount_remaining=total,
        attempted=True,
        auto_advance=True,
        automatic_tax={
            "enabled": False,
            "liability": None,
            "provider": None,
            "disabled_reason": None,
            "status": None,
        },
        billing_reason=reason,
        collection_method="charge_automatically",
        currency=made["currency"],
        customer=made["customer"],
        default_tax_rates=[],
        discounts=[],
        issuer={"type": "self"},
        lines={"object": "list", "data": [], "has_more": False, "url": "/v1/invoices/lines"},
        metadata={},
        parent={
            "type": "subscription_details",
            "quote_details": None,
            "subscription_details": {"subscription": made["id"], "metadata": dict(made["metadata"])},
        },
        payment_settings={
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        period_end=until,
        period_start=begins,
        status="open",
        status_transitions={
            "finalized_at": book.now(),
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        starting_balance=balance,
        subtotal=total,
        total=total,
    )


def period(made: Thing) -> tuple[int, int]:
    """The period that a subscription is in."""
    row = made["items"]["data"][0]
    return row["current_period_start"], row["current_period_end"]


def is_invoiced(book: Book, intent: Thing) -> bool:
    """Whether an intent belongs to an invoice, and ends with it alone."""
    return intent["id"] in book.intents.values()
