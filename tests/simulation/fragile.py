"""A fragile world: the simulated world, whose one process can die at any boundary and is started again.

Owns death and restart: what survives is the database, the banks and the post; everything else is new. Does not own
what may go wrong (`crashing`), nor what must then be true (`checks`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from solvent.config import Settings
from solvent.flows.platform import Platform
from solvent.flows.reconcile import sweep
from solvent.sim.banks import NO_FAULTS
from solvent.sim.world import World
from solvent.wiring import Solvent, build
from tests.simulation.crashing import Boundaries, Killed, Mishap, Trouble, fragile, raise_killed

START = datetime(2027, 1, 31, 12, tzinfo=UTC)  # a month's end, so that periods end on the 28th, 31st and 30th
BUCKETS = (7, 8)
POOL_MAX = 4


@dataclass(slots=True)
class Fate:
    """What became of the process in a block."""

    died: bool = False


class FragileWorld(World):
    """A world with boundaries around everything outside its process.

    `process` is a process that is running already, e.g. one that another world has left.
    """

    def __init__(
        self,
        url: str,
        *,
        settings: Settings | None = None,
        process: Solvent | None = None,
        seed: int = 0,
        buckets: Sequence[int] = BUCKETS,
        start: datetime = START,
    ) -> None:
        self._url = url
        self._settings = (settings or Settings()).model_copy(update={"pool_max": POOL_MAX})
        self.process = process or build(self._settings, url)
        self.boundaries = Boundaries()
        super().__init__(self.process, start=start, seed=seed, buckets=buckets)
        self._outside: Platform = self.platform
        self.platform = fragile(self.platform, self.boundaries)
        self.deaths = 0
        self.honest = True

    def reboot(self) -> None:
        """Start a new process: nothing of the old one is left but what it wrote and sent."""
        self.process.close()
        self.process = build(self._settings, self._url)
        self.database, platform = self.process.database, self.process.platform
        self._outside = replace(
            self._outside,
            store=platform.store,
            settlements=platform.settlements,
            actions=platform.actions,
        )
        self.platform = fragile(self._outside, self.boundaries)

    def decide(self, **choices: Any) -> None:  # noqa: ANN401 - any field of the policy
        """The merchant decides otherwise from now on."""
        self._outside = replace(self._outside, policy=replace(self._outside.policy, **choices))
        self.platform = fragile(self._outside, self.boundaries)

    @contextmanager
    def during(self, mishap: Mishap | None) -> Iterator[Fate]:
        """Let the mishap happen within the block. Where it kills the process, the block ends and a new one starts."""
        fate = Fate()
        self.boundaries.arm(mishap)
        try:
            yield fate
        except Killed:
            fate.died = True
            self.deaths += 1
        finally:
            self.boundaries.arm(None)
        if fate.died:
            self.reboot()

    @contextmanager
    def meanwhile(self, at: int, act: Callable[[], object]) -> Iterator[None]:
        """Another caller acts while the process in the block stands at its `at`-th boundary; then it goes on."""
        self.boundaries.die = act
        self.boundaries.arm(Mishap(Trouble.KILLED, at))
        try:
            yield
        finally:
            self.boundaries.arm(None)
            self.boundaries.die = raise_killed

    def rest(self) -> None:
        """Let everything come to an end that needs no customer: lines repaired, post delivered, leases over, polled."""
        for line in self.banks.lines.values():
            line.plan(NO_FAULTS)
        self.banks.post.held = False
        self.wait(hours=7)  # longer than anything is put off, or the lease of a process that died lasts
        for provider in self.banks.by_name:
            sweep(self.platform, provider, START, self.now)
        self.work()

    def close(self) -> None:
        """Give the connections back."""
        self.process.close()
