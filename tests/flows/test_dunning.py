"""The one dunning path end to end, under policies from files: what an unpaid account loses, and gets back."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from solvent.commands.policy import SHIPPED
from solvent.core.account import Segment
from solvent.core.attempt import Attempt
from solvent.core.crediting import PaidPart, Wish
from solvent.core.giving_up import Surrender
from solvent.core.ids import bucket_of
from solvent.core.ladder import Measure
from solvent.core.payment import AttemptState
from solvent.core.plan import Refusal
from solvent.core.snapshot import Standing
from solvent.flows.change import quote
from solvent.flows.credit import forgive
from solvent.flows.debts import give_up
from solvent.flows.recompute import gather
from solvent.flows.vault import detach
from solvent.sim import Customer
from solvent.store import policies, policy_file
from solvent.store.embedded import EmbeddedServer
from solvent.store.entitled import EntitledReads
from solvent.web.handlers.entitlement_views import restriction_view
from tests.flows.acts import DECLINED_LATER, GOOD, NO_FUNDS, switch, zone
from tests.flows.worlds import Worlds
from tests.simulation.databases import Databases
from tests.simulation.fragile import FragileWorld
from tests.simulation.watched import watched

DAY = timedelta(days=1)
BUCKETS = iter(range(1, 250))


@pytest.fixture(scope="module")
def governed_url(postgres: EmbeddedServer) -> Iterator[str]:
    """The address of a database with goods on sale, in which no policy holds yet."""
    with Databases(postgres).one() as url:
        yield watched(url)


@pytest.fixture(scope="module")
def worlds(governed_url: str) -> Iterator[Worlds]:
    """Opens the worlds of a module."""
    with closing(Worlds(governed_url)) as opened:
        yield opened


@pytest.fixture
def world(worlds: Worlds) -> Iterator[FragileWorld]:
    with worlds.one(next(BUCKETS)) as world:
        govern(world)
        yield world


def govern(world: FragileWorld, old: str = "", new: str = "", segment: str = "standard") -> None:
    """Let the shipped policies hold from the world's beginning on; of one of them a variant."""
    with world.database.pool.connection() as connection:
        connection.execute("alter table policy_edition disable trigger user")
        connection.execute("delete from policy_edition")
        for path in sorted(SHIPPED.glob("*.yaml")):
            text = path.read_text(encoding="utf-8")
            if path.stem == segment and old:
                assert old in text
                text = text.replace(old, new)
            policies.apply(connection, policy_file.parse(text), world.now)
        connection.execute("alter table policy_edition enable trigger user")
    world.database.catalog(["not yet read@1"])


def story(world: FragileWorld, customer: Customer, days: int) -> list[tuple[object, ...]]:
    """What changed on which day after the renewal failed: standing, measures, what the zone gives."""
    told: list[tuple[object, ...]] = []
    start = customer.subscription().period.end
    for day in range(days + 1):
        world.until(start + day * DAY)
        snapshot = customer.snapshot()
        now = (
            str(snapshot.standing),
            " ".join(sorted(m.measure for m in snapshot.in_effect)),
            " ".join(g.product_id for g in snapshot.grants if g.starts_at <= world.now < g.ends_at),
        )
        if not told or told[-1][1:] != now:
            told.append((day, *now))
    return told


TIMELINES = {
    Segment.STANDARD: [
        (0, "grace", "", "zone-pro"),
        (5, "restricted", "restrict", "zone-pro"),
        (10, "suspended", "restrict suspend_usage", "zone-pro"),
        (20, "suspended", "downgrade restrict suspend_usage", "zone-free"),
        (30, "bad_debt", "ban downgrade restrict suspend_usage", ""),
    ],
    Segment.PARTNER: [(0, "grace", "", "zone-pro"), (30, "past_due", "", "zone-pro")],
}


@pytest.mark.parametrize("segment", TIMELINES)
def test_day_by_day(world: FragileWorld, segment: Segment) -> None:
    ada = world.customer("Ada", segment=segment)
    ada.buy(zone(), DECLINED_LATER)
    assert story(world, ada, 32) == TIMELINES[segment]


def test_every_rung_is_told_once_and_everything_ends_as_one(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    story(world, ada, 40)
    rungs = [e.data["rung"] for e in ada.events("dunning.notice")]
    assert rungs == [
        "due",
        "reminder",
        "restricted",
        "usage-suspended",
        "downgraded",
        "last-notice",
        "given-up",
    ]
    (gone,) = ada.events("invoice.uncollectible")
    assert gone.data["by"] == "policy 'standard, as shipped'"
    assert gone.data["reason"] == "unpaid, at rung 'given-up'"
    assert len(ada.events("subscription.ended")) == 1
    kinds = [e.type for e in ada.events()]
    last = kinds[kinds.index("invoice.uncollectible") :]
    assert last == ["invoice.uncollectible", "subscription.ended", "standing.changed", "dunning.changed"]
    with world.database.pool.connection() as connection:
        tallied = connection.execute(
            "select direction, reason, currency from bad_debt_tally where bucket = %s", (bucket_of(ada.id),)
        ).fetchall()
    assert ("in", "policy", "USD") in tallied


def listed(value: object) -> list[dict[str, object]]:
    """A list within an event."""
    assert isinstance(value, list)
    return value


def test_a_second_measure_of_a_kind_has_its_own_event_and_is_history(world: FragileWorld) -> None:
    govern(world, "      - id: standard\n", "      - id: standard\n        scope: subscription\n")
    ada = world.customer("Ada")
    first = ada.buy(zone(), DECLINED_LATER).plan.after
    world.wait(hours=72)
    second = ada.buy(zone("later.example"), DECLINED_LATER).plan.after
    assert first is not None
    assert second is not None
    world.until(second.period.end + 11 * DAY)
    suspended = [
        (told["subscription_id"], told["rung"], event.occurred_at, event.data["after"])
        for event in ada.events("dunning.changed")
        for told in listed(event.data["begun"])
        if told["measure"] == "suspend_usage"
    ]
    kinds = ["restrict", "suspend_usage"]
    assert suspended == [
        (str(spelled.id), "usage-suspended", spelled.period.end + 10 * DAY, kinds)
        for spelled in (first, second)
    ]
    with world.database.pool.connection() as connection:
        begun = connection.execute(
            "select word from decision d cross join jsonb_array_elements_text(d.applied) word"
            " where d.account_id = %s and word like 'begin suspend%%' order by d.decided_at",
            (ada.id,),
        ).fetchall()
    assert begun == [(f"begin suspend_usage of {s.id.hex}",) for s in (first, second)]
    ada.pay_debt()
    ada.pay_debt()
    (*_, lifted) = ada.events("dunning.changed")
    assert (lifted.data["begun"], lifted.data["after"]) == ([], [])
    assert {told["measure"] for told in listed(lifted.data["lifted"])} == set(kinds)


def test_a_try_that_fails_is_told_unless_its_customer_is_there(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    start = ada.subscription().period.end
    story(world, ada, 6)
    told = ada.events("collection.failed")
    assert [e.occurred_at - start for e in told] == [n * DAY for n in range(1, 6)], (
        "the renewal's own was grace"
    )
    (invoice,) = ada.open_invoices()
    (method,) = ada.snapshot().methods
    assert len({e.data["attempt_id"] for e in told}) == len(told)
    assert {**told[0].data, "attempt_id": "its own"} == {
        "attempt_id": "its own",
        "path": "collection",
        "invoice_ids": [str(invoice.id)],
        "amount": 2_000,
        "currency": "USD",
        "cause": "declined",
        "provider": "sandbox",
        "method_id": str(method.id),
    }
    opened = ada.open_debt(invoice.id)
    assert isinstance(opened, Attempt)
    assert ada.confirm(opened, NO_FUNDS).state is AttemptState.FAILED
    assert ada.events("collection.failed") == told


def test_retries_are_five_in_five_days(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    start = ada.subscription().period.end
    story(world, ada, 29)
    (invoice,) = ada.open_invoices()
    tries = ada.snapshot().tries[invoice.id]
    assert (tries.failures, tries.last_at) == (6, start + 5 * DAY)


@pytest.mark.unmeasured
@pytest.mark.parametrize("day", [7, 12, 22, 33])
def test_paying_lifts_everything_at_once_on_any_rung(world: FragileWorld, day: int) -> None:
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    story(world, ada, day)
    assert ada.snapshot().in_effect
    (invoice,) = [i for i in ada.snapshot().open_invoices if i.debt]
    opened = ada.open_debt(invoice.id)
    assert isinstance(opened, Attempt)
    ada.complete(opened, GOOD)
    snapshot = ada.snapshot()  # before anything else has worked
    assert (snapshot.in_effect, snapshot.standing) == ((), Standing.GOOD)
    assert ada.events("dunning.changed")[-1].data["after"] == []
    if day < 30:
        assert [g.product_id for g in snapshot.grants] == ["zone-pro"]
    world.work()
    assert ada.snapshot().in_effect == ()
    ada.buy(zone("new.example"))


def test_while_restricted_nothing_new_is_sold_and_no_method_goes(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    story(world, ada, 6)
    refused = quote(world.platform, ada.id, zone("new.example"), world.now)
    assert isinstance(refused, Refusal)
    assert refused.rule == "owes an overdue invoice: pay the open debt first"
    more = switch(ada, "zone-business")
    assert isinstance(quote(world.platform, ada.id, more, world.now), Refusal)
    gone = detach(world.platform, ada.id, ada.snapshot().methods[0].id, world.now)
    assert gone is not None
    assert gone.rule == "must not be removed while debt restricts the account: pay it first"
    story(world, ada, 27)
    banned = quote(world.platform, ada.id, zone("new.example"), world.now)
    assert isinstance(banned, Refusal)
    assert banned.rule == "owes an invoice that was given up: pay the open debt first"


def test_a_policy_may_allow_upgrades_meanwhile_and_never_purchases(world: FragileWorld) -> None:
    govern(world, "    threshold_suspends: true", "    upgrades: allowed")
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    story(world, ada, 6)
    more = switch(ada, "zone-business")
    refused = quote(world.platform, ada.id, more, world.now)
    assert not isinstance(refused, Refusal) or "pay the open debt" not in refused.rule
    assert isinstance(quote(world.platform, ada.id, zone("new.example"), world.now), Refusal)


def test_what_was_given_up_may_be_forgiven(world: FragileWorld) -> None:
    govern(world, "    threshold_suspends: true", "    fate: forgiven")
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    story(world, ada, 32)
    assert ada.debt() == 0
    assert [e.data["reason"] for e in ada.events("credit_note.issued")][-1] == "forgiven"
    assert (ada.standing(), ada.snapshot().in_effect) == (Standing.GOOD, ())


def test_what_is_not_to_be_forgiven_any_more_is_not(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    story(world, ada, 32)
    (invoice,) = ada.snapshot().open_invoices
    wish = Wish(
        paid_part=PaidPart.CREDIT, reason="forgiven", issued_by="policy", key="forgive:1", input_hash=b""
    )
    refused = forgive(world.platform, invoice.id, wish, world.now)  # its policy lets the debt stay owed
    assert isinstance(refused, Refusal)
    assert "not to be forgiven any more" in refused.rule
    assert ada.debt() == invoice.debt


def test_the_next_method_is_tried_at_once_and_only_one_is_charged(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    ada.buy(zone("second.example"), GOOD)
    first, second = ada.snapshot().methods
    with world.database.pool.connection() as connection:
        connection.execute("update method set priority = 9 where id = %s", (second.id,))
    start = ada.subscriptions()[0].period.end
    before = len(ada.charges())
    world.until(start)
    assert ada.debt() == 0
    assert [charge.amount for charge in ada.charges()[before:]] == [4_000]  # both zones, renewed together
    failed = [a for a in ada.attempts() if a.state == "failed" or a.cause is not None]
    assert failed
    assert first.id != second.id


def test_why_is_answered_from_the_evidence(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    story(world, ada, 11)
    (verdict,) = gather(world.platform, world.buckets[0], [ada.id], world.now)
    assert verdict.evidence[-1].startswith("suspend usage since ")
    assert verdict.evidence[-1].endswith("by rung 'usage-suspended' of the policy 'standard, as shipped'")
    assert not verdict.changed


def test_an_invoice_that_is_given_up_by_hand_bans_in_the_same_moment(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    story(world, ada, 2)
    (invoice,) = ada.open_invoices()
    give_up(world.platform, invoice.id, Surrender(reason="bankrupt", by="finance"), world.now)
    snapshot = ada.snapshot()  # before anything else has worked
    assert ([m.measure for m in snapshot.in_effect], snapshot.standing) == ([Measure.BAN], Standing.BAD_DEBT)
    assert ada.past_subscriptions()
    world.work()
    assert ada.snapshot().in_effect == snapshot.in_effect


def test_product_services_are_told_what_is_restricted_and_why(world: FragileWorld) -> None:
    ada, reads = world.customer("Ada"), EntitledReads(world.database.pool)
    ada.buy(zone(), DECLINED_LATER)
    before = reads.read([ada.id], world.now)[ada.id]
    story(world, ada, 7)
    entitled = reads.read([ada.id], world.now)[ada.id]
    assert (before.measures, entitled.measures) == ((), ada.snapshot().in_effect)
    assert entitled.mark.digest != before.mark.digest
    restricted = restriction_view(entitled.measures[0])
    assert (restricted.measure, restricted.subscription_id) == (Measure.RESTRICT, None)
    assert restricted.reason == "an invoice is unpaid: restrict by rung 'restricted'"
