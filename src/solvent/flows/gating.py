"""Gating: the payment-method gate in front of what is asked for.

Owns that a soft gate warns and counts, once for each attempt that it lets into the journal. Does not own when a gate
applies (`core.gate`).
"""

import logging
from datetime import datetime

from solvent.core.account import usable
from solvent.core.gate import Gate, met, refusal
from solvent.core.plan import Plan, Refusal
from solvent.flows.platform import Platform
from solvent.ports.counts import Counted
from solvent.ports.store import AccountView, Transaction

log = logging.getLogger(__name__)


def gated(platform: Platform, view: AccountView, plan: Plan) -> Refusal | None:
    """The refusal of a gate that is on; None lets the plan through."""
    return refusal() if _met(platform, view, plan) is Gate.ON else None


def lets_through(platform: Platform, view: AccountView, plan: Plan) -> bool:
    """Whether a soft gate lets the plan through, which is then to be counted."""
    return _met(platform, view, plan) is Gate.SOFT


def let_through(tx: Transaction, view: AccountView, plan: Plan, now: datetime) -> None:
    """Count what a soft gate has let through, with the attempt: whoever asks again makes none."""
    log.warning(
        "account %s has no method on file; a soft gate lets its %s through", view.account.id, plan.path
    )
    tx.counts.add(Counted.GATE, plan.path, plan.intent, now)


def _met(platform: Platform, view: AccountView, plan: Plan) -> Gate:
    return met(plan, platform.gates, has_method=bool(usable(view.methods)))
