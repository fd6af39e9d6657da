"""What a look at a collection method writes: how it now is, and that its customer is told before it ends.

Owns the transaction. Does not own what follows from a look (`core.expiry`), nor asking the provider (`expiring`).
"""

from dataclasses import replace
from datetime import datetime

from solvent.core.account import CollectionMethod, MethodState
from solvent.core.events import Event
from solvent.core.expiry import expired, look
from solvent.core.messages import Message, of_expiry
from solvent.core.method_events import MethodExpiring, MethodUpdated
from solvent.core.payment import MethodSeen
from solvent.flows.platform import Platform, traced
from solvent.ports.store import AccountView


@traced("record_look")
def record_look(platform: Platform, method: CollectionMethod, seen: MethodSeen | None, now: datetime) -> None:
    """Record a method as its provider has told of it (None: nothing), with what follows. An account that owes is
    recomputed: another method may be tried, and what it says of this one is evidence."""
    catalog = platform.store.catalog()
    with platform.settlements.begin() as tx:
        held = tx.books.hold_method(method)
        view = tx.accounts.view(method.account_id)
        if held is None or view is None or held[0].state is not MethodState.ACTIVE:
            return
        known, told = held
        after = known if seen is None else replace(known, label=seen.label, expires_on=seen.expires_on)
        moment = view.account.moment(now)
        notice = platform.policy_of(view.account, catalog, moment).expiry
        found = look(
            after,
            told,
            needed=_needed(view),
            notice=notice,
            time_zone=view.account.time_zone,
            moment=moment,
        )
        events: list[Event] = []
        if after != known:
            events.append(MethodUpdated(method_id=after.id, label=after.label, expires_on=after.expires_on))
        messages: list[Message] = []
        if found.tell:
            assert after.expires_on is not None, "what does not end is not told of"
            assert notice is not None, "nobody is told of without a policy"
            told = after.expires_on
            events.append(MethodExpiring(method_id=after.id, label=after.label, expires_on=told))
            messages = list(of_expiry(after, notice))
        tx.books.looked(after, told, found.again_at, (events, messages), moment)
        if view.open_invoices and (after != known or expired(after, view.account.time_zone, moment)):
            tx.queue.mark([after.account_id], "methods", now)


def _needed(view: AccountView) -> bool:
    """Whether there is anything that a method is needed for."""
    goes_on = any(s.pending is None or not s.pending.cancel for s in view.subscriptions)
    return goes_on or bool(view.open_invoices)
