"""Telling endpoints of events, over real HTTP: signed, in order for each account, at least once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.json import Json
from standardwebhooks import Webhook, WebhookVerificationError

from solvent.core.ids import spell
from solvent.core.webhook import (
    ASKED_MAX,
    PATIENCE,
    PAUSES,
    ROTATION,
    TRIES_MAX,
    DeliveryState,
    EndpointState,
)
from solvent.ids import SystemIds
from solvent.store.database import Database
from solvent.store.outbox import event_id, place_of
from solvent.store.retention import Retention
from solvent.store.sealing import Seal, SealBrokenError
from solvent.store.webhook_deliveries import Listed, Wanted, WebhookDeliveries
from solvent.store.webhook_endpoints import WebhookEndpoints
from solvent.webhooks import AWAY_MAX, AWAY_PAUSE_S, BATCH_MAX, LEASE, Webhooks, wait_asked
from solvent.wiring import wall_clock
from tests.store.worlds import BUCKET

IDS = SystemIds(7)
ENDPOINT = IDS.draw(0)
ROUNDS_MAX = 100
ADA, BEN = IDS.account(BUCKET), IDS.account(BUCKET)


class Shop:
    """A merchant's server. `answer` maps a path and a posted event to a status; None closes the connection."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.answer: Callable[[str, dict[str, Any]], int | None] = lambda _path, _event: 200
        self.retry_after = ""
        self.url = ""

    def ids(self) -> list[str]:
        """What it took, in order."""
        return [event["id"] for _, event in self.told]


class _Handler(BaseHTTPRequestHandler):
    shop: Shop
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        event = json.loads(body)
        self.shop.posts.append((dict(self.headers.items()), body))
        status = self.shop.answer(self.path, event)
        if status is None:
            self.close_connection = True
            return
        if 200 <= status <= 299:
            self.shop.told.append((self.path, event))
        self.send_response(status)
        self.send_header("content-length", "0")
        self.send_header("location", "/elsewhere")
        if self.shop.retry_after:
            self.send_header("retry-after", self.shop.retry_after)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Nobody reads it."""


@contextmanager
def selling() -> Iterator[Shop]:
    """A merchant's server, until the block ends."""
    shop = Shop()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"shop": shop}))
    shop.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield shop
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def shop() -> Iterator[Shop]:
    with selling() as shop:
        yield shop


@pytest.fixture
def neighbour() -> Iterator[Shop]:
    """Another merchant's: no connection to the one is ever used for the other."""
    with selling() as shop:
        yield shop


class Desk:
    """A database's endpoints, and a process that tells them by a clock that the test moves."""

    def __init__(self, database: Database, secret: str | None = None) -> None:
        self.database = database
        self.endpoints = WebhookEndpoints(database.pool, secret)
        self.deliveries = WebhookDeliveries(database.pool)
        self.now = wall_clock()
        self.webhooks = self.process()

    def process(self) -> Webhooks:
        """Another process, that has met no endpoint yet."""
        return Webhooks(self.endpoints, self.deliveries, lambda: self.now)

    def add(self, url: str, *types: str, id_: UUID = ENDPOINT) -> None:
        self.endpoints.add(id_, url, types, "", self.now)

    def publish(self, *events: tuple[UUID, str]) -> list[str]:
        """Events of accounts, in order; their ids."""
        with self.database.transaction() as connection:
            row = connection.execute(
                "select last from event_head where bucket = %s for update", (BUCKET,)
            ).fetchone()
            assert row is not None
            first = row[0] + 1
            for seq, (account, type_) in enumerate(events, first):
                connection.execute(
                    "insert into event (bucket, seq, account_id, type, data, occurred_at)"
                    " values (%s, %s, %s, %s, %s, %s)",
                    (BUCKET, seq, account, type_, Json({"n": seq}), self.now),
                )
            connection.execute(
                "update event_head set last = last + %s where bucket = %s", (len(events), BUCKET)
            )
        return [event_id(BUCKET, seq) for seq in range(first, first + len(events))]

    def listed(self, state: DeliveryState | None = None) -> list[Listed]:
        return self.deliveries.page(ENDPOINT, state=state, limit=10_000)

    def wait(self, time: timedelta) -> int:
        """Time passes, and a process that knows nothing of the past tells what is due."""
        self.now += time
        return self.run_anew()

    def run_anew(self) -> int:
        """All that is due, by a process that has met no endpoint yet."""
        webhooks = self.process()
        try:
            return self.run(webhooks)
        finally:
            webhooks.close()

    def run(self, webhooks: Webhooks | None = None) -> int:
        total = 0
        for _ in range(ROUNDS_MAX):
            told = (webhooks or self.webhooks).run_once()
            if not told:
                return total
            total += told
        raise AssertionError(f"it still tells after {ROUNDS_MAX} rounds")


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    desk = Desk(database)
    yield desk
    desk.webhooks.close()


def test_an_endpoint_is_told_of_what_happens_after_it_was_made_signed(desk: Desk, shop: Shop) -> None:
    desk.publish((ADA, "account.created"))
    desk.add(f"{shop.url}/hook")
    assert desk.run() == 0
    (id_,) = desk.publish((ADA, "invoice.paid"))
    assert desk.run() == 1
    ((path, event),) = shop.told
    assert path == "/hook"
    assert (event["id"], event["type"], event["account_id"]) == (id_, "invoice.paid", spell("acc", ADA))
    assert datetime.fromisoformat(event["timestamp"]) == desk.now
    assert event["data"] == {"n": 2}
    ((sent, body),) = shop.posts
    (secret,) = desk.endpoints.secrets(ENDPOINT, desk.now)
    assert Webhook(secret).verify(body, sent)["id"] == sent["webhook-id"] == id_
    (listed,) = desk.listed()
    assert (listed.state, listed.tries, listed.event_id) == (DeliveryState.DELIVERED, 1, id_)
    assert [a.status for a in listed.answers] == [200]
    assert desk.run() == 0, "once"


def test_only_the_types_that_it_names(desk: Desk, shop: Shop) -> None:
    desk.add(shop.url, "invoice.paid")
    wanted = desk.publish((ADA, "invoice.issued"), (ADA, "invoice.paid"), (BEN, "account.created"))[1]
    desk.run()
    assert shop.ids() == [wanted]
    assert len(desk.listed()) == 1


def test_of_an_account_in_order_and_what_fails_holds_up_that_account_alone(desk: Desk, shop: Shop) -> None:
    desk.add(shop.url)
    ids = desk.publish((ADA, "a.one"), (BEN, "b.one"), (ADA, "a.two"), (BEN, "b.two"), (ADA, "a.three"))
    shop.answer = lambda _path, event: 422 if event["id"] == ids[2] else 200
    assert desk.run() == 4
    assert sorted(shop.ids()) == sorted([ids[0], ids[1], ids[3]])
    assert [x.tries for x in reversed(desk.listed())] == [1, 1, 1, 1, 0]
    shop.answer = lambda _path, _event: 200
    assert desk.run() == 0, "it waits"
    later = desk.publish((ADA, "a.four"))
    desk.wait(PAUSES[0])
    mine = [id_ for id_ in shop.ids() if id_ in (ids[0], ids[2], ids[4], *later)]
    assert mine == [ids[0], ids[2], ids[4], *later]


def test_what_fails_at_every_try_is_left_failed_and_the_next_follows(desk: Desk, shop: Shop) -> None:
    desk.add(shop.url)
    bad, good = desk.publish((ADA, "a.one"), (ADA, "a.two"))
    shop.answer = lambda _path, event: 400 if event["id"] == bad else 200
    desk.run()
    for pause in PAUSES:
        assert shop.ids() == []
        desk.wait(pause)
    assert shop.ids() == [good]
    failed, delivered = sorted(desk.listed(), key=lambda one: one.event_id)
    assert (failed.state, failed.tries, failed.look_at) == (DeliveryState.FAILED, TRIES_MAX, None)
    assert [a.status for a in failed.answers] == [400] * TRIES_MAX
    assert delivered.state is DeliveryState.DELIVERED
    tries = [sent for sent, body in shop.posts if bad.encode() in body]
    assert len({sent["webhook-id"] for sent in tries}) == 1
    assert len({sent["webhook-timestamp"] for sent in tries}) == TRIES_MAX, (
        "each try is signed at its own moment"
    )
    assert len({sent["webhook-signature"] for sent in tries}) == TRIES_MAX


def test_an_endpoint_that_is_away_is_left_alone_for_a_while_and_holds_up_no_other(
    desk: Desk, shop: Shop, neighbour: Shop
) -> None:
    other = IDS.draw(0)
    desk.add(shop.url)
    desk.add(neighbour.url, id_=other)
    accounts = [IDS.account(BUCKET) for _ in range(60)]
    desk.publish(*[(account, "a.one") for account in accounts])
    shop.answer = lambda _path, _event: None
    desk.run()
    assert len(neighbour.told) == 60
    asked = len(shop.posts)
    assert AWAY_MAX <= asked < 40, "those that were on their way, and no more"
    waiting = desk.listed(DeliveryState.WAITING)
    assert len(waiting) == 60
    assert sum(one.tries for one in waiting) == asked, "what was not tried does not count"
    assert desk.run() == 0
    assert any("RemoteProtocolError" in (a.error or "") for one in waiting for a in one.answers)
    shop.answer = lambda _path, _event: 204
    desk.wait(PAUSES[0])
    assert (len(shop.told), len(neighbour.told)) == (60, 60)
    assert PAUSES[0].total_seconds() <= AWAY_PAUSE_S


def test_an_endpoint_that_asks_to_be_left_alone_is_and_its_event_comes_when_it_wants_it(
    desk: Desk, shop: Shop
) -> None:
    desk.add(shop.url)
    shop.answer, shop.retry_after = lambda _path, _event: 429, "1200"
    (first,) = desk.publish((ADA, "a.one"))
    assert desk.run() == 1
    (second,) = desk.publish((BEN, "b.one"))
    assert desk.run() == 0, "who asked is left alone as a whole"
    shop.answer, shop.retry_after = lambda _path, _event: 200, ""
    desk.wait(PAUSES[1])
    assert shop.ids() == [second], "a process that was not asked tells what is due, and the first is not"
    desk.wait(timedelta(seconds=1200) - PAUSES[1])
    assert shop.ids() == [second, first]


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("", None),
        ("0", timedelta(0)),
        ("120", timedelta(minutes=2)),
        ("99999999999999999999", ASKED_MAX),
        ("-5", None),
        ("²", None),
        ("soon", None),
        ("Sun, 01 Feb 2026 12:10:00 GMT", timedelta(minutes=10)),
        ("Sun, 01 Feb 2026 12:10:00 -0000", timedelta(minutes=10)),
        ("Sun, 01 Feb 2026 11:59:00 GMT", None),
        ("Sun, 01 Mar 2026 12:00:00 GMT", ASKED_MAX),
    ],
)
def test_how_long_a_receiver_asks_to_be_left_alone(said: str, wait: timedelta | None) -> None:
    assert wait_asked(said, datetime(2026, 2, 1, 12, tzinfo=UTC)) == wait


def test_an_endpoint_that_takes_nothing_is_disabled_and_goes_on_where_it_stopped(
    desk: Desk, shop: Shop
) -> None:
    desk.add(shop.url)
    shop.answer = lambda _path, _event: 400
    first = desk.publish((ADA, "a.one"))
    desk.run()
    began = desk.now
    stored = desk.endpoints.get(ENDPOINT)
    assert stored is not None
    assert stored.receiver.failing_since == began
    for _ in range(PATIENCE.days):
        desk.wait(timedelta(days=1))
    stored = desk.endpoints.get(ENDPOINT)
    assert stored is not None
    assert (stored.receiver.state, stored.reason) == (
        EndpointState.DISABLED,
        "it has taken nothing for 5 days",
    )
    meanwhile = desk.publish((ADA, "a.two"), (BEN, "b.one"))
    assert desk.wait(timedelta(days=1)) == 0
    assert len(desk.listed()) == 1, "what happens meanwhile is not copied"
    shop.answer = lambda _path, _event: 200
    desk.endpoints.move(ENDPOINT, EndpointState.ENABLED)
    desk.wait(timedelta(days=1))
    assert sorted(shop.ids()) == sorted([*first, *meanwhile])
    stored = desk.endpoints.get(ENDPOINT)
    assert stored is not None
    assert (stored.receiver.failing_since, stored.reason) == (None, None)


def test_one_that_takes_something_is_no_longer_failing(desk: Desk, shop: Shop) -> None:
    desk.add(shop.url)
    shop.answer = lambda _path, event: 400 if event["type"] == "a.bad" else 200
    desk.publish((ADA, "a.bad"), (BEN, "b.one"))
    desk.run()
    desk.publish((BEN, "b.two"))
    desk.run()
    stored = desk.endpoints.get(ENDPOINT)
    assert stored is not None
    assert stored.receiver.failing_since is None


def test_failures_far_apart_are_no_stretch_of_failing(desk: Desk, shop: Shop) -> None:
    desk.add(shop.url)
    shop.answer = lambda _path, _event: 400
    desk.publish((ADA, "a.one"))
    desk.run()
    desk.wait(PATIENCE)
    stored = desk.endpoints.get(ENDPOINT)
    assert stored is not None
    assert (stored.receiver.state, stored.receiver.failing_since) == (EndpointState.ENABLED, desk.now)


def test_an_endpoint_that_answers_gone_is_disabled_at_once(desk: Desk, shop: Shop) -> None:
    desk.add(shop.url)
    shop.answer = lambda _path, _event: 410
    desk.publish((ADA, "a.one"))
    desk.run()
    stored = desk.endpoints.get(ENDPOINT)
    assert stored is not None
    assert (stored.receiver.state, stored.reason) == (EndpointState.DISABLED, "it answered 410 Gone")


def test_a_redirect_is_not_followed(desk: Desk, shop: Shop) -> None:
    desk.add(shop.url)
    shop.answer = lambda path, _event: 307 if path == "/" else 200
    desk.publish((ADA, "a.one"))
    assert desk.run() == 1
    assert shop.told == []


def test_two_processes_at_once_tell_each_event_once_and_in_order(desk: Desk, shop: Shop) -> None:
    desk.add(shop.url)
    ids = desk.publish(*[(account, f"a.n{n}") for n in range(30) for account in (ADA, BEN)])
    others = [desk.process() for _ in range(3)]
    threads = [threading.Thread(target=desk.run, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in others:
        one.close()
    desk.run()
    assert sorted(shop.ids()) == sorted(ids)
    for account in (ADA, BEN):
        mine = [event["id"] for _, event in shop.told if event["account_id"] == spell("acc", account)]
        assert mine == sorted(mine)


def test_who_dies_while_telling_tells_again_when_the_lease_is_over(desk: Desk, shop: Shop) -> None:
    desk.add(shop.url)
    ids = desk.publish((ADA, "a.one"), (ADA, "a.two"))
    leased = desk.deliveries.claim(BUCKET, [ENDPOINT], desk.now, desk.now + LEASE, BATCH_MAX)
    assert [one.event.id for one in leased] == ids
    assert desk.run() == 0
    desk.wait(LEASE)
    assert shop.ids() == ids
    desk.deliveries.release(leased[0], desk.now)
    assert {one.state for one in desk.listed()} == {DeliveryState.DELIVERED}, "a lapsed lease changes nothing"


def test_more_than_one_batch(desk: Desk, shop: Shop) -> None:
    desk.add(shop.url)
    ids = desk.publish(*[(ADA, "a.n")] * (BATCH_MAX + 50))
    assert desk.run() == len(ids)
    assert shop.ids() == ids


def test_what_happened_is_told_once_more_under_the_same_ids(desk: Desk, shop: Shop) -> None:
    before = desk.publish((ADA, "a.before"))
    desk.now += timedelta(hours=1)
    desk.add(shop.url)
    since = desk.now
    bad, good = desk.publish((ADA, "a.bad"), (BEN, "a.good"))
    shop.answer = lambda _path, event: 400 if event["type"] == "a.bad" else 200
    desk.run()
    for pause in PAUSES:
        desk.wait(pause)
    shop.answer = lambda _path, _event: 200

    def again(since: datetime, *types: str, failed: bool = False) -> int:
        wanted = Wanted(since=since, until=desk.now + timedelta(seconds=1), types=types, failed_only=failed)
        return desk.deliveries.again(ENDPOINT, wanted, desk.now, 100)

    assert again(since, failed=True) == 1
    assert again(since, failed=True) == 0, "it is on its way"
    desk.run_anew()
    assert shop.ids() == [good, bad]
    assert again(since, "a.good") == 1
    desk.run_anew()
    assert shop.ids() == [good, bad, good]
    assert again(since - timedelta(hours=2)) == 3, "also what happened before there was an endpoint"
    desk.run_anew()
    assert sorted(shop.ids()[3:]) == sorted([*before, bad, good])
    assert desk.deliveries.again_one(ENDPOINT, place_of(good), desk.now)
    assert not desk.deliveries.again_one(ENDPOINT, place_of(good), desk.now)
    assert not desk.deliveries.again_one(ENDPOINT, (BUCKET, 99), desk.now)


def test_secrets_rotate_and_for_a_day_both_sign(desk: Desk, shop: Shop) -> None:
    desk.add(shop.url)
    (old,) = desk.endpoints.secrets(ENDPOINT, desk.now)
    assert desk.endpoints.rotate(ENDPOINT, desk.now)
    new, retired = desk.endpoints.secrets(ENDPOINT, desk.now)
    assert retired == old
    desk.publish((ADA, "a.one"))
    desk.run()
    sent, body = shop.posts[-1]
    for secret in (old, new):
        Webhook(secret).verify(body, sent)
    assert desk.endpoints.secrets(ENDPOINT, desk.now + ROTATION) == [new]


def test_secrets_are_sealed_where_there_is_a_secret_to_seal_them(database: Database, shop: Shop) -> None:
    desk = Desk(database, "a long secret of the merchant")
    desk.add(shop.url)
    (secret,) = desk.endpoints.secrets(ENDPOINT, desk.now)
    with database.transaction() as connection:
        row = connection.execute("select secret from webhook_endpoint").fetchone()
    assert row is not None
    assert secret.removeprefix("whsec_").encode() not in bytes(row[0])
    assert Seal(None, "x").open(b"as it is", sealed=False) == b"as it is"
    for other, why in ((None, "is missing"), ("another secret altogether", "under another")):
        stranger = Desk(database, other)
        with pytest.raises(SealBrokenError, match=why):
            stranger.endpoints.secrets(ENDPOINT, desk.now)
        stranger.publish((IDS.account(BUCKET), "a.one"))
        stranger.run()
        assert shop.posts == [], "nothing unsigned is sent"
        stranger.webhooks.close()
    assert not Desk(database).endpoints.rotate(ENDPOINT, desk.now)
    assert any("cannot be read" in (a.error or "") for one in desk.listed() for a in one.answers)
    desk.webhooks.close()


def test_a_test_is_posted_signed_and_recorded_nowhere(desk: Desk, shop: Shop) -> None:
    desk.add(shop.url)
    stored = desk.endpoints.get(ENDPOINT)
    assert stored is not None
    assert desk.webhooks.test(stored.receiver).taken
    sent, body = shop.posts[-1]
    (secret,) = desk.endpoints.secrets(ENDPOINT, desk.now)
    assert Webhook(secret).verify(body, sent)["type"] == "webhook.test"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", sent)
    assert desk.listed() == []


def test_a_deleted_endpoint_is_told_nothing_and_not_shown(desk: Desk, shop: Shop) -> None:
    desk.add(shop.url)
    desk.publish((ADA, "a.one"))
    desk.endpoints.delete(ENDPOINT)
    assert desk.run() == 0
    assert desk.endpoints.get(ENDPOINT) is None
    assert desk.endpoints.all() == []
    assert desk.listed() == [], "nothing waits for it"


def test_ended_deliveries_are_forgotten_after_a_while_and_can_still_be_told_once_more(
    desk: Desk, shop: Shop
) -> None:
    desk.add(shop.url)
    ids = desk.publish((ADA, "a.one"))
    desk.run()
    bad = desk.publish((BEN, "a.two"))
    shop.answer = lambda _path, _event: 400
    desk.run()
    later = desk.now + timedelta(days=1)
    retention = Retention(desk.database.pool)
    retention.forget(
        [BUCKET], answers_before=later, notifications_before=later, history_before=later, carts_before=later
    )
    assert [one.event_id for one in desk.listed()] == bad, "what waits is kept"
    shop.answer = lambda _path, _event: 200
    wanted = Wanted(since=desk.now - timedelta(hours=1), until=later, types=("a.one",), failed_only=False)
    assert desk.deliveries.again(ENDPOINT, wanted, desk.now, 100) == 1
    desk.run_anew()
    assert shop.ids() == [*ids, *ids]
