"""The table: every check of the conformance kit, and a mistake that it must find.

Owns the comparison of the two. Does not own the mistakes (`paying`, `telling`, `recording`).
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from solvent.ports.provider import ProviderSilent
from solvent.providers import conformance
from solvent.providers.conformance import (
    Abilities,
    Basics,
    Brought,
    Causes,
    Challenges,
    Customers,
    Delays,
    Disputes,
    Expiries,
    Imports,
    Notifications,
    Outages,
    Recorded,
    Redirects,
    Refunds,
    Statements,
)
from tests.providers.mistakes import paying, recording, telling
from tests.providers.mistakes.mistaken import Mistake

MISTAKES: Mapping[type, Mapping[str, Mistake]] = {
    Abilities: paying.ABILITIES,
    Basics: paying.BASICS,
    Brought: paying.BROUGHT,
    Causes: paying.CAUSES,
    Challenges: paying.CHALLENGES,
    Customers: paying.CUSTOMERS,
    Delays: paying.DELAYS,
    Disputes: telling.DISPUTES,
    Expiries: paying.EXPIRIES,
    Imports: paying.IMPORTS,
    Notifications: telling.NOTIFICATIONS,
    Outages: telling.OUTAGES,
    Recorded: recording.RECORDED,
    Redirects: paying.REDIRECTS,
    Refunds: telling.REFUNDS,
    Statements: telling.STATEMENTS,
}
NOT_PASSED = (AssertionError, pytest.fail.Exception, ValueError, ProviderSilent)


def checks() -> dict[type, set[str]]:
    """What the kit has: of each of its classes that holds tests, their names."""
    classes = [one for _, one in inspect.getmembers(conformance, inspect.isclass)]
    found = {one: {name for name in vars(one) if name.startswith("test_")} for one in classes}
    return {one: names for one, names in found.items() if names}


def rows(*faces: str) -> list[Any]:
    """The checks whose mistakes are made by the adapters of these faces, as a test's parameters."""
    return [
        pytest.param(kit, name, mistake, id=f"{kit.__name__}.{name}")
        for kit, table in MISTAKES.items()
        for name, mistake in table.items()
        if mistake.face in faces
    ]


def finds(suite: type, name: str, stage: Any, mistake: Mistake) -> None:  # noqa: ANN401 - a stage whose adapter is changed
    """The check is passed by the stage's adapter, and fails with the mistake: by an assertion, by rows that it cannot
    take apart, or by an error that is no refusal."""
    check: Callable[..., None] = getattr(suite(), name)
    given = mistake.given or {}
    check(stage, **given)
    mistake.made_by(stage)
    with pytest.raises(NOT_PASSED):
        check(stage, **given)
