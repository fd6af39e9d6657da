"""Policy files: what they say, in which words mistakes are told, and the six that come with Solvent."""

from datetime import UTC, datetime, timedelta

import pytest

from solvent.commands.policy import SHIPPED
from solvent.core.account import Segment
from solvent.core.catalog import CatalogError
from solvent.core.ladder import Channel, Ends, Lift, Measure, Scope, Unpaid
from solvent.core.payment import CauseClass, FailureCause
from solvent.core.policy_rules import policy_problems
from solvent.store import policy_file

WHOLE = """
name: spring
effective_from: 2026-03-01T00:00:00+01:00
segments:
  standard:
    grace: 5d
    service: 20d
    retries: {transient: [1d, 12h, 90m], permanent: [], outage: [10m], abandoned: [], action_needed: []}
    schedules:
      - {causes: [insufficient_funds, abandoned], providers: [bank], waits: [1d], weekdays: [mon, fri], hour: 7}
    method_order: [wallet]
    lift: one
    upgrades: allowed
    free: [zone-free]
    ladders:
      - id: small
        scope: subscription
        causes: [transient]
        products: [zone-pro]
        below: {USD: "10.00", JPY: "1500"}
        ends: finance
        rungs:
          - {id: due, after: 0d, notify: [email]}
          - {id: gone, after: 20d, measures: [downgrade, restrict]}
"""


def test_a_file_is_read_into_values() -> None:
    file = policy_file.parse(WHOLE)
    assert (file.name, file.effective_from) == ("spring", datetime(2026, 2, 28, 23, tzinfo=UTC))
    policy = file.policies[Segment.STANDARD]
    assert (policy.name, policy.grace, policy.service) == ("spring", timedelta(days=5), timedelta(days=20))
    assert policy.retries[CauseClass.TRANSIENT][2] == timedelta(minutes=90)
    assert (policy.lift, policy.upgrades, policy.free) == (Lift.ONE, Unpaid.ALLOWED, ("zone-free",))
    (schedule,) = policy.schedules
    assert schedule.causes == {FailureCause.INSUFFICIENT_FUNDS, CauseClass.ABANDONED}
    assert (schedule.weekdays, schedule.hour, schedule.providers) == (
        frozenset({0, 4}),
        7,
        frozenset({"bank"}),
    )
    (ladder,) = policy.ladders
    assert (ladder.scope, ladder.ends, ladder.products) == (
        Scope.SUBSCRIPTION,
        Ends.FINANCE,
        frozenset({"zone-pro"}),
    )
    assert ladder.below == {"USD": 1_000, "JPY": 1_500}
    assert ladder.rungs[0].notify == (Channel.EMAIL,)
    assert ladder.rungs[1].measures == {Measure.DOWNGRADE, Measure.RESTRICT}


def test_ages_stand_still_as_long_as_outages_are_retried_and_a_week_at_most() -> None:
    def most(old: str = "", new: str = "") -> timedelta:
        assert old in WHOLE
        return policy_file.parse(WHOLE.replace(old, new)).policies[Segment.STANDARD].outage_max

    assert most() == timedelta(minutes=10)  # one retry, after ten minutes
    assert most("outage: [10m]", "outage: [6d, 6d]") == timedelta(days=7)
    assert most("outage: [10m]", "outage: []") == timedelta(0)
    assert most("outage: [10m], abandoned", "outage: [6d, 6d], abandoned") == timedelta(days=7)
    special = "causes: [provider_unavailable, abandoned]"
    both = WHOLE.replace("outage: [10m]", "outage: [6d, 6d]").replace(
        "causes: [insufficient_funds, abandoned]", special
    )
    assert policy_file.parse(both).policies[Segment.STANDARD].outage_max == timedelta(days=1)
    assert most("    lift: one", "    lift: one\n    outage_max: 3d") == timedelta(days=3)


def test_what_is_stored_reads_back_as_it_was() -> None:
    file = policy_file.parse(WHOLE)
    stored = file.stored[Segment.STANDARD].decode()
    assert policy_file.restored("spring", stored) == file.policies[Segment.STANDARD]


@pytest.mark.parametrize(
    ("old", "new", "field", "rule"),
    [
        ("grace: 5d", "grace: 5 days", "segments.standard.grace", "must be a whole number of days, hours"),
        ("service: 20d", "service: -1d", "segments.standard.service", "must be a whole number of days"),
        (
            "lift: one",
            "lift: one\n    outage_max: 3w",
            "segments.standard.outage_max",
            "must be a whole number",
        ),
        ("90m", "90s", "segments.standard.retries.transient[2]", "must be a whole number"),
        ("waits: [1d]", "waits: [x]", "segments.standard.schedules[0].waits[0]", "must be a whole number"),
        ("[insufficient_funds", "[poverty", "segments.standard.schedules[0].causes[0]", "must be a class of"),
        ('USD: "10.00"', 'USD: "10.001"', "segments.standard.ladders[0].below.USD", "decimal"),
        ('JPY: "1500"', 'YEN: "1500"', "segments.standard.ladders[0].below.YEN", "YEN"),
        (
            "after: 20d",
            "after: soon",
            "segments.standard.ladders[0].rungs[1].after",
            "must be a whole number",
        ),
        ("[downgrade, restrict]", "[fine]", "segments[...].ladders[0].rungs[1].measures[0]", "Invalid enum"),
        ("lift: one", "lift: some", "segments[...].lift", "Invalid enum"),
        ("name: spring", "title: spring", "file", "unknown field"),
        ("standard:", "gold:", "`key` in `$.segments`", "Invalid enum"),
        ("T00:00:00+01:00", "T00:00:00", "effective_from", "timezone"),
        ("name: spring", "name: 2001-99-99", "file", "must be YAML"),
        ("name: spring", "name: " + "[" * 200, "file", "nested so deeply"),
    ],
)
def test_a_mistake_names_its_field(old: str, new: str, field: str, rule: str) -> None:
    assert old in WHOLE
    with pytest.raises(CatalogError) as caught:
        policy_file.parse(WHOLE.replace(old, new))
    assert field in str(caught.value)
    assert rule in str(caught.value)


def test_the_policies_that_come_with_solvent_are_sound_and_cover_every_segment() -> None:
    files = [policy_file.parse(path.read_bytes()) for path in sorted(SHIPPED.glob("*.yaml"))]
    policies = [(segment, policy) for file in files for segment, policy in file.policies.items()]
    assert sorted(segment for segment, _ in policies) == sorted(Segment)
    assert [policy_problems(policy) for _, policy in policies] == [()] * len(Segment)


def test_the_standard_policy_is_the_ladder_of_the_domain() -> None:
    """Five retries over five days of grace, then no new things, no usage, the free plan, and the end."""
    policy = policy_file.parse((SHIPPED / "standard.yaml").read_bytes()).policies[Segment.STANDARD]
    assert policy.grace == timedelta(days=5) == sum(policy.retries[CauseClass.TRANSIENT], timedelta())
    (ladder,) = policy.ladders
    assert [sorted(r.measures) for r in ladder.rungs if r.measures] == [
        ["restrict"],
        ["suspend_usage"],
        ["downgrade"],
        ["give_up"],
    ]
    assert ladder.rungs[2].after == policy.grace


@pytest.mark.parametrize("segment", [Segment.CONTRACT, Segment.PARTNER, Segment.SPONSORED])
def test_who_has_a_contract_or_a_sponsor_is_never_cancelled_by_dunning(segment: Segment) -> None:
    policy = policy_file.parse((SHIPPED / f"{segment}.yaml").read_bytes()).policies[segment]
    taken = {m for ladder in policy.ladders for rung in ladder.rungs for m in rung.measures}
    assert taken == ({Measure.RESTRICT} if segment is Segment.CONTRACT else set())
