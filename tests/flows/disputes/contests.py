"""Contests: the payer's side of disputes, and what these tests ask of a customer and the books afterwards.

Owns no expectation.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from solvent.core.attempt import Attempt
from solvent.core.dispute import Dispute, DisputeReport
from solvent.core.invoice import Invoice
from solvent.ports.provider import Notification, Subject
from solvent.ports.queues import Arrival
from solvent.sim import Customer
from solvent.store.dispute_reads import DisputeReads, Which
from tests.simulation.fragile import FragileWorld

LIMIT = 100
BANK = "sandbox"


class Contest:
    """The payer's side of one dispute: what happens at the bank, and what Solvent then knows."""

    def __init__(self, customer: Customer, paid: Attempt, **told: object) -> None:
        self.customer, self.world = customer, customer.world
        self.bank = self.world.banks.by_name[str(paid.provider)]
        opened = self.bank.open_dispute(str(paid.ref), self.world.now, **told)  # type: ignore[arg-type]
        self.ref = opened["id"]

    def close(self, *, won: bool) -> None:
        self.bank.close_dispute(self.ref, won, self.world.now)
        self.world.work()

    @property
    def stored(self) -> Dispute:
        found = DisputeReads(self.world.database.pool).page(Which(account=self.customer.id), None, 100)
        (stored,) = [one.dispute for one in found if one.dispute.ref == self.ref]
        return stored


def figures(invoice: Invoice) -> tuple[str, int, int, int, int]:
    return invoice.state, invoice.total, invoice.paid, invoice.charged_back, invoice.debt


def only(customer: Customer) -> Invoice:
    (invoice,) = customer.invoices()
    return invoice


def told(customer: Customer) -> list[str]:
    return [
        e.type
        for e in customer.events()
        if e.type.partition(".")[0] in {"dispute", "invoice", "grace", "credit"}
    ]


def agree(world: FragileWorld) -> None:
    """The bank's statement and the ledger tell the same."""
    assert [f for f in world.agreement() if f.violations] == []


def cash(customer: Customer) -> int:
    return customer.ledger().get(("cash:sandbox", "USD"), 0)


def balance(customer: Customer, name: str) -> int:
    return customer.ledger().get((name, "USD"), 0)


def payment_of(customer: Customer) -> tuple[Invoice, UUID]:
    paid = customer.events("invoice.paid")[-1]
    return customer.invoices()[-1], UUID(str(paid.data["payment_id"]))


def hint(world: FragileWorld, ref: str | None, attempt: Attempt | None) -> None:
    """Somebody tells of a dispute, whatever there is to it."""
    key = None if attempt is None else attempt.id
    about = Notification(
        id=f"evt_{uuid4()}", provider=BANK, subject=Subject.DISPUTE, key=key, ref=ref, occurred_at=world.now
    )
    with world.platform.store.single() as tx:
        tx.inbox.store([Arrival(world.buckets[0], about, world.now)])


def reasons(world: FragileWorld) -> list[str]:
    with world.database.pool.connection() as connection:
        query = "select reason from inbox where bucket = %s and state = 'waiting' and reason is not null"
        return [row[0] for row in connection.execute(query, (world.buckets[0],))]


def report_of(world: FragileWorld, contest: Contest, **other: object) -> DisputeReport:
    report = world.platform.providers.get(BANK).get_dispute(contest.ref)
    assert report is not None
    return replace(report, **other)  # type: ignore[arg-type]  # fields of a report
