"""Parity end to end: an engine that observes beside what it, somebody by hand, and another system did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from solvent.commands import parity as command
from solvent.commands.console import CommandError
from solvent.core.engine import Mode
from solvent.core.giving_up import Surrender
from solvent.core.ids import spell
from solvent.flows.debts import give_up
from solvent.sim import Customer
from solvent.store.parity import Window
from tests.flows.edge import Edge, edge
from tests.flows.plants import DAY, owing
from tests.flows.test_caps import without_ladders
from tests.flows.test_dunning import govern
from tests.flows.test_valves import set_mode
from tests.simulation.checks import wrong
from tests.simulation.fragile import FragileWorld

pytestmark = pytest.mark.unmeasured

BUCKETS = iter(range(1, 250))


@pytest.fixture
def world(flows_url: str) -> Iterator[FragileWorld]:
    number = next(BUCKETS)
    world = FragileWorld(flows_url, buckets=(number,), seed=number)
    govern(world)
    set_mode(world, Mode.OBSERVE)
    yield world
    set_mode(world)
    world.work()
    found = wrong(world)
    world.close()
    assert found == []


@pytest.fixture(scope="module")
def server() -> Iterator[Edge]:
    with edge() as opened:
        yield opened


def of(report: dict[str, object], consequence: str) -> dict[str, object]:
    (one,) = [row for row in report["data"] if row["consequence"] == consequence]  # type: ignore[attr-defined]
    return one  # type: ignore[no-any-return]


def by_hand(world: FragileWorld, ada: Customer) -> None:
    (invoice,) = ada.open_invoices()
    give_up(world.platform, invoice.id, Surrender(reason="gone", by="carol"), world.now)


def test_observing_is_compared_with_what_others_did(world: FragileWorld, server: Edge) -> None:
    began = world.now
    ada = owing(world, 31)
    account = spell("acc", ada.id)
    by_hand(world, ada)
    elsewhere = [
        {"account_id": account, "consequence": "restrict", "at": (world.now - 25 * DAY).isoformat()},
        {"account_id": account, "consequence": "cancel", "at": (world.now - DAY).isoformat()},
        {
            "account_id": account,
            "consequence": "collect",
            "at": (began - DAY).isoformat(),
        },  # before the window
    ]
    body = {"since": began.isoformat(), "until": (world.now + DAY).isoformat(), "done": elsewhere}
    report = server.of(world).post("/engine/parity", json=body).json()
    given_up, restricted, cancelled = (of(report, word) for word in ("give_up", "restrict", "cancel"))
    assert (given_up["agreed"], given_up["only_done"], given_up["apart_s"]) == (1, 0, DAY.total_seconds())
    assert (restricted["agreed"], restricted["apart_s"]) == (1, DAY.total_seconds())
    assert (cancelled["agreed"], cancelled["only_done"]) == (0, 1)
    assert cancelled["examples"][0]["account_id"] == account  # type: ignore[index]
    assert cancelled["examples"][0]["age_s"] == 2 * DAY.total_seconds()  # type: ignore[index]
    assert (of(report, "collect")["only_decided"], of(report, "downgrade")["only_decided"]) == (1, 1)


def test_what_the_engine_does_itself_agrees(world: FragileWorld, server: Edge) -> None:
    set_mode(world)
    world.clock.move(500 * DAY)  # no other account of these tests lives then
    began = world.now
    owing(world, 31)
    body = {"since": began.isoformat(), "until": world.now.isoformat(), "examples": 0}
    report = server.of(world).post("/engine/parity", json=body).json()
    told = {
        row["consequence"]: (row["agreed"], row["only_decided"], row["only_done"]) for row in report["data"]
    }
    assert told == dict.fromkeys(
        ("collect", "notice", "restrict", "suspend", "downgrade", "give_up"), (1, 0, 0)
    ) | {"cancel": (0, 0, 0)}


def test_what_the_clock_ends_is_decided_as_it_is_done(world: FragileWorld) -> None:
    without_ladders(world)
    set_mode(world)
    began = world.now
    ada = owing(world, 1)
    world.until(ada.subscription().period.end + DAY)
    solvent = replace(world.process, clock=world.clock, platform=world.platform)
    parts = command.report(solvent, Window(since=began, until=world.now), iter(()), 5)
    lines = [part for part in parts if isinstance(part, str)]
    assert [line for line in lines if " cancel: " in line] == []


def test_a_file_says_what_another_system_did(world: FragileWorld, tmp_path: Path) -> None:
    ada, began = owing(world, 1), world.now
    path = tmp_path / "done.csv"
    path.write_text(
        f"account,consequence,at\n{spell('acc', ada.id)},restrict,{world.now:%Y-%m-%dT%H:%M:%SZ}\n"
    )
    solvent = replace(world.process, clock=world.clock, platform=world.platform)
    window = command.window_of(None, f"{began + timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}", began)
    told = [p for p in command.report(solvent, window, command.done_in(path), 5) if isinstance(p, str)]
    assert f"{spell('acc', ada.id)}  restrict: done, not decided for 3 h 0 min (done elsewhere)" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("account,what\n", "the first line must be account,consequence,at"),
        ("account,consequence,at\nx,y\n", ":2: must have 3 fields, got 2"),
        ("account,consequence,at\nx,restrict,2027-01-01\n", ":2: account: must look like acc_"),
        (f"account,consequence,at\nacc_{'0' * 32},all,2027-01-01\n", "consequence: must be one of collect"),
        (f"account,consequence,at\nacc_{'0' * 32},restrict,soon\n", ":2: at: must"),
    ],
)
def test_a_file_that_breaks_a_rule(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "done.csv"
    path.write_text(text)
    with pytest.raises(CommandError) as refused:
        list(command.done_in(path))
    assert said in str(refused.value)


def test_what_cannot_be_compared(world: FragileWorld, server: Edge) -> None:
    client = server.of(world)
    late = {"since": "2027-02-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}
    assert client.post("/engine/parity", json=late).json()["errors"][0]["field"] == "since"
    one = {"account_id": "acc_" + "0" * 32, "consequence": "all", "at": "2027-01-01T00:00:00Z"}
    told = client.post("/engine/parity", json={"done": [one]}).json()
    assert told["errors"][0]["field"] == "done[0].consequence"
    with pytest.raises(CommandError, match="must be before"):
        command.window_of("2027-02-01", "2027-01-01", world.now)
