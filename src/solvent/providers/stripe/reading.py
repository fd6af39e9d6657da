"""Reading: a payment or setup intent as Stripe tells it, in our words.

Owns the tables of statuses and next actions, and the labels of methods. Whatever status is not in the table is UNKNOWN
and named. Does not own errors (`codes`) nor any call.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from solvent.core.expiry import last_day
from solvent.core.payment import (
    ActionKind,
    FailureCause,
    MethodSeen,
    NextAction,
    Outcome,
    Report,
    VaultedMethod,
)
from solvent.providers.stripe.codes import cause_of
from solvent.providers.stripe.currencies import from_stripe

NAME = "stripe"
KEY = "solvent_attempt"
REFUND_KEY = "solvent_refund"
ACCOUNT = "solvent_account"
EXPIRES = "solvent_expires"
OFF_SESSION = "solvent_off_session"
RETURN_URL = "solvent_return_url"

Told = Mapping[str, Any]

_STATUSES = {
    "requires_payment_method": Outcome.REQUIRES_ACTION,
    "requires_confirmation": Outcome.REQUIRES_ACTION,
    "requires_action": Outcome.REQUIRES_ACTION,
    "processing": Outcome.PROCESSING,
    "succeeded": Outcome.SUCCEEDED,
    "canceled": Outcome.FAILED,
}

_BRANDS = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}
_WALLETS = {
    "apple_pay": "Apple Pay",
    "google_pay": "Google Pay",
    "link": "Link",
    "samsung_pay": "Samsung Pay",
}
_DEBITS = {
    "sepa_debit": "SEPA debit",
    "us_bank_account": "Bank account",
    "bacs_debit": "Bacs debit",
    "acss_debit": "Pre-authorised debit",
    "au_becs_debit": "BECS debit",
    "nz_bank_account": "Bank account",
}


def key_of(intent: Told) -> UUID | None:
    """The id of our attempt; None: the intent is not ours."""
    return uuid_of((intent.get("metadata") or {}).get(KEY))


def uuid_of(text: object) -> UUID | None:
    """One of our ids, if the text is one."""
    try:
        return UUID(hex=str(text))
    except ValueError:
        return None


def report_of(intent: Told, key: UUID) -> Report:
    """How an intent stands. Raises KeyError, TypeError or ValueError for one that lacks what it must say."""
    status, ref = intent["status"], intent["id"]
    outcome = _STATUSES.get(status, Outcome.UNKNOWN)
    if outcome is Outcome.UNKNOWN:
        return Report(outcome=outcome, key=key, ref=ref, unmapped=str(status))
    amount, currency = _amount(intent)
    if outcome is Outcome.FAILED or (status == "requires_payment_method" and _was_off_session(intent)):
        cause, unmapped = _cause(intent)
        return Report(
            outcome=Outcome.FAILED,
            key=key,
            ref=ref,
            amount=amount,
            currency=currency,
            cause=cause,
            unmapped=unmapped,
        )
    return Report(
        outcome=outcome,
        key=key,
        ref=ref,
        amount=amount,
        currency=currency,
        action=_action(intent, key) if outcome is Outcome.REQUIRES_ACTION else None,
        method=_method(intent) if outcome is Outcome.SUCCEEDED else None,
    )


def last_error(intent: Told) -> Told | None:
    """Why the last try to pay, or to set up, failed."""
    error: Told | None = intent.get("last_payment_error") or intent.get("last_setup_error")
    return error


def _was_off_session(intent: Told) -> bool:
    return bool(intent["metadata"].get(OFF_SESSION))


def _amount(intent: Told) -> tuple[int, str | None]:
    """What moved or would move. A setup moves nothing, and has no currency."""
    if intent["object"] == "setup_intent":
        return 0, None
    currency = str(intent["currency"]).upper()
    units = intent["amount_received"] if intent["status"] == "succeeded" else intent["amount"]
    return from_stripe(units, currency), currency


def _cause(intent: Told) -> tuple[FailureCause, str | None]:
    """A try that failed says more than that the intent was given up after it."""
    error = last_error(intent)
    if error is not None:
        return cause_of(error)
    return FailureCause.CANCELED if intent["status"] == "canceled" else FailureCause.DECLINED, None


def _action(intent: Told, key: UUID) -> NextAction:
    """What the payer must still do: on a page, or in ours by the library for browsers, which knows every kind."""
    told = intent.get("next_action") or {}
    kind, url = ActionKind.CONFIRM, None
    match told.get("type"):
        case "redirect_to_url":
            kind, url = ActionKind.REDIRECT, told["redirect_to_url"]["url"]
        case "verify_with_microdeposits":
            kind, url = ActionKind.MANDATE, told["verify_with_microdeposits"]["hosted_verification_url"]
        case _:
            pass
    return NextAction(
        provider=NAME,
        attempt_id=key,
        kind=kind,
        expires_at=datetime.fromtimestamp(int(intent["metadata"][EXPIRES]), UTC),
        client_secret=intent["client_secret"],
        url=url,
    )


def _method(intent: Told) -> VaultedMethod | None:
    """The method that the payer brought: as its token, and its mandate where it has one. A stored one is known."""
    method = intent.get("payment_method")
    if not isinstance(method, Mapping) or _was_off_session(intent):
        return None
    kind, label = _named(method)
    details = method.get(method["type"]) or {}
    mandate = _mandate(intent, method["type"])
    return VaultedMethod(
        provider=NAME,
        token=f"{method['id']}/{mandate}" if mandate else method["id"],
        kind=kind,
        label=label,
        off_session="off_session" in (intent.get("usage"), intent.get("setup_future_usage")),
        fingerprint=details.get("fingerprint"),
        expires_on=_last_day(details),
    )


def seen(method: Told) -> MethodSeen:
    """A stored method as it now is."""
    return MethodSeen(label=_named(method)[1], expires_on=_last_day(method.get(method["type"]) or {}))


def _last_day(details: Told) -> date | None:
    """Of a card; a debit says none."""
    year, month = details.get("exp_year"), details.get("exp_month")
    return last_day(year, month) if year and month else None


def _mandate(intent: Told, kind: str) -> str | None:
    mandate = intent.get("mandate")
    if mandate is None and isinstance(intent.get("latest_charge"), Mapping):
        used = (intent["latest_charge"].get("payment_method_details") or {}).get(kind) or {}
        mandate = used.get("mandate")
    return mandate["id"] if isinstance(mandate, Mapping) else mandate


def _named(method: Told) -> tuple[str, str]:
    """Its kind in our words, and how people read it, e.g. "Apple Pay · Visa •••• 4242"."""
    details = method.get(method["type"]) or {}
    last = details.get("last4")
    digits = f" •••• {last}" if last else ""
    if method["type"] == "card":
        label = _BRANDS.get(str(details.get("brand")), "Card") + digits
        wallet = (details.get("wallet") or {}).get("type")
        return ("wallet", f"{_WALLETS[wallet]} · {label}") if wallet in _WALLETS else ("card", label)
    if method["type"] in _DEBITS:
        return "bank_debit", f"{details.get('bank_name') or _DEBITS[method['type']]}{digits}"
    if method["type"] == "link":
        return "wallet", "Link"
    return method["type"], str(method["type"]).replace("_", " ").capitalize()
