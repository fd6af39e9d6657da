"""What happens at the peer: orders are made, approved, captured; captures are refunded and disputed.

Owns the rules that a caller can rely on at PayPal: money moves at a capture alone, one payment per invoice id, no
capture without approval or stored method, refunds never above the capture. Does not own paths (`server`).
"""

import copy
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any

from solvent.core.money import Money, format_minor
from tests.peers.paypal.state import Book, Refused, Thing, Wallet

FOR_THE_SELLER = frozenset({"RESOLVED_SELLER_FAVOUR", "RESOLVED_WITH_PAYOUT", "DENIED", "CANCELED_BY_BUYER"})
PENDING_LASTS = timedelta(days=3)
_TAKEN = "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD USD"
TAKEN = frozenset(_TAKEN.split())
FEE_PPM = 34_900
FEE_FIXED = 49


def create_order(book: Book, body: Thing, url: str) -> Thing:
    """An order; with a stored method it is captured at once, and not made at all if that fails."""
    unit = copy.deepcopy(body["purchase_units"][0])
    _must_be_money(unit["amount"])
    order: Thing = {
        "id": book.name(),
        "intent": body["intent"],
        "status": "CREATED",
        "purchase_units": [unit],
        "create_time": book.now(),
    }
    source = body.get("payment_source", {})
    wallet = source.get("paypal", {})
    links = [{"href": f"{url}/v2/checkout/orders/{order['id']}", "rel": "self", "method": "GET"}]
    stored = wallet.get("vault_id") or source.get("token", {}).get("id")
    if stored is None:
        rel = "payer-action" if source else "approve"
        links.append({"href": f"{url}/checkoutnow?token={order['id']}", "rel": rel, "method": "GET"})
        if source:
            order["status"] = "PAYER_ACTION_REQUIRED"
            order["payment_source"] = {"paypal": {}}
            order["_customer"] = wallet.get("attributes", {}).get("customer", {}).get("id")
            order["_vault"] = "vault" in wallet.get("attributes", {})
            order["_back"] = wallet["experience_context"]["return_url"]
    order["links"] = links
    if stored is not None:
        order["_customer"] = book.tokens.get(stored, {}).get("customer", {}).get("id")
        _pay(book, order, stored_wallet(book, stored, "PAYMENT_SOURCE_CANNOT_BE_USED"))
    book.orders[order["id"]] = order
    return order


def approve(book: Book, order: Thing, wallet: Wallet) -> str:
    """The payer agrees, and is sent back to the shop."""
    if order["status"] not in ("CREATED", "PAYER_ACTION_REQUIRED"):
        raise Refused(422, "ORDER_ALREADY_CAPTURED")
    order["status"] = "APPROVED"
    order["payment_source"] = {"paypal": shown(wallet)}
    order["update_time"] = book.now()
    book.wallets[order["id"]] = wallet
    book.tell("CHECKOUT.ORDER.APPROVED", public(order))
    back = order.get("_back", "")
    return f"{back}{'&' if '?' in back else '?'}token={order['id']}&PayerID={wallet.account_id}"


def capture(book: Book, order: Thing, body: Thing) -> None:
    """Take the money of an approved order, or from a stored method."""
    if order["intent"] != "CAPTURE":
        raise Refused(422, "ACTION_DOES_NOT_MATCH_INTENT")
    if order["status"] == "COMPLETED":
        raise Refused(422, "ORDER_ALREADY_CAPTURED")
    source = body.get("payment_source", {})
    stored = source.get("paypal", {}).get("vault_id") or source.get("token", {}).get("id")
    if stored is not None:
        order["_customer"] = book.tokens.get(stored, {}).get("customer", {}).get("id")
        _pay(book, order, stored_wallet(book, stored, "TOKEN_ID_NOT_FOUND"))
    elif order["status"] == "APPROVED":
        _pay(book, order, book.wallets[order["id"]])
    else:
        raise Refused(422, "ORDER_NOT_APPROVED")


def stored_wallet(book: Book, token: str, issue: str) -> Wallet:
    """The payer behind a stored method; refused with `issue` where there is none."""
    if token in book.agreements:
        return book.wallets.setdefault(token, Wallet())
    if token not in book.tokens:
        raise Refused(422, issue)
    return book.wallets[token]


def _pay(book: Book, order: Thing, wallet: Wallet) -> None:
    unit = order["purchase_units"][0]
    taken = {c["invoice_id"] for c in book.captures.values() if c["status"] not in ("DECLINED", "FAILED")}
    if unit.get("invoice_id") in taken:
        raise Refused(422, "DUPLICATE_INVOICE_ID")
    if wallet.issue == "PAYER_ACTION_REQUIRED" and order["status"] == "CREATED":
        order["status"] = "PAYER_ACTION_REQUIRED"
        return
    if wallet.issue is not None:
        raise Refused(422, wallet.issue)
    made: Thing = {
        "id": book.name(),
        "status": wallet.status,
        "amount": unit["amount"],
        "invoice_id": unit.get("invoice_id"),
        "custom_id": unit.get("custom_id"),
        "final_capture": True,
        "create_time": book.now(),
        "update_time": book.now(),
        "links": [],
        "_order": order["id"],
        "_customer": order.get("_customer") or "",
        "_ends": wallet.ends,
        "_refunds": wallet.refunds,
        "_due": book.clock() + PENDING_LASTS,
    }
    if wallet.status == "PENDING":
        made["status_details"] = {"reason": "ECHECK"}
    if wallet.processor is not None:
        made["processor_response"] = {"response_code": wallet.processor}
    book.captures[made["id"]] = made
    order["status"] = "COMPLETED"
    order.setdefault("payment_source", {"paypal": shown(wallet)})
    unit.setdefault("payments", {}).setdefault("captures", []).append(made)
    order["update_time"] = book.now()
    _vault(book, order, wallet)
    if wallet.status == "COMPLETED":
        _take(book, made)
    book.tell(f"PAYMENT.CAPTURE.{wallet.status}", public(linked(order, made)))


def _vault(book: Book, order: Thing, wallet: Wallet) -> None:
    """Keep the payer's method, where the order asked for that."""
    if not order.get("_vault"):
        return
    token = vault(book, wallet, str(order["_customer"]))
    kept = {"id": token["id"], "status": "VAULTED", "customer": token["customer"]}
    order["payment_source"]["paypal"]["attributes"] = {"vault": kept}


def vault(book: Book, wallet: Wallet, customer: str) -> Thing:
    """A payment token; the same one for the same payer and customer."""
    for token in book.tokens.values():
        if token["customer"]["id"] == customer and book.wallets[token["id"]].account_id == wallet.account_id:
            return token
    token = {
        "id": book.name(8).lower(),
        "customer": {"id": customer},
        "payment_source": {"paypal": shown(wallet)},
        "links": [
            {"href": "https://api-m.paypal.com/v3/vault/payment-tokens", "rel": "self", "method": "GET"}
        ],
    }
    book.tokens[token["id"]] = token
    book.wallets[token["id"]] = copy.copy(wallet)
    book.tell("VAULT.PAYMENT-TOKEN.CREATED", token)
    return token


def decide(book: Book, capture_id: str, status: str, processor: str | None = None) -> None:
    """What was pending comes to an end."""
    made = book.captures[capture_id]
    made["status"] = status
    made.pop("status_details", None)
    if processor is not None:
        made["processor_response"] = {"response_code": processor}
    made["update_time"] = book.now()
    order = order_of(book, capture_id)
    if status == "COMPLETED":
        _take(book, made)
    told = {"DECLINED": "DENIED"}.get(status, status)  # as PayPal calls the event of one that was pending
    book.tell(f"PAYMENT.CAPTURE.{told}", public(linked(order, made)))


COMES_BACK = "RETURNED"  # of a wallet: its refunds complete, and fail days later


def refund(book: Book, made: Thing, body: Thing) -> Thing:
    """Give back some of a capture."""
    if made["status"] == "REFUNDED":
        raise Refused(422, "CAPTURE_FULLY_REFUNDED")
    if made["status"] == "PENDING":
        raise Refused(422, "PENDING_CAPTURE")
    amount: Thing = body["amount"] if "amount" in body else made["amount"]
    if _contested(book, made, amount):
        raise Refused(422, "TRANSACTION_DISPUTED")
    order = order_of(book, made["id"])
    earlier = order["purchase_units"][0]["payments"].setdefault("refunds", [])
    counted = [each for each in earlier if each["_capture"] == made["id"] and each["status"] != "FAILED"]
    before = sum(minor(each["amount"]) for each in counted)
    total, whole = before + minor(amount), minor(made["amount"])
    if total > whole:
        raise Refused(422, "REFUND_AMOUNT_EXCEEDED")
    done = {
        "id": book.name(),
        "status": "COMPLETED" if made["_refunds"] == COMES_BACK else made["_refunds"],
        "amount": amount,
        "custom_id": body.get("custom_id"),
        "invoice_id": body.get("invoice_id"),
        "create_time": book.now(),
        "update_time": book.now(),
        "links": [],
        "_capture": made["id"],
        "_due": book.clock() + PENDING_LASTS,
        "_returns": made["_refunds"] == COMES_BACK,
    }
    earlier.append(done)
    book.refunds[done["id"]] = done
    if done["status"] != "FAILED":
        made["status"] = "REFUNDED" if total == whole else "PARTIALLY_REFUNDED"
    if done["status"] == "COMPLETED":
        _give_back(book, made, done)
    book.tell("PAYMENT.CAPTURE.REFUNDED", public(done))
    return done


def _contested(book: Book, made: Thing, amount: Thing) -> bool:
    """Whether a case is in the way: of a claim always, of a mere inquiry where only a part would go back."""
    cases = [
        each
        for each in open_disputes(book)
        if each["disputed_transactions"][0]["seller_transaction_id"] == made["id"]
    ]
    claimed = any(case["dispute_life_cycle_stage"] != "INQUIRY" for case in cases)
    return claimed or (bool(cases) and minor(amount) < minor(made["amount"]))


def _take(book: Book, made: Thing) -> None:
    made["seller_receivable_breakdown"] = _breakdown(made["amount"], FEE_FIXED)
    move(book, made, "charge", made["id"], made["amount"], 1)


def _give_back(book: Book, made: Thing, done: Thing) -> None:
    done["seller_payable_breakdown"] = _breakdown(done["amount"], 0)
    move(book, made, "refund", done["id"], done["amount"], -1)


def _breakdown(gross: Thing, fixed: int) -> Thing:
    """What the seller has of a capture, or pays of a refund: the fee's share goes back, its fixed part does not."""
    fee, currency = minor(gross) * FEE_PPM // 1_000_000 + fixed, gross["currency_code"]
    shares = {"paypal_fee": fee, "net_amount": minor(gross) - fee}
    told = {n: {"currency_code": currency, "value": format_minor(v, currency)} for n, v in shares.items()}
    return {"gross_amount": gross} | told


def move(book: Book, made: Thing, kind: str, ref: str, amount: Thing, sign: int) -> None:
    """A row of the statement; a payer's vault is named by the account's id, in 22 characters."""
    owner = str(made["_customer"])
    customer = urlsafe_b64decode(owner + "==").hex() if len(owner) == 22 else ""
    row = {
        "ref": ref,
        "intent": made["_order"],
        "key": str(made["custom_id"]),
        "customer": customer,
        "kind": kind,
    }
    row |= {
        "amount": sign * minor(amount),
        "currency": amount["currency_code"],
        "at": book.clock().isoformat(),
    }
    book.movements.append(row)


def settle_due(book: Book) -> None:
    """What was pending for days comes to its end."""
    now = book.clock()
    for made in list(book.captures.values()):
        if made["status"] == "PENDING" and made["_due"] <= now:
            decide(book, made["id"], *made["_ends"])
    for done in book.refunds.values():
        if done["status"] == "PENDING" and done["_due"] <= now:
            done["status"] = "COMPLETED"
            _give_back(book, book.captures[done["_capture"]], done)
        elif done["_returns"] and done["_due"] <= now:
            done["_returns"] = False
            return_refund(book, done)


def return_refund(book: Book, done: Thing) -> None:
    """A refund that had completed comes back from the payer's bank."""
    made = book.captures[done["_capture"]]
    done |= {"status": "FAILED", "update_time": book.now()}
    earlier = order_of(book, made["id"])["purchase_units"][0]["payments"]["refunds"]
    left = [each for each in earlier if each["_capture"] == made["id"] and each["status"] != "FAILED"]
    made["status"] = "PARTIALLY_REFUNDED" if left else "COMPLETED"
    move(book, made, "refund", done["id"], done["amount"], 1)
    book.tell("PAYMENT.REFUND.FAILED", public(done))


def open_disputes(book: Book) -> list[Thing]:
    """The cases that are not decided."""
    return [each for each in book.disputes.values() if each["status"] != "RESOLVED"]


def dispute(book: Book, capture_id: str, **other: Any) -> Thing:  # noqa: ANN401 - fields of a case
    """The payer contests a capture."""
    made = book.captures[capture_id]
    case: Thing = {
        "dispute_id": f"PP-R-{book.name(3)}-{book.drawn}",
        "create_time": book.now(),
        "update_time": book.now(),
        "disputed_transactions": [
            {
                "seller_transaction_id": capture_id,
                "buyer_transaction_id": book.name(),
                "create_time": made["create_time"],
                "transaction_status": "COMPLETED",
                "gross_amount": made["amount"],
                "invoice_number": made["invoice_id"],
                "custom": made["custom_id"],
            }
        ],
        "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
        "status": "WAITING_FOR_SELLER_RESPONSE",
        "dispute_amount": made["amount"],
        "dispute_life_cycle_stage": "CHARGEBACK",
        "dispute_channel": "INTERNAL",
        "links": [{"href": "https://api-m.paypal.com/v1/customer/disputes", "rel": "self", "method": "GET"}],
    }
    case |= other
    book.disputes[case["dispute_id"]] = case
    _settle_case(book, case)
    book.tell("CUSTOMER.DISPUTE.CREATED", case)
    return case


def change_dispute(book: Book, ref: str, **fields: Any) -> None:  # noqa: ANN401 - fields of a case
    """A case goes on, or ends with `dispute_outcome`."""
    case = book.disputes[ref]
    case |= fields | {"update_time": book.now()}
    _settle_case(book, case)
    book.tell(f"CUSTOMER.DISPUTE.{'RESOLVED' if case['status'] == 'RESOLVED' else 'UPDATED'}", case)


def _settle_case(book: Book, case: Thing) -> None:
    """The disputed money is the buyer's from the claim on, unless the case ends for the seller."""
    outcome = case.get("dispute_outcome", {}).get("outcome_code")
    inquiry = case["dispute_life_cycle_stage"] == "INQUIRY" and case["status"] != "RESOLVED"
    gone = not inquiry and outcome not in FOR_THE_SELLER
    if gone is not case.get("_gone", False):
        made = book.captures[case["disputed_transactions"][0]["seller_transaction_id"]]
        move(book, made, "dispute", case["dispute_id"], case["dispute_amount"], -1 if gone else 1)
        case["_gone"] = gone


def order_of(book: Book, capture_id: str) -> Thing:
    """The order that a capture belongs to."""
    for order in book.orders.values():
        if any(
            c["id"] == capture_id for c in order["purchase_units"][0].get("payments", {}).get("captures", [])
        ):
            return order
    raise Refused(404, "INVALID_RESOURCE_ID")


def linked(order: Thing, made: Thing) -> Thing:
    """A capture with the name of its order, as the payments interface shows it."""
    return made | {"supplementary_data": {"related_ids": {"order_id": order["id"]}}}


def shown(wallet: Wallet) -> Thing:
    """A payer as a payment source shows it."""
    return {"email_address": wallet.email, "account_id": wallet.account_id}


def public(thing: Any) -> Any:  # noqa: ANN401 - any JSON
    """A thing without what only the peer knows."""
    if isinstance(thing, dict):
        return {name: public(value) for name, value in thing.items() if not name.startswith("_")}
    return [public(each) for each in thing] if isinstance(thing, list) else thing


def _must_be_money(amount: Thing) -> None:
    """PayPal takes exactly as many decimals as the currency has, and not every currency."""
    if amount["currency_code"] not in TAKEN:
        raise Refused(422, "INVALID_CURRENCY_CODE")
    money = Money.parse(amount["value"], amount["currency_code"])
    if format_minor(money.minor, money.currency) != amount["value"]:
        raise Refused(422, "DECIMAL_PRECISION")
    if money.minor <= 0:
        raise Refused(422, "CANNOT_BE_ZERO_OR_NEGATIVE")


def minor(amount: Thing) -> int:
    """An amount in minor units."""
    return Money.parse(amount["value"], amount["currency_code"]).minor
