"""Demo: the five payment paths, everything that goes wrong on them, the laws and the figures.

Owns the demo's own database (made anew each time) and the course of the evening. Does not own the stories
(`sim.stories`), the laws (`audit`) or the figures (`kpi`). Dates and amounts are the same in every run.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo
from rich.console import Console

from solvent.audit import Finding, audit
from solvent.commands.check import broken, law_table
from solvent.commands.console import CommandError
from solvent.commands.examples import apply_catalog, apply_taxes, example_catalog, example_taxes
from solvent.commands.theatre import Stage, kpi_table
from solvent.config import Settings
from solvent.kpi import kpis
from solvent.ports.payers import Payers
from solvent.ports.provider import Provider
from solvent.providers.sandbox import SANDBOX
from solvent.sim.banks import Opened
from solvent.sim.clock import SimClock, SimIds
from solvent.sim.played import NotPlayed, played
from solvent.sim.scene import Beat, BeatKind, NotAsTold, Scene
from solvent.sim.stories import FAILURES, PATHS
from solvent.sim.stories.story import CURTAIN, Story
from solvent.sim.world import World
from solvent.store.schema import migrate
from solvent.wiring import Solvent, build, real_providers, wall_clock

DATABASE = "solvent_demo"
CATALOG_FROM = datetime(2027, 1, 1, tzinfo=UTC)
POOL_MAX = 4

Pause = Callable[[], None]


def demo(
    settings: Settings, url: str, console: Console, *, seed: int, pause: Pause, provider: str | None = None
) -> bool:
    """Play everything on a database of its own beside the one at `url`; True when all of it ended as it must.

    With `provider`, the five paths are played on that provider's adapter, against the server at its address; the
    sandbox is within this process.
    """
    began = time.monotonic()
    with demo_database(settings, url) as solvent:
        real = provider not in (None, SANDBOX.name)
        opened = playable(settings, str(provider), solvent.database.payers) if real else None
        evening = Evening(solvent, console, seed, pause, opened, paths_alone=provider is not None)
        evening.play("The five payment paths, through the six steps", PATHS)
        if provider is None:
            evening.play("What goes wrong, and how it ends", FAILURES)
        evening.live_on()
        holds = evening.judge()
    seconds = time.monotonic() - began
    console.print(
        f"[good]Everything ended as told[/] in {seconds:.1f} s."
        if holds
        else f"[bad]Something did not end as told[/], after {seconds:.1f} s: see the lines with ✗ above."
    )
    return holds


def playable(settings: Settings, name: str, payers: Payers) -> Opened:
    """Worlds in which that provider is played; it must have its keys, and an address on this machine."""
    if name not in real_providers(settings, wall_clock, payers):
        raise CommandError(
            f"provider {name} is not configured: set its keys (solvent config shows their names)"
        )

    address = getattr(settings, f"{name}_url", None)
    if address is None:
        raise CommandError(
            f"provider {name} has no address in the settings, so nobody can be played there: only stripe and paypal"
        )

    def connect(room: str, clock: Callable[[], datetime]) -> Provider:
        return real_providers(settings.model_copy(update={f"{name}_url": room}), clock, payers)[name]

    try:
        opened = played(name, str(address), connect)
        opened(wall_clock, 0).begin(wall_clock())
    except NotPlayed as nobody:
        raise CommandError(f"the demo plays the payer, too: {nobody}") from None
    return opened


def show_paths(settings: Settings, url: str, console: Console) -> None:
    """Play the five payment paths alone: what a newcomer sees at the first start."""
    with demo_database(settings, url) as solvent:
        evening = Evening(solvent, console, 0, lambda: None)
        evening.play("The five payment paths, through the six steps", PATHS)


@contextmanager
def demo_database(settings: Settings, url: str) -> Iterator[Solvent]:
    """The demo's database, dropped and made anew, with the example catalog."""
    mine = make_conninfo(url, dbname=DATABASE)
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            name = sql.Identifier(DATABASE)
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(name))
            connection.execute(sql.SQL("create database {}").format(name))
            # Nothing here has to outlive a power cut, and a demo should not wait for the disk.
            connection.execute(sql.SQL("alter database {} set synchronous_commit = off").format(name))
    except errors.InsufficientPrivilege as error:
        raise CommandError(f"the demo makes a database of its own, {DATABASE}: {error}") from None
    migrate(mine)
    clock = SimClock(CATALOG_FROM)
    small = settings.model_copy(update={"pool_max": POOL_MAX, "sandbox_url": None})
    solvent = build(small, mine, clock=clock, ids=SimIds(0, clock, (0,)))
    try:
        apply_catalog(solvent.database, example_catalog(), CATALOG_FROM)
        for file in example_taxes():
            apply_taxes(solvent.database, file, CATALOG_FROM)
        yield solvent
    finally:
        solvent.close()


class Evening:
    """One run of the demo. Each story has a world, a clock and a bucket of its own on the one database."""

    def __init__(
        self,
        solvent: Solvent,
        console: Console,
        seed: int,
        pause: Pause,
        opened: Opened | None = None,
        *,
        paths_alone: bool = False,
    ) -> None:
        self._opened = opened
        self._solvent = solvent
        self._console = console
        self._stage = Stage(console)
        self._seed = seed
        self._pause = pause
        self._numbers = count(1)
        self._worlds: list[World] = []
        self._proved = self._failed = 0
        stories = 0 if paths_alone else len(FAILURES)
        self._told = f"{len(PATHS)} paths" + (f", {stories} failure stories" if stories else "")
        self._stage.open()

    def play(self, title: str, stories: Sequence[Story]) -> None:
        """A chapter."""
        self._stage.chapter(title)
        for story in stories:
            self._tell(story)
            self._stage.end()
            self._pause()

    def live_on(self) -> None:
        """All worlds live on to one common date, so that one look at the whole database is fair."""
        for world in self._worlds:
            world.until(CURTAIN)

    def judge(self) -> bool:
        """Print the laws and the figures; True when everything is as it must be."""
        findings = self._findings()
        measured = kpis(self._solvent.database, findings)
        self._stage.chapter(f"The laws, on {CURTAIN:%d %B %Y}, over all {len(self._worlds)} worlds")
        self._console.print(law_table(findings))
        self._console.print(*broken(findings), sep="", end="")
        self._stage.end()
        self._stage.chapter("The figures")
        self._console.print(kpi_table(measured))
        self._console.print(f"\n{self._told}, {self._proved} assertions: {self._failed or 'none'} failed.")
        laws_hold = not any(f.violations for f in findings)
        return laws_hold and not self._failed and all(kpi.reached for kpi in measured)

    def _tell(self, story: Story) -> None:
        number = next(self._numbers)
        world = World(
            self._solvent, start=story.start, seed=self._seed + number, buckets=[number], opened=self._opened
        )
        self._worlds.append(world)
        self._stage.begin(number, story.title)
        try:
            story.tell(Scene(world, self._listen))
        except NotAsTold:
            pass  # its line has been printed with a cross and counted
        except Exception as error:  # noqa: BLE001 - one story that breaks must not hide the others
            self._failed += 1
            self._console.print(f"   [bad]✗ the story broke off: {type(error).__name__}: {error}[/]")

    def _listen(self, beat: Beat) -> None:
        self._proved += beat.kind in (BeatKind.PROVED, BeatKind.BROKEN)
        self._failed += beat.kind is BeatKind.BROKEN
        self._stage.beat(beat)

    def _findings(self) -> list[Finding]:
        findings = audit(self._solvent.database, self._solvent.platform, CURTAIN)
        for world in self._worlds:
            findings += world.agreement()
        return findings
