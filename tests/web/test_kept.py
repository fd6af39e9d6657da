"""Answers that a web process gives again: never older than it said, and never beyond what the event log tells."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from solvent.core.ids import parse
from solvent.flows.clock import work_account
from solvent.store.followed import Followed
from solvent.web.kept import Answer, Kept
from tests.patience import PATIENCE_S, eventually
from tests.web.house import GOOD, House, start

HOUR_S = 3600.0
ONE, OTHER, ALL = UUID(int=1 << 8), UUID(int=2 << 8), (None, None)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy this machine is, what is kept is trusted from one line of a test to the next."""
    monkeypatch.setattr("solvent.web.kept.TRUSTED_S", HOUR_S)


@pytest.fixture
def kept(house: House) -> Kept:
    kept = Kept(Followed(house.solvent.database.pool), 2)
    kept.look()
    return kept


def answer(fresh_s: float = 30, ago_s: float = 0, features: str = "f") -> Answer:
    return Answer(b"{}", '"t"', time.monotonic() - ago_s, fresh_s, features)


def test_an_answer_is_given_again_for_as_long_as_it_said(kept: Kept) -> None:
    kept.keep(ONE, ALL, answer(HOUR_S, ago_s=10), kept.looks)
    found = kept.get(ONE, ALL, "f")
    assert found is not None
    assert HOUR_S - 60 < found[1] <= HOUR_S - 10
    assert kept.get(ONE, ("zone:a", None), "f") is None
    assert kept.get(ONE, ALL, "other features") is None
    kept.keep(ONE, ALL, answer(HOUR_S, ago_s=HOUR_S - 0.5), kept.looks)
    assert kept.get(ONE, ALL, "f") is None


def test_an_answer_that_was_read_before_a_look_is_not_kept(kept: Kept) -> None:
    looks = kept.looks
    kept.look()
    kept.keep(ONE, ALL, answer(), looks)
    assert kept.get(ONE, ALL, "f") is None


def test_no_more_accounts_than_allowed_are_kept(kept: Kept) -> None:
    for account in (ONE, OTHER, UUID(int=3 << 8)):
        kept.keep(account, ALL, answer(), kept.looks)
    assert [kept.get(a, ALL, "f") is not None for a in (ONE, OTHER)] == [False, True]
    for n in range(100):
        kept.keep(OTHER, (f"zone:{n}", None), answer(), kept.looks)
    assert sum(kept.get(OTHER, (f"zone:{n}", None), "f") is not None for n in range(100)) < 70


def test_nothing_is_given_again_while_nobody_looks(house: House) -> None:
    kept = Kept(Followed(house.solvent.database.pool), 2)
    kept.keep(ONE, ALL, answer(), kept.looks)
    assert kept.get(ONE, ALL, "f") is None


def test_who_keeps_nothing_gives_nothing_again(house: House) -> None:
    kept = Kept(Followed(house.solvent.database.pool), 0)
    kept.keep(ONE, ALL, answer(), kept.looks)
    kept.look()
    assert kept.get(ONE, ALL, "f") is None


def test_what_happens_to_an_account_is_seen_and_nobody_else_forgotten(house: House) -> None:
    followed, kept = Followed(house.solvent.database.pool), Kept(Followed(house.solvent.database.pool), 9)
    assert followed.look() is None
    kept.look()
    touched, still = (parse("acc", house.account()) for _ in range(2))
    kept.look()
    for account in (touched, still):
        kept.keep(account, ALL, answer(), kept.looks)
    assert set(followed.look() or ()) >= {touched, still}
    house.buy(f"acc_{touched.hex}")
    kept.look()
    assert touched in (followed.look() or ())
    assert followed.look() == []
    assert (kept.get(touched, ALL, "f"), kept.get(still, ALL, "f") is None) == (None, False)


def test_whoever_reads_what_it_has_just_changed_sees_it(house: House) -> None:
    for _ in range(5):
        account = house.account()
        path = f"/accounts/{account}/entitlements"
        for _ in range(3):
            assert house.get(path)["entitlements"] == []
        house.buy(account)
        assert len(house.get(path)["entitlements"]) == 1


def test_a_change_by_another_process_is_seen_in_a_moment_and_a_kept_answer_says_its_age(house: House) -> None:
    account = house.account()
    path = f"/accounts/{account}/entitlements"
    change = house.open(account, start())
    house.confirm(change, "tok_000123456789")  # a debit that takes its time: the notification will tell
    house.get(path)
    bought = house.account()
    house.buy(bought)
    ages = set()

    def aged() -> bool:
        time.sleep(0.2)
        control = house.client.get(f"/accounts/{bought}/entitlements").headers["cache-control"]
        ages.add(int(control.split("max-age=")[1].split(",")[0]))
        return min(ages) <= 28

    eventually(aged, "no kept answer is given again")
    assert max(ages) <= 30
    fresh = house.client.get(f"/accounts/{bought}/entitlements", headers={"cache-control": "no-cache"})
    assert "max-age=30" in fresh.headers["cache-control"]
    now = datetime.now(UTC)
    work_account(house.solvent.platform, parse("acc", bought), now, now)


def test_readers_and_buyers_at_once_never_see_less_than_was_committed(house: House) -> None:
    """Threads read while others buy: from a commit on, plus the time between two looks, nobody reads the old answer."""
    accounts = [house.account() for _ in range(4)]
    committed: dict[str, float] = {}
    late: list[str] = []
    done = threading.Event()
    reads = [0, 0, 0]

    def read(number: int) -> None:
        with httpx.Client(base_url=f"{house.url}/v1", verify=False, timeout=PATIENCE_S) as client:
            client.headers["authorization"] = f"Bearer {house.keys['read']}"
            while not done.is_set():
                for account in accounts:
                    began = time.monotonic()
                    said = client.get(f"/accounts/{account}/entitlements").json()["entitlements"]
                    if account in committed and began > committed[account] and not said:
                        late.append(account)
                reads[number] += 1

    readers = [threading.Thread(target=read, args=(number,)) for number in range(3)]
    for reader in readers:
        reader.start()
    for account in accounts:
        house.confirm(house.open(account, start()), GOOD)
        committed[account] = time.monotonic()
    enough = [count + 2 for count in reads]
    eventually(lambda: all(now >= then for now, then in zip(reads, enough, strict=True)), "nobody reads")
    done.set()
    for reader in readers:
        reader.join()
    assert late == []
