"""Ways: how a customer who is present can pay for a plan.

Owns the list, out of what is on file and what the providers can do that serve the account. Does not own the order
(`core.way`), nor the routes (`core.routing`).
"""

from collections.abc import Iterator

from solvent.core.account import CollectionMethod, MethodState
from solvent.core.expiry import labelled
from solvent.core.plan import Plan
from solvent.core.way import DEBITED, METHOD_KINDS, Way, WayKind, in_order
from solvent.flows.platform import Platform
from solvent.flows.routing import able_for, takes
from solvent.ports.store import AccountView

CARD = "card"  # as adapters call the kind of a method


def ways_to_pay(platform: Platform, view: AccountView, plan: Plan) -> tuple[Way, ...]:
    """What may be chosen, what suits the account best first; none at all where no provider takes it."""
    if not plan.due and not plan.needs_setup:
        return (Way(kind=WayKind.NONE),)
    saved = [_saved(method) for method in _on_file(platform, view, plan)]
    return in_order([*saved, *_anew(platform, view, plan)], view.account)


def _on_file(platform: Platform, view: AccountView, plan: Plan) -> list[CollectionMethod]:
    """The methods that can pay it, in the order in which they are tried."""
    there = platform.providers.names()
    usable = [m for m in view.methods if m.state is MethodState.ACTIVE and m.provider in there]
    able = [m for m in usable if takes(platform, m.provider, plan, m.kind)]
    return sorted(able, key=lambda m: (m.priority, m.id))


def _saved(method: CollectionMethod) -> Way:
    kind = WayKind.SAVED_CARD if method.kind == CARD else WayKind.SAVED
    return Way(kind=kind, provider=method.provider, method_id=method.id, label=labelled(method))


def _anew(platform: Platform, view: AccountView, plan: Plan) -> Iterator[Way]:
    """Each kind once, by the first provider that has it."""
    for kind, method_kind in METHOD_KINDS.items():
        if kind is WayKind.BANK_DEBIT and plan.currency not in DEBITED:
            continue
        able = able_for(platform, view.account, plan, method_kind)
        name = next((name for name in able if _offers(platform, name, kind)), None)
        if name is not None:
            yield Way(kind=kind, provider=name, label=kind.replace("_", " "))


def _offers(platform: Platform, name: str, kind: WayKind) -> bool:
    return kind in platform.providers.get(name).capabilities.ways
