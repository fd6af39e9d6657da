"""Words that nobody mapped, from a provider's answer to the metric: an attempt's status and a dispute's, each unknown,
never a success or a failure, counted, and told by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from solvent.commands.check import counted
from solvent.config import Settings
from solvent.core.attempt import Attempt
from solvent.core.ids import bucket_of, parse
from solvent.core.payment import AttemptState
from solvent.core.request import NewItem, Start
from solvent.flows.change import open_change
from solvent.flows.notify import process
from solvent.flows.opening import Asked, confirm
from solvent.flows.reconcile import sweep
from solvent.ports.counts import Counted
from solvent.wiring import Solvent, build
from tests.patience import PATIENCE_S
from tests.peers.http import PeerServer
from tests.peers.paypal import server as paypal
from tests.peers.paypal.acts import change_dispute, dispute
from tests.peers.stripe.server import SECRET_KEY, WEBHOOK_SECRET, StripeAccount
from tests.web.house import BANK_KEY, GOOD, PRO, House, fresh_key
from tests.web.inside import served

HELD = "requires_capture"  # a status of Stripe's that no payment of ours may have
NEW = "under_meditation"  # a status of a dispute that no document has yet


@dataclass
class Abroad:
    """A worker's parts on the house's database, with Stripe and PayPal."""

    house: House
    solvent: Solvent
    stripe: StripeAccount
    paypal: paypal.ServedPeer

    def paid(self, provider: str) -> Attempt:
        """A purchase that is paid there."""
        opened = self.opened(provider)
        if provider == "paypal":
            self.paypal.approve(str(opened.ref))
        done = confirm(self.solvent.platform, opened.id, None if provider == "paypal" else GOOD, wall())
        assert done is not None
        assert done.state is AttemptState.COMMITTED
        return done

    def opened(self, provider: str) -> Attempt:
        account = parse("acc", self.house.account())
        asked = Asked(account_id=account, key=fresh_key(), input_hash=b"", provider=provider)
        change = Start(items=(NewItem(price_id=f"{PRO}@1", object="zone:example.com"),))
        opened = open_change(self.solvent.platform, asked, change, wall())
        assert isinstance(opened, Attempt), opened
        return opened

    def payment_ref(self, attempt: Attempt) -> str:
        """The provider's name for what was paid."""
        with self.solvent.database.pool.connection() as connection:
            row = connection.execute(
                "select ref from payment where attempt_id = %s", (attempt.id,)
            ).fetchone()
        assert row is not None
        return str(row[0])

    def poll(self, provider: str) -> None:
        """The sweep of the last hour, and the inbox of whatever it could not record."""
        assert sweep(self.solvent.platform, provider, wall() - timedelta(hours=1), wall()) is not None

    def counted(self, provider: str) -> int:
        """How many such words were counted so far."""
        every = self.solvent.database.counts.every()
        return sum(c.times for c in every if (c.kind, c.about) == (Counted.UNMAPPED, provider))

    def shown(self) -> dict[str, int]:
        """What the metric says to Prometheus, by provider, of a web server that has just begun to look."""
        looking = build(self.solvent.settings, self.house.database_url, watched=True)
        headers = {"authorization": f"Bearer {self.house.keys['read']}"}
        with served(looking) as url:
            said = httpx.get(f"{url}/v1/metrics", headers=headers, verify=False, timeout=PATIENCE_S).text
        looking.close()
        found = re.findall(r'^solvent_provider_unmapped{provider="(\w+)"} (\S+)$', said, re.MULTILINE)
        return {provider: int(float(value)) for provider, value in found}

    def said(self) -> str:
        """What `solvent check` says of it."""
        return "\n".join(counted(self.solvent.database.counts.every()))


def wall() -> datetime:
    """The present."""
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def abroad(house: House) -> Iterator[Abroad]:
    stripe, wallet = StripeAccount(wall), paypal.ServedPeer(wall)
    server = PeerServer(stripe.answer)  # without a witness: what is planted is in no document
    stripe.book.url = server.url
    settings = Settings.model_validate(
        {
            "sandbox_url": house.bank_url,
            "sandbox_secret": BANK_KEY,
            "stripe_secret_key": SECRET_KEY,
            "stripe_webhook_secret": WEBHOOK_SECRET,
            "stripe_url": server.url,
            "paypal_client_id": paypal.CLIENT_ID,
            "paypal_secret": paypal.SECRET,
            "paypal_webhook_id": paypal.WEBHOOK_ID,
            "paypal_url": wallet.url,
        }
    )
    solvent = build(settings, house.database_url)
    yield Abroad(house, solvent, stripe, wallet)
    solvent.close()
    server.close()
    wallet.close()


def test_an_attempts_status_that_nobody_mapped_is_unknown_and_counted(abroad: Abroad) -> None:
    opened, before = abroad.opened("stripe"), abroad.counted("stripe")
    abroad.stripe.book.of("payment_intent")[str(opened.ref)]["status"] = HELD
    stuck = confirm(abroad.solvent.platform, opened.id, GOOD, wall())
    assert stuck is not None
    assert stuck.state is AttemptState.UNKNOWN
    assert abroad.counted("stripe") > before
    assert HELD in abroad.said()


def test_a_disputes_status_that_nobody_mapped_is_parked_and_counted(abroad: Abroad) -> None:
    paid = abroad.paid("stripe")
    named = abroad.stripe.dispute(abroad.payment_ref(paid))
    before = abroad.counted("stripe")
    abroad.stripe.book.of("dispute")[named]["status"] = NEW
    abroad.poll("stripe")
    assert abroad.counted("stripe") > before
    assert NEW in abroad.said()
    bucket = bucket_of(paid.id)
    process(abroad.solvent.platform, bucket, wall(), 100)
    assert named not in str(abroad.house.get("/disputes?limit=500")["data"])
    abroad.stripe.book.of("dispute")[named]["status"] = "needs_response"
    abroad.poll("stripe")
    assert named in str(abroad.house.get("/disputes?limit=500")["data"]), "once it has a word that we know"


def test_a_case_at_paypal_likewise(abroad: Abroad) -> None:
    paid = abroad.paid("paypal")
    case = dispute(abroad.paypal.book, abroad.payment_ref(paid))
    before = abroad.counted("paypal")
    change_dispute(abroad.paypal.book, case["dispute_id"], status="PONDERED")
    abroad.poll("paypal")
    assert abroad.counted("paypal") > before
    assert "PONDERED" in abroad.said()


def test_the_metric_says_how_many_there_were_of_each_provider(abroad: Abroad) -> None:
    opened = abroad.opened("stripe")
    abroad.stripe.book.of("payment_intent")[str(opened.ref)]["status"] = HELD
    before = abroad.shown().get("stripe", 0)
    confirm(abroad.solvent.platform, opened.id, GOOD, wall())
    after = abroad.shown()
    assert after["stripe"] > before
    assert after["stripe"] == abroad.counted("stripe")
