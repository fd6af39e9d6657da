"""Scene: a story as it is told and proved, line by line.

Owns the beats of a story (what happens, the six steps, what is proved, what somebody has) and the failure of a story
that did not end as told. Does not own how beats look: the demo prints them, tests listen in silence.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from solvent.core.money import format_minor
from solvent.core.subscription import Subscription, SubscriptionState
from solvent.sim.customer import Customer
from solvent.sim.world import World


class BeatKind(StrEnum):
    """What a line of a story is."""

    STEP = "step"
    SAY = "say"
    PROVED = "proved"
    BROKEN = "broken"
    HAS = "has"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One line of a story, at its simulated moment. `label` is the step, or who has what."""

    kind: BeatKind
    at: datetime
    text: str
    label: str = ""


class NotAsTold(AssertionError):
    """A story did not end as it was told."""


STEPS = ("request", "plan", "open", "confirm", "commit", "reconcile")


class Scene:
    """What a story is given: a world of its own, and somebody who listens."""

    def __init__(self, world: World, listener: Callable[[Beat], None]) -> None:
        self.world = world
        self._listener = listener

    def say(self, text: str) -> None:
        """Something happens."""
        self._tell(BeatKind.SAY, text)

    def step(self, name: str, text: str) -> None:
        """One of the six steps happens."""
        self._tell(BeatKind.STEP, text, f"{STEPS.index(name) + 1} {name}")

    def prove(self, holds: object, text: str) -> None:
        """Something must be so; raises `NotAsTold` when it is not."""
        self._tell(BeatKind.PROVED if holds else BeatKind.BROKEN, text)
        if not holds:
            raise NotAsTold(text)

    def show(self, customer: Customer) -> None:
        """What a customer has now, and what the ledger says of it."""
        self._tell(BeatKind.HAS, possessions(customer), customer.name)
        self._tell(BeatKind.LEDGER, postings(customer), "ledger")

    def _tell(self, kind: BeatKind, text: str, label: str = "") -> None:
        self._listener(Beat(kind=kind, at=self.world.now, text=text, label=label))


def money(minor: int, currency: str = "USD") -> str:
    """An amount for people."""
    return f"{format_minor(minor, currency)} {currency}"


def possessions(customer: Customer) -> str:
    """What a customer can use now and on what ground, and what is owed or kept for the customer."""
    snapshot = customer.snapshot()
    catalog = customer.world.platform.store.catalog()
    grounds = {s.id: _ground(s) for s in snapshot.subscriptions}
    parts = [
        f"{catalog.products[g.product_id].name}{_place(g.object)}, {grounds[g.subscription_id]}"
        for g in customer.grants()
    ] or ["nothing"]
    currency = customer.account.currency
    if customer.debt():
        parts.append(f"owes {money(customer.debt(), currency)}")
    if snapshot.credit:
        parts.append(f"credit {money(snapshot.credit, currency)}")
    return " · ".join([*parts, f"standing {customer.standing().replace('_', ' ')}"])


def _ground(subscription: Subscription) -> str:
    """Why something may be used: a paid period, a trial, or grace."""
    if subscription.grace_until is not None:
        return f"on grace to {subscription.grace_until:%d %b}"
    on_trial = subscription.state is SubscriptionState.TRIALING
    return f"{'on trial' if on_trial else 'paid'} to {subscription.period.end:%d %b}"


def _place(thing: str) -> str:
    return "" if thing == "account" else f" on {thing.partition(':')[2]}"


def postings(customer: Customer) -> str:
    """The balances of a customer's postings, debits positive; they sum to zero."""
    balances = customer.ledger()
    if not balances:
        return "no posting: nothing was committed"
    return " · ".join(
        f"{name.replace('_', ' ')} {format_minor(amount, currency)}"
        for (name, currency), amount in sorted(balances.items())
    )
