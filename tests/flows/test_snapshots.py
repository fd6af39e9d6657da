"""Snapshots: what the short statement tells of accounts is what the whole one does, and both tell all."""

from __future__ import annotations

import pytest

from solvent.core.consequence import Consequence
from solvent.core.snapshot import Snapshot
from solvent.flows.holds import place_hold
from solvent.sim import Customer
from solvent.store import snapshots
from solvent.store.snapshots import read
from tests.flows.acts import zone
from tests.flows.disputes.contests import Contest
from tests.flows.plants import DAY, owing
from tests.simulation.fragile import FragileWorld


def lives(world: FragileWorld) -> list[Customer]:
    """Accounts of every kind: at rest, with nothing at all, in debt, with credit, held, in dispute."""
    debtor = owing(world, days=2)
    rest, nobody, rich, held, contesting = map(
        world.customer, ("Rest", "Nobody", "Rich", "Held", "Contesting")
    )
    for customer in (rest, rich, held):
        customer.buy(zone())
    rich.receive_credit(500)
    place_hold(world.platform, held.id, Consequence.ALL, "waits", "carol", world.now + DAY, world.now)
    Contest(contesting, contesting.buy(zone()))
    world.work()
    return [debtor, rest, nobody, rich, held, contesting]


def test_an_account_is_told_alike_by_either_statement(
    world: FragileWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = [customer.id for customer in lives(world)]

    def told() -> list[Snapshot]:
        with world.database.look() as tx:
            return read(tx.connection, world.buckets[0], everybody)

    short = told()
    # From here on everybody has more to tell, so that the whole statement is asked about all of them.
    plain = snapshots._PLAIN.replace(
        "exists (select from invoice v", "true or exists (select from invoice v", 1
    )
    assert plain != snapshots._PLAIN
    monkeypatch.setattr(snapshots, "_PLAIN", plain)
    assert told() == short
    assert [s.account.id for s in short] == sorted(everybody)
    debtor, rest, nobody, rich, held, contesting = (
        next(s for s in short if s.account.id == account_id) for account_id in everybody
    )
    assert [len(s.open_invoices) for s in (debtor, rest, nobody)] == [1, 0, 0]
    assert [len(s.grants) for s in (rest, nobody)] == [1, 0]
    assert (rich.credit, rest.credit) == (500, 0)
    assert ([h.reason for h in held.holds], rest.holds) == (["waits"], ())
    assert ([d.amount for d in contesting.disputes], rest.disputes) == ([2000], ())


def test_accounts_that_do_not_exist_are_left_out(world: FragileWorld, ada: Customer) -> None:
    nobody = world.platform.ids.draw(world.buckets[0])
    with world.database.look() as tx:
        assert [s.account.id for s in read(tx.connection, world.buckets[0], [nobody, ada.id])] == [ada.id]
        assert read(tx.connection, world.buckets[0], []) == []


def test_a_commit_says_which_invoice_it_issued(world: FragileWorld, ada: Customer) -> None:
    committed = ada.buy(zone())
    (invoice,) = ada.invoices()
    assert committed.issued == invoice.id
    assert ada.attempt(committed).issued is None  # the journal does not: it has to be looked up
    paid_off = owing(world, days=1)
    assert paid_off.pay_debt().issued is None  # its invoice was there before
