"""Codes: why Stripe did not move money, in our causes.

Owns the tables of decline codes, error codes and the bank's advice (docs.stripe.com/declines/codes, /error-codes,
/declines). A test holds the first
against every code that is published and the second against every code that the library knows. Does not own what a
cause leads to.
"""

from collections.abc import Mapping

from solvent.core.payment import FailureCause

# What the issuer, the payer's bank or Stripe's own fraud rules (Radar) said. A card's, then a bank account's.
DECLINES: Mapping[str, FailureCause] = {
    "authentication_required": FailureCause.AUTHENTICATION_REQUIRED,
    "authentication_not_handled": FailureCause.AUTHENTICATION_REQUIRED,
    "offline_pin_required": FailureCause.AUTHENTICATION_REQUIRED,
    "online_or_offline_pin_required": FailureCause.AUTHENTICATION_REQUIRED,
    "mobile_device_authentication_required": FailureCause.AUTHENTICATION_REQUIRED,
    "approve_with_id": FailureCause.DECLINED,
    "call_issuer": FailureCause.DECLINED,
    "do_not_honor": FailureCause.DECLINED,
    "do_not_try_again": FailureCause.DECLINED,
    "duplicate_transaction": FailureCause.DECLINED,
    "generic_decline": FailureCause.DECLINED,
    "issuer_not_available": FailureCause.DECLINED,
    "new_account_information_available": FailureCause.DECLINED,
    "no_action_taken": FailureCause.DECLINED,
    "not_permitted": FailureCause.DECLINED,
    "partner_generic_decline": FailureCause.DECLINED,
    "processing_error": FailureCause.DECLINED,
    "reenter_transaction": FailureCause.DECLINED,
    "restricted_card": FailureCause.DECLINED,
    "security_violation": FailureCause.DECLINED,
    "service_not_allowed": FailureCause.DECLINED,
    "debit_notification_undelivered": FailureCause.DECLINED,
    "transaction_not_allowed": FailureCause.DECLINED,
    "transaction_not_approved": FailureCause.DECLINED,
    "try_again_later": FailureCause.DECLINED,
    "live_mode_test_card": FailureCause.CARD_INVALID,
    "test_mode_live_card": FailureCause.CARD_INVALID,
    "testmode_decline": FailureCause.CARD_INVALID,
    "card_not_supported": FailureCause.CARD_INVALID,
    "currency_not_supported": FailureCause.CARD_INVALID,
    "incorrect_address": FailureCause.CARD_INVALID,
    "incorrect_cvc": FailureCause.CARD_INVALID,
    "incorrect_number": FailureCause.CARD_INVALID,
    "incorrect_pin": FailureCause.CARD_INVALID,
    "incorrect_zip": FailureCause.CARD_INVALID,
    "invalid_account": FailureCause.CARD_INVALID,
    "invalid_cvc": FailureCause.CARD_INVALID,
    "invalid_expiry_month": FailureCause.CARD_INVALID,
    "invalid_expiry_year": FailureCause.CARD_INVALID,
    "invalid_number": FailureCause.CARD_INVALID,
    "invalid_pin": FailureCause.CARD_INVALID,
    "pin_try_exceeded": FailureCause.CARD_INVALID,
    "expired_card": FailureCause.CARD_EXPIRED,
    "lost_card": FailureCause.CARD_LOST,
    "stolen_card": FailureCause.CARD_LOST,
    "pickup_card": FailureCause.CARD_LOST,
    "fraudulent": FailureCause.FRAUD_SUSPECTED,
    "highest_risk_level": FailureCause.FRAUD_SUSPECTED,
    "merchant_blacklist": FailureCause.FRAUD_SUSPECTED,
    "previously_declined_do_not_retry": FailureCause.FRAUD_SUSPECTED,
    "rule": FailureCause.FRAUD_SUSPECTED,
    "insufficient_funds": FailureCause.INSUFFICIENT_FUNDS,
    "partner_insufficient_funds": FailureCause.INSUFFICIENT_FUNDS,
    "card_velocity_exceeded": FailureCause.LIMIT_EXCEEDED,
    "invalid_amount": FailureCause.LIMIT_EXCEEDED,
    "withdrawal_count_limit_exceeded": FailureCause.LIMIT_EXCEEDED,
    "revocation_of_all_authorizations": FailureCause.AGREEMENT_REVOKED,
    "revocation_of_authorization": FailureCause.AGREEMENT_REVOKED,
    "stop_payment_order": FailureCause.AGREEMENT_REVOKED,
    "account_closed": FailureCause.ACCOUNT_CLOSED,
    "bank_account_restricted": FailureCause.ACCOUNT_CLOSED,
    "bank_ownership_changed": FailureCause.ACCOUNT_CLOSED,
    "branch_does_not_exist": FailureCause.CARD_INVALID,
    "incorrect_account_holder_name": FailureCause.CARD_INVALID,
    "invalid_account_number": FailureCause.CARD_INVALID,
    "invalid_currency": FailureCause.CARD_INVALID,
    "no_account": FailureCause.CARD_INVALID,
    "debit_authorization_not_match": FailureCause.AGREEMENT_REVOKED,
    "debit_not_authorized": FailureCause.AGREEMENT_REVOKED,
    "recipient_deceased": FailureCause.ACCOUNT_CLOSED,
    "refer_to_customer": FailureCause.DECLINED,
    "payment_limit_exceeded": FailureCause.LIMIT_EXCEEDED,
}

# Errors of a payment that say why it failed, where there is no decline code. Other errors say nothing about the payer.
# PROVIDER_UNAVAILABLE: not the payer's doing, but the merchant's account at Stripe, or the amount that was asked for.
FAILURES: Mapping[str, FailureCause] = {
    "account_closed": FailureCause.ACCOUNT_CLOSED,
    "account_number_invalid": FailureCause.CARD_INVALID,
    "amount_too_large": FailureCause.PROVIDER_UNAVAILABLE,
    "amount_too_small": FailureCause.PROVIDER_UNAVAILABLE,
    "authentication_failure": FailureCause.AUTHENTICATION_FAILED,
    "authentication_required": FailureCause.AUTHENTICATION_REQUIRED,
    "bank_account_bad_routing_numbers": FailureCause.CARD_INVALID,
    "bank_account_declined": FailureCause.DECLINED,
    "bank_account_restricted": FailureCause.ACCOUNT_CLOSED,
    "bank_account_unusable": FailureCause.CARD_INVALID,
    "bank_account_unverified": FailureCause.CARD_INVALID,
    "bank_account_verification_failed": FailureCause.CARD_INVALID,
    "billing_invalid_mandate": FailureCause.AGREEMENT_REVOKED,
    "card_decline_rate_limit_exceeded": FailureCause.LIMIT_EXCEEDED,
    "card_declined": FailureCause.DECLINED,
    "charge_exceeds_source_limit": FailureCause.LIMIT_EXCEEDED,
    "charge_exceeds_transaction_limit": FailureCause.LIMIT_EXCEEDED,
    "debit_not_authorized": FailureCause.AGREEMENT_REVOKED,
    "expired_card": FailureCause.CARD_EXPIRED,
    "expired_payment_method": FailureCause.CARD_EXPIRED,
    "incorrect_address": FailureCause.CARD_INVALID,
    "incorrect_cvc": FailureCause.CARD_INVALID,
    "incorrect_number": FailureCause.CARD_INVALID,
    "incorrect_postal_code": FailureCause.CARD_INVALID,
    "incorrect_zip": FailureCause.CARD_INVALID,
    "india_recurring_payment_mandate_canceled": FailureCause.AGREEMENT_REVOKED,
    "insufficient_funds": FailureCause.INSUFFICIENT_FUNDS,
    "invalid_card_type": FailureCause.CARD_INVALID,
    "invalid_charge_amount": FailureCause.PROVIDER_UNAVAILABLE,
    "invalid_cvc": FailureCause.CARD_INVALID,
    "invalid_expiry_month": FailureCause.CARD_INVALID,
    "invalid_expiry_year": FailureCause.CARD_INVALID,
    "invalid_number": FailureCause.CARD_INVALID,
    "no_account": FailureCause.CARD_INVALID,
    "payment_intent_authentication_failure": FailureCause.AUTHENTICATION_FAILED,
    "payment_intent_incompatible_payment_method": FailureCause.CARD_INVALID,
    "payment_intent_mandate_invalid": FailureCause.AGREEMENT_REVOKED,
    "payment_intent_payment_attempt_expired": FailureCause.EXPIRED,
    "payment_intent_payment_attempt_failed": FailureCause.DECLINED,
    "payment_method_bank_account_blocked": FailureCause.ACCOUNT_CLOSED,
    "payment_method_billing_details_address_missing": FailureCause.CARD_INVALID,
    "payment_method_currency_mismatch": FailureCause.CARD_INVALID,
    "payment_method_customer_decline": FailureCause.AUTHENTICATION_FAILED,
    "payment_method_microdeposit_failed": FailureCause.CARD_INVALID,
    "payment_method_microdeposit_verification_attempts_exceeded": FailureCause.CARD_INVALID,
    "payment_method_microdeposit_verification_timeout": FailureCause.AUTHENTICATION_FAILED,
    "payment_method_not_available": FailureCause.DECLINED,
    "payment_method_provider_decline": FailureCause.DECLINED,
    "payment_method_provider_timeout": FailureCause.DECLINED,
    "payment_method_restricted": FailureCause.DECLINED,
    "payment_method_unactivated": FailureCause.PROVIDER_UNAVAILABLE,
    "payment_method_unexpected_state": FailureCause.NO_METHOD,
    "payment_method_unsupported_type": FailureCause.CARD_INVALID,
    "postal_code_invalid": FailureCause.CARD_INVALID,
    "processing_error": FailureCause.DECLINED,
    "refer_to_customer": FailureCause.DECLINED,
    "routing_number_invalid": FailureCause.CARD_INVALID,
    "sepa_unsupported_account": FailureCause.CARD_INVALID,
    "setup_attempt_failed": FailureCause.DECLINED,
    "setup_intent_authentication_failure": FailureCause.AUTHENTICATION_FAILED,
    "setup_intent_mandate_invalid": FailureCause.AGREEMENT_REVOKED,
    "setup_intent_setup_attempt_expired": FailureCause.EXPIRED,
    "token_card_network_invalid": FailureCause.CARD_INVALID,
}

# Refusals of a request that name this parameter say that the method cannot be used, not by this customer, or no more.
METHOD_PARAMETERS = frozenset({"payment_method", "customer", "mandate"})


# What the bank advises beside its code, and the causes that say less. Trying later is what is done with those anyway,
# and heals nothing that its code calls final.
ADVICE: Mapping[str, FailureCause | None] = {
    "confirm_card_data": FailureCause.CARD_INVALID,
    "do_not_try_again": FailureCause.CARD_INVALID,
    "try_again_later": None,
}
ADVISED = frozenset({FailureCause.DECLINED, FailureCause.INSUFFICIENT_FUNDS, FailureCause.LIMIT_EXCEEDED})


def cause_of(error: Mapping[str, object]) -> tuple[FailureCause, str | None]:
    """The cause that an error of a payment gives, and the word that has no translation, if it has none. What the bank
    advises counts where its code alone would have the same method tried again."""
    cause, untranslated = _coded(error)
    advice = error.get("advice_code")
    if not isinstance(advice, str):
        return cause, untranslated
    if advice not in ADVICE:
        return cause, untranslated or advice
    return (ADVICE[advice] or cause) if cause in ADVISED else cause, untranslated


def _coded(error: Mapping[str, object]) -> tuple[FailureCause, str | None]:
    decline, code = error.get("decline_code"), error.get("code")
    if isinstance(decline, str) and decline in DECLINES:
        return DECLINES[decline], None
    if isinstance(code, str) and code in FAILURES:
        untranslated = str(decline) if decline else None
        return FAILURES[code], untranslated
    return FailureCause.DECLINED, str(decline or code or error.get("type"))
