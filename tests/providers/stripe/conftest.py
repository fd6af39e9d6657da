"""Fixtures of Stripe's tests: the peer, and a stage around it, judged at the end by Stripe's own document."""

from collections.abc import Iterator

import pytest

from tests.peers.stripe import StripePeer
from tests.providers.clock import Clock
from tests.providers.stripe.stage import StripeStage
from tests.providers.wire import Wire


@pytest.fixture
def peer(clock: Clock) -> Iterator[StripePeer]:
    """A fresh Stripe; every exchange with it was as its document says."""
    peer = StripePeer(clock)
    yield peer
    peer.close()
    assert peer.witness.faults == []


@pytest.fixture
def stage(peer: StripePeer, clock: Clock) -> Iterator[StripeStage]:
    """The adapter over a wire that may fail."""
    wire = Wire(peer.server.address)
    yield StripeStage(peer, wire, clock)
    wire.close()
