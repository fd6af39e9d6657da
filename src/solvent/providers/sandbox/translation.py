"""Translation: the bank's words into ours, and nothing else.

Owns the tables of both personalities. Does not own any default that could pass for success: a status that is not
in the table is `Outcome.UNKNOWN`. A payment that the bank explicitly calls failed is failed even when its reason
is new to us; it then counts as DECLINED.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from solvent.core.dispute import DisputeReason, DisputeState
from solvent.core.movement import MovementKind
from solvent.core.payment import ActionKind, FailureCause, Outcome
from solvent.core.way import WayKind
from solvent.ports.provider import Capabilities, DisputeAnswer, RefundOutcome, Subject
from solvent.providers.sandbox.records import WALLET_CURRENCIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """One personality's words. `causes` are read for outcomes that say FAILED."""

    name: str
    outcomes: Mapping[str, Outcome]
    causes: Mapping[str, FailureCause]
    refunds: Mapping[str, RefundOutcome]
    capabilities: Capabilities


_CAUSES = {
    "generic_decline": FailureCause.DECLINED,
    "insufficient_funds": FailureCause.INSUFFICIENT_FUNDS,
    "limit_exceeded": FailureCause.LIMIT_EXCEEDED,
    "expired_card": FailureCause.CARD_EXPIRED,
    "lost_card": FailureCause.CARD_LOST,
    "stolen_card": FailureCause.CARD_LOST,
    "invalid_number": FailureCause.CARD_INVALID,
    "account_closed": FailureCause.ACCOUNT_CLOSED,
    "fraud_suspected": FailureCause.FRAUD_SUSPECTED,
    "agreement_revoked": FailureCause.AGREEMENT_REVOKED,
    "no_such_method": FailureCause.NO_METHOD,
    "issuer_unavailable": FailureCause.PROVIDER_UNAVAILABLE,
    "merchant_closed": FailureCause.PROVIDER_UNAVAILABLE,
    "authentication_required": FailureCause.AUTHENTICATION_REQUIRED,
    "authentication_failed": FailureCause.AUTHENTICATION_FAILED,
    "canceled": FailureCause.CANCELED,
    "payer_refused": FailureCause.CANCELED,
    "expired": FailureCause.EXPIRED,
}

SANDBOX = Translation(
    name="sandbox",
    outcomes={
        "requires_method": Outcome.REQUIRES_ACTION,
        "requires_action": Outcome.REQUIRES_ACTION,
        "processing": Outcome.PROCESSING,
        "succeeded": Outcome.SUCCEEDED,
        "failed": Outcome.FAILED,
        "canceled": Outcome.FAILED,
    },
    causes=_CAUSES,
    refunds={
        "processing": RefundOutcome.PROCESSING,
        "succeeded": RefundOutcome.SUCCEEDED,
        "failed": RefundOutcome.FAILED,
    },
    capabilities=Capabilities(
        actions=frozenset({ActionKind.CONFIRM, ActionKind.REDIRECT}),
        off_session=True,
        partial_refunds=True,
        mandates=True,
        delayed_settlement=True,
        dispute_answers=frozenset(DisputeAnswer),
        kinds=frozenset({"bank_debit", "card"}),
        three_ds_control=frozenset({"card"}),
        ways=(WayKind.CARD, WayKind.APPLE_PAY, WayKind.GOOGLE_PAY, WayKind.BANK_DEBIT),
        tells_expiry=True,
    ),
)

SANDPAL = Translation(
    name="sandpal",
    outcomes={
        "CREATED": Outcome.REQUIRES_ACTION,
        "APPROVED": Outcome.REQUIRES_ACTION,
        "PENDING": Outcome.PROCESSING,
        "COMPLETED": Outcome.SUCCEEDED,
        "DECLINED": Outcome.FAILED,
        "VOIDED": Outcome.FAILED,
    },
    causes={word.upper(): cause for word, cause in _CAUSES.items()},
    refunds={
        "PENDING": RefundOutcome.PROCESSING,
        "COMPLETED": RefundOutcome.SUCCEEDED,
        "DECLINED": RefundOutcome.FAILED,
    },
    capabilities=Capabilities(
        actions=frozenset({ActionKind.REDIRECT, ActionKind.NONE}),
        off_session=True,
        partial_refunds=True,
        mandates=True,
        delayed_settlement=True,
        currencies=WALLET_CURRENCIES,
        dispute_answers=frozenset({DisputeAnswer.ACCEPT}),
        kinds=frozenset({"agreement"}),
        imports="B-[0-9]{8,32}",
        ways=(WayKind.AGREEMENT,),
    ),
)

ACTIONS = {
    "confirm": ActionKind.CONFIRM,
    "redirect": ActionKind.REDIRECT,
    "none": ActionKind.NONE,
}

SUBJECTS = {
    "payment": Subject.ATTEMPT,
    "refund": Subject.REFUND,
    "dispute": Subject.DISPUTE,
    "method": Subject.METHOD,
}

MOVEMENTS = {
    "charge": MovementKind.PAYMENT,
    "refund": MovementKind.REFUND,
    "refund_returned": MovementKind.REFUND,
    "dispute": MovementKind.DISPUTE,
    "dispute_fee": MovementKind.DISPUTE,
    "dispute_won": MovementKind.DISPUTE,
}

DISPUTE_STATES = {
    "inquiry": DisputeState.WARNING,
    "open": DisputeState.NEEDS_RESPONSE,
    "in_review": DisputeState.UNDER_REVIEW,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
    "accepted": DisputeState.ACCEPTED,
    "withdrawn": DisputeState.WITHDRAWN,
}

DISPUTE_REASONS = {
    "fraudulent": DisputeReason.FRAUDULENT,
    "unrecognized": DisputeReason.UNRECOGNIZED,
    "duplicate": DisputeReason.DUPLICATE,
    "subscription_canceled": DisputeReason.CANCELED,
    "product_not_received": DisputeReason.NOT_RECEIVED,
    "product_unacceptable": DisputeReason.NOT_AS_DESCRIBED,
    "credit_not_processed": DisputeReason.CREDIT_NOT_PROCESSED,
    "incorrect_amount": DisputeReason.INCORRECT_AMOUNT,
    "debit_returned": DisputeReason.DEBIT_RETURNED,
}

# Refusals of a refund that say with certainty that no money went back.
REFUND_REFUSALS = frozenset({"no_such_payment", "invalid_request"})
