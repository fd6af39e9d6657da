"""What is withheld of a decision and why; whose consequences are applied; what is worth a row of history."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.core.account import Segment
from solvent.core.consequence import Consequence
from solvent.core.decisions import applied, worth_a_row
from solvent.core.dunning import Decision
from solvent.core.engine import SHARES, Engine, Mode, broken_rule, place
from solvent.core.health import assess
from solvent.core.ladder import Fate, Measure, Scope
from solvent.core.owed import UnderWay
from solvent.core.snapshot import Snapshot
from solvent.core.valves import IN_FLIGHT, Hold, Restraint, Withheld, restrained
from tests.core.ladders import DAY, DUE, LADDER, POLICY, measures, on_day, owed
from tests.core.test_health import ASKED, FIRST, ISSUED_AT, Case, owing

if TYPE_CHECKING:
    from tests.core.conftest import Shop

OBSERVE = Restraint(passive="the engine only observes the account")
SOME = UUID("01a36b9d-ca00-8000-8000-015ed34fe508")


def hold(consequence: Consequence, days: int = 100) -> Hold:
    return Hold(
        id=SOME,
        consequence=consequence,
        reason="waits for a corrected invoice",
        author="carol",
        placed_at=ISSUED_AT,
        expires_at=ISSUED_AT + timedelta(days=days),
    )


def kept(decided: tuple[Withheld, ...]) -> list[str]:
    return [str(w.consequence) for w in decided]


def test_a_free_account_is_decided_about_as_policy_says() -> None:
    decided = on_day(31, owed())
    assert restrained(decided, (), (owed(),), Restraint()) == (decided, ())


def test_observing_applies_nothing_and_still_lifts() -> None:
    decided, none = restrained(on_day(31, owed()), (), (owed(),), OBSERVE)
    assert (decided.measures, decided.notices, decided.give_up) == ((), (), {})
    assert kept(none) == ["downgrade", "give_up", "notice", "restrict", "suspend"]
    before = on_day(6, owed()).measures
    later, _ = restrained(on_day(11, owed(), before=before), before, (owed(),), OBSERVE)
    assert measures(later) == ["restrict"]  # what is in effect stays
    paid, _ = restrained(on_day(11, before=before), before, (), OBSERVE)
    assert paid.measures == ()


def test_nothing_begins_anywhere_while_a_payment_of_anything_is_in_flight() -> None:
    debts = (owed(), owed(2, due=-40, in_flight=True))
    decided, withheld = restrained(on_day(31, *debts), (), debts, Restraint())
    assert (decided.measures, decided.give_up) == ((), {})
    assert {w.why for w in withheld} == {IN_FLIGHT}
    assert [n.rung for n in decided.notices] == ["due", "due"]  # what is true of both


@pytest.mark.parametrize(
    ("consequence", "left"),
    [
        (Consequence.RESTRICT, ["downgrade", "suspend_usage"]),
        (Consequence.SUSPEND, ["downgrade", "restrict"]),
        (Consequence.DOWNGRADE, ["restrict", "suspend_usage"]),
        (Consequence.COLLECT, ["downgrade", "restrict", "suspend_usage"]),
        (Consequence.ALL, []),
    ],
)
def test_a_hold_lets_rest_what_is_in_effect(consequence: Consequence, left: list[str]) -> None:
    before = on_day(21, owed()).measures
    restraint = Restraint(holds=(hold(consequence),))
    decided, withheld = restrained(on_day(22, owed(), before=before), before, (owed(),), restraint)
    assert measures(decided) == left
    assert all(w.why.startswith("held by carol until 2026-04-11 00:00 UTC: waits for") for w in withheld)


def test_a_hold_on_giving_up_and_on_notices() -> None:
    decided, withheld = restrained(
        on_day(31, owed()),
        (),
        (owed(),),
        Restraint(holds=(hold(Consequence.GIVE_UP), hold(Consequence.NOTICE))),
    )
    assert (decided.give_up, decided.notices, kept(withheld)) == ({}, (), ["give_up", "notice"])
    assert "downgrade" in measures(decided)


def test_a_ban_is_never_held() -> None:
    gone = owed(given_up=True)
    decided, _ = restrained(on_day(31, gone), (), (gone,), Restraint(holds=(hold(Consequence.ALL),)))
    assert measures(decided) == [Measure.BAN]


def test_of_an_account_with_a_payment_in_flight_no_invoice_is_given_up_whatever_ends_with_it() -> None:
    alone = replace(POLICY, ladders=(replace(LADDER, scope=Scope.SUBSCRIPTION),))
    debts = (owed(), owed(2, in_flight=True, subscription_id=None))
    decided, withheld = restrained(on_day(31, *debts, policy=alone), (), debts, Restraint())
    assert decided.give_up == {}
    assert Withheld(consequence=Consequence.GIVE_UP, why=IN_FLIGHT) in withheld


def test_a_hold_withholds_what_was_decided_and_nothing_else() -> None:
    ends, notices = (Restraint(holds=(hold(x),)) for x in (Consequence.GIVE_UP, Consequence.NOTICE))
    early, told, late = on_day(6, owed()), owed(noticed=frozenset({"restricted"})), on_day(31, owed())
    assert restrained(early, (), (owed(),), ends) == (early, ())  # nothing is given up yet
    quiet = on_day(6, told)
    assert restrained(quiet, (), (told,), notices) == (quiet, ())  # it was told already
    silent, withheld = restrained(late, (), (owed(),), notices)
    assert (silent.give_up, kept(withheld)) == (late.give_up, ["notice"])


def test_a_hold_on_giving_up_keeps_what_was_given_up_from_being_forgiven() -> None:
    gone = owed(given_up=True, debt=700)
    decided = on_day(31, gone, policy=replace(POLICY, fate=Fate.FORGIVEN))
    held, withheld = restrained(decided, (), (gone,), Restraint(holds=(hold(Consequence.GIVE_UP),)))
    assert (held.forgive, kept(withheld)) == ({}, ["give_up"])
    other, _ = restrained(decided, (), (gone,), Restraint(holds=(hold(Consequence.NOTICE),)))
    assert other.forgive == decided.forgive != {}


def test_a_page_to_pay_of_another_debt_keeps_away_what_would_begin_after_it_was_opened() -> None:
    def paying(opened: float) -> UnderWay:
        return UnderWay(opened_at=DUE + opened * DAY, expires_at=DUE + 99 * DAY, waits=True)

    for opened, begun, kept_away in (
        (4, [], ["downgrade", "give_up", "restrict", "suspend"]),
        (7, ["restrict"], ["downgrade", "give_up", "suspend"]),
        (31, ["downgrade", "restrict", "suspend_usage"], []),
    ):
        debts = (owed(), owed(2, due=30, paying=(paying(opened),)))
        alone = replace(POLICY, ladders=(replace(LADDER, scope=Scope.SUBSCRIPTION),))
        decided, withheld = restrained(on_day(32, *debts, policy=alone), (), debts, Restraint())
        assert (measures(decided), kept(withheld)) == (begun, kept_away)
        assert bool(decided.give_up) is not bool(kept_away)


def test_what_was_given_up_is_forgiven_beside_a_page_to_pay_of_another_debt() -> None:
    page = UnderWay(opened_at=DUE, expires_at=DUE + 99 * DAY, waits=True)
    debts = (owed(given_up=True, debt=700), owed(2, due=30, paying=(page,)))
    decided = on_day(31, *debts, policy=replace(POLICY, fate=Fate.FORGIVEN))
    assert restrained(decided, (), debts, Restraint())[0].forgive == decided.forgive != {}
    moving = (debts[0], replace(debts[1], paying=(), in_flight=True))
    assert restrained(decided, (), moving, Restraint())[0].forgive == {}


def test_a_purchase_that_moves_keeps_everything_away_and_one_that_waits_a_while() -> None:
    due = owed()
    moves = UnderWay(opened_at=DUE + 31 * DAY, expires_at=DUE)
    decided, withheld = restrained(on_day(31, due), (), (due,), Restraint(under_way=(moves,)))
    assert (decided.measures, decided.give_up, {w.why for w in withheld}) == ((), {}, {IN_FLIGHT})
    assert moves.going_on(DUE + 99 * DAY)
    early = UnderWay(opened_at=DUE + 10 * DAY, expires_at=DUE + 32 * DAY, waits=True)
    some, withheld = restrained(on_day(31, due), (), (due,), Restraint(under_way=(early,)))
    assert (measures(some), kept(withheld)) == (["restrict"], ["downgrade", "suspend"])
    assert some.give_up, "nobody escapes by leaving a purchase open"
    before = on_day(31, due).measures
    again, none = restrained(on_day(31, due, before=before), before, (due,), Restraint(under_way=(moves,)))
    assert (again.measures, kept(none)) == (before, ["give_up"]), "what is in effect stays"


def test_a_purchase_that_waits_is_looked_at_again_when_it_expires(shop: Shop) -> None:
    soon = ISSUED_AT + timedelta(minutes=20)
    waits = UnderWay(opened_at=ISSUED_AT - 9 * DAY, expires_at=soon, waits=True)
    open_ = snapshot_of(shop, under_way=(waits,))
    verdict = assess(open_, shop.catalog, POLICY, ISSUED_AT)
    assert (verdict.decision.measures, verdict.recheck_at) == ((), soon)
    assert verdict.withheld == (f"restrict, {IN_FLIGHT}",)
    after = assess(open_, shop.catalog, POLICY, soon)
    assert [m.measure for m in after.decision.measures] == [Measure.RESTRICT]
    late = replace(waits, opened_at=ISSUED_AT)
    later = assess(snapshot_of(shop, under_way=(late,)), shop.catalog, POLICY, ISSUED_AT)
    assert [m.measure for m in later.decision.measures] == [Measure.RESTRICT]


def snapshot_of(shop: Shop, **other: object) -> Snapshot:
    late = owing(shop, due_at=ISSUED_AT - 6 * DAY)
    return Case(shop, (late,), {FIRST: ASKED}).snapshot(**other)


def test_the_verdict_says_what_is_withheld_and_looks_again_when_the_hold_ends(shop: Shop) -> None:
    held = snapshot_of(shop, holds=(hold(Consequence.RESTRICT, days=2), hold(Consequence.ALL, days=-1)))
    verdict = assess(held, shop.catalog, POLICY, ISSUED_AT)
    assert (verdict.standing, verdict.decision.measures) == ("past_due", ())
    assert verdict.evidence[-1].startswith("withheld: restrict, held by carol until 2026-01-03")
    assert verdict.recheck_at == ISSUED_AT + 2 * DAY
    assert verdict.changed
    recorded = replace(
        held, withheld=verdict.withheld, standing=verdict.standing, recheck_at=verdict.recheck_at
    )
    again = assess(recorded, shop.catalog, POLICY, ISSUED_AT)
    assert again.withheld_before == again.withheld
    after = assess(held, shop.catalog, POLICY, ISSUED_AT + 2 * DAY)
    assert [m.measure for m in after.decision.measures] == [Measure.RESTRICT]


def test_charges_are_withheld_too(shop: Shop) -> None:
    untried = replace(snapshot_of(shop), tries={})
    assert assess(untried, shop.catalog, POLICY, ISSUED_AT).collect == (FIRST,)
    observed = replace(shop.catalog, engine=Engine(mode=Mode.OBSERVE))
    verdict = assess(untried, observed, POLICY, ISSUED_AT)
    assert verdict.collect == ()
    assert "collect, the engine only observes the account" in verdict.withheld
    assert verdict.prospects[FIRST].next_try is None, "nobody is told a day on which nothing happens"
    assert assess(untried, shop.catalog, POLICY, ISSUED_AT).prospects[FIRST].next_try is not None
    assert worth_a_row(verdict)
    again = assess(replace(untried, withheld=verdict.withheld), observed, POLICY, ISSUED_AT)
    assert not worth_a_row(again)


def test_history_says_what_begins_ends_and_is_done(shop: Shop) -> None:
    verdict = assess(snapshot_of(shop), shop.catalog, POLICY, ISSUED_AT)
    assert applied(verdict) == ("begin restrict", f"notice restricted of {FIRST.hex}")
    paid = assess(Case(shop).snapshot(in_effect=verdict.decision.measures), shop.catalog, POLICY, ISSUED_AT)
    assert applied(paid) == ("lift restrict",)
    lost = replace(snapshot_of(shop), open_invoices=(owing(shop, due_at=ISSUED_AT - 40 * DAY),))
    assert f"give_up {FIRST.hex}" in applied(assess(lost, shop.catalog, POLICY, ISSUED_AT))


def test_modes(shop: Shop) -> None:
    account = replace(shop.account, id=SOME)
    assert Engine().passive(account) is None
    assert Engine(mode=Mode.OBSERVE).passive(account) == OBSERVE.passive
    assert Engine(mode=Mode.SHARE, accounts=(SOME,)).passive(account) is None
    assert Engine(mode=Mode.SHARE, share=100).passive(account) is None
    assert Engine(mode=Mode.SHARE).passive(account) == OBSERVE.passive
    for out in (Engine(excluded_segments=(Segment.STANDARD,)), Engine(excluded_accounts=(SOME,))):
        assert out.passive(account) == "the account is excluded by installation: as shipped"


def test_a_share_holds_the_places_below_it_and_means_nothing_in_other_modes(shop: Shop) -> None:
    account = replace(shop.account, id=SOME)
    assert Engine(mode=Mode.SHARE, share=place(SOME) + 1).passive(account) is None
    assert Engine(mode=Mode.SHARE, share=place(SOME)).passive(account) == OBSERVE.passive
    assert Engine(mode=Mode.OBSERVE, share=100, accounts=(SOME,)).passive(account) == OBSERVE.passive
    assert broken_rule(Engine(mode=Mode.ON, share=7)) == ("share", "goes with the mode share alone")


def test_a_growing_share_only_adds_and_is_about_as_large_as_it_says() -> None:
    ids = [UUID(int=n << 64) for n in range(2_000)]
    held = [{i for i in ids if place(i) < share} for share in SHARES]
    assert all(one <= more for one, more in pairwise(held))
    for share, some in zip(SHARES, held, strict=True):
        assert abs(len(some) - 20 * share) <= 90


@given(st.uuids())
def test_a_place_is_the_same_whenever_it_is_asked(account_id: UUID) -> None:
    assert 0 <= place(account_id) == place(UUID(account_id.hex)) < 100


@pytest.mark.parametrize(
    ("engine", "broken"),
    [
        (Engine(), False),
        (Engine(mode=Mode.SHARE, share=5), False),
        (Engine(mode=Mode.SHARE, accounts=(SOME,)), False),
        (Engine(mode=Mode.SHARE), True),
        (Engine(mode=Mode.SHARE, share=7), True),
        (Engine(mode=Mode.SHARE, share=7, accounts=(SOME,)), True),
        (Engine(mode=Mode.ON, share=5), True),
        (Engine(mode=Mode.OBSERVE, accounts=(SOME,)), True),
    ],
)
def test_what_may_be_set(engine: Engine, broken: bool) -> None:
    assert (broken_rule(engine) is not None) is broken
    assert DUE == ISSUED_AT


def test_each_measure_that_begins_or_ends_is_history_with_what_it_touches(shop: Shop) -> None:
    verdict = assess(Case(shop).snapshot(), shop.catalog, POLICY, ISSUED_AT)
    (first,) = on_day(6, owed()).measures
    second, third = (
        replace(first, measure=Measure.SUSPEND_USAGE, subscription_id=UUID(int=n)) for n in (0xA, 0xB)
    )
    more = replace(verdict, in_effect=(first, second), decision=Decision(measures=(first, second, third)))
    assert applied(more) == (f"begin suspend_usage of {UUID(int=0xB).hex}",)
    assert worth_a_row(more)
    fewer = replace(verdict, in_effect=(first, second, third), decision=Decision(measures=(third,)))
    assert applied(fewer) == ("lift restrict", f"lift suspend_usage of {UUID(int=0xA).hex}")
    same = replace(more, in_effect=more.decision.measures)
    assert (applied(same), worth_a_row(same)) == ((), False)
