"""Stripe to play with: the adapter, the wire that may fail, and the peer.

Owns how the conformance kit's words are played there. Does not own the peer (`tests.peers.stripe`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from solvent.core.payment import FailureCause, Report
from solvent.providers.boundary import Limits
from solvent.providers.conformance import Card, Fault, Remembered, Sent, pay
from solvent.providers.stripe import Line, StripeProvider, connect
from tests.peers.stripe import StripePeer
from tests.peers.stripe.server import SECRET_KEY, WEBHOOK_SECRET
from tests.peers.stripe.state import invalid
from tests.providers.wire import Mishap, Wire

LINE = Line(Limits(connect_timeout_s=60, read_timeout_s=60))  # making one costs more than a test
CARDS = {
    Card.PAYS: "pm_card_visa",
    Card.CHALLENGED: "pm_card_threeDSecure2Required",
    Card.NEEDS_PAYER: "pm_card_authenticationRequired",
    Card.SLOW: "pm_usBankAccount_success",
    Card.SLOW_FAILS: "pm_usBankAccount_insufficientFunds",
    Card.ODD: "pm_odd",
    Card.REFUND_SLOW: "pm_card_pendingRefund",
    Card.REFUND_REFUSED: "pm_refund_refused",
    Card.REFUND_RETURNED: "pm_card_refundFail",
}
CAUSES: dict[FailureCause, str] = {
    FailureCause.DECLINED: "pm_card_visa_chargeDeclined",
    FailureCause.INSUFFICIENT_FUNDS: "pm_card_visa_chargeDeclinedInsufficientFunds",
    FailureCause.LIMIT_EXCEEDED: "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
    FailureCause.CARD_EXPIRED: "pm_card_chargeDeclinedExpiredCard",
    FailureCause.CARD_LOST: "pm_card_visa_chargeDeclinedStolenCard",
    FailureCause.CARD_INVALID: "pm_card_chargeDeclinedIncorrectCvc",
    FailureCause.FRAUD_SUSPECTED: "pm_card_radarBlock",
    FailureCause.ACCOUNT_CLOSED: "pm_usBankAccount_accountClosed",
    FailureCause.AGREEMENT_REVOKED: "pm_revoked",
}
WITHOUT_DEBITS = CAUSES.copy()
del WITHOUT_DEBITS[FailureCause.ACCOUNT_CLOSED]
WIRE = {
    Fault.TURNED_AWAY: Mishap.THROTTLE,
    Fault.LOST_REPLY: Mishap.CUT_AFTER,
    Fault.GARBLED: Mishap.TRUNCATE,
    Fault.BROKEN: Mishap.BREAK,
}


class StripeStage:
    """The peer behind a wire; `time` is the present of all of them, and stands still."""

    causes = CAUSES
    never: frozenset[FailureCause] = frozenset()
    copies = False
    cards = CARDS

    def __init__(self, peer: StripePeer, wire: Wire, clock: Callable[[], datetime]) -> None:
        self.peer = peer
        self.wire = wire
        self.payers = Remembered()
        self._clock = clock
        self.provider = StripeProvider(
            connect(SECRET_KEY, LINE, wire.url),
            self.payers,
            clock,
            webhook_secret=WEBHOOK_SECRET,
            livemode=False,
            copies_subscriptions=self.copies,
        )

    @property
    def now(self) -> datetime:
        return self._clock()

    def wait(self, duration: timedelta) -> None:
        self._clock.now += duration  # type: ignore[attr-defined] # the fixture's clock

    def present(self, opened: Report, behaviour: str) -> str | None:
        return behaviour

    def stored(self, customer: UUID, behaviour: str) -> str:
        method = pay(self, customer=customer).method
        assert method is not None
        self.peer.behave(method.token, behaviour)
        return method.token

    def challenge(self, report: Report, *, passed: bool) -> None:
        self.peer.authenticate(str(report.ref), passed=passed)

    def settle(self, report: Report, *, succeeded: bool) -> None:
        assert succeeded
        self.peer.capture(str(report.ref))

    def contest(self, paid: Report) -> str:
        return self.peer.dispute(str(paid.ref))

    def decide(self, dispute_ref: str, *, won: bool) -> None:
        self.peer.decide(dispute_ref, "won" if won else "lost")

    def renew(self, token: str, year: int, month: int) -> None:
        self.peer.renew(token, year, month)

    def agreed(self, behaviour: str | None) -> str:
        raise AssertionError("there are no agreements from before")

    def known(self, customer: UUID) -> Sequence[tuple[str, str]]:
        made = self.peer.book.of("customer").values()
        return [(c["name"], c["email"]) for c in made if c["metadata"]["solvent_account"] == customer.hex]

    def charged(self, key: UUID) -> Sequence[int]:
        return self.peer.charged(key)

    def refunded(self, key: UUID) -> int:
        return self.peer.refunded(key)

    def sent(self) -> Sequence[Sent]:
        return [Sent(headers=headers, body=body) for headers, body in self.peer.deliveries(self.now)]

    def failing(self, fault: Fault) -> AbstractContextManager[object]:
        return self.wire.down() if fault is Fault.NOT_REACHED else self.wire.always(WIRE[fault])

    @contextmanager
    def refusing(self) -> Iterator[None]:
        self.peer.book.refusing = invalid("Your account cannot currently make charges.")
        yield
        self.peer.book.refusing = None


class CopyingStage(StripeStage):
    """With subscriptions of Stripe's own; without debits, which no invoice of one takes."""

    copies = True
    causes = WITHOUT_DEBITS
    never = frozenset({FailureCause.ACCOUNT_CLOSED})
