"""The payment-method gate, path by path: on refuses, soft lets through and counts, off does not look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from solvent.core.attempt import Attempt
from solvent.core.gate import OPEN, Gate, refusal
from solvent.core.payment import Path
from solvent.core.request import AddMethod
from solvent.flows.invoicing import finalise
from solvent.sim import Customer
from tests.flows.acts import manual, switch, zone
from tests.simulation.fragile import FragileWorld

Act = Callable[[Customer], object]


def change(ada: Customer) -> object:
    return ada.ask(switch(ada, "zone-business"))


def pay(ada: Customer) -> object:
    return ada.open_debt()


def invoiced(ada: Customer) -> object:
    asked = ada._asked("advice", None, None, None)
    return finalise(ada.world.platform, asked, manual(9_900), ada.world.now)


ACTS: dict[Path, Act] = {
    Path.PURCHASE: lambda ada: ada.ask(zone("b.example")),
    Path.CHANGE: change,
    Path.COLLECTION: pay,
    Path.FINALISATION: invoiced,
}


def counted(world: FragileWorld, path: Path) -> int:
    return sum(c.times for c in world.database.counts.every() if (c.kind, c.about) == ("gate", path))


def close(world: FragileWorld, path: Path, gate: Gate) -> None:
    world._outside = replace(world._outside, gates=dict(OPEN) | {path: gate})
    world.decide()


@pytest.fixture
def bare(world: FragileWorld, ada: Customer) -> Customer:
    """Somebody who has a subscription and a debt, and no method any more."""
    ada.buy(zone())
    ada.receive_invoice(manual(5_000))
    with world.database.pool.connection() as connection:
        connection.execute(
            "update method set state = 'invalid', invalid_by = 'account_closed', look_at = null where account_id = %s",
            (ada.id,),
        )
    ada.receive_invoice(manual(700))
    return ada


@pytest.mark.parametrize("gate", Gate)
@pytest.mark.parametrize("path", ACTS)
def test_each_gate_on_each_path(
    world: FragileWorld, bare: Customer, path: Path, gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    close(world, path, gate)
    before = counted(world, path)
    answer = ACTS[path](bare)
    if gate is Gate.ON:
        assert answer == refusal()
    else:
        assert isinstance(answer, Attempt), answer
        assert answer.plan.path is path
    assert counted(world, path) - before == (gate is Gate.SOFT)
    assert (f"a soft gate lets its {path} through" in caplog.text) == (gate is Gate.SOFT)


AGAIN: dict[Path, Callable[[Customer, str], object]] = {
    Path.PURCHASE: lambda ada, key: ada.ask(zone("b.example"), key=key),
    Path.CHANGE: lambda ada, key: ada.ask(switch(ada, "zone-business"), key=key),
    Path.COLLECTION: lambda ada, key: ada.open_debt(key=key),
    Path.FINALISATION: lambda ada, key: finalise(
        ada.world.platform, ada._asked("advice", key, None, None), manual(9_900), ada.world.now
    ),
}


@pytest.mark.parametrize("path", AGAIN)
def test_what_is_asked_again_is_counted_once(world: FragileWorld, bare: Customer, path: Path) -> None:
    close(world, path, Gate.SOFT)
    before = counted(world, path)
    first, again = (AGAIN[path](bare, "key") for _ in range(2))
    assert isinstance(first, Attempt)
    assert isinstance(again, Attempt)
    assert (again.id, counted(world, path)) == (first.id, before + 1)
    if path is not Path.FINALISATION:  # there another key is another invoice
        joined = AGAIN[path](bare, "another key")
        assert isinstance(joined, Attempt)
        assert (joined.id, counted(world, path)) == (first.id, before + 1)


def test_whoever_has_a_method_meets_no_gate(world: FragileWorld, ada: Customer) -> None:
    ada.buy(zone())
    for path in (Path.PURCHASE, Path.CHANGE):
        close(world, path, Gate.ON)
        assert isinstance(ACTS[path](ada), Attempt)


def test_the_way_out_is_open_and_leads_out(world: FragileWorld, ada: Customer) -> None:
    close(world, Path.PURCHASE, Gate.ON)
    assert ada.ask(zone()) == refusal()
    ada.buy(AddMethod())
    assert isinstance(ada.ask(zone()), Attempt)
