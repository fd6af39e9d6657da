"""Signing in to the dashboard at an identity provider, over real HTTP on both sides; and what is not believed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

from solvent.cart_links import CartLinks
from solvent.commands.operators import operators_of
from solvent.core.operator import REFUSALS_MAX, SIGN_INS_MAX, Role
from solvent.flows.guarding import may_try
from solvent.store.audit_log import AuditLog
from solvent.store.operators import SignIn
from solvent.web.dashboard.identity import Identity, SignInFailed
from tests.patience import PATIENCE_S
from tests.peers.identity_provider import CLIENT, SECRET, Provider, running_provider
from tests.ports import free_port
from tests.web.house import SERVE, House, process
from tests.web.test_dashboard import FORM

OVER = "dashboard-sign-in=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture(scope="module")
def site(house: House, provider: Provider) -> Iterator[str]:
    """A dashboard that signs in there, on the house's database."""
    with serving(house, provider) as url:
        yield url


@contextmanager
def serving(house: House, provider: Provider, **settings: str) -> Iterator[str]:
    """One more web server of the house's."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **settings,
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
    assert page.headers.get_list("set-cookie") == [OVER]


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


@pytest.mark.usefixtures("eve")
def test_the_cookie_of_a_sign_in_ends_with_it_and_at_the_latest_at_signing_out(site: str) -> None:
    with httpx.Client(timeout=PATIENCE_S, verify=False) as client:
        gone = client.get(f"{site}/dashboard/go")
        (begun,) = gone.headers.get_list("set-cookie")
        assert begun.startswith("dashboard-sign-in=")
        assert begun.endswith("; Path=/; HttpOnly; SameSite=Lax; Max-Age=600")
        back = client.get(client.get(gone.headers["location"]).headers["location"])
        assert back.headers.get_list("set-cookie")[1:] == [OVER]
        assert list(client.cookies) == ["dashboard"]
        client.get(f"{site}/dashboard/go")
        assert sorted(client.cookies) == ["dashboard", "dashboard-sign-in"]
        form = FORM.search(client.get(f"{site}/dashboard").text)
        assert form is not None
        client.post(f"{site}/dashboard/leave", data={"form": form[1]})
        assert list(client.cookies) == []


def test_a_way_back_that_is_somebody_elses_ends_nothing_here(site: str) -> None:
    with httpx.Client(timeout=PATIENCE_S, verify=False) as client:
        client.get(f"{site}/dashboard/go")
        answer = client.get(f"{site}/dashboard/signed-in?state=another&code=x")
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_over_tls_the_cookie_is_of_this_host_alone_and_too_many_sign_ins_are_refused(
    house: House, provider: Provider
) -> None:
    """TLS ends at a proxy; who is there, it says."""
    with serving(house, provider, SOLVENT_PUBLIC_URL="https://billing.example", SOLVENT_PROXIES="1") as site:

        def goes(address: str) -> httpx.Response:
            seen = {"x-forwarded-for": address}
            return httpx.get(f"{site}/dashboard/go", headers=seen, timeout=PATIENCE_S, verify=False)

        (begun,) = goes("203.0.113.7").headers.get_list("set-cookie")
        assert begun.startswith("__Host-dashboard-sign-in=")
        assert begun.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=600")
        assert {goes("203.0.113.7").status_code for _ in range(SIGN_INS_MAX - 1)} == {303}
        refused = goes("203.0.113.7")
        assert (refused.status_code, "set-cookie" in refused.headers) == (429, False)
        assert refused.headers["retry-after"] == "600"
        assert "wait ten minutes" in refused.text
        assert goes("203.0.113.8").status_code == 303


def test_no_more_are_under_way_at_once_than_there_is_room_for(house: House) -> None:
    operators, now = operators_of(house.solvent), house.solvent.clock() + timedelta(hours=1)
    asked = [SignIn(state=f"state-{n}", nonce="n", verifier="v") for n in range(3)]
    assert [operators.ask(one, now, most=2) for one in asked] == [True, True, False]
    assert operators.answered("state-2", now) is None
    assert operators.answered("state-1", now) == asked[1]
    assert operators.ask(asked[2], now, most=2)
    later = now + timedelta(minutes=10)
    assert operators.ask(SignIn(state="later", nonce="n", verifier="v"), later, most=1)
    assert operators.answered("later", later) is not None


def entries(house: House) -> list[tuple[str, str, str, str, str]]:
    """What the audit log says, the latest first."""
    page = AuditLog(house.solvent.database.pool, house.solvent.platform.ids).page(None, None, 500)
    return [(one.email, one.role, one.action, one.detail, one.reason) for one in page]


def test_who_comes_in_and_who_does_not_is_in_the_audit_log(
    house: House, site: str, provider: Provider, eve: None
) -> None:
    assert eve is None
    identity, email = "by the identity provider", "eve@merchant.example"
    signed_in(site)
    assert entries(house)[0] == (email, "support", "sign in", identity, "to use the dashboard")
    provider.claims = {"email_verified": False}
    signed_in(site)
    unproved = "it did not say that your e-mail address is verified"
    assert entries(house)[0] == ("unknown", "nobody", "refuse sign-in", identity, unproved)
    provider.claims = {"email": "mallory@example.com"}
    signed_in(site)
    not_known = "nobody has let this address in"
    assert entries(house)[0] == ("mallory@example.com", "nobody", "refuse sign-in", identity, not_known)


def test_a_way_back_that_is_used_again_is_in_the_audit_log(house: House, site: str, eve: None) -> None:
    assert eve is None
    secrets: list[str] = []

    def used(client: httpx.Client, url: str) -> str:
        cookies = dict(client.cookies)
        client.get(url)
        client.cookies.update(cookies)
        secrets.extend([*httpx.URL(url).params.values(), *cookies.values()])
        return url

    signed_in(site, used)
    again = "it took too long, or had ended before"
    said = entries(house)
    assert said[0] == ("unknown", "nobody", "refuse sign-in", "by the identity provider", again)
    assert [text for entry in said for text in entry if any(secret in text for secret in secrets)] == []


def test_links_that_let_in_or_do_not_are_in_the_audit_log(house: House, eve: None) -> None:
    assert eve is None
    operators, now = operators_of(house.solvent), house.solvent.clock()
    operator = operators.by_email("eve@merchant.example")
    assert operator is not None
    token = operators.let_in(operator, now)
    for _ in range(2):
        httpx.post(f"{house.url}/dashboard/enter/{token}", timeout=PATIENCE_S, verify=False)
    refused, let_in = entries(house)[:2]
    assert let_in == (operator.email, "support", "sign in", "by a link", "to use the dashboard")
    never = "it was used before, is too old, or was never made"
    assert refused == ("unknown", "nobody", "refuse sign-in", "by a link", never)
    assert [text for entry in entries(house) for text in entry if token in text] == []


def test_whoever_knocks_for_ever_does_not_fill_the_audit_log(house: House) -> None:
    platform, now = house.solvent.platform, house.solvent.clock()
    digest = CartLinks(house.solvent.settings, house.solvent.database).digest("refused sign-ins", now)
    while may_try(platform, digest, now, REFUSALS_MAX):
        pass
    before = entries(house)
    knocked = httpx.post(f"{house.url}/dashboard/enter/forged", timeout=PATIENCE_S, verify=False)
    assert (knocked.status_code, entries(house)) == (410, before)
    with house.solvent.database.transaction() as connection:
        connection.execute("delete from address_count where digest = %s", (digest,))


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
