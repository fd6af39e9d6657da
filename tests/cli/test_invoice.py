"""`solvent invoice` and `solvent credit-note`: the files, and what is no document."""

from __future__ import annotations

from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from solvent.commands.population import populate
from solvent.config import Settings
from solvent.core.crediting import PaidPart, Wish
from solvent.core.ids import parse, spell
from solvent.core.party import Entity
from solvent.flows.credit import Issue, Issued, issue_credit_note
from solvent.store import offers
from solvent.store.printing import Printing
from solvent.wiring import build
from tests.cli.conftest import Run
from tests.cli.test_commands import CATALOG


def _invoice(run: Run, database_url: str, *entities: Entity) -> tuple[str, str]:
    """The number and the id of an invoice, with legal entities declared as given."""
    run("catalog", "apply", CATALOG)
    with closing(build(Settings(), database_url)) as solvent:
        offers.apply(solvent.database, entities=entities, now=solvent.clock())
        populate(solvent)
        with solvent.database.pool.connection() as connection:
            row = connection.execute(
                "select series || '-' || lpad(number::text, 6, '0'), 'inv_' || replace(id::text, '-', '') from invoice"
                " where series like 'SUS-%'"
            ).fetchone()
    assert row is not None
    return row[0], row[1]


@pytest.fixture
def invoice(run: Run, database_url: str) -> tuple[str, str]:
    """The number and the id of an invoice."""
    return _invoice(run, database_url)


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


def test_an_invoice_and_its_credit_note_as_e_invoices(
    run: Run, invoice: tuple[str, str], database_url: str, tmp_path: Path
) -> None:
    number, invoice_id = invoice
    with closing(build(Settings(), database_url)) as solvent:
        wish = Wish(paid_part=PaidPart.CREDIT, reason="Goodwill", issued_by="carol", key="1", input_hash=b"1")
        issue = Issue(invoice_id=parse("inv", invoice_id), wish=wish, amount=100)
        issued = issue_credit_note(solvent.platform, issue, solvent.clock())
        assert isinstance(issued, Issued)
        facts = Printing(solvent.database.pool).credit_note(issued.credit_note_id)
    assert facts is not None
    note = facts.note.number
    for group, which, kind in (
        ("invoice", number, b">380<"),
        ("credit-note", note, b">381<"),
        ("credit-note", spell("crn", issued.credit_note_id), b">381<"),
    ):
        files = [tmp_path / f"{group}.{ending}" for ending in ("xml", "pdf")]
        for file in files:
            result = run(group, file.suffix[1:], which, "--out", file)
            assert (result.exit_code, result.output.strip()) == (0, str(file))
        xml, pdf = (file.read_bytes() for file in files)
        assert kind in xml
        assert PdfReader(BytesIO(pdf)).attachments["factur-x.xml"] == [xml]
    result = run("credit-note", "pdf", number)
    assert (result.exit_code, f"no credit note {number}" in result.output) == (1, True)


def test_why_there_is_no_e_invoice_is_one_line(run: Run, database_url: str) -> None:
    """The legal entity has no number by which the norm knows a seller."""
    bare = Entity(id="solvent-us", name="Solvent, Inc.", country="US", series_prefix="SUS")
    number, _ = _invoice(run, database_url, bare)
    result = run("invoice", "xml", number)
    said = " ".join(result.output.split())
    assert result.exit_code == 1
    assert f"no e-invoice of {number}: seller_number: entity.registration must be given" in said
