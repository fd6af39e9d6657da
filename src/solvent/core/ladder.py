"""Ladder: what follows from an unpaid invoice as it grows older, as data.

Owns the values (measure, rung, ladder, special retries) and which ladder answers for an invoice. Does not own what is
in effect for an account (`dunning`), the rules that a policy must keep (`policy_rules`), nor its file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from solvent.core.payment import CauseClass, FailureCause


class Measure(StrEnum):
    """What an unpaid account may not do or have any more. BAN is never on a rung: it comes with giving up."""

    RESTRICT = "restrict"
    SUSPEND_USAGE = "suspend_usage"
    SUSPEND_PRODUCT = "suspend_product"
    DOWNGRADE = "downgrade"
    GIVE_UP = "give_up"
    BAN = "ban"


RUNG_MEASURES = frozenset({Measure.RESTRICT, Measure.SUSPEND_USAGE, Measure.DOWNGRADE, Measure.GIVE_UP})


class Scope(StrEnum):
    """What a measure touches: all that the account has, or the subscription that the invoice is for."""

    ACCOUNT = "account"
    SUBSCRIPTION = "subscription"


class Lift(StrEnum):
    """What must be paid until a measure is over: all that is due, or what brought it about."""

    ALL = "all"
    ONE = "one"


class Unpaid(StrEnum):
    """What an upgrade may do while the account is restricted."""

    REFUSED = "refused"
    ALLOWED = "allowed"


class Fate(StrEnum):
    """What becomes of a debt that was given up: it stays owed, or a credit note forgives it."""

    OWED = "owed"
    FORGIVEN = "forgiven"


class Channel(StrEnum):
    """How a notice goes out."""

    EMAIL = "email"
    PORTAL = "portal"
    WEBHOOK = "webhook"
    FINANCE = "finance"


class Ends(StrEnum):
    """Where a ladder leads that gives nothing up: to people of the merchant, or nowhere, on purpose."""

    FINANCE = "finance"
    OPEN = "open"


class Trouble(StrEnum):
    """Why an invoice is unpaid: the class of its last failure, or that it was never tried."""

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    ACTION_NEEDED = "action_needed"
    OUTAGE = "outage"
    ABANDONED = "abandoned"
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """What is added `after` so long past the due date: measures, and a notice through `notify`."""

    id: str
    after: timedelta
    measures: frozenset[Measure] = frozenset()
    notify: tuple[Channel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Rungs in the order of their age, for invoices of these causes, products and amounts; empty: of all.

    `at_least` and `below` bound what was invoiced, in minor units by currency: a currency that `at_least` does not name
    is outside, one that `below` does not name is inside. A ladder that names products comes before those that do not.
    """

    id: str
    rungs: tuple[Rung, ...]
    scope: Scope = Scope.ACCOUNT
    causes: frozenset[Trouble] = frozenset()
    products: frozenset[str] = frozenset()
    at_least: Mapping[str, int] = field(default_factory=dict)
    below: Mapping[str, int] = field(default_factory=dict)
    ends: Ends | None = None

    def answers(self, trouble: Trouble, product: str | None, currency: str, amount: int) -> bool:
        """Whether it is for such an invoice, but for ladders that name its product."""
        return (
            (not self.causes or trouble in self.causes)
            and (not self.products or product in self.products)
            and (not self.at_least or amount >= self.at_least.get(currency, amount + 1))
            and (currency not in self.below or amount < self.below[currency])
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A retry schedule for some causes (or classes of them), with some providers (empty: all).

    After each of `waits` comes the first day that is one of `weekdays` (0: Monday) or `paydays` (of the month; 31 is
    the last), at `hour` of the account's time zone; a day that is one already is kept as it is.
    """

    causes: frozenset[CauseClass | FailureCause]
    waits: tuple[timedelta, ...]
    providers: frozenset[str] = frozenset()
    weekdays: frozenset[int] = frozenset()
    paydays: frozenset[int] = frozenset()
    hour: int = 9


def chosen(
    ladders: tuple[Ladder, ...], trouble: Trouble, product: str | None, currency: str, amount: int
) -> tuple[Ladder, ...]:
    """The ladders that answer for such an invoice: one, where the policy is sound."""
    fitting = [ladder for ladder in ladders if ladder.answers(trouble, product, currency, amount)]
    special = [ladder for ladder in fitting if ladder.products]
    return tuple(special or fitting)
