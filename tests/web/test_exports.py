"""Exports over HTTP: the same files as the command line's, sent piece by piece; and what is refused."""

from __future__ import annotations

import csv
import io
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from pyarrow import parquet

from solvent.commands.export import export
from solvent.exporting.columns import Column, Type, What
from solvent.exporting.export import Format, write_csv
from solvent.store.closing import Scope
from solvent.web.api import EXPORTS_MAX
from solvent.web.app import Application, create_app
from solvent.web.endpoint import PIECE_BYTES, Pieces
from tests.patience import eventually
from tests.web.house import House, problem
from tests.web.test_money import WHO, _paid

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2199, 1, 1, tzinfo=UTC)
STRETCH = "from=2026-01-01T00:00:00Z&to=2199-01-01T00:00:00Z"


def download(house: House, what: str, query: str = STRETCH) -> httpx.Response:
    return house.client.get(f"/exports/{what}?{query}")


@pytest.fixture(scope="module", autouse=True)
def refunded(house: House) -> tuple[str, str]:
    """An invoice that was paid, and a refund of a part of it."""
    _, invoice, payment = _paid(house)
    return invoice, house.post("/refunds", {"payment_id": payment, "amount": 500, **WHO})["id"]


@pytest.mark.parametrize("what", list(What))
def test_the_file_is_that_of_the_command_line(house: House, what: What, tmp_path: Path) -> None:
    told = download(house, f"{what}.csv")
    assert (told.status_code, told.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    file = tmp_path / "x.csv"
    count = export(house.solvent, what, Format.CSV, file, start=START, end=END, scope=Scope())
    assert told.content == file.read_bytes()
    assert told.headers["content-length"] == str(len(told.content))
    assert told.headers["content-disposition"] == f'attachment; filename="{what}-20260101-21990101.csv"'
    typed = download(house, f"{what}.parquet")
    assert typed.headers["content-type"] == "application/vnd.apache.parquet"
    assert parquet.read_table(io.BytesIO(typed.content)).num_rows == count


def rows(told: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(told.text)))


def test_documents_carry_their_net_amount_and_tax(house: House, refunded: tuple[str, str]) -> None:
    invoice, refund = refunded
    (one,) = [row for row in rows(download(house, "invoices.csv")) if row["id"] == invoice]
    shown = house.get(f"/invoices/{invoice}")
    assert (one["net_minor"], one["tax_minor"]) == (str(shown["net"]), str(shown["tax"]))
    lines = [row for row in rows(download(house, "invoice-lines.csv")) if row["invoice_id"] == invoice]
    assert [row["gross_minor"] for row in lines] == [str(line["gross"]) for line in shown["lines"]]
    assert sum(int(row["gross_minor"]) for row in lines) == shown["total"]
    (back,) = [row for row in rows(download(house, "refunds.csv")) if row["id"] == refund]
    assert (back["amount"], back["invoice_id"]) == ("5.00", invoice)
    (note,) = [row for row in rows(download(house, "credit-notes.csv")) if row["refund_id"] == refund]
    assert (note["amount"], note["to_refund"], note["invoice_number"]) == ("5.00", "5.00", shown["number"])
    assert int(note["net_minor"]) + int(note["tax_minor"]) == 500


def test_no_text_is_taken_for_a_formula(tmp_path: Path) -> None:
    """An apostrophe before it is what spreadsheets take for: a text. Figures stay figures, whatever their sign."""
    columns = (
        Column("description", Type.TEXT, itemgetter(0)),
        Column("amount_minor", Type.INTEGER, itemgetter(1)),
        Column("amount", Type.DECIMAL, itemgetter(2)),
    )
    told = ["=HYPERLINK(1)", "+49 30", "-x", "@SUM(A1)", "\tx", "\rx", "'=1", "a=b", "", None]
    write_csv(tmp_path / "x.csv", columns, [(text, -5, "-0.05") for text in told])
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["description"] for row in read] == [
        "'=HYPERLINK(1)",
        "'+49 30",
        "'-x",
        "'@SUM(A1)",
        "'\tx",
        "'\rx",
        "'=1",
        "a=b",
        "",
        "",
    ]
    assert {(row["amount_minor"], row["amount"]) for row in read} == {("-5", "-0.05")}


def test_only_what_is_asked_for_is_in_the_file(house: House) -> None:
    assert rows(download(house, "invoices.csv", "from=2198-01-01T00:00:00Z&to=2199-01-01T00:00:00Z")) == []
    ours = rows(download(house, "invoices.csv", f"{STRETCH}&entity=solvent-us"))
    assert {row["entity"] for row in ours} == {"solvent-us"}
    frozen = house.account(test_clock="2026-06-10T12:00:00Z")
    house.buy(frozen)
    assert frozen not in {row["account_id"] for row in rows(download(house, "invoices.csv", STRETCH))}
    everybody = rows(download(house, "invoices.csv", f"{STRETCH}&test_clocks=true"))
    assert frozen in {row["account_id"] for row in everybody}


def test_whoever_only_asks_how_long_it_is_gets_no_file(house: House) -> None:
    told = house.client.head(f"/exports/payments.csv?{STRETCH}")
    assert (told.status_code, told.content) == (200, b"")
    assert int(told.headers["content-length"]) == len(download(house, "payments.csv").content)


@pytest.mark.parametrize(
    ("path", "status", "code", "fields"),
    [
        ("books.csv", 404, "not_found", []),
        ("journal.xml", 404, "not_found", []),
        ("journal.csv?entity=nobody", 422, "refused", ["entity"]),
        ("journal.csv?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", 422, "refused", ["to"]),
        ("journal.csv?from=1950-01-01T00:00:00Z", 422, "refused", ["from"]),
        ("journal.csv?to=2500-01-01T00:00:00Z", 422, "refused", ["to"]),
        ("journal.parquet?from=soon", 400, "invalid_request", ["from"]),
    ],
)
def test_what_cannot_be_exported(house: House, path: str, status: int, code: str, fields: list[str]) -> None:
    assert problem(house.get(f"/exports/{path}", status)) == (code, fields)


WAITING = "select count(*) from pg_locks where relation = 'provider_fee'::regclass and not granted"


def asked(application: Application, key: str, what: str) -> tuple[str, dict[str, str], bytes]:
    """What one process of the web server says."""
    said: list[tuple[str, dict[str, str]]] = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": f"/v1/exports/{what}",
        "HTTP_AUTHORIZATION": f"Bearer {key}",
        "wsgi.input": io.BytesIO(),
    }
    pieces = application(environ, lambda status, headers: said.append((status, dict(headers))))
    return (*said[0], b"".join(pieces))


def test_without_its_package_parquet_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as it is where it was never installed
    monkeypatch.delitem(sys.modules, "solvent.exporting.parquet", raising=False)
    status, _, body = asked(create_app(house.solvent), house.keys["read"], "journal.parquet")
    assert status == "422 Unprocessable Entity"
    assert b"pip install 'solvent[parquet]'" in body


def test_few_are_made_at_once(house: House) -> None:
    application, key = create_app(house.solvent), house.keys["read"]
    with ThreadPoolExecutor(EXPORTS_MAX) as threads, psycopg.connect(house.database_url) as connection:
        connection.execute(
            "lock table provider_fee in access exclusive mode"
        )  # what is made of it cannot go on
        waiting = [threads.submit(asked, application, key, "fees.csv") for _ in range(EXPORTS_MAX)]
        eventually(lambda: connection.execute(WAITING).fetchone() == (EXPORTS_MAX,), "nobody took the places")
        status, headers, _ = asked(application, key, "payments.csv")
        assert (status, headers["retry-after"]) == ("503 Service Unavailable", "10")
        connection.rollback()
        assert [each.result()[0] for each in waiting] == ["200 OK", "200 OK"]
    assert asked(application, key, "payments.csv")[0] == "200 OK"


def test_a_file_is_sent_piece_by_piece(tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(b"x" * (2 * PIECE_BYTES + 1))
    source = file.open("rb")
    pieces = Pieces(source)
    assert pieces.size == 2 * PIECE_BYTES + 1
    assert [len(piece) for piece in pieces] == [PIECE_BYTES, PIECE_BYTES, 1]
    assert source.closed
