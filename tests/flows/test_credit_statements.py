"""How many statements a batch of renewals takes: one more with credit than without, however many grants there are."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from solvent.flows.renew import renew
from tests.flows.acts import until_idle, zone
from tests.simulation.fragile import FragileWorld

LIMIT = 100


def statements(world: FragileWorld, monkeypatch: pytest.MonkeyPatch, customers: int, grants: int) -> int:
    """Of the renewal of so many customers with so many grants each."""
    everybody = [world.customer(f"{grants} {n}") for n in range(customers)]
    for customer in everybody:
        customer.buy(zone(f"{customers}.example"))
        for n in range(grants):
            customer.receive_credit(100, priority=n)
    world.clock.move_to(everybody[0].subscription().period.end)
    sent: list[object] = []
    execute = psycopg.Cursor.execute

    def counted(cursor: psycopg.Cursor[Any], *given: Any, **more: Any) -> psycopg.Cursor[Any]:  # noqa: ANN401 - as psycopg
        sent.append(given)
        return execute(cursor, *given, **more)

    with monkeypatch.context() as counting:
        counting.setattr(psycopg.Cursor, "execute", counted)
        assert renew(world.platform, world.buckets[0], world.now, LIMIT) >= customers
    for customer in everybody:
        assert (customer.credit(), customer.charges()[-1].amount) == (0, 2_000 - 100 * grants)
    return len(sent)


def test_credit_costs_a_batch_of_renewals_one_statement(
    world: FragileWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = statements(world, monkeypatch, customers=2, grants=0)
    assert without > 0
    until_idle(lambda: renew(world.platform, world.buckets[0], world.now, LIMIT))
    assert statements(world, monkeypatch, customers=3, grants=4) <= without + 1
