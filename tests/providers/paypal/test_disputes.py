"""PayPal's cases as our disputes."""

from typing import Any

import pytest

from solvent.core.dispute import DisputeReason, DisputeState, Evidence
from solvent.ports.provider import DisputeAnswer
from tests.peers.paypal.acts import change_dispute, dispute

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
