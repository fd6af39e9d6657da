"""Snapshot: all stores' opinions about one account, from one consistent read.

Owns these values, and the words for how an account stands. Does not own the reading (the store's) nor what is concluded
from it (`health`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from solvent.core.account import Account, CollectionMethod
from solvent.core.consequence import Consequence
from solvent.core.credit import CreditGrant, OwedLine, balance
from solvent.core.dispute import Dispute
from solvent.core.drift import Witness
from solvent.core.entitlement import Grant
from solvent.core.invoice import Invoice
from solvent.core.owed import InEffect, UnderWay
from solvent.core.payment import FailureCause
from solvent.core.standstill import Outage
from solvent.core.subscription import Subscription
from solvent.core.valves import Hold


class Standing(StrEnum):
    """How an account stands with what it owes; CLOSED is one that was closed and owes nothing."""

    GOOD = "good"
    GRACE = "grace"
    PAST_DUE = "past_due"
    RESTRICTED = "restricted"
    SUSPENDED = "suspended"
    BAD_DEBT = "bad_debt"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """What was tried on one open invoice: how many attempts failed, the last one's cause and time (UTC), and
    whether one is in flight. The renewal or finalisation that issued the invoice counts as the first. `methods` are
    those with which it failed, other than by an outage, since they came into use, and `provider` that of the last.
    `newest_method` is when a usable method last came into use (UTC). `outages` are those that they met.
    `paying` are those in flight."""

    failures: int = 0
    last_cause: FailureCause | None = None
    last_at: datetime | None = None
    in_flight: bool = False
    newest_method: datetime | None = None
    methods: tuple[UUID, ...] = ()
    provider: str | None = None
    outages: tuple[Outage, ...] = ()
    paying: tuple[UnderWay, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What else dunning knows of an open invoice: the `product` that it is mostly for, those whose usage crossed a
    threshold (`beyond`), and the rungs that were told (`noticed`)."""

    product: str | None = None
    beyond: tuple[str, ...] = ()
    noticed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All stores' opinions about one account, from one consistent read.

    `open_invoices` come in the order in which they are collected. `standing`, `recheck_at` and `debt` are as they were
    last recorded; a `debt` of None was not read and is not compared. `disputes` are those that are not decided,
    `disputed` what was last recorded of them. `owed_lines` are the lines of the open invoices of whoever has credit;
    `reserved` are grants with an expiry that an attempt in flight counts on. `witness` is what the database says
    beside all this; None: it was not asked. `forged`: the measures `in_effect` are not those that were decided.
    `holds` are those that nobody has released, `withheld` what the last verdict withheld, with the reasons. `permits`
    are for consequences that have a cap: drawn for this one verdict, never read. `under_way` are the payments of
    whoever owes that are no payments of a debt.
    """

    account: Account
    subscriptions: tuple[Subscription, ...]
    methods: tuple[CollectionMethod, ...]
    open_invoices: tuple[Invoice, ...]
    tries: Mapping[UUID, Tries]
    grants: tuple[Grant, ...]
    credit_grants: tuple[CreditGrant, ...]
    standing: Standing | None
    recheck_at: datetime | None
    debt: Mapping[str, int] | None = None
    disputes: tuple[Dispute, ...] = ()
    about: Mapping[UUID, About] = field(default_factory=dict)
    in_effect: tuple[InEffect, ...] = ()
    disputed: Mapping[str, int] = field(default_factory=dict)
    owed_lines: Mapping[UUID, tuple[OwedLine, ...]] = field(default_factory=dict)
    reserved: frozenset[UUID] = frozenset()
    witness: Witness | None = None
    forged: bool = False
    holds: tuple[Hold, ...] = ()
    withheld: tuple[str, ...] = ()
    permits: frozenset[Consequence] = frozenset()
    under_way: tuple[UnderWay, ...] = ()

    @property
    def credit(self) -> int:
        """What is left of the grants, in minor units."""
        return balance(self.credit_grants)
