"""Worlds: one after the other on one database, in one process that each leaves to the next.

Owns handing the process on, whatever became of it, and the judgement at a world's end. Does not own what a world is
(`fragile`) nor what must be true of it (`checks`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from solvent.store.shelf import Shelf
from solvent.store.taxes import StoredRates
from solvent.wiring import Solvent
from tests.simulation.checks import wrong
from tests.simulation.fragile import FragileWorld


class Worlds:
    """Opens worlds on the database at an address."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._process: Solvent | None = None

    @contextmanager
    def one(self, number: int) -> Iterator[FragileWorld]:
        """A world in the bucket of that number, judged after the block; it leaves the process that it ends with."""
        world = FragileWorld(self._url, process=self._process, buckets=(number,), seed=number)
        self._process = world.process
        _forget_catalog(world.process)
        try:
            yield world
        finally:
            self._process = world.process
        found = wrong(world)
        assert not found, found

    def close(self) -> None:
        """Give the connections back."""
        if self._process is not None:
            self._process.close()


def _forget_catalog(process: Solvent) -> None:
    """A new process has read no catalog; the copy of this one is as old as the last test, in which less was on sale."""
    pool = process.database.pool
    process.database.shelf = Shelf(pool, StoredRates(pool))
