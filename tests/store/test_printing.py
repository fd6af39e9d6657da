"""Printing: the facts behind a document, with the legal entity as it was when the document was issued."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from solvent.core.document import InvoiceFacts, Settled
from solvent.core.party import Address, BankAccount, Entity, TaxId
from solvent.store import offers
from solvent.store.printing import Printing
from tests.store.worlds import NOW, ZONE, World, draw

ADDRESS = Address(lines=("548 Market Street",), city="San Francisco", postal_code="94104", region="CA")
ENTITY = Entity(
    id="solvent-us",
    name="Solvent, Inc.",
    country="US",
    series_prefix="SOL",
    address=ADDRESS,
    registration="Delaware 1234567",
    tax_ids=(TaxId(scheme="EIN", value="12-3456789"),),
    email="billing@example.com",
    bank_accounts=(
        BankAccount(currency="USD", holder="Solvent, Inc.", account="000123", routing="110000000"),
    ),
)


def _declare(world: World, entity: Entity, days: int) -> list[str]:
    return offers.apply(world.database, entities=[entity], now=NOW + timedelta(days=days))


def _bought(world: World) -> UUID:
    _, _, booking = world.subscribed()
    assert booking.invoice is not None
    return booking.invoice.id


def _facts(world: World, invoice_id: UUID) -> InvoiceFacts:
    found = Printing(world.database.pool).invoice(invoice_id)
    assert found is not None
    return found


def test_everything_about_one_invoice_in_one_read(world: World) -> None:
    _declare(world, ENTITY, -1)
    facts = _facts(world, _bought(world))
    assert (facts.invoice.total, facts.invoice.paid, facts.entity) == (2000, 2000, ENTITY)
    assert [(str(line.description), line.amount) for line in facts.lines] == [(f"Pro, {ZONE}", 2000)]
    assert facts.lines[0].period is not None
    assert facts.settled == (Settled(debit="cash:sandbox-card", amount=2000, booked_at=NOW),)
    assert Printing(world.database.pool).invoice_of_number(facts.invoice.number) == facts


def test_an_invoice_keeps_the_entity_it_was_issued_by(world: World) -> None:
    assert _declare(world, ENTITY, -2) == ["entity solvent-us: changed"]
    invoice_id = _bought(world)
    moved = replace(ENTITY, address=replace(ADDRESS, lines=("1 Elsewhere",)), name="Solvent Holding")
    assert _declare(world, moved, 1) == ["entity solvent-us: changed"]
    assert _declare(world, moved, 2) == []
    assert _facts(world, invoice_id).entity == ENTITY


def test_an_invoice_from_before_the_first_version_has_the_first(world: World) -> None:
    invoice_id = _bought(world)
    assert _facts(world, invoice_id).entity == Entity(
        id="solvent-us", name="Solvent", country="US", series_prefix="SOL"
    )
    _declare(world, ENTITY, 1)
    _declare(world, replace(ENTITY, registration=None), 2)
    assert _facts(world, invoice_id).entity == ENTITY


def test_a_version_declared_by_a_slow_clock_follows_the_one_before(world: World) -> None:
    _declare(world, ENTITY, 0)
    _declare(world, replace(ENTITY, email=None), -5)
    assert _declare(world, replace(ENTITY, email=None), -5) == []


def test_an_account_keeps_its_address_and_tax_number(world: World) -> None:
    account = replace(world.account(), id=draw(), address=ADDRESS, tax_id="DE123456789")
    with world.database.begin() as tx:
        tx.accounts.add(account, NOW)
        view = tx.accounts.view(account.id)
    assert view is not None
    assert view.account == account


@pytest.mark.parametrize("number", ["SOL-07-000001", "SOL-07-1", "SOL", "", "sol-07-000001", "SOL-GG-000001"])
def test_what_does_not_exist_is_not_found(world: World, number: str) -> None:
    printing = Printing(world.database.pool)
    assert printing.invoice_of_number(number) is None
    assert printing.invoice(draw()) is None
    assert printing.credit_note_of_number(number) is None
    assert printing.credit_note(draw()) is None
