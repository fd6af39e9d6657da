"""Drift: each kind planted with SQL, named by the state of the account, and then repaired or explained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import LiteralString

import pytest

from solvent.commands.drift import lines
from solvent.core.drift_kinds import ASKED, KINDS, DriftKind, Remedy
from solvent.core.ids import bucket_of, spell
from solvent.flows.drift import LOOK_EVERY, ask_providers, look, look_across, look_on
from solvent.flows.recompute import examine, recompute
from solvent.providers.sandbox.acts import charge_again
from solvent.providers.sandbox.records import Intent, Status
from solvent.sim import Customer
from solvent.store.drift import DriftReads, WhichDrift
from solvent.store.figures import health
from tests.flows.acts import DECLINED_LATER, zone
from tests.flows.edge import Edge, edge
from tests.flows.plants import DAY, PLANTS, REFUSED, new_id, owing, paying, run
from tests.flows.test_dunning import govern
from tests.simulation.checks import wrong
from tests.simulation.crashing import Mishap, Trouble
from tests.simulation.fragile import FragileWorld

BUCKETS = iter(range(1, 250))


@pytest.fixture
def world(flows_url: str) -> Iterator[FragileWorld]:
    number = next(BUCKETS)
    world = FragileWorld(flows_url, buckets=(number,), seed=number)
    govern(world)
    yield world
    found = wrong(world)
    world.close()
    assert found == []


@pytest.fixture(scope="module")
def server() -> Iterator[Edge]:
    with edge() as opened:
        yield opened


def kinds(world: FragileWorld, ada: Customer) -> set[DriftKind]:
    (verdict,) = examine(world.platform, world.buckets[0], [ada.id], world.now)
    return {d.kind for d in verdict.disagreements}


def recomputed(world: FragileWorld, ada: Customer) -> None:
    with world.platform.store.begin() as tx:
        tx.queue.mark([ada.id], "test", world.now)
    recompute(world.platform, world.buckets[0], world.now, 10)


def test_every_kind_is_planted_refused_or_asked_of_a_provider() -> None:
    assert PLANTS.keys() | REFUSED.keys() | ASKED == set(DriftKind)
    assert {k for k in DriftKind if KINDS[k].done is Remedy.IMPOSSIBLE} == REFUSED.keys()


@pytest.mark.unmeasured
@pytest.mark.parametrize("kind", PLANTS, ids=str)
def test_what_is_planted_is_named_and_repaired_or_explained(
    world: FragileWorld, server: Edge, kind: DriftKind
) -> None:
    plant = PLANTS[kind]
    ada = plant.make(world)
    state = server.of(world).get(f"/accounts/{spell('acc', ada.id)}/state").json()
    told, *_ = [d for d in state["disagreements"] if d["kind"] == kind]
    assert plant.evidence in told["evidence"]
    assert (told["means"], told["done"]) == (KINDS[kind].means, KINDS[kind].done)
    recomputed(world, ada)
    match KINDS[kind].done:
        case Remedy.REPAIRED:
            world.work()
            assert kinds(world, ada) == set()
        case Remedy.REPORTED if plant.mend is None:
            world.work()
            assert kind not in kinds(world, ada)
        case _:
            assert kind in kinds(world, ada)
            assert plant.mend is not None
            run(world, plant.mend, id=ada.id)
            recomputed(world, ada)
            world.work()
            assert kinds(world, ada) == set()


def test_what_is_seen_is_kept_aged_and_gone_in_the_end(world: FragileWorld, server: Edge) -> None:
    ada = owing(world, 2)
    bucket, client = world.buckets[0], server.of(world)
    run(world, "update health set recheck_at = null where account_id = %(id)s", id=ada.id)
    started = world.now
    assert look_on(world.platform, bucket, world.now, 10) == 1
    world.clock.move(timedelta(hours=30))
    with world.platform.store.begin() as tx:
        assert tx.queue.claim(bucket, world.now, world.now + DAY, 9, None) == [
            ada.id
        ]  # whom it repairs is marked
        tx.queue.finish(bucket, [ada.id])
    assert look(world.platform, bucket, [ada.id], world.now) == 1
    account = spell("acc", ada.id)
    page = client.get(f"/drift?account={account}&kind=look_lost&older_than_hours=24").json()
    (row,) = page["data"]
    assert (row["kind"], row["done"], row["gone_at"]) == ("look_lost", "repaired", None)
    assert datetime.fromisoformat(row["first_seen_at"]) == started
    assert datetime.fromisoformat(row["last_seen_at"]) == world.now
    (age,) = [a for a in page["ages"] if a["kind"] == "look_lost"]
    assert (age["accounts"], age["under_an_hour"], age["under_a_week"]) == (1, 0, 1)
    assert client.get(f"/drift?account={account}&older_than_hours=31").json()["data"] == []
    solvent = replace(world.process, clock=world.clock, platform=world.platform)
    told = "\n".join(lines(solvent, account, "look_lost", "24h", gone=False, limit=5))
    assert "look_lost: 1 accounts; 0 for less than an hour, 0 less than a day, 1 less than a week" in told
    assert f"{account}  look_lost  since " in told
    world.work()
    assert client.get(f"/drift?account={account}").json()["data"] == []
    (row,) = client.get(f"/drift?account={account}&kind=look_lost&gone=true").json()["data"]
    assert datetime.fromisoformat(row["gone_at"]) >= datetime.fromisoformat(row["last_seen_at"])


def test_the_look_comes_to_every_account_in_pages_and_begins_again_tomorrow(world: FragileWorld) -> None:
    for name in ("Ada", "Ben", "Cleo"):
        world.customer(name)
    reads, bucket = DriftReads(world.database.pool), world.buckets[0]
    assert reads.due([bucket], world.now) == bucket
    assert [look_on(world.platform, bucket, world.now, 2) for _ in range(2)] == [2, 1]
    assert reads.due([bucket], world.now) is None
    assert reads.due([bucket], world.now + LOOK_EVERY) == bucket
    assert look_on(world.platform, bucket, world.now + LOOK_EVERY, 9) == 0, "all are as they were at rest"
    run(world, "delete from examined where bucket = %(bucket)s", bucket=bucket)
    reads.begin([bucket], world.now)
    assert reads.due([bucket], world.now) == bucket
    assert [look_on(world.platform, bucket, world.now, 3) for _ in range(2)] == [3, 0], (
        "a page may be the last"
    )
    assert reads.due([bucket], world.now) is None


@pytest.mark.parametrize(
    ("moved", "why"),
    [
        ("due_at = due_at + interval '1 year'", "its due date was moved by hand"),
        ("waits_until = due_at + interval '1 year'", "it waits until 2028-02-28"),
    ],
)
def test_a_renewal_that_the_clock_would_never_come_to_is_named(
    world: FragileWorld, moved: LiteralString, why: str
) -> None:
    ada, bucket = paying(world), world.buckets[0]
    assert look_on(world.platform, bucket, world.now, 9) == 1
    run(world, f"update subscription set {moved} where account_id = %(id)s", id=ada.id)
    look(world.platform, bucket, [ada.id], world.now)  # at rest: nothing is over yet
    world.clock.move(40 * DAY)
    assert look_on(world.platform, bucket, world.now, 9) == 1
    (row,) = DriftReads(world.database.pool).page(WhichDrift(account=ada.id), None, 9)
    assert (row.kind, why in row.evidence) == ("renewal_stalled", True)
    run(
        world,
        "update subscription set due_at = period_end, waits_until = null where account_id = %(id)s",
        id=ada.id,
    )
    world.work()
    assert kinds(world, ada) == set()


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("update item set price_id = 'zone-business-usd-month@1' where account_id = %(id)s", "item_by_hand"),
        ("update item set price_id = 'gone@1' where account_id = %(id)s", "item_by_hand"),
        ("update item set quantity = 100 where account_id = %(id)s", "item_by_hand"),
        (
            "update subscription set period_end = period_end + interval '1 year' where account_id = %(id)s",
            "period_by_hand",
        ),
        (
            "update subscription set period_end = period_end - interval '9 days' where account_id = %(id)s",
            "period_by_hand",
        ),
    ],
)
def test_what_is_changed_by_hand_is_neither_granted_nor_charged(
    world: FragileWorld, written: LiteralString, kind: str
) -> None:
    ada = paying(world)
    had, before = ada.grants(), ada.subscription()
    run(world, written, id=ada.id)
    recomputed(world, ada)
    assert kinds(world, ada) == {DriftKind(kind)}
    assert (ada.grants(), ada.subscription()) == (had, before)
    world.until(before.period.end + DAY)
    assert [charge.amount for charge in ada.charges()] == [2_000, 2_000]  # on the day that was booked
    assert ada.subscription().period.start == before.period.end
    assert kinds(world, ada) == ({DriftKind.ITEM_BY_HAND} if kind == "item_by_hand" else set())
    run(
        world,
        "update item set price_id = booked_price, quantity = booked_quantity where account_id = %(id)s",
        id=ada.id,
    )
    assert kinds(world, ada) == set()


def known_as(world: FragileWorld, customer: Customer, ref: str) -> None:
    run(
        world,
        """insert into payer (bucket, account_id, provider, ref) values (%(bucket)s, %(id)s, 'sandbox', %(ref)s)
        on conflict (bucket, account_id, provider) do update set ref = excluded.ref""",
        bucket=bucket_of(customer.id),
        id=customer.id,
        ref=ref,
    )


def one_of_each(world: FragileWorld, *buckets: int) -> list[Customer]:
    """An account in each of the buckets; an id falls into one of the world's by chance."""
    found: dict[int, Customer] = {}
    while set(found) != set(buckets):
        customer = world.customer("Ada")
        found.setdefault(bucket_of(customer.id), customer)
    return [found[bucket] for bucket in buckets]


def test_one_payer_in_two_buckets_is_named_in_both_until_it_is_put_right(flows_url: str) -> None:
    one, other = next(BUCKETS), next(BUCKETS)
    world = FragileWorld(flows_url, buckets=(one, other), seed=one)
    govern(world)
    ada, ben = one_of_each(world, one, other)
    known_as(world, ada, "cus_both")
    known_as(world, ben, "cus_both")

    def named(customer: Customer) -> list[str]:
        (verdict,) = examine(world.platform, bucket_of(customer.id), [customer.id], world.now)
        return [d.evidence for d in verdict.disagreements]

    def kept(customer: Customer) -> list[str]:
        return [
            r.kind for r in DriftReads(world.database.pool).page(WhichDrift(account=customer.id), None, 9)
        ]

    for bucket in (one, other):
        look_on(world.platform, bucket, world.now, 9)  # at rest: of one bucket nothing is shared
    assert (named(ada), named(ben), kept(ada)) == ([], [], [])
    assert look_across(world.platform) == 2
    assert named(ada) == [f"at sandbox the account is the same payer as {spell('acc', ben.id)}"]
    assert named(ben) == [f"at sandbox the account is the same payer as {spell('acc', ada.id)}"]
    world.clock.move(DAY)
    for bucket in (one, other):
        look_on(world.platform, bucket, world.now, 9)
    assert (kept(ada), kept(ben)) == (["payer_shared"], ["payer_shared"])
    known_as(world, ben, "cus_of_ben")
    assert (
        named(ben) == []
    )  # its own name is another at once; of the other account when all are looked at again
    assert look_across(world.platform) == 0
    world.clock.move(DAY)
    for bucket in (one, other):
        look_on(world.platform, bucket, world.now, 9)
    assert (kept(ada), kept(ben)) == ([], [])
    assert look_across(world.platform) == 0
    assert wrong(world) == []
    world.close()


def test_the_look_across_comes_with_that_of_the_first_bucket(flows_url: str) -> None:
    one = next(BUCKETS)
    world = FragileWorld(flows_url, buckets=(0, one), seed=one)
    govern(world)
    for customer in one_of_each(world, 0, one):
        known_as(world, customer, "cus_first")
    rows = "select bucket from shared_payer where ref = 'cus_first' order by bucket"

    def found() -> list[int]:
        with world.database.pool.connection() as connection:
            return [b for (b,) in connection.execute(rows).fetchall()]

    look_on(world.platform, one, world.now, 9)
    assert found() == []
    look_on(world.platform, 0, world.now, 1)  # its first page
    assert found() == [0, one]
    run(world, "delete from shared_payer")
    look_on(world.platform, 0, world.now, 1)  # further pages do not look across again
    assert found() == []
    run(world, "delete from payer where ref = 'cus_first'")
    world.close()


def test_what_is_changed_by_hand_is_looked_at(world: FragileWorld) -> None:
    ada, bucket = paying(world), world.buckets[0]
    assert look_on(world.platform, bucket, world.now, 9) == 1
    run(world, "update item set quantity = 2 where account_id = %(id)s", id=ada.id)
    world.clock.move(DAY)
    assert look_on(world.platform, bucket, world.now, 9) == 1
    (row,) = DriftReads(world.database.pool).page(WhichDrift(account=ada.id), None, 9)
    assert row.kind == "item_by_hand"
    run(world, "update item set quantity = 1 where account_id = %(id)s", id=ada.id)
    look(world.platform, bucket, [ada.id], world.now)


def test_an_account_in_drift_of_any_kind_is_one_whose_stores_disagree(world: FragileWorld) -> None:
    ada, bucket = paying(world), world.buckets[0]
    before = health(world.database.pool).disagreeing
    run(world, "update account set currency = 'EUR' where id = %(id)s", id=ada.id)
    look(world.platform, bucket, [ada.id], world.now)
    assert health(world.database.pool).disagreeing == before + 1
    run(world, "update account set currency = 'USD' where id = %(id)s", id=ada.id)
    look(world.platform, bucket, [ada.id], world.now)
    assert health(world.database.pool).disagreeing == before


def test_drift_that_is_kept_is_looked_at_until_it_is_gone(world: FragileWorld) -> None:
    ada, bucket = paying(world), world.buckets[0]
    assert look_on(world.platform, bucket, world.now, 9) == 1
    run(world, "update account set currency = 'EUR' where id = %(id)s", id=ada.id)
    assert look_on(world.platform, bucket, world.now, 9) == 1
    which = WhichDrift(account=ada.id)
    assert [row.kind for row in DriftReads(world.database.pool).page(which, None, 9)] == ["currency_differs"]
    run(world, "update account set currency = 'USD' where id = %(id)s", id=ada.id)  # as it was at rest
    assert look_on(world.platform, bucket, world.now, 9) == 1
    assert DriftReads(world.database.pool).page(which, None, 9) == []
    assert look_on(world.platform, bucket, world.now, 9) == 0


def test_recomputing_an_account_that_is_in_drift_keeps_that_it_was(world: FragileWorld) -> None:
    ada = paying(world)
    run(world, "delete from entitlement where account_id = %(id)s", id=ada.id)
    recomputed(world, ada)
    which = WhichDrift(account=ada.id, gone=True)
    (row,) = DriftReads(world.database.pool).page(which, None, 9)
    assert (row.kind, row.gone_at) == ("entitlement_missing", world.now)


def intent_of(world: FragileWorld, ada: Customer, state: str) -> Intent:
    """What the bank has of the newest attempt in a state."""
    with world.database.pool.connection() as connection:
        query = "select ref from attempt where account_id = %s and state = %s and ref is not null order by id desc"
        row = connection.execute(query, (ada.id, state)).fetchone()
    assert row is not None
    return world.banks.by_name["sandbox"]._book.by_ref[row[0]]


def test_what_the_provider_says_is_paid_is_settled(world: FragileWorld, server: Edge) -> None:
    ada = owing(world, 2)
    intent = intent_of(world, ada, "failed")
    intent.status = Status.SUCCEEDED  # the bank changed its mind, and told nobody
    charge_again(world.banks.by_name["sandbox"]._book, intent, world.now, 1)
    account = spell("acc", ada.id)
    state = (
        server.of(world).post(f"/accounts/{account}/ask-providers", headers={"idempotency-key": "1"}).json()
    )
    assert (state["standing"], state["debt"], state["disagreements"]) == ("good", [], [])
    world.work()
    assert ada.debt() == 0
    (row,) = DriftReads(world.database.pool).page(WhichDrift(account=ada.id), None, 9)
    assert row.kind == "provider_says_paid"
    assert "sandbox says that attempt att_" in row.evidence
    assert ask_providers(world.platform, ada.id, world.now) == ()
    assert DriftReads(world.database.pool).page(WhichDrift(account=ada.id), None, 9) == []


def test_what_only_we_say_is_paid_needs_a_person(world: FragileWorld) -> None:
    ada = paying(world)
    intent, book = intent_of(world, ada, "committed"), world.banks.by_name["sandbox"]._book
    intent.status = Status.FAILED
    (told,) = ask_providers(world.platform, ada.id, world.now)
    assert told.kind is DriftKind.PROVIDER_SAYS_UNPAID
    assert told.evidence.endswith("is recorded as paid, sandbox says failed")
    intent.status, intent.amount = Status.SUCCEEDED, 1_900
    (told,) = ask_providers(world.platform, ada.id, world.now)
    assert told.kind is DriftKind.PROVIDER_SAYS_OTHERWISE
    assert told.evidence.endswith("recorded 2000 USD, sandbox says 1900 USD")
    intent.amount = 2_000
    with world.during(Mishap(Trouble.SILENT, 1)):
        assert ask_providers(world.platform, ada.id, world.now) == ()  # who does not answer says nothing
    del book.by_key[intent.key], book.by_ref[intent.ref]
    (told,) = ask_providers(world.platform, ada.id, world.now)
    assert told.kind is DriftKind.PROVIDER_SAYS_UNPAID
    book.by_key[intent.key] = book.by_ref[intent.ref] = intent


@pytest.mark.unmeasured
@pytest.mark.parametrize("kind", REFUSED, ids=str)
def test_what_is_impossible_is_refused_by_the_database(world: FragileWorld, kind: DriftKind) -> None:
    ada = paying(world)
    query, error = REFUSED[kind]
    values = {"id": ada.id, "new": new_id(world), "bucket": world.buckets[0]}
    with world.database.pool.connection() as connection, pytest.raises(error):
        connection.execute(query, values)


@pytest.mark.unmeasured
@pytest.mark.parametrize("days", [0, 2, 6, 12, 22, 31])
def test_an_honest_life_has_no_drift_on_any_rung(world: FragileWorld, days: int) -> None:
    ada = owing(world, days)
    (verdict,) = examine(world.platform, world.buckets[0], [ada.id], world.now)
    assert verdict.disagreements == ()
    assert (verdict.coverage.examined, verdict.coverage.owing) == (1, 1)


def test_flags_that_somebody_took_away_come_back(world: FragileWorld) -> None:
    ada = owing(world, 6)
    run(world, "update health set measures = '[]' where account_id = %(id)s", id=ada.id)
    assert kinds(world, ada) == {DriftKind.FLAGS_BY_HAND}
    recomputed(world, ada)
    assert [m.measure for m in ada.snapshot().in_effect] == ["restrict"]
    assert kinds(world, ada) == set()


def test_an_account_that_waits_for_its_recompute_is_not_in_drift(world: FragileWorld) -> None:
    """What was paid a moment ago is recorded a moment later; only what stays so is a contradiction."""
    ada = owing(world, 2)
    ada.pay_debt()
    assert kinds(world, ada) == set()
    run(world, "delete from recompute_queue where account_id = %(id)s", id=ada.id)
    assert DriftKind.PAID_NOT_RESTORED in kinds(world, ada)
    recomputed(world, ada)
    assert kinds(world, ada) == set()


def test_what_time_alone_changes_is_not_drift(world: FragileWorld) -> None:
    ada = world.customer("Ada")
    ada.buy(zone(), DECLINED_LATER)
    world.until(ada.subscription().period.end)
    world.clock.move(5 * DAY)  # the look that is due has not happened yet
    assert kinds(world, ada) == set()
    world.work()
