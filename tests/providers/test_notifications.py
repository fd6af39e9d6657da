"""Notifications: signed hints; forged, stale, oversize and malformed ones are refused with the reason."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from solvent.ports.provider import NotificationRefused, Subject
from solvent.providers.sandbox import Bank, FaultPlan, Faults
from solvent.providers.sandbox.notifications import BODY_MAX_BYTES, SIGNATURE_HEADER, signature

World = Any
Build = Callable[..., tuple[World, Any]]


def _told(world: World, bank: Bank) -> list[Any]:
    now = world.clock()
    return [world.provider.parse(one.headers, one.body, now) for one in bank.notifications.due(now)]


def test_every_change_is_told_with_our_key(build: Build) -> None:
    world, bank = build("sandbox")
    paid = world.pay("4000002500003155")
    bank.complete_challenge(paid.ref, True, world.clock())
    refund = world.refund_request(paid, 100)
    world.provider.refund(refund)
    bank.open_dispute(paid.ref, world.clock())
    told = _told(world, bank)
    assert [(one.subject, one.key) for one in told] == [
        (Subject.ATTEMPT, paid.key),
        (Subject.ATTEMPT, paid.key),
        (Subject.REFUND, refund.key),
        (Subject.DISPUTE, paid.key),
    ]
    assert {one.provider for one in told} == {"sandbox"}
    assert told[0].ref == paid.ref
    assert told[0].occurred_at == world.clock()
    assert len({one.id for one in told}) == 4
    assert bank.notifications.due(world.clock()) == []


def test_what_time_ends_is_told_without_being_asked(build: Build) -> None:
    world, bank = build("sandbox")
    paying = world.pay("000123456789")
    order_world, pal = build("sandpal", world.clock)
    order = order_world.provider.open(order_world.request())
    bank.notifications.due(world.clock())
    world.clock.advance(days=3)
    assert [one.key for one in _told(world, bank)] == [paying.key]
    assert [one.key for one in _told(order_world, pal)] == [order.key]
    assert len(bank.charged(paying.key)) == 1


def test_what_lives_on_a_clock_behind_the_banks_is_left_to_its_merchant(build: Build) -> None:
    world, bank = build("sandbox")
    bank.notifications.due(world.clock() + timedelta(days=300))
    paying = world.pay("000123456789")
    bank.notifications.due(world.clock() + timedelta(days=301))
    assert bank.charged(paying.key) == []
    world.clock.advance(days=3)
    assert [report.key for report in world.provider.reports_since(world.clock())] == [paying.key]


def _one(build: Build) -> tuple[World, Any]:
    world, bank = build("sandbox")
    world.pay()
    (delivery,) = bank.notifications.due(world.clock())
    return world, delivery


def test_a_stale_notification_is_refused(build: Build) -> None:
    world, one = _one(build)
    world.provider.parse(one.headers, one.body, world.clock.advance(seconds=300))
    with pytest.raises(NotificationRefused, match="more than 300 seconds"):
        world.provider.parse(one.headers, one.body, world.clock.advance(seconds=1))


def test_one_from_the_future_is_refused(build: Build) -> None:
    world, one = _one(build)
    with pytest.raises(NotificationRefused, match="more than 300 seconds"):
        world.provider.parse(one.headers, one.body, world.clock() - timedelta(seconds=301))


def test_an_altered_body_is_refused(build: Build) -> None:
    world, one = _one(build)
    with pytest.raises(NotificationRefused, match="does not match"):
        world.provider.parse(one.headers, one.body.replace(b"succeeded", b"failed"), world.clock())


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "missing"),
        ("v1=00", "missing"),
        ("t=1", "missing"),
        ("t=1,t=2,v1=00", "missing"),
        ("t=-1,v1=00", "no valid time"),
        ("t=²,v1=00", "no valid time"),
        ("t=9999999999999,v1=00", "no valid time"),
        ("t=1,v1=\udcff", "does not match"),
        ("t=1," + "v1=00," * 100, "does not match"),
    ],
)
def test_a_header_that_proves_nothing_is_refused(build: Build, header: str, reason: str) -> None:
    world, one = _one(build)
    with pytest.raises(NotificationRefused, match=reason):
        world.provider.parse({SIGNATURE_HEADER: header}, one.body, world.clock())


def test_no_header_at_all_is_refused(build: Build) -> None:
    world, one = _one(build)
    with pytest.raises(NotificationRefused, match="missing"):
        world.provider.parse({}, one.body, world.clock())


def test_a_signature_with_another_secret_is_refused(build: Build) -> None:
    world, one = _one(build)
    at = int(world.clock().timestamp())
    headers = {SIGNATURE_HEADER: f"t={at},v1={signature('another', at, one.body)}"}
    with pytest.raises(NotificationRefused, match="does not match"):
        world.provider.parse(headers, one.body, world.clock())


def test_one_right_signature_among_several_is_enough(build: Build) -> None:
    world, one = _one(build)
    headers = {SIGNATURE_HEADER: one.headers[SIGNATURE_HEADER].replace("v1=", "v1=00,v1=")}
    assert world.provider.parse(headers, one.body, world.clock()).subject is Subject.ATTEMPT


def _signed(world: World, key: str, body: bytes) -> dict[str, str]:
    at = int(world.clock().timestamp())
    return {SIGNATURE_HEADER: f"t={at},v1={signature(key, at, body)}"}


def test_an_oversize_body_is_refused_before_anything_else(build: Build, key: str) -> None:
    world, _ = build("sandbox")
    body = b" " * (BODY_MAX_BYTES + 1)
    with pytest.raises(NotificationRefused, match="larger than 65536 bytes"):
        world.provider.parse(_signed(world, key, body), body, world.clock())


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"id":1}', b"\xff", b"[" * 5000, b'{"x":' + b"[" * 60_000, b'{"id":"\xff\xfe"}'],
)
def test_a_genuine_but_malformed_body_is_refused(build: Build, key: str, body: bytes) -> None:
    world, _ = build("sandbox")
    with pytest.raises(NotificationRefused, match="not a notification"):
        world.provider.parse(_signed(world, key, body), body, world.clock())


def test_a_subject_or_key_that_we_do_not_know_is_kept_as_such(build: Build, key: str) -> None:
    world, _ = build("sandbox")
    body = b'{"id":"e","type":"moon.full","object":"o","key":"elsewhere","created":"2031-01-01T00:00:00Z"}'
    told = world.provider.parse(_signed(world, key, body), body, world.clock())
    assert (told.subject, told.key) == (Subject.OTHER, None)


def _events(build: Build, faults: list[str]) -> tuple[World, Any, list[Any]]:
    plan = FaultPlan.script({"notify": faults})
    world, bank = build("sandbox", faults=Faults(plan, Random(1)))
    return world, bank, [world.pay().key for _ in faults]


def test_notifications_are_dropped_doubled_delayed_and_reordered(build: Build) -> None:
    world, bank, keys = _events(build, ["drop", "duplicate", "delay", "reorder", "ok"])
    assert [one.key for one in _told(world, bank)] == [keys[1], keys[4], keys[3]]
    assert bank.notifications.waiting() == 2
    world.clock.advance(seconds=3601)
    assert {one.key for one in _told(world, bank)} == {keys[1], keys[2]}
    assert bank.notifications.waiting() == 0


def test_a_copy_has_the_same_id_and_a_signature_of_its_own(build: Build) -> None:
    world, bank, _ = _events(build, ["duplicate"])
    (first,) = bank.notifications.due(world.clock())
    (copy,) = bank.notifications.due(world.clock.advance(seconds=3601))
    assert copy.body == first.body
    assert copy.headers != first.headers


def test_notification_faults_repeat_for_a_seed(build: Build) -> None:
    plan = FaultPlan(notify_drop=0.2, notify_duplicate=0.2, notify_delay=0.2, notify_reorder=0.2)
    one, other = Faults(plan, Random(5)), Faults(plan, Random(5))
    draws = [one.of_notification(f"evt_{n}") for n in range(500)]
    assert draws == [other.of_notification(f"evt_{n}") for n in range(500)]
    assert {fault for fault, _ in draws} == {"ok", "drop", "duplicate", "delay", "reorder"}


def test_a_limit_hands_out_no_more(build: Build) -> None:
    world, bank = build("sandbox")
    for _ in range(5):
        world.pay()
    assert [len(bank.notifications.due(world.clock(), 2)) for _ in range(4)] == [2, 2, 1, 0]
