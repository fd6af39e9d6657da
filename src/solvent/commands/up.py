"""Up: everything on one machine, for as long as the command runs.

Owns the order of starting and stopping, the addresses, and what is done at the first start only. Does not own the
parts themselves: database, bank, web server and worker are processes of their own, kept alive by `supervisor`.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
from rich.console import Console

from solvent.commands.console import CommandError
from solvent.commands.demo_cart import demo_cart
from solvent.commands.examples import apply_catalog, apply_taxes, example_catalog, example_taxes
from solvent.commands.operators import entrance, local_token
from solvent.commands.place import Served, checked, home_of
from solvent.commands.population import RESIDENTS, populate
from solvent.commands.serve import answers, free_port, port_taken, reachable
from solvent.commands.supervisor import PAUSES_S, Child, GivenUp, Supervisor
from solvent.commands.welcome import Welcome, welcome
from solvent.commands.work import stop_on_signal
from solvent.config import Settings
from solvent.core.account import Account
from solvent.portal_links import PortalLinks
from solvent.store.embedded import EmbeddedServerError
from solvent.store.keys import Keys
from solvent.store.queries import Queries
from solvent.store.schema import migrate
from solvent.wiring import Solvent, build

READY_TIMEOUT_S = 2.0
BANK_HOST = "127.0.0.1"
FIRST_KEY = "first start"
DEMO_LINK_LASTS = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where everything will be. `bank` is None when SOLVENT_SANDBOX_URL names one that runs already."""

    settings: Settings
    home: Path
    bank_port: int | None

    @property
    def web_url(self) -> str:
        """Where this machine reaches the web server."""
        return f"http://{reachable(self.settings.host)}:{self.settings.port}"


def up(settings: Settings, console: Console, *, empty: bool) -> None:
    """Run everything until SIGINT or SIGTERM; raises `CommandError` when a part cannot be kept alive."""
    plan = _planned(settings)
    supervisor = Supervisor(say=partial(_say, console))
    with stop_on_signal() as stop, _database(plan, console) as (url, tend):
        try:
            _start(plan, url, supervisor, console, empty=empty)
            supervisor.watch(stop, tend)
        except GivenUp as reason:
            raise CommandError(str(reason)) from None
        finally:
            _say(console, "stopping …")
            supervisor.stop()
    _say(console, f"stopped. Everything is kept in {plan.home}")


def _planned(settings: Settings) -> Plan:
    if settings.port == 0:
        settings = settings.model_copy(update={"port": free_port()})
    elif answers(settings.host, settings.port):
        raise port_taken(settings)
    home = home_of(settings)
    bank_port = None
    if settings.sandbox_url is None:
        bank_port = settings.port + 1 if settings.port < 65535 else free_port()
        if answers(BANK_HOST, bank_port):
            bank_port = free_port()
        settings = settings.model_copy(update={"sandbox_url": f"http://{BANK_HOST}:{bank_port}"})
    if settings.events_url is None:
        settings = settings.model_copy(update={"events_url": (home / "events.jsonl").as_uri()})
    return Plan(settings=settings, home=home, bank_port=bank_port)


@contextmanager
def _database(plan: Plan, console: Console) -> Iterator[tuple[str, Callable[[], None]]]:
    """The database's address, and what keeps it alive."""
    plan.home.mkdir(parents=True, exist_ok=True)
    if plan.settings.database_url is not None:
        url = checked(plan.settings.database_url, migrated=False)
        migrate(url)
        yield url, lambda: None
        return
    _say(console, f"starting PostgreSQL in {plan.home} …")
    keeper = Keeper(plan.home, plan.settings.postgres_bin, partial(_say, console))
    try:
        migrate(keeper.url)
        yield keeper.url, keeper.tend
    finally:
        keeper.stop()


class Keeper:
    """Keeps the embedded server alive: starts it again when it ended, and gives up when it keeps ending."""

    def __init__(self, home: Path, programs: Path | None, say: Callable[[str], None]) -> None:
        self._home = home
        self._programs = programs
        self._say = say
        self._served = Served.start(home, programs)
        self._ends = 0
        self.url = self._served.url

    def tend(self) -> None:
        """Look after the server."""
        if self._served.alive:
            return
        if self._ends == len(PAUSES_S):
            raise GivenUp(f"the database keeps ending, and was given up: see {self._served.log}")
        self._say(f"the database ended unexpectedly and is started again, see {self._served.log}")
        time.sleep(PAUSES_S[self._ends])
        self._ends += 1
        self._served.stop()
        try:
            self._served = Served.start(self._home, self._programs)
        except EmbeddedServerError as error:
            raise GivenUp(f"the database ended and does not start again: {error}") from None

    def stop(self) -> None:
        """Stop the server in order."""
        self._served.stop()


def _start(plan: Plan, url: str, supervisor: Supervisor, console: Console, *, empty: bool) -> None:
    """Bank, first things, web server, worker; then say how to use it."""
    environment = _environment(plan, url)
    if plan.bank_port is not None:
        _say(console, "starting the sandbox bank …")
        supervisor.start(_bank(plan, plan.bank_port, environment))
    secret = _first_things(plan, url, console, empty=empty)
    _say(console, "starting web server and worker …")
    health = f"{plan.web_url}/v1/readyz"
    supervisor.start(_ours("serve", plan, environment, lambda: _answers_well(health)))
    supervisor.start(_ours("work", plan, environment, lambda: True))
    welcome(console, _facts(plan, url, secret))


def _first_things(plan: Plan, url: str, console: Console, *, empty: bool) -> str | None:
    """At the first start the example catalog, some customers and an API key, whose secret is returned."""
    with closing(build(plan.settings, url)) as solvent:
        if not empty and not solvent.database.catalog().prices:
            apply_catalog(solvent.database, example_catalog(), solvent.clock())
            for file in example_taxes():
                apply_taxes(solvent.database, file, solvent.clock())
    with closing(
        build(plan.settings, url)
    ) as solvent:  # opened anew, because a catalog is cached for a second
        keys = Keys(solvent.database.pool, solvent.platform.ids)
        if keys.records():
            return None
        if not empty:
            from solvent.commands.demo import show_paths  # noqa: PLC0415 - only the first start plays it

            show_paths(plan.settings, url, console)
            _say(console, "first start: example catalog, three customers, an API key …")
            populate(solvent)
        return keys.create(FIRST_KEY, ["admin"], solvent.clock())


def _facts(plan: Plan, url: str, secret: str | None) -> Welcome:
    with closing(build(plan.settings, url)) as solvent:
        accounts = Queries(solvent.database.pool).accounts(None, 50)
        settings = plan.settings.model_copy(update={"public_url": plan.settings.public_url or plan.web_url})
        portal = _portal(solvent, settings, accounts)
        demo = next((a for a in accounts if a.name == RESIDENTS[0].name), None)
        cart = None if demo is None else demo_cart(solvent, settings, demo)
        token = local_token(solvent)
    return Welcome(
        web=plan.web_url,
        bank=str(plan.settings.sandbox_url),
        home=plan.home,
        secret=secret,
        dashboard=entrance(plan.web_url, token),
        clocked=next((a for a in accounts if a.test_now is not None), None),
        portal=portal,
        cart=cart,
    )


def _portal(solvent: Solvent, settings: Settings, accounts: Sequence[Account]) -> tuple[str, str] | None:
    """The demo customer's name, with a link into its portal; None: somebody else's data are here."""
    demo = next((a for a in accounts if a.name == RESIDENTS[0].name), None)
    if demo is None:
        return None
    entrance = PortalLinks(settings, solvent.database).make(
        demo.id, solvent.platform.ids, solvent.clock(), lasts=DEMO_LINK_LASTS
    )
    return demo.name, entrance.url


def _environment(plan: Plan, url: str) -> Mapping[str, str]:
    """The children's environment: ours, and what was decided here."""
    settings = plan.settings
    return {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "SOLVENT_HOME": str(plan.home),
        "SOLVENT_DATABASE_URL": url,
        "SOLVENT_PORT": str(settings.port),
        "SOLVENT_SANDBOX_URL": str(settings.sandbox_url),
        "SOLVENT_EVENTS_URL": str(settings.events_url),
    }


def _bank(plan: Plan, port: int, environment: Mapping[str, str]) -> Child:
    words = ["--port", str(port), "--db", str(plan.home / "sandbox.sqlite")]
    words += ["--notify-url", f"{plan.web_url}/v1/notifications/{{bank}}"]
    words += ["--secret", plan.settings.sandbox_secret]
    return Child(
        name="the sandbox bank",
        command=[sys.executable, "-m", "solvent.providers.sandbox", *words],
        environment=environment,
        log=plan.home / "logs" / "bank.log",
        ready=lambda: answers(BANK_HOST, port),
    )


def _ours(command: str, plan: Plan, environment: Mapping[str, str], ready: Callable[[], bool]) -> Child:
    return Child(
        name={"serve": "the web server", "work": "the worker"}[command],
        command=[sys.executable, "-m", "solvent", command],
        environment=environment,
        log=plan.home / "logs" / f"{command}.log",
        ready=ready,
    )


def _answers_well(url: str) -> bool:
    try:
        # No TLS on this machine: to load the roots of the public web would be most of a look.
        return httpx.get(url, timeout=READY_TIMEOUT_S, trust_env=False, verify=False).is_success  # noqa: S501
    except httpx.HTTPError:
        return False


def _say(console: Console, text: str) -> None:
    console.print(f"[quiet]{text}[/]", soft_wrap=True)
