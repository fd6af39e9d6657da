"""What a report leads to: the whole judgement as a table, and what holds of every verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from textwrap import dedent
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core.attempt import Attempt
from solvent.core.invoice import InvoiceState
from solvent.core.payment import IN_FLIGHT, AttemptState, FailureCause, Outcome, ProofKind, Report
from solvent.core.plan import Plan
from solvent.core.settlement import Commit, Fail, Nothing, Past, PayIssued, Strand, Wait, judge
from tests.core.till import ISSUED, Till, open_invoice, paid
from tests.core.verdicts import (
    MONEY,
    NO_MONEY,
    PLANS,
    Maker,
    free_start,
    renewal,
    table,
    trial,
    upgrade,
    written,
)
from tests.drawing import examples

if TYPE_CHECKING:
    from tests.core.conftest import Shop


def judged(
    shop: Shop, maker: Maker, state: AttemptState, make: Callable[[Attempt], Report], moved: bool
) -> str:
    """The verdict about a fresh attempt of the plan, in that state; `moved`: something overtook the plan."""
    plan, overtake = maker(shop)
    till = Till(shop)
    till.owes(open_invoice(shop))
    attempt = till.open(plan, state)
    if moved:
        overtake(till)
    return written(till.judge(make(attempt)))


def in_flight_table(shops: type[Shop]) -> str:
    """Plan × report × whether the facts have moved on; a report that means the same for every plan is one row."""
    cells: dict[tuple[str, str], tuple[str, ...]] = {}
    for maker in PLANS:
        for report, make in (MONEY | NO_MONEY).items():
            found = {
                tuple(judged(shops(), maker, state, make, moved) for moved in (False, True))
                for state in IN_FLIGHT
            }
            (cells[maker.__name__, report],) = found  # every attempt in flight is judged alike
    rows: list[tuple[str, ...]] = []
    for report in MONEY | NO_MONEY:
        alike = len({cells[maker.__name__, report] for maker in PLANS}) == 1
        names = [maker.__name__ for maker in PLANS[: 1 if alike else None]]
        rows += [(report, "any plan" if alike else name, *cells[name, report]) for name in names]
    return table("report", "plan", "facts as planned", "facts moved on", rows=rows)


def finished_table(shops: type[Shop]) -> str:
    """What comes for an attempt that has ended: only money counts."""
    rows = []
    for maker in PLANS:
        cells = [judged(shops(), maker, AttemptState.FAILED, paid, moved) for moved in (False, True)]
        if maker not in {free_start, trial}:
            rows.append(("failed", maker.__name__, *cells))
    pasts = {
        "nothing left open": (None, Past()),
        "its grace stands open": (open_invoice(shops()), Past(issued=ISSUED)),
        "another amount stands open": (open_invoice(shops(), debt=2001), Past(issued=ISSUED)),
        "other currency stands open": (open_invoice(shops(), currency="EUR"), Past(issued=ISSUED)),
        "its grace was paid since": (
            open_invoice(shops(), paid=2000, state=InvoiceState.PAID),
            Past(issued=ISSUED),
        ),
        "the same money again": (None, Past(refs=frozenset({"pi_1"}))),
        "other money again": (None, Past(refs=frozenset({"pi_0"}))),
    }
    for state in (AttemptState.COMMITTED, AttemptState.RETURNED):
        for name, (invoice, past) in pasts.items():
            if state is AttemptState.RETURNED and "again" not in name:
                continue  # money has come for it before, and it issued nothing
            plan, _ = renewal(shop := shops())
            till = Till(shop)
            attempt = till.open(plan, state)
            till.locked.past[attempt.id] = past
            if invoice is not None:
                till.owes(invoice)
            rows.append((state.value, name, written(till.judge(paid(attempt))), ""))
    return table("attempt", "about", "money comes", "facts moved on", rows=rows)


def test_every_report_about_an_attempt_in_flight_has_its_verdict(shops: type[Shop]) -> None:
    assert in_flight_table(shops) == dedent("""\
        report                plan        facts as planned                     facts moved on
        succeeded             upgrade     commit on payment                    strand: stale
        succeeded             renewal     commit on payment                    strand: stale
        succeeded             purchase    commit on payment                    strand: stale
        succeeded             debt        commit on payment                    strand: stale
        succeeded             free_start  commit on nothing_due                fail: canceled
        succeeded             trial       commit on trial                      fail: canceled
        other amount moved    upgrade     strand: amount                       strand: amount
        other amount moved    renewal     strand: amount, and commit on grace  strand: amount
        other amount moved    purchase    strand: amount                       strand: amount
        other amount moved    debt        strand: amount                       strand: amount
        other amount moved    free_start  strand: amount                       strand: amount
        other amount moved    trial       strand: amount                       strand: amount
        other currency moved  upgrade     strand: amount                       strand: amount
        other currency moved  renewal     strand: amount, and commit on grace  strand: amount
        other currency moved  purchase    strand: amount                       strand: amount
        other currency moved  debt        strand: amount                       strand: amount
        other currency moved  free_start  strand: amount                       strand: amount
        other currency moved  trial       strand: amount                       strand: amount
        nothing moved         upgrade     wait, unknown                        wait, unknown
        nothing moved         renewal     wait, unknown                        wait, unknown
        nothing moved         purchase    wait, unknown                        wait, unknown
        nothing moved         debt        wait, unknown                        wait, unknown
        nothing moved         free_start  commit on nothing_due                fail: canceled
        nothing moved         trial       commit on trial                      fail: canceled
        failed                upgrade     fail: insufficient_funds             fail: insufficient_funds
        failed                renewal     commit on grace                      fail: insufficient_funds
        failed                purchase    fail: insufficient_funds             fail: insufficient_funds
        failed                debt        fail: insufficient_funds             fail: insufficient_funds
        failed                free_start  fail: insufficient_funds             fail: insufficient_funds
        failed                trial       fail: insufficient_funds             fail: insufficient_funds
        requires action       any plan    wait, requires_action                wait, requires_action
        processing            any plan    wait, processing                     wait, processing
        unknown               any plan    wait, unknown                        wait, unknown
        """)


def test_only_money_matters_to_an_attempt_that_has_ended(shops: type[Shop]) -> None:
    assert finished_table(shops) == dedent("""\
        attempt    about                       money comes             facts moved on
        failed     upgrade                     commit on payment       strand: late
        failed     renewal                     commit on payment       strand: late
        failed     purchase                    strand: late            strand: late
        failed     debt                        commit on payment       strand: late
        committed  nothing left open           strand: duplicate
        committed  its grace stands open       pay the issued invoice
        committed  another amount stands open  strand: amount
        committed  other currency stands open  strand: amount
        committed  its grace was paid since    strand: duplicate
        committed  the same money again        nothing
        committed  other money again           strand: duplicate
        returned   the same money again        nothing
        returned   other money again           strand: duplicate
        """)
    plan, _ = renewal(shop := shops())
    till = Till(shop)
    for state in (AttemptState.FAILED, AttemptState.COMMITTED, AttemptState.RETURNED):
        attempt = till.open(plan, state)
        assert [till.judge(make(attempt)) for make in NO_MONEY.values()] == [Nothing()] * len(NO_MONEY)


reports = st.builds(
    Report,
    outcome=st.sampled_from(Outcome),
    key=st.just(UUID(int=1)),
    ref=st.sampled_from(["pi_1", "pi_2", "pi_3"]),
    amount=st.sampled_from([0, 1, 1999, 2000, 2001, 5000, 18000]),
    currency=st.sampled_from(["USD", "EUR", None]),
    cause=st.sampled_from([*FailureCause, None]),
)


@pytest.mark.unmeasured
@settings(max_examples=examples(400), deadline=None)
@given(
    maker=st.sampled_from(PLANS),
    state=st.sampled_from(AttemptState),
    report=reports,
    moved=st.booleans(),
    refs=st.frozensets(st.sampled_from(["pi_1", "pi_2"])),
    issued=st.sampled_from([None, ISSUED]),
)
def test_no_verdict_loses_money_or_commits_without_it(
    shops: type[Shop],
    maker: Maker,
    state: AttemptState,
    report: Report,
    moved: bool,
    refs: frozenset[str],
    issued: UUID | None,
) -> None:
    """L1, L2, L3 over everything that can be reported about anything."""
    plan, overtake = maker(shop := shops())
    till = Till(shop)
    till.owes(open_invoice(shop))
    attempt = till.open(plan, state)
    if moved:
        overtake(till)
    past = Past(refs=refs, issued=issued if state is AttemptState.COMMITTED else None)
    verdict = judge(attempt, report, till.live, past, till.families)
    assert verdict == judge(attempt, report, till.live, past, till.families)

    new_money = report.outcome is Outcome.SUCCEEDED and report.amount > 0 and report.ref not in refs
    if new_money:
        assert isinstance(verdict, Commit | PayIssued | Strand)
    else:
        assert not isinstance(verdict, PayIssued | Strand)
    if report.outcome in {Outcome.UNKNOWN, Outcome.PROCESSING, Outcome.REQUIRES_ACTION}:
        assert isinstance(verdict, Wait if attempt.in_flight else Nothing)
    match verdict:
        case Commit():
            assert not moved
            assert state in IN_FLIGHT | {AttemptState.FAILED}
            assert _is_proven(verdict, plan, report)
        case PayIssued():
            assert (report.amount, report.currency, state) == (2000, "USD", AttemptState.COMMITTED)
        case Wait():
            assert attempt.in_flight
            assert verdict.state in IN_FLIGHT - {AttemptState.OPENING}
        case Strand() | Fail() | Nothing():
            pass  # said above


def _is_proven(verdict: Commit, plan: Plan, report: Report) -> bool:
    """The proof fits what was reported: exactly the amount due, nothing due, or a definite failure."""
    match verdict.proof:
        case ProofKind.PAYMENT:
            return (report.outcome, report.amount, report.currency) == (
                Outcome.SUCCEEDED,
                plan.due,
                plan.currency,
            )
        case ProofKind.GRACE:
            return report.outcome is Outcome.FAILED and plan.due > 0
        case _:
            return report.outcome is Outcome.SUCCEEDED and plan.due == 0 and report.amount == 0


def test_silence_of_a_provider_that_knew_the_attempt_ends_nothing(shops: type[Shop]) -> None:
    """What we make of a provider's never having heard of an attempt ends only one that it never named."""
    for ref, unheard in ((None, True), ("pi_1", True), ("pi_1", False), (None, False)):
        plan, _ = upgrade(shop := shops())
        till = Till(shop)
        attempt = replace(till.open(plan, AttemptState.UNKNOWN), ref=ref)
        till.locked.attempts[attempt.id] = attempt
        report = Report(
            outcome=Outcome.FAILED, key=attempt.id, cause=FailureCause.PROVIDER_UNAVAILABLE, unheard=unheard
        )
        assert isinstance(till.judge(report), Nothing if ref and unheard else Fail), (ref, unheard)
