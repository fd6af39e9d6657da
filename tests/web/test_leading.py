"""Leader and followers: which thread takes the next request. Threads as the server has them, without a server."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import pytest
from psycopg_pool import PoolTimeout

from solvent.store.pool import Pool
from solvent.web import leading as module
from solvent.web.app import create_app
from solvent.web.leading import Incoming, Last, Leading, Sending
from tests.patience import PATIENCE_S, eventually
from tests.web.house import House


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadPoolExecutor]:
    """Threads beside this one, none of which gets up by itself before the test has failed."""
    monkeypatch.setattr(module, "REST_S", PATIENCE_S)
    with ThreadPoolExecutor(4) as found:
        yield found


def resting(threads: ThreadPoolExecutor, leading: Leading) -> Future[None]:
    """A thread that has answered a request, and rests."""

    def answered() -> None:
        leading.begin()
        assert leading.end()
        leading.rest()

    before, future = leading.resting, threads.submit(answered)
    eventually(lambda: leading.resting != before or future.done())
    return future


def aside(leading: Leading) -> None:
    """A request that waits for somebody."""
    leading.begin()
    leading.step_aside()


def test_who_rests_leads_when_the_leader_waits_for_somebody(threads: ThreadPoolExecutor) -> None:
    leading = Leading(2)
    other = resting(threads, leading)
    aside(leading)
    other.result(PATIENCE_S)
    assert leading.end(), "the other one leads now, so this one may rest"


def test_a_leader_that_waits_for_nobody_goes_on(threads: ThreadPoolExecutor) -> None:
    leading = Leading(2)
    other = resting(threads, leading)
    for _ in range(3):
        leading.begin()
        assert not leading.end(), "nobody else could take the next request"
        leading.rest()  # returns at once, for the same reason
    assert not other.done()
    aside(leading)


def test_one_is_asked_for_each_that_steps_aside(threads: ThreadPoolExecutor) -> None:
    leading = Leading(3)
    rest = {resting(threads, leading), resting(threads, leading)}
    aside(leading)
    leading.step_aside()  # says nothing new
    done, left = wait(rest, PATIENCE_S, FIRST_COMPLETED)
    assert (len(done), len(left)) == (1, 1)
    threads.submit(aside, leading).result(PATIENCE_S)
    assert not wait(rest, PATIENCE_S).not_done


def test_who_has_no_request_changes_nothing(threads: ThreadPoolExecutor) -> None:
    leading = Leading(2)
    other = resting(threads, leading)
    threads.submit(leading.step_aside).result(PATIENCE_S)
    assert (leading.resting, other.done()) == (1, False)
    aside(leading)


def test_who_rests_gets_up_by_itself(threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REST_S", 0.01)
    leading = Leading(2)
    resting(threads, leading).result(PATIENCE_S)
    assert leading.resting == 0


class Letters:
    """An answer in pieces."""

    def __init__(self) -> None:
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from (b"a", b"b")

    def close(self) -> None:
        self.closed = True


def test_a_body_and_a_long_answer_are_waited_for_aside(threads: ThreadPoolExecutor) -> None:
    leading = Leading(2)
    other = resting(threads, leading)
    leading.begin()
    body = Incoming(io.BytesIO(b"{}"), leading, whole=False)
    assert (body.read(2), body.whole) == (b"{}", False), "more might come"
    other.result(PATIENCE_S)
    assert (body.read(1), body.whole) == (b"", True)
    assert leading.end()
    letters = Letters()
    leading.begin()
    sending = Sending(letters, leading)
    assert b"".join(sending) == b"ab"
    future = threads.submit(aside, leading)
    future.result(PATIENCE_S)
    sending.close()  # does not rest: nobody else could take a request
    assert letters.closed


def test_the_database_is_waited_for_aside(threads: ThreadPoolExecutor) -> None:
    leading = Leading(2)
    other = resting(threads, leading)
    with Pool("host=/nowhere", min_size=0, max_size=1, open=True) as pool:
        pool.before_use = leading.step_aside
        leading.begin()
        with pytest.raises(PoolTimeout):
            pool.getconn(0.01)
    other.result(PATIENCE_S)


def test_after_its_last_answer_a_thread_rests(threads: ThreadPoolExecutor) -> None:
    leading = Leading(2)
    leading.begin()
    assert leading.end()
    last = Last(b"all", leading)
    assert list(last) == [b"all"]
    future = threads.submit(last.close)
    eventually(lambda: leading.resting or future.done())
    assert not future.done()
    aside(leading)
    future.result(PATIENCE_S)


def test_whoever_leaves_a_body_unread_does_not_rest_on_it(house: House) -> None:
    application = create_app(house.solvent)

    def answered(body: bytes, key: str) -> object:
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/v1/entitlements/read",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": f"Bearer {key}",
            "wsgi.input": io.BytesIO(body),
        }
        return application(environ, lambda status, headers: None)

    assert isinstance(answered(b'{"accounts": []}', house.keys["read"]), Last)
    assert isinstance(answered(b'{"accounts": []}', "sk_nobody-has-a-key-like-this"), list)
