"""Transfers: recording the money that a change waits for.

Owns how the request becomes one flow, and what it answers. Does not own what the money commits (`flows.transfers`).
"""

from solvent.core.plan import Refusal
from solvent.flows.transfers import receive
from solvent.ports.transfers import Arrived
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.handlers.changes import view_of
from solvent.web.handlers.shared import refusal_problem
from solvent.web.money_bodies import TransferBody


def receive_transfer(call: Call) -> Reply:
    """Record money under its reference, and say how the change then stands."""
    body: TransferBody = call.body
    attempt_id = public_id("att", call.path["change_id"], "change_id")
    arrived = Arrived(
        reference=body.reference, amount=body.amount, received_at=body.received_at, recorded_at=call.now
    )
    attempt = receive(call.solvent.platform, attempt_id, arrived, call.now)
    if isinstance(attempt, Refusal):
        raise refusal_problem(attempt)
    return Reply(view_of(call, attempt))
