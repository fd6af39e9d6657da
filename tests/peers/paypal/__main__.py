"""Serve the peer until the end of input, e.g. for ``solvent demo --once --provider paypal``."""

import sys

from tests.peers.paypal.play import Rooms
from tests.peers.paypal.server import CLIENT_ID, SECRET, WEBHOOK_ID

rooms = Rooms()
print(
    f"export SOLVENT_PAYPAL_URL={rooms.url} SOLVENT_PAYPAL_PROOF=api SOLVENT_PAYPAL_CLIENT_ID={CLIENT_ID} "
    f"SOLVENT_PAYPAL_SECRET={SECRET} SOLVENT_PAYPAL_WEBHOOK_ID={WEBHOOK_ID}",
    flush=True,
)
sys.stdin.read()
rooms.close()
