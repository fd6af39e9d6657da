"""Notify: a notification is stored once and believed in nothing; what it is about is asked of the provider."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from psycopg import DataError, OperationalError

from solvent.core.payment import AttemptState
from solvent.flows.notify import NAME_MAX, TRIES_MAX, keep, process, receive
from solvent.ports.provider import Notification, NotificationRefused, Subject
from solvent.ports.queues import Arrival
from solvent.providers.sandbox import FaultPlan
from solvent.providers.sandbox.notifications import SIGNATURE_HEADER, pack, signature
from solvent.providers.sandbox.records import Event
from solvent.sim import Customer
from solvent.sim.banks import NO_FAULTS, SECRET
from solvent.store.parked import replay
from tests.flows.acts import CHALLENGED, TWICE, mend, spoil, zone
from tests.simulation.fragile import FragileWorld

LIMIT = 100

_INBOX = "select state, count(*) from inbox where bucket = %s group by state"
_PARKED = "select reason from inbox where bucket = %s and state = 'parked'"


def inbox(world: FragileWorld) -> dict[str, int]:
    with world.database.pool.connection() as connection:
        return dict(connection.execute(_INBOX, (world.buckets[0],)).fetchall())


def parked(world: FragileWorld, bucket: int | None = None) -> list[str]:
    with world.database.pool.connection() as connection:
        return [row[0] for row in connection.execute(_PARKED, (bucket or world.buckets[0],))]


def work(world: FragileWorld) -> int:
    return process(world.platform, world.buckets[0], world.now, LIMIT)


def arrives(world: FragileWorld, event: Event, copies: int = 1) -> Notification:
    """The bank tells something, so often."""
    for _ in range(copies):
        letter = pack(event, SECRET, world.now)
        told = receive(world.platform, "sandbox", letter.headers, letter.body, world.now)
    return told


@pytest.fixture
def passed(world: FragileWorld, ada: Customer) -> tuple[str, str]:
    """An attempt whose customer passed 3-D Secure and did not come back: its key and ref. Nobody was told."""
    attempt = ada.confirm(ada.open(zone()), CHALLENGED)
    ada.pass_challenge(attempt)
    world.banks.post.lose(world.now)
    return attempt.id.hex, str(attempt.ref)


def test_a_notification_makes_solvent_ask_and_commit(
    world: FragileWorld, ada: Customer, passed: tuple[str, str]
) -> None:
    key, ref = passed
    told = arrives(world, Event(ref, 9, "payment.succeeded", key, world.now))
    assert told.subject is Subject.ATTEMPT
    assert not ada.has("zone-pro")  # receiving decides nothing
    assert work(world) == 1
    assert ada.has("zone-pro")
    assert inbox(world) == {"done": 1}
    assert work(world) == 0


def test_what_a_notification_says_is_not_believed(world: FragileWorld, ada: Customer) -> None:
    attempt = ada.open(zone())
    world.banks.post.lose(world.now)
    arrives(world, Event(str(attempt.ref), 9, "payment.succeeded", attempt.id.hex, world.now))
    work(world)
    assert ada.attempt(attempt).state is AttemptState.REQUIRES_ACTION


def test_copies_are_stored_once(world: FragileWorld, ada: Customer, passed: tuple[str, str]) -> None:
    key, ref = passed
    arrives(world, Event(ref, 9, "payment.succeeded", key, world.now), copies=3)
    assert inbox(world) == {"waiting": 1}
    work(world)
    arrives(world, Event(ref, 9, "payment.succeeded", key, world.now))
    assert inbox(world) == {"done": 1}
    assert len(ada.invoices()) == 1


def test_several_about_one_attempt_in_one_batch_commit_once(
    world: FragileWorld, ada: Customer, passed: tuple[str, str]
) -> None:
    key, ref = passed
    for number in range(1, 4):
        arrives(world, Event(ref, number, "payment.whatever", key, world.now))
    assert work(world) == 3
    assert (len(ada.invoices()), len(ada.charges())) == (1, 1)


def test_a_second_charge_is_found_and_kept_as_credit(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone(), TWICE)
    world.deliver()
    work(world)
    assert (ada.credit(), len(ada.charges())) == (2_000, 2)
    assert [e.data["reason"] for e in ada.events("payment.stranded")] == ["duplicate"]


def test_a_forged_or_stale_notification_is_refused_and_not_stored(
    world: FragileWorld, passed: tuple[str, str]
) -> None:
    key, ref = passed
    event = Event(ref, 9, "payment.succeeded", key, world.now)
    forged = pack(event, "another secret", world.now)
    stale = pack(event, SECRET, world.now - timedelta(hours=1))
    for letter in (forged, stale):
        with pytest.raises(NotificationRefused):
            receive(world.platform, "sandbox", letter.headers, letter.body, world.now)
    assert inbox(world) == {}


@pytest.mark.parametrize("ref", ["pi\0", "pi\ud800", "p" * (NAME_MAX + 1), 5, ["pi_1"]])
def test_one_with_a_name_that_cannot_be_kept_is_refused_and_not_stored(
    world: FragileWorld, passed: tuple[str, str], ref: object
) -> None:
    key, _ = passed
    body = json.dumps(
        {"id": "evt_1", "type": "x", "object": ref, "key": key, "created": world.now.isoformat()}
    ).encode()
    at = int(world.now.timestamp())
    headers = {SIGNATURE_HEADER: f"t={at},v1={signature(SECRET, at, body)}"}
    with pytest.raises(NotificationRefused):
        receive(world.platform, "sandbox", headers, body, world.now)
    assert inbox(world) == {}


def arrivals(world: FragileWorld, *ids: str) -> list[Arrival]:
    """Notifications that were verified, about nobody's payment."""
    return [
        Arrival(
            world.buckets[0],
            Notification(
                id=name,
                provider="sandbox",
                subject=Subject.ATTEMPT,
                key=None,
                ref=None,
                occurred_at=world.now,
            ),
            world.now,
        )
        for name in ids
    ]


def test_several_are_kept_together_each_once(world: FragileWorld) -> None:
    assert keep(world.platform, arrivals(world, *"fedcba", "a")) == [None] * 7
    assert keep(world.platform, arrivals(world, "a", "g")) == [None, None]
    assert inbox(world) == {"waiting": 7}


@pytest.mark.parametrize("others", ["a", "abcdef"])
def test_what_cannot_be_kept_together_is_kept_one_by_one(world: FragileWorld, others: str) -> None:
    *kept, failure = keep(world.platform, arrivals(world, *others, "no\0"))
    assert kept == [None] * len(others)
    assert isinstance(failure, Exception)
    assert inbox(world) == {"waiting": len(others)}


def test_a_store_that_is_away_is_told_to_all_of_them(world: FragileWorld) -> None:
    away = replace(world.platform, outages=(Exception,))
    failures = keep(away, arrivals(world, "a", "no\0"))
    assert [isinstance(failure, DataError) for failure in failures] == [True, True]
    assert inbox(world) == {}


def test_whoever_sent_one_that_cannot_be_kept_is_told(world: FragileWorld, passed: tuple[str, str]) -> None:
    key, ref = passed
    with pytest.raises(OperationalError), world.meanwhile(1, away):
        arrives(world, Event(ref, 9, "payment.succeeded", key, world.now))
    assert inbox(world) == {}


def away() -> None:
    """The database does not answer."""
    raise OperationalError("the server closed the connection unexpectedly")


def test_a_notification_from_nobody_we_know_is_refused(world: FragileWorld) -> None:
    with pytest.raises(LookupError):
        receive(world.platform, "bank of nowhere", {}, b"{}", world.now)


def test_one_about_no_attempt_of_ours_is_put_aside(world: FragileWorld) -> None:
    unknown = uuid4().int & ~0xFF | world.buckets[0]
    arrives(world, Event("pi_foreign", 1, "payment.succeeded", f"{unknown:032x}", world.now))
    assert work(world) == 1
    assert parked(world) == ["it names no attempt of ours"]


def test_one_that_names_nothing_is_put_aside(world: FragileWorld) -> None:
    told = arrives(world, Event("pi_nameless", 1, "payment.succeeded", "not a key", world.now))
    assert told.key is None
    bucket = sum(told.id.encode()) % 256
    assert process(world.platform, bucket, world.now, LIMIT) == 1
    assert "it names no attempt of ours" in parked(world, bucket)


def test_one_about_a_dispute_without_its_name_is_put_aside(world: FragileWorld) -> None:
    nameless = Notification(
        id="evt_1", provider="sandbox", subject=Subject.DISPUTE, key=None, ref=None, occurred_at=world.now
    )
    with world.platform.store.single() as tx:
        tx.inbox.store([Arrival(world.buckets[0], nameless, world.now)])
    assert work(world) == 1
    assert parked(world) == ["it names no dispute"]


def test_one_about_a_refund_is_closed_and_the_refund_asked_for_by_its_own_clock(
    world: FragileWorld, ada: Customer
) -> None:
    attempt = ada.buy(zone())
    world.deliver()
    work(world)
    arrives(world, Event("re_1", 1, "refund.succeeded", attempt.id.hex, world.now))
    assert work(world) == 1
    assert set(inbox(world)) == {"done"}


def test_while_the_provider_is_away_a_notification_waits(
    world: FragileWorld, ada: Customer, passed: tuple[str, str]
) -> None:
    key, ref = passed
    arrives(world, Event(ref, 9, "payment.succeeded", key, world.now))
    world.banks.lines["sandbox"].plan(FaultPlan(down=1.0))
    work(world)
    assert inbox(world) == {"waiting": 1}
    world.banks.lines["sandbox"].plan(NO_FAULTS)
    assert work(world) == 0  # its lease is not over
    world.clock.move(timedelta(minutes=2))
    assert work(world) == 1
    assert ada.has("zone-pro")


def test_one_that_is_never_answered_is_put_aside(world: FragileWorld, passed: tuple[str, str]) -> None:
    key, ref = passed
    arrives(world, Event(ref, 9, "payment.succeeded", key, world.now))
    world.banks.lines["sandbox"].plan(FaultPlan(down=1.0))
    for _ in range(TRIES_MAX + 1):
        assert work(world) == 1
        world.clock.move(timedelta(hours=6))
    assert parked(world) == ["the provider did not answer"]


def test_an_outage_of_half_a_day_puts_nothing_aside(
    world: FragileWorld, ada: Customer, passed: tuple[str, str]
) -> None:
    key, ref = passed
    arrives(world, Event(ref, 9, "payment.succeeded", key, world.now))
    world.banks.lines["sandbox"].plan(FaultPlan(down=1.0))
    for _ in range(12 * 60):
        work(world)
        world.clock.move(timedelta(minutes=1))
    assert inbox(world) == {"waiting": 1}
    world.banks.lines["sandbox"].plan(NO_FAULTS)
    world.clock.move(timedelta(hours=6))
    assert work(world) == 1
    assert ada.has("zone-pro")


def test_one_by_which_a_worker_ends_each_time_is_put_aside(
    world: FragileWorld, passed: tuple[str, str]
) -> None:
    key, ref = passed
    arrives(world, Event(ref, 9, "payment.succeeded", key, world.now))
    (bucket,) = world.buckets
    for _ in range(TRIES_MAX):
        with world.database.single() as tx:
            assert len(tx.inbox.claim(bucket, world.now, world.now + timedelta(minutes=1), 1)) == 1
        world.clock.move(timedelta(minutes=1))
    assert work(world) == 1
    assert parked(world) == [f"it was looked at {TRIES_MAX} times without an end"]


def test_one_that_was_poison_is_put_aside_with_the_reason_and_settled_when_it_is_replayed(
    world: FragileWorld, ada: Customer
) -> None:
    attempt = ada.confirm(ada.open(zone()), CHALLENGED)
    ada.pass_challenge(attempt)
    world.banks.post.lose(world.now)
    spoil(world, attempt)
    arrives(world, Event(str(attempt.ref), 9, "payment.succeeded", attempt.id.hex, world.now))
    for _ in range(TRIES_MAX + 1):
        assert work(world) == 1
        world.clock.move(timedelta(hours=6))
    (reason,) = parked(world)
    assert reason.startswith("cannot be settled: ")
    mend(world, attempt)
    name = f"evt_{attempt.ref}_9"
    assert replay(world.database.pool, "sandbox", [name], world.now) == [name]
    assert work(world) == 1
    assert ada.has("zone-pro")
    assert inbox(world) == {"done": 1}
