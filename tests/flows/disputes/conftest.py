"""Fixtures of the disputes' tests: the worlds of a module share one process, and the laws are judged once for them all.

A law looks at the whole database, so that it finds at the end what it would have found after each test. What is to be
seen of one world alone is judged when its test is over.
"""

from collections.abc import Iterator

import pytest

from solvent.config import Settings
from solvent.wiring import Solvent, build
from tests.simulation.checks import unlawful, wrong_by_itself
from tests.simulation.fragile import POOL_MAX, START, FragileWorld


@pytest.fixture(scope="module")
def process(flows_url: str) -> Iterator[Solvent]:
    """The process of a module's worlds; all laws hold when the last test is over."""
    process = build(Settings().model_copy(update={"pool_max": POOL_MAX}), flows_url)
    yield process
    found = unlawful(process.database, START)
    process.close()
    assert found == []


@pytest.fixture
def world(flows_url: str, numbers: Iterator[int], process: Solvent) -> Iterator[FragileWorld]:
    """A world in a bucket of its own."""
    number = next(numbers)
    world = FragileWorld(flows_url, process=process, buckets=(number,), seed=number)
    yield world
    assert wrong_by_itself(world) == []
