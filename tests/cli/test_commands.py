"""Commands: what each prints, and how each refuses bad input with one line and exit code 2."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from solvent.audit import TITLES, inverse_operations
from solvent.cli import app
from solvent.commands.examples import example_catalog, example_taxes
from solvent.config import Settings
from tests.cli.conftest import Run

CATALOG = Path(__file__).parents[2] / "examples" / "catalog.yaml"


def _commands() -> list[list[str]]:
    group = get_command(app)
    found = []
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        found += [[name, sub] for sub in command.commands] if hasattr(command, "commands") else [[name]]
    return found


@pytest.mark.parametrize("words", [[], *_commands()], ids=" ".join)
def test_every_command_has_help(words: list[str]) -> None:
    result = CliRunner().invoke(app, [*words, "--help"])
    assert result.exit_code == 0
    assert len(result.output.strip().splitlines()) > 5


def test_the_manual_names_every_command_and_every_setting() -> None:
    manual = (CATALOG.parents[1] / "docs" / "operations.md").read_text(encoding="utf-8")
    for words in _commands():
        assert f"`solvent {words[0]}" in manual
        assert words[-1] in manual
    settings = {f"SOLVENT_{name.upper()}" for name in Settings.model_fields}
    table = manual.split("## Settings")[1].split("\n## ")[0]
    assert set(re.findall(r"SOLVENT_\w+", table)) == settings
    assert set(re.findall(r"SOLVENT_\w+", manual)) == settings


@pytest.mark.parametrize("words", [["--help"], ["keys", "--help"]], ids=" ".join)
def test_help_loads_neither_the_core_nor_what_speaks_to_the_database(words: list[str]) -> None:
    code = f"""
import sys
sys.argv[1:] = {words!r}
from solvent.cli import app
app(standalone_mode=False)
print(*sys.modules, sep="\\n", file=sys.stderr)"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage" in done.stdout
    loaded = set(done.stderr.split())
    assert "solvent.cli" in loaded
    assert not loaded & {"solvent.core", "solvent.store", "psycopg", "httpx", "sqlalchemy"}


def test_version() -> None:
    assert re.fullmatch(r"solvent \d+\.\d+\.\d+\s*", CliRunner().invoke(app, ["--version"]).output)


def test_a_database_without_schema_says_what_to_do(run_on_nothing: Run) -> None:
    result = run_on_nothing("check")
    assert result.exit_code == 1
    assert "solvent migrate" in result.output


def test_migrate_says_from_where_to_where(run_on_nothing: Run) -> None:
    assert "none → 0001" in run_on_nothing("migrate").output
    again = run_on_nothing("migrate")
    assert (again.exit_code, again.output.strip()) == (0, "schema 0001")


def test_check_counts_violations(run: Run, database_url: str) -> None:
    clean = run("check")
    assert clean.exit_code == 0
    assert [line.split()[0] for line in clean.output.splitlines() if line.startswith("L")] == list(TITLES)
    assert "every account of 0 of 256 buckets" in clean.output
    assert run("drift", "--look").exit_code == 0
    assert "every account of 256 of 256 buckets, the first of them at" in run("check").output
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("update event_head set last = last + 1 where bucket = 7")
    broken = run("check")
    assert broken.exit_code == 1
    assert "✗ L9" in broken.output
    assert "1 violation" in broken.output


def test_a_function_that_takes_back_is_found_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.py").write_text(
        "class A:\n    def _rollBack(self): ...\n    def _RollbackIt(self): ...\n", "utf-8"
    )
    (tmp_path / "b.py").write_text("async def undo_all(): ...\n\ndef redo(): ...\n", "utf-8")
    (tmp_path / "inner" / "c.py").write_text("def keep():\n    'Nothing is to undo.'\n", "utf-8")
    (tmp_path / "inner" / "d.py").write_text("def f():\n    def compensate(): ...\n", "utf-8")
    found = [found.removeprefix(f"{tmp_path.name}/") for found in inverse_operations(tmp_path)]
    assert found == ["a.py:2 _rollBack", "a.py:3 _RollbackIt", "b.py:1 undo_all", "inner/d.py:2 compensate"]
    assert inverse_operations() == ()


def test_catalog_apply_is_repeatable(run: Run) -> None:
    first, second = run("catalog", "apply", CATALOG), run("catalog", "apply", CATALOG)
    assert first.exit_code == second.exit_code == 0
    assert "zone-pro-usd-month" in first.output
    assert second.output.strip() == "nothing to change"


def test_a_wrong_catalog_names_file_field_and_rule(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "catalog.yaml"
    file.write_text(
        "prices: [{key: x, product: y, currency: USD, interval: month, amount: 1}]", encoding="utf-8"
    )
    result = run("catalog", "apply", file)
    assert result.exit_code == 2
    assert "catalog.yaml" in result.output
    assert "amount" in result.output


def test_tax_apply_is_repeatable(run: Run) -> None:
    run("catalog", "apply", CATALOG)
    for name, says in (
        ("tax-rates.yaml", "rate de-vat-2021: VAT 19 % in DE"),
        ("tax-registrations.yaml", "added"),
    ):
        first, second = (run("tax", "apply", CATALOG.parent / name) for _ in range(2))
        assert first.exit_code == second.exit_code == 0
        assert says in first.output
        assert second.output.strip() == "nothing to change"


def test_a_wrong_tax_file_names_file_field_and_rule(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "taxes.yaml"
    file.write_text("registrations: [{entity: nobody, country: DE, number: '1'}]", encoding="utf-8")
    result = run("tax", "apply", file)
    assert result.exit_code == 2
    assert "taxes.yaml" in result.output
    assert "registrations.nobody.DE.entity" in " ".join(result.output.split())


def test_the_examples_are_found() -> None:
    assert example_catalog().read_bytes() == CATALOG.read_bytes()
    assert [file.name for file in example_taxes()] == ["tax-rates.yaml", "tax-registrations.yaml"]


def test_keys_live_from_create_to_revoke(run: Run) -> None:
    secret = run("keys", "create", "my laptop", "--scope", "read", "--scope", "clock").output.strip()
    assert secret.startswith("sk_")
    listed = run("keys", "list").output
    assert "my laptop" in listed
    assert "clock, read" in listed
    assert secret not in listed
    key_id = re.search(r"key_[0-9a-f]{32}", listed)
    assert key_id is not None
    assert run("keys", "revoke", key_id[0]).exit_code == 0
    assert run("keys", "revoke", key_id[0]).exit_code == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["keys", "create", "x", "--scope", "everything"], "must be one of read, write, clock, admin"),
        (["keys", "revoke", "key_1"], "must look like key_"),
        (["recompute", "acc_1"], "must look like acc_"),
        (["catalog", "apply", "/nowhere.yaml"], "No such file"),
        (["tax", "apply", "/nowhere.yaml"], "No such file"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_bad_input_is_one_line_and_exit_code_two(refused: Run, words: list[str], says: str) -> None:
    result = refused(*words)
    assert result.exit_code == 2
    assert says in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_recompute_of_nobody(run: Run) -> None:
    result = run("recompute", "acc_" + "0" * 32)
    assert (result.exit_code, result.output.strip()) == (1, f"error no account acc_{'0' * 32}")


def test_config_shows_every_setting_and_no_secret(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLVENT_SANDBOX_SECRET", "tell-nobody")
    monkeypatch.setenv("SOLVENT_DATABASE_URL", "postgresql://me:my-password@db.example.com/solvent")
    output = run("config").output
    for name in Settings.model_fields:
        assert f"SOLVENT_{name.upper()}" in output
    assert "tell-nobody" not in output
    assert "my-password" not in output


def test_a_wrong_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLVENT_PORT", "eighty")
    result = run("config")
    assert result.exit_code == 2
    assert "SOLVENT_PORT" in result.output
    assert "eighty" in result.output


def test_a_dead_database_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLVENT_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    result = run("check")
    assert result.exit_code == 1
    assert len(result.output.strip().splitlines()) == 1


def test_demo_tells_everything_and_exits_nought(run: Run) -> None:
    result = run("demo", "--once")
    assert result.exit_code == 0, result.output[-2_000:]
    assert "✗" not in result.output
    assert result.output.count("✓") > 100
    assert "Everything ended as told" in result.output
    assert len(re.findall(r"^L\d+ .* 0$", result.output, re.MULTILINE)) == 11
