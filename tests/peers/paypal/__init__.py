"""A local server that stands for PayPal: stateful, over real HTTP, judged by PayPal's own OpenAPI documents."""

from tests.peers.paypal.server import CLIENT_ID, SECRET, WEBHOOK_ID, PayPalPeer, ServedPeer
from tests.peers.paypal.state import Wallet

__all__ = ["CLIENT_ID", "SECRET", "WEBHOOK_ID", "PayPalPeer", "ServedPeer", "Wallet"]
