"""Serve the peer until the end of input, e.g. for ``solvent demo --once --provider stripe``."""

import sys

from tests.peers.stripe.play import Rooms
from tests.peers.stripe.server import SECRET_KEY, WEBHOOK_SECRET

rooms = Rooms()
print(
    f"export SOLVENT_STRIPE_URL={rooms.url} SOLVENT_STRIPE_SECRET_KEY={SECRET_KEY} "
    f"SOLVENT_STRIPE_WEBHOOK_SECRET={WEBHOOK_SECRET}",
    flush=True,
)
sys.stdin.read()
rooms.close()
