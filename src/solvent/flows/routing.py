"""Routing: the provider that a new attempt goes to.

Owns the choice among the candidates, and that one which does not answer is passed over for as long as that lasts. An
attempt that exists stays with its provider, whatever becomes of it: its outcome may be unknown. Does not own the
merchant's routes (`core.routing`) nor when a provider counts as not answering (the boundary).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from solvent.core.account import Account, CollectionMethod, usable
from solvent.core.payment import Authentication
from solvent.core.plan import Plan, Refusal
from solvent.flows.platform import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the customer wants to pay: with a stored `method`; or with one that is brought, of a `kind`, at a
    `provider`. None leaves it open."""

    provider: str | None = None
    kind: str | None = None
    method: CollectionMethod | None = None

    @property
    def pays_by(self) -> str | None:
        """The kind of method that pays, as far as that is chosen."""
        return self.kind if self.method is None else self.method.kind


def provider_for(platform: Platform, account: Account, plan: Plan, wish: Wish) -> str | Refusal:
    """Where a payment with the customer goes: to the method's provider, or the one asked for, or by the routes."""
    candidates = _candidates(platform, account, plan.currency, wish)
    if isinstance(candidates, Refusal):
        return candidates
    if not (plan.due or plan.needs_setup):
        return candidates[0]
    able = [name for name in candidates if takes(platform, name, plan, wish.pays_by)]
    if not able:
        return _refusal(platform, candidates, plan, wish)
    return next((name for name in able if _goes_to(platform, name, able)), able[0])


def method_for(
    platform: Platform, methods: tuple[CollectionMethod, ...], currency: str
) -> CollectionMethod | None:
    """The first usable method of a provider that charges that currency without the customer; one whose provider does
    not answer only when there is no other."""
    able = [method for method in usable(methods) if _charges(platform, method.provider, currency)]
    answering = (method for method in able if platform.providers.answers(method.provider))
    return next(answering, able[0] if able else None)


def able_for(platform: Platform, account: Account, plan: Plan, kind: str) -> Sequence[str]:
    """The providers that a customer who is present can choose for a payment by that kind of method, the preferred one
    first: they serve the account, take the amount, and answer; those that do not only when there is no other."""
    served = platform.routing.candidates(account, plan.currency, platform.providers.names(), kind)
    able = [name for name in served if takes(platform, name, plan, kind)]
    return [name for name in able if platform.providers.answers(name)] or able


def _candidates(platform: Platform, account: Account, currency: str, wish: Wish) -> Sequence[str] | Refusal:
    if wish.method is not None:
        return _holder(platform, wish.method, wish.kind)
    there = _serving(platform, account, currency, wish.kind)
    if not there and wish.kind is not None:
        kinds = _kinds(platform, account, currency)
        if kinds:
            return Refusal(field="method_kind", rule=f"must be one of {', '.join(kinds)}")
    if not there:
        return Refusal(
            field="provider", rule=f"must be one that serves this account in {currency}: there is none"
        )
    if wish.provider is not None:
        return (
            (wish.provider,)
            if wish.provider in there
            else Refusal(field="provider", rule=f"must be one of {', '.join(there)}")
        )
    return there


def _holder(platform: Platform, method: CollectionMethod, kind: str | None) -> Sequence[str] | Refusal:
    """The provider of a stored method: nobody else can charge it."""
    if kind is not None:
        return Refusal(field="method_kind", rule="must be left out where a stored method is named")
    if method.provider not in platform.providers.names():
        return Refusal(
            field="method_id", rule=f"must be of a provider that is configured: {method.provider} is not"
        )
    return (method.provider,)


def _serving(platform: Platform, account: Account, currency: str, kind: str | None) -> Sequence[str]:
    """The providers that the routes name and to which that kind of method can be brought."""
    routed = platform.routing.candidates(account, currency, platform.providers.names(), kind)
    return [name for name in routed if platform.providers.get(name).capabilities.brings(kind)]


def _kinds(platform: Platform, account: Account, currency: str) -> Sequence[str]:
    """The kinds of methods that somebody serves for the account."""
    there = platform.routing.candidates(account, currency, platform.providers.names())
    said = {kind for name in there for kind in platform.providers.get(name).capabilities.kinds or ()}
    return sorted(kind for kind in said if _serving(platform, account, currency, kind))


def _goes_to(platform: Platform, name: str, able: Sequence[str]) -> bool:
    """Whether a payment may go there: nobody is sent to the bank because a card provider does not answer."""
    meant = name == able[0] or not platform.providers.get(name).capabilities.recorded
    return meant and platform.providers.answers(name)


def takes(platform: Platform, name: str, plan: Plan, kind: str | None) -> bool:
    """Whether that provider moves what is due, in its currency, or where nothing is due, confirms a mandate; and
    authenticates the payer by that kind of method, where what is bought demands it."""
    able = _moves(platform, name, plan)
    return able and (not _demanding(plan) or platform.providers.get(name).capabilities.authenticates(kind))


def _moves(platform: Platform, name: str, plan: Plan) -> bool:
    can = platform.providers.get(name).capabilities
    return can.takes(plan.currency) and (plan.due >= can.least(plan.currency) if plan.due else can.mandates)


def _demanding(plan: Plan) -> bool:
    return plan.authentication is Authentication.REQUIRED


def _refusal(platform: Platform, candidates: Sequence[str], plan: Plan, wish: Wish) -> Refusal:
    """None of them takes it: for what it is, or because the payer could not be authenticated so."""
    if not any(_moves(platform, name, plan) for name in candidates):
        return Refusal(field="provider", rule=_rule(platform, candidates, plan))
    rule = "with which the payer is authenticated on demand: what is bought requires it"
    if wish.method is not None:
        return Refusal(field="method_id", rule=f"must be a method {rule}")
    if wish.kind is not None:
        return Refusal(field="method_kind", rule=f"must be a kind {rule}")
    return Refusal(field="provider", rule=f"must be one {rule}")


def _rule(platform: Platform, candidates: Sequence[str], plan: Plan) -> str:
    """Why none of them takes it: the currency, an amount below the least that is charged, or a mandate that nobody
    confirms there."""
    takers = [platform.providers.get(name).capabilities for name in candidates]
    least = [can.least(plan.currency) for can in takers if can.takes(plan.currency)]
    if not least:
        return f"must be one that takes {plan.currency}"
    if not plan.due:
        return "must be one with which a mandate for later charges can be confirmed"
    return f"must be one that takes less than {min(least)} minor units of {plan.currency}"


def _charges(platform: Platform, name: str, currency: str) -> bool:
    if name not in platform.providers.names():
        return False
    can = platform.providers.get(name).capabilities
    return can.off_session and can.takes(currency)
