"""The page about adding a provider is true: its code passes the kit, and is switched on by its address alone."""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from solvent.commands.console import CommandError
from solvent.commands.demo import playable
from solvent.config import Settings
from solvent.providers.adapters import AdapterMissing
from solvent.providers.boundary import Boundary
from solvent.wiring import build
from tests.patience import PATIENCE_S

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
    """Beside it stand the provider itself, the adapter's tests, and the function whose address switches it on."""
    others = {"pebble.py", "test_pebble.py", "pebble_connected.py"}
    assert {path.name for path in folder.glob("*.py")} - others == {"pebble_adapter.py"}
    imports = re.findall(
        r"^from (solvent[\w.]*) import", (folder / "pebble_adapter.py").read_text(), re.MULTILINE
    )
    assert imports
    assert all(name.startswith(("solvent.core.", "solvent.ports.")) for name in imports)
    ours = PAGE.parents[1] / "src" / "solvent"
    assert [path for path in ours.rglob("*.py") if "pebble" in path.read_text(encoding="utf-8").lower()] == []


def test_its_address_switches_it_on_behind_the_boundary(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(folder)
    settings = Settings(adapters="pebble_connected:connect")
    solvent = build(settings, NOWHERE, clock=lambda: datetime(2031, 3, 1, tzinfo=UTC))
    assert tuple(solvent.platform.providers.names()) == ("pebble",)
    assert isinstance(solvent.platform.providers.default, Boundary)
    solvent.close()


def test_the_demo_says_that_it_cannot_play_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(folder)
    settings = Settings(adapters="pebble_connected:connect")
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
