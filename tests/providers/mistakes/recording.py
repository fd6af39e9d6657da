"""Mistakes about payments that the merchant records.

Owns one for each check of `Recorded`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from solvent.core.payment import FailureCause, Outcome, Report
from solvent.ports.provider import RefundOutcome
from tests.providers.mistakes.mistaken import Mistake, Wrong, declined, reported, told

FACE = "manual"


def _final() -> Mapping[str, Wrong]:
    """What was given up is over, whatever comes."""
    over: dict[object, Report] = {}

    def cancel(honest: Wrong, key: object, ref: object) -> Any:  # noqa: ANN401 - a report
        over[key] = honest(key, ref)
        return over[key]

    return {"cancel": cancel, "get": lambda honest, key, ref: over.get(key) or honest(key, ref)}


def _on_its_way(_: Wrong, request: Any) -> Report:  # noqa: ANN401 - a payment's
    return Report(outcome=Outcome.PROCESSING, key=request.key, ref=request.key.hex)


RECORDED = {
    "test_the_capabilities_say_that_payments_are_recorded": Mistake(
        says="the table does not say it",
        wrongs=lambda: {"capabilities": lambda can: replace(can, recorded=False)},
        face=FACE,
    ),
    "test_what_is_opened_is_processing_and_says_what_the_customer_must_do": Mistake(
        says="the customer has to act in the page",
        wrongs=lambda: {"open": reported(Outcome.PROCESSING, outcome=Outcome.REQUIRES_ACTION)},
        face=FACE,
    ),
    "test_recorded_money_is_a_payment_and_in_the_statement": Mistake(
        says="the statement is empty", wrongs=lambda: {"movements_since": lambda *_: []}, face=FACE
    ),
    "test_money_that_comes_twice_is_two_payments": Mistake(
        says="only what came first counts",
        wrongs=lambda: {"payments_of": told(lambda rows: list(rows)[:1])},
        face=FACE,
    ),
    "test_what_was_given_up_is_over_until_money_comes_all_the_same": Mistake(
        says="what comes too late is lost", wrongs=_final, face=FACE
    ),
    "test_nothing_is_waited_for_for_ever": Mistake(
        says="everything is waited for",
        wrongs=lambda: {"get": reported(FailureCause.EXPIRED, outcome=Outcome.PROCESSING, cause=None)},
        face=FACE,
    ),
    "test_nobody_can_be_charged_and_no_method_set_up": Mistake(
        says="a charge is on its way", wrongs=lambda: {"charge": _on_its_way}, face=FACE
    ),
    "test_another_request_under_a_used_key_asks_for_nothing": Mistake(
        says="another amount is asked for under the same key",
        wrongs=lambda: {"open": reported(Outcome.UNKNOWN, outcome=Outcome.PROCESSING, unmapped=None)},
        face=FACE,
    ),
    "test_what_nobody_asked_for_is_none": Mistake(
        says="what nobody asked for has failed",
        wrongs=lambda: {"get": lambda honest, key, ref: honest(key, ref) or declined([key])},
        face=FACE,
    ),
    "test_nothing_is_given_back_disputed_or_notified_of": Mistake(
        says="money goes back by itself",
        wrongs=lambda: {"refund": reported(RefundOutcome.FAILED, outcome=RefundOutcome.SUCCEEDED)},
        face=FACE,
    ),
}
