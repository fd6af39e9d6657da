"""Copies: telling a provider that keeps subscriptions of its own how ours are now.

Owns which events say that a copy may be behind, and that each is caught up with from what is stored, not from the
event. It is a sink of the relay, whose cursor makes it durable: what was not told is told again, after any crash. Does
not own the pauses (`relay`) nor what the provider does (`ports.copies`).
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from solvent.core.ids import spell
from solvent.core.recurring import recurring
from solvent.flows.platform import Platform
from solvent.ports.copies import CopyRefused, Keeper
from solvent.ports.provider import ProviderDown, ProviderSilent
from solvent.ports.store import Store
from solvent.providers.boundary import Boundary
from solvent.relay import SinkFailed
from solvent.store.outbox import Published

log = logging.getLogger(__name__)

FOLLOWED = ("subscription.", "payment.stranded")  # by how their types begin


def copy_sinks(platform: Platform, clock: Callable[[], datetime]) -> "list[CopySink]":
    """One for each provider that keeps subscriptions of its own."""
    providers = ((name, platform.providers.get(name)) for name in platform.providers.names())
    keepers = [(name, one.keeper) for name, one in providers if isinstance(one, Boundary)]
    return [CopySink(name, keeper, platform.store, clock) for name, keeper in keepers if keeper is not None]


class CopySink:
    """Makes the copies at one provider, by its `name`, what our subscriptions are."""

    def __init__(self, name: str, keeper: Keeper, store: Store, clock: Callable[[], datetime]) -> None:
        self.name = f"{name}-subscriptions"
        self._keeper = keeper
        self._store = store
        self._clock = clock

    def deliver(self, events: Sequence[Published]) -> None:
        """Catch up with every account that one of the events is about."""
        behind = dict.fromkeys(event.account_id for event in events if event.type.startswith(FOLLOWED))
        for account_id in behind:
            self._catch_up(account_id)

    def _catch_up(self, account_id: UUID) -> None:
        with self._store.look() as tx:
            view = tx.accounts.view(account_id)
        if view is None:  # it was merged or erased since: nothing of it is ours
            return
        catalog = self._store.catalog([i.price_id for s in view.subscriptions for i in s.items])
        moment = view.account.moment(self._clock())
        live = [recurring(subscription, catalog, moment) for subscription in view.subscriptions]
        try:
            self._keeper.keep(account_id, live)
        except CopyRefused as refusal:  # nobody else waits for it, and the account's next event asks again
            log.warning("%s: %s is not copied: %s", self.name, spell("acc", account_id), refusal)
        except (ProviderDown, ProviderSilent) as fault:
            raise SinkFailed(str(fault)) from fault
