"""The adapter: `Provider` over what the merchant records.

Owns how a transfer stands: processing until its money is recorded, it is given up, or it was waited for long enough.
Asks nobody: what it knows is in our own database, behind a port. Does not own the recording (`flows.transfers`).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from solvent.core.dispute import DisputeReport, Evidence
from solvent.core.movement import Movement, MovementKind
from solvent.core.payment import ActionKind, FailureCause, NextAction, Outcome, Report
from solvent.core.phrase import Text
from solvent.core.way import WayKind
from solvent.ports.provider import (
    Capabilities,
    Notification,
    NotificationRefused,
    PaymentRequest,
    RefundOutcome,
    RefundReport,
    RefundRequest,
)
from solvent.ports.transfers import Arrived, Transfer, Transfers

NAME = "manual"
CAPABILITIES = Capabilities(
    actions=frozenset({ActionKind.NONE}),
    off_session=False,
    partial_refunds=False,
    mandates=False,
    delayed_settlement=True,
    recorded=True,
    kinds=frozenset({"transfer"}),
    ways=(WayKind.TRANSFER,),
)


class ManualProvider:
    """Transfers as one of our providers. `instructions` tell the customer where to pay, `lasts` how long it is waited
    for, `clock` is the present."""

    name = NAME
    capabilities = CAPABILITIES

    def __init__(
        self, transfers: Transfers, clock: Callable[[], datetime], *, instructions: Text, lasts: timedelta
    ) -> None:
        self._transfers = transfers
        self._clock = clock
        self._instructions = instructions
        self._lasts = lasts

    def open(self, request: PaymentRequest) -> Report:
        """Wait for a transfer. A method to be charged later cannot be set up in this way."""
        if request.setup:
            return _failed(request.key, FailureCause.NO_METHOD)
        now = self._clock()
        kept = self._transfers.ask(
            Transfer(
                key=request.key,
                customer=request.customer,
                amount=request.amount,
                currency=request.currency,
                asked_at=now,
                until=now + self._lasts,
            )
        )
        if (kept.amount, kept.currency) != (request.amount, request.currency):
            return Report(outcome=Outcome.UNKNOWN, key=request.key, unmapped="key_used_before")
        return self._report(kept)

    def charge(self, request: PaymentRequest) -> Report:
        """Nobody can be charged in this way."""
        return _failed(request.key, FailureCause.NO_METHOD)

    def confirm(self, key: UUID, ref: str, method: str | None) -> Report:  # noqa: ARG002 - the contract's
        """The customer cannot confirm that money has come."""
        return self.get(key, ref) or _failed(key, FailureCause.EXPIRED)

    def get(self, key: UUID, ref: str | None) -> Report | None:  # noqa: ARG002 - the key is enough
        """How the transfer stands."""
        found = self._transfers.find(key)
        return None if found is None else self._report(found)

    def payments_of(self, key: UUID, ref: str | None) -> list[Report]:  # noqa: ARG002 - as above
        """All money that was recorded for it."""
        found = self._transfers.find(key)
        return [] if found is None else [_paid(found, arrived) for arrived in found.arrived]

    def cancel(self, key: UUID, ref: str | None) -> Report | None:  # noqa: ARG002 - as above
        """Give it up, unless the money has come."""
        found = self._transfers.cancel(key, self._clock())
        return None if found is None else self._report(found)

    def refund(self, request: RefundRequest) -> RefundReport:
        """The merchant gives back by hand what came by hand; here it stays with the customer, as credit."""
        return RefundReport(outcome=RefundOutcome.FAILED, key=request.key)

    def get_refund(self, ref: str) -> RefundReport | None:  # noqa: ARG002 - the contract's
        """There are none."""
        return None

    def refunds_since(self, since: datetime) -> Iterator[RefundReport]:  # noqa: ARG002 - the contract's
        """There are none."""
        return iter(())

    def detach(self, token: str) -> None:
        """There is nothing to forget."""

    def get_method(self, token: str) -> None:
        """There are none."""

    def reports_since(self, since: datetime) -> Iterator[Report]:
        """Transfers that changed, and money that came once more."""
        for transfer in self._transfers.changed(since, self._clock()):
            yield self._report(transfer)
            for arrived in transfer.arrived[1:]:
                yield _paid(transfer, arrived)

    def disputes_since(self, since: datetime) -> Iterator[DisputeReport]:  # noqa: ARG002 - the contract's
        """A transfer cannot be disputed here."""
        yield from ()

    def movements_since(self, since: datetime, until: datetime) -> Iterator[Movement]:
        """What was recorded in that time."""
        for transfer in self._transfers.changed(since, self._clock()):
            for arrived in transfer.arrived:
                if since <= arrived.recorded_at < until:
                    yield _moved(transfer, arrived)

    def get_dispute(self, ref: str) -> DisputeReport | None:  # noqa: ARG002 - the contract's
        """There is none."""
        return None

    def submit_evidence(self, ref: str, evidence: Evidence) -> DisputeReport | None:  # noqa: ARG002 - as above
        """There is none."""
        return None

    def accept_dispute(self, ref: str) -> DisputeReport | None:  # noqa: ARG002 - as above
        """There is none."""
        return None

    def parse(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notification:  # noqa: ARG002 - as above
        """Nobody tells of a transfer but the merchant, who records it."""
        raise NotificationRefused("payments here are recorded, not notified of")

    def _report(self, transfer: Transfer) -> Report:
        if transfer.arrived:
            return _paid(transfer, transfer.arrived[0])
        if transfer.canceled_at is not None:
            return _failed(transfer.key, FailureCause.CANCELED)
        if self._clock() >= transfer.until:
            return _failed(transfer.key, FailureCause.EXPIRED)
        action = NextAction(
            provider=NAME,
            attempt_id=transfer.key,
            kind=ActionKind.NONE,
            expires_at=transfer.until,
            instructions=self._instructions,
        )
        return Report(
            outcome=Outcome.PROCESSING,
            key=transfer.key,
            ref=transfer.key.hex,
            amount=transfer.amount,
            currency=transfer.currency,
            action=action,
        )


def _failed(key: UUID, cause: FailureCause) -> Report:
    return Report(outcome=Outcome.FAILED, key=key, ref=key.hex, cause=cause)


def _ref(transfer: Transfer, arrived: Arrived) -> str:
    """Two customers may use one reference: the transfer's name keeps them apart."""
    return f"{transfer.key.hex}:{arrived.reference}"


def _paid(transfer: Transfer, arrived: Arrived) -> Report:
    return Report(
        outcome=Outcome.SUCCEEDED,
        key=transfer.key,
        ref=_ref(transfer, arrived),
        amount=arrived.amount,
        currency=transfer.currency,
    )


def _moved(transfer: Transfer, arrived: Arrived) -> Movement:
    return Movement(
        name=_ref(transfer, arrived),
        kind=MovementKind.PAYMENT,
        ref=_ref(transfer, arrived),
        key=transfer.key,
        amount=arrived.amount,
        currency=transfer.currency,
        moved_at=arrived.recorded_at,
    )
