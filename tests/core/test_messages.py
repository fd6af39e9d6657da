"""Which messages facts become, whether each is still true, and how often it is tried."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from solvent.core.facts import Booking, InvoiceFact, ProofFact, SettledInvoice
from solvent.core.health import Prospect
from solvent.core.invoice import Invoice, InvoiceState
from solvent.core.ladder import Channel, Measure, Trouble
from solvent.core.messages import (
    PAUSE_MAX,
    TRIES_MAX,
    Kind,
    Message,
    next_delivery,
    of_booking,
    of_notice,
    outdated,
)
from solvent.core.payment import FailureCause, ProofKind
from solvent.core.telling import Notice

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ACCOUNT, INVOICE = UUID(int=7), UUID(int=107)
FAILED = Prospect(cause=FailureCause.DECLINED, next_try=None)
OWED = Invoice(
    id=INVOICE,
    account_id=ACCOUNT,
    subscription_id=None,
    number="SOL-07-000001",
    state=InvoiceState.OPEN,
    currency="USD",
    total=2000,
    paid=0,
    issued_at=NOW,
    due_at=NOW,
    version=1,
)
PAID = replace(OWED, paid=2000, state=InvoiceState.PAID)


def notice(
    *measures: Measure, first: bool = False, channels: tuple[Channel, ...] = (Channel.EMAIL,)
) -> Notice:
    return Notice(
        invoice_id=INVOICE,
        rung="rung",
        channels=channels,
        trouble=Trouble.TRANSIENT,
        debt=2_000,
        currency="USD",
        measures=frozenset(measures),
        first=first,
    )


def told(about: Notice, prospect: Prospect = FAILED) -> Message:
    (message,) = of_notice(ACCOUNT, about, prospect, NOW)
    return message


@pytest.mark.parametrize(
    ("about", "kind"),
    [
        (notice(first=True), Kind.PAYMENT_FAILED),
        (notice(), Kind.REMINDER),
        (notice(Measure.RESTRICT, first=True), Kind.RESTRICTED),
        (notice(Measure.SUSPEND_USAGE, Measure.RESTRICT), Kind.SUSPENDED),
        (notice(Measure.DOWNGRADE, Measure.SUSPEND_USAGE), Kind.DOWNGRADED),
        (notice(Measure.GIVE_UP), Kind.GIVEN_UP),
    ],
)
def test_the_gravest_measure_says_what_a_message_is_about(about: Notice, kind: Kind) -> None:
    assert told(about).kind is kind


def test_of_what_was_never_tried_no_failure_is_told() -> None:
    assert told(notice(first=True), Prospect(cause=None, next_try=None)).kind is Kind.DUE


def test_each_channel_by_mail_is_a_message_and_others_are_none() -> None:
    channels = (Channel.WEBHOOK, Channel.FINANCE, Channel.PORTAL, Channel.EMAIL)
    both = list(of_notice(ACCOUNT, notice(channels=channels), FAILED, NOW))
    assert [(m.channel, m.kind) for m in both] == [
        (Channel.EMAIL, Kind.REMINDER),
        (Channel.FINANCE, Kind.FINANCE),
    ]


@pytest.mark.parametrize(("days", "held", "has_day"), [(-1, True, False), (0, True, False), (1, False, True)])
def test_what_is_being_tried_at_the_moment_is_held(days: int, held: bool, has_day: bool) -> None:
    at = NOW + timedelta(days=days)
    message = told(notice(), Prospect(cause=FailureCause.DECLINED, next_try=at))
    assert (message.held, message.next_try) == (held, at if has_day else None)


def test_a_message_is_outdated_when_its_invoice_says_otherwise() -> None:
    asks = told(notice())
    thanks = replace(asks, kind=Kind.SETTLED)
    assert outdated(asks, OWED) is None
    assert outdated(asks, PAID) == "nothing is owed on it any more"
    assert outdated(thanks, PAID) is None
    assert outdated(thanks, OWED) == "it is owed again"
    assert outdated(replace(asks, kind=Kind.ISSUED), PAID) is None


def test_a_booking_tells_that_nothing_is_owed_any_more() -> None:
    assert list(of_booking(Booking(account_id=ACCOUNT))) == []
    assert list(of_booking(Booking(account_id=ACCOUNT, settled=SettledInvoice(after=OWED)))) == []
    (message,) = of_booking(Booking(account_id=ACCOUNT, settled=SettledInvoice(after=PAID)))
    assert (message.kind, message.rung) == (Kind.SETTLED, "settled")
    again = SettledInvoice(after=replace(PAID, state=InvoiceState.RESOLVED, reopened=2))
    (message,) = of_booking(Booking(account_id=ACCOUNT, settled=again))
    assert message.rung == "settled again (2)"


@pytest.mark.parametrize(
    ("kind", "told_as"),
    [(ProofKind.TERMS, [Kind.ISSUED]), (ProofKind.GRACE, []), (ProofKind.PAYMENT, []), (None, [])],
)
def test_an_invoice_is_sent_where_it_is_due_later(kind: ProofKind | None, told_as: list[Kind]) -> None:
    """On grace its rungs tell of it; paid at once there is nothing to ask for."""
    issued = InvoiceFact(
        id=INVOICE,
        subscription_id=None,
        series="SOL-07",
        number=1,
        currency="USD",
        tax=0,
        total=2000,
        paid=0,
        issued_at=NOW,
        due_at=NOW + timedelta(days=30),
        lines=(),
    )
    proof = (
        None
        if kind is None
        else ProofFact(id=UUID(int=7), kind=kind, of_plan=True, amount=2000, currency="USD")
    )
    messages = list(of_booking(Booking(account_id=ACCOUNT, invoice=issued, proof=proof)))
    assert [message.kind for message in messages] == told_as


def test_pauses_double_up_to_a_bound_and_tries_end() -> None:
    pauses = [at - NOW for n in range(1, TRIES_MAX) if (at := next_delivery(n, NOW)) is not None]
    assert pauses[:4] == [timedelta(minutes=n) for n in (1, 2, 4, 8)]
    assert pauses[-1] == PAUSE_MAX
    assert next_delivery(TRIES_MAX, NOW) is None
    assert timedelta(days=1) < sum(pauses, timedelta()) < timedelta(days=2)
