"""Reconciliation: what is compared with what, what each difference is called, and who can repair it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from solvent.core.difference import Difference, Total, marked, totals
from solvent.core.dispute import Dispute, DisputeReason, DisputeReport, DisputeState
from solvent.core.movement import Movement, MovementKind
from solvent.core.payment import AttemptState, FailureCause, Outcome, Report
from solvent.core.reconciliation import OurAttempt, OurPayment, OurRefund, Ours, Theirs, compare

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
KEY, REFUND_KEY = UUID(int=1), UUID(int=2)
CHARGE = Movement(
    name="m1",
    kind=MovementKind.PAYMENT,
    ref="p1",
    key=KEY,
    amount=2_000,
    currency="USD",
    moved_at=AT,
    fee=88,
    fee_currency="USD",
)
BACK = replace(
    CHARGE,
    name="m2",
    kind=MovementKind.REFUND,
    ref="r1",
    key=REFUND_KEY,
    amount=-500,
    fee=0,
    fee_currency=None,
)
PAID = OurPayment(key=KEY, ref="p1", amount=2_000, currency="USD")
GIVEN = OurRefund(key=REFUND_KEY, ref="r1", payment_ref="p1", amount=500, currency="USD", state="succeeded")
ATTEMPT = OurAttempt(state=AttemptState.COMMITTED, ref="p1", paid=True)
FEES = {"m1": (88, "USD")}
OURS = Ours(
    attempts={KEY: ATTEMPT}, payments={"p1": PAID}, refunds={REFUND_KEY: GIVEN}, fees=FEES, recent=(PAID,)
)
CASE = DisputeReport(
    ref="d1",
    payment_ref="p1",
    key=KEY,
    amount=2_000,
    currency="USD",
    state=DisputeState.NEEDS_RESPONSE,
    opened_at=AT,
)
MINE = Dispute(
    id=UUID(int=3),
    payment_id=UUID(int=4),
    provider="bank",
    payment_ref="p1",
    ref="d1",
    amount=2_000,
    currency="USD",
    state=DisputeState.NEEDS_RESPONSE,
    reason=DisputeReason.UNKNOWN,
    opened_at=AT,
    evidence_due_by=None,
    changed_at=AT,
    fee=0,
    fee_currency="USD",
    version=1,
)
FAILED = Report(outcome=Outcome.FAILED, key=KEY, ref="p1", cause=FailureCause.DECLINED)
SUCCEEDED = Report(outcome=Outcome.SUCCEEDED, key=KEY, ref="p1", amount=2_000, currency="USD")


def found(ours: Ours, *movements: Movement, reports: tuple[Report, ...] = ()) -> list[str]:
    return spelled(compare(ours, Theirs(movements=movements, reports=reports)))


def spelled(differences: tuple[Difference, ...]) -> list[str]:
    return [f"{d.about} {d.kind} {d.repair}" for d in differences]


def test_books_that_agree_have_no_difference() -> None:
    assert found(OURS, CHARGE, BACK, reports=(SUCCEEDED,)) == []


@pytest.mark.parametrize(
    ("movement", "differs"),
    [
        (replace(CHARGE, amount=1_999), ["payment amount by_hand"]),
        (replace(CHARGE, currency="EUR"), ["payment currency by_hand"]),
        (replace(CHARGE, fee=87), ["payment fee_amount by_hand"]),
        (replace(CHARGE, fee_currency="EUR"), ["payment fee_amount by_hand"]),
        (replace(CHARGE, name="m9"), ["payment fee_unrecorded fee"]),
        (replace(CHARGE, fee=0, fee_currency=None), []),
        (replace(CHARGE, ref="p2"), ["payment twice settle", "payment theirs_missing by_hand"]),
        (
            replace(CHARGE, ref="p2", key=None),
            ["payment ours_missing by_hand", "payment theirs_missing by_hand"],
        ),
        (
            replace(CHARGE, ref=None, key=UUID(int=9)),
            ["payment ours_missing by_hand", "payment theirs_missing by_hand"],
        ),
    ],
)
def test_a_payment_differs(movement: Movement, differs: list[str]) -> None:
    assert found(OURS, movement) == differs


def test_money_of_an_attempt_that_waits_is_settled() -> None:
    waits = replace(ATTEMPT, state=AttemptState.PROCESSING, paid=False)
    assert found(Ours(attempts={KEY: waits}), CHARGE) == ["payment ours_missing settle"]


@pytest.mark.parametrize(
    ("state", "rows", "differs"),
    [
        ("succeeded", [replace(BACK, amount=-499)], ["refund amount by_hand"]),
        ("succeeded", [replace(BACK, currency="EUR")], ["refund currency by_hand"]),
        ("succeeded", [BACK, replace(BACK, name="m3", amount=500)], ["refund state refund"]),
        ("returned", [BACK, replace(BACK, name="m3", amount=500)], []),
        ("returned", [BACK], ["refund state by_hand"]),
        ("failed", [BACK, replace(BACK, name="m3", amount=500)], []),
        ("processing", [BACK, replace(BACK, name="m3", amount=500)], ["refund state refund"]),
        ("due", [BACK], ["refund state refund"]),
        ("processing", [BACK], ["refund state refund"]),
        ("failed", [BACK], ["refund state by_hand"]),
        ("failed", [], []),
    ],
)
def test_a_refund_differs(state: str, rows: list[Movement], differs: list[str]) -> None:
    ours = replace(OURS, refunds={REFUND_KEY: replace(GIVEN, state=state)})
    assert found(ours, CHARGE, *rows) == differs


def test_a_refund_that_only_one_side_has() -> None:
    nobodys = replace(BACK, key=None)
    assert found(replace(OURS, refunds={}), CHARGE, BACK) == ["refund ours_missing by_hand"]
    assert found(OURS, CHARGE, nobodys) == ["refund ours_missing by_hand"]
    assert found(OURS, CHARGE, nobodys, replace(nobodys, name="m3", amount=500)) == []
    assert found(replace(OURS, given=(GIVEN,)), CHARGE) == ["refund theirs_missing refund"]
    unnamed = replace(GIVEN, ref=None)
    assert found(replace(OURS, given=(unnamed,)), CHARGE) == ["refund theirs_missing by_hand"]
    assert found(replace(OURS, given=(GIVEN,)), CHARGE, BACK) == []


@pytest.mark.parametrize(("young", "differs"), [(False, ["attempt state settle"]), (True, [])])
def test_what_was_begun_after_the_time_that_is_compared_is_left_out(young: bool, differs: list[str]) -> None:
    waits = replace(ATTEMPT, state=AttemptState.PROCESSING, young=young)
    theirs = Theirs(movements=[CHARGE], reports=[FAILED])
    found = compare(replace(OURS, attempts={KEY: waits}), theirs)
    assert [f"{d.about} {d.kind} {d.repair}" for d in found] == differs


def test_a_fee_that_came_back_with_a_refund_is_compared_too() -> None:
    back = replace(BACK, fee=-17, fee_currency="USD")
    assert found(OURS, CHARGE, back) == ["refund fee_unrecorded fee"]
    assert found(replace(OURS, fees=FEES | {"m2": (-17, "USD")}), CHARGE, back) == []
    assert found(Ours(), replace(back, amount=0)) == []


@pytest.mark.parametrize(
    ("theirs", "mine", "differs"),
    [
        (CASE, MINE, []),
        (CASE, None, ["dispute ours_missing dispute"]),
        (replace(CASE, key=None), None, ["dispute ours_missing by_hand"]),
        (replace(CASE, currency="EUR"), MINE, ["dispute currency by_hand"]),
        (replace(CASE, amount=1_000), MINE, ["dispute amount dispute"]),
        (replace(CASE, state=DisputeState.LOST), MINE, ["dispute state dispute"]),
        (replace(CASE, state=DisputeState.UNKNOWN), MINE, []),
        (replace(CASE, state=DisputeState.LOST), replace(MINE, state=DisputeState.ACCEPTED), []),
        (replace(CASE, state=DisputeState.WON), replace(MINE, state=DisputeState.WITHDRAWN), []),
        (
            replace(CASE, state=DisputeState.WON),
            replace(MINE, state=DisputeState.LOST),
            ["dispute state dispute"],
        ),
    ],
)
def test_a_dispute_differs(theirs: DisputeReport, mine: Dispute | None, differs: list[str]) -> None:
    ours = Ours(attempts={KEY: ATTEMPT}, disputes={} if mine is None else {mine.ref: mine})
    assert spelled(compare(ours, Theirs(disputes=(theirs,)))) == differs


@pytest.mark.parametrize(
    ("state", "report", "differs"),
    [
        (AttemptState.PROCESSING, SUCCEEDED, ["attempt state settle"]),
        (AttemptState.UNKNOWN, FAILED, ["attempt state settle"]),
        (AttemptState.UNKNOWN, replace(FAILED, outcome=Outcome.PROCESSING, cause=None), []),
        (AttemptState.COMMITTED, SUCCEEDED, []),
        (AttemptState.COMMITTED, FAILED, ["attempt state by_hand"]),
        (AttemptState.COMMITTED, replace(FAILED, ref="p9"), []),
        (AttemptState.COMMITTED, replace(FAILED, ref=None), []),
        (AttemptState.FAILED, replace(FAILED, key=UUID(int=9)), []),
    ],
)
def test_an_attempt_differs(state: AttemptState, report: Report, differs: list[str]) -> None:
    ours = replace(OURS, attempts={KEY: replace(ATTEMPT, state=state)}, recent=())
    assert found(ours, reports=(report,)) == differs


def test_what_is_gone_after_a_repair_is_marked_and_what_is_new_is_told() -> None:
    first, second = compare(OURS, Theirs(movements=(replace(CHARGE, ref="p2"),)))
    assert marked((first, second), (second,)) == (replace(first, repaired=True), second)
    assert marked((first,), (first, second)) == (first, second)


def test_what_moved_and_what_was_kept_are_summed_by_kind_and_currency() -> None:
    moved, kept = totals([CHARGE, CHARGE, BACK, replace(CHARGE, currency="EUR")])
    payment, refund = MovementKind.PAYMENT, MovementKind.REFUND
    assert moved == (
        Total(kind=payment, currency="EUR", movements=1, amount=2_000),
        Total(kind=payment, currency="USD", movements=2, amount=4_000),
        Total(kind=refund, currency="USD", movements=1, amount=-500),
    )
    assert kept == (Total(kind=payment, currency="USD", movements=3, amount=264),)
