"""Transfers pass what the kit has for payments that the merchant records, on a real database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import pytest

from solvent.core.payment import FailureCause, Report
from solvent.ports.transfers import Arrived
from solvent.providers.conformance import Card, Fault, Recorded, Sent
from solvent.providers.manual import ManualProvider
from solvent.store.database import Database
from solvent.store.embedded import EmbeddedServer
from tests.providers.clock import Clock
from tests.providers.mistakes.mistaken import Mistake
from tests.providers.mistakes.table import finds, rows
from tests.simulation.databases import Databases


class ManualStage:
    """The merchant's own books; `present` records money under a new reference each time."""

    causes: Mapping[FailureCause, str] = {}
    never = frozenset(FailureCause)
    cards: Mapping[Card, str] = {Card.PAYS: "TR"}

    def __init__(self, database: Database) -> None:
        self._database = database
        self._clock = Clock()
        self._numbers = count(1)
        self.provider = ManualProvider(
            database.transfers, self._clock, instructions="IBAN DE02 1203", lasts=timedelta(days=30)
        )

    @property
    def now(self) -> datetime:
        return self._clock()

    def wait(self, duration: timedelta) -> None:
        self._clock.now += duration

    def present(self, opened: Report, behaviour: str) -> str | None:
        arrived = Arrived(
            reference=f"{behaviour}-{next(self._numbers)}",
            amount=1200,
            received_at=self.now,
            recorded_at=self.now,
        )
        with self._database.begin() as tx:
            assert tx.transfers.receive(opened.key, arrived) == arrived
        return None

    def agreed(self, behaviour: str | None) -> str:
        raise AssertionError("there are no agreements from before")

    def known(self, customer: UUID) -> Sequence[tuple[str, str]]:
        raise AssertionError("nobody is kept")

    def charged(self, key: UUID) -> Sequence[int]:
        found = self._database.transfers.find(key)
        return [] if found is None else [each.amount for each in found.arrived]

    def stored(self, customer: UUID, behaviour: str) -> str:
        raise AssertionError("nothing is stored")

    def challenge(self, report: Report, *, passed: bool) -> None:
        raise AssertionError("there are no challenges")

    def settle(self, report: Report, *, succeeded: bool) -> None:
        raise AssertionError("every status is ours")

    def contest(self, paid: Report) -> str:
        raise AssertionError("there are no disputes")

    def decide(self, dispute_ref: str, *, won: bool) -> None:
        raise AssertionError("there are no disputes")

    def refunded(self, key: UUID) -> int:
        return 0

    def sent(self) -> Sequence[Sent]:
        return []

    def failing(self, fault: Fault) -> AbstractContextManager[object]:
        raise AssertionError("there is no wire")

    def refusing(self) -> AbstractContextManager[object]:
        raise AssertionError("nobody refuses what the merchant records")


@pytest.fixture(scope="module")
def database(postgres: EmbeddedServer) -> Iterator[Database]:
    """A database for these tests."""
    with Databases(postgres).one() as url:
        database = Database(url)
        yield database
        database.close()


class TestManual(Recorded):
    """All that applies."""

    @pytest.fixture
    def stage(self, database: Database) -> ManualStage:
        return ManualStage(database)


@pytest.mark.parametrize(("kit", "check", "mistake"), rows("manual"))
def test_a_check_finds_the_mistake_that_is_planted_for_it(
    database: Database, kit: type, check: str, mistake: Mistake
) -> None:
    assert kit is Recorded
    finds(TestManual, check, ManualStage(database), mistake)
