"""A play about a merchant whose account at the provider may take no payments for some hours.

Owns that play. Does not own the fault that its charge meets (`striking`).
"""

from __future__ import annotations

from datetime import timedelta

from solvent.core.invoice import Line, LineKind
from solvent.core.payment import IN_FLIGHT, AttemptState, FailureCause
from solvent.sim import Customer
from solvent.sim.stories.goods import PRO_COSTS, zone_plan
from tests.peers.stripe.server import StripeAccount
from tests.peers.stripe.state import invalid
from tests.scenarios.ground import Ground
from tests.scenarios.plays import ADVICE, Then, bought, paid_once

CLOSED_FOR = timedelta(hours=3)
BEHIND = timedelta(hours=6)  # how late Stripe's search is all the while


def is_charged_by_a_closed_merchant(on: Ground, who: Customer, *, at_first: bool) -> Then:
    """The merchant's invoice, collected without the customer; the account is closed at first, or right after that."""
    bought(who, zone_plan(who.name))
    line = Line(kind=LineKind.MANUAL, description="Advice", amount=ADVICE, explanation="as agreed")
    _close(on, closed=at_first)
    with on.struck():
        who.receive_invoice((line,))
    _close(on, closed=True)
    on.world.banks.deliveries(on.world.now)  # what would tell of a payment is lost
    on.world.until(on.world.now + CLOSED_FOR)
    open_ones = [one for one in who.attempts() if one.state in IN_FLIGHT]
    assert open_ones == [], "a refused charge is decided"
    _close(on, closed=False)
    paid = paid_once(who, PRO_COSTS, ADVICE)

    def judged() -> None:
        paid()
        causes = {one.cause for one in who.attempts() if one.state is AttemptState.FAILED}
        assert causes <= {FailureCause.PROVIDER_UNAVAILABLE}

    return judged


def _close(on: Ground, *, closed: bool) -> None:
    if isinstance(on.room, StripeAccount):
        on.room.book.refusing = invalid("Your account cannot currently make charges.") if closed else None
        on.room.book.search_lag = BEHIND if closed else timedelta(0)
    else:
        on.room.book.refusing = "PAYEE_ACCOUNT_RESTRICTED" if closed else None
