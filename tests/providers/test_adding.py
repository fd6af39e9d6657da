"""The page about adding a provider is true: its code passes the kit, is switched on by its address alone, and customers
buy with it."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from solvent.commands.console import CommandError
from solvent.commands.demo import playable
from solvent.config import Settings
from solvent.core.crediting import PaidPart, Wish
from solvent.core.payment import AttemptState
from solvent.flows.credit import Issued, refund_payment
from solvent.providers.adapters import AdapterMissing
from solvent.providers.boundary import Boundary, Limits
from solvent.providers.registry import Registry
from solvent.providers.sandbox.records import Movement
from solvent.sim import World
from solvent.sim.banks import Banks, Post
from solvent.sim.stories.goods import PRO_COSTS, zone_plan
from solvent.sim.stories.story import JANUARY
from solvent.store.embedded import EmbeddedServer
from solvent.store.schema import migrate
from solvent.wiring import build
from tests.patience import PATIENCE_S
from tests.scenarios.stock import stock

PAGE = Path(__file__).parents[2] / "docs/adding-a-provider.md"
BLOCK = re.compile(r"```python title=(\S+)\n(.*?)```", re.DOTALL)
NOWHERE = "postgresql://127.0.0.1:1/none"  # nothing of the database is asked


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's code, as files."""
    folder = tmp_path_factory.mktemp("pebble")
    for name, code in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        (folder / name).write_text(code, encoding="utf-8")
    return folder


def test_the_code_of_the_page_passes_the_kit(folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
        "--rootdir",
        ".",
    ]
    ran = subprocess.run(
        [*command, "test_pebble.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr
    assert re.search(r"^\d{2,} passed", ran.stdout, re.MULTILINE), ran.stdout[-300:]
    assert "skipped" not in ran.stdout


def test_the_adapter_is_one_file_and_no_file_of_ours_knows_it(folder: Path) -> None:
    """Beside it stand the provider itself and the adapter's tests."""
    others = {"pebble.py", "test_pebble.py"}
    assert {path.name for path in folder.glob("*.py")} - others == {"pebble_adapter.py"}
    imports = re.findall(
        r"^from (solvent[\w.]*) import", (folder / "pebble_adapter.py").read_text(), re.MULTILINE
    )
    assert imports
    allowed = ("solvent.core.", "solvent.ports.", "solvent.providers.adapters")
    assert all(name.startswith(allowed) for name in imports)
    ours = PAGE.parents[1] / "src" / "solvent"
    assert [path for path in ours.rglob("*.py") if "pebble" in path.read_text(encoding="utf-8").lower()] == []


def test_its_address_switches_it_on_behind_the_boundary(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(folder)
    settings = Settings(adapters="pebble_adapter:connect")
    solvent = build(settings, NOWHERE, clock=lambda: datetime(2031, 3, 1, tzinfo=UTC))
    assert tuple(solvent.platform.providers.names()) == ("pebble",)
    assert isinstance(solvent.platform.providers.default, Boundary)
    solvent.close()


class Player:
    """Whoever stands for Pebble in a simulated world."""

    def __init__(self, pebble: Any) -> None:  # noqa: ANN401 -- of the page
        self.pebble = pebble

    def approve(self, ref: str, _: datetime, number: str) -> None:
        self.pebble.payments[ref]["behaviour"] = number
        self.pebble.move(self.pebble.payments[ref], "approved")

    def next_moment(self, _: datetime) -> None:
        return None

    def statement(self) -> list[Movement]:
        kinds = {"payment": "charge", "refund": "refund"}
        return [
            Movement(
                ref=row["key"],
                intent=row["key"],
                key=row["key"],
                customer="",
                kind=kinds[row["kind"]],
                amount=row["amount"],
                currency=row["currency"],
                at=datetime.fromtimestamp(row["at"], UTC),
            )
            for row in self.pebble.statement
        ]


def test_customers_buy_are_renewed_and_get_their_money_back_with_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, postgres: EmbeddedServer
) -> None:
    monkeypatch.syspath_prepend(folder)
    page, adapter = import_module("pebble"), import_module("pebble_adapter")
    postgres.ensure_database("solvent_pebble")
    url = postgres.url("solvent_pebble")
    migrate(url)
    solvent = build(Settings(), url)
    stock(solvent.database)

    def opened(clock: Callable[[], datetime], _: int) -> Banks:
        pebble = page.Pebble(clock)
        client = httpx.Client(base_url="https://pebble.example", transport=httpx.MockTransport(pebble))
        behind = Boundary(adapter.PebbleProvider(client, page.SECRET), Limits())
        there: Any = {"pebble": Player(pebble)}
        return Banks(
            by_name={}, lines={}, post=Post({}), providers=Registry({"pebble": behind}), played=there
        )

    world = World(solvent, start=JANUARY, seed=1, buckets=[1], opened=opened)
    ada = world.customer("Ada")
    assert ada.buy(zone_plan("ada.example"), "pays").state is AttemptState.COMMITTED
    (bought,) = ada.subscriptions()
    world.until(bought.period.end)
    (renewed,) = ada.subscriptions()
    assert renewed.period.start == bought.period.end
    assert ada.ledger()["cash:pebble", "USD"] == 2 * PRO_COSTS
    told = ada.events("invoice.paid")[-1].data
    invoice, payment = (UUID(str(told[name])) for name in ("invoice_id", "payment_id"))
    wish = Wish(paid_part=PaidPart.REFUND, reason="r", issued_by="carol", key="k", input_hash=b"")
    assert isinstance(refund_payment(world.platform, invoice, payment, None, wish, world.now), Issued)
    world.work()
    assert ada.ledger()["cash:pebble", "USD"] == PRO_COSTS
    assert [finding for finding in world.laws() if finding.violations] == []
    solvent.close()


def test_the_demo_says_that_it_cannot_play_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(folder)
    settings = Settings(adapters="pebble_adapter:connect")
    solvent = build(settings, NOWHERE)
    with pytest.raises(CommandError, match="pebble has no address in the settings"):
        playable(settings, "pebble", solvent.database.payers)
    with pytest.raises(CommandError, match="stripe is not configured"):
        playable(settings, "stripe", solvent.database.payers)
    solvent.close()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("no_such_module:connect", "nothing at 'no_such_module:connect'"),
        ("json:no_such_function", "nothing at 'json:no_such_function'"),
        ("json", "wanted module:function"),
        ("builtins:repr", "returned no Connected"),
    ],
)
def test_an_address_without_an_adapter_is_refused_by_name(address: str, told: str) -> None:
    with pytest.raises(AdapterMissing, match=told):
        build(Settings(adapters=address), NOWHERE)
