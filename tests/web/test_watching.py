"""Watching Solvent over HTTP: metrics, figures with their history, bad debt in and out, what is stuck."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import httpx
from rich.console import Console

from solvent.commands import watching
from solvent.core.ids import parse
from solvent.measuring import due, measure_now
from solvent.store import measures
from solvent.store.gauges import gauges
from solvent.store.polls import tried
from solvent.telemetry import GAUGES
from tests.patience import PATIENCE_S
from tests.web.house import House, problem, start

LINES = [{"description": "Setup", "amount": 3000}]


def _owed(house: House) -> tuple[str, str]:
    """An account that owes a manual invoice, and the invoice's id."""
    account = house.account()
    body = {"account_id": account, "lines": LINES, "terms_days": 30}
    invoice = house.post("/invoices", body)["invoice_id"]
    return account, invoice


def test_metrics_show_what_was_asked_of_this_process_and_what_the_database_holds(house: House) -> None:
    _owed(house)
    house.get("/accounts?limit=1")
    page = house.client.get("/metrics")
    assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
    text = page.text
    assert 'solvent_http_request_duration_seconds_count{endpoint="listAccounts",status="200"}' in text
    assert 'solvent_invoices_owed{currency="USD",state="open"}' in text
    assert "solvent_queue_depth" in text
    assert 'queue="renew"' in text


def test_metrics_ask_for_a_key(house: House) -> None:
    answer = httpx.get(f"{house.url}/v1/metrics", timeout=PATIENCE_S, verify=False)
    assert (answer.status_code, problem(answer.json())[0]) == (401, "unauthorized")


def test_figures_are_shown_as_they_were_measured_with_a_line_for_each_day(house: House) -> None:
    measured = measure_now(house.solvent)
    shown = house.get("/kpis")
    assert shown["laws"] == measured.laws
    assert set(measured.laws) == {f"L{n}" for n in range(1, 12)}
    figures = {figure["name"]: figure for figure in shown["figures"]}
    assert figures["rollbacks"]["value"] == 0
    assert figures["rollbacks"]["reached"] is True
    assert figures["dunning_paths"]["here"] == "1"
    assert shown["history"][0]["figures"] == measured.figures
    assert house.get(f"/kpis?until={measured.day}")["history"] == [], "before that day nothing was measured"
    assert problem(house.get("/kpis?since=yesterday", 400)) == ("invalid_request", ["since"])


def test_of_a_day_the_latest_measurement_is_kept(house: House) -> None:
    pool, now = house.solvent.database.pool, house.solvent.clock()
    measures.keep(pool, now, 1.0, {"rollbacks": 0}, {"L1": 0})
    measures.keep(pool, now - timedelta(microseconds=1), 1.0, {"rollbacks": 7}, {"L1": 7})
    last = measures.last(pool)
    assert last is not None
    assert last.laws == {"L1": 0}


def test_a_measurement_is_due_after_a_while_and_the_longer_it_took_the_later(house: House) -> None:
    hour, now = timedelta(hours=1), house.solvent.clock()
    assert due(None, hour, now)
    measures.keep(house.solvent.database.pool, now, 2.0, {}, {})
    last = measures.last(house.solvent.database.pool)
    assert last is not None
    assert not due(last, hour, now + timedelta(minutes=59))
    assert due(last, hour, now + hour)
    assert not due(last, timedelta(seconds=10), now + timedelta(seconds=99)), "fifty times two seconds"
    assert due(last, timedelta(seconds=10), now + timedelta(seconds=100))


def test_bad_debt_is_told_with_who_why_and_which_way(house: House) -> None:
    account, invoice = _owed(house)
    house.post(f"/invoices/{invoice}/give-up", {"reason": "moved away", "by": "jo"}, 200)
    paid = {
        "amount": 3000,
        "method": "bank_transfer",
        "reference": "B-1",
        "received_at": "2026-01-02T00:00:00Z",
    }
    house.post(f"/invoices/{invoice}/payments", paid)
    came, went = house.get(f"/bad-debt?account={account}")["data"]
    assert (came["direction"], came["amount"], came["against"]) == ("in", "30.00 USD", "receivable")
    assert (came["by"], came["reason"], came["invoice_id"]) == ("jo", "moved away", invoice)
    assert (went["direction"], went["amount_minor"], went["against"]) == ("out", 3000, "cash:bank_transfer")
    first = house.get(f"/bad-debt?account={account}&limit=1")
    assert house.get(f"/bad-debt?account={account}&after={first['next']}")["data"] == [went]
    after = came["booked_at"]
    assert house.get(f"/bad-debt?account={account}&until={after}")["data"] == []


def test_what_waits_for_too_long_is_listed_with_where_to_look(house: House) -> None:
    account = house.account()
    answer = house.open(account, start())
    assert all(one["account_id"] != account for one in house.get("/stuck?limit=200")["data"])
    with house.solvent.database.pool.connection() as connection:
        connection.execute(
            "update attempt set expires_at = now() - interval '2 hours', created_at = now() - interval '3 hours', "
            "look_at = now() + interval '1 day' where account_id = %s",
            (parse("acc", account),),
        )
    (one,) = (s for s in house.get("/stuck?limit=200")["data"] if s["account_id"] == account)
    assert one["kind"] == "attempt_waiting"
    assert one["id"] == answer["id"]
    assert "worker" in one["advice"]
    assert house.get("/stuck")["counts"]["attempt_waiting"] >= 1


def test_every_gauge_that_is_shown_is_in_the_catalog_with_as_many_labels(house: House) -> None:
    labels = {gauge.name: len(gauge.labels) for gauge in GAUGES}
    seen = gauges(house.solvent.database.pool, house.solvent.clock())
    assert {name for name, _, _ in seen} <= set(labels)
    assert all(len(given) == labels[name] for name, given, _ in seen)


def test_how_asking_providers_went(house: House) -> None:
    pool, now = house.solvent.database.pool, house.solvent.clock()
    tried(pool, "test-bank", "poll", now - timedelta(minutes=9), None)
    tried(pool, "test-bank", "poll", now, "TimeoutError")
    house.solvent.database.schedule.swept("test-bank", now - timedelta(minutes=9))
    (one,) = [p for p in house.get("/polls")["data"] if p["provider"] == "test-bank"]
    assert (one["failures"], one["reason"], one["what"]) == (1, "TimeoutError", "poll")
    assert one["answered_at"] == one["until"]
    assert 540 <= one["lag_s"] < 3600
    shown = Console(file=StringIO(), width=200)
    watching.polls(house.solvent, shown)
    assert "TimeoutError" in shown.file.getvalue()  # type: ignore[attr-defined]
