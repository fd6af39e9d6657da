"""The registry finds providers by name and says which names there are."""

from collections.abc import Callable
from typing import Any

import pytest

from solvent.ports.provider import Provider
from solvent.providers.registry import Registry, UnknownProvider

Build = Callable[..., tuple[Any, Any]]


def test_registry(build: Build) -> None:
    card: Provider = build("sandbox")[0].provider
    pal: Provider = build("sandpal")[0].provider
    registry = Registry({"sandbox": card, "sandpal": pal})
    assert registry.names() == ("sandbox", "sandpal")
    assert registry.get("sandpal") is pal
    assert registry.default is card


def test_an_unknown_name_is_answered_with_the_known_ones(build: Build) -> None:
    registry = Registry({"sandbox": build("sandbox")[0].provider})
    with pytest.raises(UnknownProvider, match="'stripe'; configured: sandbox"):
        registry.get("stripe")


def test_a_registry_that_cannot_work_is_refused(build: Build) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Registry({})
    with pytest.raises(ValueError, match="calls itself 'sandbox'"):
        Registry({"sandpal": build("sandbox")[0].provider})
