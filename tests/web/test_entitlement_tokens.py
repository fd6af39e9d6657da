"""Signed entitlement tokens: what they say, how long they live, which key signs them, and who refuses them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from solvent.core.signing import LEAD
from solvent.store.signing_keys import KeyLockedError, KeyWaitsError, SigningKeys
from solvent_entitlements import Claims, NotCovered, TokenRefused, Verifier
from tests.patience import PATIENCE_S, eventually
from tests.web.house import House, Json, problem

EDGE = "edge-proxy"


def _token(house: House, account: str, status: int = 200, **body: object) -> Json:
    path = f"/accounts/{account}/entitlement-token"
    said: Json = house.said(house.client.post(path, json={"audience": EDGE} | body), status)
    return said


@pytest.fixture
def bare(house: House) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=house.url, verify=False, timeout=PATIENCE_S) as client:
        yield client


@pytest.fixture
def verifier(bare: httpx.Client) -> Verifier:
    return Verifier(bare, issuer="solvent", audience=EDGE)


@pytest.fixture
def buyer(house: House, account: str) -> str:
    house.buy(account)
    return account


def test_a_token_says_what_is_granted(house: House, buyer: str, verifier: Verifier) -> None:
    asked = time.time()
    made = _token(house, buyer)
    told = time.time()
    claims = verifier.check(made["token"])
    assert (claims.account_id, claims.products) == (buyer, {"zone:example.com": ("zone-pro",)})
    assert claims.flag("waf", "zone:example.com")
    assert claims.limit("page_rules", "zone:example.com") == 20
    assert not claims.flag("waf", "zone:other.example")
    assert claims.expires_at == datetime.fromisoformat(made["expires_at"])
    assert int(asked) + 300 <= claims.expires_at.timestamp() <= told + 300


def test_a_token_about_some_objects_says_nothing_of_others(
    house: House, buyer: str, verifier: Verifier
) -> None:
    house.buy(buyer, "seats-usd-month", "account", 3)
    claims = verifier.check(_token(house, buyer, objects=["zone:example.com"], ttl_s=60)["token"])
    assert claims.limit("members", "zone:example.com") == 3
    assert claims.expires_at.timestamp() - time.time() <= 60
    with pytest.raises(NotCovered):
        claims.flag("waf", "zone:other.example")


def test_a_token_never_outlives_what_it_says(house: House, verifier: Verifier) -> None:
    account = house.account(test_clock="2026-01-31T12:00:00Z")
    bought = house.buy(account)
    house.open(account, {"type": "cancel_at_period_end", "subscription_id": bought["subscription_id"]})
    house.post("/clock", {"account_id": account, "now": "2026-02-28T11:59:18Z"}, 200)
    asked = time.time()
    claims = verifier.check(_token(house, account)["token"])
    assert int(asked) + 41 <= claims.expires_at.timestamp() <= time.time() + 42
    house.post("/clock", {"account_id": account, "now": "2026-02-28T12:00:00Z"}, 200)
    assert verifier.check(_token(house, account)["token"]).products == {}


def test_what_is_wrong_with_a_request_for_a_token_is_named(house: House, account: str) -> None:
    for status, field, body in (
        (400, "audience", {"audience": "a b"}),
        (400, "objects[0]", {"objects": [""]}),
        (400, "ttl_s", {"ttl_s": 3601}),
        (422, "ttl_s", {"ttl_s": 301}),
    ):
        assert problem(_token(house, account, status, **body))[1] == [field]
    _token(house, "acc_" + "0" * 32, 404)
    answer = house.client.post(f"/accounts/{account}/entitlement-token", json={"audience": EDGE})
    assert answer.headers["cache-control"] == "no-store"


def test_a_token_of_another_kind_is_refused(
    house: House, buyer: str, bare: httpx.Client, verifier: Verifier
) -> None:
    token = _token(house, buyer)["token"]
    head, body, signature = token.split(".")
    claims = json.loads(_decoded(body))
    kid = jwt.get_unverified_header(token)["kid"]
    stranger = Ed25519PrivateKey.generate()
    header = {"kid": kid, "typ": "entitlements+jwt"}
    public = bare.get("/.well-known/jwks.json").json()["keys"][0]["x"]
    forged = {
        "another signature": jwt.encode(claims, stranger, algorithm="EdDSA", headers=header),
        "no signature": f"{_encoded(header | {'alg': 'none'})}.{body}.",
        "the public key as a shared secret": jwt.encode(
            claims, _decoded(public), algorithm="HS256", headers=header
        ),
        "other claims": f"{head}.{_encoded(claims | {'features': {}})}.{signature}",
        "a key of nobody": jwt.encode(claims, stranger, algorithm="EdDSA", headers=header | {"kid": "x"}),
        "no token": "nonsense",
    }
    for what, made in forged.items():
        with pytest.raises(TokenRefused):
            verifier.check(made)
        assert verifier.check(token).account_id == buyer, what
    for other in (
        Verifier(bare, issuer="solvent", audience="another-service"),
        Verifier(bare, issuer="somebody", audience=EDGE),
    ):
        with pytest.raises(TokenRefused):
            other.check(token)


def test_time_is_kept_strictly(house: House, buyer: str, bare: httpx.Client) -> None:
    now = [time.time()]
    verifier = Verifier(bare, issuer="solvent", audience=EDGE, clock=lambda: now[0])
    token = _token(house, buyer)["token"]
    expires = verifier.check(token).expires_at.timestamp()
    for at in (expires - 0.01, expires - 300 - 29):  # a clock that is behind by less than the leeway
        now[0] = at
        assert verifier.check(token).account_id == buyer
    for at in (expires, expires + 1):
        now[0] = at
        with pytest.raises(TokenRefused, match="expired"):
            verifier.check(token)
    late = Verifier(bare, issuer="solvent", audience=EDGE, clock=lambda: expires - 300 - 40)
    with pytest.raises(TokenRefused, match="not valid yet"):
        late.check(token)


def _resigned(keys: SigningKeys, **claims: Any) -> str:  # noqa: ANN401 -- any claim
    """A token by the real key with other claims than Solvent would make."""
    now = int(time.time())
    said = {
        "iss": "solvent",
        "aud": EDGE,
        "sub": "acc",
        "iat": now,
        "nbf": now,
        "exp": now + 60,
        "jti": "1",
        "products": {},
        "features": {},
    } | claims
    kid, key = keys.signer(datetime.now(UTC))
    kept = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(kept, key, algorithm="EdDSA", headers={"kid": kid, "typ": "entitlements+jwt"})


def test_even_the_right_key_does_not_make_a_token_of_everything(
    house: House, buyer: str, verifier: Verifier
) -> None:
    keys = SigningKeys(house.solvent.database.pool, None)
    assert isinstance(verifier.check(_resigned(keys)), Claims)
    for claims in (
        {"exp": int(time.time()) + 4000},
        {"exp": None},
        {"sub": None},
        {"aud": None},
        {"jti": None},
    ):
        with pytest.raises(TokenRefused):
            verifier.check(_resigned(keys, **claims))
    now = int(time.time())
    kid, key = keys.signer(datetime.now(UTC))
    body = {"iss": "solvent", "aud": EDGE, "sub": "a", "iat": now, "nbf": now, "exp": now + 9, "jti": "1"}
    with pytest.raises(TokenRefused, match="type"):
        verifier.check(jwt.encode(body, key, algorithm="EdDSA", headers={"kid": kid}))


def test_keys_rotate_while_tokens_go_on(house: House, buyer: str, bare: httpx.Client) -> None:
    now = datetime.now(UTC)
    keys = SigningKeys(house.solvent.database.pool, None)
    old, _ = keys.signer(now)
    told: list[float] = [now.timestamp()]
    verifier = Verifier(bare, issuer="solvent", audience=EDGE, clock=lambda: told[0])
    by_old = _resigned(keys)
    verifier.check(by_old)
    made = keys.rotate(now)
    assert made.signs_from == now + LEAD
    assert set(keys.public(now)) == {old, made.kid}
    assert keys.signer(now + LEAD - timedelta(seconds=1))[0] == old
    assert keys.signer(now + LEAD)[0] == made.kid
    with pytest.raises(KeyWaitsError, match=made.kid):
        keys.rotate(now)
    over = now + LEAD + timedelta(hours=1, minutes=5)
    assert set(keys.public(over)) == {made.kid}
    assert verifier.check(by_old).account_id == "acc"
    final = keys.rotate(over)
    assert {k.times.kid for k in keys.all()} == {made.kid, final.kid}  # the oldest is forgotten
    urgent = keys.rotate(now + timedelta(days=1), at_once=True)
    assert [k.times.kid for k in keys.all()] == [urgent.kid]
    with psycopg.connect(
        house.database_url
    ) as connection:  # as if made now: the server's clock is the wall's
        connection.execute("update signing_key set made_at = %s, signs_from = %s", (now, now))
    eventually(lambda: [k["kid"] for k in bare.get("/.well-known/jwks.json").json()["keys"]] == [urgent.kid])
    told[0] += 301  # the keys are asked for again, and what a withdrawn key proved is proved no more
    with pytest.raises(TokenRefused):
        verifier.check(by_old)


def test_the_private_half_is_protected_by_the_secret(house: House) -> None:
    secret, now = "a secret of some length", datetime.now(UTC)
    url = house.database_url
    with psycopg.connect(url, autocommit=True) as connection:
        kept = connection.execute("select * from signing_key").fetchall()
        connection.execute("delete from signing_key")
        protected = SigningKeys(house.solvent.database.pool, secret)
        kid, _ = protected.signer(now)
        ((private,),) = connection.execute("select private from signing_key").fetchall()
        assert bytes(private).startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
        assert SigningKeys(house.solvent.database.pool, secret).signer(now)[0] == kid
        for other in (None, "another secret of some length"):
            with pytest.raises(KeyLockedError, match=kid):
                SigningKeys(house.solvent.database.pool, other).signer(now)
        connection.execute("delete from signing_key")
        for row in kept:
            connection.execute("insert into signing_key values (%s, %s, %s, %s, %s, %s)", row)


def _encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
