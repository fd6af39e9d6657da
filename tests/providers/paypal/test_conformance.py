"""PayPal passes the conformance kit, against the peer, over real HTTP with real faults."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from solvent.core.payment import FailureCause, Report
from solvent.providers.conformance import (
    Abilities,
    Basics,
    Card,
    Causes,
    Delays,
    Disputes,
    Fault,
    Imports,
    Notifications,
    Outages,
    Redirects,
    Refunds,
    Sent,
    Statements,
    pay,
)
from tests.peers.paypal import Wallet
from tests.peers.paypal.acts import change_dispute, decide, dispute
from tests.providers.wire import Mishap

World = Any  # the fixture's class; see conftest

WALLETS = {
    "pays": Wallet(),
    "slow": Wallet(status="PENDING"),
    "slow and empty": Wallet(status="PENDING", ends=("DECLINED", "5120")),
    "odd": Wallet(status="PONDERED"),
    "slow refunds": Wallet(refunds="PENDING"),
    "no refunds": Wallet(refunds="FAILED"),
    "refunds come back": Wallet(refunds="RETURNED"),
    "declined": Wallet(issue="INSTRUMENT_DECLINED"),
    "empty": Wallet(status="DECLINED", processor="5120"),
    "over the limit": Wallet(issue="TRANSACTION_LIMIT_EXCEEDED"),
    "expired": Wallet(status="DECLINED", processor="5400"),
    "lost": Wallet(status="DECLINED", processor="9520"),
    "invalid": Wallet(status="DECLINED", processor="5180"),
    "fraud": Wallet(issue="COMPLIANCE_VIOLATION"),
    "closed": Wallet(issue="PAYER_ACCOUNT_LOCKED_OR_CLOSED"),
    "revoked": Wallet(issue="AGREEMENT_ALREADY_CANCELLED"),
}
WIRE = {
    Fault.TURNED_AWAY: Mishap.THROTTLE,
    Fault.LOST_REPLY: Mishap.CUT_AFTER,
    Fault.GARBLED: Mishap.TRUNCATE,
    Fault.BROKEN: Mishap.BREAK,
}
DECIDED = {True: "RESOLVED_SELLER_FAVOUR", False: "RESOLVED_BUYER_FAVOUR"}


class PayPalStage:
    """The peer as the kit plays it: each behaviour is a payer's wallet."""

    cards: Mapping[Card, str] = {
        Card.PAYS: "pays",
        Card.SLOW: "slow",
        Card.SLOW_FAILS: "slow and empty",
        Card.ODD: "odd",
        Card.REFUND_SLOW: "slow refunds",
        Card.REFUND_REFUSED: "no refunds",
        Card.REFUND_RETURNED: "refunds come back",
    }
    causes: Mapping[FailureCause, str] = {
        FailureCause.DECLINED: "declined",
        FailureCause.INSUFFICIENT_FUNDS: "empty",
        FailureCause.LIMIT_EXCEEDED: "over the limit",
        FailureCause.CARD_EXPIRED: "expired",
        FailureCause.CARD_LOST: "lost",
        FailureCause.CARD_INVALID: "invalid",
        FailureCause.FRAUD_SUSPECTED: "fraud",
        FailureCause.ACCOUNT_CLOSED: "closed",
        FailureCause.AGREEMENT_REVOKED: "revoked",
    }
    never: frozenset[FailureCause] = frozenset()

    def __init__(self, world: World) -> None:
        self._world = world
        self.provider = world.provider

    @property
    def now(self) -> datetime:
        now: datetime = self._world.clock()
        return now

    def wait(self, duration: timedelta) -> None:
        self._world.clock.now += duration

    def present(self, opened: Report, behaviour: str) -> str | None:
        self._world.peer.approve(str(opened.ref), WALLETS[behaviour])
        return None

    def stored(self, customer: UUID, behaviour: str) -> str:
        method = pay(self, customer=customer).method
        assert method is not None
        self._world.becomes(method.token, **_fields(WALLETS[behaviour]))
        return method.token

    def challenge(self, report: Report, *, passed: bool) -> None:
        raise AssertionError("PayPal authenticates the payer on its own page")

    def settle(self, report: Report, *, succeeded: bool) -> None:
        decide(self._world.peer.book, str(report.ref), "COMPLETED" if succeeded else "DECLINED")

    def contest(self, paid: Report) -> str:
        return str(dispute(self._world.peer.book, str(paid.ref))["dispute_id"])

    def decide(self, dispute_ref: str, *, won: bool) -> None:
        outcome = {"outcome_code": DECIDED[won]}
        change_dispute(self._world.peer.book, dispute_ref, status="RESOLVED", dispute_outcome=outcome)

    def agreed(self, behaviour: str | None) -> str:
        agreement = f"B-{uuid4().hex[:17].upper()}"
        if behaviour is not None:
            self._world.peer.book.agreements.add(agreement)
        return agreement

    def renew(self, token: str, year: int, month: int) -> None:
        raise AssertionError("a wallet has no last day")

    def known(self, customer: UUID) -> Sequence[tuple[str, str]]:
        raise AssertionError("PayPal keeps its own payers")

    def charged(self, key: UUID) -> Sequence[int]:
        charged: list[int] = self._world.peer.charged(key.hex)
        return charged

    def refunded(self, key: UUID) -> int:
        return sum(self.charged(key)) - int(self._world.peer.net(key.hex))

    def sent(self) -> Sequence[Sent]:
        return [Sent(headers=headers, body=body) for headers, body in self._world.peer.deliveries(self.now)]

    def failing(self, fault: Fault) -> AbstractContextManager[object]:
        wire = self._world.wire
        if fault is Fault.NOT_REACHED:
            return wire.down()  # type: ignore[no-any-return]
        return wire.always(WIRE[fault])  # type: ignore[no-any-return]

    @contextmanager
    def refusing(self) -> Iterator[None]:
        self._world.peer.book.refusing = "PAYEE_ACCOUNT_RESTRICTED"
        yield
        self._world.peer.book.refusing = None


def _fields(wallet: Wallet) -> dict[str, object]:
    """How a wallet behaves, without whose it is."""
    return {name: value for name, value in vars(wallet).items() if name not in ("email", "account_id")}


class TestPayPal(
    Abilities,
    Basics,
    Causes,
    Redirects,
    Delays,
    Disputes,
    Imports,
    Notifications,
    Outages,
    Refunds,
    Statements,
):
    """The whole kit."""

    @pytest.fixture
    def stage(self, world: World) -> PayPalStage:
        return PayPalStage(world)
