"""A dispute's own course: what a report changes, and that no order of reports ends it elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.dispute import (
    GONE,
    HELD,
    KEPT,
    OPEN,
    TRANSITIONS,
    Dispute,
    DisputeReason,
    DisputeReport,
    DisputeState,
    Loss,
    Taken,
    begin,
    follow,
    unmapped_word,
)
from tests.drawing import examples

OPENED = datetime(2027, 1, 10, tzinfo=UTC)
ID, PAYMENT, KEY = (UUID(int=n) for n in (1, 2, 3))


def told(state: DisputeState, day: int | None = 0, **other: object) -> DisputeReport:
    report = DisputeReport(
        ref="dp_1",
        payment_ref="pi_1",
        key=KEY,
        amount=2_000,
        currency="USD",
        state=state,
        opened_at=OPENED,
        changed_at=None if day is None else OPENED + timedelta(days=day),
    )
    return replace(report, **other)  # type: ignore[arg-type]  # fields of a report


def after(*reports: DisputeReport) -> Dispute:
    dispute = begin(reports[0], ID, PAYMENT, "sandbox")
    for report in reports[1:]:
        dispute = follow(dispute, report)
    return dispute


def test_every_state_but_unknown_says_where_the_money_is() -> None:
    assert set(DisputeState) - {DisputeState.UNKNOWN} == OPEN | GONE | KEPT
    assert {DisputeState.WARNING} == OPEN - HELD


def test_what_may_follow_may_follow_at_once() -> None:
    """Reports are lost: whatever is reached by two steps is reached by one."""
    for state, following in TRANSITIONS.items():
        for later in following:
            assert TRANSITIONS[later] - {state} <= following


def test_a_first_report_is_the_dispute() -> None:
    dispute = after(told(DisputeState.NEEDS_RESPONSE, fee=1_500, reason=DisputeReason.FRAUDULENT))
    assert (dispute.state, dispute.held, dispute.is_open) == ("needs_response", 2_000, True)
    assert (dispute.fee, dispute.fee_currency, dispute.reason) == (1_500, "USD", "fraudulent")
    elsewhere = after(told(DisputeState.WARNING, fee=1_500, fee_currency="EUR"))
    assert (elsewhere.held, elsewhere.is_open, elsewhere.fee_currency) == (0, True, "EUR")


def test_the_same_report_again_changes_nothing() -> None:
    report = told(DisputeState.NEEDS_RESPONSE)
    dispute = after(report)
    assert follow(dispute, report) is dispute


def test_an_older_report_changes_nothing() -> None:
    dispute = after(told(DisputeState.UNDER_REVIEW, 2))
    assert follow(dispute, told(DisputeState.NEEDS_RESPONSE, 1)) is dispute
    assert follow(dispute, told(DisputeState.NEEDS_RESPONSE, 3)).state == "needs_response"
    assert follow(dispute, told(DisputeState.NEEDS_RESPONSE, None)).state == "needs_response"
    unordered = after(told(DisputeState.WARNING, None))
    assert follow(unordered, told(DisputeState.LOST, None)).version == 2


def test_what_nobody_mapped_changes_nothing() -> None:
    dispute = after(told(DisputeState.NEEDS_RESPONSE))
    assert follow(dispute, told(DisputeState.UNKNOWN, 9)) is dispute


def test_what_is_decided_keeps_its_amount_and_may_still_cost() -> None:
    lost = after(told(DisputeState.NEEDS_RESPONSE), told(DisputeState.LOST, 5, amount=1_500))
    assert (lost.amount, lost.held, lost.is_open) == (1_500, 0, False)
    later = follow(lost, told(DisputeState.LOST, 6, amount=1, fee=700))
    assert (later.amount, later.fee) == (1_500, 700)
    assert follow(lost, told(DisputeState.NEEDS_RESPONSE, 7)) is lost


def test_a_fee_has_one_currency() -> None:
    free = after(told(DisputeState.NEEDS_RESPONSE))
    charged = follow(free, told(DisputeState.NEEDS_RESPONSE, 1, fee=1_500, fee_currency="EUR"))
    assert (charged.fee, charged.fee_currency) == (1_500, "EUR")
    odd = follow(charged, told(DisputeState.NEEDS_RESPONSE, 2, fee=9, fee_currency="JPY"))
    assert (odd.fee, odd.fee_currency) == (1_500, "EUR")


def test_a_loss_is_the_sum_of_its_parts() -> None:
    parts = [Taken(payment_id=PAYMENT, to_debt=n, from_credit=n // 5) for n in (1_000, 500)]
    loss = Loss(parts=tuple(parts), written_off=200)
    assert (loss.to_debt, loss.from_credit) == (1_500, 300)


@pytest.mark.parametrize("wrong", [{"amount": 0}, {"amount": -1}, {"fee": -1}])
def test_amounts_that_no_dispute_has(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="dispute dp_1: of"):
        told(DisputeState.LOST, **wrong)  # type: ignore[arg-type]  # fields of a report


@st.composite
def histories(draw: st.DrawFn) -> list[DisputeReport]:
    """A dispute as its provider sees it: one report for each state on its way, in order."""
    state, reports = draw(st.sampled_from(sorted(OPEN))), []
    amount = draw(st.integers(1, 5_000))
    for day in range(draw(st.integers(1, 6))):
        reports.append(told(state, day, amount=amount, fee=day * 10))
        if state in OPEN:
            amount = draw(st.integers(1, 5_000))
        following = sorted(TRANSITIONS[state])
        if not following:
            break
        state = draw(st.sampled_from(following))
    return reports


@settings(max_examples=examples(200), deadline=None)
@given(history=histories(), data=st.data())
def test_any_order_of_reports_ends_alike(history: Sequence[DisputeReport], data: st.DataObject) -> None:
    """L5: whatever is late, lost or repeated, once the newest report has been heard the dispute is as it says."""
    heard = data.draw(st.lists(st.sampled_from(history), max_size=8))
    place = data.draw(st.integers(0, len(heard)))
    dispute = after(*heard[:place], history[-1], *heard[place:])
    assert replace(dispute, version=1) == after(history[-1])
    assert all(x.changed_at < y.changed_at for x, y in pairwise(history) if x.changed_at and y.changed_at)


def test_the_word_that_nobody_translated_is_the_state_before_the_reason() -> None:
    reasons = {"fraudulent": DisputeReason.FRAUDULENT, "general": DisputeReason.UNKNOWN}
    assert unmapped_word(DisputeState.UNKNOWN, "pondering", "odd", reasons) == "pondering"
    assert unmapped_word(DisputeState.LOST, "lost", "odd", reasons) == "odd"
    assert unmapped_word(DisputeState.LOST, "lost", "general", reasons) is None
