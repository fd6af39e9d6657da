"""Signing in to the dashboard at an identity provider, over real HTTP on both sides; and what is not believed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

from solvent.commands.operators import operators_of
from solvent.core.operator import Role
from solvent.web.dashboard.identity import Identity, SignInFailed
from tests.patience import PATIENCE_S
from tests.peers.identity_provider import CLIENT, SECRET, Provider, running_provider
from tests.ports import free_port
from tests.web.house import SERVE, House, process


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture(scope="module")
def site(house: House, provider: Provider) -> Iterator[str]:
    """A dashboard that signs in there, on the house's database."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "SOLVENT_SANDBOX_URL": house.bank_url,
        "SOLVENT_HOST": "127.0.0.1",
        "SOLVENT_PORT": str(port),
        "SOLVENT_OIDC_ISSUER": provider.url,
        "SOLVENT_OIDC_CLIENT_ID": CLIENT,
        "SOLVENT_OIDC_CLIENT_SECRET": SECRET,
    }
    serve = [sys.executable, "-c", SERVE, house.database_url]
    with process(serve, environment, f"{url}/v1/healthz"):
        yield url


@pytest.fixture
def eve(house: House, provider: Provider) -> Iterator[None]:
    """Somebody whom an owner has let in."""
    operators_of(house.solvent).put("eve@merchant.example", Role.SUPPORT, house.solvent.clock())
    yield
    provider.claims, provider.refuses, provider.signs_with = {}, False, provider.key
    operators_of(house.solvent).remove("eve@merchant.example")


def signed_in(
    site: str, between: Callable[[httpx.Client, str], str] = lambda _client, url: url
) -> httpx.Response:
    """The page at the end of the way through the identity provider; `between` may change the way back."""
    with httpx.Client(timeout=PATIENCE_S, verify=False) as client:
        gone = client.get(f"{site}/dashboard/go")
        assert gone.status_code == 303
        came = client.get(gone.headers["location"])
        back = client.get(between(client, came.headers["location"]))
        if back.status_code == 303:
            return client.get(site + back.headers["location"])
        return back


@pytest.mark.usefixtures("eve")
def test_whoever_was_let_in_signs_in(site: str) -> None:
    page = signed_in(site)
    assert page.status_code == 200
    assert "eve@merchant.example, support" in page.text


def test_whoever_was_not_let_in_does_not(site: str) -> None:
    page = signed_in(site)
    assert page.status_code == 403
    assert "Nobody has let this address in" in page.text


@pytest.mark.usefixtures("eve")
@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": None},
        {"nonce": "another"},
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"exp": 1_000_000_000},
        {"iat": 4_000_000_000},
    ],
    ids=lambda claims: next(iter(claims)),
)
def test_what_the_provider_says_is_checked(site: str, provider: Provider, claims: dict[str, Any]) -> None:
    provider.claims = claims
    page = signed_in(site)
    assert page.status_code == 403, page.text
    assert "set-cookie" not in page.headers


@pytest.mark.usefixtures("eve")
def test_keys_are_kept_until_the_provider_signs_with_another(site: str, provider: Provider) -> None:
    assert signed_in(site).status_code == 200
    read = provider.keys_read
    assert signed_in(site).status_code == 200
    assert provider.keys_read == read
    provider.key = provider.signs_with = RSAKey.generate_key(
        2048, {"kid": "two", "use": "sig", "alg": "RS256"}
    )
    for _ in range(2):
        assert signed_in(site).status_code == 200
        assert provider.keys_read == read + 1


@pytest.mark.usefixtures("eve")
def test_what_another_key_has_signed_is_not_believed(site: str, provider: Provider) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    assert signed_in(site).status_code == 403


@pytest.mark.usefixtures("eve")
def test_whom_the_provider_refuses_is_told_so(site: str, provider: Provider) -> None:
    provider.refuses = True
    page = signed_in(site)
    assert page.status_code == 403
    assert "not today" in page.text


@pytest.mark.usefixtures("eve")
def test_a_way_back_is_good_once_and_for_the_browser_that_went(site: str) -> None:
    def without_cookies(client: httpx.Client, url: str) -> str:
        client.cookies.clear()
        return url

    assert "was not begun here" in signed_in(site, without_cookies).text

    def used(client: httpx.Client, url: str) -> str:
        cookies = dict(client.cookies)
        assert client.get(url).status_code == 303
        client.cookies.update(cookies)
        return url

    assert "was not begun here" in signed_in(site, used).text
    assert "was not begun here" in signed_in(site, lambda _client, url: url.replace("state=", "state=x")).text
    assert signed_in(site, lambda _client, url: url.replace("code=", "code=x")).status_code == 403


def test_a_provider_that_does_not_answer_is_told_and_nobody_is_let_in() -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(SignInFailed, match="cannot be reached"):
        Identity(nobody, CLIENT, SECRET, f"{nobody}/back").begin()


def test_a_provider_of_another_name_is_not_believed(provider: Provider) -> None:
    by_another_name = provider.url.replace("127.0.0.1", "localhost")
    with pytest.raises(SignInFailed, match="by another name"):
        Identity(by_another_name, CLIENT, SECRET, "http://localhost/back").begin()


def test_a_provider_that_was_away_is_left_alone_for_a_while() -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    identity = Identity(nobody, CLIENT, SECRET, f"{nobody}/back")
    with pytest.raises(SignInFailed, match="ConnectionError"):
        identity.begin()
    with pytest.raises(SignInFailed, match="try again in half a minute"):
        identity.begin()
