"""The books: the functions that write committed state, for the settle flow alone.

Owns the protocol and what its locks hand out. Does not own what is written (`core.booking`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from solvent.core.account import Account, CollectionMethod
from solvent.core.attempt import Attempt
from solvent.core.booking import Booking
from solvent.core.credit import CreditGrant
from solvent.core.credit_refund import KeptMoney
from solvent.core.crediting import Claim
from solvent.core.disputing import Contested
from solvent.core.events import Event
from solvent.core.expiry import HeldMethod
from solvent.core.health import Assessment
from solvent.core.messages import Message
from solvent.core.payment import AttemptState, ProviderView
from solvent.core.refunding import Returning
from solvent.core.settlement import Families, Live, Past
from solvent.core.surrender import HeldAccount
from solvent.ports.fees import FeeBooks
from solvent.ports.provider import RefundReport, RefundRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """What settlement looks at, locked in one order: account → attempt → subscription → invoice."""

    attempts: dict[UUID, Attempt]
    live: dict[UUID, Live]
    past: dict[UUID, Past]

    def consume(self, booking: Booking, families: Families) -> None:
        """Bring the facts to what they are after `booking`, for what is judged later in the same batch."""
        assert booking.attempt_id is not None, "what is judged in a batch is about attempts"
        assert booking.state is not None, f"attempt {booking.attempt_id}: booked without a state"
        attempt = self.attempts[booking.attempt_id]
        live, cart = self.live[booking.account_id], attempt.plan.cart
        live.follow(booking, families)
        if cart is not None and booking.state is AttemptState.COMMITTED:
            live.carts.add(cart.cart_id)
        self.past[attempt.id] = self.past.get(attempt.id, Past()).after(booking)
        self.attempts[attempt.id] = replace(attempt, state=booking.state, ref=booking.ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingAttempt:
    """What the journal remembers of an attempt that goes on."""

    attempt: Attempt
    look_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCredit:
    """An account, locked; and of its credit the `grant` that was named, or what is `known` of the idempotency key under
    which some is to be given: the grant that it stands for, and the hash of what came with it."""

    account: Account
    grant: CreditGrant | None = None
    known: tuple[UUID, bytes] | None = None


class Books(FeeBooks, Protocol):
    """Committed state. Nothing but the settle flow may reach it."""

    def lock(
        self, bucket: int, attempt_ids: Sequence[UUID], known: Mapping[UUID, Attempt] | None = None
    ) -> Locked:
        """Lock and read what judging these attempts looks at. Of those that are `known` as the journal has them (a plan
        never changes), only what may have moved since is read again."""
        ...

    def lock_accounts(self, bucket: int, account_ids: Sequence[UUID]) -> None:
        """Hold accounts against settlement, so that what is read of them next is what is written about."""
        ...

    def hold(
        self,
        bucket: int,
        invoice_id: UUID,
        key: str | None = None,
        reference: tuple[str, str] | None = None,
        *,
        chained: bool = False,
    ) -> Claim | None:
        """Lock and read an invoice with all that hangs on it, and what the caller's `key`, or a payment's method and
        `reference`, stand for already; `chained` with the invoices that charged the time of the same items. None when
        there is no invoice of that id."""
        ...

    def hold_account(self, bucket: int, invoice_id: UUID) -> HeldAccount | None:
        """Lock and read an invoice's account with its live subscriptions; None when there is no invoice of that id."""
        ...

    def recorded(
        self, account_id: UUID, reference: tuple[str, str]
    ) -> tuple[UUID, int, Sequence[UUID]] | None:
        """The payment that no provider took under a method and reference: its (first) id, amount and invoices."""
        ...

    def contest(self, bucket: int, provider: str, payment_ref: str, dispute_ref: str) -> Contested | None:
        """Lock and read a payment, by its provider's name for it, with all that a dispute of it touches; None when it
        is not in the books."""
        ...

    def hold_credit(
        self, bucket: int, account_id: UUID, grant_id: UUID | None, key: str | None
    ) -> HeldCredit | None:
        """Lock and read an account and, if one is named, a grant of its credit (else what `key` gave); None when there
        is none of that id."""
        ...

    def hold_kept(self, bucket: int, payment_id: UUID, key: str) -> KeptMoney | None:
        """Lock and read what of a payment was kept as account credit, and what `key` stands for already; None when
        there is no payment of that id."""
        ...

    def number(self, bucket: int, entity: str, document: str = "") -> tuple[str, int]:
        """The next (series, number) of a legal entity's invoices, or of the kind of `document` whose mark the series
        bears; gapless, because the bucket's head stays locked."""
        ...

    def replan(self, bucket: int, attempts: Sequence[Attempt]) -> None:
        """Record the plans of attempts that were planned anew."""
        ...

    def write(
        self, bucket: int, bookings: Sequence[tuple[Booking, datetime]], marked_at: datetime | None = None
    ) -> None:
        """Everything the bookings hold, each at its own moment, with events in order; their accounts are to be
        recomputed from `marked_at` on (None: nobody asks for that)."""
        ...

    def wait(self, bucket: int, waiting: Sequence[WaitingAttempt]) -> bool:
        """Remember where attempts stand that go on; whether all of them still were in flight."""
        ...

    def heard(self, bucket: int, views: Sequence[tuple[UUID, ProviderView]]) -> None:
        """Remember what providers said of attempts by which nothing else changes; of several about one, the last."""
        ...

    def assess(self, bucket: int, assessments: Sequence[Assessment]) -> None: ...

    def detach(self, method: CollectionMethod, now: datetime) -> None: ...

    def hold_method(self, method: CollectionMethod) -> HeldMethod | None:
        """Lock a method's account and read the method as it now is."""
        ...

    def looked(
        self,
        method: CollectionMethod,
        told: date | None,
        again_at: datetime | None,
        tellings: tuple[Sequence[Event], Sequence[Message]],
        now: datetime,
    ) -> None:
        """A held method as it was seen, of which last day its customer was `told`, and what is told of it now."""
        ...

    def order_methods(self, account_id: UUID, method_ids: Sequence[UUID], now: datetime) -> None: ...

    def claim_refunds(
        self, bucket: int, now: datetime, lease_until: datetime, limit: int, account: UUID | None
    ) -> list[tuple[str, RefundRequest]]:
        """Lease refunds to be asked for, each with its provider's name."""
        ...

    def hold_refunds(self, bucket: int, refund_ids: Sequence[UUID]) -> list[Returning]:
        """Lock and read refunds that have not ended, or have succeeded; others are left out."""
        ...

    def postpone_refunds(self, bucket: int, waiting: Sequence[tuple[RefundReport, datetime]]) -> None:
        """Remember refunds that go on, and when each is looked at again."""
        ...
