"""Why: the page of the command line, in the words of the state's evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from solvent.commands import why
from solvent.commands.console import CommandError
from solvent.core.consequence import Consequence
from solvent.core.ids import spell
from solvent.sim import Customer
from tests.flows.edge import Edge, edge
from tests.flows.plants import DAY, owing, paying, run
from tests.flows.test_dunning import govern
from tests.flows.test_valves import held
from tests.simulation.fragile import FragileWorld

pytestmark = pytest.mark.unmeasured

BUCKETS = iter(range(1, 250))


@pytest.fixture
def world(flows_url: str) -> Iterator[FragileWorld]:
    number = next(BUCKETS)
    world = FragileWorld(flows_url, buckets=(number,), seed=number)
    govern(world)
    yield world
    world.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Edge]:
    with edge() as opened:
        yield opened


def page(world: FragileWorld, ada: Customer) -> list[str]:
    solvent = replace(world.process, clock=world.clock, platform=world.platform)
    return [line.strip() for line in why.lines(solvent, spell("acc", ada.id))]


def test_an_account_that_owes_nothing(world: FragileWorld) -> None:
    told = page(world, paying(world))
    assert told[0].endswith(": good, as of 2027-01-31 12:00 UTC")
    assert "nothing is owed" in told
    assert told[told.index("may use now:") + 1].startswith("zone-pro on zone:example.com, until 2027-")
    assert told[told.index("can be charged by:") + 1] == "card at sandbox"
    assert told[-1] == "next: nothing changes by the passing of time alone"


def test_the_page_has_every_sentence_of_the_evidence_and_what_was_decided(
    world: FragileWorld, server: Edge
) -> None:
    ada = owing(world, 4)
    held(world, ada, Consequence.RESTRICT, 9)
    world.wait(days=2)
    state = server.of(world).get(f"/accounts/{spell('acc', ada.id)}/state").json()
    told = page(world, ada)
    begin = told.index("because:") + 1
    assert told[begin : begin + len(state["evidence"])] == state["evidence"]
    assert "owes 20.00 USD" in told
    assert told[told.index("held:") + 1].startswith("restrict, held by carol until ")
    (invoice,) = ada.open_invoices()
    decided = told[told.index("decided lately:") + 1 :]
    assert any(line.endswith(f"notice due of {spell('inv', invoice.id)}") for line in decided)
    assert any(": withheld restrict, held by carol" in line for line in decided)
    assert any(line.startswith("next: looked at again at ") for line in told)


def test_contradictions_and_missing_methods_are_told(world: FragileWorld) -> None:
    ada = owing(world, 4)
    run(
        world,
        "update method set state = 'invalid', invalid_by = 'account_closed', look_at = null where account_id = %(id)s",
        id=ada.id,
    )
    run(world, "update account set currency = 'EUR' where id = %(id)s", id=ada.id)
    told = page(world, ada)
    assert "nothing: no method on file can be charged" in told
    assert told[told.index("the stores contradict each other:") + 1].startswith("currency_differs: sub_")


def test_what_is_charged_now_comes_next(world: FragileWorld) -> None:
    ada = owing(world, 0)
    world.clock.move(1.5 * DAY)
    assert "next: 1 invoices are to be charged now" in page(world, ada)


def test_an_account_that_is_not_there(world: FragileWorld) -> None:
    solvent = replace(world.process, clock=world.clock, platform=world.platform)
    with pytest.raises(CommandError, match="no account acc_"):
        list(why.lines(solvent, spell("acc", world.platform.ids.draw(world.buckets[0]))))
