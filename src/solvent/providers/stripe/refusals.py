"""Refusals: a request that Stripe did not do, in our words.

Owns the cause of a refusal that names no intent. What certainly did nothing has failed; whatever leaves that open is
UNKNOWN. Does not own the look-up that comes first (`adapter`), nor why an intent failed (`codes`).
"""

from uuid import UUID

from solvent.core.payment import FailureCause, Outcome, Report
from solvent.providers.stripe.calls import Refused
from solvent.providers.stripe.codes import FAILURES, METHOD_PARAMETERS


def refused(refusal: Refused, key: UUID, ref: str | None = None) -> Report:
    """A refusal as a report. One that says nothing about the payer or the method is about the merchant: how the
    account at Stripe is set up, or what was asked for. It is named, and is no decline."""
    error = refusal.error
    word = str(error.get("code") or error.get("type"))
    if not refusal.final:
        return Report(outcome=Outcome.UNKNOWN, key=key, ref=ref, unmapped=word)
    cause = FAILURES.get(str(error.get("code")))
    if cause is not FailureCause.PROVIDER_UNAVAILABLE and error.get("param") in METHOD_PARAMETERS:
        cause = FailureCause.NO_METHOD
    if cause is not None:
        return Report(outcome=Outcome.FAILED, key=key, ref=ref, cause=cause)
    named = f"{word} {error['param']}" if error.get("param") else word
    return Report(
        outcome=Outcome.FAILED, key=key, ref=ref, cause=FailureCause.PROVIDER_UNAVAILABLE, unmapped=named
    )
