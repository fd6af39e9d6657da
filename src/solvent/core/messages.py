"""Messages: what customers, and finance, are told by e-mail of an invoice, and of a method that ends.

Owns which facts are told and as what kind, whether a message is still true when its turn comes, and how often its
delivery is tried. A message is told once by account, invoice (or method), rung and channel. Does not own when a rung is
reached (`dunning`), words, nor how a message is kept and sent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from solvent.core.account import CollectionMethod, MethodState
from solvent.core.expiry import ExpiryNotice
from solvent.core.facts import Booking
from solvent.core.health import Prospect
from solvent.core.invoice import Invoice
from solvent.core.ladder import Channel, Measure
from solvent.core.payment import FailureCause, ProofKind
from solvent.core.telling import Notice

TRIES_MAX = 14  # deliveries of one message; with these pauses about a day and a half
PAUSE_FIRST = timedelta(minutes=1)
PAUSE_MAX = timedelta(hours=6)
HELD_FOR = timedelta(minutes=1)  # while another method is being tried at once


class Kind(StrEnum):
    """What a message is about."""

    PAYMENT_FAILED = "payment_failed"  # the first that is told of it: why, and what happens next
    DUE = "due"  # the first, of what nothing was tried on
    REMINDER = "reminder"
    RESTRICTED = "restricted"
    SUSPENDED = "suspended"
    DOWNGRADED = "downgraded"
    GIVEN_UP = "given_up"
    FINANCE = "finance"  # to people of the merchant
    ISSUED = "issued"  # an invoice that is due later
    SETTLED = "settled"  # nothing is owed on it any more
    EXPIRING = "expiring"  # a method will not work much longer


CLAIMS = frozenset(Kind) - {
    Kind.ISSUED,
    Kind.SETTLED,
    Kind.EXPIRING,
}  # true only as long as something is owed
MAILED = frozenset({Channel.EMAIL, Channel.FINANCE})
ISSUED = "issued"  # stands where a rung stands

# The gravest measure of a rung says what its message is about.
_BY_MEASURE: Mapping[Measure, Kind] = {
    Measure.GIVE_UP: Kind.GIVEN_UP,
    Measure.DOWNGRADE: Kind.DOWNGRADED,
    Measure.SUSPEND_USAGE: Kind.SUSPENDED,
    Measure.RESTRICT: Kind.RESTRICTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to be sent once, about an invoice or a method. `cause` and `next_try` are as they were when it was
    decided, by the account's clock; `held`: a payment is being tried at that moment, so that it can wait for its
    end."""

    account_id: UUID
    invoice_id: UUID | None = None
    method_id: UUID | None = None
    rung: str
    channel: Channel
    kind: Kind
    cause: FailureCause | None = None
    next_try: datetime | None = None
    held: bool = False

    @property
    def about(self) -> UUID:
        """The invoice, or the method."""
        about = self.invoice_id or self.method_id
        assert about is not None, "a message is about something"
        return about


def of_notice(account_id: UUID, notice: Notice, prospect: Prospect, now: datetime) -> Iterator[Message]:
    """The messages by which a notice is told; the portal shows the notice, and webhooks post its event."""
    for channel in sorted(MAILED.intersection(notice.channels)):
        at = prospect.next_try
        yield Message(
            account_id=account_id,
            invoice_id=notice.invoice_id,
            rung=notice.rung,
            channel=channel,
            kind=Kind.FINANCE if channel is Channel.FINANCE else kind_of(notice, prospect),
            cause=prospect.cause,
            next_try=at if at is not None and at > now else None,
            held=at is not None and at <= now,
        )


def of_booking(booking: Booking) -> Iterator[Message]:
    """What a booking tells by itself: that an invoice is due later, or that nothing is owed on one any more. The latter
    is sent only to whoever was told that something is."""
    issued, settled = booking.invoice, booking.settled
    if issued is not None and booking.proof is not None and booking.proof.kind is ProofKind.TERMS:
        yield _by_mail(booking.account_id, issued.id, ISSUED, Kind.ISSUED)
    if settled is not None and not settled.after.debt:
        yield _by_mail(booking.account_id, settled.id, _settled(settled.after), Kind.SETTLED)


def of_expiry(method: CollectionMethod, notice: ExpiryNotice) -> Iterator[Message]:
    """The messages by which it is told that a method ends; the portal and webhooks read its event."""
    for channel in sorted(MAILED.intersection(notice.notify)):
        yield Message(
            account_id=method.account_id,
            method_id=method.id,
            rung=_last_day(method),
            channel=channel,
            kind=Kind.EXPIRING,
        )


def ended(message: Message, method: CollectionMethod) -> str | None:
    """Why a message about a method need not be sent any more, as that now stands; None: it is true."""
    if method.state is not MethodState.ACTIVE:
        return "the method is not used any more"
    if message.rung != _last_day(method):
        return "the method was renewed"
    return None


def outdated(message: Message, invoice: Invoice) -> str | None:
    """Why a message need not be sent any more, as its invoice now stands; None: it is true."""
    if message.kind in CLAIMS and not invoice.debt:
        return "nothing is owed on it any more"
    if message.kind is Kind.SETTLED and invoice.debt:
        return "it is owed again"
    return None


def next_delivery(tries: int, now: datetime) -> datetime | None:
    """When a message is tried again that could not be delivered `tries` times; None: never by itself."""
    if tries >= TRIES_MAX:
        return None
    doubled: int = 2 ** (tries - 1)
    return now + min(PAUSE_FIRST * doubled, PAUSE_MAX)


def kind_of(notice: Notice, prospect: Prospect) -> Kind:
    """What a notice is about, for the customer: the gravest measure of its rung, or the debt."""
    kind = next((kind for measure, kind in _BY_MEASURE.items() if measure in notice.measures), None)
    if kind is not None:
        return kind
    if not notice.first:
        return Kind.REMINDER
    return Kind.DUE if prospect.cause is None else Kind.PAYMENT_FAILED


def _by_mail(account_id: UUID, invoice_id: UUID, rung: str, kind: Kind) -> Message:
    return Message(account_id=account_id, invoice_id=invoice_id, rung=rung, channel=Channel.EMAIL, kind=kind)


def _last_day(method: CollectionMethod) -> str:
    """Stands where a rung stands: who has a card renewed is told of its next end again."""
    return f"expires {method.expires_on}"


def _settled(invoice: Invoice) -> str:
    """Stands where a rung stands: what is paid again after a chargeback is told again."""
    return f"settled again ({invoice.reopened})" if invoice.reopened else "settled"
