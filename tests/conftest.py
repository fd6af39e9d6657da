"""Fixtures that every kind of test may use: a data folder, and a real PostgreSQL server.

Owns no schema and no database: those fixtures stand where they are used.
"""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from solvent.store.embedded import EmbeddedServer

# `make test` draws the same examples every time and is in no hurry, so that it fails for no reason but a mistake;
# `make soak` draws others (`--hypothesis-profile=anew`).
settings.register_profile("anew", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("anew"), derandomize=True, database=None)
settings.load_profile("same")

TESTS = Path(__file__).parent
MEASURED = ("core", "documents", "flows")
# They begin early, so that no process is left alone with one.
LONG = ("website", "web", "cli", "scenarios", "simulation")

# Tests kill our processes, never the machine, so what the server has written is safe in the kernel without fsync.
# tests/store/test_embedded.py runs servers with the settings as shipped.
TEST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_compression": "off",
    "autovacuum_naptime": "10min",
    "shared_buffers": "128MB",
}


def new_home() -> Path:
    """A new folder that the server's user can enter when the tests run as root; pytest's own is closed to it."""
    home = Path(tempfile.mkdtemp(prefix="solvent-test-"))
    home.chmod(0o711)
    return home


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Who asks for what the gate leaves to the others need not load files in which there is nothing of it."""
    if "not measured" not in config.option.markexpr or collection_path.suffix != ".py":
        return None
    gated = TESTS in collection_path.parents and collection_path.relative_to(TESTS).parts[0] in MEASURED
    return True if gated and b"unmeasured" not in collection_path.read_bytes() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what the gate of branches runs: tests of its folders, but for those that are long and add nothing to it.
    Folders of long tests come first."""
    for item in items:
        folder = _folder(item)
        if folder in MEASURED and item.get_closest_marker("unmeasured") is None:
            item.add_marker(pytest.mark.measured)
    items.sort(key=lambda item: LONG.index(_folder(item)) if _folder(item) in LONG else len(LONG))


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).parts[0]


def pytest_collection_finish() -> None:
    """All that was loaded and collected lives as long as the process: the collector need not look through it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty folder to use as SOLVENT_HOME."""
    folder = new_home()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedServer]:
    """One server for the session (one per worker with xdist); `.url(database)` addresses a database of it."""
    folder = new_home()
    with EmbeddedServer.start(folder, settings=TEST_SETTINGS) as server:
        yield server
    shutil.rmtree(folder)
