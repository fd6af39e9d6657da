"""API keys and idempotent answers."""

from __future__ import annotations

import pytest

from solvent.ids import SystemIds
from solvent.store.answers import LEASE, Answered, Answers, Fresh, OtherInput, Underway
from solvent.store.database import Database
from solvent.store.keys import CACHED_MAX, Keys
from tests.store.test_journal import THREADS, at_once
from tests.store.worlds import BUCKET, NOW


@pytest.fixture
def keys(database: Database) -> Keys:
    return Keys(database.pool, SystemIds(seed=1))


def test_a_key_is_known_by_its_secret_of_which_only_a_hash_is_stored(database: Database, keys: Keys) -> None:
    secret = keys.create("shop", ["write", "read", "read"], NOW)
    key = keys.verify(secret)
    assert key is not None
    assert (key.label, key.scopes) == ("shop", frozenset({"read", "write"}))
    assert keys.verify(secret) is key  # from the cache
    assert keys.verify(secret + "x") is None
    with database.pool.connection() as connection:
        stored = str(connection.execute("select * from api_key").fetchall())
    assert secret not in stored
    assert [(r.key, r.revoked_at) for r in keys.records()] == [(key, None)]


def test_secrets_differ_and_are_long(keys: Keys) -> None:
    first, second = keys.create("a", [], NOW), keys.create("b", [], NOW)
    assert first != second
    assert len(first) == len("sk_") + 43


def test_a_revoked_key_is_refused(database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = keys.create("shop", [], NOW)
    elsewhere = Keys(database.pool, SystemIds(seed=2))
    key = elsewhere.verify(secret)
    assert key is not None
    assert keys.revoke(key.id, NOW)
    assert not keys.revoke(key.id, NOW)
    assert keys.verify(secret) is None
    assert elsewhere.verify(secret) == key  # another process sees it when its copy is too old
    monkeypatch.setattr("solvent.store.keys.time.monotonic", lambda: float("inf"))
    assert elsewhere.verify(secret) is None
    assert [r.revoked_at for r in keys.records()] == [NOW]


def test_the_cache_is_bounded(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solvent.store.keys.CACHED_MAX", 2)
    for _ in range(3):
        assert keys.verify(keys.create("shop", [], NOW)) is not None
    assert len(keys._cached) == 1
    assert CACHED_MAX == 1024


@pytest.fixture
def answers(database: Database) -> Answers:
    return Answers(database.pool)


def test_an_answer_is_given_again(answers: Answers) -> None:
    assert answers.begin(BUCKET, "k", b"input", NOW) == Fresh()
    assert answers.begin(BUCKET, "k", b"input", NOW) == Underway()
    assert answers.begin(BUCKET, "k", b"other", NOW) == OtherInput()
    answers.finish(BUCKET, "k", 201, b"{}")
    answers.finish(BUCKET, "k", 500, b"later")
    assert answers.begin(BUCKET, "k", b"input", NOW + LEASE) == Answered(status=201, body=b"{}")
    assert answers.begin(BUCKET, "k", b"other", NOW + LEASE) == OtherInput()


def test_one_of_many_begins(answers: Answers) -> None:
    begun = at_once([lambda: answers.begin(BUCKET, "k", b"input", NOW)] * THREADS)
    assert sorted(type(b).__name__ for b in begun) == ["Fresh"] + ["Underway"] * (THREADS - 1)


def test_what_a_crash_left_is_begun_again_and_what_was_abandoned_at_once(answers: Answers) -> None:
    answers.begin(BUCKET, "k", b"input", NOW)
    assert answers.begin(BUCKET, "k", b"input", NOW + LEASE) == Fresh()
    answers.abandon(BUCKET, "k")
    assert answers.begin(BUCKET, "k", b"other", NOW) == Fresh()
