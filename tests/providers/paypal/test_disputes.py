"""PayPal's cases as our disputes."""

from typing import Any

import pytest

from solvent.core.dispute import DisputeReason, DisputeState, Evidence
from solvent.core.payment import FailureCause, Outcome
from solvent.ports.provider import DisputeAnswer, ProviderSilent, Subject
from tests.peers.paypal import Wallet
from tests.peers.paypal.acts import change_dispute, decide, dispute
from tests.peers.paypal.reversing import reverse

World = Any  # the fixture's class; see conftest


def test_a_claim_names_its_payment_and_holds_the_money(world: World) -> None:
    paid = world.pay()
    due = "2031-03-11T12:00:00Z"
    fee = {
        "affected_party": "SELLER",
        "amount": {"currency_code": "USD", "value": "20.00"},
        "type": "DEBIT",
        "reason": "DISPUTE_FEE",
    }
    case = dispute(world.peer.book, paid.ref, seller_response_due_date=due, money_movements=[fee])
    report = world.provider.get_dispute(case["dispute_id"])
    assert (report.ref, report.payment_ref, report.key) == (case["dispute_id"], paid.ref, paid.key)
    assert (report.amount, report.currency) == (1200, "USD")
    assert (report.fee, report.fee_currency) == (2000, "USD")
    assert report.state is DisputeState.NEEDS_RESPONSE
    assert report.reason is DisputeReason.NOT_RECEIVED
    assert report.opened_at == report.changed_at == world.clock()
    assert report.evidence_due_by.isoformat() == "2031-03-11T12:00:00+00:00"


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": "OPEN", "dispute_life_cycle_stage": "INQUIRY"}, DisputeState.WARNING),
        ({"status": "UNDER_REVIEW"}, DisputeState.UNDER_REVIEW),
        ({"status": "WAITING_FOR_BUYER_RESPONSE"}, DisputeState.UNDER_REVIEW),
        ({"status": "OTHER"}, DisputeState.UNKNOWN),
        ({"status": "RESOLVED"}, DisputeState.UNKNOWN),
    ]
    + [
        ({"status": "RESOLVED", "dispute_outcome": {"outcome_code": code}}, state)
        for code, state in {
            "RESOLVED_SELLER_FAVOUR": DisputeState.WON,
            "RESOLVED_WITH_PAYOUT": DisputeState.WON,
            "CANCELED_BY_BUYER": DisputeState.WITHDRAWN,
            "RESOLVED_BUYER_FAVOUR": DisputeState.LOST,
            "NONE": DisputeState.UNKNOWN,
        }.items()
    ],
)
def test_states_are_told_in_our_words(world: World, fields: dict[str, Any], state: DisputeState) -> None:
    case = dispute(world.peer.book, world.pay().ref)
    change_dispute(world.peer.book, case["dispute_id"], **fields)
    assert world.provider.get_dispute(case["dispute_id"]).state is state


def test_evidence_and_giving_in(world: World) -> None:
    assert world.provider.capabilities.dispute_answers == frozenset(DisputeAnswer)
    first, second = (dispute(world.peer.book, world.pay().ref)["dispute_id"] for _ in range(2))
    evidence = Evidence(statement="It was delivered on 3 March.")
    assert world.provider.submit_evidence(first, evidence).state is DisputeState.UNDER_REVIEW
    assert world.provider.submit_evidence(first, evidence).state is DisputeState.UNDER_REVIEW
    assert world.provider.accept_dispute(second).state is DisputeState.LOST
    assert world.provider.accept_dispute(second).state is DisputeState.LOST
    assert world.provider.get_dispute("PP-R-NON-1") is None


def test_what_changed_since_is_listed_page_by_page(world: World) -> None:
    start = world.clock.advance(days=1)
    paid = world.pay()
    cases = [dispute(world.peer.book, paid.ref)["dispute_id"] for _ in range(53)]
    told = [report.ref for report in world.provider.disputes_since(start)]
    assert told == cases
    later = world.clock.advance(days=1)
    change_dispute(world.peer.book, cases[7], status="UNDER_REVIEW")
    assert [report.ref for report in world.provider.disputes_since(later)] == [cases[7]]


def told_of(world: World) -> Any:  # noqa: ANN401 - a notification
    """What the last notification is about."""
    headers, body = world.peer.deliveries(world.clock())[-1]
    return world.provider.parse(headers, body, world.clock())


@pytest.mark.parametrize(("value", "minor"), [(None, 1200), ("5.00", 500)])
def test_a_reversal_is_a_dispute_that_is_lost(world: World, value: str | None, minor: int) -> None:
    paid = world.pay()
    amount = None if value is None else {"currency_code": "USD", "value": value}
    back = reverse(world.peer.book, paid.ref, amount)
    notice = told_of(world)
    assert (notice.subject, notice.ref) == (Subject.DISPUTE, f"reversal:{back['id']}")
    report = world.provider.get_dispute(notice.ref)
    assert (report.state, report.reason) == (DisputeState.LOST, DisputeReason.DEBIT_RETURNED)
    assert (report.ref, report.payment_ref, report.key) == (notice.ref, paid.ref, paid.key)
    assert (report.amount, report.currency, report.opened_at) == (minor, "USD", world.clock())
    assert world.provider.get(paid.key, paid.ref).outcome is Outcome.SUCCEEDED  # the money had come
    assert list(world.provider.disputes_since(world.clock())) == [report]
    assert list(world.provider.refunds_since(world.clock())) == []  # nobody here gave it back


def test_a_reversal_by_which_a_case_moved_the_money_is_that_case(world: World) -> None:
    paid = world.pay()
    case = dispute(world.peer.book, paid.ref)
    reverse(world.peer.book, paid.ref)
    report = world.provider.get_dispute(told_of(world).ref)
    assert (report.ref, report.state) == (case["dispute_id"], DisputeState.NEEDS_RESPONSE)


def test_what_is_no_reversal_is_none(world: World) -> None:
    back = reverse(world.peer.book, world.pay().ref)
    assert world.provider.get_dispute("reversal:NEVER1") is None
    assert world.provider.get_dispute("reversal:../../v2") is None
    back["status"] = "FAILED"
    assert world.provider.get_dispute(f"reversal:{back['id']}") is None


@pytest.mark.parametrize(
    "links", [[], [{"href": "https://api-m.paypal.com/v2/payments/captures/GONE1", "rel": "up"}]]
)
def test_a_reversal_of_what_nobody_can_say_is_asked_about_again(world: World, links: list[Any]) -> None:
    back = reverse(world.peer.book, world.pay().ref)
    back["links"] = links
    with pytest.raises(ProviderSilent, match="what a reversal took back"):
        world.provider.get_dispute(f"reversal:{back['id']}")


def test_what_was_pending_ends_as_it_is_told(world: World) -> None:
    """PENDING, then DENIED: asked about each time, and never believed."""
    pending = world.pay(Wallet(status="PENDING", ends=("DECLINED", "5120")))
    assert pending.outcome is Outcome.PROCESSING
    notice = told_of(world)
    assert (notice.subject, notice.key) == (Subject.ATTEMPT, pending.key)
    decide(world.peer.book, pending.ref, "DECLINED", "5120")
    assert told_of(world).key == pending.key
    ended = world.provider.get(pending.key, pending.ref)
    assert (ended.outcome, ended.cause) == (Outcome.FAILED, FailureCause.INSUFFICIENT_FUNDS)
