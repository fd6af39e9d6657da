"""Reversing at the peer: money that PayPal, or the payer's bank, takes back by itself.

Owns that alone. Does not own cases, nor refunds that the merchant makes (`acts`).
"""

from tests.peers.paypal.acts import minor, move, order_of, public
from tests.peers.paypal.state import Book, Thing


def reverse(book: Book, capture_id: str, amount: Thing | None = None) -> Thing:
    """PayPal takes a capture back by itself, whole unless told otherwise: a refund that nobody asked for."""
    made = book.captures[capture_id]
    back: Thing = {
        "id": book.name(),
        "status": "COMPLETED",
        "amount": amount or made["amount"],
        "create_time": book.now(),
        "update_time": book.now(),
        "links": [
            {
                "href": f"https://api-m.paypal.com/v2/payments/captures/{capture_id}",
                "rel": "up",
                "method": "GET",
            }
        ],
        "_capture": capture_id,
        "_due": book.clock(),
        "_returns": False,
    }
    order_of(book, capture_id)["purchase_units"][0]["payments"].setdefault("refunds", []).append(back)
    book.refunds[back["id"]] = back
    made["status"] = "REFUNDED" if minor(back["amount"]) == minor(made["amount"]) else "PARTIALLY_REFUNDED"
    move(book, made, "dispute", back["id"], back["amount"], -1)
    book.tell("PAYMENT.CAPTURE.REVERSED", public(back))
    return back
