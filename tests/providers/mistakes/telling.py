"""Mistakes about what comes after a payment, and about the wire: refunds, disputes, statements, notifications, outages.

Owns one for each check of `Refunds`, `Disputes`, `Statements`, `Notifications` and `Outages`.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from solvent.core.dispute import KEPT, DisputeState
from solvent.core.movement import Movement, MovementKind
from solvent.core.payment import FailureCause, Report
from solvent.ports.provider import Notification, ProviderSilent, RefundOutcome, Subject
from solvent.providers.conformance import Fault
from tests.providers.mistakes.mistaken import (
    Mistake,
    Wrong,
    another_key_from,
    declined,
    each,
    not_refunded,
    reported,
    silence_as,
    told,
)

MADE, REFUSED = RefundOutcome.SUCCEEDED, RefundOutcome.FAILED


def _must_be_there(honest: Wrong, ref: str) -> Any:  # noqa: ANN401 - a dispute
    found = honest(ref)
    if found is None:
        raise ProviderSilent("the dispute cannot be read")
    return found


REFUNDS = {
    "test_parts_never_exceed_the_payment": Mistake(
        says="what is too much is on its way",
        wrongs=lambda: {"refund": reported(REFUSED, outcome=RefundOutcome.PROCESSING)},
    ),
    "test_a_refund_under_the_same_key_is_made_once": Mistake(
        says="a second try has a key of its own", wrongs=lambda: {"refund": another_key_from(2)}
    ),
    "test_a_refund_is_made_once_also_when_it_is_asked_for_again_much_later": Mistake(
        says="a second try has a key of its own", wrongs=lambda: {"refund": another_key_from(2)}
    ),
    "test_refunding_what_was_never_charged_fails": Mistake(
        says="a refusal is no answer",
        wrongs=lambda: {"refund": reported(REFUSED, outcome=RefundOutcome.UNKNOWN)},
    ),
    "test_a_refund_is_told_of_by_its_name_and_in_the_list_of_what_changed": Mistake(
        says="a list tells less than a look", wrongs=lambda: {"refunds_since": lambda *_: []}
    ),
    "test_a_refund_that_had_succeeded_may_come_back": Mistake(
        says="what was given back stays so", wrongs=lambda: {"get_refund": reported(REFUSED, outcome=MADE)}
    ),
    "test_a_refund_may_take_its_time": Mistake(
        says="what is on its way is there",
        wrongs=lambda: {"refund": reported(RefundOutcome.PROCESSING, outcome=MADE)},
    ),
    "test_a_refund_may_be_refused": Mistake(
        says="every refund is made", wrongs=lambda: {"refund": reported(REFUSED, outcome=MADE)}
    ),
}

DISPUTES = {
    "test_a_dispute_is_told_with_the_payment_it_is_about": Mistake(
        says="a dispute is about itself",
        wrongs=lambda: {"get_dispute": told(lambda one: replace(one, payment_ref=one.ref))},
    ),
    "test_a_dispute_is_decided": Mistake(
        says="a dispute never ends",
        wrongs=lambda: {
            "get_dispute": told(lambda one: replace(one, state=DisputeState.NEEDS_RESPONSE)),
        },
        given={"won": True, "ends": KEPT},
    ),
    "test_what_is_disputed_is_not_refunded_beside_it": Mistake(
        says="a refusal is a refund", wrongs=lambda: {"refund": reported(REFUSED, outcome=MADE)}
    ),
    "test_a_dispute_that_the_provider_never_heard_of_is_none": Mistake(
        says="a dispute that is not there is no answer", wrongs=lambda: {"get_dispute": _must_be_there}
    ),
}


def _with_setups() -> Mapping[str, Wrong]:
    """Setups are in the statement."""
    ready: list[Report] = []

    def confirm(honest: Wrong, *given: object) -> Report:
        report: Report = honest(*given)
        ready.extend([report] if report.amount == 0 else [])
        return report

    def movements(honest: Wrong, since: datetime, until: datetime) -> list[Movement]:
        kind = MovementKind.PAYMENT
        rows = [
            Movement(
                name=str(r.ref), kind=kind, ref=r.ref, key=r.key, amount=0, currency="USD", moved_at=since
            )
            for r in ready
        ]
        return [*honest(since, until), *rows]

    return {"confirm": confirm, "movements_since": movements}


def _of_a_day_more(honest: Wrong, since: datetime, until: datetime) -> Any:  # noqa: ANN401 - a list
    return honest(since - timedelta(days=1), until)


STATEMENTS = {
    "test_a_payment_is_in_the_statement_as_it_was_reported": Mistake(
        says="a payment is in the statement by what was left of it",
        wrongs=lambda: {"movements_since": each(lambda row: replace(row, amount=row.amount - 59))},
    ),
    "test_a_refund_is_in_the_statement_under_its_own_key": Mistake(
        says="what left came",
        wrongs=lambda: {"movements_since": each(lambda r: replace(r, amount=abs(r.amount)))},
    ),
    "test_a_movement_has_one_name_and_bears_it_whenever_it_is_asked_for": Mistake(
        says="a movement has a new name each time",
        wrongs=lambda: {"movements_since": each(lambda row: replace(row, name=uuid4().hex))},
    ),
    "test_what_moved_long_before_or_after_is_left_out": Mistake(
        says="a statement begins a day too early", wrongs=lambda: {"movements_since": _of_a_day_more}
    ),
    "test_what_moved_no_money_is_not_in_the_statement": Mistake(
        says="setups are in the statement", wrongs=_with_setups
    ),
}


def _believed(body: bytes, now: datetime) -> Notification:
    """As the body has it, whoever wrote it."""
    said = json.loads(body)
    key = UUID(hex=said["key"]) if said.get("key") else None
    return Notification(
        id=said["id"], provider="sandbox", subject=Subject.ATTEMPT, key=key, ref=None, occurred_at=now
    )


def _trusting(_: Wrong, __: object, body: bytes, now: datetime) -> Notification:
    return _believed(body, now)


def _trusting_the_unsigned(honest: Wrong, headers: Mapping[str, str], body: bytes, now: datetime) -> Any:  # noqa: ANN401 - a notification
    signed = "sandbox-signature" in headers
    return honest(headers, body, now) if signed else _believed(body, now)


def _patient(honest: Wrong, headers: Mapping[str, str], body: bytes, _: datetime) -> Any:  # noqa: ANN401 - as above
    signed_at = headers["sandbox-signature"].partition(",")[0].removeprefix("t=")
    return honest(headers, body, datetime.fromtimestamp(int(signed_at), UTC))


def _hasty(honest: Wrong, headers: Mapping[str, str], body: bytes, now: datetime) -> Any:  # noqa: ANN401 - as above
    json.loads(body)
    return honest(headers, body, now)


def _of(subject: Subject, /, **other: object) -> Mapping[str, Wrong]:
    return {"parse": told(lambda one: replace(one, **other) if one.subject is subject else one)}


NOTIFICATIONS = {
    "test_a_payment_is_told_under_our_key": Mistake(
        says="nobody knows whose payment it is", wrongs=lambda: _of(Subject.ATTEMPT, key=None)
    ),
    "test_the_same_notification_is_the_same_however_often_it_comes": Mistake(
        says="every delivery is another notification",
        wrongs=lambda: {"parse": told(lambda one: replace(one, id=uuid4().hex))},
    ),
    "test_in_whatever_order_they_come_the_provider_is_asked_and_tells_the_end": Mistake(
        says="a notification names what cannot be asked about",
        wrongs=lambda: _of(Subject.ATTEMPT, ref="never_heard_of"),
    ),
    "test_a_refund_is_told": Mistake(
        says="a refund is something else", wrongs=lambda: _of(Subject.REFUND, subject=Subject.OTHER)
    ),
    "test_an_altered_body_is_refused": Mistake(
        says="nobody looks at the signature", wrongs=lambda: {"parse": _trusting}
    ),
    "test_one_without_its_signature_is_refused": Mistake(
        says="what is not signed is believed", wrongs=lambda: {"parse": _trusting_the_unsigned}
    ),
    "test_a_stale_one_is_refused": Mistake(
        says="nobody looks at the age", wrongs=lambda: {"parse": _patient}
    ),
    "test_what_is_malformed_or_oversize_is_refused": Mistake(
        says="the body is read before it is verified", wrongs=lambda: {"parse": _hasty}, given={"body": b""}
    ),
}


def _refused_again() -> Mapping[str, Wrong]:
    asked: set[object] = set()

    def charge(honest: Wrong, request: Any) -> Any:  # noqa: ANN401 - a payment's
        if request.key in asked:
            return declined([request])
        asked.add(request.key)
        return honest(request)

    return {"charge": charge}


OUTAGES = {
    "test_a_charge_meets_a_fault_and_is_made_once": Mistake(
        says="no answer is a failure",
        wrongs=lambda: {"charge": silence_as(declined)},
        given={"fault": Fault.LOST_REPLY},
    ),
    "test_opening_meets_a_fault_and_opens_once": Mistake(
        says="after no answer another one is opened",
        wrongs=lambda: {"open": another_key_from(2)},
        given={"fault": Fault.LOST_REPLY},
    ),
    "test_a_confirmation_meets_a_fault_and_pays_once": Mistake(
        says="no answer is a failure",
        wrongs=lambda: {"confirm": silence_as(declined)},
        given={"fault": Fault.GARBLED},
    ),
    "test_a_refund_meets_a_fault_and_is_made_once": Mistake(
        says="no answer is a refusal",
        wrongs=lambda: {"refund": silence_as(not_refunded)},
        given={"fault": Fault.BROKEN},
    ),
    "test_questions_that_meet_a_fault_claim_nothing": Mistake(
        says="no answer is nothing",
        wrongs=lambda: {"get": silence_as(lambda _: None)},
        given={"fault": Fault.LOST_REPLY},
    ),
    "test_what_is_refused_for_the_merchants_sake_is_no_decline_and_is_over_with_it": Mistake(
        says="what the merchant may not take, the customer has declined",
        wrongs=lambda: {"charge": reported(FailureCause.PROVIDER_UNAVAILABLE, cause=FailureCause.DECLINED)},
    ),
    "test_a_refusal_does_not_hide_what_an_earlier_request_paid": Mistake(
        says="what is asked for again and refused has failed",
        wrongs=_refused_again,
        given={"fault": Fault.LOST_REPLY},
    ),
    "test_a_refusal_that_is_not_heard_is_no_failure": Mistake(
        says="no answer is a refusal",
        wrongs=lambda: {"charge": silence_as(declined)},
        given={"fault": Fault.LOST_REPLY},
    ),
}
