"""Secrets: whole lives at Stripe, at PayPal and at the sandbox, and then a search for every secret that they used.

Nothing of them is in any table, in what the web server prints, in what the worker's code logs, in an answer that
refuses something, or in an event. What lets a customer act, which is therefore not stored, is told again to whoever may
have it: on a reload, on a repetition, in another tab and in another process.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from solvent.commands.webhooks import webhooks_of
from solvent.core.ids import bucket_of, parse
from solvent.flows.acting import with_action
from solvent.flows.notify import process as process_inbox
from solvent.flows.opening import read
from solvent.flows.reconcile import sweep
from solvent.store.embedded import EmbeddedServer
from tests.patience import PATIENCE_S
from tests.peers.paypal.acts import dispute
from tests.peers.stripe.server import WEBHOOK_SECRET
from tests.web.house import BANK_KEY, CHALLENGED, GOOD, House, Json, fresh_key, start
from tests.web.portal_visitor import PortalVisitor
from tests.web.secretive import Secretive, secretive
from tests.web.test_checkout import opened
from tests.web.test_pay_page import Visitor

OURS = ("solvent", "stripe", "urllib3", "requests", "root")
WHO = {"reason": "goodwill", "issued_by": "carol"}


@dataclass
class Life:
    """A customer of one provider."""

    there: Secretive
    provider: str
    account: str = field(init=False)

    def __post_init__(self) -> None:
        self.account = self.house.account()

    @property
    def house(self) -> House:
        return self.there.house

    def live(self) -> None:
        """A purchase with what the payer's bank asks for, a setup, a charge without the customer, money back, and a
        dispute; with everything that the provider tells of it."""
        back = self.cart_link()
        change = {
            "account_id": self.account,
            "change": start(),
            "provider": self.provider,
            "return_url": back,
        }
        key = fresh_key()
        bought = self.told_again(self.house.post("/changes", change, key=key), change, key)
        self.act(bought)
        setup = self.house.post(f"/accounts/{self.account}/methods", {"provider": self.provider})
        self.learn(setup)
        self.act(setup, GOOD)
        lines = [{"description": "Advice", "amount": 9000}]
        charged = self.house.post("/invoices", {"account_id": self.account, "lines": lines})
        assert charged["state"] == "committed", charged
        paid = self.house.get(f"/events?account={self.account}&type=invoice.paid")["data"]
        self.house.post("/refunds", {"payment_id": paid[-1]["data"]["payment_id"], "amount": 500, **WHO})
        self.dispute(parse("pay", paid[0]["data"]["payment_id"]))
        self.hear()
        self.house.work(self.account)
        self.house.post(f"/changes/{bought['id']}/confirm", {"method": "4242424242424242"}, 200)

    def cart_link(self) -> str:
        """The page of a cart, to which the customer is to come back."""
        cart = self.house.post(
            "/carts", {"account_id": self.account, "lines": [{"price_id": "seats-usd-month"}]}
        )
        self.there.learn("cart link", cart["token"])
        return str(cart["url"])

    def learn(self, change: Json) -> Json:
        """What lets this customer act is a secret."""
        action: Json = change["next_action"]
        told = {name: action[name] for name in ("client_secret", "url") if action[name]}
        assert told, change
        for name, secret in told.items():
            self.there.learn(f"{self.provider} {name}", secret)
        return action

    def told_again(self, change: Json, asked: Json, key: str) -> Json:
        """A reload, a repetition and another process say what was said first."""
        action = self.learn(change)
        assert self.house.get(f"/changes/{change['id']}")["next_action"] == action
        assert self.house.post("/changes", asked, 200, key=key)["next_action"] == action
        (listed,) = self.house.get(f"/changes?account={self.account}")["data"]
        assert (listed["next_action"]["client_secret"], listed["next_action"]["url"]) == (None, None)
        platform = self.house.solvent.platform
        attempt = read(platform, parse("att", change["id"]))
        assert attempt is not None
        elsewhere = with_action(platform, attempt).action
        assert elsewhere is not None
        assert (elsewhere.client_secret, elsewhere.url) == (action["client_secret"], action["url"])
        return change

    def act(self, change: Json, card: str = CHALLENGED) -> None:
        """Give the card, go where the provider sends, and come back."""
        if change["next_action"]["kind"] == "confirm":
            change = self.house.confirm(change, card)
        if change["state"] == "requires_action":
            self.learn(change)
            self.elsewhere(change)
            change = self.house.confirm(change, None)
        assert change["state"] == "committed", change

    def elsewhere(self, change: Json) -> None:
        """On the provider's page."""
        attempt = read(self.house.solvent.platform, parse("att", change["id"]))
        assert attempt is not None
        ref = str(attempt.ref)
        match self.provider:
            case "stripe":
                self.there.stripe.authenticate(ref, passed=True)
            case "paypal":
                self.there.paypal.approve(ref)
            case _:
                page = httpx.post(
                    change["next_action"]["url"], data={"choice": "pass"}, verify=False, timeout=PATIENCE_S
                )
                assert page.status_code == 303, page.text

    def posted(self, url: str, **what: Any) -> httpx.Response:  # noqa: ANN401 -- as httpx takes it
        """What somebody outside posts."""
        return httpx.post(url, verify=False, timeout=PATIENCE_S, **what)

    def dispute(self, payment: UUID) -> None:
        """The payer contests what was paid."""
        with self.house.solvent.database.pool.connection() as connection:
            row = connection.execute("select ref from payment where id = %s", (payment,)).fetchone()
        assert row is not None
        match self.provider:
            case "stripe":
                self.there.stripe.dispute(row[0])
            case "paypal":
                dispute(self.there.paypal.book, row[0])
            case _:
                url = f"{self.house.bank_url}/sandbox/control/open_dispute"
                headers = {"authorization": f"Bearer {BANK_KEY}"}
                httpx.post(
                    url, json={"ref": row[0]}, headers=headers, verify=False, timeout=PATIENCE_S
                ).raise_for_status()

    def hear(self) -> None:
        """All that the provider tells, taken by the web server and looked into by the worker."""
        now = datetime.now(UTC)
        told: list[tuple[dict[str, str], bytes]] = []
        if self.provider == "stripe":
            told = self.there.stripe.deliveries(now)
        elif self.provider == "paypal":
            told = self.there.paypal.deliveries(now)
        for headers, body in told:
            url = f"{self.house.url}/v1/notifications/{self.provider}"
            answer = self.posted(url, content=body, headers=headers)
            assert answer.status_code < 300, answer.text
        now = datetime.now(UTC)
        assert sweep(self.house.solvent.platform, self.provider, now - timedelta(hours=1), now) is not None
        assert self.house.get(f"/disputes?account={self.account}")["data"]
        bucket = bucket_of(parse("acc", self.account))
        while process_inbox(self.house.solvent.platform, bucket, datetime.now(UTC), 100):
            pass


@pytest.fixture(scope="module")
def there(
    house: House, postgres: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Secretive]:
    printed = tmp_path_factory.mktemp("secrets") / "printed"
    with secretive(postgres, house.bank_url, printed) as opened_house:
        yield opened_house


def test_no_secret_is_kept_printed_or_told(there: Secretive, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    refused: list[str] = []

    def note(response: httpx.Response) -> None:
        if response.status_code >= 400:
            refused.append(response.read().decode())

    house = there.house
    house.client.event_hooks = {"response": [note]}
    for provider in ("stripe", "paypal", "sandbox"):
        Life(there, provider).live()
    _webhooks(there)
    _pages(there)
    _refusals(there)
    there.learn("card", "4242424242424242")
    there.learn("card", "4000002500003155")
    for intent in [
        *there.stripe.book.of("payment_intent").values(),
        *there.stripe.book.of("setup_intent").values(),
    ]:
        there.learn("client secret", intent["client_secret"])
    for token in there.paypal.granted:
        there.learn("PayPal's access token", token)
    assert there.kept() == []
    assert there.within(there.printed.read_text(encoding="utf-8")) == []
    logged = [r for r in caplog.records if r.name.partition(".")[0] in OURS]
    assert logged, "nothing was logged: this would find nothing"
    assert there.within("\n".join(logging.Formatter().format(r) for r in logged)) == []
    assert len(refused) >= 4
    assert there.within("\n".join(refused)) == []
    assert there.within(house.client.get("/events?limit=500").text) == []


def test_what_is_searched_is_found(there: Secretive) -> None:
    """The search itself: a secret as text, in JSON and as bytes."""
    planted = "planted-secret-of-a-test"
    there.learn("planted", planted)
    with there.house.solvent.database.pool.connection() as connection:
        connection.execute("insert into answer values (0, 'k', 'h', 200, %s, now())", (planted.encode(),))
    assert [found.split(" ")[0] for found in there.kept()] == ["planted"]
    with there.house.solvent.database.pool.connection() as connection:
        connection.execute("delete from answer where key = 'k'")


def _webhooks(there: Secretive) -> None:
    """Somebody is told of events, by a secret that is shown, changed, and shown again."""
    house = there.house
    endpoint = house.post("/webhook-endpoints", {"url": "http://127.0.0.1:9/hook"})["id"]
    there.learn("webhook secret", house.get(f"/webhook-endpoints/{endpoint}/secret")["secret"])
    house.post(f"/webhook-endpoints/{endpoint}/rotate-secret", None, 204)
    there.learn("webhook secret", house.get(f"/webhook-endpoints/{endpoint}/secret")["secret"])
    house.account()
    webhooks = webhooks_of(house.solvent)
    assert webhooks.run_once() >= 1
    webhooks.close()


def _pages(there: Secretive) -> None:
    """A customer in the portal, one with a link to pay, and one at the checkout."""
    house = there.house
    guest = PortalVisitor(house, house.account())
    there.learn("portal link", guest.link["url"].rsplit("/", 1)[1])
    for cookie in guest.browser.cookies.jar:
        there.learn("portal session", cookie.value)
    guest.look()
    account, key = house.account(), fresh_key()
    again = [house.post(f"/accounts/{account}/portal-links", {}, key=key) for _ in range(2)]
    assert again[0] == again[1], "a repetition is answered as the first request was"
    there.learn("portal link", again[0]["url"].rsplit("/", 1)[1])

    house.post("/invoices", {"account_id": account, "lines": [{"description": "Advice", "amount": 9000}]})
    payer = Visitor(house, account)
    there.learn("link to pay", payer.link["url"].rsplit("/", 1)[1])
    payer.ways()
    sent = payer.send(way="paypal")
    assert sent.status_code == 303, sent.text
    found = re.search(r'href="([^"]+checkoutnow[^"]+)"', payer.look(sent.headers["location"]))
    assert found is not None, "the page leads to PayPal"
    there.learn("approval at PayPal", found[1])

    shopper = opened(house, house.account(), [{"price_id": "seats-usd-month"}])
    there.learn("cart link", shopper.cart["token"])
    back = shopper.cart["url"]
    first = shopper.pay(return_url=back)["attempt"]["next_action"]
    assert shopper.look()["attempt"]["next_action"] == first, "another tab"
    there.learn("client secret of a cart", first["client_secret"])
    assert shopper.confirm()["state"] == "paid"


def _refusals(there: Secretive) -> None:
    """Secrets where they do not belong: an answer that refuses them does not repeat them."""
    house = there.house
    card = "4242424242424242"
    account = house.account()
    house.post("/changes", {"account_id": account, "change": start(), "provider": card}, 422)
    house.post("/changes", {"account_id": account, "change": start(), "method_id": card}, 400)
    house.post(f"/changes/{card}/confirm", {}, 400)
    wrong = {"stripe-signature": f"t=1,v1={WEBHOOK_SECRET}"}
    refused = house.client.post("/notifications/stripe", content=b"{}", headers=wrong)
    assert refused.status_code == 400
