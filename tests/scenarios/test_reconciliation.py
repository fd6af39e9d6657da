"""Reconciliation over real HTTP: the statements of Stripe and PayPal against the books, printed and repaired."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from rich.console import Console

from solvent.commands import reconcile as command
from solvent.commands.console import THEME, CommandError
from solvent.sim import Customer, World
from solvent.sim.banks import Opened
from solvent.sim.stories.goods import CHALLENGED, VISA, zone_plan
from solvent.store.reconciliations import ReconciliationReads
from solvent.wiring import Solvent
from tests.scenarios.test_played import new_world, opened, settings

__all__ = ["opened", "settings"]  # fixtures
_months = (datetime(year, 5, 1, tzinfo=UTC) for year in count(2020, -1))
Choose = Callable[..., Opened]
Compared = Callable[..., tuple[bool, str]]


@pytest.fixture(params=["stripe", "paypal"])
def provider(request: pytest.FixtureRequest) -> str:
    value: str = request.param
    return value


@pytest.fixture
def world(scenario_solvent: Solvent, opened: Choose, provider: str) -> Iterator[World]:
    """A world in which nobody polls but the test, in a month that no other world of this database lives in."""
    world = new_world(scenario_solvent, next(_months), opened(provider))
    world.polls = False
    yield world
    assert [finding for finding in world.laws() if finding.violations] == []


@pytest.fixture
def compared(scenario_solvent: Solvent, world: World, provider: str) -> Compared:
    """Runs the command an hour later; whether nothing was left, and what it printed."""
    since = world.now.isoformat()

    def run(agreed: command.Agreed = command.never) -> tuple[bool, str]:
        world.clock.move_to(world.now + timedelta(hours=1))
        told = Console(file=io.StringIO(), width=200, theme=THEME)
        here = replace(scenario_solvent, platform=world.platform, clock=world.clock)
        nothing_left = command.run(here, told, provider, since, None, agreed)
        assert isinstance(told.file, io.StringIO)
        return nothing_left, told.file.getvalue()

    return run


def paid_unheard(world: World) -> Customer:
    """The money moved, and no notification arrived."""
    ada = world.customer("Ada")
    ada.buy(zone_plan("a.example"), VISA)
    if world.banks.played.keys() & {"stripe"}:
        attempt = ada.confirm(ada.open(zone_plan("b.example")), CHALLENGED)
        ada.pass_challenge(attempt)
    world.banks.deliveries(world.now)
    return ada


def test_what_nobody_told_of_is_found_named_and_repaired_on_a_word(
    world: World, compared: Compared, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = paid_unheard(world)
    fee = {"stripe": 88, "paypal": 118}[
        provider
    ]  # = 20.00 × 2.9 % + 0.30, or × 3.49 % + 0.49, down to the cent
    nothing_left, said = compared()
    assert not nothing_left
    assert "fee unrecorded" in said
    assert ("ours missing" in said) is (provider == "stripe")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert compared(command.confirmed)[0] is False
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert compared(command.confirmed)[0] is True
    payments = len(ada.charges())
    assert ada.ledger()["provider_fees", "USD"] == fee * payments
    assert ada.ledger()[f"cash:{provider}", "USD"] == (2_000 - fee) * payments
    nothing_left, said = compared(command.always)
    assert nothing_left
    assert "no difference" in said


def test_an_unknown_provider_and_one_that_is_silent_are_said(world: World, scenario_solvent: Solvent) -> None:
    here = replace(scenario_solvent, platform=world.platform, clock=world.clock)
    with pytest.raises(CommandError, match=r"PROVIDER: must be one of .*, got 'nobody'"):
        command.run(here, Console(), "nobody", "2027-01-01", None, command.never)


def test_reports_are_in_the_database(
    world: World, compared: Compared, scenario_solvent: Solvent, provider: str
) -> None:
    paid_unheard(world)
    compared()
    reports = ReconciliationReads(scenario_solvent.database.pool).page(provider, None, 100)
    (latest,) = [report for report in reports if report.made_at == world.now]
    assert {one.repaired for one in latest.differences} == {False}
