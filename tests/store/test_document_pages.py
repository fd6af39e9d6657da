"""Pages of documents over all accounts: in order across buckets, and each walked by an index in that order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from solvent.store.document_pages import (
    CREDIT_NOTE,
    INVOICE,
    PAYMENT,
    REFUND,
    DocumentPages,
    Kind,
    Wanted,
    page_query,
    scalars_of,
)
from tests.store.worlds import World

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ANYBODY = UUID(int=0x7F)
DATED = Wanted(start=NOW, end=NOW + timedelta(days=1))
EXPECTED: list[tuple[Kind, Wanted, str]] = [
    (INVOICE, Wanted(), "invoice_of_series"),
    (INVOICE, Wanted(entity="solvent-us", start=NOW, end=NOW), "invoice_of_series"),
    (INVOICE, Wanted(currency="EUR", due_start=NOW, due_end=NOW), "invoice_of_currency"),
    (INVOICE, Wanted(state="open"), "invoice_unsettled"),
    (INVOICE, Wanted(overdue=True, entity="solvent-us"), "invoice_unsettled"),
    (INVOICE, Wanted(account=ANYBODY), "invoice_of_account"),
    (CREDIT_NOTE, DATED, "credit_note_issued"),
    (CREDIT_NOTE, Wanted(currency="EUR"), "credit_note_of_currency"),
    (CREDIT_NOTE, Wanted(account=ANYBODY), "credit_note_of_account"),
    (REFUND, DATED, "refund_recorded"),
    (REFUND, Wanted(currency="EUR"), "refund_of_currency"),
    (REFUND, Wanted(account=ANYBODY), "refund_of_account"),
    (PAYMENT, DATED, "payment_received"),
    (PAYMENT, Wanted(currency="EUR"), "payment_of_currency"),
    (PAYMENT, Wanted(account=ANYBODY), "payment_of_account"),
]

# Forty of each in every bucket, an hour apart, of accounts and proofs that nobody asks for.
_ROWS = """
with n as (select b, i, ('00000000-0000-7000-8000-' || lpad(to_hex(i), 10, '0') || lpad(to_hex(b), 2, '0'))::uuid as id,
                  timestamptz '2026-03-01 00:00+00' + i * interval '1 hour' + b * interval '1 minute' as at,
                  case when i % 8 = 0 then 'EUR' else 'USD' end as currency
           from generate_series(0, 255) b, generate_series(1, 40) i)"""
_TABLES = (
    """insert into invoice (bucket, id, account_id, series, number, state, currency, total, paid, issued_at, due_at,
           paid_at, version, proof_id, paid_proof_id)
       select b, id, id, 'SOL-' || upper(lpad(to_hex(b), 2, '0')), i, case when i % 10 = 0 then 'open' else 'paid' end,
              currency, 100, case when i % 10 = 0 then 0 else 100 end, at, at,
              case when i % 10 = 0 then null else at end, 1, id, case when i % 10 = 0 then null else id end from n""",
    """insert into credit_note (bucket, id, account_id, invoice_id, series, number, currency, amount, credited_before,
           credited_after, to_debt, to_refund, to_credit, reason, issued_by, key, input_hash, issued_at)
       select b, id, id, id, 'SOL-CN-' || upper(lpad(to_hex(b), 2, '0')), i, currency, 100, 0, 100, 100, 0, 0, 'x', 'x',
              'x', '', at from n""",
    """insert into payment (bucket, id, account_id, provider, ref, amount, currency, disposition, invoice_id,
           received_at)
       select b, id, id, 'other', id::text, 100, currency, 'applied', id, at from n""",
    """insert into refund (bucket, id, account_id, payment_id, amount, currency, reason, state, created_at)
       select b, id, id, id, 100, currency, 'x', 'succeeded', at from n""",
)


@pytest.fixture
def filled(database_url: str, world: World) -> Iterator[psycopg.Connection]:
    """A database with ten thousand of each kind, without all that they would hang together with."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        for table in _TABLES:
            connection.execute(f"{_ROWS} {table}")
        connection.execute("analyze invoice, credit_note, payment, refund")
        yield connection


def test_pages_follow_each_other_by_moment_and_each_is_walked_by_an_index_in_that_order(
    filled: psycopg.Connection, world: World
) -> None:
    _planned(filled)
    _walked(filled, world)


def _planned(filled: psycopg.Connection) -> None:
    for kind, wanted, index in EXPECTED:
        for continued in (False, True):
            scalars = scalars_of(wanted) | {"limit": 51, "now": NOW, "since": NOW, "after": ANYBODY}
            query = f"explain {page_query(kind, wanted, continued=continued)}"
            plan = "\n".join(row[0] for row in filled.execute(query, scalars))
            assert f"using {index} on" in plan, f"{wanted}\n{plan}"
            assert "Seq Scan on v" not in plan, plan
            assert f"Seq Scan on {kind.table}" not in plan, plan


def _walked(filled: psycopg.Connection, world: World) -> None:
    pages = DocumentPages(world.database.pool)
    rows = filled.execute(
        "select id from invoice where currency = 'EUR' and issued_at < '2026-03-01 20:00+00' order by issued_at, id"
    ).fetchall()
    wanted = Wanted(currency="EUR", end=datetime(2026, 3, 1, 20, tzinfo=UTC))
    walked: list[UUID] = []
    while True:
        page = pages.invoices(wanted, walked[-1] if walked else None, 100, NOW)
        assert page is not None
        if not page:
            break
        walked += [invoice.id for invoice in page]
    assert walked == [row[0] for row in rows]
    assert (
        len(walked) == 256 + 240
    )  # the eighth hour of every bucket, and the sixteenth of those before 20:00
    assert pages.invoices(wanted, ANYBODY, 100, NOW) is None
