"""Platform: everything that a flow needs from outside, as one value.

Owns nothing but the grouping, the one place where a provider's silence becomes an outcome, and how a flow tells whoever
watches that it is under way.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from solvent.core.account import Account
from solvent.core.card_testing import MOST, Most
from solvent.core.catalog import Catalog
from solvent.core.gate import OPEN, Gates
from solvent.core.payment import Outcome, Report
from solvent.core.policy import Policy
from solvent.core.proration import Convention
from solvent.core.routing import EVERYBODY, Routing
from solvent.flows.actions import Actions
from solvent.ports.bot_check import BotCheck
from solvent.ports.provider import ProviderDown, ProviderSilent
from solvent.ports.registrar import Registrar
from solvent.ports.store import Settlements, Store
from solvent.ports.telemetry import SILENCE, Telemetry
from solvent.ports.world import PLAIN, Addresses, Ids, Providers, Spread

R = TypeVar("R", bound=Report | None)
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What wiring hands to the flows. `settlements` is for the settle flow alone.

    `outages` is what a store raises that is away or too busy: then no entry of a batch is at fault.
    """

    store: Store
    settlements: Settlements
    providers: Providers
    ids: Ids
    spread: Spread
    policy: Policy
    convention: Convention
    registrar: Registrar
    bot_check: BotCheck
    routing: Routing = EVERYBODY
    gates: Gates = field(default_factory=lambda: OPEN)
    most_tries: Most = MOST
    outages: tuple[type[Exception], ...] = ()
    telemetry: Telemetry = SILENCE
    addresses: Addresses = PLAIN
    actions: Actions = field(default_factory=Actions)

    def refunds_in_parts(self, provider: str) -> bool:
        """Whether it gives payments back in parts; one that is not configured any more is not known to refuse."""
        there = provider in self.providers.names()
        return not there or self.providers.get(provider).capabilities.partial_refunds

    def policy_of(self, account: Account, catalog: Catalog, moment: datetime) -> Policy:
        """The policy that holds for an account at a moment of its own clock."""
        return catalog.policies.policy(self.policy, account.segment, moment)


def ask(key: UUID, call: Callable[[], R]) -> R | Report:
    """A provider's answer about attempt `key`; UNKNOWN when there is none, whether or not it was reached.

    Not reached is unknown too: the attempt stays as it is and the janitor asks again with the same key.
    """
    try:
        return call()
    except (ProviderSilent, ProviderDown):
        return Report(outcome=Outcome.UNKNOWN, key=key)


def traced(
    name: str,
) -> Callable[[Callable[Concatenate[Platform, P], T]], Callable[Concatenate[Platform, P], T]]:
    """A flow that is told of, as `flow.` and this name, for as long as it is under way."""

    def told(flow: Callable[Concatenate[Platform, P], T]) -> Callable[Concatenate[Platform, P], T]:
        span = f"flow.{name}"

        @wraps(flow)
        def run(platform: Platform, /, *args: P.args, **kwargs: P.kwargs) -> T:
            with platform.telemetry.span(span):
                return flow(platform, *args, **kwargs)

        return run

    return told
