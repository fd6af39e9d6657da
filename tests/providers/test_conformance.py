"""The sandbox passes the conformance kit, both personalities, over real HTTP with real faults."""

from collections.abc import Callable, Iterator

import pytest

from solvent.providers.conformance import (
    Abilities,
    Basics,
    Brought,
    Causes,
    Challenges,
    Delays,
    Disputes,
    Expiries,
    Imports,
    Notifications,
    Outages,
    Redirects,
    Refunds,
    Statements,
)
from tests.providers.clock import Clock
from tests.providers.mistakes.mistaken import Mistake
from tests.providers.mistakes.table import MISTAKES, checks, finds, rows
from tests.providers.sandbox_stage import SandboxStage, playing


@pytest.fixture
def play(clock: Clock) -> Iterator[Callable[[str], SandboxStage]]:
    """Serves one face of the bank; all of it ends with the test."""
    with playing(clock) as begin:
        yield begin


def test_the_kit_asks_for_what_the_capabilities_call_for(play: Callable[[str], SandboxStage]) -> None:
    class Half(Abilities, Basics, Causes, Refunds, Notifications, Outages):
        pass

    with pytest.raises(AssertionError, match="missing: Brought, Challenges, Delays, Disputes, Expiries"):
        Half().test_the_classes_are_what_the_capabilities_call_for(play("sandbox"))


class TestSandbox(
    Abilities,
    Basics,
    Brought,
    Causes,
    Challenges,
    Delays,
    Disputes,
    Expiries,
    Notifications,
    Outages,
    Refunds,
    Statements,
):
    """The card provider."""

    @pytest.fixture
    def stage(self, play: Callable[[str], SandboxStage]) -> SandboxStage:
        return play("sandbox")


class TestSandpal(
    Abilities,
    Basics,
    Causes,
    Redirects,
    Delays,
    Disputes,
    Imports,
    Notifications,
    Outages,
    Refunds,
    Statements,
):
    """The redirect provider."""

    @pytest.fixture
    def stage(self, play: Callable[[str], SandboxStage]) -> SandboxStage:
        return play("sandpal")


def test_every_check_of_the_kit_has_a_mistake_to_find() -> None:
    assert {kit: set(table) for kit, table in MISTAKES.items()} == checks()


@pytest.mark.parametrize(("kit", "check", "mistake"), rows("sandbox", "sandpal"))
def test_a_check_finds_the_mistake_that_is_planted_for_it(
    play: Callable[[str], SandboxStage], kit: type, check: str, mistake: Mistake
) -> None:
    suite = {"sandbox": TestSandbox, "sandpal": TestSandpal}[mistake.face]
    assert issubclass(suite, kit)
    finds(suite, check, play(mistake.face), mistake)
