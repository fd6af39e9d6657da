"""Stage: what whoever brings an adapter must supply, so that the kit can play the payer, the bank and the wire.

Owns that protocol, its vocabulary, and the requests that the kit makes. Does not own any assertion.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID, uuid4

import pytest

from solvent.core.payment import FailureCause, Report
from solvent.core.period import Interval, Unit
from solvent.core.recurring import Part, Recurring
from solvent.ports.provider import PaymentRequest, Provider, RefundRequest

AMOUNT = 1200
CURRENCY = "USD"


class Card(StrEnum):
    """How a payer's method behaves. `cards` of a stage need not hold those that its capabilities exclude."""

    PAYS = "pays"
    CHALLENGED = "challenged"  # the payer is authenticated on-session; off-session it pays
    NEEDS_PAYER = "needs_payer"  # authenticated every time; so off-session it cannot pay
    SLOW = "slow"  # processing for days, then it pays
    SLOW_FAILS = "slow_fails"  # processing for days, then it has no funds
    ODD = "odd"  # the provider answers with a status that the adapter has no translation for
    REFUND_SLOW = "refund_slow"  # pays; its refunds are processing for a while
    REFUND_REFUSED = "refund_refused"  # pays; its refunds fail
    REFUND_RETURNED = "refund_returned"  # pays; its refunds succeed, and fail after all some days later


class Fault(StrEnum):
    """What happens on the wire to every request while it lasts."""

    NOT_REACHED = "not_reached"  # no connection
    TURNED_AWAY = "turned_away"  # too many requests: refused before it was looked at
    LOST_REPLY = "lost_reply"  # the provider acts, and its answer never arrives
    GARBLED = "garbled"  # the provider acts, and its answer cannot be read
    BROKEN = "broken"  # the provider answers that something went wrong on its side; it has not acted


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A notification as it arrives; header names are lower case."""

    headers: Mapping[str, str]
    body: bytes


class Remembered:
    """Payers, for an adapter that needs them, remembered for as long as a test lasts."""

    def __init__(self) -> None:
        self._refs: dict[tuple[str, UUID], str] = {}

    def find(self, provider: str, account_id: UUID) -> str | None:
        """As the port says."""
        return self._refs.get((provider, account_id))

    def keep(self, provider: str, account_id: UUID, ref: str) -> str:
        """As the port says."""
        return self._refs.setdefault((provider, account_id), ref)

    def replace(self, provider: str, account_id: UUID, gone: str, ref: str) -> str:
        """As the port says."""
        if self._refs.get((provider, account_id)) == gone:
            self._refs[provider, account_id] = ref
        return self._refs.get((provider, account_id), ref)


class Stage(Protocol):
    """One provider to play with, fresh for each test. Amounts are in minor units.

    `causes` names the behaviour, in the provider's own words, that makes a charge fail with each cause; `never` the
    causes with which this provider cannot fail. `cards` names the behaviours of `Card`. The names are handed back to
    `present` and `stored`.
    """

    @property
    def provider(self) -> Provider: ...

    @property
    def causes(self) -> Mapping[FailureCause, str]: ...

    @property
    def never(self) -> frozenset[FailureCause]: ...

    @property
    def cards(self) -> Mapping[Card, str]: ...

    @property
    def now(self) -> datetime:
        """The present, for the adapter and the provider alike."""
        ...

    def wait(self, duration: timedelta) -> None:
        """Time passes."""
        ...

    def present(self, opened: Report, behaviour: str) -> str | None:
        """The payer does everything that is to be done before `confirm`; returns the method to confirm with, if any."""
        ...

    def stored(self, customer: UUID, behaviour: str) -> str:
        """The token of a method, vaulted by a customer's earlier payment, that behaves so from now on. Only where
        customers are charged without them."""
        ...

    def challenge(self, report: Report, *, passed: bool) -> None:
        """The payer passes or fails the authentication that `report` asks for. Only for `Challenges`."""
        ...

    def settle(self, report: Report, *, succeeded: bool) -> None:
        """The provider decides what is in a status that nobody mapped. Only for a stage with `Card.ODD`."""
        ...

    def contest(self, paid: Report) -> str:
        """The payer contests a payment; returns the dispute's ref. Only for `Disputes`."""
        ...

    def decide(self, dispute_ref: str, *, won: bool) -> None:
        """The bank decides a dispute. Only for `Disputes`."""
        ...

    def renew(self, token: str, year: int, month: int) -> None:
        """The bank of a card renews it until that month, and the provider tells. Only for `Expiries`."""
        ...

    def agreed(self, behaviour: str | None) -> str:
        """The name of what a payer, whose method behaves so, agreed on long ago; None: of what is no agreement, though
        it is named like one. Only for `Imports`."""
        ...

    def known(self, customer: UUID) -> Sequence[tuple[str, str]]:
        """The name and e-mail of each customer that the provider has for that account. Only for `Customers`."""
        ...

    def charged(self, key: UUID) -> Sequence[int]:
        """What the provider's own books say that it charged for our key."""
        ...

    def refunded(self, key: UUID) -> int:
        """What the provider's own books say that it gave back of the payment under our key."""
        ...

    def sent(self) -> Sequence[Sent]:
        """The notifications that the provider has sent since this was asked last, as signed at the present."""
        ...

    def failing(self, fault: Fault) -> AbstractContextManager[object]:
        """The adapter meets that fault on every request within the block."""
        ...

    def refusing(self) -> AbstractContextManager[object]:
        """Within the block the merchant's account may take no payments: the provider refuses each request for one,
        before it looks whether it knows its key where it can be so. Questions are answered."""
        ...


def payment_request(stage: Stage, **other: object) -> PaymentRequest:
    """A request for 12.00 USD on-session, unless told otherwise; of who copies subscriptions, for a new one."""
    values: dict[str, Any] = {
        "key": uuid4(),
        "customer": uuid4(),
        "amount": AMOUNT,
        "currency": CURRENCY,
        "setup": False,
        "off_session": False,
        "method": None,
        "expires_at": stage.now + timedelta(hours=1),
        "description": "Zone plan",
        "return_url": "https://shop.example/return",
    }
    request = PaymentRequest(**(values | other))
    copied = stage.provider.capabilities.copies_subscriptions and not request.off_session
    return replace(request, recurring=sold(request, stage.now)) if copied and request.amount else request


def sold(request: PaymentRequest, at: datetime, **other: object) -> Recurring:
    """A new monthly subscription that the request pays the first period of."""
    part = Part(price_id="zone", product_id="zone", name="Zone plan", quantity=1, amount=request.amount)
    values: dict[str, Any] = {
        "subscription_id": request.key,
        "version": 1,
        "currency": request.currency,
        "interval": Interval(unit=Unit.MONTH),
        "parts": (part,),
        "trial": False,
        "until": at + timedelta(days=28),
        "ends": False,
        "at": at,
    }
    return Recurring(**(values | other))


def charge_request(stage: Stage, behaviour: str, **other: object) -> PaymentRequest:
    """A request to charge a customer's stored method, that behaves so, off-session."""
    customer = uuid4()
    values: dict[str, object] = {
        "customer": customer,
        "method": stage.stored(customer, behaviour),
        "off_session": True,
        "return_url": None,
    }
    return payment_request(stage, **(values | other))


def refund_request(paid: Report, amount: int, **other: object) -> RefundRequest:
    """A refund of some of a payment."""
    values: dict[str, Any] = {
        "key": uuid4(),
        "payment_ref": paid.ref,
        "amount": amount,
        "currency": CURRENCY,
    }
    return RefundRequest(**(values | other))


def pay(stage: Stage, behaviour: str | None = None, **other: object) -> Report:
    """Open and pay on-session, as far as the payer can without being authenticated."""
    opened = stage.provider.open(payment_request(stage, **other))
    assert opened.ref is not None
    method = stage.present(opened, behaviour or stage.cards[Card.PAYS])
    return stage.provider.confirm(opened.key, opened.ref, method)


def moved(stage: Stage, behaviour: str | None = None) -> Report:
    """A payment by a method that behaves so: charged without the customer, or where that cannot be, by who is there."""
    behaviour = behaviour or stage.cards[Card.PAYS]
    if not stage.provider.capabilities.off_session:
        return pay(stage, behaviour)
    return stage.provider.charge(charge_request(stage, behaviour))


def needs_off_session(stage: Stage) -> None:
    """What follows is about charges without the customer: it is skipped where the table says that there are none."""
    if not stage.provider.capabilities.off_session:
        pytest.skip("off_session=False: nobody is charged without the customer")
