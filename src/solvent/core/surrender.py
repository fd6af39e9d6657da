"""Surrender: what of an account ends when one of its invoices is given up, as one unit.

Owns which of its other invoices go with it, and what becomes of each subscription: those for which something is owed
and those that are paid in arrears end at once, those that are paid ahead run to the end of what was paid, and what
costs nothing stays. Does not own what is written of one invoice (`giving_up`), nor the scope that a policy names
(`dunning`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from solvent.core import events as ev
from solvent.core.account import Account
from solvent.core.catalog import Catalog
from solvent.core.crediting import Claim
from solvent.core.entitlement import entitlements
from solvent.core.facts import Booking, Desk
from solvent.core.giving_up import Surrender, book_end, book_given_up
from solvent.core.invoice import Invoice, InvoiceState
from solvent.core.ladder import Scope
from solvent.core.plan import Refusal
from solvent.core.proration import Convention
from solvent.core.subscription import Pending, Subscription, SubscriptionState

Standing = tuple[Subscription, UUID]
"""A live subscription, with the proof that it stands on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAccount:
    """An account, locked with its live subscriptions; `in_flight` are those of which a payment is under way,
    `moving` those of which one moves without the customer."""

    account: Account
    held: Sequence[Standing]
    in_flight: frozenset[UUID] = frozenset()
    moving: frozenset[UUID] = frozenset()


def given_up_with(
    invoice_id: UUID, scope: Scope, owed: Iterable[Invoice], held: Iterable[Standing], now: datetime
) -> tuple[UUID, ...]:
    """The invoices that are given up together, the one that was asked for first.

    Of the whole account those that are due, and those on which a subscription stands: it ends. What falls due later and
    carries no service stays a debt like any other.
    """
    if scope is Scope.SUBSCRIPTION:
        return (invoice_id,)
    carrying = {subscription.grace_invoice for subscription, _ in held}
    return (
        invoice_id,
        *(
            i.id
            for i in owed
            if i.id != invoice_id and i.state is InvoiceState.OPEN and (i.due_at <= now or i.id in carrying)
        ),
    )


def book_surrender(
    held: HeldAccount,
    claims: Sequence[Claim],
    surrender: Surrender,
    convention: Convention,
    desk: Desk,
    number: Callable[[], tuple[str, int]],
) -> list[Booking] | Refusal:
    """The bookings of the whole unit, or why none of it is written. `claims` are the invoices of `given_up_with`."""
    bookings: list[Booking] = []
    over: set[UUID] = set()
    for claim in claims:
        booked = book_given_up(_without(claim, over), surrender, convention, desk, number)
        if isinstance(booked, Refusal):
            return booked
        bookings.append(booked)
        over |= {b.subscription.id for b in (booked, *booked.others) if b.subscription is not None}
    if surrender.scope is Scope.ACCOUNT:
        rest = [x for x in held.held if x[0].id not in over and chargeable(x[0], desk.catalog)]
        flying = held.moving if surrender.decided else held.in_flight
        if any(subscription.id in flying for subscription, _ in rest):
            return Refusal(field="invoice_id", rule="must not be given up while a payment is under way")
        bookings += [b for x in rest if (b := _ending(held.account.id, x, desk)) is not None]
    return bookings


def chargeable(subscription: Subscription, catalog: Catalog) -> bool:
    """Whether anything of a subscription can ever cost something."""
    prices = [catalog.price(item.price_id) for item in subscription.items]
    return any(p.meter is not None or p.unit_amount > 0 or p.tiers for p in prices)


def _without(claim: Claim, over: set[UUID]) -> Claim:
    """The claim without subscriptions that have been written already: each ends once."""
    return replace(
        claim,
        live=[x for x in claim.live if x[0].id not in over],
        on_grace=[x for x in claim.on_grace if x[0].id not in over],
    )


def _ending(account_id: UUID, held: Standing, desk: Desk) -> Booking | None:
    """The end of a subscription for which nothing is owed; None: it ends with its period already."""
    subscription, proof_id = held
    if not _paid_ahead(subscription, desk.catalog):
        return book_end(Booking(account_id=account_id), held, desk)
    pending = subscription.pending or Pending()
    if pending.cancel:
        return None
    after = replace(subscription, version=subscription.version + 1, pending=replace(pending, cancel=True))
    told = ev.ChangeScheduled(subscription_id=after.id, at=after.period.end, cancel=True)
    return Booking(
        account_id=account_id,
        subscription=after,
        stands_on=proof_id,
        grants=entitlements((after,), desk.catalog, desk.policy),
        events=(told,),
    )


def _paid_ahead(subscription: Subscription, catalog: Catalog) -> bool:
    """Whether its period was paid, or is owed on terms: it is not a trial, and not all of it is charged by usage."""
    charged = any(catalog.meter_of(item.price_id) is None for item in subscription.items)
    return charged and subscription.state is SubscriptionState.ACTIVE
