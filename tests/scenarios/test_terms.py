"""Terms: three contract customers, with what they owe, since when, and what the books say of it on the way."""

from __future__ import annotations

from datetime import UTC, datetime

from solvent.core.account import Segment
from solvent.core.ageing import Bracket
from solvent.core.payment import ExternalMethod
from solvent.core.receiving import Receipt
from solvent.flows.debts import Recorded, record_receipt
from solvent.sim import Customer
from solvent.sim.stories.goods import BUSINESS, PRO, zone_plan
from solvent.store.closing import EVERYBODY, ageing_at, snapshot
from tests.scenarios.conftest import OpenWorld
from tests.scenarios.timeline import timeline


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def owed(customer: Customer, moment: str) -> dict[str, int]:
    """What the ageing of the customer's receivables says at a moment, without its empty brackets."""
    with snapshot(customer.world.database.pool) as connection:
        rows = ageing_at(connection, at(moment), EVERYBODY, account=customer.id).accounts
    return {b.value: n for row in rows for b, n in row.by_bracket().items() if n}


def transfers(customer: Customer, amount: int, reference: str) -> None:
    """The customer's bank transfer arrives, for the invoice that is owed longest."""
    oldest = min(customer.open_invoices(), key=lambda i: i.due_at)
    receipt = Receipt(
        method=ExternalMethod.BANK_TRANSFER,
        reference=reference,
        amount=amount,
        received_at=customer.world.now,
    )
    recorded = record_receipt(customer.world.platform, oldest.id, receipt, customer.world.now)
    assert isinstance(recorded, Recorded)


def test_net_30_paid_in_time(open_world: OpenWorld) -> None:
    """The segment's terms: issued on 10 January, due on 9 February, paid on 1 February; the next month likewise."""
    world = open_world(at("2027-01-10 08:00"))
    corp = world.customer("Corp", segment=Segment.CONTRACT, terms_days=None)
    corp.open(zone_plan("corp.example", BUSINESS))
    world.until(at("2027-02-01 12:00"))
    assert owed(corp, "2027-02-01 12:00") == {Bracket.NOT_DUE: 20_000}
    transfers(corp, 20_000, "January")
    world.until(at("2027-03-01 00:00"))
    assert timeline(corp) == [
        "2027-01-10 subscription.started to 2027-02-10 terms",
        "2027-01-10 invoice.issued 200.00",
        "2027-02-01 payment.received 200.00",
        "2027-02-01 invoice.paid 200.00 payment",
        "2027-02-10 subscription.renewed to 2027-03-10 terms",
        "2027-02-10 invoice.issued 200.00",
    ]
    assert [(f"{i.due_at:%d %b %H:%M}", i.state, i.debt) for i in corp.invoices()] == [
        ("09 Feb 08:00", "paid", 0),
        ("12 Mar 08:00", "open", 20_000),
    ]
    assert corp.has("zone-business")
    assert not corp.charges()


def test_net_30_overdue(open_world: OpenWorld) -> None:
    """Nothing is said until 9 February; five days of grace later it is past due. It ages from its due date, service
    goes on, and two transfers pay it on 20 March."""
    world = open_world(at("2027-01-10 08:00"))
    corp = world.customer("Corp", terms_days=30)
    corp.open(zone_plan("corp.example", PRO))
    world.until(at("2027-02-09 07:59"))
    assert (corp.standing(), owed(corp, "2027-02-09 08:00")) == ("good", {Bracket.NOT_DUE: 2_000})
    world.until(at("2027-03-20 12:00"))
    assert owed(corp, "2027-03-10 07:00") == {Bracket.DAYS_1_30: 2_000, Bracket.NOT_DUE: 2_000}
    # 39 days after 9 February; what was issued on 10 February fell due on 12 March, and on 10 March the third came
    assert owed(corp, "2027-03-20 12:00") == {
        Bracket.DAYS_31_60: 2_000,
        Bracket.DAYS_1_30: 2_000,
        Bracket.NOT_DUE: 2_000,
    }
    assert corp.has("zone-pro")
    transfers(corp, 500, "first part")
    transfers(corp, 1_500, "the rest")
    transfers(corp, 2_000, "February")
    world.work()
    assert [line for line in timeline(corp) if "subscription" not in line and "issued" not in line] == [
        "2027-02-09 standing.changed grace",
        "2027-02-14 standing.changed past_due",
        "2027-03-20 payment.received 5.00",
        "2027-03-20 payment.received 15.00",
        "2027-03-20 invoice.paid 20.00 payment",
        "2027-03-20 payment.received 20.00",
        "2027-03-20 invoice.paid 20.00 payment",
        "2027-03-20 standing.changed good",
    ]
    assert owed(corp, "2027-03-20 12:01") == {Bracket.NOT_DUE: 2_000}


def test_net_60_in_new_york_across_summer_time(open_world: OpenWorld) -> None:
    """Issued on 1 February at 10:00, due 60 days later at 10:00: clocks went forward on 14 March, so the two are an
    hour less than 60 × 24 apart."""
    world = open_world(at("2027-02-01 15:00"))
    corp = world.customer("Corp", terms_days=60, time_zone="America/New_York")
    corp.open(zone_plan("corp.example", PRO))
    world.until(at("2027-04-02 13:59"))
    assert (corp.standing(), owed(corp, "2027-04-02 14:00")) == ("good", {Bracket.NOT_DUE: 6_000})
    world.until(at("2027-04-02 14:00"))
    assert corp.standing() == "grace"
    assert [(f"{i.issued_at:%d %b %H:%M}", f"{i.due_at:%d %b %H:%M}") for i in corp.invoices()] == [
        ("01 Feb 15:00", "02 Apr 14:00"),
        ("01 Mar 15:00", "30 Apr 14:00"),
        ("01 Apr 14:00", "31 May 14:00"),
    ]
    corp.pay_debt()
    world.work()
    assert (corp.standing(), corp.debt(), len(corp.charges())) == ("good", 4_000, 1)
