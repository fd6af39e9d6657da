"""Customers: telling a provider that keeps customers who ours are now.

Owns which events say that one may be behind: somebody is called otherwise, or has left a method and is known there
since. What is told is read from what is stored, not from the event. It is a sink of the relay, whose cursor makes it
durable, as with copies of subscriptions (`copies`). Does not own the pauses (`relay`) nor what the provider does
(`ports.customers`).
"""

import logging
from collections.abc import Callable, Sequence
from uuid import UUID

from solvent.core.account import Account
from solvent.core.ids import spell
from solvent.flows.platform import Platform
from solvent.ports.customers import Customer, CustomerKeeper, CustomerRefused
from solvent.ports.provider import ProviderDown, ProviderSilent
from solvent.providers.boundary import Boundary
from solvent.relay import SinkFailed
from solvent.store.outbox import Published

log = logging.getLogger(__name__)

TOLD = frozenset({"name", "email"})
Find = Callable[[UUID], Account | None]


def customer_sinks(platform: Platform, find: Find) -> "list[CustomerSink]":
    """One for each provider that keeps customers; `find` reads an account."""
    providers = ((name, platform.providers.get(name)) for name in platform.providers.names())
    keepers = [(name, one.customers) for name, one in providers if isinstance(one, Boundary)]
    return [CustomerSink(name, keeper, find) for name, keeper in keepers if keeper is not None]


class CustomerSink:
    """Makes the customers at one provider, by its `name`, what our accounts are called."""

    def __init__(self, name: str, keeper: CustomerKeeper, find: Find) -> None:
        self._provider = name
        self.name = f"{name}-customers"
        self._keeper = keeper
        self._find = find

    def deliver(self, events: Sequence[Published]) -> None:
        """Tell of every account that one of the events is about, once."""
        for account_id in dict.fromkeys(event.account_id for event in events if self._tells(event)):
            self._tell(account_id)

    def _tells(self, event: Published) -> bool:
        match event.type:
            case "account.profile_changed":
                return not TOLD.isdisjoint(event.data["fields"])
            case "method.added":
                return bool(event.data["provider"] == self._provider)
            case _:
                return False

    def _tell(self, account_id: UUID) -> None:
        account = self._find(account_id)
        if account is None:  # it was erased since: nothing of it is ours
            return
        try:
            self._keeper.keep_customer(
                Customer(account_id=account_id, name=account.name, email=account.email)
            )
        except (
            CustomerRefused
        ) as refusal:  # nobody else waits for it, and the account's next event asks again
            log.warning("%s: %s is not told: %s", self.name, spell("acc", account_id), refusal)
        except (ProviderDown, ProviderSilent) as fault:
            raise SinkFailed(str(fault)) from fault
