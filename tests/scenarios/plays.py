"""Plays about paying: what somebody does so that our flows make one call, and what must come of it.

A play prepares itself over a wire that is whole, does one thing while its call is struck, goes on as a patient customer
would, and hands back what must be true when everything has come to rest. Owns those of opening, confirming, charging,
giving up, hearing, and of stored methods. Does not own what comes after a payment (`later_plays`) nor the table of all
(`striking`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from solvent.core.attempt import Attempt
from solvent.core.invoice import Line, LineKind
from solvent.core.payment import AttemptState
from solvent.core.request import Change
from solvent.flows import vault
from solvent.flows.importing import Agreement, ImportState, import_method
from solvent.ports.provider import ProviderDown, ProviderSilent
from solvent.providers.paypal.requests import vault_customer
from solvent.sim import Customer
from solvent.sim.customer import Refused
from solvent.sim.played import NotPlayed
from solvent.sim.stories.goods import (
    BUSINESS,
    BUSINESS_COSTS,
    CHALLENGED,
    MASTERCARD,
    PRO,
    PRO_COSTS,
    PRO_TRIAL,
    VISA,
    zone_plan,
)
from tests.peers.stripe.server import StripeAccount
from tests.scenarios.ground import Ground

TRIES_MAX = 6
ADVICE = 1_500

Then = Callable[[], None]


def bought(who: Customer, change: Change, number: str = VISA, key: str = "buy") -> Attempt:
    """A page that is reloaded until it is done."""
    attempt = asked(who, change, key)
    for _ in range(TRIES_MAX):
        if attempt.state is AttemptState.REQUIRES_ACTION:
            with suppress(NotPlayed):  # approved before, and the shop does not know it yet
                attempt = who.complete(attempt, number)
        elif attempt.in_flight:
            attempt = who.confirm(attempt, number) if attempt.ref else asked(who, change, key)
    return attempt


def asked(who: Customer, change: Change, key: str) -> Attempt:
    """Asked for until nothing is in the way any more."""
    for _ in range(TRIES_MAX):
        with suppress(Refused):
            return who.open(change, key=key)
    return who.open(change, key=key)


def paid_once(who: Customer, *amounts: int) -> Then:
    """The customer has been charged so much, each amount once, and has something for it."""

    def judged() -> None:
        charged = sorted(row.amount for row in who.charges())
        assert charged == sorted(amounts), f"{who.name} was charged {charged}"
        assert who.subscriptions(), f"{who.name} has nothing"

    return judged


def opens(on: Ground, who: Customer) -> Then:
    with on.struck():
        attempt = asked(who, zone_plan(who.name), "buy")
    assert attempt.in_flight
    bought(who, zone_plan(who.name))
    return paid_once(who, PRO_COSTS)


def confirms(on: Ground, who: Customer) -> Then:
    attempt = who.open(zone_plan(who.name), key="buy")
    with on.struck():
        attempt = who.complete(attempt, VISA)
    bought(who, zone_plan(who.name))
    return paid_once(who, PRO_COSTS)


def sets_up(on: Ground, who: Customer) -> Then:
    with on.struck():
        asked(who, zone_plan(who.name, PRO_TRIAL), "try")
    bought(who, zone_plan(who.name, PRO_TRIAL), key="try")
    return lambda: _has_a_trial(who)


def confirms_a_setup(on: Ground, who: Customer) -> Then:
    attempt = who.open(zone_plan(who.name, PRO_TRIAL), key="try")
    with on.struck():
        who.complete(attempt, VISA)
    bought(who, zone_plan(who.name, PRO_TRIAL), key="try")
    return lambda: _has_a_trial(who)


def _has_a_trial(who: Customer) -> None:
    assert who.subscriptions()
    assert [method.off_session for method in who.snapshot().methods] == [True]
    assert who.charges() == []


def gives_up(on: Ground, who: Customer, price: str = PRO, costs: int = BUSINESS_COSTS) -> Then:
    """Another plan for the same zone takes the place of the one that was not paid yet."""
    who.open(zone_plan(who.name, price), key="first")
    with on.struck():
        asked(who, zone_plan(who.name, BUSINESS), "buy")
    bought(who, zone_plan(who.name, BUSINESS))
    return paid_once(who, costs)


def gives_up_a_setup(on: Ground, who: Customer) -> Then:
    return gives_up(on, who, PRO_TRIAL)


def is_charged(on: Ground, who: Customer) -> Then:
    """The merchant's invoice, collected without the customer."""
    bought(who, zone_plan(who.name))
    line = Line(kind=LineKind.MANUAL, description="Advice", amount=ADVICE, explanation="as agreed")
    with on.struck():
        who.receive_invoice((line,))
    return paid_once(who, PRO_COSTS, ADVICE)


def is_told_of(on: Ground, who: Customer) -> Then:
    """What is under way is heard of by notification, and asked about: 3-D Secure, or an approval."""
    attempt = who.open(zone_plan(who.name), key="buy")
    if on.name == "stripe":
        who.confirm(attempt, CHALLENGED)
    else:
        who.approve(attempt, VISA)
    with on.struck():
        on.world.work()
    bought(who, zone_plan(who.name), CHALLENGED)
    return paid_once(who, PRO_COSTS)


def is_heard(on: Ground, who: Customer) -> Then:
    bought(who, zone_plan(who.name))
    with on.struck():
        on.world.deliver()
    return paid_once(who, PRO_COSTS)


def removes_a_method(on: Ground, who: Customer) -> Then:
    bought(who, zone_plan(who.name))
    bought(who, zone_plan(f"other.{who.name}"), MASTERCARD, "other")
    gone, _ = who.snapshot().methods
    with on.struck():
        assert vault.detach(on.world.platform, who.id, gone.id, on.world.now) is None

    def judged() -> None:
        assert gone.id not in {method.id for method in who.snapshot().methods}
        paid_once(who, PRO_COSTS, PRO_COSTS)()

    return judged


def looks_at_a_method(on: Ground, who: Customer) -> Then:
    bought(who, zone_plan(who.name))
    (method,) = who.snapshot().methods
    provider = on.world.platform.providers.default
    with on.struck(), suppress(ProviderDown, ProviderSilent):
        provider.get_method(method.token)
    seen = provider.get_method(method.token)
    assert seen is not None
    assert seen.label == method.label
    return paid_once(who, PRO_COSTS)


def imports_a_method(on: Ground, who: Customer) -> Then:
    """An agreement from before becomes one method, however often it has to be named; at Stripe there are none."""
    if isinstance(on.room, StripeAccount):
        return lambda: None
    agreement = Agreement(account_id=who.id, reference=f"B-{who.id.hex.upper()}")
    on.room.book.agreements.add(agreement.reference)
    with on.struck():
        done = import_method(on.world.platform, on.name, agreement, on.world.now)
    for _ in range(TRIES_MAX):
        if done.state is ImportState.UNANSWERED:
            done = import_method(on.world.platform, on.name, agreement, on.world.now)
    vaulted = [
        token for token in on.room.book.tokens.values() if token["customer"]["id"] == vault_customer(who.id)
    ]

    def judged() -> None:
        assert done.state in (ImportState.IMPORTED, ImportState.KNOWN)
        assert len(vaulted) == len(who.snapshot().methods) == 1
        assert who.charges() == []

    return judged
