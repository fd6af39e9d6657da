"""The Python client of product services, against a server that is killed: it goes on until what it read is over."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from solvent.store.signing_keys import SigningKeys
from solvent.web.waiting import WAIT_S_MAX
from solvent_entitlements import Reader, Refused, TokenRefused, Tokens, Unavailable, Verifier, connect
from tests.patience import PATIENCE_S, eventually
from tests.ports import free_port
from tests.providers.wire import Wire
from tests.web.house import BANK_KEY, CHALLENGED, DECLINED, SERVE, House, process, start

EDGE = "edge-proxy"
ZONE = "zone:example.com"
FOLLOWED_MAX = 6  # times that it asks, until what was bought is there
CLIENT = Path(__file__).parents[2] / "clients" / "python"


@dataclass
class Mortal:
    """A client, how its server comes to its end, and the time as the client takes it to be: it stands still."""

    client: httpx.Client
    end: Callable[[], object]
    began: float = field(default_factory=time.time)
    ahead_s: float = 0.0

    def clock(self) -> float:
        return self.began + self.ahead_s

    def die(self) -> None:
        """End the server."""
        self.end()
        eventually(self.silent, "the server goes on")

    def silent(self) -> bool:
        """Nobody answers."""
        try:
            httpx.get(f"{self.client.base_url}/v1/healthz", timeout=5, verify=False)
        except httpx.TransportError:
            return True
        return False


@pytest.fixture
def distant(house: House) -> Iterator[Mortal]:
    """The house from afar: its end is that nobody listens any more, and every connection breaks off."""
    address = urlsplit(house.url)
    wire = Wire((str(address.hostname), int(address.port or 80)))
    with connect(wire.url, house.keys["read"]) as client:
        client.timeout = httpx.Timeout(PATIENCE_S)
        yield Mortal(client, wire.close)
    wire.close()


@pytest.fixture
def mortal(house: House) -> Iterator[Mortal]:
    """A web server of its own on the house's database; the process that serves ends with the one that started it."""
    port = free_port()
    environment = {
        "SOLVENT_SANDBOX_URL": house.bank_url,
        "SOLVENT_SANDBOX_SECRET": BANK_KEY,
        "SOLVENT_PORT": str(port),
        "SOLVENT_HOST": "127.0.0.1",
        "SOLVENT_ENTITLEMENT_FRESH_S": "7",
    }
    url = f"http://127.0.0.1:{port}"
    words = [sys.executable, "-c", SERVE, house.database_url]
    with (
        process(words, environment, f"{url}/v1/healthz") as child,
        connect(url, house.keys["read"]) as client,
    ):
        client.timeout = httpx.Timeout(PATIENCE_S)
        yield Mortal(client, child.kill)


def test_reading_goes_on_when_the_server_is_killed(house: House, mortal: Mortal) -> None:
    account, later = house.account(), house.account()
    house.buy(account)
    reader = Reader(mortal.client, clock=mortal.clock)
    said = reader.read(account)
    assert (said.flag("waf", ZONE), said.limit("page_rules", ZONE), said.stale) == (True, 20, False)
    mortal.die()
    assert reader.read(account) is said  # fresh: nobody is asked
    mortal.ahead_s = 8
    stale = reader.read(account)
    assert (stale.flag("waf", ZONE), stale.stale) == (True, True)
    assert all(reader.read(account).stale for _ in range(1000))  # nobody is asked again and again
    with pytest.raises(Unavailable):
        reader.read(later)
    mortal.ahead_s = 86_300
    assert reader.read(account).flag("waf", ZONE)
    mortal.ahead_s = 86_500
    with pytest.raises(Unavailable):
        reader.read(account)


def test_what_has_ended_is_not_given_during_an_outage(house: House, distant: Mortal) -> None:
    account = house.account(test_clock="2020-01-31T12:00:00Z")  # ended long ago by the clock of the reader
    house.buy(account)
    house.buy(account, "seats-usd-month", "account", 2)
    reader = Reader(distant.client, clock=distant.clock)
    assert reader.read(account).limit("members") == 2
    distant.die()
    distant.ahead_s = 31
    stale = reader.read(account)
    assert (stale.stale, stale.grants, stale.limit("members"), stale.flag("waf", ZONE)) == (
        True,
        (),
        0,
        False,
    )


def test_tokens_are_checked_and_handed_out_when_the_server_is_away(house: House, distant: Mortal) -> None:
    account = house.account()
    house.buy(account)
    distant.began = time.time()  # whoever made a token a minute later would not be believed
    tokens = Tokens(distant.client, audience=EDGE, clock=distant.clock)
    verifier = Verifier(distant.client, issuer="solvent", audience=EDGE, clock=distant.clock)
    token = tokens.token(account)
    expires = verifier.check(token).expires_at.timestamp()
    kept = verifier.known_keys
    distant.die()
    distant.ahead_s = 250  # most of its life is over: another one is asked for, in vain
    assert tokens.token(account) == token
    assert verifier.check(token).flag("waf", ZONE)
    restarted = Verifier(distant.client, issuer="solvent", audience=EDGE, clock=distant.clock, keys=kept)
    assert restarted.check(token).account_id == account
    forgetful = Verifier(distant.client, issuer="solvent", audience=EDGE, clock=distant.clock)
    with pytest.raises(TokenRefused, match="not published"):
        forgetful.check(token)
    distant.ahead_s = expires - distant.began + 1
    with pytest.raises(TokenRefused, match="expired"):
        verifier.check(token)
    with pytest.raises(Unavailable):
        tokens.token(account)


def test_a_reader_asks_by_tag_and_hears_of_changes(house: House) -> None:
    account, ahead = house.account(), [0.0]
    with connect(house.url, house.keys["read"]) as client:
        client.timeout = httpx.Timeout(PATIENCE_S)
        now = time.time()
        reader = Reader(client, clock=lambda: now + ahead[0])
        before = reader.read(account, ZONE)
        assert (before.grants, before.value("waf", ZONE), before.limit("page_rules", ZONE)) == ((), None, 0)
        house.buy(account)
        assert reader.read(account, ZONE) is before  # for as long as the answer said
        reader.forget(account)
        after = reader.read(account, ZONE)
        assert [(g.product_id, g.proof) for g in after.grants] == [("zone-pro", "payment")]
        assert (after.value("support", ZONE), after.limit("support", ZONE)) == ("ticket", 0)
        ahead[0] = 31
        assert reader.read(account, ZONE) is after  # 304
        with pytest.raises(Refused, match="404"):
            reader.read("acc_" + "0" * 32)


def test_a_reader_that_follows_learns_of_a_change_as_it_happens(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solvent_entitlements.reader.TIMEOUT_S", PATIENCE_S)
    account = house.account()
    with connect(house.url, house.keys["read"]) as client:
        client.timeout = httpx.Timeout(PATIENCE_S)
        reader = Reader(client)
        place = reader.follow()
        assert reader.read(account, ZONE).grants == ()
        with ThreadPoolExecutor(1) as thread:
            buying = thread.submit(house.buy, account)
            for _ in range(FOLLOWED_MAX):
                if reader.read(account, ZONE).grants:
                    break
                place = reader.follow(place, wait_s=WAIT_S_MAX)
            else:
                pytest.fail("it does not learn of it")
            buying.result()
        assert reader.follow(place, wait_s=0)
        with pytest.raises(Refused, match="must be the `next` of a page"):
            reader.follow("not a cursor", wait_s=0)


def test_following_an_installation_that_is_away(distant: Mortal) -> None:
    reader = Reader(distant.client)
    distant.die()
    with pytest.raises(Unavailable):
        reader.follow("x", wait_s=0)


def test_what_is_held_and_unpaid_is_told(house: House) -> None:
    pending, failed = house.account(), house.account()
    house.confirm(house.open(pending, start()), CHALLENGED)
    house.confirm(house.open(failed, start()), DECLINED)
    with connect(house.url, house.keys["read"]) as client:
        client.timeout = httpx.Timeout(PATIENCE_S)
        reader = Reader(client)
        assert (reader.read(pending).held, reader.read(pending).unpaid) == (("zone-pro",), ())
        assert (reader.read(failed).held, reader.read(failed).unpaid) == ((), ("zone-pro",))


def test_tokens_are_made_again_when_most_of_their_life_is_over(house: House) -> None:
    account, ahead = house.account(), [0.0]
    with connect(house.url, house.keys["read"]) as client:
        client.timeout = httpx.Timeout(PATIENCE_S)
        now = time.time()
        tokens = Tokens(client, audience=EDGE, clock=lambda: now + ahead[0])
        first = tokens.token(account, [ZONE])
        assert tokens.token(account, [ZONE]) == first
        assert tokens.token(account) != first
        ahead[0] = 210
        assert tokens.token(account, [ZONE]) != first
        with pytest.raises(Refused, match="404"):
            tokens.token("acc_" + "0" * 32)


def test_nothing_of_the_server_is_imported() -> None:
    words = (
        "import sys, solvent_entitlements; print([m for m in sys.modules if m.split('.')[0] == 'solvent'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, check=True, cwd=CLIENT
    )
    assert done.stdout.strip() == "[]"


def test_a_server_that_cannot_open_the_key_says_so(house: House) -> None:
    account, port, now = house.account(), free_port(), datetime.now(UTC)
    environment = {
        "SOLVENT_SANDBOX_URL": house.bank_url,
        "SOLVENT_PORT": str(port),
        "SOLVENT_HOST": "127.0.0.1",
        "SOLVENT_SECRET": "a secret that nobody used before",
    }
    url = f"http://127.0.0.1:{port}"
    words = [sys.executable, "-c", SERVE, house.database_url]
    protected = SigningKeys(house.solvent.database.pool, "a secret of some length")
    try:
        protected.rotate(now, at_once=True)
        with process(words, environment, f"{url}/v1/healthz"), connect(url, house.keys["read"]) as client:
            client.timeout = httpx.Timeout(PATIENCE_S)
            with pytest.raises(Unavailable, match="503"):
                Tokens(client, audience=EDGE).token(account)
    finally:
        made = SigningKeys(house.solvent.database.pool, None).rotate(now, at_once=True)
        _wait_published(house, made.kid)


def _wait_published(house: House, kid: str) -> None:
    """The house's own server knows of the key."""
    url = f"{house.url}/.well-known/jwks.json"
    eventually(
        lambda: kid in httpx.get(url, verify=False, timeout=PATIENCE_S).text, "the key is not published"
    )
