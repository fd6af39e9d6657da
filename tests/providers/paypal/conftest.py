"""A world with PayPal in it: the peer, the adapter over a line to it, and a clock that moves only when told."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from solvent.core.payment import Report
from solvent.ports.provider import PaymentRequest, RefundRequest
from solvent.providers.paypal import ByApi, ByCertificate, Certificates, Line, PayPalProvider
from solvent.providers.paypal.recent import Recent
from tests.patience import PATIENCE_S
from tests.peers.paypal import CLIENT_ID, SECRET, WEBHOOK_ID, ServedPeer, Wallet
from tests.providers.clock import Clock
from tests.providers.wire import Wire


@dataclass
class World:
    """What a test may use."""

    peer: ServedPeer
    wire: Wire
    line: Line
    provider: PayPalProvider
    clock: Clock
    customer: UUID = field(default_factory=uuid4)

    def request(self, **other: object) -> PaymentRequest:
        """A request for $12.00 on-session, unless told otherwise."""
        values: dict[str, Any] = {
            "key": uuid4(),
            "customer": self.customer,
            "amount": 1200,
            "currency": "USD",
            "setup": False,
            "off_session": False,
            "method": None,
            "expires_at": self.clock() + timedelta(hours=1),
            "description": "Zone plan",
            "return_url": "https://shop.example/done",
        }
        return PaymentRequest(**(values | other))

    def charge_request(self, token: str | None, **other: object) -> PaymentRequest:
        """A request to charge a stored method off-session."""
        return self.request(method=token, off_session=True, return_url=None, **other)

    def pay(self, wallet: Wallet | None = None, **other: object) -> Report:
        """Open, approve and capture."""
        opened = self.provider.open(self.request(**other))
        assert opened.ref is not None
        self.peer.approve(opened.ref, wallet)
        return self.provider.confirm(opened.key, opened.ref, None)

    def vaulted(self) -> str:
        """The token of a method vaulted by paying."""
        method = self.pay().method
        assert method is not None
        return method.token

    def becomes(self, token: str, **fields: object) -> None:
        """From now on the payer behind a token behaves otherwise."""
        for name, value in fields.items():
            setattr(self.peer.book.wallets[token.partition(".")[0]], name, value)

    def forget(self) -> None:
        """From now on the adapter is one of another process: it remembers nothing."""
        self.provider._recent = Recent()

    def refund_request(self, paid: Report, amount: int, **other: object) -> RefundRequest:
        """A refund of some of a payment."""
        values: dict[str, Any] = {
            "key": uuid4(),
            "payment_ref": paid.ref,
            "amount": amount,
            "currency": "USD",
        }
        return RefundRequest(**(values | other))


@pytest.fixture(scope="session")
def peer() -> Iterator[ServedPeer]:
    """One peer for the session; every test has keys and customers of its own."""
    served = ServedPeer(Clock())
    yield served
    served.close()


@pytest.fixture(scope="session")
def wire(peer: ServedPeer) -> Iterator[Wire]:
    """The way to the peer, on which things can go wrong."""
    between = Wire(peer.server.address, delay_s=0.3)
    yield between
    between.close()


@pytest.fixture
def clock(peer: ServedPeer) -> Clock:
    """The clock of the peer and of the adapter, from noon."""
    clock = Clock()
    peer.book.clock = clock
    return clock


@pytest.fixture
def world(peer: ServedPeer, wire: Wire, clock: Clock) -> Iterator[World]:
    """PayPal by certificate. Whatever went over the wire was as PayPal's documents have it."""
    line = Line(wire.url, CLIENT_ID, SECRET, read_timeout_s=PATIENCE_S)
    certificates = Certificates(
        roots=[peer.seal.root], hosts=frozenset({peer.url.removeprefix("http://")}), scheme="http"
    )
    provider = PayPalProvider(line, ByCertificate(WEBHOOK_ID, certificates), clock=clock, brand="Solvent")
    peer.book.undelivered.clear()
    peer.book.changes_no_waiting_order, peer.book.refusing = False, None
    peer.book.events.clear()
    peer.book.disputes.clear()
    line.get("/v2/checkout/orders/NONE")  # so that the access token is there, and faults meet what is tested
    yield World(peer, wire, line, provider, clock)
    line.close()
    faults, peer.witness.faults = peer.witness.faults, []
    assert faults == []


@pytest.fixture
def by_api(world: World) -> PayPalProvider:
    """PayPal that is asked about each notification."""
    return PayPalProvider(world.line, ByApi(WEBHOOK_ID, world.line), clock=world.clock, brand="Solvent")
