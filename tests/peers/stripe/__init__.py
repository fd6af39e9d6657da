"""A small faithful Stripe on the loopback interface: stateful, with its errors, keys, test methods and signatures."""

from tests.peers.stripe.server import StripePeer

__all__ = ["StripePeer"]
