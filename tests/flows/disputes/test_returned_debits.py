"""A bank debit is paid after days, and returned by the payer's bank weeks later: the invoice is owed again."""

from __future__ import annotations

import pytest

from solvent.flows.reconcile import sweep
from solvent.providers.sandbox.reading import dispute_of
from solvent.sim import Customer
from tests.flows.acts import DEBIT, GOOD, zone
from tests.flows.disputes.contests import BANK, agree, cash, figures, only
from tests.simulation.fragile import START, FragileWorld


@pytest.mark.parametrize("told", [True, False])
def test_what_it_paid_is_owed_again_and_is_not_taken_again_by_itself(
    world: FragileWorld, ada: Customer, told: bool
) -> None:
    attempt = ada.confirm(ada.open(zone()), DEBIT)
    assert not ada.has("zone-pro"), "nothing is committed while it is processing"
    world.wait(days=4)
    assert (ada.has("zone-pro"), cash(ada)) == (True, 2_000)
    bank = world.banks.by_name[BANK]
    report = dispute_of(bank.return_debit(str(ada.attempt(attempt).ref), world.now))
    assert (report.state, report.reason) == ("lost", "debit_returned")
    if not told:
        world.banks.post.lose(world.now)
        sweep(world.platform, BANK, START, world.now)
    world.wait(days=1)
    assert (figures(only(ada)), cash(ada)) == (("open", 2_000, 0, 2_000, 2_000), 0)
    assert [e.data["reason"] for e in ada.events("dispute.lost")] == ["debit_returned"]
    assert len(ada.charges()) == 1
    ada.pay_debt(GOOD)
    assert (ada.debt(), cash(ada)) == (0, 2_000)
    again = bank.return_debit(str(ada.attempt(attempt).ref), world.now)
    assert again["id"] == report.ref
    agree(world)


def test_what_was_never_charged_cannot_be_returned(world: FragileWorld) -> None:
    assert world.banks.by_name[BANK].return_debit("nothing", world.now)["error"]["code"] == "not_found"
