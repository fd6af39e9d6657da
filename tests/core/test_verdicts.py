"""The edges of a verdict: what nobody decided, what changes it by itself, and what makes it worth recording."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from solvent.core.account import Segment
from solvent.core.consequence import Consequence
from solvent.core.dispute import Dispute, DisputeReason, DisputeState
from solvent.core.drift import Coverage, Witness, disagreement
from solvent.core.drift_kinds import DriftKind
from solvent.core.entitlement import entitlements
from solvent.core.health import Assessment, assess
from solvent.core.invoice import InvoiceState
from solvent.core.ladder import Measure, Trouble
from solvent.core.lapsing import lapsed
from solvent.core.policy import Policy
from solvent.core.policy_book import Edition, PolicyBook
from solvent.core.snapshot import About, Standing
from solvent.core.subscription import Pending
from solvent.core.valves import Hold
from tests.core.funds import grants
from tests.core.ladders import DAY, LADDER, POLICY
from tests.core.test_health import ASKED, DECLINED, FIRST, ISSUED_AT, SECOND, Case, owing
from tests.core.test_measures import taken

if TYPE_CHECKING:
    from tests.core.conftest import Shop


@pytest.fixture
def case(shop: Shop) -> Case:
    """An account that owes one invoice, which only the customer can pay now."""
    return Case(shop, (owing(shop),), {FIRST: ASKED})


def on_day(case: Case, day: float, policy: Policy = POLICY, **other: Any) -> Assessment:  # noqa: ANN401
    return assess(case.snapshot(**other), case.shop.catalog, policy, ISSUED_AT + day * DAY)


def test_a_measure_that_nobody_decided_does_not_last(case: Case) -> None:
    """On day 6 the ladder restricts; a suspension that somebody wrote by hand is not taken for one of its own."""
    measures = (taken(Measure.SUSPEND_USAGE),)
    decided = on_day(case, 6, in_effect=measures)
    forged = on_day(case, 6, in_effect=measures, forged=True)
    assert [m.measure for m in decided.decision.measures] == [Measure.SUSPEND_USAGE, Measure.RESTRICT]
    assert [m.measure for m in forged.decision.measures] == [Measure.RESTRICT]


def test_whoever_owes_is_looked_at_when_the_policy_changes_and_nobody_else(case: Case) -> None:
    ahead = ISSUED_AT + 60 * DAY
    book = PolicyBook(editions={Segment.STANDARD: (Edition(effective_from=ahead, policy=POLICY),)})
    catalog = replace(case.shop.catalog, policies=book)
    now = ISSUED_AT + 30 * DAY
    assert assess(case.snapshot(), catalog, Policy(), now).recheck_at == ahead
    assert assess(Case(case.shop).snapshot(), catalog, Policy(), now).recheck_at is None


def test_a_record_that_says_the_verdict_already_is_not_written_again_and_any_other_is(case: Case) -> None:
    told = {FIRST: About(noticed=frozenset({"due", "restricted"}))}
    verdict = on_day(case, 6, about=told)
    right: dict[str, Any] = {
        "about": told,
        "standing": verdict.standing,
        "recheck_at": verdict.recheck_at,
        "debt": verdict.debt,
        "in_effect": verdict.decision.measures,
    }
    assert not on_day(case, 6, **right).changed
    for other in (
        {"in_effect": ()},
        {"disputed": {"USD": 5}},
        {"withheld": ("collect, held by carol",)},
        {"forged": True},
        {"about": {FIRST: About(noticed=frozenset({"due"}))}},  # its notice is still to be sent
    ):
        assert on_day(case, 6, **right | other).changed, other


def test_who_was_never_recorded_and_owes_nothing_need_not_be(shop: Shop) -> None:
    assert not on_day(Case(shop), 0, standing=None).changed


def test_what_was_given_up_before_it_was_due_is_bad_debt(case: Case) -> None:
    gone = owing(case.shop, state=InvoiceState.UNCOLLECTIBLE, due_at=ISSUED_AT + 30 * DAY)
    assert on_day(replace(case, invoices=(gone,)), 0).standing is Standing.BAD_DEBT


def test_a_hold_on_charges_withholds_nothing_where_nobody_is_charged(case: Case) -> None:
    hold = Hold(
        id=SECOND,
        consequence=Consequence.COLLECT,
        reason="r",
        author="carol",
        placed_at=ISSUED_AT,
        expires_at=ISSUED_AT + 9 * DAY,
    )
    assert on_day(case, 1, holds=(hold,)).withheld == ()
    assert len(on_day(replace(case, tries={}), 1, holds=(hold,)).withheld) == 1


def test_service_that_a_measure_should_have_taken_has_a_name_of_its_own(case: Case) -> None:
    case.shop.zone()
    whole = entitlements(tuple(case.shop.subscriptions.values()), case.shop.catalog, POLICY)
    found = on_day(case, 21, grants=whole).disagreements
    assert [d.kind for d in found if d.kind in _OF_ENTITLEMENTS] == [DriftKind.ENTITLED_DESPITE_DUNNING]


def test_what_only_tables_show_is_told_also_of_whoever_owes_nothing(shop: Shop) -> None:
    shared = disagreement(DriftKind.PAYER_SHARED, provider="sandbox", other="acc_2")
    told = on_day(Case(shop), 0, witness=Witness(waiting=False, owing=0, found=(shared,)))
    assert told.disagreements == (shared,)
    assert on_day(Case(shop), 0, witness=Witness(waiting=False, owing=0)).disagreements == ()


_OF_ENTITLEMENTS = {
    DriftKind.ENTITLED_DESPITE_DUNNING,
    DriftKind.ENTITLEMENT_UNFOUNDED,
    DriftKind.ENTITLEMENT_DIFFERS,
    DriftKind.ENTITLEMENT_MISSING,
}


def test_an_invoice_that_was_given_up_is_examined_whatever_the_ladders_are_for(case: Case) -> None:
    only = replace(POLICY, ladders=(replace(LADDER, causes=frozenset({Trouble.OUTAGE})),))
    gone = replace(case, invoices=(owing(case.shop, state=InvoiceState.UNCOLLECTIBLE),))
    assert on_day(gone, 0, only).coverage == Coverage(examined=1, owing=1)
    witness = Witness(waiting=False, owing=2)
    assert on_day(gone, 0, only, witness=witness).coverage == Coverage(examined=1, owing=2)


def test_why_an_invoice_is_unpaid_is_the_class_of_its_last_failure(case: Case) -> None:
    told = [
        on_day(replace(case, tries={FIRST: tries}), 0).owed[0].trouble
        for tries in (ASKED, DECLINED, replace(ASKED, last_cause=None, last_at=None))
    ]
    assert told == [Trouble.ACTION_NEEDED, Trouble.TRANSIENT, Trouble.UNTRIED]


# ─── what account credit is counted on for ────────────────────────────────────────────────────────────────────


def two(case: Case, first: int, credit: int, **other: object) -> Case:
    """A first invoice of so much, a second of 7.00 that only credit can pay, and so much credit."""
    invoices = (owing(case.shop, first, **other), owing(case.shop, 700, SECOND))  # type: ignore[arg-type]
    return replace(case, invoices=invoices, tries={FIRST: ASKED, SECOND: ASKED}, credit=credit)


def test_what_was_given_up_is_not_collected_and_keeps_no_credit_from_others(case: Case) -> None:
    gone = two(case, 800, 1000, state=InvoiceState.UNCOLLECTIBLE)
    assert on_day(gone, 0).collect == (SECOND,)
    flying = replace(gone, tries=gone.tries | {FIRST: replace(ASKED, in_flight=True)})
    assert on_day(flying, 0).collect == ()  # the customer is paying it, and counts on the credit
    assert on_day(replace(gone, invoices=gone.invoices[:1], tries={}), 0).collect == ()


def test_a_charge_that_lies_ahead_takes_no_credit_yet(case: Case) -> None:
    ahead = two(case, 2000, 1000)
    ahead.tries[FIRST] = DECLINED  # tomorrow
    assert on_day(ahead, 0).collect == (SECOND,)
    assert on_day(ahead, 1).collect == (FIRST,)


def test_whoever_had_a_payment_charged_back_is_not_charged_again(case: Case) -> None:
    disputed = replace(case, invoices=(owing(case.shop, charged_back=500),), tries={})
    assert [on_day(disputed, day).collect for day in range(20)] == [()] * 20


def test_credit_that_has_expired_sets_no_further_look(shop: Shop) -> None:
    (grant,) = grants(500)
    held = [
        replace(grant, expires_at=ISSUED_AT + days * DAY, held=500) for days in (-1, 3)
    ]  # held for a dispute, so that they do not lapse either
    assert on_day(Case(shop), 0, credit_grants=tuple(held[:1])).recheck_at is None
    assert on_day(Case(shop), 0, credit_grants=tuple(held)).recheck_at == ISSUED_AT + 3 * DAY
    due = replace(grant, expires_at=ISSUED_AT, held=500)
    assert on_day(Case(shop), 0, credit_grants=(due,)).recheck_at is None


def test_what_lapses_has_expired_and_is_neither_held_nor_counted_on_nor_used_up(shop: Shop) -> None:
    (grant,) = grants(500)
    expired = replace(grant, expires_at=ISSUED_AT)
    assert on_day(Case(shop), 0, credit_grants=(expired,)).lapsed == (expired,)
    others = (
        grant,
        replace(grant, expires_at=ISSUED_AT + DAY),
        replace(expired, held=500),
        replace(expired, remaining=0),
    )
    assert [on_day(Case(shop), 0, credit_grants=(x,)).lapsed for x in others] == [()] * len(others)
    assert on_day(Case(shop), 0, credit_grants=(expired,), reserved=frozenset({expired.id})).lapsed == ()


# ─── what the evidence says beside debt and tries ─────────────────────────────────────────────────────────────


def test_the_evidence_names_what_was_charged_back_and_what_is_disputed(case: Case) -> None:
    disputed = replace(case, invoices=(owing(case.shop, charged_back=500),))
    dispute = Dispute(
        id=SECOND,
        payment_id=SECOND,
        payment_ref="pi_1",
        provider="sandbox",
        ref="dp_1",
        amount=700,
        currency="USD",
        state=DisputeState.NEEDS_RESPONSE,
        reason=DisputeReason.FRAUDULENT,
        opened_at=ISSUED_AT,
        evidence_due_by=ISSUED_AT + 9 * DAY,
        changed_at=None,
        fee=0,
        fee_currency="USD",
    )
    both = (dispute, replace(dispute, evidence_due_by=None))
    of_invoice, with_limit, without = on_day(disputed, 0, disputes=both).evidence[:3]
    assert "; 5.00 USD of it were charged back; nothing more is tried off-session" in of_invoice
    assert without.endswith("as fraudulent: needs_response")
    assert with_limit == f"{without}, to be answered by 2026-01-10"
    assert "charged back" not in on_day(case, 0).evidence[0]


def test_a_subscription_without_service_is_told_also_where_nothing_is_owed_and_no_other_is(
    case: Case,
) -> None:
    case.shop.zone()
    (live,) = case.shop.subscriptions.values()
    over = replace(live, grace_invoice=SECOND, grace_until=live.period.end)
    told = on_day(Case(case.shop), 60, Policy(), subscriptions=(over,)).evidence
    assert [line.partition(" has had no service since ")[1] for line in told] == [
        " has had no service since "
    ]
    assert not any("no service" in line for line in on_day(case, 60, Policy()).evidence)


def test_an_end_that_is_not_the_clocks_is_not_withheld_and_service_without_grace_ended_with_its_period(
    case: Case,
) -> None:
    """Under a ladder a subscription ends when its invoice is given up: no hold keeps the clock from anything."""
    case.shop.zone()
    (live,) = case.shop.subscriptions.values()
    over = replace(live, grace_invoice=SECOND, grace_until=None)
    verdict = on_day(Case(case.shop), 60, POLICY, subscriptions=(over,))
    assert verdict.withheld == ()
    (told,) = verdict.evidence
    assert " has had no service since 2026-02-01: it ends when its invoice is given up" in told


def test_a_scheduled_cancellation_leaves_and_any_other_scheduled_change_lapses(shop: Shop) -> None:
    live = shop.zone().after
    assert live is not None
    for pending, found in ((None, True), (Pending(), True), (Pending(cancel=True), False)):
        over = replace(live, grace_invoice=SECOND, grace_until=live.period.end, pending=pending)
        assert lapsed(over, ISSUED_AT + 60 * DAY) is found
