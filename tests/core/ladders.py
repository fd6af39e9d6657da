"""Policies of tests: one with every measure, and invoices as dunning looks at them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from solvent.core.dunning import Debts, Decision, decide
from solvent.core.ladder import Channel, Ladder, Measure, Rung, Trouble
from solvent.core.owed import InEffect, Owed
from solvent.core.policy import Policy

DAY = timedelta(days=1)
DUE = datetime(2026, 1, 1, tzinfo=UTC)
SUBSCRIPTION = UUID(int=0x51)


def rung(name: str, day: int, *measures: Measure, notify: tuple[Channel, ...] = ()) -> Rung:
    """A rung after so many days."""
    return Rung(id=name, after=day * DAY, measures=frozenset(measures), notify=notify)


LADDER = Ladder(
    id="whole",
    rungs=(
        rung("due", 0, notify=(Channel.EMAIL, Channel.PORTAL)),
        rung("restricted", 5, Measure.RESTRICT, notify=(Channel.EMAIL,)),
        rung("suspended", 10, Measure.SUSPEND_USAGE),
        rung("downgraded", 20, Measure.DOWNGRADE, notify=(Channel.EMAIL,)),
        rung("given-up", 30, Measure.GIVE_UP),
    ),
)
POLICY = Policy(ladders=(LADDER,), service=20 * DAY, free=("free",), threshold_suspends=True)


def owed(number: int = 1, due: int = 0, **other: object) -> Owed:
    """An invoice of $20.00 that fell due so many days after the first."""
    plain = Owed(
        invoice_id=UUID(int=number),
        subscription_id=SUBSCRIPTION,
        due_at=DUE + due * DAY,
        amount=2_000,
        currency="USD",
        trouble=Trouble.TRANSIENT,
    )
    return replace(plain, **other)  # type: ignore[arg-type]


def on_day(day: float, *debts: Owed, before: tuple[InEffect, ...] = (), policy: Policy = POLICY) -> Decision:
    """What is decided so many days after the first due date."""
    return decide(Debts(owed=debts, assessed_at=DUE + day * DAY, in_effect=before), policy)


def measures(decision: Decision) -> list[str]:
    """The measures in effect, in words."""
    return sorted(x.measure for x in decision.measures)
