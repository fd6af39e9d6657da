"""Disputes and refunds at Stripe and PayPal, heard by their adapters from the servers that stand for them, in flows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Protocol
from uuid import UUID

import pytest
from pydantic import SecretStr

from solvent.config import Settings
from solvent.core.attempt import Attempt
from solvent.core.crediting import PaidPart, Wish
from solvent.core.dispute import Dispute, Evidence
from solvent.flows.credit import Issued, refund_payment
from solvent.flows.disputes import accept, submit_evidence
from solvent.flows.reconcile import sweep
from solvent.ports.provider import Provider
from solvent.sim import Customer, World
from solvent.sim.played import played
from solvent.sim.stories.goods import VISA, zone_plan
from solvent.sim.stories.story import JANUARY
from solvent.store.dispute_reads import DisputeReads, Which
from solvent.wiring import Solvent, real_providers
from tests.peers.paypal import CLIENT_ID, SECRET, WEBHOOK_ID, acts
from tests.peers.paypal import play as paypal_play
from tests.peers.paypal.reversing import reverse
from tests.peers.paypal.server import PayPalPeer
from tests.peers.stripe import play as stripe_play
from tests.peers.stripe.server import SECRET_KEY, WEBHOOK_SECRET, StripeAccount

_buckets = count(1)
SETTINGS = {
    "stripe": Settings(
        stripe_secret_key=SecretStr(SECRET_KEY),
        stripe_webhook_secret=SecretStr(WEBHOOK_SECRET),
        stripe_calls_per_s=1000,
    ),
    "paypal": Settings(
        paypal_client_id=CLIENT_ID,
        paypal_calls_per_s=1000,
        paypal_secret=SecretStr(SECRET),
        paypal_webhook_id=WEBHOOK_ID,
        paypal_proof="api",
    ),
}
OUTCOMES = {
    "won": "RESOLVED_SELLER_FAVOUR",
    "lost": "RESOLVED_BUYER_FAVOUR",
    "withdrawn": "CANCELED_BY_BUYER",
}


class Payer(Protocol):
    """What the payer and the staff do at one provider, which charges `fee` for a dispute."""

    @property
    def fee(self) -> int: ...

    def contests(self, payment_ref: str, *, inquiry: bool = False) -> str: ...

    def ends(self, dispute_ref: str, how: str) -> None: ...

    def sends_refunds_back(self, payment_ref: str, token: str) -> None: ...

    def takes_back(self, payment_ref: str) -> None: ...


@dataclass(frozen=True, slots=True)
class AtStripe:
    """Stripe's payers; an inquiry that is let be is closed."""

    account: StripeAccount
    fee: int = 1_500

    def contests(self, payment_ref: str, *, inquiry: bool = False) -> str:
        return self.account.dispute(payment_ref, inquiry=inquiry)

    def ends(self, dispute_ref: str, how: str) -> None:
        self.account.decide(dispute_ref, "warning_closed" if how == "withdrawn" else how)

    def sends_refunds_back(self, payment_ref: str, token: str) -> None:
        self.account.behave(token, "pm_card_refundFail")

    def takes_back(self, payment_ref: str) -> None:
        self.account.return_debit(payment_ref, "insufficient_funds")


@dataclass(frozen=True, slots=True)
class AtPayPal:
    """PayPal's buyers and cases."""

    peer: PayPalPeer
    fee: int = 0

    def contests(self, payment_ref: str, *, inquiry: bool = False) -> str:
        stage = "INQUIRY" if inquiry else "CHARGEBACK"
        with self.peer.book.lock:
            case = acts.dispute(self.peer.book, payment_ref, dispute_life_cycle_stage=stage)
        return str(case["dispute_id"])

    def ends(self, dispute_ref: str, how: str) -> None:
        outcome = {"outcome_code": OUTCOMES[how]}
        with self.peer.book.lock:
            acts.change_dispute(self.peer.book, dispute_ref, status="RESOLVED", dispute_outcome=outcome)

    def sends_refunds_back(self, payment_ref: str, token: str) -> None:
        with self.peer.book.lock:
            self.peer.book.captures[payment_ref]["_refunds"] = acts.COMES_BACK

    def takes_back(self, payment_ref: str) -> None:
        with self.peer.book.lock:
            reverse(self.peer.book, payment_ref)


@dataclass(frozen=True, slots=True)
class Stage:
    """Ada in a world with one provider, and the payer's hands there."""

    world: World
    ada: Customer
    payer: Payer

    def buy(self) -> Attempt:
        """Ada buys a zone plan for 20.00."""
        return self.ada.buy(zone_plan("ada.example"), VISA)

    def refund(self, amount: int) -> None:
        """The merchant gives back some of the payment."""
        payment = self.ada.events("invoice.paid")[0].data["payment_id"]
        (invoice,) = self.ada.invoices()
        wish = Wish(paid_part=PaidPart.REFUND, reason="goodwill", issued_by="carol", key="r", input_hash=b"r")
        platform, now = self.world.platform, self.world.now
        assert isinstance(refund_payment(platform, invoice.id, UUID(str(payment)), amount, wish, now), Issued)

    def hear(self) -> Dispute:
        """The notifications are handed over; the dispute as it is then known."""
        self.world.work()
        return self.stored

    @property
    def stored(self) -> Dispute:
        (found,) = DisputeReads(self.world.database.pool).page(Which(account=self.ada.id), None, 10)
        return found.dispute

    def books(self) -> dict[str, int]:
        """Debits less credits, by ledger account without the provider's name; what nets to nothing is left out."""
        sums = {name.partition(":")[0]: n for (name, _), n in self.ada.ledger().items() if n}
        return {name: sums.get(name, 0) for name in ("cash", "disputes", "receivable", "dispute_losses")}


@pytest.fixture(scope="module", params=["stripe", "paypal"])
def house(request: pytest.FixtureRequest) -> Iterator[stripe_play.Rooms | paypal_play.Rooms]:
    """A provider's rooms. What went over the wire was as its documents have it."""
    served: stripe_play.Rooms | paypal_play.Rooms = (
        stripe_play.Rooms() if request.param == "stripe" else paypal_play.Rooms()
    )
    yield served
    served.close()
    assert served.witness.faults == []


@pytest.fixture(scope="module")
def around(
    house: stripe_play.Rooms | paypal_play.Rooms, scenario_solvent: Solvent
) -> Iterator[tuple[World, Payer]]:
    """A world with the provider in it, and the payer's hands there; all laws hold in the end."""
    name = "stripe" if isinstance(house, stripe_play.Rooms) else "paypal"

    def connect(room: str, clock: Callable[[], datetime]) -> Provider:
        there = SETTINGS[name].model_copy(update={f"{name}_url": room})
        return real_providers(there, clock, scenario_solvent.database.payers)[name]

    number = next(_buckets)
    opened = played(name, house.url, connect)
    world = World(scenario_solvent, start=JANUARY, seed=number, buckets=[number], opened=opened)
    room, _ = house.room(str(number))
    yield world, AtStripe(room) if isinstance(room, StripeAccount) else AtPayPal(room)
    assert [finding for finding in world.laws() if finding.violations] == []


@pytest.fixture
def stage(around: tuple[World, Payer]) -> Stage:
    """A customer of its own."""
    world, payer = around
    return Stage(world, world.customer("Ada"), payer)


def test_lost_and_paid_anew(stage: Stage) -> None:
    fee = stage.payer.fee
    ref = stage.payer.contests(str(stage.buy().ref))
    known = stage.hear()
    assert (known.ref, known.state, known.amount, known.fee) == (ref, "needs_response", 2_000, fee)
    assert stage.books() == {"cash": -fee, "disputes": 2_000, "receivable": 0, "dispute_losses": 0}
    stage.payer.ends(ref, "lost")
    assert stage.hear().state == "lost"
    assert stage.books() == {"cash": -fee, "disputes": 0, "receivable": 2_000, "dispute_losses": 0}
    stage.ada.pay_debt(VISA)
    (invoice,) = stage.ada.invoices()
    assert (invoice.state, invoice.charged_back, stage.ada.debt()) == ("resolved", 2_000, 0)
    assert stage.books()["cash"] == 2_000 - fee


def test_evidence_wins(stage: Stage) -> None:
    ref = stage.payer.contests(str(stage.buy().ref))
    said = Evidence(statement="Ada signed in every day.")
    assert submit_evidence(stage.world.platform, stage.hear(), said, stage.world.now) is None
    assert stage.stored.state == "under_review"
    stage.payer.ends(ref, "won")
    assert stage.hear().state == "won"
    assert stage.books()["cash"] == 2_000 - stage.payer.fee
    assert stage.ada.debt() == 0


def test_an_inquiry_is_let_be(stage: Stage) -> None:
    ref = stage.payer.contests(str(stage.buy().ref), inquiry=True)
    assert stage.hear().state == "warning"
    assert stage.books() == {"cash": 2_000, "disputes": 0, "receivable": 0, "dispute_losses": 0}
    stage.payer.ends(ref, "withdrawn")
    assert stage.hear().state == "withdrawn"
    assert stage.books()["cash"] == 2_000


def test_accepted_it_is_owed_again(stage: Stage) -> None:
    stage.payer.contests(str(stage.buy().ref))
    assert accept(stage.world.platform, stage.hear(), stage.world.now) is None
    assert (stage.stored.state in ("lost", "accepted"), stage.ada.debt()) == (True, 2_000)


def test_the_poll_hears_what_no_notification_told(stage: Stage) -> None:
    ref = stage.payer.contests(str(stage.buy().ref))
    stage.payer.ends(ref, "lost")
    stage.world.banks.deliveries(stage.world.now)  # taken from the post, and lost
    name = stage.world.platform.providers.default.name
    assert sweep(stage.world.platform, name, JANUARY, stage.world.now) is not None
    assert (stage.stored.state, stage.ada.debt()) == ("lost", 2_000)


def test_a_refund_that_is_refused_because_of_the_dispute_is_no_loss(stage: Stage) -> None:
    """3.00 were to go back when all of it is contested: 17.00 is owed again, and nothing becomes credit."""
    paid = stage.buy()
    stage.refund(300)
    ref = stage.payer.contests(str(paid.ref))
    stage.hear()
    stage.payer.ends(ref, "lost")
    assert stage.hear().written_off == 0
    assert (stage.ada.debt(), stage.ada.credit(), stage.books()["dispute_losses"]) == (1_700, 0, 0)


@pytest.mark.parametrize("told", [True, False])
def test_a_refund_that_comes_back_days_later_is_credit(stage: Stage, told: bool) -> None:
    """3.00 went back, and the payer's bank did not take them; whether a notification tells of it, or only the poll."""
    paid = stage.buy()
    (method,) = stage.ada.snapshot().methods
    stage.payer.sends_refunds_back(str(paid.ref), method.token)
    stage.refund(300)
    stage.world.work()
    assert (stage.books()["cash"], stage.ada.credit()) == (1_700, 0)
    if told:
        stage.world.wait(days=8)
    else:
        stage.world.clock.move(timedelta(days=8))
        stage.world.banks.deliveries(stage.world.now)  # taken from the post, and lost
        name = stage.world.platform.providers.default.name
        assert sweep(stage.world.platform, name, JANUARY, stage.world.now) is not None
    assert (stage.books()["cash"], stage.ada.credit(), stage.ada.debt()) == (2_000, 300, 0)
    assert [e.data["became"] for e in stage.ada.events("refund.returned")] == ["credit"]


@pytest.mark.parametrize("told", [True, False])
def test_what_the_payers_bank_took_back_is_owed_again_and_can_be_paid(stage: Stage, told: bool) -> None:
    """A debit returned, or a capture reversed: nobody asked, nobody can answer. Told or polled, once or again."""
    stage.payer.takes_back(str(stage.buy().ref))
    if not told:
        stage.world.banks.deliveries(stage.world.now)  # taken from the post, and lost
    name = stage.world.platform.providers.default.name
    for _ in range(2):
        stage.world.work()
        assert sweep(stage.world.platform, name, JANUARY, stage.world.now) is not None
    assert (stage.stored.state, stage.stored.reason) == ("lost", "debit_returned")
    assert (stage.ada.debt(), stage.books()["receivable"]) == (2_000, 2_000)
    stage.ada.pay_debt(VISA)
    (invoice,) = stage.ada.invoices()
    assert (invoice.state, invoice.charged_back, stage.ada.debt()) == ("resolved", 2_000, 0)
