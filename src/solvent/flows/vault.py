"""Vault: removing a collection method, and the order in which methods are tried.

Owns the rule about removing, and its order (forget it here first, then at the provider, which may be repeated).
Adding one is a change like any other (`change`): a method is the by-product of a confirmed payment or setup.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from solvent.core.account import usable
from solvent.core.health import restricted
from solvent.core.plan import Refusal
from solvent.flows.platform import Platform, traced
from solvent.flows.settle import detach_method, order_methods
from solvent.ports.provider import ProviderDown, ProviderSilent


@traced("detach_method")
def detach(platform: Platform, account_id: UUID, method_id: UUID, now: datetime) -> Refusal | None:
    """Remove a method; refused while it is the last usable one and something will have to be collected."""
    with platform.store.begin() as tx:
        view = tx.accounts.view(account_id)
    method = next((m for m in view.methods if m.id == method_id), None) if view else None
    if view is None or method is None:
        return Refusal(field="method_id", rule="must be a method of the account")
    if restricted((), view.measures, platform.policy, now):
        return Refusal(
            field="method_id", rule="must not be removed while debt restricts the account: pay it first"
        )
    others = [m for m in usable(view.methods) if m.id != method_id]
    if not others and (view.subscriptions or view.open_invoices):
        return Refusal(
            field="method_id", rule="must not be the last usable method while anything is to be paid"
        )
    detach_method(platform, method, now)
    try:
        platform.providers.get(method.provider).detach(method.token)
    except (ProviderSilent, ProviderDown):
        return None  # it can no longer be charged by us; the provider's copy goes with the next removal
    return None


def reorder(
    platform: Platform, account_id: UUID, method_ids: Sequence[UUID], now: datetime
) -> Refusal | None:
    """Have an account's methods tried in this order, the first of them first."""
    with platform.store.look() as tx:
        view = tx.accounts.view(account_id)
    known = () if view is None else tuple(m.id for m in view.methods)
    if sorted(known) != sorted(method_ids):
        return Refusal(field="method_ids", rule="must name every method of the account exactly once")
    if known != tuple(method_ids):
        order_methods(platform, account_id, method_ids, now)
    return None
