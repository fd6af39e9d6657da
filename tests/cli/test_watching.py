"""`solvent kpis`, `stuck`, `bad-debt`, and a worker's metrics."""

from __future__ import annotations

import json
import urllib.request
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from solvent.commands.metrics import show
from solvent.commands.serve import free_port
from solvent.config import Settings
from solvent.core.booking import Booking
from solvent.core.giving_up import Surrender
from solvent.flows.debts import give_up
from solvent.sim import World
from solvent.sim.stories.goods import zone_plan
from solvent.telemetry import Metrics
from solvent.wiring import build
from tests.cli.conftest import Run
from tests.cli.test_commands import CATALOG
from tests.patience import PATIENCE_S

PAST = datetime(2026, 1, 1, tzinfo=UTC)
DECLINED_LATER = "4000000000000341"
START = datetime(2027, 1, 10, 9, tzinfo=UTC)


def test_figures_are_measured_recorded_and_shown(run: Run) -> None:
    assert "nothing was measured yet" in run("kpis", "--recorded").output
    began = datetime.now(UTC)
    measured = run("kpis")
    days = (began, datetime.now(UTC))  # midnight may come between
    assert measured.exit_code == 0
    words = " ".join(measured.output.split())
    assert "separate dunning code paths 5+ 1 1" in words
    assert any(f"{day:%Y-%m-%d} 0 0 0" in words for day in days)
    assert "measured" in run("kpis", "--recorded", "--days", "1").output


def test_what_is_listed_can_be_read_by_programs(run: Run) -> None:
    """As the API shows it, where the API does."""
    run("keys", "create", "shop", "--scope", "read")
    run("operators", "add", "carol@example.com", "--role", "support")

    def told(*words: str) -> Any:  # noqa: ANN401 -- JSON
        answer = run(*words, "--json")
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.output)

    (key,) = told("keys", "list")
    assert (key["label"], key["scopes"], key["revoked_at"]) == ("shop", ["read"], None)
    (operator,) = told("operators", "list")
    assert (operator["email"], operator["role"], operator["seen_at"]) == (
        "carol@example.com",
        "support",
        None,
    )
    assert told("engine", "show")["now"]["mode"] == "on"
    assert {one["agreed"] for one in told("engine", "parity")["data"]} == {0}
    assert told("stuck") == {"data": [], "counts": {}}
    assert told("drift")["data"] == told("polls")["data"] == []
    assert told("bad-debt") == told("notifications", "list") == told("messages", "list") == []
    assert run("notifications", "list", "--provider", "nobody", "--json").exit_code == 2


def test_nothing_is_stuck_and_nothing_was_lost_where_nothing_happened(run: Run) -> None:
    well = run("stuck")
    assert (well.exit_code, well.output.strip()) == (0, "nothing is stuck")
    assert "nothing entered bad debt" in run("bad-debt").output
    refused = run("bad-debt", "--account", "x")
    assert refused.exit_code == 2
    assert "--account" in refused.output


def test_what_is_stuck_and_what_was_lost_are_listed(run: Run, database_url: str) -> None:
    run("catalog", "apply", CATALOG)
    with closing(build(Settings(), database_url)) as solvent:
        world = World(solvent, start=START, seed=1, buckets=[1])
        ada = world.customer("Ada")
        ada.buy(zone_plan("a.example"), DECLINED_LATER)
        world.clock.move_to(ada.subscription().period.end)
        world.work()
        world.clock.move(timedelta(days=31))  # the whole period that was not paid was used
        (invoice,) = [i for i in ada.invoices() if i.debt]
        given_up = give_up(solvent.platform, invoice.id, Surrender(reason="moved away", by="jo"), world.now)
        assert isinstance(given_up, Booking), given_up
        with solvent.database.pool.connection() as connection:
            connection.execute(
                "insert into inbox (bucket, provider, id, subject, state, reason, occurred_at, received_at) "
                "values (1, 'sandbox', 'evt_1', 'payment', 'parked', 'of nobody', %s, %s)",
                (PAST, PAST),
            )
    lost = " ".join(run("bad-debt").output.split())
    assert "receivable jo moved away" in lost
    assert "in: 20.00 USD" in lost
    stuck = run("stuck")
    assert stuck.exit_code == 1
    words = " ".join(stuck.output.split())
    assert "notification parked" in words
    assert "of nobody" in words


def test_a_worker_shows_its_metrics_on_a_port_of_its_own() -> None:
    metrics = Metrics()
    metrics.worked("renew", 3, 0.1)
    port = free_port()
    server = show(metrics, Settings(host="127.0.0.1", metrics_port=port))
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_S) as answer:
            page = answer.read().decode()
            assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    finally:
        server.shutdown()
        server.server_close()
    assert 'solvent_work_done_total{work="renew"} 3.0' in page
