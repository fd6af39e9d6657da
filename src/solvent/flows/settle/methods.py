"""What a look at a collection method writes: how it now is, and that its customer is told before it ends.

Owns the transaction. Does not own what follows from a look (`core.expiry`), nor asking the provider (`expiring`).
"""

from datetime import datetime

from solvent.core.account import CollectionMethod, MethodState
from solvent.core.events import Event
from solvent.core.expiry import ExpiryNotice, Look, expired, look
from solvent.core.messages import Message, of_expiry
from solvent.core.method_events import MethodExpiring, MethodRenewed, MethodUpdated
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
        if held is None or view is None or held.method.state is MethodState.DETACHED:
            return
        known, after = held.method, held.seen(seen)
        moment = view.account.moment(now)
        notice = platform.policy_of(view.account, catalog, moment).expiry
        found = look(
            after,
            held.told,
            needed=_needed(view),
            notice=notice,
            time_zone=view.account.time_zone,
            moment=moment,
        )
        told = after.expires_on if found.tell else held.told
        tx.books.looked(after, told, found.again_at, _tellings(known, after, found, notice), moment)
        if view.open_invoices and (after != known or expired(after, view.account.time_zone, moment)):
            tx.queue.mark([after.account_id], "methods", now)


def _tellings(
    known: CollectionMethod, after: CollectionMethod, found: Look, notice: ExpiryNotice | None
) -> tuple[list[Event], list[Message]]:
    """What is told of a method that was `known` and is so after the look: events, and messages to its customer."""
    events: list[Event] = []
    if after != known:
        events.append(MethodUpdated(method_id=after.id, label=after.label, expires_on=after.expires_on))
    if after.state is not known.state:
        assert after.expires_on is not None, "what works longer has a last day"
        events.append(MethodRenewed(method_id=after.id, label=after.label, expires_on=after.expires_on))
    if not found.tell:
        return events, []
    assert after.expires_on is not None, "what does not end is not told of"
    assert notice is not None, "nobody is told of without a policy"
    events.append(MethodExpiring(method_id=after.id, label=after.label, expires_on=after.expires_on))
    return events, list(of_expiry(after, notice))


def _needed(view: AccountView) -> bool:
    """Whether there is anything that a method is needed for."""
    goes_on = any(s.pending is None or not s.pending.cancel for s in view.subscriptions)
    return goes_on or bool(view.open_invoices)
