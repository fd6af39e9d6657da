"""`solvent invoice pdf`: the file, and what is no invoice."""

from __future__ import annotations

from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from solvent.commands.population import populate
from solvent.config import Settings
from solvent.wiring import build
from tests.cli.conftest import Run
from tests.cli.test_commands import CATALOG


@pytest.fixture
def invoice(run: Run, database_url: str) -> tuple[str, str]:
    """The number and the id of an invoice."""
    run("migrate")
    run("catalog", "apply", CATALOG)
    with closing(build(Settings(), database_url)) as solvent:
        populate(solvent)
        with solvent.database.pool.connection() as connection:
            row = connection.execute(
                "select series || '-' || lpad(number::text, 6, '0'), 'inv_' || replace(id::text, '-', '') from invoice"
            ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_an_invoice_by_number_and_by_id(run: Run, invoice: tuple[str, str], tmp_path: Path) -> None:
    number, invoice_id = invoice
    files = [tmp_path / "a.pdf", tmp_path / "b.pdf"]
    for which, file in zip((number, invoice_id), files, strict=True):
        result = run("invoice", "pdf", which, "--out", file)
        assert (result.exit_code, result.output.strip()) == (0, str(file))
    first, second = (file.read_bytes() for file in files)
    assert first == second
    assert number in PdfReader(BytesIO(first)).pages[0].extract_text()


def test_by_default_the_file_has_the_number_for_a_name(
    run: Run, invoice: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("invoice", "pdf", invoice[0]).output.strip() == f"{invoice[0]}.pdf"
    assert (tmp_path / f"{invoice[0]}.pdf").read_bytes().startswith(b"%PDF")


def test_what_cannot_be_printed_is_one_line(run: Run, invoice: tuple[str, str]) -> None:
    for words, code, says in (
        (["SUS-00-999999"], 1, "no invoice SUS-00-999999"),
        (["inv_1"], 2, "NUMBER: must look like inv_"),
        ([invoice[0], "--out", "/nowhere/a.pdf"], 2, "No such file"),
    ):
        result = run("invoice", "pdf", *words)
        assert result.exit_code == code
        assert says in " ".join(result.output.split())
        assert "Traceback" not in result.output
