"""Test payment methods: which name makes the peer do what (docs.stripe.com/testing), and some of the peer's own.

Owns the table. Does not own what a behaviour leads to (`acts`).
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What a method does. `decline` is (error code, decline code); `challenge` is never, on_session or always."""

    kind: str = "card"
    brand: str = "visa"
    last4: str = "4242"
    wallet: str | None = None
    decline: tuple[str, str | None] | None = None
    challenge: str = "never"
    settle_days: int = 0
    late_decline: str | None = None
    odd: bool = False
    refund: str = "succeeded"
    refund_ends: str = "succeeded"
    disputed: bool = False
    advice: str | None = None  # of the bank, beside a decline


def _declined(code: str) -> Behaviour:
    return Behaviour(decline=("card_declined", code), last4="0002")


BEHAVIOURS: dict[str, Behaviour] = {
    "pm_card_visa": Behaviour(),
    "pm_card_mastercard": Behaviour(brand="mastercard", last4="4444"),
    "pm_card_amex": Behaviour(brand="amex", last4="8431"),
    "pm_apple_pay": Behaviour(wallet="apple_pay"),
    "pm_google_pay": Behaviour(wallet="google_pay"),
    "pm_link": Behaviour(kind="link"),
    "pm_card_visa_chargeDeclined": _declined("generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": _declined("insufficient_funds"),
    "pm_card_visa_chargeDeclinedLostCard": _declined("lost_card"),
    "pm_card_visa_chargeDeclinedStolenCard": _declined("stolen_card"),
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": _declined("card_velocity_exceeded"),
    "pm_card_radarBlock": _declined("fraudulent"),
    "pm_card_chargeDeclinedExpiredCard": Behaviour(decline=("expired_card", "expired_card")),
    "pm_card_chargeDeclinedIncorrectCvc": Behaviour(decline=("incorrect_cvc", "incorrect_cvc")),
    "pm_card_chargeDeclinedProcessingError": Behaviour(decline=("processing_error", "processing_error")),
    "pm_advised_against": Behaviour(decline=("card_declined", "do_not_honor"), advice="do_not_try_again"),
    "pm_revoked": _declined("revocation_of_authorization"),
    "pm_card_threeDSecure2Required": Behaviour(challenge="on_session", last4="3220"),
    "pm_card_authenticationRequiredOnSetup": Behaviour(challenge="on_session", last4="3155"),
    "pm_card_authenticationRequired": Behaviour(challenge="always", last4="3184"),
    "pm_card_createDispute": Behaviour(disputed=True, last4="0259"),
    "pm_card_pendingRefund": Behaviour(refund="pending", last4="7726"),
    "pm_card_refundFail": Behaviour(refund="succeeded", refund_ends="failed", last4="5126"),
    "pm_refund_refused": Behaviour(refund="pending", refund_ends="failed"),
    "pm_usBankAccount_success": Behaviour(kind="us_bank_account", settle_days=4, last4="6789"),
    "pm_usBankAccount_insufficientFunds": Behaviour(
        kind="us_bank_account", settle_days=4, late_decline="insufficient_funds", last4="2227"
    ),
    "pm_usBankAccount_accountClosed": Behaviour(
        kind="us_bank_account", decline=("payment_intent_payment_attempt_failed", "account_closed")
    ),
    "pm_sepaDebit_success": Behaviour(kind="sepa_debit", settle_days=6, last4="3000"),
    "pm_odd": Behaviour(odd=True),
}

# What the page of a simulated world sends: cards by their numbers, as at the sandbox bank.
BEHAVIOURS |= {
    "tok_4242424242424242": BEHAVIOURS["pm_card_visa"],
    "tok_5555555555554444": BEHAVIOURS["pm_card_mastercard"],
    "tok_4000002500003155": BEHAVIOURS["pm_card_authenticationRequiredOnSetup"],
    "tok_4000002760003184": BEHAVIOURS["pm_card_authenticationRequired"],
    "tok_4000000000000002": BEHAVIOURS["pm_card_visa_chargeDeclined"],
    "tok_4000000000009995": BEHAVIOURS["pm_card_visa_chargeDeclinedInsufficientFunds"],
    "tok_4000000000000069": BEHAVIOURS["pm_card_chargeDeclinedExpiredCard"],
    "tok_000123456789": BEHAVIOURS["pm_usBankAccount_success"],
    "tok_4000000000005159": BEHAVIOURS["pm_card_refundFail"],
}


def details(behaviour: Behaviour, ref: str) -> dict[str, Any]:
    """The part of a payment method that depends on its type."""
    fingerprint = f"fp_{behaviour.last4}_{ref[-6:]}"
    if behaviour.kind == "card":
        wallet: dict[str, Any] | None = None
        if behaviour.wallet is not None:
            wallet = {"type": behaviour.wallet, "dynamic_last4": None, behaviour.wallet: {}}
        return {
            "brand": behaviour.brand,
            "checks": None,
            "country": "US",
            "display_brand": behaviour.brand,
            "exp_month": 8,
            "exp_year": 2034,
            "fingerprint": fingerprint,
            "funding": "credit",
            "generated_from": None,
            "last4": behaviour.last4,
            "networks": None,
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": wallet,
        }
    if behaviour.kind == "link":
        return {"email": "jenny@example.com"}
    return {"fingerprint": fingerprint, "last4": behaviour.last4} | _bank(behaviour.kind)


def _bank(kind: str) -> dict[str, Any]:
    if kind == "sepa_debit":
        return {"bank_code": "37040044", "branch_code": "", "country": "DE", "generated_from": None}
    return {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None,
        "networks": None,
        "routing_number": "110000000",
        "status_details": None,
    }
