"""Routing: the provider that a new attempt goes to.

Owns the choice among the candidates, and that one which does not answer is passed over for as long as that lasts. An
attempt that exists stays with its provider, whatever becomes of it: its outcome may be unknown. Does not own the
merchant's routes (`core.routing`) nor when a provider counts as not answering (the boundary).
"""

from collections.abc import Sequence

from solvent.core.account import Account, CollectionMethod, usable
from solvent.core.plan import Plan, Refusal
from solvent.flows.platform import Platform


def provider_for(
    platform: Platform, account: Account, plan: Plan, asked: str | None, method: CollectionMethod | None
) -> str | Refusal:
    """Where a payment with the customer goes: to the method's provider, or the one asked for, or by the routes."""
    candidates = _candidates(platform, account, plan.currency, asked, method)
    if isinstance(candidates, Refusal):
        return candidates
    if not (plan.due or plan.needs_setup):
        return candidates[0]
    able = [name for name in candidates if _takes(platform, name, plan)]
    if not able:
        return Refusal(field="provider", rule=_rule(platform, candidates, plan))
    return next((name for name in able if _goes_to(platform, name, able)), able[0])


def method_for(
    platform: Platform, methods: tuple[CollectionMethod, ...], currency: str
) -> CollectionMethod | None:
    """The first usable method of a provider that charges that currency without the customer; one whose provider does
    not answer only when there is no other."""
    able = [method for method in usable(methods) if _charges(platform, method.provider, currency)]
    answering = (method for method in able if platform.providers.answers(method.provider))
    return next(answering, able[0] if able else None)


def _candidates(
    platform: Platform, account: Account, currency: str, asked: str | None, method: CollectionMethod | None
) -> Sequence[str] | Refusal:
    configured = platform.providers.names()
    there = platform.routing.candidates(account, currency, configured)
    if method is not None:
        there = tuple(name for name in configured if name == method.provider)
    if not there:
        return Refusal(
            field="provider", rule=f"must be one that serves this account in {currency}: there is none"
        )
    if asked is not None and method is None:
        return (
            (asked,)
            if asked in there
            else Refusal(field="provider", rule=f"must be one of {', '.join(there)}")
        )
    return there


def _goes_to(platform: Platform, name: str, able: Sequence[str]) -> bool:
    """Whether a payment may go there: nobody is sent to the bank because a card provider does not answer."""
    meant = name == able[0] or not platform.providers.get(name).capabilities.recorded
    return meant and platform.providers.answers(name)


def _takes(platform: Platform, name: str, plan: Plan) -> bool:
    can = platform.providers.get(name).capabilities
    return can.takes(plan.currency) and (plan.due == 0 or plan.due >= can.least(plan.currency))


def _rule(platform: Platform, candidates: Sequence[str], plan: Plan) -> str:
    """Why none of them takes it: the currency, or an amount below the least that is charged."""
    takers = [platform.providers.get(name).capabilities for name in candidates]
    least = [can.least(plan.currency) for can in takers if can.takes(plan.currency)]
    if not least:
        return f"must be one that takes {plan.currency}"
    return f"must be one that takes less than {min(least)} minor units of {plan.currency}"


def _charges(platform: Platform, name: str, currency: str) -> bool:
    if name not in platform.providers.names():
        return False
    can = platform.providers.get(name).capabilities
    return can.off_session and can.takes(currency)
