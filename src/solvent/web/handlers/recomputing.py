"""Recomputing: one account on demand.

Owns the mark and the recompute that a request asks for. Does not own the recompute (`flows.recompute`) nor the picture
that is the answer (`state`).
"""

from solvent.core.ids import bucket_of
from solvent.flows.recompute import recompute
from solvent.web.decoding import public_id
from solvent.web.endpoint import Call, Reply
from solvent.web.handlers.state import state
from solvent.web.problems import not_found


def recompute_now(call: Call) -> Reply:
    """Assess one account whole and apply what follows, at the present of its own clock."""
    account_id = public_id("acc", call.path["account_id"], "account_id")
    platform = call.solvent.platform
    with platform.store.single() as tx:
        try:
            moment = tx.queue.ask(account_id, "asked for", call.now)
        except LookupError:
            raise not_found("account", call.path["account_id"]) from None
    recompute(platform, bucket_of(account_id), moment, 1, account_id, wall=call.now)
    return state(call)
