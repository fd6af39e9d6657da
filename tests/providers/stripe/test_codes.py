"""Codes: every decline that Stripe publishes has a cause, as has every error of a payment that its library knows."""

from typing import get_args

import pytest
import stripe

from solvent.core.payment import CAUSE_CLASS, CauseClass, FailureCause, Outcome
from solvent.providers.conformance import charge_request
from solvent.providers.stripe.codes import DECLINES, FAILURES, cause_of
from tests.providers.stripe.stage import StripeStage

# docs.stripe.com/declines/codes, of cards and of bank debits.
PUBLISHED = """
authentication_required authentication_not_handled approve_with_id call_issuer card_not_supported
card_velocity_exceeded currency_not_supported do_not_honor do_not_try_again duplicate_transaction expired_card
fraudulent generic_decline incorrect_address incorrect_cvc incorrect_number incorrect_pin incorrect_zip
insufficient_funds invalid_account invalid_amount invalid_cvc invalid_expiry_month invalid_expiry_year invalid_number
invalid_pin issuer_not_available live_mode_test_card lost_card merchant_blacklist mobile_device_authentication_required
new_account_information_available no_action_taken not_permitted offline_pin_required online_or_offline_pin_required
pickup_card pin_try_exceeded previously_declined_do_not_retry processing_error reenter_transaction restricted_card
revocation_of_all_authorizations revocation_of_authorization security_violation service_not_allowed stolen_card
stop_payment_order test_mode_live_card testmode_decline transaction_not_allowed try_again_later
withdrawal_count_limit_exceeded
account_closed bank_account_restricted bank_ownership_changed branch_does_not_exist debit_authorization_not_match
debit_not_authorized incorrect_account_holder_name invalid_account_number invalid_currency no_account
payment_limit_exceeded recipient_deceased refer_to_customer
debit_notification_undelivered partner_generic_decline partner_insufficient_funds transaction_not_approved
"""

# Errors whose name begins like one of a payment, and that say nothing about the payer.
OF_THE_REQUEST = {
    "account_country_invalid_address",
    "bank_account_exists",
    "cardholder_phone_number_required",
    "charge_already_captured",
    "charge_already_refunded",
    "charge_disputed",
    "charge_expired_for_capture",
    "charge_invalid_parameter",
    "charge_not_refundable",
    "payment_intent_action_required",
    "payment_intent_invalid_parameter",
    "payment_intent_konbini_rejected_confirmation_number",
    "payment_intent_rate_limit_exceeded",
    "payment_intent_unexpected_state",
    "payment_method_bank_account_already_verified",
    "payment_method_configuration_failures",
    "payment_method_invalid_parameter",
    "payment_method_invalid_parameter_testmode",
    "payment_method_microdeposit_processing_error",
    "payment_method_microdeposit_verification_amounts_invalid",
    "payment_method_microdeposit_verification_amounts_mismatch",
    "payment_method_microdeposit_verification_descriptor_code_mismatch",
    "setup_intent_invalid_parameter",
    "setup_intent_mobile_wallet_unsupported",
    "setup_intent_unexpected_state",
}
OF_A_PAYMENT = (
    "bank_account_",
    "card",
    "charge_",
    "incorrect_",
    "payment_intent_",
    "payment_method_",
    "setup_",
)


def _known_to_the_library() -> set[str]:
    (codes,) = [
        part
        for part in get_args(stripe.PaymentIntent.LastPaymentError.__annotations__["code"])
        if get_args(part)
    ]
    return set(get_args(codes))


def test_every_published_decline_code_has_a_cause() -> None:
    assert set(PUBLISHED.split()) - set(DECLINES) == set()


def test_every_error_of_a_payment_that_the_library_knows_has_a_cause() -> None:
    known = _known_to_the_library()
    assert len(known) > 150
    assert set(FAILURES) <= known
    unsorted = {code for code in known if code.startswith(OF_A_PAYMENT)} - set(FAILURES) - OF_THE_REQUEST
    assert unsorted == set()


def test_no_code_is_both_of_the_payer_and_of_the_request() -> None:
    assert not set(FAILURES) & OF_THE_REQUEST


@pytest.mark.parametrize(
    ("error", "cause", "unmapped"),
    [
        ({"code": "card_declined", "decline_code": "lost_card"}, FailureCause.CARD_LOST, None),
        ({"code": "card_declined", "decline_code": "brand_new"}, FailureCause.DECLINED, "brand_new"),
        ({"code": "expired_card"}, FailureCause.CARD_EXPIRED, None),
        ({"code": "expired_card", "decline_code": "brand_new"}, FailureCause.CARD_EXPIRED, "brand_new"),
        ({"code": "brand_new"}, FailureCause.DECLINED, "brand_new"),
        ({"type": "card_error"}, FailureCause.DECLINED, "card_error"),
    ],
)
def test_the_decline_says_more_than_the_error_and_what_is_new_is_named(
    error: dict[str, str], cause: FailureCause, unmapped: str | None
) -> None:
    assert cause_of(error) == (cause, unmapped)


@pytest.mark.parametrize(
    ("decline", "advice", "cause", "unmapped"),
    [
        ("do_not_honor", "do_not_try_again", FailureCause.CARD_INVALID, None),
        ("insufficient_funds", "do_not_try_again", FailureCause.CARD_INVALID, None),
        ("generic_decline", "confirm_card_data", FailureCause.CARD_INVALID, None),
        ("generic_decline", "try_again_later", FailureCause.DECLINED, None),
        ("insufficient_funds", "try_again_later", FailureCause.INSUFFICIENT_FUNDS, None),
        ("stolen_card", "try_again_later", FailureCause.CARD_LOST, None),
        ("stolen_card", "confirm_card_data", FailureCause.CARD_LOST, None),
        ("authentication_required", "do_not_try_again", FailureCause.AUTHENTICATION_REQUIRED, None),
        ("do_not_honor", "ask_the_moon", FailureCause.DECLINED, "ask_the_moon"),
        ("brand_new", "do_not_try_again", FailureCause.CARD_INVALID, "brand_new"),
    ],
)
def test_what_the_bank_advises_makes_final_what_its_code_leaves_open(
    decline: str, advice: str, cause: FailureCause, unmapped: str | None
) -> None:
    error = {"code": "card_declined", "decline_code": decline, "advice_code": advice}
    assert cause_of(error) == (cause, unmapped)


def test_a_charge_that_the_bank_advises_against_repeating_says_so(stage: StripeStage) -> None:
    report = stage.provider.charge(charge_request(stage, "pm_advised_against"))
    assert (report.outcome, report.cause) == (Outcome.FAILED, FailureCause.CARD_INVALID)
    assert CAUSE_CLASS[FailureCause.CARD_INVALID] is CauseClass.PERMANENT
