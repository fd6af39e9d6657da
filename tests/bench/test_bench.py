"""The benchmarks run, and prove what they claim: small, so that only their course is tested and no figure.

`make test` runs one that goes through the running house and what needs neither house nor browser; `make soak` all.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench import (
    changes,
    documents,
    entitlements,
    invoices,
    notifications,
    pages,
    recompute,
    renewals,
    usage,
)
from bench.ground import Ground
from bench.report import Row, rate, table
from solvent.store.embedded import EmbeddedServer, find_binaries
from tests.web.browser import needs_browser


@pytest.fixture
def ground(postgres: EmbeddedServer) -> Iterator[Ground]:
    place = Ground(postgres.url("postgres"), postgres.pid, find_binaries().bin)
    yield place
    place.close()


def names(rows: list[Row]) -> list[str]:
    return [row.name for row in rows if row.measured is not None]


@pytest.mark.soak
def test_renewals_are_measured_beside_the_same_rows_and_every_law_holds(ground: Ground) -> None:
    assert names(renewals.run(ground, accounts=512, workers=2)) == [
        "renewals, 1 worker",
        "renewals, 2 workers",
        "recompute of the accounts renewed",
    ]


@pytest.mark.soak
def test_a_fleet_is_swept_beside_a_copy_and_what_was_planted_is_found(ground: Ground) -> None:
    rows = recompute.run(ground, accounts=2_560, workers=2, requests=20)
    assert names(rows) == [
        "sweep of 2,560 accounts, 2 workers",
        "  the first sweep, which reads everybody",
        "  with one in a hundred changed by hand",
    ]


@pytest.mark.soak
def test_invoices_are_issued_beside_the_same_rows_and_no_number_is_missing(ground: Ground) -> None:
    assert names(invoices.run(ground, invoices=256, workers=1)) == ["invoices issued on terms, 1 worker"]


@pytest.mark.soak
def test_changes_are_measured_through_the_running_house_and_every_law_holds(ground: Ground) -> None:
    assert names(changes.run(ground, seconds=1, accounts=256, warm_s=0.5)) == [
        "changes over HTTP, 16 clients"
    ]


@pytest.mark.soak
def test_usage_is_measured_through_the_running_house_and_each_event_is_there_once(ground: Ground) -> None:
    assert names(usage.run(ground, batches=4, batch=200, accounts=256, warm=1)) == [
        "usage over HTTP, one bucket a batch",
        "usage over HTTP, every bucket in a batch",
    ]


def test_notifications_are_measured_through_the_running_house_and_each_is_there_once(ground: Ground) -> None:
    assert names(notifications.run(ground, count=200, warm=32)) == ["notifications over HTTP, 16 clients"]


def test_documents_are_printed_with_and_without_their_e_invoices() -> None:
    assert names(documents.run(count=3)) == [
        "invoices printed with their e-invoice, one core",
        "e-invoices written alone, one core",
    ]


@pytest.mark.soak
@needs_browser
def test_pages_are_looked_at_by_a_browser_that_has_nothing_of_them(ground: Ground) -> None:
    found = [row.name for row in pages.run(ground, looks=1) if row.target == "1,000 ms"]
    assert [name.partition(":")[0] for name in found] == [
        "checkout",
        "page to pay a debt",
        "portal, overview",
        "dashboard, overview",
        "dashboard, an account",
    ]


def test_a_rate_stands_beside_its_ceiling() -> None:
    printed = table([rate("things", 1234.5, 4938.0, "1,000 /s")])
    assert printed.splitlines()[-1].split() == ["things", "1,234", "/s", "4,938", "/s", "25%", "1,000", "/s"]


@pytest.mark.soak
def test_entitlements_are_read_over_http_and_tokens_checked_again_and_again(ground: Ground) -> None:
    found = entitlements.run(ground, seconds=0.5, accounts=256, warm_s=0.5, repeated=100, first=5)
    assert names(found) == [
        "a static answer, 16 clients",
        "entitlements read",
        "entitlements read by tag",
        "entitlements read, the database every time",
        "tokens made over HTTP, 1 client",
        "tokens checked for the first time, one core",
        "tokens checked again, one core",
    ]
