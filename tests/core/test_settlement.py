"""What a report leads to: the whole judgement as a table, and what holds of every verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from textwrap import dedent
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.core import dispute as disputes
from solvent.core import invoice as invoices
from solvent.core import manual as manual_invoices
from solvent.core import payment as payments
from solvent.core import subscription as subscriptions
from solvent.core.attempt import Attempt
from solvent.core.change import NewItem, Purchase, Start, SwitchPrice
from solvent.core.collection import plan_debt, plan_invoice
from solvent.core.credit import Draw
from solvent.core.invoice import InvoiceState, Line, LineKind
from solvent.core.payment import IN_FLIGHT, AttemptState, FailureCause, Outcome, ProofKind, Report
from solvent.core.plan import Plan
from solvent.core.settlement import (
    Commit,
    Fail,
    Nothing,
    Past,
    PayIssued,
    Strand,
    Verdict,
    Wait,
    judge,
    judge_recounted,
    stale,
)
from tests.core.funds import GRANT_ID, grants
from tests.core.till import ISSUED, Till, declined, open_invoice, paid, said

if TYPE_CHECKING:
    from tests.core.conftest import Shop

Overtake = Callable[[Till], None]
Maker = Callable[["Shop"], tuple[Plan, Overtake]]


def written(verdict: Verdict) -> str:
    """A verdict as the table writes it."""
    match verdict:
        case Commit():
            return f"commit on {verdict.proof}"
        case PayIssued():
            return "pay the issued invoice"
        case Strand():
            return f"strand: {verdict.reason}{', and commit on grace' if verdict.grace else ''}"
        case Fail():
            return f"fail: {verdict.cause}"
        case Wait():
            return f"wait, {verdict.state}"
        case Nothing():
            return "nothing"


# Each maker returns a plan, and what moves the facts on before its money comes.


def upgrade(shop: Shop) -> tuple[Plan, Overtake]:
    base = shop.zone().after
    assert base is not None
    plan = shop.plan(SwitchPrice(subscription_id=base.id, item_id=base.items[0].id, price_id="business"))
    return plan, lambda till: till.live.versions.update({base.id: 2})


def renewal(shop: Shop) -> tuple[Plan, Overtake]:
    base = shop.zone().after
    assert base is not None
    plan = shop.at(2026, 2, 1).due()
    assert plan is not None
    return plan, lambda till: till.live.versions.update({base.id: 2})


def free_start(shop: Shop) -> tuple[Plan, Overtake]:
    plan = shop.plan(Start(items=(NewItem(price_id="free", object="zone:a"),)))
    return plan, lambda till: till.live.taken.update({("zone", "zone:a"): UUID(int=9)})


def trial(shop: Shop) -> tuple[Plan, Overtake]:
    plan = shop.plan(Start(items=(NewItem(price_id="media"),)))
    return plan, lambda till: till.live.taken.update({("media", "account"): UUID(int=9)})


def purchase(shop: Shop) -> tuple[Plan, Overtake]:
    shop.credit = 100
    plan = shop.plan(Purchase(items=(NewItem(price_id="setup"),)))
    return plan, lambda till: till.has_credit(99)


def debt(shop: Shop) -> tuple[Plan, Overtake]:
    plan = plan_debt(
        shop.account, open_invoice(shop), owed=(), credit_grants=(), policy=shop.policy, now=shop.now
    )
    assert isinstance(plan, Plan)
    return plan, lambda till: till.live.invoices.update({ISSUED: open_invoice(till.shop, version=2)})


PLANS: list[Maker] = [upgrade, renewal, purchase, debt, free_start, trial]
MONEY: dict[str, Callable[[Attempt], Report]] = {
    "succeeded": paid,
    "other amount moved": lambda a: paid(a, amount=a.plan.due + 1),
    "other currency moved": lambda a: paid(a, amount=a.plan.due or 1, currency="EUR"),
}
NO_MONEY: dict[str, Callable[[Attempt], Report]] = {
    "nothing moved": lambda a: said(a, Outcome.SUCCEEDED),
    "failed": declined,
    "requires action": lambda a: said(a, Outcome.REQUIRES_ACTION),
    "processing": lambda a: said(a, Outcome.PROCESSING),
    "unknown": lambda a: said(a, Outcome.UNKNOWN),
}


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


def table(*head: str, rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [head, *rows]
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def transitions(name: str, moves: Mapping[Any, frozenset[Any]]) -> str:
    """One row per state: what it may become, in the order of the states."""
    kind: Any = type(next(iter(moves)))
    states = list(kind)
    assert set(states) == set(moves)
    rows = [(state.value, ", ".join(x.value for x in states if x in moves[state])) for state in states]
    return table(name, "may become", rows=[(state, after or "nothing else") for state, after in rows])


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


def test_transitions_of_attempts_invoices_subscriptions_and_disputes() -> None:
    tables = [
        transitions("attempt", payments.TRANSITIONS),
        transitions("invoice", invoices.TRANSITIONS),
        transitions("subscription", subscriptions.TRANSITIONS),
        transitions("dispute", disputes.TRANSITIONS),
        transitions("draft", manual_invoices.TRANSITIONS),
    ]
    assert "\n".join(tables) == dedent("""\
        attempt          may become
        opening          requires_action, processing, unknown, failed, committed, returned
        requires_action  processing, unknown, failed, committed, returned
        processing       requires_action, unknown, failed, committed, returned
        unknown          requires_action, processing, failed, committed, returned
        failed           committed, returned
        committed        nothing else
        returned         nothing else

        invoice        may become
        open           paid, resolved, uncollectible
        paid           open, resolved
        resolved       open, uncollectible
        uncollectible  resolved

        subscription  may become
        trialing      active, ended
        active        ended
        ended         nothing else

        dispute         may become
        warning         needs_response, under_review, won, withdrawn, lost, accepted
        needs_response  under_review, won, withdrawn, lost, accepted
        under_review    needs_response, won, withdrawn, lost, accepted
        won             nothing else
        withdrawn       nothing else
        lost            won, withdrawn
        accepted        won, withdrawn
        unknown         nothing else

        draft   may become
        draft   issued, voided
        issued  nothing else
        voided  nothing else
        """)


def test_a_failure_without_a_cause_is_a_decline(shop: Shop) -> None:
    plan, _ = upgrade(shop)
    till = Till(shop)
    attempt = till.open(plan)
    assert till.judge(said(attempt, Outcome.FAILED)) == Fail(cause=FailureCause.DECLINED)


def test_grace_is_granted_with_its_cause_and_only_for_what_is_owed(shop: Shop) -> None:
    plan, _ = renewal(shop)
    till = Till(shop)
    lost = declined(till.open(plan), FailureCause.CARD_LOST)
    assert till.judge(lost) == Commit(proof=ProofKind.GRACE, cause=FailureCause.CARD_LOST)
    covered = till.open(replace(plan, due=0, credit_used=plan.total))
    till.has_credit(plan.total)
    assert till.judge(declined(covered)) == Fail(cause=FailureCause.INSUFFICIENT_FUNDS)


def test_what_makes_a_plan_stale(shop: Shop) -> None:
    """A version, an item's place, an invoice, or the credit it counted on."""
    base = shop.zone().after
    assert base is not None
    items = ((base.items[0].id, "business"),)
    plan = shop.plan(SwitchPrice(subscription_id=base.id, item_id=items[0][0], price_id="business"))
    till = Till(shop)
    live, families = till.live, till.families
    assert stale(plan, live, families) is None
    live.versions[base.id] = 2
    assert stale(plan, live, families) == "version"
    del live.versions[base.id]  # it was there when the plan was made
    assert stale(plan, live, families) == "version"

    start = shop.plan(Start(items=(NewItem(price_id="seats"), NewItem(price_id="calls"))))
    assert stale(start, live, families) is None
    live.taken["calls", "account"] = base.id
    assert stale(start, live, families) == "item"

    counting = replace(start, after=None, draws=(Draw(grant_id=GRANT_ID, line=1, amount=60),) * 2)
    assert stale(counting, live, families) == "credit"
    till.has_credit(119)
    assert stale(counting, live, families) == "credit"
    till.has_credit(120)
    assert stale(counting, live, families) is None


@pytest.mark.parametrize("version", [0, 1])
def test_a_new_subscription_is_stale_once_it_exists(shop: Shop, version: int) -> None:
    plan, _ = free_start(shop)
    till = Till(shop)
    assert plan.after is not None
    till.live.versions[plan.after.id] = version
    assert stale(plan, till.live, till.families) == ("version" if version else None)


@pytest.mark.parametrize(
    "now",
    [{"version": 2}, {"state": InvoiceState.PAID, "paid": 2000}, None],
    ids=["another version", "paid", "unknown"],
)
def test_a_debt_is_stale_when_its_invoice_has_moved_on(shop: Shop, now: dict[str, Any] | None) -> None:
    plan, _ = debt(shop)
    till = Till(shop)
    till.owes(open_invoice(shop))
    assert stale(plan, till.live, till.families) is None
    if now is None:
        del till.live.invoices[ISSUED]
    else:
        till.owes(open_invoice(shop, **now))
    assert stale(plan, till.live, till.families) == "invoice"


reports = st.builds(
    Report,
    outcome=st.sampled_from(Outcome),
    key=st.just(UUID(int=1)),
    ref=st.sampled_from(["pi_1", "pi_2", "pi_3"]),
    amount=st.sampled_from([0, 1, 1999, 2000, 2001, 5000, 18000]),
    currency=st.sampled_from(["USD", "EUR", None]),
    cause=st.sampled_from([*FailureCause, None]),
)


@settings(max_examples=400, deadline=None)
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


def test_an_invoice_whose_credit_was_spent_is_judged_by_a_plan_made_anew(shop: Shop) -> None:
    """Only by a word that ends the attempt: until then what was asked for is still what is awaited."""
    lines = (Line(kind=LineKind.MANUAL, description="Advice", amount=2000, explanation="as agreed"),)
    credit = {"covered": 2000, "in part": 500}
    found = {}
    for name, counted_on in credit.items():
        plan = plan_invoice(
            shop.account,
            lines,
            invoice_id=ISSUED,
            credit_grants=grants(counted_on),
            catalog=shop.catalog,
            policy=shop.policy,
            convention=shop.convention,
            now=shop.now,
        )
        assert isinstance(plan, Plan)
        for report, make in (MONEY | NO_MONEY).items():
            till = Till(shop)
            till.has_credit(300)
            attempt = till.open(plan)
            judged_as, verdict = judge_recounted(
                attempt, make(attempt), till.live, Past(), till.families, shop.now
            )
            found[name, report] = f"{judged_as.plan.credit_used} {written(verdict)}"
    assert found == {
        ("covered", "succeeded"): "300 wait, unknown",
        ("covered", "other amount moved"): "300 strand: amount, and commit on grace",
        ("covered", "other currency moved"): "300 strand: amount, and commit on grace",
        ("covered", "nothing moved"): "300 wait, unknown",
        ("covered", "failed"): "300 commit on grace",
        ("covered", "requires action"): "2000 wait, requires_action",
        ("covered", "processing"): "2000 wait, processing",
        ("covered", "unknown"): "2000 wait, unknown",
        ("in part", "succeeded"): "300 strand: stale, and commit on grace",
        ("in part", "other amount moved"): "300 strand: amount, and commit on grace",
        ("in part", "other currency moved"): "300 strand: stale, and commit on grace",
        ("in part", "nothing moved"): "500 wait, unknown",
        ("in part", "failed"): "300 commit on grace",
        ("in part", "requires action"): "500 wait, requires_action",
        ("in part", "processing"): "500 wait, processing",
        ("in part", "unknown"): "500 wait, unknown",
    }
    ended = Till(shop).open(plan, AttemptState.FAILED)
    assert judge_recounted(ended, paid(ended), till.live, Past(), till.families, shop.now)[0] is ended
