"""The books on the command line: reports as of an instant, exports as CSV and Parquet, and what they refuse."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from pyarrow import parquet

from solvent.config import Settings
from solvent.core.ids import spell
from solvent.sim import World
from solvent.sim.stories.goods import NO_FUNDS, PRO, VISA, zone_plan
from solvent.store import catalog_file, offers
from solvent.store.embedded import EmbeddedServer
from solvent.store.schema import migrate
from solvent.wiring import build
from tests.cli.conftest import Run

CATALOG = Path(__file__).parents[2] / "examples" / "catalog.yaml"
START = datetime(2026, 1, 1, tzinfo=UTC)


class Books(NamedTuple):
    """A database, and the account that all of its books are about."""

    url: str
    ada: str


@pytest.fixture(scope="module")
def books(postgres: EmbeddedServer) -> Books:
    """Written once: every test here only reads them."""
    postgres.ensure_database("solvent_cli_books")
    url = postgres.url("solvent_cli_books")
    migrate(url)
    solvent = build(Settings(), url)
    declared = catalog_file.parse(CATALOG.read_bytes())
    offers.apply(
        solvent.database,
        entities=declared.entities,
        products=declared.products,
        prices=declared.prices,
        meters=declared.meters,
        terms=declared.terms,
        coupons=declared.coupons,
        features=declared.features,
        now=START,
    )
    world = World(solvent, start=START, seed=1)
    customer = world.customer("Ada")
    customer.buy(zone_plan("ada.example", PRO), VISA)
    customer.card_becomes(NO_FUNDS)
    world.until(datetime(2026, 2, 10, tzinfo=UTC))
    solvent.close()
    return Books(url, spell("acc", customer.id))


@pytest.fixture
def database_url(books: Books) -> str:
    """The address of the books."""
    return books.url


@pytest.fixture
def ada(books: Books) -> str:
    """The id of an account that pays 20.00 on 1 January and owes 20.00 since 1 February."""
    return books.ada


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as source:
        return list(csv.DictReader(source))


def test_a_trial_balance_is_printed_with_both_sums(run: Run, ada: str) -> None:
    result = run("ledger", "trial-balance", "--at", "2026-02-01")
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.output.splitlines()]
    assert "Trial balance, everything before 2026-02-01 00:00:00 UTC" in result.output
    assert "solvent-us, USD" in result.output
    assert ["cash:sandbox", "asset", "20.00"] in lines
    assert ["revenue", "income", "20.00"] in lines
    assert ["sum", "20.00", "20.00"] in lines
    shown = json.loads(run("ledger", "trial-balance", "--at", "2026-02-01", "--json").output)
    assert {(one["account"], one["debit"]) for one in shown["data"]} >= {("cash:sandbox", 2_000)}


def test_the_ageing_is_printed_in_total_and_by_account(run: Run, ada: str) -> None:
    result = run("ledger", "ageing", "--at", "2026-03-15T00:00:00Z", "--entity", "solvent-us")
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.output.splitlines()]
    assert ["solvent-us,", "USD", "20.00", "20.00"] in lines
    assert [ada, "20.00", "20.00"] in lines
    shown = json.loads(run("ledger", "ageing", "--at", "2026-03-15", "--json").output)
    assert ([one["account_id"] for one in shown["data"]][:1], shown["totals"][0]["total"]) == ([ada], 2_000)
    few = run("ledger", "ageing", "--at", "2026-03-15", "--accounts", 0).output
    assert ada not in few
    assert "More accounts owe something" in few


def test_empty_books_say_so(run: Run, ada: str) -> None:
    assert "Nothing was booked." in run("ledger", "trial-balance", "--at", "2025-01-01").output
    assert "Nothing is owed." in run("ledger", "ageing", "--at", "2025-01-01").output


def test_now_is_the_default(run: Run, ada: str) -> None:
    for report in ("trial-balance", "ageing"):
        began = datetime.now(UTC)
        result = run("ledger", report)
        assert result.exit_code == 0
        days = {f"{day:%Y-%m-%d}" for day in (began, datetime.now(UTC))}  # midnight may come between
        assert any(day in result.output for day in days)
        assert "Not final: what is being committed may still come before it, for 15 minutes." in result.output
        assert json.loads(run("ledger", report, "--json").output)["final"] is False
    assert "Not final" not in run("ledger", "ageing", "--at", "2026-03-15").output


def test_the_journal_as_csv(run: Run, ada: str, tmp_path: Path) -> None:
    file = tmp_path / "journal.csv"
    result = run("export", "--what", "journal", "--from", "2026-01-01", "--to", "2026-02-01", "--out", file)
    assert result.exit_code == 0, result.output
    assert result.output.strip() == f"3 rows in {file}"
    found = rows(file)
    assert [(r["source"], r["debit"], r["credit"], r["amount_minor"], r["amount"]) for r in found] == [
        ("posting", "receivable", "deferred_revenue", "2000", "20.00"),
        ("posting", "cash:sandbox", "receivable", "2000", "20.00"),
        ("recognition", "deferred_revenue", "revenue", "2000", "20.00"),
    ]
    assert {r["account_id"] for r in found} == {ada}
    assert [r["booked_at"] for r in found][-1] == "2026-01-31T23:59:59Z"
    assert (found[2]["period_start"], found[2]["period_end"]) == (
        "2026-01-01T00:00:00Z",
        "2026-02-01T00:00:00Z",
    )
    assert (found[0]["period_start"], found[0]["entity"]) == ("", "solvent-us")
    assert [p.name for p in tmp_path.iterdir()] == ["journal.csv"]


def test_the_journal_sums_to_the_trial_balance(run: Run, ada: str, tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    run("export", "--what", "journal", "--to", "2026-02-06", "--out", file)
    sums: Counter[str] = Counter()
    for row in rows(file):
        sums[row["debit"]] += Decimal(row["amount"])  # type: ignore[assignment]
        sums[row["credit"]] -= Decimal(row["amount"])  # type: ignore[assignment]
    printed = run("ledger", "trial-balance", "--at", "2026-02-06").output.splitlines()
    shown = {line.split()[0]: Decimal(line.split()[2]) for line in printed if len(line.split()) == 3}
    shown.pop("sum")
    assert {name: abs(amount) for name, amount in sums.items() if amount} == shown


@pytest.mark.parametrize("what", ["journal", "invoices", "invoice-lines", "payments"])
def test_parquet_and_csv_hold_the_same(run: Run, ada: str, tmp_path: Path, what: str) -> None:
    words = ["export", "--what", what, "--to", "2026-03-01"]
    assert run(*words, "--out", tmp_path / "a.csv").exit_code == 0
    result = run(*words, "--format", "parquet", "--out", tmp_path / "a.parquet")
    assert result.exit_code == 0, result.output
    table = parquet.read_table(tmp_path / "a.parquet")
    plain = rows(tmp_path / "a.csv")
    assert table.column_names == list(plain[0])
    assert table.num_rows == len(plain)
    for typed, row in zip(table.to_pylist(), plain, strict=True):
        assert {name: _text(value, row[name]) for name, value in typed.items()} == row
    types = {field.name: str(field.type) for field in table.schema}
    amount = {"invoices": "total", "invoice-lines": "gross"}.get(what, "amount")
    assert (types[f"{amount}_minor"], types[amount]) == ("int64", "decimal128(25, 4)")


def _text(value: object, like: str) -> str:
    """A typed value as CSV spells it; decimals come with four digits, as many as any currency has."""
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case Decimal():
            return like if Decimal(like) == value else str(value)
        case _:
            return str(value)


def test_invoices_and_payments_as_csv(run: Run, ada: str, tmp_path: Path) -> None:
    issued, came = tmp_path / "invoices.csv", tmp_path / "payments.csv"
    run("export", "--what", "invoices", "--to", "2026-03-01", "--out", issued)
    run("export", "--what", "payments", "--to", "2026-03-01", "--out", came)
    assert [(r["state"], r["total"], r["debt_minor"], bool(r["paid_at"])) for r in rows(issued)] == [
        ("paid", "20.00", "0", True),
        ("open", "20.00", "2000", False),
    ]
    (payment,) = rows(came)
    assert (payment["provider"], payment["amount"], payment["disposition"]) == ("sandbox", "20.00", "applied")
    assert payment["invoice_id"] == rows(issued)[0]["id"]
    assert payment["change_id"].startswith("att_")


def test_nothing_is_a_file_with_a_header(run: Run, ada: str, tmp_path: Path) -> None:
    for form in ("csv", "parquet"):
        words = ["--what", "payments", "--format", form, "--from", "2020-01-01", "--to", "2020-02-01"]
        result = run("export", *words, "--out", tmp_path / form)
        assert result.output.startswith("0 rows in "), result.output
    assert rows(tmp_path / "csv") == []
    assert parquet.read_table(tmp_path / "parquet").num_rows == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["export", "--what", "books"],
            "--what: must be one of journal, invoices, invoice-lines, credit-notes, payments, refunds, "
            "disputes, fees, credit-grants, credit-uses, got 'books'",
        ),
        (["export", "--what", "journal", "--format", "xml"], "--format: must be one of csv, parquet"),
        (["export", "--what", "journal", "--from", "soon"], "--from: must be like 2026-01-31"),
        (["export", "--what", "journal", "--to", "1950-01-01"], "--to: must be from 1970-01-01"),
        (["export", "--what", "journal", "--to", "0001-01-01T00:00:00+14:00"], "--to: must be like"),
        (
            ["export", "--what", "journal", "--from", "2026-02-01", "--to", "2026-01-01"],
            "--to: must not be before --from",
        ),
        (["export", "--what", "journal", "--entity", "nobody"], "--entity: must be a legal entity"),
        (["ledger", "trial-balance", "--at", "x"], "--at: must be like"),
        (["ledger", "ageing", "--entity", "nobody"], "--entity: must be a legal entity"),
    ],
)
def test_bad_input_is_one_line(refused: Run, tmp_path: Path, words: list[str], says: str) -> None:
    file = [] if words[0] == "ledger" else ["--out", tmp_path / "x.csv"]
    result = refused(*words, *file)
    assert result.exit_code == 2
    assert says in " ".join(result.output.split())
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    result = run("export", "--what", "journal", "--out", tmp_path / "nowhere" / "x.csv")
    assert result.exit_code == 2
    assert "--out: No such file or directory" in " ".join(result.output.split())


def test_a_file_that_is_there_is_replaced_as_a_whole(run: Run, ada: str, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("old", encoding="utf-8")
    inode = file.stat().st_ino
    run("export", "--what", "payments", "--to", "2026-03-01", "--out", file)
    assert len(rows(file)) == 1
    assert file.stat().st_ino != inode


def test_parquet_without_its_package_says_what_to_install(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as it is where it was never installed
    monkeypatch.delitem(sys.modules, "solvent.exporting.parquet", raising=False)
    result = run("export", "--what", "journal", "--format", "parquet", "--out", tmp_path / "x.parquet")
    assert result.exit_code == 2
    assert "pip install 'solvent[parquet]'" in " ".join(result.output.split())
