"""Mistakes about paying: opening, charging, confirming, giving up, looking up; and what follows from a table.

Owns one for each check of `Abilities`, `Basics`, `Brought`, `Causes`, `Challenges`, `Customers`, `Redirects`, `Delays`,
`Expiries` and `Imports`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from solvent.core.payment import ActionKind, Authentication, FailureCause, Outcome, Report
from solvent.ports.customers import Customer
from solvent.ports.provider import PaymentRequest, Subject
from solvent.providers.conformance import Fault
from tests.providers.mistakes.mistaken import (
    Mistake,
    Wrong,
    another_key,
    declined,
    each,
    failed,
    given_up,
    reported,
    silence_as,
    told,
)

Request = PaymentRequest


def _at_once(honest: Wrong, request: Request) -> Any:  # noqa: ANN401 - a report
    return honest(replace(request, authentication=Authentication.AUTOMATIC))


def _setups_at_once(honest: Wrong, request: Request) -> Any:  # noqa: ANN401 - a report
    return _at_once(honest, request) if request.setup else honest(request)


def _in_dollars(honest: Wrong, request: Request) -> Any:  # noqa: ANN401 - a report
    return honest(replace(request, currency="USD"))


def _in_hundredths(honest: Wrong, request: Request) -> Any:  # noqa: ANN401 - a report
    return honest(replace(request, amount=request.amount * (100 if request.currency == "JPY" else 1)))


def _capturing(honest: Any, key: object, ref: str | None) -> Any:  # noqa: ANN401 - a call of an adapter
    found = honest(key, ref)
    waits = found is not None and found.action is not None and found.action.kind is ActionKind.NONE
    return honest.__self__.confirm(key, ref, None) if waits else found


def _once_only() -> Mapping[str, Wrong]:
    seen: set[object] = set()

    def confirm(honest: Wrong, key: object, *more: object) -> Any:  # noqa: ANN401 - a report
        if key in seen:
            return declined([key])
        seen.add(key)
        return honest(key, *more)

    return {"confirm": confirm}


def _told_once() -> Mapping[str, Wrong]:
    told_of: set[object] = set()

    def keep(honest: Wrong, one: Customer) -> None:
        if one.account_id not in told_of:
            told_of.add(one.account_id)
            honest(one)

    return {"keep_customer": keep}


def _made_a_customer(honest: Any, one: Customer) -> None:  # noqa: ANN401 - a call of an adapter
    now = datetime.now(UTC)
    asked = {"amount": 0, "currency": "USD", "setup": True, "off_session": False, "method": None}
    told_of = {"key": uuid4(), "customer": one.account_id, "expires_at": now, "description": "x"}
    honest.__self__.open(PaymentRequest(**asked, **told_of))  # type: ignore[arg-type] # as a request has them
    honest(one)


def _table(**other: object) -> Callable[[], Mapping[str, Wrong]]:
    return lambda: {"capabilities": lambda can: replace(can, **other)}


def _no_label(report: Report) -> Report:
    return report if report.method is None else replace(report, method=replace(report.method, label=""))


def _no_mandate(report: Report) -> Report:
    if report.amount or report.method is None:
        return report
    return replace(report, method=replace(report.method, off_session=False))


ABILITIES = {
    "test_a_mandate_is_confirmed_with_a_setup_or_none_is_opened": Mistake(
        says="a setup vaults a method without its mandate", wrongs=lambda: {"confirm": told(_no_mandate)}
    ),
    "test_customers_are_charged_without_them_if_and_only_if_the_table_says_so": Mistake(
        says="the table says that nobody is charged without the customer, and they are",
        wrongs=_table(off_session=False, mandates=False),
    ),
    "test_the_payer_is_authenticated_where_that_is_asked_for": Mistake(
        says="the wish for authentication is not passed on", wrongs=lambda: {"open": _at_once}
    ),
    "test_whose_method_is_on_file_or_only_set_up_is_authenticated_too": Mistake(
        says="who only confirms a mandate is not asked",
        wrongs=lambda: {"open": _setups_at_once},
        face="stripe",
    ),
    "test_a_currency_that_is_not_taken_moves_nothing": Mistake(
        says="what is not taken is charged in dollars", wrongs=lambda: {"open": _in_dollars}, face="sandpal"
    ),
    "test_less_than_the_least_amount_moves_nothing": Mistake(
        says="the table has a least amount that nobody asks for", wrongs=_table(minimums={"USD": 50})
    ),
}

CUSTOMERS = {
    "test_a_name_and_an_email_are_kept_once_and_what_is_on_file_stays": Mistake(
        says="the e-mail is left out",
        wrongs=lambda: {"keep_customer": lambda honest, one: honest(replace(one, email="x@example.com"))},
        face="stripe",
    ),
    "test_what_is_told_last_counts_and_is_of_that_account_alone": Mistake(
        says="who was told once is not told again", wrongs=_told_once, face="stripe"
    ),
    "test_who_never_came_is_not_made_a_customer": Mistake(
        says="whoever is told of is made a customer",
        wrongs=lambda: {"keep_customer": _made_a_customer},
        face="stripe",
    ),
    "test_telling_meets_a_fault_and_is_done_once_it_is_over": Mistake(
        says="no answer is one",
        wrongs=lambda: {"keep_customer": silence_as(lambda _: None)},
        face="stripe",
        given={"fault": Fault.LOST_REPLY},
    ),
}

BASICS = {
    "test_the_classes_are_what_the_capabilities_call_for": Mistake(
        says="the table has an ability that nothing tests", wrongs=_table(actions=frozenset(ActionKind))
    ),
    "test_open_moves_no_money_and_says_what_the_customer_must_do": Mistake(
        says="nobody is told what to do",
        wrongs=lambda: {"open": reported(Outcome.REQUIRES_ACTION, action=None)},
    ),
    "test_opening_again_opens_nothing_new": Mistake(
        says="opening again opens another one", wrongs=lambda: {"open": another_key}
    ),
    "test_paying_on_session_charges_once_and_vaults_the_method": Mistake(
        says="a method has no label", wrongs=lambda: {"confirm": told(_no_label)}
    ),
    "test_confirming_again_charges_no_second_time": Mistake(
        says="what is confirmed twice has failed", wrongs=_once_only
    ),
    "test_a_setup_vaults_a_method_that_can_be_charged_later": Mistake(
        says="a setup is not found again",
        wrongs=lambda: {"get": told(lambda report: report if report and report.amount else None)},
    ),
    "test_a_charge_under_the_same_key_is_made_once": Mistake(
        says="every charge has a key of its own", wrongs=lambda: {"charge": another_key}
    ),
    "test_another_request_under_a_used_key_moves_nothing": Mistake(
        says="a key that was used has failed",
        wrongs=lambda: {"charge": reported(Outcome.UNKNOWN, **failed(FailureCause.DECLINED))},
    ),
    "test_a_method_of_another_customer_cannot_be_charged": Mistake(
        says="another's method is one that was declined",
        wrongs=lambda: {"charge": reported(FailureCause.NO_METHOD, cause=FailureCause.DECLINED)},
    ),
    "test_charging_without_a_method_fails": Mistake(
        says="no method is no answer",
        wrongs=lambda: {
            "charge": lambda honest, request: honest(request) if request.method else declined([request])
        },
    ),
    "test_a_forgotten_method_cannot_be_charged_and_forgetting_twice_is_no_error": Mistake(
        says="nothing is forgotten", wrongs=lambda: {"detach": lambda *_: None}
    ),
    "test_looking_up_by_our_key_or_by_ref_tells_the_same": Mistake(
        says="nothing is found by our key",
        wrongs=lambda: {"get": lambda honest, key, ref: honest(key, ref) if ref else None},
    ),
    "test_what_the_provider_never_heard_of_is_none": Mistake(
        says="what nobody heard of is given up",
        wrongs=lambda: {
            "cancel": lambda honest, key, ref: honest(key, ref) or given_up(honest, key, ref),
        },
    ),
    "test_a_cancelled_attempt_can_no_longer_succeed": Mistake(
        says="giving up asks nobody", wrongs=lambda: {"cancel": given_up}
    ),
    "test_cancelling_too_late_reports_the_outcome_that_came_first": Mistake(
        says="what was paid has been given up",
        wrongs=lambda: {"cancel": reported(Outcome.SUCCEEDED, **failed(FailureCause.CANCELED))},
    ),
    "test_a_poll_finds_what_changed_and_leaves_out_what_did_not": Mistake(
        says="the newest comes first",
        wrongs=lambda: {"reports_since": told(lambda rows: reversed(list(rows)))},
    ),
    "test_amounts_are_in_minor_units_whatever_the_currency_has": Mistake(
        says="every currency has hundredths", wrongs=lambda: {"open": _in_hundredths}
    ),
    "test_a_status_that_nobody_mapped_is_unknown_and_named": Mistake(
        says="what is not known has succeeded",
        wrongs=lambda: {"charge": reported(Outcome.UNKNOWN, outcome=Outcome.SUCCEEDED, unmapped=None)},
    ),
}

CAUSES = {
    "test_every_cause_is_either_shown_or_declared_impossible": Mistake(
        says="a cause is shown and said to be impossible",
        wrongs=dict,
        stage_says={"never": frozenset({FailureCause.DECLINED})},
    ),
    "test_a_charge_fails_for_each_cause_and_says_so_when_asked_again": Mistake(
        says="why it failed is forgotten when it is asked for again",
        wrongs=lambda: {"get": reported(FailureCause.CARD_LOST, cause=FailureCause.DECLINED)},
    ),
    "test_a_payment_on_session_fails_for_each_cause": Mistake(
        says="two causes are one",
        wrongs=lambda: {"confirm": reported(FailureCause.LIMIT_EXCEEDED, cause=FailureCause.DECLINED)},
    ),
}


def _whoever_it_is(honest: Wrong, key: object, ref: str, method: str | None) -> Any:  # noqa: ANN401 - a report
    """A method that the bank has on file pays as if it had just been typed in."""
    known = method is not None and not method.isdecimal()
    return honest(key, ref, "4242424242424242" if known else method)


BROUGHT = {
    "test_another_customers_method_is_refused_and_the_payment_is_over": Mistake(
        says="whose method it is, is not looked at",
        wrongs=lambda: {"confirm": _whoever_it_is},
        given={"setup": False},
    ),
}

CHALLENGES = {
    "test_a_challenge_that_is_passed_ends_in_one_payment": Mistake(
        says="whoever is asked has paid",
        wrongs=lambda: {"confirm": reported(Outcome.REQUIRES_ACTION, outcome=Outcome.SUCCEEDED, action=None)},
    ),
    "test_a_challenge_that_is_failed_is_no_payment": Mistake(
        says="a challenge that was failed was declined",
        wrongs=lambda: {"confirm": reported(FailureCause.AUTHENTICATION_FAILED, cause=FailureCause.DECLINED)},
    ),
    "test_a_challenge_that_is_left_alone_can_be_given_up": Mistake(
        says="giving up asks nobody", wrongs=lambda: {"cancel": given_up}
    ),
    "test_off_session_needing_the_payer_is_a_failure_with_that_cause": Mistake(
        says="who is needed and away has declined",
        wrongs=lambda: {
            "charge": reported(FailureCause.AUTHENTICATION_REQUIRED, cause=FailureCause.DECLINED)
        },
    ),
    "test_what_was_authenticated_once_is_charged_off_session": Mistake(
        says="the payer is needed every time",
        wrongs=lambda: {
            "charge": reported(Outcome.SUCCEEDED, **failed(FailureCause.AUTHENTICATION_REQUIRED))
        },
    ),
}

REDIRECTS = {
    "test_approved_is_not_paid_until_it_is_confirmed": Mistake(
        says="looking captures", wrongs=lambda: {"get": _capturing}, face="sandpal"
    ),
    "test_confirming_what_was_not_approved_moves_nothing": Mistake(
        says="what is confirmed has succeeded",
        wrongs=lambda: {"confirm": reported(Outcome.REQUIRES_ACTION, outcome=Outcome.SUCCEEDED, action=None)},
        face="sandpal",
    ),
}

DELAYS = {
    "test_processing_is_told_until_the_money_has_come": Mistake(
        says="what is on its way has come",
        wrongs=lambda: {"charge": reported(Outcome.PROCESSING, outcome=Outcome.SUCCEEDED)},
    ),
    "test_processing_may_end_in_a_failure": Mistake(
        says="what was on its way for days cannot fail for want of funds",
        wrongs=lambda: {"get": reported(FailureCause.INSUFFICIENT_FUNDS, cause=FailureCause.DECLINED)},
    ),
    "test_giving_up_what_is_processing_does_not_pretend": Mistake(
        says="giving up asks nobody", wrongs=lambda: {"cancel": given_up}
    ),
    "test_a_poll_finds_what_was_settled_meanwhile": Mistake(
        says="a poll tells how things stood at first",
        wrongs=lambda: {"reports_since": each(lambda report: replace(report, outcome=Outcome.PROCESSING))},
    ),
}


def _nameless(notification: Any) -> Any:  # noqa: ANN401 - a notification
    return replace(notification, ref=None) if notification.subject is Subject.METHOD else notification


EXPIRIES = {
    "test_a_card_that_was_vaulted_says_its_last_day_and_says_it_again": Mistake(
        says="a card that is asked about has no last day",
        wrongs=lambda: {"get_method": told(lambda seen: seen and replace(seen, expires_on=None))},
    ),
    "test_a_card_that_its_bank_renewed_is_told_by_its_token_and_shows_the_new_day": Mistake(
        says="nobody knows which card was renewed", wrongs=lambda: {"parse": told(_nameless)}
    ),
}


def _anew(honest: Wrong, key: object, ref: str, method: str | None) -> Any:  # noqa: ANN401 - a report
    """Every confirmation with an agreement vaults it under a name of its own."""
    report = honest(key, ref, method)
    if report.method is None:
        return report
    return replace(report, method=replace(report.method, token=uuid4().hex))


IMPORTS = {
    "test_an_agreement_from_before_is_a_method_that_can_be_charged": Mistake(
        says="an agreement is a method for once",
        wrongs=lambda: {"confirm": told(_no_mandate)},
        face="sandpal",
    ),
    "test_an_agreement_that_is_none_makes_no_method": Mistake(
        says="what is no agreement was declined",
        wrongs=lambda: {"confirm": reported(FailureCause.AGREEMENT_REVOKED, cause=FailureCause.DECLINED)},
        face="sandpal",
    ),
    "test_an_agreement_meets_a_fault_and_becomes_one_method": Mistake(
        says="an agreement that is named again is another method",
        wrongs=lambda: {"confirm": _anew},
        face="sandpal",
        given={"fault": Fault.LOST_REPLY},
    ),
}
