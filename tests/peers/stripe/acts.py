"""What happens to intents: created, confirmed, authenticated, settled, cancelled.

Owns the statuses of payment and setup intents and their errors. Does not own money (`money`) nor paths (`server`).
"""

from contextlib import suppress
from typing import Any

from tests.peers.stripe import invoices
from tests.peers.stripe.methods import BEHAVIOURS, Behaviour, details
from tests.peers.stripe.money import BILLING, charge, checked_amount, mandate, open_dispute
from tests.peers.stripe.state import Book, Refused, Thing, invalid

Form = dict[str, Any]

OPEN = frozenset({"requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"})
CONFIRMABLE = frozenset({"requires_payment_method", "requires_confirmation"})
ODD = "requires_capture"


def create(book: Book, kind: str, form: Form) -> Thing:
    """A payment or setup intent, confirmed at once where that is asked for."""
    customer = form.get("customer")
    if customer is not None and customer not in book.of("customer"):
        raise invalid(f"No such customer: '{customer}'", code="resource_missing", param="customer")
    shape = _payment(form) if kind == "payment_intent" else _setup(form)
    method = _method(book, form, customer)
    prefix = "pi" if kind == "payment_intent" else "seti"
    types = form.get("payment_method_types")
    redirects = form.get("automatic_payment_methods", {}).get("allow_redirects", "always")
    intent = book.add(
        kind,
        prefix,
        automatic_payment_methods=None if types else {"enabled": True, "allow_redirects": redirects},
        cancellation_reason=None,
        customer=customer,
        description=form.get("description"),
        metadata=form.get("metadata", {}),
        next_action=None,
        payment_method=method["id"] if method else None,
        payment_method_options=form.get("payment_method_options", {}),
        payment_method_types=types or ["card", "link", "us_bank_account", "sepa_debit"],
        status="requires_confirmation" if method else "requires_payment_method",
        **shape,
    )
    intent["client_secret"] = f"{intent['id']}_secret_{book.new_id('s')[-12:]}"
    book.tell(f"{kind}.created", intent)
    if form.get("confirm") == "true":
        confirm(book, intent, form)
    return intent


def _payment(form: Form) -> Thing:
    amount, currency = int(form["amount"]), form["currency"]
    checked_amount(amount, currency)
    return {
        "amount": amount,
        "amount_received": 0,
        "capture_method": "automatic_async",
        "confirmation_method": "automatic",
        "currency": currency,
        "last_payment_error": None,
        "latest_charge": None,
        "setup_future_usage": form.get("setup_future_usage"),
    }


def _setup(form: Form) -> Thing:
    return {"last_setup_error": None, "mandate": None, "usage": form.get("usage", "off_session")}


def _method(book: Book, form: Form, customer: str | None) -> Thing | None:
    """The method that a form names: a test method is made anew, a vaulted one must be the customer's."""
    name = form.get("payment_method")
    if name is None:
        return None
    if name in BEHAVIOURS:
        return new_method(book, BEHAVIOURS[name])
    method = book.of("payment_method").get(name)
    if method is None:
        raise invalid(f"No such PaymentMethod: '{name}'", code="resource_missing", param="payment_method")
    if method["customer"] != customer:
        gone = "was detached from a Customer. It may not be used again."
        other = "The customer does not have a payment method with that ID."
        raise invalid(gone if method["customer"] is None else other, param="payment_method")
    return method


def new_method(book: Book, behaviour: Behaviour) -> Thing:
    """A method that behaves so."""
    method = book.add(
        "payment_method",
        "pm",
        allow_redisplay="limited",
        billing_details=BILLING,
        customer=None,
        metadata={},
        type=behaviour.kind,
    )
    method[behaviour.kind] = details(behaviour, method["id"])
    book.behaviours[method["id"]] = behaviour
    return method


def confirm(book: Book, intent: Thing, form: Form) -> Thing:
    """Show the method to the bank."""
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(intent)
    method = _method(book, form, intent["customer"])
    if method is None and intent["payment_method"] is not None:
        method = book.of("payment_method")[intent["payment_method"]]
    if method is None:
        raise invalid(
            "You cannot confirm this intent because it's missing a payment method.", param="payment_method"
        )
    if method["type"] not in intent["payment_method_types"]:
        told = f"The PaymentMethod provided ({method['type']}) is not allowed for this intent."
        raise invalid(told, code="payment_method_unexpected_state", param="payment_method")
    redirects = (intent["automatic_payment_methods"] or {}).get("allow_redirects") == "always"
    if redirects and "return_url" not in form:
        raise invalid(
            "This intent is configured to accept redirects: a return_url is needed.", param="return_url"
        )
    intent["payment_method"] = method["id"]
    behaviour = book.behaviours[method["id"]]
    off_session = form.get("off_session") == "true"
    if behaviour.challenge == "always" and off_session:
        raise failed(book, intent, method, ("authentication_required", "authentication_required"))
    asked = intent.get("payment_method_options", {}).get("card", {}).get("request_three_d_secure") == "any"
    wanted = behaviour.challenge != "never" or (asked and behaviour.kind == "card")
    if wanted and not off_session:
        _challenge(book, intent, form)
    else:
        act(book, intent)
    return intent


def _challenge(book: Book, intent: Thing, form: Form) -> None:
    intent["status"] = "requires_action"
    if "return_url" in form:
        page = {"url": f"{book.url}/3ds/{intent['id']}", "return_url": form["return_url"]}
        intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": page}
    else:
        intent["next_action"] = {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect"},
        }
    book.tell(f"{intent['object']}.requires_action", intent)


def authenticate(book: Book, intent: Thing, *, passed: bool) -> None:
    """The payer passes or fails 3-D Secure; too late, it changes nothing."""
    if intent["status"] != "requires_action":
        return
    intent["next_action"] = None
    if passed:
        with suppress(Refused):  # told to the page, and kept as the last error
            act(book, intent)
        return
    method = book.of("payment_method")[intent["payment_method"]]
    code = f"{intent['object']}_authentication_failure"
    failed(book, intent, method, (code, None))


def act(book: Book, intent: Thing) -> None:
    """The bank decides."""
    method = book.of("payment_method")[intent["payment_method"]]
    behaviour = book.behaviours[method["id"]]
    if behaviour.decline is not None:
        raise failed(book, intent, method, behaviour.decline)
    if intent["object"] == "setup_intent":
        _set_up(book, intent, method)
    elif behaviour.odd:
        intent["status"] = ODD
        book.tell("payment_intent.amount_capturable_updated", intent)
    elif behaviour.settle_days:
        intent["status"] = "processing"
        book.after(behaviour.settle_days, lambda: _settled(book, intent, method, behaviour))
        book.tell("payment_intent.processing", intent)
    else:
        succeed(book, intent)


def _settled(book: Book, intent: Thing, method: Thing, behaviour: Behaviour) -> None:
    if behaviour.late_decline is not None:
        failed(book, intent, method, ("payment_intent_payment_attempt_failed", behaviour.late_decline))
    else:
        succeed(book, intent)


def succeed(book: Book, intent: Thing) -> None:
    """The money has come."""
    method = book.of("payment_method")[intent["payment_method"]]
    made = charge(book, intent, method)
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "latest_charge": made["id"]}
    intent["last_payment_error"] = None
    if intent["setup_future_usage"] == "off_session":
        method["customer"] = intent["customer"]
    book.tell("charge.succeeded", made)
    book.tell("payment_intent.succeeded", intent)
    invoices.paid(book, intent)
    if book.behaviours[method["id"]].disputed:
        open_dispute(book, made)


def _set_up(book: Book, intent: Thing, method: Thing) -> None:
    intent["status"] = "succeeded"
    intent["last_setup_error"] = None
    method["customer"] = intent["customer"]
    if method["type"] != "card":
        intent["mandate"] = mandate(book, method)
    book.tell("setup_intent.succeeded", intent)


def failed(book: Book, intent: Thing, method: Thing, codes: tuple[str, str | None]) -> Refused:
    """A try has failed: kept as the last error, told, and given back as the refusal of a call."""
    code, decline = codes
    error: Thing = {"type": "card_error", "code": code, "message": "Your payment was not made."}
    error |= {"decline_code": decline} if decline else {}
    advice = book.behaviours[method["id"]].advice
    error |= {"advice_code": advice} if advice else {}
    error["payment_method"] = dict(method)
    is_payment = intent["object"] == "payment_intent"
    intent |= {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    intent["last_payment_error" if is_payment else "last_setup_error"] = error
    book.tell(f"{intent['object']}.{'payment_failed' if is_payment else 'setup_failed'}", intent)
    return Refused(402, {**error, intent["object"]: intent}, stored=True)


def rename(book: Book, intent: Thing, form: Form) -> Thing:
    """Write something into an intent, or choose its method."""
    method = _method(book, form, intent["customer"])
    if method is not None:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    intent["metadata"] = intent["metadata"] | form.get("metadata", {})
    intent["description"] = form.get("description", intent["description"])
    return intent


def cancel(book: Book, intent: Thing, form: Form) -> Thing:
    """Give an intent up."""
    if invoices.is_invoiced(book, intent):
        raise invalid("You cannot cancel a PaymentIntent created by an Invoice: void the invoice.")
    if intent["status"] not in OPEN or intent["status"] == ODD:
        raise unexpected_state(intent)
    intent |= {
        "status": "canceled",
        "cancellation_reason": form.get("cancellation_reason"),
        "next_action": None,
    }
    if intent["object"] == "payment_intent":
        intent["canceled_at"] = book.now()
    book.tell(f"{intent['object']}.canceled", intent)
    return intent


def unexpected_state(intent: Thing) -> Refused:
    """What is asked for is not possible any more."""
    kind = intent["object"]
    told = f"You cannot do this because the intent has a status of {intent['status']}."
    error = {"type": "invalid_request_error", "code": f"{kind}_unexpected_state", "message": told}
    return Refused(400, {**error, kind: intent}, stored=True)
