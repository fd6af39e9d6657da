"""Gating: the payment-method gate in front of what is asked for.

Owns that a soft gate warns and counts. Does not own when a gate applies (`core.gate`).
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


def gated(
    platform: Platform, view: AccountView, plan: Plan, now: datetime, tx: Transaction | None = None
) -> Refusal | None:
    """The refusal of a gate that is on; None lets the plan through. It is counted within `tx`, where there is one."""
    gate = met(plan, platform.gates, has_method=bool(usable(view.methods)))
    if gate is Gate.ON:
        return refusal()
    if gate is Gate.SOFT and tx is not None:
        _let_through(tx, view, plan, now)
    elif gate is Gate.SOFT:
        with platform.store.single() as own:
            _let_through(own, view, plan, now)
    return None


def _let_through(tx: Transaction, view: AccountView, plan: Plan, now: datetime) -> None:
    log.warning(
        "account %s has no method on file; a soft gate lets its %s through", view.account.id, plan.path
    )
    tx.counts.add(Counted.GATE, plan.path, plan.intent, now)
