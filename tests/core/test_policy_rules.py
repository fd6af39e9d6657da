"""A policy may hold only when every case has one answer; each rule finds the policy that breaks it."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from solvent.core.dunning import Decision
from solvent.core.expiry import ExpiryNotice
from solvent.core.ladder import Channel, Ends, Ladder, Measure, Schedule, Trouble
from solvent.core.payment import CauseClass, FailureCause
from solvent.core.policy import Policy
from solvent.core.policy_rules import cells, policy_problems
from tests.core.ladders import DAY, LADDER, POLICY, rung

if TYPE_CHECKING:
    from tests.core.conftest import Shop


def with_rungs(*rungs: object, **other: object) -> Policy:
    ladder = replace(LADDER, rungs=rungs, **other)  # type: ignore[arg-type]
    return replace(POLICY, ladders=(ladder,), free=())


def with_ladders(*ladders: Ladder) -> Policy:
    return replace(POLICY, ladders=ladders, free=())


def ladder(name: str, **other: object) -> Ladder:
    return Ladder(id=name, rungs=(rung("told", 1, Measure.RESTRICT),), ends=Ends.OPEN, **other)  # type: ignore[arg-type]


def scheduled(**other: object) -> Policy:
    whole = {"causes": frozenset({FailureCause.DECLINED}), "waits": (DAY,)} | other
    return replace(POLICY, schedules=(Schedule(**whole),))  # type: ignore[arg-type]


def warned(days: int, notify: tuple[Channel, ...] = (Channel.EMAIL,)) -> ExpiryNotice:
    return ExpiryNotice(ahead=days * DAY, notify=notify)


def outaged(most: int, tried: int) -> Policy:
    retries = {**POLICY.retries, CauseClass.OUTAGE: (DAY,) * tried}
    return replace(POLICY, retries=retries, outage_max=most * DAY)


TWICE = Schedule(causes=frozenset({FailureCause.DECLINED}), waits=(DAY,))
RETRIES = POLICY.retries

BROKEN: dict[str, tuple[Policy, str]] = {
    "grace": (replace(POLICY, grace=91 * DAY, service=91 * DAY), "must be from 0d to 90d"),
    "service": (replace(POLICY, service=DAY), "must not be shorter than the grace"),
    "outage_max": (outaged(91, 92), "must be from 0d to 90d"),
    "outage_max ": (replace(outaged(0, 7), outage_max=-DAY), "must be from 0d to 90d"),
    "outage_max  ": (
        outaged(8, 7),
        "must not be longer than an outage is retried: nothing would tell that it is over",
    ),
    "outage_max   ": (
        replace(
            outaged(7, 7),
            schedules=(Schedule(causes=frozenset({CauseClass.OUTAGE}), waits=(DAY, DAY)),),
        ),
        "must not be longer than an outage is retried: nothing would tell that it is over",
    ),
    "ladders": (replace(POLICY, ladders=(), free=()), "must be at least one ladder"),
    "ladders ": (with_ladders(ladder("a"), ladder("a")), "must each have an id of its own"),
    "free": (replace(POLICY, free=("a", "a")), "must not name a product twice"),
    "free ": (
        replace(with_rungs(LADDER.rungs[0], LADDER.rungs[-1]), free=("free",)),
        "must be empty: no rung downgrades",
    ),
    "expiry.ahead": (replace(POLICY, expiry=warned(60)), "must be from 1d to 59d"),
    "expiry.ahead ": (replace(POLICY, expiry=warned(0)), "must be from 1d to 59d"),
    "expiry.notify": (replace(POLICY, expiry=warned(30, ())), "must name a channel"),
    "expiry.notify ": (
        replace(POLICY, expiry=warned(30, (Channel.EMAIL, Channel.FINANCE))),
        "must not be finance: whose card ends is the customer's business",
    ),
    "method_order": (replace(POLICY, method_order=("card", "card")), "must not name a kind twice"),
    "retries.outage": (
        replace(POLICY, retries={c: w for c, w in RETRIES.items() if c is not CauseClass.OUTAGE}),
        "must be given: every cause has an answer",
    ),
    "retries.permanent": (
        replace(POLICY, retries={**RETRIES, CauseClass.PERMANENT: (DAY,)}),
        "must be empty: trying again cannot help",
    ),
    "retries.transient": (
        replace(POLICY, retries={**RETRIES, CauseClass.TRANSIENT: (timedelta(seconds=1),)}),
        "must be at most 200 waits, each of 1m to 90d",
    ),
    "schedules[0].causes": (scheduled(causes=frozenset()), "must name a cause"),
    "schedules[0].waits": (scheduled(waits=(DAY,) * 201), "must be at most 200 waits, each of 1m to 90d"),
    "schedules[0].weekdays": (
        scheduled(weekdays=frozenset({1}), paydays=frozenset({1})),
        "must not be given with paydays",
    ),
    "schedules[0].weekdays ": (scheduled(weekdays=frozenset({7})), "must be days of the week"),
    "schedules[0].paydays": (scheduled(paydays=frozenset({0})), "must be from 1 to 31"),
    "schedules[0].hour": (scheduled(hour=24), "must be from 0 to 23"),
    "schedules": (
        replace(POLICY, schedules=(TWICE, TWICE)),
        "must have one answer for declined with provider any other",
    ),
    "ladders[0].rungs": (with_rungs(ends=Ends.OPEN), "must be at least one rung"),
    "ladders[0].rungs ": (
        with_rungs(rung("a", 1, Measure.RESTRICT), rung("a", 9, Measure.GIVE_UP)),
        "must each have an id of its own",
    ),
    "ladders[0].ends": (
        with_rungs(rung("a", 1, Measure.RESTRICT)),
        "must say where it ends: no rung gives up",
    ),
    "ladders[0].ends ": (
        with_rungs(rung("a", 9, Measure.GIVE_UP), ends=Ends.OPEN),
        "must be empty: its last rung gives up",
    ),
    "ladders[0].below": (with_ladders(ladder("a", below={"USD": 0})), "must be greater than 0"),
    "ladders[0].rungs[0].after": (
        with_rungs(rung("a", -1, Measure.RESTRICT), rung("b", 9, Measure.GIVE_UP)),
        "must not be before the due date",
    ),
    "ladders[0].rungs[1].after": (
        with_rungs(rung("a", 9, Measure.RESTRICT), rung("b", 9, Measure.GIVE_UP)),
        "must be later than that of the rung before: one age has one answer",
    ),
    "ladders[0].rungs[0]": (
        with_rungs(rung("a", 1), rung("b", 9, Measure.GIVE_UP)),
        "must do something: measures, or notify",
    ),
    "ladders[0].rungs[0].measures": (
        with_rungs(rung("a", 1, Measure.BAN), rung("b", 9, Measure.GIVE_UP)),
        "must be of those that a rung can take",
    ),
    "ladders[0].rungs[0].measures ": (
        with_rungs(rung("a", 6, Measure.GIVE_UP), rung("b", 9, Measure.GIVE_UP)),
        "must not give up: rungs after it are never reached",
    ),
    "ladders[0].rungs[0].after ": (
        with_rungs(rung("a", 21, Measure.DOWNGRADE), rung("b", 30, Measure.GIVE_UP)),
        "must not be after the service, or there is nothing left to downgrade",
    ),
    "ladders[0].rungs  ": (
        with_rungs(rung("a", 5, Measure.GIVE_UP)),
        "must give up after the last retry of transient",
    ),
    "ladders[0].rungs   ": (
        replace(
            with_rungs(rung("a", 30, Measure.GIVE_UP)),
            schedules=(Schedule(causes=frozenset({FailureCause.DECLINED}), waits=(15 * DAY, 15 * DAY)),),
        ),
        "must give up after the last try of schedules[0], up to 31 days after the first",
    ),
    # From 28 July to 2 August, and then to 1 September at 9 in the morning.
    "ladders[0].rungs    ": (
        replace(
            with_rungs(rung("a", 30, Measure.GIVE_UP)),
            schedules=(
                Schedule(causes=frozenset({CauseClass.TRANSIENT}), waits=(5 * DAY,), paydays=frozenset({1})),
            ),
        ),
        "must give up after the last try of schedules[0], up to 36 days after the first",
    ),
    "ladders  ": (
        with_ladders(ladder("a", causes=frozenset(Trouble) - {Trouble.OUTAGE})),
        "must have exactly one answer for cause outage, product any other, any other currency: none",
    ),
    "ladders   ": (
        with_ladders(ladder("a"), ladder("b", at_least={"USD": 1_000})),
        "must have exactly one answer for cause permanent, product any other, USD from 1000 (minor units): a and b",
    ),
    "ladders    ": (
        with_ladders(ladder("a", below={"USD": 900}), ladder("b", at_least={"USD": 1_000})),
        "must have exactly one answer for cause permanent, product any other, USD from 900 (minor units): none",
    ),
    "ladders[1]": (
        with_ladders(ladder("a"), ladder("b", at_least={"USD": 9}, below={"USD": 9})),
        "must answer for some invoice: no invoice ever comes to it",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_each_rule_finds_what_breaks_it(case: str) -> None:
    policy, rule = BROKEN[case]
    field = case.strip()
    assert (field, rule.partition(", any other currency")[0]) in {
        (p.field, p.rule.partition(", any other currency")[0]) for p in policy_problems(policy)
    }


def test_a_sound_policy_breaks_no_rule_and_answers_every_case() -> None:
    assert policy_problems(POLICY) == ()
    assert {cell.trouble for cell in cells(POLICY)} == set(Trouble)
    assert {(c.product, c.currency, c.at_least, c.below) for c in cells(POLICY)} == {(None, "XXX", 1, None)}


EVERY = frozenset(Trouble)
EARLY = (rung("early", 1, Measure.GIVE_UP),)
RETRIED = {**RETRIES, CauseClass.OUTAGE: (DAY,), CauseClass.TRANSIENT: (DAY,) * 5}


def early(*causes: Trouble) -> Policy:
    """Invoices of these causes are given up after a day, all others after thirty."""
    ladders = (
        Ladder(id="early", rungs=EARLY, causes=frozenset(causes)),
        Ladder(id="late", rungs=(rung("late", 30, Measure.GIVE_UP),), causes=EVERY - frozenset(causes)),
    )
    return replace(POLICY, ladders=ladders, free=(), retries=RETRIED, outage_max=timedelta())


SOUND: dict[str, Policy] = {
    "service as long as the grace": replace(
        with_rungs(rung("a", 30, Measure.GIVE_UP)), grace=20 * DAY, service=20 * DAY
    ),
    "schedules for one cause with different providers": replace(
        POLICY,
        schedules=(
            replace(TWICE, providers=frozenset({"paypal"})),
            replace(TWICE, providers=frozenset({"stripe"})),
        ),
    ),
    "weekdays without paydays": scheduled(weekdays=frozenset({0, 6})),
    "as many waits as may be": replace(
        POLICY, retries={**RETRIES, CauseClass.TRANSIENT: (timedelta(minutes=1),) * 200}
    ),
    "a rung that does all at once": replace(
        POLICY,
        ladders=(
            replace(
                LADDER,
                rungs=(
                    rung(
                        "all",
                        20,
                        Measure.RESTRICT,
                        Measure.SUSPEND_USAGE,
                        Measure.DOWNGRADE,
                        Measure.GIVE_UP,
                    ),
                ),
            ),
        ),
    ),
    "a schedule where nothing is given up": replace(with_ladders(ladder("a")), schedules=(TWICE,)),
    "what is not retried is given up early": early(Trouble.PERMANENT),
    "what is retried on schedule is given up late": replace(
        early(Trouble.PERMANENT), schedules=(replace(TWICE, waits=(5 * DAY,)),)
    ),
}


@pytest.mark.parametrize("case", SOUND)
def test_what_is_just_within_a_rule_breaks_none(case: str) -> None:
    assert policy_problems(SOUND[case]) == ()


def test_only_the_tries_of_a_ladders_own_causes_come_before_its_end() -> None:
    assert {p.rule for p in policy_problems(early(Trouble.TRANSIENT))} == {
        "must give up after the last retry of transient"
    }
    few = {**RETRIED, CauseClass.TRANSIENT: ()}
    scheduled = replace(early(Trouble.TRANSIENT), retries=few, schedules=(replace(TWICE, waits=(5 * DAY,)),))
    assert [p.field for p in policy_problems(scheduled)] == ["ladders[0].rungs"]
    (late,) = policy_problems(scheduled)
    assert "the last try of schedules[0]" in late.rule


def test_one_provider_has_one_schedule_for_a_cause() -> None:
    named = replace(TWICE, providers=frozenset({"paypal"}))
    (problem,) = policy_problems(replace(POLICY, schedules=(named, named)))
    assert problem.rule == "must have one answer for declined with provider paypal"


def test_answers_are_proved_where_no_rule_is_broken_and_leaving_where_every_case_has_one() -> None:
    twice = with_ladders(ladder("a"), ladder("b"))
    assert {p.field for p in policy_problems(replace(twice, method_order=("card", "card")))} == {
        "method_order"
    }
    assert cells(twice) == ()
    media = ladder("media", products=frozenset({"media"}))
    partly = with_ladders(ladder("a"), media, replace(media, id="again"))
    assert cells(partly), "all but one product have one answer"
    assert {p.field for p in policy_problems(partly, None, lambda _, __: Decision())} == {"ladders"}


def test_a_case_without_one_answer_is_named_by_its_product() -> None:
    media = ladder("media", products=frozenset({"media"}))
    twice = with_ladders(ladder("a"), media, replace(media, id="again"))
    named = "product media, any other currency (minor units): media and again"
    assert any(named in p.rule for p in policy_problems(twice))


def test_an_age_may_stand_still_as_long_as_an_outage_is_retried() -> None:
    assert policy_problems(outaged(7, 7)) == ()
    other = Schedule(causes=frozenset({FailureCause.DECLINED}), waits=(DAY,))
    assert policy_problems(replace(outaged(7, 7), schedules=(other,))) == ()


def test_a_schedule_may_end_before_the_debt_is_given_up() -> None:
    short = Schedule(causes=frozenset({FailureCause.DECLINED}), waits=(5 * DAY,))
    assert policy_problems(replace(with_rungs(rung("a", 30, Measure.GIVE_UP)), schedules=(short,))) == ()


def test_what_is_told_apart_by_cause_amount_and_product_is_a_cell_of_its_own() -> None:
    policy = with_ladders(
        ladder("small", below={"USD": 1_000}),
        ladder("large", at_least={"USD": 1_000}),
        ladder("media", products=frozenset({"media"}), causes=frozenset({Trouble.OUTAGE})),
    )
    assert policy_problems(policy) == ()
    found = {
        (c.product, c.currency, c.at_least, c.below): c.ladder.id
        for c in cells(policy)
        if c.trouble is Trouble.OUTAGE
    }
    assert found == {
        ("media", "USD", 1, 1_000): "media",
        ("media", "USD", 1_000, None): "media",
        ("media", "XXX", 1, None): "media",
        (None, "USD", 1, 1_000): "small",
        (None, "USD", 1_000, None): "large",
        (None, "XXX", 1, None): "small",
    }


def test_what_a_policy_names_must_be_in_the_catalog(shop: "Shop") -> None:
    media = replace(LADDER, id="special", products=frozenset({"nothing"}))
    policy = replace(POLICY, free=("free", "pro", "gone"), ladders=(LADDER, media))
    found = {(p.field, p.rule) for p in policy_problems(policy, shop.catalog)}
    assert ("free", "must name a product of the catalog, got 'gone'") in found
    assert ("ladders[1].products", "must name a product of the catalog, got 'nothing'") in found
    family = shop.catalog.products["pro"].family
    assert ("free", f"must name one product of the family {family}") in found
    assert policy_problems(POLICY, shop.catalog) == ()
    assert policy_problems(replace(POLICY, free=None), shop.catalog) == (), "left to the catalog"
