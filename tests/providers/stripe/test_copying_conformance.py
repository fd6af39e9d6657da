"""Stripe with subscriptions of its own passes the conformance kit too: every payment with the payer begins one."""

from collections.abc import Iterator

import pytest

from solvent.providers.conformance import (
    Abilities,
    Basics,
    Brought,
    Causes,
    Challenges,
    Customers,
    Disputes,
    Expiries,
    Notifications,
    Outages,
    Refunds,
    Statements,
)
from tests.peers.stripe import StripePeer
from tests.providers.clock import Clock
from tests.providers.stripe.stage import CopyingStage
from tests.providers.wire import Wire


@pytest.fixture
def stage(peer: StripePeer, clock: Clock) -> Iterator[CopyingStage]:
    """The adapter over a wire that may fail."""
    wire = Wire(peer.server.address)
    yield CopyingStage(peer, wire, clock)
    wire.close()


class TestCopying(
    Abilities,
    Basics,
    Brought,
    Causes,
    Challenges,
    Customers,
    Disputes,
    Expiries,
    Notifications,
    Outages,
    Refunds,
    Statements,
):
    """Cards and wallets."""
