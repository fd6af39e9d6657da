"""What one snapshot shows of disagreements: which contradiction has which name, and what is none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from solvent.core.drift import Coverage, Disagreement, Witness, disagreement
from solvent.core.drift_kinds import DriftKind
from solvent.core.health import assess
from solvent.core.invoice import Invoice, InvoiceState
from solvent.core.ladder import Measure, Scope, Trouble
from solvent.core.owed import InEffect
from solvent.core.policy import Policy
from solvent.core.snapshot import About, Snapshot, Standing
from tests.core.ladders import DAY, LADDER, POLICY
from tests.core.test_health import ASKED, FIRST, ISSUED_AT, SECOND, Case, owing

if TYPE_CHECKING:
    from datetime import datetime

    from tests.core.conftest import Shop

AT_REST = Witness(waiting=False, owing=1)
NOW = ISSUED_AT + 2 * DAY
ELSE = UUID(int=0xE)


def compared(snapshot: Snapshot, shop: Shop, policy: Policy = POLICY) -> tuple[Disagreement, ...]:
    return assess(snapshot, shop.catalog, policy, NOW).disagreements


def names(snapshot: Snapshot, shop: Shop, policy: Policy = POLICY) -> list[str]:
    return [str(d.kind) for d in compared(snapshot, shop, policy)]


def taken(measure: Measure, **other: object) -> InEffect:
    plain = InEffect(measure=measure, rung="r", invoice_id=FIRST, since=ISSUED_AT)
    return replace(plain, **other)  # type: ignore[arg-type]


@pytest.fixture
def case(shop: Shop) -> Case:
    """An account that owes one invoice, which only the customer can pay now."""
    return Case(shop, (owing(shop),), {FIRST: ASKED})


def recorded(case: Case, policy: Policy = POLICY, **other: Any) -> Snapshot:  # noqa: ANN401
    """The case as recompute would have recorded it, but for `other`."""
    told = assess(case.snapshot(), case.shop.catalog, policy, NOW).decision.notices
    about = {n.invoice_id: About(noticed=frozenset({n.rung})) for n in told}
    verdict = assess(case.snapshot(about=about), case.shop.catalog, policy, NOW)
    right = {
        "about": about,
        "standing": verdict.standing,
        "recheck_at": verdict.recheck_at,
        "debt": verdict.debt,
        "in_effect": verdict.decision.measures,
        "witness": AT_REST,
    }
    return case.snapshot(**right | other)


def second(case: Case) -> Invoice:
    """Another invoice, that fell due just now."""
    return owing(case.shop, invoice_id=SECOND, due_at=NOW, number="S-2")


def test_what_recompute_recorded_is_no_contradiction(case: Case) -> None:
    assert names(recorded(case), case.shop) == []


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        ({"standing": None, "debt": None, "recheck_at": None}, "debt_unseen"),
        ({"standing": Standing.GOOD}, "standing_misrecorded"),
        ({"standing": Standing.BAD_DEBT}, "standing_misrecorded"),
        ({"debt": {}}, "debt_misrecorded"),
        ({"disputed": {"USD": 5}}, "dispute_misrecorded"),
        ({"recheck_at": None}, "look_lost"),
        ({"recheck_at": NOW + 90 * DAY}, "look_lost"),
        ({"in_effect": (taken(Measure.BAN),)}, "ban_without_giving_up"),
        ({"forged": True}, "flags_by_hand"),
    ],
)
def test_each_record_that_differs_has_its_name(case: Case, other: dict[str, Any], kind: str) -> None:
    assert kind in names(recorded(case, **other), case.shop)


def test_an_account_that_nobody_has_looked_at_and_that_owes_nothing_is_as_it_should_be(shop: Shop) -> None:
    shared = disagreement(DriftKind.PAYER_SHARED, provider="sandbox", other="acc_2")
    told = replace(AT_REST, owing=0, found=(shared,))  # what is not told of is not compared either
    assert names(Case(shop).snapshot(standing=None, witness=told), shop) == ["payer_shared"]


@pytest.mark.parametrize(
    ("at", "told"), [(None, "recorded for never"), (NOW + 90 * DAY, "recorded for 2026-04-03 00:00 UTC")]
)
def test_the_next_look_is_told_as_a_moment_or_never(case: Case, at: datetime | None, told: str) -> None:
    (lost,) = compared(recorded(case, recheck_at=at), case.shop)
    assert told in lost.evidence


def test_nothing_is_said_of_records_that_a_recompute_is_about_to_write(case: Case) -> None:
    late: dict[str, Any]
    for late in ({"witness": None}, {"witness": Witness(waiting=True, owing=1)}, {"recheck_at": NOW}):
        assert names(recorded(case, debt={}, **late), case.shop) == []


def test_what_is_in_effect_although_nothing_is_owed(shop: Shop) -> None:
    paid = Case(shop).snapshot(in_effect=(taken(Measure.RESTRICT),))
    (told,) = compared(paid, shop)
    assert told.evidence == "restrict in effect, and no invoice owes anything"
    at_rest = replace(paid, in_effect=(), standing=Standing.RESTRICTED, witness=AT_REST)
    assert names(at_rest, shop) == ["paid_not_restored"]
    assert names(replace(paid, witness=AT_REST), shop) == ["restricted_without_debt"]


@pytest.mark.parametrize("standing", [None, Standing.GOOD, Standing.CLOSED])
def test_what_was_good_or_closed_was_not_to_be_restored(shop: Shop, standing: Standing | None) -> None:
    """Closing and opening change the standing; who owes nothing and is recorded otherwise was to be restored."""
    live, closed = (
        Case(shop).snapshot(standing=standing, witness=AT_REST),
        replace(shop.account, closed_at=NOW),
    )
    wrong = ["standing_misrecorded"]
    assert names(live, shop) == (wrong if standing is Standing.CLOSED else [])
    over = replace(live, account=closed, subscriptions=())
    assert names(over, shop) == ([] if standing is Standing.CLOSED else wrong)
    assert names(replace(over, standing=Standing.RESTRICTED), shop) == ["paid_not_restored"]


def test_what_goes_on_although_the_account_was_closed(shop: Shop) -> None:
    shop.zone()
    live = Case(shop).snapshot()
    closed = replace(live, account=replace(live.account, closed_at=NOW))
    assert live.subscriptions
    assert "closed_still_subscribed" not in names(live, shop)
    assert "closed_still_subscribed" in names(closed, shop)
    assert names(replace(closed, standing=Standing.CLOSED), shop) == ["closed_still_subscribed"]
    assert "closed_still_subscribed" not in names(replace(closed, subscriptions=()), shop)


def test_a_measure_of_a_subscription_that_is_over(case: Case) -> None:
    over = recorded(case, in_effect=(taken(Measure.DOWNGRADE, subscription_id=ELSE),))
    assert "ended_still_dunned" in names(over, case.shop)
    owed = replace(over, open_invoices=(owing(case.shop, subscription_id=ELSE),))
    assert "ended_still_dunned" not in names(owed, case.shop)
    whole = replace(case, invoices=(owing(case.shop, subscription_id=ELSE),))
    account = recorded(whole, in_effect=(taken(Measure.RESTRICT),))
    assert "ended_still_dunned" not in names(account, case.shop)


def test_measures_of_two_subscriptions_that_are_over_are_told_apart(case: Case) -> None:
    both = (
        taken(Measure.SUSPEND_USAGE, subscription_id=ELSE),
        taken(Measure.DOWNGRADE, subscription_id=ELSE),
        taken(Measure.DOWNGRADE, subscription_id=UUID(int=0xF)),
    )
    told = [
        d.evidence
        for d in compared(recorded(case, in_effect=both), case.shop)
        if d.kind is DriftKind.ENDED_STILL_DUNNED
    ]
    assert told == [
        f"downgrade, suspend_usage for sub_{ELSE.hex}, which is over",
        f"downgrade for sub_{15:032x}, which is over",
    ]


def test_flags_that_are_missing(case: Case) -> None:
    scoped = replace(POLICY, ladders=(replace(LADDER, scope=Scope.SUBSCRIPTION),))
    invoice = owing(case.shop, due_at=ISSUED_AT - 40 * DAY, subscription_id=ELSE)
    snapshot = recorded(replace(case, invoices=(invoice,)), scoped, in_effect=())
    told = next(d for d in compared(snapshot, case.shop, scoped) if d.kind is DriftKind.FLAGS_BY_HAND)
    assert told.evidence.startswith("in effect: nothing; decided: ")
    assert f"for sub_{ELSE.hex} by" in told.evidence


def test_a_ban_that_is_missing(case: Case) -> None:
    invoices = (owing(case.shop, state=InvoiceState.UNCOLLECTIBLE, number="G-1"), second(case))
    gone = replace(case, invoices=invoices, tries={FIRST: ASKED, SECOND: ASKED})
    assert names(recorded(gone), case.shop) == []
    rest = [m for m in recorded(gone).in_effect if m.measure is not Measure.BAN]
    (told,) = compared(recorded(gone, in_effect=tuple(rest)), case.shop)
    assert told.kind is DriftKind.GIVEN_UP_WITHOUT_BAN
    assert told.evidence == "given up without a ban: G-1"


def test_an_end_that_nobody_made(case: Case) -> None:
    apart = replace(POLICY, ladders=(replace(LADDER, scope=Scope.SUBSCRIPTION),))
    old = owing(case.shop, due_at=ISSUED_AT - 40 * DAY, number="O-1", subscription_id=ELSE)
    two = replace(case, invoices=(old, second(case)), tries={FIRST: ASKED, SECOND: ASKED})
    found = compared(recorded(two, apart), case.shop, apart)
    (told,) = (d for d in found if d.kind is DriftKind.EXHAUSTED_NOT_GIVEN_UP)
    assert told.evidence == "at the end of the ladder, and still open: O-1"


def test_what_must_be_tried_or_told_now_and_is_not(case: Case) -> None:
    untried = recorded(
        replace(case, invoices=(owing(case.shop, number="U-1"), second(case)), tries={SECOND: ASKED})
    )
    (stalled,) = compared(untried, case.shop)
    assert (str(stalled.kind), stalled.evidence) == ("collection_stalled", "to be collected now: U-1")
    assert names(recorded(case, about={}), case.shop) == ["notice_untold"]


def test_an_invoice_that_no_ladder_answers_for_is_not_covered(case: Case) -> None:
    assert assess(recorded(case), case.shop.catalog, POLICY, NOW).coverage == Coverage(examined=1, owing=1)
    unsound = replace(POLICY, ladders=(replace(LADDER, causes=frozenset({Trouble.OUTAGE})),))
    verdict = assess(case.snapshot(), case.shop.catalog, unsound, NOW)
    assert verdict.coverage == Coverage(examined=0, owing=1)
    assert assess(case.snapshot(), case.shop.catalog, Policy(), NOW).coverage == Coverage(examined=1, owing=1)


def test_one_sentence_names_ten_things_and_counts_the_rest(shop: Shop) -> None:
    shop.zone()
    snapshot = Case(shop).snapshot()
    (grant,) = snapshot.grants
    many = tuple(replace(grant, item_id=UUID(int=n), object=f"zone:{n}") for n in range(901, 913))
    missing, unfounded = compared(replace(snapshot, grants=many), shop)
    assert missing.kind is DriftKind.ENTITLEMENT_MISSING
    assert unfounded.evidence.endswith("pro on zone:910 and 2 more")
    _, ten = compared(replace(snapshot, grants=many[:10]), shop)
    assert ten.evidence.endswith("pro on zone:910")


def test_of_what_is_granted_only_what_differs_is_told(shop: Shop) -> None:
    shop.zone()
    shop.zone(thing="zone:other.example")
    snapshot = Case(shop).snapshot()
    first, other = snapshot.grants
    (told,) = compared(replace(snapshot, grants=(replace(first, quantity=7), other)), shop)
    assert told.kind is DriftKind.ENTITLEMENT_DIFFERS
    assert told.evidence == f"granted differently: pro on {first.object}"
